"""Run the tests of PEER_APPS in Odoo's shell, where the addon is loaded; read by dev/peer-tests.

`odoo -u APP --test-tags` would not do: it runs an app's tests while that app is loaded, which is
before any addon that extends it.
"""

import os
import sys

from odoo.tests.shell import run_tests

assert "inventory_source" in env.registry._init_modules  # noqa: F821
total = broken = 0
for app in os.environ["PEER_APPS"].split():
    report = run_tests(env, f"/{app}", modules=[app])  # noqa: F821
    failed = report.failures_count + report.errors_count
    line = f"  {app:24} {report.testsRun:4} tests, {failed} failed, {report.skipped} skipped"
    print(line, flush=True)
    total += report.testsRun
    # An app without a single test was not tested.
    broken += failed + (not report.testsRun)
print(f"  {'all':24} {total:4} tests, {broken} failed", flush=True)
sys.exit(1 if broken else 0)
