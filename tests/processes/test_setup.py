"""The set-up where no Debian is: one sentence says what is missing, and nothing is changed."""

import os
import shutil
import subprocess

import pytest

from workbench import places

UBUNTU = 'ID=ubuntu\nPRETTY_NAME="Ubuntu 24.04.2 LTS"\nVERSION_CODENAME=noble\n'
FEDORA = 'ID=fedora\nPRETTY_NAME="Fedora Linux 43"\n'
DEBIAN = 'ID=debian\nPRETTY_NAME="Debian GNU/Linux 13 (trixie)"\nVERSION_CODENAME=trixie\n'
COMMANDS = ("demo/run", "test", "serve")


class Machine:
    """A machine of another system: its os-release, and the commands of this one but some."""

    def __init__(self, folder, release, without=()):
        self.cache = folder / "cache"
        self._bin = folder / "bin"
        self._bin.mkdir()
        for place in ("/bin", "/usr/bin", "/usr/sbin"):
            for command in os.scandir(place):
                link = self._bin / command.name
                if command.name not in without and not link.is_symlink():
                    link.symlink_to(command.path)
        (folder / "os-release").write_text(release)
        self._release = folder / "os-release"

    def put(self, command, *lines):
        """Have a command do something else."""
        (self._bin / command).unlink(missing_ok=True)
        (self._bin / command).write_text("\n".join(("#!/bin/sh", *lines, "")))
        (self._bin / command).chmod(0o755)

    def refuses(self, command, **environment):
        """Run a command of dev/ that has to fail; return what it said, by line."""
        done = subprocess.run(
            [places.CHECKOUT / "dev" / command],
            env={
                "HOME": str(self.cache),
                "PATH": str(self._bin),
                "OS_RELEASE": str(self._release),
                "INVENTORY_SOURCE_CACHE": str(self.cache),
                **environment,
            },
            check=False,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 1, done.stdout + done.stderr
        assert not list(self.cache.glob("odoo-*")), "it fetched Odoo"
        return [line for line in (done.stdout + done.stderr).splitlines() if line != "Set up"]


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    ("release", "name"), [(UBUNTU, "Ubuntu 24.04.2 LTS"), (FEDORA, "Fedora Linux 43")]
)
def test_elsewhere_one_sentence_asks_for_a_checkout_of_odoo(command, release, name, tmp_path):
    assert Machine(tmp_path, release).refuses(command) == [
        f"This is {name}, where Odoo 19 is no package: set ODOO_SOURCE to a checkout of Odoo 19.0."
    ]


def test_a_debian_without_apt_is_no_debian(tmp_path):
    (said,) = Machine(tmp_path, DEBIAN, without=("apt-get",)).refuses("setup")
    assert said.endswith("set ODOO_SOURCE to a checkout of Odoo 19.0.")


def test_elsewhere_with_a_checkout_one_sentence_names_the_missing_packages(tmp_path):
    """Debian's names: nothing is installed by them where they may be wrong."""
    machine = Machine(tmp_path, UBUNTU, without=("chromium",))
    assert machine.refuses("setup", ODOO_SOURCE=str(tmp_path)) == [
        "Install what Debian calls chromium and run this again: it is missing here."
    ]


def test_elsewhere_a_checkout_of_odoo_is_taken(tmp_path):
    (said,) = Machine(tmp_path, UBUNTU).refuses("setup", ODOO_SOURCE=str(tmp_path))
    assert said.startswith(f"ODOO_SOURCE={tmp_path} is not a checkout of Odoo 19.0")


@pytest.fixture
def debian(tmp_path):
    """Return a Debian without Chromium, whose apt-get installs nothing, as root sees it."""
    machine = Machine(tmp_path, DEBIAN, without=("chromium",))
    machine.asked = tmp_path / "asked"
    machine.put("apt-get", f'echo "$@" >> {machine.asked}')
    machine.put("id", "echo 0")
    return machine


def test_a_user_who_may_install_nothing_is_told_what_root_installs(debian):
    debian.put("id", "echo 1000")
    assert debian.refuses("setup") == [
        "These packages are missing: chromium",
        "Install them (as root: apt-get install chromium) and run this again.",
    ]
    assert not debian.asked.exists()


def test_what_is_still_missing_once_its_package_was_installed_is_named_and_not_installed_anew(
    debian,
):
    installing, said = debian.refuses("setup")
    assert installing.split()[:2] == ["install", "missing"]
    assert said.startswith("What Debian's chromium should bring is still not found after they were")
    assert len(debian.asked.read_text().splitlines()) == 2  # the lists, and the package


def test_a_python_that_can_make_no_venv_is_named(debian, tmp_path):
    debian.put("chromium")
    real = shutil.which("python3")
    debian.put("bare", 'case "$*" in *ensurepip*) exit 1;; esac', f'exec {real} "$@"')
    python = str(debian.cache.parent / "bin/bare")
    _installing, said = debian.refuses("setup", PYTHON=python)
    assert "What Debian's python3-venv should bring is still not found" in said
    assert f"PYTHON={python}" in said


SOURCES = {
    "debian.sources": "Types: deb\nURIs: http://packages.example/debian\nSuites: trixie\n",
    "sources.list": "# deb http://old.example/debian bookworm main\n"
    "deb cdrom:[Debian GNU/Linux 12.0.0 _Bookworm_ - DVD-1]/ bookworm main\n"
    "deb http://fixes.example/debian-security bookworm-security main\n"
    "deb [arch=amd64 signed-by=/a.gpg] https://mirror.example/debian/ bookworm main\n",
}


@pytest.mark.parametrize(
    ("file", "mirror"),
    [
        ("debian.sources", "http://packages.example/debian"),
        ("sources.list", "https://mirror.example/debian/"),
    ],
)
def test_odoo_is_taken_from_where_the_machine_has_debian_from(file, mirror, tmp_path):
    """Neither from its installation disc nor from where only fixes are."""
    path = tmp_path / ("sources.list.d" if file.endswith(".sources") else "") / file
    path.parent.mkdir(exist_ok=True)
    path.write_text(SOURCES[file])
    assert of_library("debian_mirror", APT_ETC=tmp_path) == f"{mirror}\n"


def of_library(command, **environment):
    """Return what a command says beside the functions of all scripts."""
    done = subprocess.run(
        ["bash", "-c", f". '{places.CHECKOUT}/dev/lib.sh'; {command}"],
        env={**os.environ, **{name: str(value) for name, value in environment.items()}},
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout


@pytest.mark.parametrize(("newest", "version"), [("initdb", "17"), ("psql", "15")])
def test_the_newest_postgresql_with_a_server_is_taken(newest, version, tmp_path):
    """A newer client may be there alone."""
    for name in ("9.6/bin/initdb", "15/bin/initdb", f"17/bin/{newest}"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).touch()
    assert of_library("echo $PG_BIN", PG_LIB=tmp_path) == f"{tmp_path}/{version}/bin\n"
