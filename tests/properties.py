"""hypothesis, or where it is not installed stand-ins with which its tests are skipped.

Odoo's test runner imports the tests of each installed addon: an import that fails ends it for all
of them.
"""

import unittest
from unittest.mock import MagicMock

try:
    from hypothesis import HealthCheck, given, settings
    from hypothesis import strategies as st
except ImportError:
    MISSING = "it needs hypothesis, see test-requirements.txt of inventory_source"
    HealthCheck, st = MagicMock(), MagicMock()

    def given(*_strategies, **_named):
        return unittest.skip(MISSING)

    def settings(**_options):
        return lambda test: test
