"""Transactions of our own, beside the one a person or the scheduler is in."""

from contextlib import contextmanager
from functools import partial

from odoo.service.model import retrying
from odoo.sql_db import Cursor


def transact(env, func, *args):
    """Run `func(env, *args)` in a new transaction, commit it, and return what it returned.

    Serialization failures and deadlocks are retried as Odoo retries a request (Odoo does not do it
    for scheduled actions). `func` must therefore never call the service.
    """
    with env.registry.cursor() as cr:
        own = env(cr=cr)
        return retrying(partial(func, own, *args), own)


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
