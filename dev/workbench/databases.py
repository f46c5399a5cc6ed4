"""Databases copied from the base one, which has Odoo's own apps installed and not ours."""

import contextlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import psycopg2

from . import places


def create(name: str, template: str = places.BASE_DATABASE) -> None:
    """Make the database anew as a copy of the template, which nobody may be connected to."""
    drop(name)
    subprocess.run(["createdb", "-T", template, name], check=True)


def drop(name: str) -> None:
    # As dev/lib.sh does; a word about what was not there is no news.
    quiet = {**os.environ, "PGOPTIONS": "-c client_min_messages=warning"}
    command = ["dropdb", "-U", "postgres", "--if-exists", "--force", name]
    subprocess.run(command, check=True, env=quiet)
    shutil.rmtree(places.WORK / "data" / "filestore" / name, ignore_errors=True)


@contextlib.contextmanager
def temporary(purpose: str, template: str = places.BASE_DATABASE) -> Iterator[str]:
    """Yield the name of a fresh copy of the template; it is gone afterwards."""
    name = places.database_name(purpose)
    create(name, template)
    try:
        yield name
    finally:
        drop(name)


def run_odoo(*arguments: str, log: Path | None = None, stdin: str | None = None) -> str:
    """Run Odoo to its end and return what it printed on stdout.

    :raise RuntimeError: it did not end with 0; carries the end of its log
    """
    command = list(arguments[:1]) if not arguments[0].startswith("-") else []
    rest = arguments[len(command) :]
    logging = ["--logfile", str(log)] if log else []
    done = _run(*command, "-c", places.ODOO_CONF, *logging, *rest, stdin=stdin)
    if done.returncode:
        said = log.read_text() if log and log.exists() else done.stderr
        raise _failure(arguments, done.returncode, said)
    return done.stdout


# How the documents have an administrator run Odoo.
_TYPED = "runuser -u odoo -- odoo "


def run_documented(
    document: str, command: str, name: str, configuration: str = places.ODOO_CONF
) -> str:
    """Run the one command of that kind that a document shows in a block; return what it said.

    :param command: its first words, e.g. `module uninstall`
    :param configuration: what stands for the server's own
    :raise RuntimeError: it did not end with 0; carries the end of what it said
    """
    text = (places.CHECKOUT / document).read_text()
    (typed,) = re.findall(rf"^ +{_TYPED}({command} .*)$", text, re.MULTILINE)
    here = {"/etc/odoo/odoo.conf": configuration, "DATABASE": name, "NAME": name}
    arguments = [here.get(word, word) for word in typed.split()]
    done = _run(*arguments)
    if done.returncode:
        raise _failure(arguments, done.returncode, done.stderr)
    return done.stderr


def _run(*arguments: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, places.ODOO_BIN, *arguments],
        check=False,
        capture_output=True,
        text=True,
        input=stdin,
    )


def _failure(arguments: Sequence[str], status: int, said: str) -> RuntimeError:
    return RuntimeError(f"odoo {' '.join(arguments)} ended with {status}:\n{said[-3000:]}")


# Odoo loads the demo data of a module where all it depends on have theirs.
_WITH_DEMO = "UPDATE ir_module_module SET demo = TRUE WHERE state = 'installed'"


def install(name: str, log: Path, *others: str, update: bool = False, demo: bool = False) -> None:
    """Install the addon in the database (with other modules, with its demo data), or update it."""
    if demo:
        execute(name, _WITH_DEMO)
    mode, modules = "-u" if update else "-i", ",".join(("inventory_source", *others))
    run_odoo("-d", name, mode, modules, "--stop-after-init", "--no-http", log=log)


def shell(name: str, script: str) -> str:
    """Run a script in Odoo's shell (`env` is there; commit yourself) and return what it printed."""
    return run_odoo("shell", "-d", name, "--no-http", "--log-level=error", stdin=script)


def query(name: str, sql: str, parameters: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the rows of a query, for judging from outside of Odoo."""
    with contextlib.closing(psycopg2.connect(dbname=name)) as connection, connection.cursor() as cr:
        cr.execute(sql, parameters or None)
        return cr.fetchall()


def execute(name: str, sql: str) -> None:
    """Run statements that give no rows, e.g. to move dates, past Odoo; committed at once."""
    with contextlib.closing(psycopg2.connect(dbname=name)) as connection:
        connection.autocommit = True
        connection.cursor().execute(sql)
