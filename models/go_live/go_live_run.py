import logging
import time

from odoo import api, fields, models

from ..sync import time_left
from ..sync.lane import SLICE_SECONDS, tell
from ..sync.transaction import halve, transact
from .go_live import CERTAIN

# Half a second of work: what waits for the rows of one batch waits no longer.
BATCH = 200

_logger = logging.getLogger(__name__)


class GoLive(models.Model):
    """Re-links the products in batches, each committed: what ends it, the next run goes on.

    Which products are left is asked of the database. Nothing here calls the service.
    """

    _inherit = "inventory.source.go.live"

    def _start(self, work):
        self.write({"work": work, "failure": False})
        self.env["inventory.source.work"]._wait_for(self.production_id, "go_live")
        # sudo: scheduled actions belong to the system; who may start it was checked.
        self.env.ref("inventory_source.ir_cron_go_live").sudo()._trigger()

    @api.model
    def _cron_run(self):
        """Run one slice for the scheduler."""
        self.env["ir.cron"]._run_slice(self._run)

    @api.model
    def _run(self):
        """Work until nothing is left or the slice is over; return how many products were done."""
        started, done = time.monotonic(), 0
        for go_live_id, connection_id, production_id in transact(self.env, _working):
            connection, production = self.connection_id.browse([connection_id, production_id])
            try:
                while count := connection._transact(_step, go_live_id):
                    done += count
                    tell(production, "go_live")
                    if time.monotonic() - started >= SLICE_SECONDS or not time_left.for_work():
                        self.env.ref("inventory_source.ir_cron_go_live").sudo()._trigger()
                        return done
            except Exception as error:
                # The others go on; the next regular run tries this one again.
                _logger.exception("Going live of connection %s", connection_id)
                connection._transact(_note_failure, go_live_id, str(error))
            tell(production, "go_live")
        return done

    # --- one step: a batch, or what is done when none is left; in a transaction of its own ---

    def _work_batch(self):
        """Work on a batch; return how many products it had, 0 when all is done."""
        lines = self.env["inventory.source.go.live.product"]
        switching = self.work == "switch"
        if self.failure:
            self.failure = False  # unless it fails again, which takes this back
        if switching:
            # Said anew in the meantime, or not there yet when the connection was made.
            self._copy_suppliers()
        own = [("go_live_id", "=", self.id), ("state", "=", "planned" if switching else "done")]
        batch = lines.search([*own, ("how", "in", CERTAIN)], order="id", limit=BATCH)
        if not batch:
            self._finish_switch() if switching else self._finish_undo()
            return 0
        work = type(lines)._switch if switching else type(lines)._take_back
        halve(self.env, batch, work, type(lines)._note_refused)
        self.production_id._trigger_lane("catalog")
        return len(batch)

    def _finish_switch(self):
        """Map what came since, put the sandbox away, and let production import by itself.

        Once: what is said after that stays, when the rest is re-linked.
        """
        left = self.connection_id.catalog_ids.browse()
        if not self.done_at:
            self._copy_maps()
            self.connection_id.active = False
            left = self._copy_catalogs()
        self._settle_wanted(self.connection_id)
        self.write({"work": False, "done_at": self.done_at or fields.Datetime.now()})
        self._report(left)

    def _finish_undo(self):
        """Leave production put away, as it was made."""
        self._reset_catalogs()
        self.connection_id._trigger_lane("catalog")
        self._settle_wanted(self.production_id)
        self.write({"work": False, "done_at": False, "matched_at": False})
        self.connection_id.message_post(
            body=self.env._("Going live was undone: the products are those of the sandbox again.")
        )

    def _settle_wanted(self, connection):
        """Ask nobody any more to look after documents whose products are delivered again."""
        watch = self.env["inventory.source.stock.watch"]
        watch._forget_wanted(connection)
        if self.work == "switch" and self._wanted_in_vain():
            watch._report_wanted(connection)

    def _wanted_in_vain(self):
        """Return whether a quotation has a product that production does not offer."""
        lines = self._lines("missing_count")
        # sudo: quotations of every colleague.
        return bool(
            self.env["sale.order.line"]
            .sudo()
            .search_count(
                [
                    ("product_id", "in", lines.product_id.ids),
                    ("state", "in", ("draft", "sent")),
                    ("company_id", "=", self.company_id.id),
                ],
                limit=1,
            )
        )

    def _report(self, catalogs_left):
        """Say in the chatter what was done, and ask for what is left."""
        production = self.production_id
        production.message_post(
            body=self.env._(
                "Live: %(done)s products of %(sandbox)s are bought over %(production)s now. "
                "%(missing)s are not offered in production and have no supplier.",
                done=self._count("done_count"),
                sandbox=self.connection_id.name,
                production=production.name,
                missing=self._count("missing_count"),
            )
        )
        own = production.with_context(lang=production._responsible("catalog").lang)
        notes = []
        if refused := self._count("refused_count"):
            notes.append(
                own.env._(
                    "%(count)s products could not be re-linked; the reasons stand on Go Live of "
                    "%(name)s.",
                    count=refused,
                    name=self.connection_id.name,
                )
            )
        if catalogs_left:
            notes.append(
                own.env._(
                    "Say in production what of these catalogs is imported, they were not found "
                    "there or their conditions cannot be used: %(names)s.",
                    names=", ".join(catalogs_left.mapped("name")),
                )
            )
        if notes:
            production._raise_activity(
                own.env._("Look after what did not go live"),
                " ".join(notes),
                production._responsible("catalog"),
            )


def _working(env):
    going = env["inventory.source.go.live"].search([("work", "!=", False)])
    return [(each.id, each.connection_id.id, each.production_id.id) for each in going]


def _step(connection, go_live_id):
    # Of two runs at a time one works; the other leaves it to that one.
    go_live = connection.env["inventory.source.go.live"].browse(go_live_id).try_lock_for_update()
    # No language: what is written on products is what the supplier says.
    return go_live.with_context(lang=None)._work_batch() if go_live.work else 0


def _note_failure(connection, go_live_id, reason):
    go_live = connection.env["inventory.source.go.live"].browse(go_live_id)
    go_live.failure = reason
    reader = connection.with_context(lang=connection._responsible("technical").lang)
    connection._raise_activity(
        reader.env._("Going live of %(name)s stopped", name=connection.name),
        reader.env._(
            "%(reason)s Nothing is lost: it is tried again every ten minutes and goes on where it "
            "stopped.",
            reason=reason,
        ),
        connection._responsible("technical"),
    )
