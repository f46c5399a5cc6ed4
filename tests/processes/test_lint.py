"""The lint rules that keep the house in order really bite."""

import inspect
import re
import shutil
import subprocess
import sys

import pytest
from pylint_odoo.checkers.odoo_addons import OdooAddons

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


MANIFEST = """{
    "name": "Planted",
    "version": "19.0.1",
    "summary": "",
    "category": "Sales",
    "author": "Somebody else",
    "description": "Long",
    "development_status": "Nearly",
    "license": "GPL-3",
    "maintainers": "somebody",
    "support": "nobody",
    "website": "somewhere",
    "data": ["views/missing.xml", "views/missing.xml", "views/planted.xml"],
    "assets": {"web.assets_backend": ["https://example.com/script.js"]},
}
"""
TRANSLATION = """msgid ""
msgstr ""

#: model:ir.model,name:planted
#, python-format
msgid "Of %s orders"
msgstr "De órdenes"
"""
# An addon with a fault for each rule; a second manifest for what would hide another fault.
PLANTED_FILES = {
    "__init__.py": "from . import models, second\n",
    "__manifest__.py": MANIFEST,
    "migrations/19.0.2.0.0/post-migration.py": "",
    "models/__init__.py": "from odoo.addons.inventory_source import models\n",
    "i18n/es.po": TRANSLATION,
    "second/__init__.py": "",
    "second/__manifest__.py": '{"name": "Second", "author": ["A", "B"]}\n',
    "views/forgotten.xml": "<odoo/>\n",
    "views/planted.xml": "<odoo><data><record model='res.partner'/></data></odoo>\n",
}
PLANTED_RULES = [
    "category-allowed",
    "development-status-allowed",
    "invalid-email",
    "license-allowed",
    "manifest-author-string",
    "manifest-behind-migrations",
    "manifest-data-duplicated",
    "manifest-deprecated-key",
    "manifest-external-assets",
    "manifest-maintainers-list",
    "manifest-required-author",
    "manifest-required-key",
    "manifest-superfluous-key",
    "manifest-version-format",
    "missing-readme",
    "odoo-addons-relative-import",
    "resource-not-exist",
    "website-manifest-key-not-valid-uri",
]


# What only the hooks look at: the manifest's files, XML, translations.
PLANTED_FOR_THE_HOOKS = [
    "file-not-used",
    "po-pretty-format",
    "po-python-parse-printf",
    "po-requires-module",
    "xml-deprecated-data-node",
    "xml-record-missing-id",
]


@pytest.fixture(scope="module")
def reported(tmp_path_factory):
    """Return what `make lint` says about the planted checkout, by rule."""
    checkout = tmp_path_factory.mktemp("planted") / "checkout"
    for name, text in PLANTED_FILES.items():
        (checkout / name).parent.mkdir(parents=True, exist_ok=True)
        (checkout / name).write_text(text)
    shutil.copyfile(CHECKOUT / "pyproject.toml", checkout / "pyproject.toml")
    subprocess.run(["git", "init", "--quiet"], cwd=checkout, check=True)
    done = subprocess.run(
        [sys.executable, CHECKOUT / "dev/lint_odoo.py", checkout],
        capture_output=True,
        text=True,
        check=False,
    )
    lines = re.findall(r"^([\w/.]+):\d+: ([a-z-]+): ", done.stdout, re.MULTILINE)
    assert done.returncode and lines, done.stdout + done.stderr
    return {rule: path for path, rule in lines}


@pytest.mark.parametrize("rule", [*PLANTED_RULES, *PLANTED_FOR_THE_HOOKS])
def test_a_planted_fault_is_reported_where_it_stands(rule, reported):
    assert rule in reported
    assert reported[rule] in PLANTED_FILES


def test_each_enabled_rule_that_goes_through_the_manifest_has_its_planted_fault():
    _head, _enable, names = (CHECKOUT / "pyproject.toml").read_text().partition("\nenable = [")
    enabled = {*re.findall(r'"([a-z-]+)"', names.partition("]")[0])}
    asking = {*OdooAddons.visit_dict.checks_msgs}
    # Whoever else asks for the manifest names the rule in its own text.
    for _name, method in inspect.getmembers(OdooAddons, inspect.isfunction):
        text = inspect.getsource(method)
        if "misc.walk_up(" in text:
            asking |= {*re.findall(r'is_message_enabled\(\s*"([a-z-]+)", node.lineno', text)}
    assert {"consider-merging-classes-inherited", "odoo-addons-relative-import"} <= asking
    assert {*PLANTED_RULES} == asking & enabled


def test_a_pin_changed_without_the_locks_is_found(tmp_path):
    shutil.copytree(CHECKOUT / "dev/requirements", tmp_path / "dev/requirements")
    for name in ("dev/lint_locks.py", "dev/requirements.txt", "requirements.txt"):
        shutil.copy(CHECKOUT / name, tmp_path / name)
    shutil.copy(CHECKOUT / "test-requirements.txt", tmp_path)
    judged = [sys.executable, str(tmp_path / "dev/lint_locks.py")]
    done = subprocess.run(judged, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")
    pins = tmp_path / "dev/requirements.txt"
    pins.write_text(pins.read_text().replace("urllib3==1.26.20", "urllib3==1.26.21"))
    done = subprocess.run(judged, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert len(done.stdout.splitlines()) == 2  # Python 3.10 and 3.11
    assert "asks for urllib3==1.26.21" in done.stdout
