"""Transactions of our own, beside the one a person or the scheduler is in."""

from contextlib import contextmanager
from functools import partial

import psycopg2

from odoo.models import BaseModel
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY, retrying
from odoo.sql_db import Cursor


def transact(env, func, *args):
    """Run `func(env, *args)` in a new transaction, commit it, and return what it returned.

    Serialization failures and deadlocks are retried as Odoo retries a request (Odoo does not do it
    for scheduled actions). `func` must therefore never call the service.

    :raise TypeError: `func` or an argument brings a record of the caller's environment along
    """
    for value in (func, *args):
        _refuse_records(value)
    with env.registry.cursor() as cr:
        own = env(cr=cr)
        return retrying(partial(func, own, *args), own)


def _refuse_records(value):
    """Refuse what would work in the caller's transaction, uncommitted and with an old snapshot."""
    while isinstance(value, partial):
        value = value.func
    cells = getattr(value, "__closure__", None) or ()
    for brought in (value, getattr(value, "__self__", None), *(c.cell_contents for c in cells)):
        if isinstance(brought, BaseModel):
            raise TypeError(
                f"{value!r} brings {brought!r} of another transaction along: pass a function of "
                "the environment or the connection it is given, and ids."
            )


@contextmanager
def read_committed(env):
    """Yield a cursor of its own at READ COMMITTED; committed when the block ends well.

    For the rows all workers queue up at (tokens, throttle): under Odoo's REPEATABLE READ whoever
    waited for such a row fails to serialize instead of seeing its newest version.
    """
    with env.registry.cursor() as cr:
        # Odoo's test cursor shares one transaction, whose level can no longer change.
        if isinstance(cr, Cursor):
            cr.execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
        yield cr


# By the class of PostgreSQL's code: connection, transaction rolled back, out of resources, in use,
# ended by an operator, the system. Others of psycopg2's "operational" errors concern a record, as
# class 54 does, where a text is too long for an index.
_PASSING_CLASSES = ("", "08", "40", "53", "55", "57", "58")


def is_passing(error):
    """Return whether a failure says nothing about the records: others' work, or the database."""
    if isinstance(error, (*PG_CONCURRENCY_EXCEPTIONS_TO_RETRY, psycopg2.InterfaceError)):
        return True
    return isinstance(error, psycopg2.OperationalError) and (
        (error.pgcode or "")[:2] in _PASSING_CLASSES
    )


def halve(env, items, work, refuse):
    """Run `work(items)`; where it fails, on halves of them, down to the one that makes it fail.

    The only way batches are worked off: whatever one record meets, it stops none of the others.

    :param items: records, or a list
    :param refuse: called with the one (as records, or a list, of length 1) and the error; what
        `work` wrote for it is rolled back
    :return: what `work` returned, of each part that went well
    :raise Exception: what says nothing about the items (`is_passing`)
    """
    if not items:
        return []
    try:
        with env.cr.savepoint():
            return [work(items)]
    except Exception as error:
        if is_passing(error):
            raise
        if len(items) == 1:
            refuse(items, error)
            return []
    # A savepoint rolled back, the cache with it.
    half = len(items) // 2
    return [
        *halve(env, items[:half], work, refuse),
        *halve(env, items[half:], work, refuse),
    ]
