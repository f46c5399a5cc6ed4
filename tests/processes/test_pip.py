"""pip installs the addon from a folder of any name and from git, and Odoo runs it from there."""

import ast
import json
import re
import subprocess
import zipfile
from pathlib import Path

import pytest
from lint_odoo import export

from workbench import databases, places
from workbench.elsewhere import Python

PACKAGE = "odoo/addons/inventory_source"
# Whoever runs the addon needs none of these.
WORKSHOP = re.compile(
    r"(?:\.ci|\.github|dev|docs|tests)/|\.gitignore|CONTRIBUTING\.md|Makefile|compose\.yaml|pyproject\.toml|[a-z-]*requirements\.txt"
)


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """A copy of the checkout under another name, with what git does not know beside it."""
    folder = tmp_path_factory.mktemp("pip") / "odoo-stuff (2)"
    export(places.CHECKOUT, folder)
    (folder / "odoo.conf").write_text("admin_passwd = secret")
    return folder


@pytest.fixture(scope="module")
def python(tmp_path_factory):
    return Python(tmp_path_factory.mktemp("venv") / "venv")


@pytest.fixture(scope="module")
def wheel(source, python, tmp_path_factory):
    """Build as `pip install .` does."""
    folder = tmp_path_factory.mktemp("wheel")
    python.run("-m", "pip", "wheel", "--no-deps", "--wheel-dir", folder, ".", cwd=source)
    (built,) = folder.iterdir()
    return built


@pytest.fixture(scope="module")
def bare(source, wheel, tmp_path_factory):
    """Clone it, as what people install from."""
    folder = tmp_path_factory.mktemp("git") / "anything.git"
    git(source, "init", "--quiet")
    commit(source)
    git(source, "clone", "--quiet", "--bare", ".", str(folder))
    return folder


def git(folder, *command):
    subprocess.run(("git", *command), cwd=folder, check=True)


def commit(folder):
    git(folder, "add", "--all", "--", ":!odoo.conf")
    who = ("-c", "user.name=Ada", "-c", "user.email=ada@example.com")
    git(folder, *who, "commit", "--quiet", "--message", "All of it")


@pytest.fixture(scope="module")
def installed(python, bare):
    """Install from a bare clone, into the Python beside Odoo."""
    python.run("-m", "pip", "install", f"git+file://{bare}")
    return python


def names_of(wheel):
    with zipfile.ZipFile(wheel) as archive:
        return {name for name in archive.namelist() if ".dist-info/" not in name}


def test_the_wheel_is_the_addon_and_nothing_of_the_workshop(source, wheel):
    addon = {
        str(path.relative_to(source))
        for path in source.rglob("*")
        if path.is_file() and ".git" not in path.parts and path.name != "odoo.conf"
    }
    addon = {name for name in addon if not WORKSHOP.match(name)}
    assert {"__manifest__.py", "client/profiles/retailer_v1.json", "i18n/es.po"} < addon
    assert names_of(wheel) == {f"{PACKAGE}/{name}" for name in addon}


def test_its_version_is_the_manifests(wheel):
    manifest = ast.literal_eval(read("__manifest__.py"))
    assert wheel.name == f"odoo_addon_inventory_source-{manifest['version']}-py3-none-any.whl"


def test_what_it_needs_is_said_alike_to_odoo_to_pip_and_to_debian():
    manifest = ast.literal_eval(read("__manifest__.py"))
    pips = json.loads(re.search(r"^dependencies = (.*)$", read("pyproject.toml"), re.MULTILINE)[1])
    needed = manifest["external_dependencies"]
    assert [re.match(r"[\w-]+", each)[0] for each in pips] == needed["python"]
    assert needed["apt"] == {name: f"python3-{name}" for name in needed["python"]}
    asked = lines_of("requirements.txt")
    odoos = {re.match(r"[\w.-]+", line)[0] for line in lines_of("dev/requirements.txt")}
    assert asked == [each for each in pips if each not in odoos]


def read(name):
    return (places.CHECKOUT / name).read_text()


def lines_of(name):
    return [line for line in read(name).splitlines() if line and not line.startswith("#")]


def site_of(python):
    (site,) = python.path.parents[1].glob("lib/python*/site-packages")
    return site


def test_odoo_finds_what_pip_installed_from_git_and_installs_it(installed, wheel):
    where = installed.run("-c", "import jmespath, sys; print(jmespath.__file__, sys.prefix)")
    at, prefix = where.stdout.split()
    # It came with the addon, it was not there before.
    assert Path(at).is_relative_to(prefix)
    with databases.temporary("pip") as name:
        log = installed.odoo(
            name, "-i", "inventory_source", "--no-http", log=places.log_path("processes-pip")
        )
        assert not re.findall(r".* (?:WARNING|ERROR|CRITICAL) .*", log)
        state = "SELECT state FROM ir_module_module WHERE name = 'inventory_source'"
        assert databases.query(name, state) == [("installed",)]
    site = site_of(installed)
    files = {str(path.relative_to(site)) for path in (site / PACKAGE).rglob("*") if path.is_file()}
    assert {name for name in files if "__pycache__" not in name} == names_of(wheel)


def test_the_command_for_upgrading_installs_a_later_commit_of_the_same_version(
    source, bare, installed
):
    commands = {
        command
        for document in ("README.rst", "docs/administration.md")
        for command in re.findall(r"pip (install -[^`\n]*git\+ADDRESS)", read(document))
    }
    (command,) = commands
    (source / "SECURITY.md").write_text("Another day")
    commit(source)
    git(source, "push", "--quiet", str(bare), "HEAD")
    installed.run("-m", "pip", *command.replace("ADDRESS", f"file://{bare}").split())
    assert (site_of(installed) / PACKAGE / "SECURITY.md").read_text() == "Another day"
