"""The compose file: read by docker-compose, and what it names is there. No engine runs it."""

import json
import re
import subprocess

import pytest
from lxml import etree

from workbench.places import CHECKOUT

DOCKERFILES = sorted((CHECKOUT / "dev/compose").glob("*.Dockerfile"))


def config(*options):
    done = subprocess.run(
        ["docker-compose", "-f", str(CHECKOUT / "compose.yaml"), "config", *options],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_docker_compose_reads_it():
    assert sorted(config("--services").split()) == ["db", "odoo", "simulator"]
    whole = config()
    # Its loopback is the simulator's: over http secrets go to the own machine only.
    assert "network_mode: service:odoo" in whole
    assert "PASSWORD" not in whole


def test_what_it_names_is_there():
    text = (CHECKOUT / "compose.yaml").read_text()
    named = re.findall(r"dockerfile: (\S+)", text)
    assert sorted(named) == [str(path.relative_to(CHECKOUT)) for path in DOCKERFILES]
    (mounted,) = re.findall(r"- \.:(\S+):ro", text)
    (command,) = re.findall(r"command: (\S+)", text)
    start = CHECKOUT / command.removeprefix(f"{mounted}/")
    assert start.stat().st_mode & 0o111
    subprocess.run(["bash", "-n", start], check=True)
    (prepare,) = re.findall(r"/(\w+\.py)", start.read_text())
    assert (start.parent / prepare).is_file()


@pytest.mark.parametrize("path", DOCKERFILES, ids=lambda path: path.name)
def test_an_image_is_made_of_files_that_are_there(path):
    for line in path.read_text().splitlines():
        if line.startswith("COPY "):
            *sources, _target = line.split()[1:]
            for source in sources:
                assert (CHECKOUT / source).exists(), source


def test_the_simulator_of_the_image_has_all_that_it_imports():
    text = (CHECKOUT / "dev/compose/simulator.Dockerfile").read_text()
    installed = re.search(r"-c versions\.txt (.*)", text)[1].split()
    names = {"PIL": "pillow", "jwt": "pyjwt"}
    imported = set()
    for source in (CHECKOUT / "dev/inventory_source_simulator").glob("*.py"):
        found = re.findall(r"^(?:from|import) ([a-z_A-Z]\w*)", source.read_text(), re.MULTILINE)
        imported |= set(found)
    imported -= set(__import__("sys").stdlib_module_names)
    # Those that come with fastapi.
    imported -= {"pydantic", "pydantic_core", "starlette"}
    assert {names.get(name, name) for name in imported} <= set(installed)
    locked = (CHECKOUT / "dev/requirements/3.11/odoo.txt").read_text().lower()
    for name in installed:
        assert re.search(rf"^{re.escape(name)}==", locked, re.MULTILINE), name
    command = json.loads(re.search(r"^CMD (.*)$", text, re.MULTILINE)[1])
    assert command[command.index("--port") + 1] == "8070"


def test_the_dialog_of_a_trial_names_the_commands_of_the_readme_and_not_that_container():
    """Nobody but the Odoo beside it reaches the simulator of the compose file."""
    readme = (CHECKOUT / "README.rst").read_text()
    commands = re.findall(r"^    (\S.*simulator.*)$", readme, re.MULTILINE)
    assert len(commands) == 2
    path = CHECKOUT / "views/inventory_source_tryout_views.xml"
    (steps,) = etree.parse(path).xpath("//form[.//button[@name='action_start']]//ol")
    assert set(commands) < set(steps.xpath(".//code/text()"))
    (port,) = re.findall(r"--port (\d+)", " ".join(commands))
    assert f'ADDRESS = "http://127.0.0.1:{port}"' in (CHECKOUT / "wizards/tryout.py").read_text()
    said = " ".join("".join(steps.itertext()).split())
    assert "container simulator of compose.yaml serves the Odoo of that file only" in said
