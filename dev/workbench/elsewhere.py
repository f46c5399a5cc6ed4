"""The addon outside the workshop: a Python with Odoo and its packages, and no more."""

import configparser
import os
import subprocess
import sys
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from . import places

# Odoo and its packages need it and do not name it.
UNNAMED = ("setuptools",)


class Python:
    """A venv that finds Odoo and the packages Odoo pins, as on a machine that runs Odoo."""

    def __init__(self, folder: Path, *more: str):
        """Make it in a folder that is not there yet. more: other packages of the workshop."""
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        self.path = folder / "bin/python"
        self._environment = {
            name: value
            for name, value in os.environ.items()
            if name not in ("PYTHONPATH", "ODOO_RC")
        }
        packages = folder / "odoos-packages"
        packages.mkdir()
        _link(packages, [*_names(places.CHECKOUT / "dev/requirements.txt"), *UNNAMED, *more])
        site = self.run("-c", "import sysconfig; print(sysconfig.get_path('purelib'))").stdout
        (Path(site.strip()) / "odoo.pth").write_text(f"{packages}\n{places.ODOO_PATH}\n")

    def run(
        self, *arguments: str | Path, cwd: Path | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run it to its end, from a folder of no meaning unless one is given.

        :raise RuntimeError: it did not end with 0; carries what it printed
        """
        done = subprocess.run(
            [self.path, *arguments],
            cwd=cwd or "/",
            env=self._environment,
            check=False,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            said = f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
            raise RuntimeError(f"{arguments} ended with {done.returncode}:\n{said}")
        return done

    def odoo(self, database: str, *arguments: str, log: Path, addons: Iterable[Path] = ()) -> str:
        """Run Odoo to its end and return its log. addons: folders beside those of Odoo itself."""
        folders = [*odoos_addons(), *map(str, addons)]
        command = (
            *(places.ODOO_BIN, "-c", places.ODOO_CONF, "--addons-path", ",".join(folders)),
            *("-d", database, "--stop-after-init", "--logfile", str(log)),
            # Also without HTTP: whoever runs tests listens.
            *("--http-port", str(places.free_port())),
        )
        try:
            self.run(*command, *arguments)
        except RuntimeError as error:
            said = log.read_text() if log.exists() else "nothing"
            raise RuntimeError(f"{error}\nIts log:\n{said[-3000:]}") from error
        return log.read_text()


def odoos_addons() -> list[str]:
    """Return the addons path without the folder that has the checkout in it."""
    configuration = configparser.RawConfigParser()
    configuration.read(places.ODOO_CONF)
    folders = configuration["options"]["addons_path"].split(",")
    return [folder for folder in folders if not (Path(folder) / "inventory_source").exists()]


def _names(requirements: Path) -> list[str]:
    lines = [line.partition(" #")[0].strip() for line in requirements.read_text().splitlines()]
    asked = [Requirement(line) for line in lines if line and not line.startswith("#")]
    return [each.name for each in asked if not each.marker or each.marker.evaluate()]


def _link(folder: Path, names: Iterable[str]) -> None:
    """Link the packages of these names, and all they need, from the Python that runs this."""
    left, done = list(names), set[str]()
    while left:
        name = canonicalize_name(left.pop())
        if name in done:
            continue
        done.add(name)
        distribution = metadata.distribution(name)
        for file in {file.parts[0] for file in distribution.files or []} - {"..", "__pycache__"}:
            link = folder / file
            if not link.exists():
                link.symlink_to(distribution.locate_file(file))
        for text in distribution.requires or []:
            needed = Requirement(text)
            if not needed.marker or needed.marker.evaluate({"extra": ""}):
                left.append(needed.name)
