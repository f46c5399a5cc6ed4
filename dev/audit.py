"""Judge what pip-audit found in the locks, one file of it for each Python.

What Odoo pins is listed with what is known against it, not judged: it comes with Odoo. A known hole
in what we add fails the audit. So does one in a package of Odoo's that our code calls, until a test
shows that our use does not reach it (`NOT_REACHED`). And what was not looked up was not checked,
which is no good news.
"""

import ast
import json
import re
import sys
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ROOT / "dev" / "requirements"
# Where the code is that runs in Odoo.
CODE = ("client", "controllers", "models", "tools", "wizards")
# Packages that are imported under another name.
PACKAGES = {"PIL": "pillow", "psycopg2": "psycopg2-binary", "stdnum": "python-stdnum"}

_HTTP, _AUDIT = "tests/client/test_http.py", "tests/client/test_audit.py"
_PROXY = f"{_HTTP}::test_netrc_and_proxy_variables_are_ignored"
_REDIRECT = f"{_HTTP}::test_a_redirect_is_returned_and_not_followed"
_PACKED = f"{_HTTP}::test_a_packing_we_cannot_open_is_refused"
_BOMB = f"{_HTTP}::test_a_gzip_bomb_stops_at_the_limit"
_PICTURE = "tests/client/test_pictures.py::test_what_is_not_a_picture_we_know_is_refused"
_CALLED = f"{_AUDIT}::test_of_a_package_with_holes_only_what_has_none_is_called"
# Advisories against packages we call, and the test that shows that our use does not reach the hole.
NOT_REACHED = {
    # requests: .netrc and proxies, `verify=False` that stays, a function for archives
    "CVE-2024-47081": _PROXY,
    "CVE-2023-32681": _PROXY,
    "CVE-2024-35195": _CALLED,
    "CVE-2026-25645": _CALLED,
    # urllib3: redirects it follows, proxies it uses, what it unpacks
    "CVE-2023-43804": _REDIRECT,
    "CVE-2023-45803": _REDIRECT,
    "CVE-2025-50181": _REDIRECT,
    "CVE-2024-37891": _PROXY,
    "CVE-2026-44431": _PROXY,
    "CVE-2025-66418": _PACKED,
    "CVE-2025-66471": _BOMB,
    "CVE-2026-21441": f"{_HTTP}::test_a_bomb_in_a_redirect_does_not_go_off",
    "CVE-2026-44432": _BOMB,
    # idna: long names
    "CVE-2024-3651": "tests/client/test_picture_urls.py::test_a_long_host_costs_no_time",
    # Pillow: formats we do not open (PSD, FITS, AREA), fonts, shapes, filters, PDF
    "CVE-2026-25990": _PICTURE,
    "CVE-2026-40192": _PICTURE,
    "CVE-2026-42311": _PICTURE,
    "CVE-2026-54058": _PICTURE,
    "CVE-2026-42308": _CALLED,
    "CVE-2026-42309": _CALLED,
    "CVE-2026-42310": _CALLED,
    "CVE-2026-59197": _CALLED,
    "CVE-2026-59200": _CALLED,
    # cryptography: names in certificates, buffers in pieces
    "CVE-2026-34073": _CALLED,
    "CVE-2026-39892": _CALLED,
    # lxml: parsers of XML
    "CVE-2026-41066": _CALLED,
}


class Verdict(NamedTuple):
    """What there is to read, and what of it fails the audit."""

    lines: list[str]
    complaints: list[str]


def canonical(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def packages(path):
    """Return the packages a list of requirements names."""
    names = re.findall(r"^([A-Za-z0-9][\w.-]*)", path.read_text(), re.MULTILINE)
    return {canonical(name) for name in names}


def called():
    """Return the packages that the code of the addon imports."""
    modules = set()
    for path in (path for folder in CODE for path in (ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                modules |= {name.name.partition(".")[0] for name in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                modules.add(node.module.partition(".")[0])
    own = {*sys.stdlib_module_names, "odoo"}
    return {canonical(PACKAGES.get(name, name)) for name in modules - own}


def has_test(where):
    """Return whether a test that is named as `file::function` is there."""
    path, _colons, name = where.partition("::")
    return (ROOT / path).is_file() and f"def {name}(" in (ROOT / path).read_text()


def judge(python, report, *, locked, pinned_by_odoo, called):
    """Judge the packages of one lock.

    :param dict report: what pip-audit wrote, or None when it wrote nothing
    :param set locked, pinned_by_odoo, called: names of packages
    """
    found = {
        canonical(each["name"]): each
        for each in (report or {}).get("dependencies", ())
        if "vulns" in each
    }
    lines, complaints = [], []
    if missing := sorted(locked - found.keys()):
        complaints.append(
            f"Python {python}: not checked: {len(missing)} of {len(locked)} packages"
            f" ({', '.join(missing[:5])}{' …' if len(missing) > 5 else ''})"
        )
    for name in sorted(found.keys() & locked):
        for hole in found[name]["vulns"]:
            names = {hole["id"], *hole.get("aliases", ())}
            known = next((each for each in sorted(names) if each in NOT_REACHED), None)
            told = next((each for each in sorted(names) if each.startswith("CVE")), hole["id"])
            fixed = ", ".join(hole.get("fix_versions") or ("nowhere yet",))
            line = f"Python {python}: {name} {found[name]['version']}: {told}, fixed in {fixed}"
            if name not in pinned_by_odoo:
                complaints.append(f"{line}: we add it")
            elif name not in called:
                lines.append(f"{line}: Odoo's pin, not called by us")
            elif not known:
                complaints.append(f"{line}: called by us, and no test shows that it is not reached")
            elif not has_test(NOT_REACHED[known]):
                complaints.append(f"{line}: there is no test {NOT_REACHED[known]}")
            else:
                lines.append(f"{line}: Odoo's pin, not reached: {NOT_REACHED[known]}")
    return Verdict(lines, complaints)


def read(path):
    """Return what pip-audit wrote, or None: nothing, or not all of it."""
    try:
        report = json.loads(path.read_text())
    except (OSError, ValueError):
        return None
    return report if isinstance(report, dict) else None


def main(folder):
    pinned, code = packages(ROOT / "dev" / "requirements.txt"), called()
    complaints = []
    for lock in sorted(LOCKS.glob("*/odoo.txt")):
        python = lock.parent.name
        report = read(Path(folder) / f"{python}.json")
        verdict = judge(python, report, locked=packages(lock), pinned_by_odoo=pinned, called=code)
        complaints += verdict.complaints
        print(*verdict.lines, sep="\n", end="\n" if verdict.lines else "")
    if complaints:
        print("\nThe audit failed:", *complaints, sep="\n")
        return 1
    print("\nNothing is known against what we add, and nothing that our use would reach.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
