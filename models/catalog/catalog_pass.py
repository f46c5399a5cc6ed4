from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..sync.record_mixin import WARNING

# More than this share of a catalogue missing at once is taken for a fault of the service.
MISSING_SHARE = 0.2


class Pass(models.AbstractModel):
    """A pass over a catalogue: page by page from `checkpoint` to the end, then what was not met.

    What was met is kept per page (`inventory.source.page`) until the next pass begins.
    """

    _name = "inventory.source.pass"
    _description = "Inventory Source Pass"

    refresh_hours = fields.Float(
        "Refresh Every (Hours)",
        default=4.0,
        help="Hours from the beginning of one pass to the beginning of the next.",
    )
    next_pass_at = fields.Datetime("Next Pass", default=fields.Datetime.now, copy=False)
    pass_started_at = fields.Datetime("Last Pass", readonly=True, copy=False)
    confirmed_at = fields.Datetime(
        readonly=True, copy=False, help="The beginning of the last pass that came to its end."
    )
    pass_state = fields.Selection(
        [
            ("unread", "Not read yet"),
            ("running", "Reading"),
            ("held", "Held"),
            ("idle", "Read"),
        ],
        string="State",
        default="unread",
        required=True,
        readonly=True,
        copy=False,
        help="Held: much of the catalogue was missing in the last pass and somebody has to decide.",
    )
    checkpoint = fields.Char(
        readonly=True, copy=False, help="The last product read; reading goes on after it."
    )
    run_id = fields.Many2one("inventory.source.run", "Last Run", readonly=True, copy=False)
    missing_count = fields.Integer(
        "Missing", readonly=True, copy=False, help="Products the held pass did not meet."
    )

    _refresh_positive = models.Constraint(
        "CHECK(refresh_hours > 0)", "The hours between two passes have to be more than zero."
    )

    def _due(self, connection):
        """Return the catalogue to read from now, or none: one that runs, else the longest due.

        Those that fail (`catalog_failing.py`) come after all others, so that they hold none up.
        """
        domain = [("connection_id", "=", connection.id)]
        working, now = [*domain, ("failing_since", "=", False)], fields.Datetime.now()
        # Only what a page needs to know, and not the whole record: it is asked before each.
        running = self.search_fetch(
            [*working, ("pass_state", "=", "running")],
            ["pass_state", "external_id", "checkpoint"],
            limit=1,
        )
        return (
            running
            or self.search([*working, ("next_pass_at", "<=", now)], order="next_pass_at", limit=1)
            or self.search([*domain, ("next_try_at", "<=", now)], order="next_try_at", limit=1)
        )

    def _seconds_to_next_pass(self, connection):
        """Return the seconds until the next catalogue is due; None when there is none."""
        catalogs = self.search([("connection_id", "=", connection.id)])
        moments = [
            moment
            for catalog in catalogs
            if (moment := catalog.next_try_at or catalog.next_pass_at)
        ]
        if not moments:
            return None
        return max(0.0, (min(moments) - fields.Datetime.now()).total_seconds())

    def _begin_pass(self):
        """Start a pass; the next is due one interval after this beginning, however long it takes.

        So the passes of several catalogues, which run one after another, stay spread.
        """
        self.ensure_one()
        # The database's clock, which the acceptance of orders goes by too (`stock_taken.py`).
        now = self.env.cr.now()
        self.page_ids.unlink()
        self.write(
            {
                "pass_state": "running",
                "pass_started_at": now,
                "next_pass_at": now + timedelta(hours=self.refresh_hours),
                "checkpoint": "",
                "run_id": self.env["inventory.source.run"]
                .create(
                    {
                        "connection_id": self.connection_id.id,
                        "lane": "catalogue",
                        "message": self.name,
                    }
                )
                .id,
            }
        )

    def _count_in_run(self, counts):
        """Add what was done to the figures of the pass; `counts` by field of the run."""
        self.ensure_one()
        if run := self.run_id:
            run.flush_recordset(counts)
            added = (
                SQL("%s = coalesce(%s, 0) + %s", SQL.identifier(name), SQL.identifier(name), count)
                for name, count in counts.items()
            )
            # Raw SQL, for each page: added where it stands, without reading the run; and seconds
            # are not rounded page by page.
            self.env.cr.execute(
                SQL(
                    "UPDATE inventory_source_run SET %s WHERE id = %s",
                    SQL(", ").join(added),
                    run.id,
                )
            )
            run.invalidate_recordset(counts, flush=False)

    def _end_pass(self):
        """Discontinue what a complete pass did not meet, or hold when that is too much."""
        self.ensure_one()
        missing = self._missing()
        live = self.env["inventory.source.product"].search_count(
            [("catalog_id", "=", self.id), ("discontinued_at", "=", False)]
        )
        held = len(missing) > live * MISSING_SHARE
        self.write(
            {
                "pass_state": "held" if held else "idle",
                "checkpoint": False,
                "confirmed_at": self.pass_started_at,
                "missing_count": len(missing) if held else 0,
            }
        )
        run_values = {"state": "done", "finished_at": fields.Datetime.now()}
        self.activity_unlink([WARNING])
        self._resolve_problems()
        if held:
            missing.doubtful = True
            reason = self.env._(
                "%(missing)s of %(live)s products of %(name)s were not in the last pass. Nothing "
                "was changed: say whether they are really gone.",
                missing=len(missing),
                live=live,
                name=self.name,
            )
            run_values |= {"state": "held", "message": reason}
            self._note_problem("missing", reason)
            self._raise_activity(
                self.env._("Much of the catalogue is missing"),
                reason,
                self.connection_id.user_id or self.env.user,
            )
        else:
            missing._discontinue()
        self._judge_pages()
        self.env["inventory.source.category"]._refresh(self.connection_id)
        self.run_id.write(run_values)
        shelf = self.env["inventory.source.product"]
        shelf._retry_withdrawal(self)
        shelf._look_again(self)
        if self.connection_id.stock_fresh_hours:
            # What did not change is fresh again.
            self.env["inventory.source.stock.watch"]._trigger()

    def _missing(self):
        """Return the live products of the shelf that the last pass has not met."""
        met = {shelf_id for page in self.page_ids for shelf_id in page.shelf_ids}
        live = self.env["inventory.source.product"].search(
            [
                ("catalog_id", "=", self.id),
                ("discontinued_at", "=", False),
                # What was read on its own since then is there all the same.
                ("told_at", "<=", self.pass_started_at),
            ]
        )
        return live.filtered(lambda shelf: shelf.id not in met)

    def action_accept_missing(self):
        """Take what the held pass did not meet as discontinued."""
        self._answer_held()
        for catalog in self:
            # sudo: the shelf is written by us only; who may answer was checked.
            catalog.sudo()._missing()._discontinue()
            catalog._close_held()

    def action_keep_missing(self):
        """Leave everything as it is; the next pass looks again."""
        self._answer_held()
        for catalog in self:
            catalog._close_held()

    def _answer_held(self):
        self.check_access("write")
        if any(catalog.pass_state != "held" for catalog in self):
            raise UserError(self.env._("This catalogue is not held any more."))

    def _close_held(self):
        # sudo: where a pass stands is written by us only; who may answer was checked.
        self.sudo().write({"pass_state": "idle", "missing_count": 0})
        self._resolve_problems()
        # sudo: runs are written by the lanes only; the answer closes this one.
        self.run_id.sudo().filtered(lambda run: run.state == "held").state = "done"
        self.activity_unlink([WARNING])

    def action_refresh_now(self):
        """Make the catalogue due and start its lane."""
        self.check_access("write")
        self.connection_id._refuse_blocked("catalogue")
        failing = self.filtered("failing_since")
        failing._try_now()
        (self - failing).next_pass_at = fields.Datetime.now()
        for connection in self.connection_id:
            connection._trigger_lane("catalogue")
        return self.connection_id[:1]._notify(
            self.env._("It is read now; what is found comes to the shelf page by page.")
        )
