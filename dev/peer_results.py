"""Count what Odoo's test runner says in its log: peer_results.py LOG APP...

Ends with 1 unless tests of each app ran and all passed.
"""

import collections
import re
import sys
from pathlib import Path

_STARTED = re.compile(r" INFO \S+ odoo\.addons\.(\w+)\.tests\.\S+: Starting (\S+) \.\.\. *$")
_BROKEN = re.compile(r" ERROR \S+ odoo\.addons\.(\w+)\.tests\.\S+: ([\w ]*(?:FAIL|ERROR)): (.+)$")
_TOTAL = re.compile(r": (\d+) failed, (\d+) error\(s\) of (\d+) tests when loading database")


def main(log, apps):
    lines = Path(log).read_text(errors="replace").splitlines()
    started = collections.Counter(m[1] for m in map(_STARTED.search, lines) if m)
    broken = [m.groups() for m in map(_BROKEN.search, lines) if m]
    totals = [m for m in map(_TOTAL.search, lines) if m]
    for app in apps:
        failed = sum(1 for module, _kind, _test in broken if module == app)
        print(f"  {app:24} {started[app]:4} tests, {failed} failed")
    for module, kind, test in broken:
        print(f"  {kind} in {module}: {test}")
    if len(totals) != 1:
        print(f"  Odoo gave {len(totals)} totals instead of one: it did not come to the end")
        return 1
    failed, errors, tests = map(int, totals[0].groups())
    print(f"  Odoo's own count: {tests} tests, {failed} failed, {errors} errors")
    print(f"  Counted by their start: {started.total()} tests")
    silent = [app for app in apps if not started[app]]
    if silent:
        print(f"  No test ran of: {', '.join(silent)}")
    return 1 if failed or errors or broken or silent else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
