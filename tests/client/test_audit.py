"""What `make audit` makes of advisories, and why those against what we call do not reach us."""

import ast
import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import audit
import pytest

# What pip-audit 2.10.1 wrote of five packages of Python 3.11's lock, with advisories of the day.
STORED = json.loads((Path(__file__).parent / "advisories.json").read_text())
LOCKED = {"jmespath", "urllib3", "lxml", "jinja2", "pytest"}
PINNED = {"urllib3", "lxml", "jinja2"}
CALLED = {"jmespath", "urllib3", "lxml"}


def judged(report: Any, **changes: set[str]) -> audit.Verdict:
    known = {"locked": LOCKED, "pinned_by_odoo": PINNED, "called": CALLED}
    return audit.judge("3.11", report, **known | changes)


def with_hole(package: str, identifier: str = "GHSA-of-tomorrow") -> Any:
    """Return the stored report with one more advisory against a package."""
    report = copy.deepcopy(STORED)
    entry = next(each for each in report["dependencies"] if each["name"] == package)
    entry["vulns"].append({"id": identifier, "aliases": [], "fix_versions": ["99"]})
    return report


def test_what_odoo_pins_is_listed_with_what_is_known_against_it_and_not_judged() -> None:
    lines, complaints = judged(STORED)
    assert complaints == []
    assert len(lines) == 4
    assert any("jinja2 3.1.2: CVE-2024-22195, fixed in 3.1.3: Odoo's pin" in line for line in lines)
    lines, complaints = judged(with_hole("jinja2"))
    assert (len(lines), complaints) == (5, [])


@pytest.mark.parametrize("package", ["jmespath", "pytest"])
def test_a_known_hole_in_what_we_add_fails_it(package: str) -> None:
    _lines, complaints = judged(with_hole(package))
    assert len(complaints) == 1
    assert f"{package} " in complaints[0]
    assert complaints[0].endswith("we add it")
    # Not even one that our use does not reach: who adds a package can add a better one.
    assert judged(with_hole(package, "CVE-2026-44431")).complaints


def test_a_hole_in_what_we_call_fails_it_until_a_test_shows_that_it_is_not_reached(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    report = with_hole("urllib3")
    assert "no test shows" in judged(report).complaints[0]
    here = "tests/client/test_audit.py::test_each_hole_that_is_not_reached_has_its_test"
    monkeypatch.setitem(audit.NOT_REACHED, "GHSA-of-tomorrow", here)
    assert judged(report).complaints == []
    monkeypatch.setitem(audit.NOT_REACHED, "GHSA-of-tomorrow", f"{here}_at_all")
    assert "there is no test" in judged(report).complaints[0]


@pytest.mark.parametrize(
    "report",
    [
        None,
        {},
        {"dependencies": []},
        # What pip-audit writes without the network, and then says that it knows of no hole.
        {
            "dependencies": [
                {"name": name, "skip_reason": "could not be audited"} for name in LOCKED
            ]
        },
    ],
)
def test_without_advisories_to_read_it_says_not_checked_and_fails(report: Any) -> None:
    lines, complaints = judged(report)
    assert lines == []
    assert len(complaints) == 1
    assert "not checked: 5 of 5 packages" in complaints[0]


def test_one_package_that_was_not_looked_up_was_not_checked() -> None:
    report = copy.deepcopy(STORED)
    report["dependencies"] = report["dependencies"][1:]
    assert "not checked: 1 of 5 packages (jmespath)" in judged(report).complaints[0]


def test_an_empty_folder_fails_the_whole_audit(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "3.11.json").write_text('{"dependencies": [')
    assert audit.main(tmp_path) == 1
    said = capsys.readouterr().out
    for python in ("3.10", "3.11", "3.12", "3.13"):
        assert f"Python {python}: not checked" in said


def test_an_audit_without_complaints_ends_well(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for lock in audit.LOCKS.glob("*/odoo.txt"):
        clean = [{"name": name, "version": "1", "vulns": []} for name in audit.packages(lock)]
        (tmp_path / f"{lock.parent.name}.json").write_text(json.dumps({"dependencies": clean}))
    assert audit.main(tmp_path) == 0
    assert "Nothing is known" in capsys.readouterr().out


def test_the_packages_we_call_are_read_from_the_code() -> None:
    found = audit.called()
    assert {"requests", "urllib3", "idna", "jmespath", "pillow", "cryptography", "lxml"} <= found
    for lock in audit.LOCKS.glob("*/odoo.txt"):
        assert found <= audit.packages(lock), "an import is named like its package"


# --- why known holes are not reached ---


def test_each_hole_that_is_not_reached_has_its_test() -> None:
    assert [where for where in audit.NOT_REACHED.values() if not audit.has_test(where)] == []


def used(package: str) -> Iterator[str]:
    """Yield what the addon's code takes from a package, as `module.name`."""
    for path in (path for folder in audit.CODE for path in (audit.ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == package:
                yield from (f"{node.module}.{name.name}" for name in node.names)
            elif (
                isinstance(node, ast.Attribute)
                and isinstance(node.value, ast.Name)
                and node.value.id in (package, "etree" if package == "lxml" else "")
            ):
                yield f"{node.value.id}.{node.attr}"


# Another name is another use: then see whether a known hole is in it (`audit.NOT_REACHED`).
WITHOUT_HOLES = {
    "requests": {
        *("requests.Session", "requests.Response", "requests.Timeout", "requests.exceptions"),
        "requests.Request",
        *("requests.RequestException", "requests.adapters.HTTPAdapter"),
        "requests.utils.DEFAULT_CA_BUNDLE_PATH",
    },
    "PIL": {
        *("PIL.Image", "PIL.ImageFile", "PIL.PngImagePlugin", "PIL.JpegImagePlugin"),
        *("PIL.GifImagePlugin", "PIL.WebPImagePlugin"),
    },
    "cryptography": {
        *("cryptography.exceptions.InvalidTag", "cryptography.hazmat.primitives.hashes.SHA256"),
        "cryptography.hazmat.primitives.ciphers.aead.AESGCM",
        "cryptography.hazmat.primitives.kdf.hkdf.HKDF",
    },
    "lxml": {"lxml.etree", "etree.HTMLParser", "etree.fromstring"},
}


def test_of_a_package_with_holes_only_what_has_none_is_called() -> None:
    assert {package: {*used(package)} for package in WITHOUT_HOLES} == WITHOUT_HOLES
    for folder in audit.CODE:
        for path in (audit.ROOT / folder).rglob("*.py"):
            assert "verify=False" not in path.read_text().replace(" ", ""), path
