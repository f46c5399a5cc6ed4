"""How long the worker we are in may go on before Odoo ends it.

Odoo's master kills a process that has not come back from its work in time, and the work is begun
anew, and killed anew. So nothing is begun that may not end in time: what there is no time for asks
for a run of its own, which comes at once and has all the time there is.

Read in `odoo/service/server.py` (Odoo 19). With several processes, what is counted is the time
since the worker's last sign of life. It gives one before it goes to sleep and none between two
scheduled actions: those that are due run one after another, all within `limit_time_real_cron` (by
default `limit_time_real`, 120 s), of which a minute may have been slept away before the first
began. In a threaded server they share the time as well, but it begins with the first of them, and
when it is over the whole server is restarted. `limit_time_cpu` (60 s) is for the same unit.
"""

import os
import threading
import time
import weakref
from contextlib import contextmanager
from math import inf

import psutil

from odoo.http import request
from odoo.service.server import SLEEP_INTERVAL
from odoo.tools import config
from odoo.tools.misc import real_time

from ...client.api import DEADLINE

try:
    import resource
except ImportError:  # Windows, where Odoo sets no limit for the processor
    resource = None

# To take in what a request brought, and to apply what waits.
WORK_SECONDS = 15
# What a worker may have spent before our first sight of it, on top of sleeping: loading Odoo.
_LOADING_SECONDS = 10


class _Thread(threading.local):
    """What is known of the pass of the scheduler over its jobs that this thread is in.

    `cursor` a reference to the one that Odoo opens for a pass; `began` when its time began to
    count; `busy` whether a job of it runs; `left_at` when the last job ended; `by_hand` whether
    jobs are run by a person, and are in no pass.
    """

    cursor = None
    began = 0.0
    busy = False
    left_at = None
    by_hand = False


_thread = _Thread()


@contextmanager
def job(cron_cr):
    """Run a scheduled action within the pass that `cron_cr` was opened for."""
    if _thread.by_hand:
        yield
        return
    if _thread.cursor is None or _thread.cursor() is not cron_cr:
        _thread.cursor = weakref.ref(cron_cr)
        _thread.began = time.monotonic() - _slept()
    _thread.busy = True
    try:
        yield
    finally:
        _thread.busy = False
        _thread.left_at = time.monotonic()


@contextmanager
def by_hand():
    """Run a scheduled action by hand: whatever limits whoever does limits it."""
    before, _thread.by_hand = _thread.by_hand, True
    try:
        yield
    finally:
        _thread.by_hand = before


def _slept():
    """Return how long ago this worker may have given its last sign of life."""
    if not config["workers"]:
        return 0.0
    sleep = SLEEP_INTERVAL + os.getpid() % 10
    if _thread.left_at is not None:
        return min(sleep, time.monotonic() - _thread.left_at)
    age = time.time() - psutil.Process().create_time()
    return min(sleep + _LOADING_SECONDS, age)


def _limit():
    """Return the seconds a unit of work may take, here: a request, or a pass; else no limit."""
    real = config["limit_time_real"] or inf
    if request:
        return real
    if not _thread.busy:
        return inf
    cron = config["limit_time_real_cron"]
    # 0: no limit; -1, the default: as for requests.
    return real if cron < 0 else cron or inf


def seconds_left():
    """Return how long this unit of work may go on."""
    if request:
        began = getattr(threading.current_thread(), "perf_t0", None)
        return _limit() - (real_time() - began if began else 0.0)
    return _limit() - (time.monotonic() - _thread.began)


def processor_left():
    """Return the seconds of the processor this unit of work may still use."""
    if not resource or not config["workers"]:
        return inf
    limit, _hard = resource.getrlimit(resource.RLIMIT_CPU)
    if limit == resource.RLIM_INFINITY:
        return inf
    used = resource.getrusage(resource.RUSAGE_SELF)
    return limit - used.ru_utime - used.ru_stime


def request_seconds():
    """Return how long one request to the service may take: less where Odoo's limit is tight."""
    return min(DEADLINE, _limit() / 2 * DEADLINE / (DEADLINE + WORK_SECONDS))


def for_a_request():
    """Return whether there is time for one more request and for what it brings.

    A unit that has just begun always has it.
    """
    return for_work() and seconds_left() >= min(DEADLINE + WORK_SECONDS, _limit() / 2)


def for_work():
    """Return whether there is time for one more step that asks nobody."""
    if seconds_left() < min(WORK_SECONDS, _limit() / 8):
        return False
    processor = processor_left()
    return processor == inf or processor >= min(WORK_SECONDS, config["limit_time_cpu"] / 4)
