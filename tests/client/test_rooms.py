"""The rooms of models/: one direction of imports, a file per model, no private words."""

import re
import subprocess

import pytest

from workbench import rooms
from workbench.places import CHECKOUT

# How many files may hold a class of the large models.
MOST_FILES = {
    "inventory.source.product": 13,
    "inventory.source.connection": 10,
    "inventory.source.order": 7,
    "inventory.source.order.line": 2,
    "inventory.source.shipment": 4,
    "sale.order": 3,
}
# House words that were given up for the field's own: see "The words" in CONTRIBUTING.md.
OLD_WORDS = re.compile(
    r"shel(?:f|ves)|told_at|is_mark\b|_follow_mark|keep_price|let_through|given_up|give_in\b"
    r"|give_back|thaw|\b_?reap(?:s|ed)?\b|doubtful|rehears|catalogue|(?<!bread)crumb|may_exist",
    re.IGNORECASE,
)
MOST_LINES = 500


def named_for_packages():
    """Read from docs/architecture.md which models each package opens."""
    table = (CHECKOUT / "docs/architecture.md").read_text()
    rows = re.findall(r"^\| `models/(\w+)/` \|(.*)\|$", table, re.MULTILINE)
    return {package: set(re.findall(r"`([a-z_.]+)`", cells)) for package, cells in rows}


def test_packages_import_one_way_only():
    assert not rooms.imports_upwards()


def test_an_arrow_back_is_found(tmp_path, monkeypatch):
    (tmp_path / "sync").mkdir()
    (tmp_path / "sync" / "late.py").write_text("from ..order.order import STATES\n")
    monkeypatch.setattr(rooms, "MODELS", tmp_path)
    assert rooms.imports_upwards() == ["sync/late.py: from ..order.order import STATES"]


def test_no_file_stands_flat_in_models():
    assert [path.name for path in rooms.sources() if path.parent == rooms.MODELS] == []


def test_each_package_opens_only_the_models_that_the_architecture_names_for_it():
    named = named_for_packages()
    assert set(named) == set(rooms.PACKAGES)
    opened = {package: set() for package in rooms.PACKAGES}
    for each in rooms.opened():
        opened[each.package].add(each.model)
    assert opened == named


def test_both_tables_of_the_rooms_have_each_package_in_the_order_of_loading():
    table = (CHECKOUT / "CONTRIBUTING.md").read_text()
    told = re.findall(r"^\| `models/(\w+)/` \| \w", table, re.MULTILINE)
    assert told == [*named_for_packages()] == [*rooms.PACKAGES]


@pytest.mark.parametrize(("model", "most"), MOST_FILES.items())
def test_a_large_model_stands_in_few_files(model, most):
    files = rooms.files_by_model()[model]
    assert len(files) <= most, files


def test_a_file_that_extends_a_model_holds_it_once():
    seen = [(each.path, each.model) for each in rooms.opened()]
    assert len(seen) == len(set(seen))


def test_a_mixin_has_at_least_two_heirs():
    assert not rooms.lonely_mixins()


def test_rooms_stay_small_enough_to_read():
    long = {
        str(path.relative_to(rooms.MODELS)): lines
        for path in rooms.sources()
        if (lines := path.read_text().count("\n")) > MOST_LINES
    }
    assert not long


def text_files():
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    kinds = (".py", ".xml", ".js", ".csv", ".sql", ".md", ".rst", ".html", ".json", ".po", ".pot")
    for name in listed:
        # These name the words, and the changelog says what they were.
        if name.endswith(kinds) and name not in (
            "tests/client/test_rooms.py",
            "tests/addon/test_words.py",
            "CHANGELOG.md",
        ):
            yield CHECKOUT / name


def test_old_words_do_not_come_back():
    found = [
        f"{path.relative_to(CHECKOUT)}:{number}: {line.strip()[:100]}"
        for path in text_files()
        if path.exists()
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if OLD_WORDS.search(line)
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("word", ["the shelf", "is_mark", "catalogue", "crumbs", "reaped"])
def test_an_old_word_is_found(word):
    assert OLD_WORDS.search(f"a line with {word} in it")
    assert not OLD_WORDS.search("o_breadcrumb, reappear, catalog")
