"""The lint rules that keep the house in order really bite."""

import subprocess
import sys

import pytest

from workbench.places import CHECKOUT


def findings(code, path):
    """Return the rules `make lint` finds broken when this code stood at this path."""
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--no-cache", "--output-format", "concise"]
        + ["--stdin-filename", path, "-"],
        cwd=CHECKOUT,
        input=code,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (0, 1), done.stderr
    return [line.split()[1] for line in done.stdout.splitlines() if line.startswith(path)]


@pytest.mark.parametrize(
    "code",
    [
        "import odoo\n\nodoo.release\n",
        "from odoo import fields\n\nfields.Char\n",
        "import odoo.tools\n\nodoo.tools.config\n",
        "import psycopg2\n\npsycopg2.connect\n",
        "def late():\n    from odoo.tools import config\n\n    return config\n",
    ],
)
def test_client_may_not_import_odoo_or_the_database(code):
    assert "TID251" in findings(code, "client/bad.py")


def test_client_may_not_import_what_lies_above_it():
    assert "TID252" in findings("from ..models import lane\n\nlane.Lane\n", "client/bad.py")


def test_models_may_import_odoo_and_client():
    code = "from odoo import fields\n\nfrom ..client.api import Api\n\nfields.Char(Api)\n"
    assert not {"TID251", "TID252"} & set(findings(code, "models/good.py"))


def test_client_may_not_use_naive_times():
    code = "import datetime\n\nprint(datetime.datetime.now())\n"
    assert "DTZ005" in findings(code, "client/bad.py")
