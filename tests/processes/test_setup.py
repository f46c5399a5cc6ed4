"""The set-up where no Debian is: one sentence says what is missing, and nothing is changed."""

import os
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
