"""The rules of the house: the pure layers stay pure, and nothing points to what is not here."""

import ast
import json
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import client
from client.profile import builtin_text

ROOT = Path(client.__file__).resolve().parent.parent
FILES = sorted(Path(client.__file__).parent.glob("*.py"))
TOOLS = sorted((ROOT / "tools").glob("*.py"))
# idna comes with requests; Pillow (for pictures only) with Odoo.
ALLOWED = {*sys.stdlib_module_names, "requests", "urllib3", "jmespath", "idna", "PIL"}

# Of Odoo a tool takes functions of odoo.tools, of the addon another tool.
LEADS_TO_RECORDSETS = re.compile(r"(?:from|import) (?:odoo(?!\.tools\b)|\.\.)")


def imports(file: Path) -> set[str]:
    """Name what a file imports at any depth; relative imports as their dots."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            found |= {name.name.partition(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level:
            found.add("." * node.level)
        elif isinstance(node, ast.ImportFrom):
            found.add((node.module or "").partition(".")[0])
    return found


def public(tree: ast.Module | ast.ClassDef) -> Iterator[ast.ClassDef | ast.FunctionDef]:
    """Find the public classes, functions and methods."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from public(node)


def test_nothing_but_the_standard_library_and_a_few_packages_is_imported() -> None:
    assert len(FILES) > 5
    for file in FILES:
        assert imports(file) <= ALLOWED | {"."}, file.name


def lines_with_recordsets(file: Path) -> list[str]:
    """Return the imports of a file of tools/ that lead to recordsets, as it writes them."""
    statements = [
        ast.unparse(node)
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    return [line for line in statements if LEADS_TO_RECORDSETS.match(line)]


def test_tools_take_plain_functions_of_odoo_and_nothing_of_the_addon() -> None:
    assert len(TOOLS) > 5
    for file in TOOLS:
        assert lines_with_recordsets(file) == [], file.name


@pytest.mark.parametrize(
    ("line", "leads"),
    [
        ("from odoo import api, fields", True),
        ("import odoo.models", True),
        ("from odoo.fields import Domain", True),
        ("from ..models.sync import lane", True),
        ("from ..client.records import Product", True),
        ("from odoo.tools import config", False),
        ("from .safe_html import readable", False),
    ],
)
def test_an_import_that_leads_to_recordsets_is_found(
    line: str, leads: bool, tmp_path: Path
) -> None:
    file = tmp_path / "tool.py"
    file.write_text(f"def inside():\n    {line}\n")
    assert lines_with_recordsets(file) == ([line] if leads else [])


def test_every_public_name_has_a_docstring() -> None:
    for file in [*FILES, *TOOLS]:
        for node in public(ast.parse(file.read_text())):
            assert ast.get_docstring(node), (file.name, node.name)


def profile_names() -> set[str]:
    """Collect the names of the remote API in the profile that no word of ours looks like."""
    text = builtin_text()
    return {*re.findall(r"[a-z]+(?:[A-Z]\w*)+|/v1/[\w/{}]+|Idempotency-Key", text)}


def test_every_name_that_is_assumed_stands_in_the_profile_only() -> None:
    names = profile_names()
    assert {"dropshipFee", "orderNumber", "trackingNumber", "Idempotency-Key"} < names
    for file in FILES:
        text = file.read_text()
        for name in ("/v1/", *names):
            assert name not in text, (file.name, name)


def test_every_name_of_the_profile_is_graded_in_the_document_of_the_api() -> None:
    text = (ROOT / "docs/api.md").read_text()
    fields = json.loads(builtin_text())["products"]["record"].values()
    for name in profile_names() | {name for name in fields if name.isidentifier()}:
        assert re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text), name


# --- what an installed addon does not have ---

# Those of them that run without Odoo's test runner.
APART = {"client", "processes", "simulator"}
OPENS = {"Path", "file_open", "file_path", "joinpath", "open"}


def left_at_home() -> set[str]:
    """Name what stands at the top of the repository and pip does not install; tests are there."""
    listed = (ROOT / "pyproject.toml").read_text().partition("\ninclude = [")[2].partition("]")[0]
    taken = {name.strip("/") for name in re.findall(r'"(.+)"', listed)}
    return {path.name for path in ROOT.iterdir() if path.suffix != ".py"} - taken - {"tests"}


def reads_at_home(text: str) -> list[str]:
    """Return the paths a test is made to open that an installed addon does not have."""
    names, paths = left_at_home(), []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
            paths.append(node.right)
        elif isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else node.func
            called = called.id if isinstance(called, ast.Name) else called
            paths += node.args if called in OPENS else []
    words = [node.value for node in paths if isinstance(node, ast.Constant)]
    return [
        word
        for word in words
        if isinstance(word, str)
        and word.removeprefix("inventory_source/").partition("/")[0] in names
    ]


def test_a_test_of_a_room_opens_nothing_that_an_installed_addon_lacks() -> None:
    """It takes it from `text_of_repository`, which skips it where Odoo's own runner runs it."""
    tests = ROOT / "tests"
    files = [path for path in tests.rglob("*.py") if path.relative_to(tests).parts[0] not in APART]
    assert len(files) > 100
    reads = {str(path.relative_to(tests)): reads_at_home(path.read_text()) for path in files}
    assert {file: found for file, found in reads.items() if found} == {}


@pytest.mark.parametrize(
    ("line", "home"),
    [
        ('(Path(__file__).parents[2] / "docs/api.md").read_text()', True),
        ('ADDON / "dev" / "lint"', True),
        ('ADDON.joinpath("Makefile")', True),
        ('file_open("inventory_source/dev/setup")', True),
        ('text_of_repository("docs/api.md")', False),
        ('values["docs"]', False),
        ('ADDON / "README.rst"', False),
        ('file_open("inventory_source/data/neutralize.sql")', False),
    ],
)
def test_a_path_that_an_installed_addon_lacks_is_found(line: str, home: bool) -> None:
    assert bool(reads_at_home(line)) == home


# --- references ---

# The licence is not ours to mend; translations quote what stands elsewhere.
SPARED = {"LICENSE", "i18n"}
SHOWN = {".ci", ".github"}
NO_TEXT = {".gz", ".png", ".svg"}
DOCUMENT = re.compile(r"(?<![\w/.:*$-])[\w./-]*\w\.(?:md|rst)\b(?:#([\w-]+))?")
# In quotes it may be any file: one that a test imagines, or that stands in another folder.
OWN_FILE = re.compile(
    r"(?<![\w/.\"-])(?:client|controllers|data|dev|docs|i18n|migrations|models|security|static|tests|tools"
    r"|views|wizards)/[\w./-]*\w\.(?:csv|js|json|md|po|pot|py|rst|sql|xml)\b"
)
SECTION = re.compile(r"(?<!RFC \d{4} )\bsection \d|\u00a7", re.IGNORECASE)
ELSEWHERE = re.compile(r"(?<![\w.])/(?:home|root|tmp|work)/\w|\.\./(?:shared|main)\b")


def files_of_the_repository() -> Iterator[Path]:
    """Find the text files of the repository; caches and what git hides do not count."""
    for path in sorted(ROOT.rglob("*")):
        parts = path.relative_to(ROOT).parts
        hidden = any(part.startswith((".", "__pycache__")) and part not in SHOWN for part in parts)
        if path.is_file() and not hidden and parts[0] not in SPARED and path.suffix not in NO_TEXT:
            yield path


def headings(document: Path) -> set[str]:
    """Name the headings of a Markdown document as a link to them does."""
    found = re.findall(r"^#+ (.+)$", document.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in found}


def lost_references(text: str, folder: Path) -> list[str]:
    """Return what a text in this folder points to and the repository does not have."""
    # One blank for each line break, so that a reference may run over the end of a comment's line.
    text = re.sub(r"\s*\n\s*(?:#|--|//)?\s*", " ", text)
    lost = [match[0] for rule in (SECTION, ELSEWHERE) for match in rule.finditer(text)]
    for match in DOCUMENT.finditer(text):
        name = match[0].partition("#")[0]
        document = next((at / name for at in (ROOT, folder) if (at / name).is_file()), None)
        here = document is not None and document.resolve().is_relative_to(ROOT)
        if not here or (match[1] and match[1] not in headings(document)):
            lost.append(match[0])
    lost += [match[0] for match in OWN_FILE.finditer(text) if not (ROOT / match[0]).is_file()]
    return lost


def test_no_file_points_to_what_is_not_in_the_repository() -> None:
    files = [*files_of_the_repository()]
    assert {ROOT / "README.rst", ROOT / "dev/lib.sh", ROOT / "models/__init__.py"} < {*files}
    lost = {path: lost_references(path.read_text(), path.parent) for path in files}
    assert {path.relative_to(ROOT): found for path, found in lost.items() if found} == {}


# A "~" keeps what is planted from being found in this file.
@pytest.mark.parametrize(
    "planted",
    [
        "as reliability~.md c1 has it",
        "what reliability~.md\n# measured",
        "see ../~shared/house~.md",
        "docs/api~.md#a-heading-nobody-wrote",
        "(the contract,\n# sec~tion 3)",
        "the contract, \u00a7~3",
        "written to /~tmp/report",
        "as ../~shared/contract has it",
        "see models/~nowhere.py",
    ],
)
def test_a_reference_to_what_is_not_here_is_found(planted: str) -> None:
    assert lost_references(planted.replace("~", ""), ROOT)


@pytest.mark.parametrize(
    "text",
    [
        "docs/api.md#request-limits and README.rst",
        "docs/decisions/0002-a-pure-client-and-a-wire-profile.md",
        "RFC 6749\n    sec~tion 4.1.3",
        "`tests/test_*.py`, client/api.py, /var/cache/inventory_source",
    ],
)
def test_a_reference_that_holds_is_not_reported(text: str) -> None:
    assert lost_references(text.replace("~", ""), ROOT) == []


def test_the_readme_says_of_each_row_of_the_matrix_what_it_is_and_leaves_its_figures_to_it() -> (
    None
):
    """A figure that `make matrix` writes anew would be wrong in a second place."""
    rows = re.findall(
        r"^\| `debian.*\|$", (ROOT / "docs/installations.md").read_text(), re.MULTILINE
    )
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]
    [tried] = re.findall(r"\n\*Tried\*(.*?)\n\n", (ROOT / "README.rst").read_text(), re.DOTALL)
    said = " ".join(tried.split())
    for _row, day, _addon, commit, debian, python, postgresql, odoo, result in cells:
        assert re.fullmatch(r"20\d\d-\d\d-\d\d", day)
        assert re.fullmatch(r"-|[0-9a-f]{10,40}", commit)
        assert f"Debian {debian.partition('.')[0]} " in said
        assert f"Python {python.rpartition('.')[0]}" in said
        assert f"PostgreSQL {postgresql.partition('.')[0]}" in said
        assert f"Odoo {'.'.join(odoo.split('.')[:2])} " in said
        assert result.startswith("passed: ") == ("no test failed" in said)
    assert len(cells) == 3 and not re.search(r"\d{3}", said)


def test_each_command_of_make_stands_in_the_list_of_commands() -> None:
    targets = re.findall(r"^([a-z-]+): ", (ROOT / "Makefile").read_text(), re.MULTILINE)
    listed = re.findall(
        r"^\| `make ([a-z-]+)` \|", (ROOT / "docs/operations.md").read_text(), re.MULTILINE
    )
    assert {*targets} - {*listed} == {"help"} and {*listed} < {*targets}


def test_the_set_up_installs_no_package_that_the_list_of_its_steps_does_not_name() -> None:
    setup = (ROOT / "dev/setup").read_text()
    asked = re.findall(r"^    ! wanted \w+ \|\| .* \|\| echo ([a-z-]+)$", setup, re.MULTILINE)
    assert {"docker-compose", "nodejs"} < {*asked}
    operations = (ROOT / "docs/operations.md").read_text()
    [step] = re.findall(r"^1\. (\*Debian packages\*.*?)^2\. ", operations, re.MULTILINE | re.DOTALL)
    called = {"nodejs": "Node.js", "tinyproxy-bin": "tinyproxy"}
    assert [name for name in asked if called.get(name, name) not in step] == []


LOCKS_FOR = {"3.10": "Resolved only", "3.11": "", "3.12": "Resolved only", "3.13": "Run by hand"}


@pytest.mark.parametrize("python", LOCKS_FOR)
def test_each_lock_says_whether_the_tests_were_run_with_it(python: str) -> None:
    locks = sorted((ROOT / "dev/requirements" / python).glob("*.txt"))
    assert len(locks) == 3
    for lock in locks:
        notes = [line for line in lock.read_text().splitlines()[1:] if line.startswith("#")]
        found = [note.removeprefix("# ")[: len(LOCKS_FOR[python])] for note in notes]
        assert found == ([LOCKS_FOR[python]] if LOCKS_FOR[python] else []), lock.name


# What an administrator types, as root; dev/odoo brings its own, and so does Odoo's image.
TYPED = re.compile(r"(?<![\w/.-])(?<!IMAGE )odoo(?:-bin)? (?![^`\n]*--test-tags)[^`\n]*-[diu] ")
SERVERS = "runuser -u odoo -- odoo "


def commands_without_configuration(text: str) -> list[str]:
    """Return the commands of Odoo's that would run beside the server's configuration or user."""
    lines = [line for line in text.splitlines() if TYPED.search(line)]
    return [line for line in lines if SERVERS not in line or " -c /etc/odoo/odoo.conf " not in line]


def test_each_command_of_odoos_is_given_the_configuration_of_the_server() -> None:
    """Without its addons path Odoo skips the addon, and says so in no way that is seen."""
    documents = [ROOT / "README.rst", *ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]
    texts = {path.name: path.read_text() for path in documents}
    assert SERVERS in texts["README.rst"]
    lost = {name: commands_without_configuration(text) for name, text in texts.items()}
    assert {name: found for name, found in lost.items() if found} == {}


@pytest.mark.parametrize(
    ("line", "lost"),
    [
        ("run `odoo -d DATABASE -u inventory_source`", True),
        ("1. `odoo-bin neutralize -d DATABASE`, best", True),
        ("    odoo module uninstall -c /etc/odoo/odoo.conf -d DATABASE inventory_source", True),
        ("    runuser -u odoo -- odoo neutralize -d DATABASE", True),
        ("    runuser -u odoo -- odoo neutralize -c /etc/odoo/odoo.conf -d DATABASE", False),
        ("`docker run --rm … IMAGE odoo -d DATABASE -u inventory_source`", False),
        ("`dev/odoo -d mydb -i inventory_source --stop-after-init`", False),
        ("`odoo -u inventory_source --test-tags /inventory_source`", False),
    ],
)
def test_a_command_without_the_configuration_of_the_server_is_found(line: str, lost: bool) -> None:
    assert commands_without_configuration(line) == ([line] if lost else [])


def test_the_workflow_runs_what_is_run_here_and_takes_no_action_by_a_name_that_can_move() -> None:
    [workflow] = ROOT.glob(".github/workflows/*")
    text = workflow.read_text()
    assert re.search(
        r"^ +- run: \.ci/run\n +working-directory: inventory_source$", text, re.MULTILINE
    )
    assert os.access(ROOT / ".ci/run", os.X_OK)
    used = re.findall(r"uses: *(\S+)", text)
    assert used
    assert [each for each in used if not re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", each)] == []


def test_the_changelog_has_one_line_for_each_fact_below_the_day_it_came() -> None:
    _intro, *versions = re.split(
        r"^## .+\n", (ROOT / "CHANGELOG.md").read_text(), flags=re.MULTILINE
    )
    assert versions
    for version in versions:
        days = re.findall(r"^### (\d{4}-\d\d-\d\d)$", version, re.MULTILINE)
        assert days and days == sorted(set(days), reverse=True)
        lines = [line for line in version.splitlines() if line and not line.startswith("### ")]
        assert [line for line in lines if not re.fullmatch(r"- \S.+[.!?]", line)] == []
        assert version.lstrip().startswith("### ")
