import time

from odoo import api, models

from ..catalog.lane import BATCH
from ..sync import time_left
from ..sync.lane import SLICE_SECONDS
from ..sync.transaction import transact


class StockWatch(models.AbstractModel):
    """Takes off sale what has only figures that grew too old, and puts it back.

    A figure ages without anybody writing it, also while a connection is lost and its lanes are
    off: so this is one scheduled action for all connections, and it calls nobody.
    """

    _name = "inventory.source.stock.watch"
    _description = "Inventory Source Stock Watch"

    @api.model
    def _cron_run(self):
        """Run one slice for the scheduler."""
        self.env["ir.cron"]._run_slice(self._run)

    @api.model
    def _run(self):
        """Judge until nothing is due or the slice is over; return how many were judged."""
        started, last, done = time.monotonic(), 0, 0
        while batch := transact(self.env, self._judge, last):
            last, done = batch[-1], done + len(batch)
            if time.monotonic() - started >= SLICE_SECONDS or not time_left.for_work():
                self._trigger()
                break
        return done

    @staticmethod
    def _judge(env, after):
        """Judge a batch of the products that have to leave or come; return what was judged."""
        offers = env["inventory.source.product"]._to_judge(after, BATCH)
        offers._each("update", type(offers)._update_for_sale)
        return offers.ids

    @api.model
    def _trigger(self):
        # sudo: scheduled actions belong to the system; whoever sets the limit may have it applied.
        self.env.ref("inventory_source.ir_cron_stock").sudo()._trigger()
