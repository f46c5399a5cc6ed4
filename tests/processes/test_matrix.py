"""`make matrix` is by hand; what it writes down is tried here, with folders that are no Debian."""

import gzip
import os
import re
import subprocess

import pytest

from workbench.places import CHECKOUT

CLONES = {"debian12": "srv/addons/inventory_source", "debian13-pins": "srv/checkout"}
# Run a row where nothing is installed and no test is run.
RUN_ROW = """
. "$SCRIPT"
CHECKOUT="$PWD/checkout" RECORD="$PWD/rows.txt" ODOO_PREFIX="$PWD/odoo" LOGS="$PWD/logs"
FOLDERS="$PWD/matrix"
step() { shift; "$@"; }
add_packages() { return $FAILS; }
add_developers_packages() { return $FAILS; }
inside() {
    case "$2" in
        dpkg-query) echo 17.12-0+deb13u1 ;;
        python3) echo Python 3.13.5 ;;
        *) git -C "$CHECKOUT" commit --quiet --allow-empty --message "While it was tested" ;;
    esac
}
run_row "$ROW"
"""


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """Return a folder with a checkout, Odoo's package, and what the last run of each row left."""
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "Ada")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "ada@example.com")
    checkout = tmp_path / "checkout"
    commit(checkout, '{\n    "version": "19.0.7.0.0",\n}\n')
    changes = tmp_path / "odoo/usr/share/doc/odoo-19/changelog.Debian.gz"
    changes.parent.mkdir(parents=True)
    with gzip.open(changes, "wt") as file:
        file.write("odoo (19.0.0+dfsg-1) unstable; urgency=medium\n")
    (tmp_path / "logs").mkdir()
    said = "  odoo          passed    300.1 s  7 passed in 290.12s\n"
    (tmp_path / "logs/set-up-and-test-in-trixie.log").write_text(said)
    for row, clone in CLONES.items():
        debian = tmp_path / "matrix" / row.removesuffix("-pins")
        for folder in ("etc", "usr/bin", "var/lib/odoo"):
            (debian / folder).mkdir(parents=True)
        (debian / "etc/debian_version").write_text("13.8\n")
        (debian / "usr/bin/odoo").touch(0o755)
        said = "INFO: 0 failed, 0 error(s) of 7 tests when loading database\n"
        (debian / "var/lib/odoo/test.log").write_text(said)
        commit(debian / clone, '{\n    "version": "19.0.6.0.0",\n}\n')
    (tmp_path / "rows.txt").write_text("".join(f"| `{row}` | before |\n" for row in CLONES))
    return tmp_path


def git(folder, *command):
    done = subprocess.run(("git", *command), cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def commit(folder, manifest):
    """Make a repository with a commit."""
    folder.mkdir(parents=True)
    (folder / "__manifest__.py").write_text(manifest)
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "All of it")


def written(machine, row, fails=0):
    """Run a row; return what it wrote over its last result, by the columns of the document."""
    subprocess.run(
        ["bash", "-c", RUN_ROW],
        cwd=machine,
        env={**os.environ, "SCRIPT": f"{CHECKOUT}/dev/matrix", "ROW": row, "FAILS": str(fails)},
        check=True,
        stdout=subprocess.DEVNULL,
    )
    lines = (machine / "rows.txt").read_text().splitlines()
    others = [line for line in lines if f"`{row}`" not in line]
    assert others == [f"| `{each}` | before |" for each in CLONES if each != row]
    (line,) = set(lines) - set(others)
    document = (CHECKOUT / "docs/installations.md").read_text()
    [columns] = re.findall(r"^\| row \|.*$", document, re.MULTILINE)
    return dict(zip(cells(columns), cells(line), strict=True))


def cells(row):
    return [cell.strip() for cell in row.strip("|").split("|")]


@pytest.mark.parametrize("row", CLONES)
def test_a_row_says_which_commit_was_tested_whatever_was_committed_meanwhile(row, machine):
    tested = git(machine / "checkout", "rev-parse", "HEAD")
    found = written(machine, row)
    assert git(machine / "checkout", "rev-parse", "HEAD") != tested
    assert len(found["commit"]) >= 10 and tested.startswith(found["commit"])
    assert found["addon"] == "19.0.7.0.0"
    assert (found["Debian"], found["PostgreSQL"]) == ("13.8", "17.12")
    assert found["Odoo"] == "19.0.0+dfsg-1"


@pytest.mark.parametrize("row", CLONES)
def test_a_row_that_ended_before_its_tests_says_nothing_of_the_time_before(row, machine):
    found = written(machine, row, fails=1)
    assert (found["commit"], found["addon"], found["result"]) == ("-", "-", "FAILED: not tested")
