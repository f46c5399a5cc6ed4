import functools
import logging
from concurrent.futures import ThreadPoolExecutor
from threading import Timer

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.base.models.ir_cron import CompletionStatus

from . import time_left

_logger = logging.getLogger(__name__)

# One thread for each process, started when it is first needed.
_waker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="inventory_source.waker")


class IrCron(models.Model):
    _inherit = "ir.cron"

    def _trigger_in_passing(self):
        """Trigger the action while a person waits: what Odoo's `_trigger` comes to."""
        self.ensure_one()
        now, uid = fields.Datetime.now(), self.env.uid
        # Raw SQL, as long as the table computes nothing: through the ORM this one row costs a sixth
        # of all that a confirmation may cost more. Odoo asks first whether the action is on; one
        # that is off does not run for its triggers either.
        self.env.cr.execute(
            SQL(
                "INSERT INTO ir_cron_trigger"
                " (cron_id, call_at, create_uid, create_date, write_uid, write_date)"
                " VALUES (%s, %s, %s, %s, %s, %s)",
                *(self.id, now, uid, now, uid, now),
            )
        )
        # Waking the scheduler opens a connection of its own, a third of the same. The trigger is
        # committed by then: should nobody be woken, it is found within a minute.
        self.env.cr.postcommit.add(functools.partial(_waker.submit, _wake, self._notifydb))

    def method_direct_trigger(self):
        """Run the job now, within the time of the request, and in no pass of the scheduler."""
        with time_left.by_hand():
            return super().method_direct_trigger()

    @classmethod
    def _process_job(cls, cron_cr, job):
        """Note when the time began to count that all jobs of one pass share."""
        with time_left.job(cron_cr):
            return super()._process_job(cron_cr, job)

    @api.model
    def _run_slice(self, work):
        """Run `work()`, a slice in transactions of its own that returns how much it did."""
        # The scheduler's transaction must not keep an old snapshot open meanwhile.
        self._commit_progress()
        if not time_left.for_a_request():
            self._run_anew()
            return
        # Never "remaining": ir.cron restarts a job at once that has some left (see `lane.py`).
        self._commit_progress(work(), remaining=0)

    @api.model
    def _update_failure_count(self, job, status):
        """Count failures of our actions as Odoo does, but never switch one off for them.

        What fails for a week (a worker killed each time, a module that raises) may be put right in
        the second; Odoo says only to its log that it gave up, and sales would wait for ever.
        """
        if status == CompletionStatus.FAILED and self.browse(job["id"])._is_inventory_source():
            # Odoo gives up by the date of the first failure; the count goes on.
            job = {**job, "first_failure_date": None}
        return super()._update_failure_count(job, status)

    def _is_inventory_source(self):
        """Return whether it is an action of this addon: it calls one of its models."""
        self.ensure_one()
        return (self.model_id.model or "").startswith("inventory.source.")

    def _run_anew(self):
        """Trigger the action that runs now once more, from the start of a worker's time."""
        self.browse(self.env.context["cron_id"])._trigger()
        self._commit_progress(0, remaining=0)

    def _wake_in(self, seconds):
        """Wake the scheduler in so many seconds, once the transaction is committed.

        By itself it looks about once a minute, whenever a trigger is due.
        """
        # Not a job for the waker: it would keep others waiting meanwhile.
        timer = Timer(seconds, _wake, [self._notifydb])
        timer.daemon = True
        return self.env.cr.postcommit.add(timer.start)


def _wake(notify):
    try:
        notify()
    except Exception:
        # Nobody asks how it went, and nothing is lost: the scheduler also looks by itself.
        _logger.warning("The scheduler could not be woken; it will look by itself.", exc_info=True)
