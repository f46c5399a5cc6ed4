"""Odoo's own runner runs the addon's tests where there is no workshop; here, none is skipped."""

import re
import subprocess
import sys

import pytest
from lint_odoo import export

from workbench import databases, places
from workbench.elsewhere import Python

# What needs nothing more, what needs hypothesis in part, and what needs docs/. None needs HTTP, for
# which Odoo would first make every bundle of the web client.
OF_DOCS = "TestProfileForm.test_each_line_has_the_grade_that_the_document_of_the_api_gives_it"
TESTS = ("TestAddress", "TestCleaning", "TestCatalogHostile", OF_DOCS)
RUN = re.compile(r" Starting (\w+\.test_\w+)")
SKIPPED = re.compile(r" skipped (\w+\.test_\w+) : (.+?) *$", re.MULTILINE)
NO_HYPOTHESIS = "it needs hypothesis, see test-requirements.txt of inventory_source"
ASK_FOR_A_SIMULATOR = """
import sys, unittest
sys.path.insert(0, "tests/simulator")
import harness
try:
    harness.Running()
except unittest.SkipTest as skipped:
    print(skipped)
"""


@pytest.fixture(scope="module")
def python(tmp_path_factory):
    return Python(tmp_path_factory.mktemp("venv") / "venv", "jmespath")


@pytest.fixture(scope="module")
def addon(tmp_path_factory):
    """The addon as somebody has it who took nothing of the workshop along."""
    whole = tmp_path_factory.mktemp("whole")
    export(places.CHECKOUT, whole)
    folder = tmp_path_factory.mktemp("addons") / "inventory_source"
    folder.mkdir()
    for part in whole.iterdir():
        if part.name not in (".ci", "dev", "docs"):
            part.rename(folder / part.name)
    return folder


@pytest.fixture(scope="module")
def log(addon, python):
    """Install the addon and test it, as `odoo --test-tags` does; what Odoo said."""
    with databases.temporary("elsewhere") as name:
        return python.odoo(
            name,
            *("-i", "inventory_source", "--test-tags"),
            ",".join(f"/inventory_source:{each}" for each in TESTS),
            log=places.log_path("processes-elsewhere"),
            addons=[addon.parent],
        )


def test_the_runner_starts_and_no_test_fails(log):
    assert re.search(r"0 failed, 0 error\(s\) of [1-9]\d* tests", log)
    assert {name.partition(".")[0] for name in RUN.findall(log)} == {
        test.partition(".")[0] for test in TESTS
    }


def test_what_needs_hypothesis_or_a_document_is_skipped_and_says_so(log):
    assert dict(SKIPPED.findall(log)) == {
        "TestCleaning.test_no_text_makes_the_cleaning_fail": NO_HYPOTHESIS,
        "TestCatalogHostile.test_generated_rows_land_or_are_named_and_harm_nothing": NO_HYPOTHESIS,
        OF_DOCS: "it needs docs/api.md of the repository of inventory_source",
    }


def test_what_needs_the_simulator_is_skipped_and_says_so(addon, python):
    said = python.run("-c", ASK_FOR_A_SIMULATOR, cwd=addon).stdout
    assert said == f"it needs the simulator of the repository, {addon}/dev/simulator\n"


def test_where_the_simulator_cannot_run_the_reason_names_what_to_install(python):
    said = python.run("-c", ASK_FOR_A_SIMULATOR, cwd=places.CHECKOUT).stdout
    needed = "fastapi, jwt, python_multipart, uvicorn"
    assert said == f"it needs {needed}, see test-requirements.txt of inventory_source\n"


def test_where_its_packages_are_too_old_the_simulator_says_so_and_is_skipped(python, tmp_path):
    """Debian 12's FastAPI comes with pydantic 1: all of them are there, and the simulator ends."""
    for package in ("fastapi", "jwt", "python_multipart", "uvicorn"):
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").touch()
    older = f"import os, sys\nsys.path.insert(0, {str(tmp_path)!r})\n"
    inherited = f"os.environ['PYTHONPATH'] = {str(tmp_path)!r}\n"
    said = python.run("-c", older + inherited + ASK_FOR_A_SIMULATOR, cwd=places.CHECKOUT).stdout
    assert said.startswith("The simulator's packages are not in this Python, or too old (cannot ")
    assert "test-requirements.txt" in said


@pytest.mark.parametrize(
    ("options", "status", "sentence"),
    [((), 1, "here none may be"), (("-k", "not skipped"), 0, "")],
)
def test_here_a_skipped_test_fails_the_run(options, status, sentence, tmp_path):
    """Each part of `make test` is run with this plugin."""
    (tmp_path / "test_planted.py").write_text(
        "import pytest\n"
        "def test_run(): pass\n"
        "@pytest.mark.skip('there is no browser')\n"
        "def test_skipped(): pass\n"
    )
    plugins = ("-p", "no:odoo", "-p", "no:cacheprovider", "-p", "workbench.nothing_skipped")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *plugins, *options, tmp_path],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == status, done.stdout
    assert (sentence and "there is no browser") in done.stdout
    assert sentence in done.stdout
    assert "-p workbench.nothing_skipped" in (places.CHECKOUT / "dev/test").read_text()
