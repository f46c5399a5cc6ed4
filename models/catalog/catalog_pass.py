from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_datetime

from ...client.errors import (
    ApiError,
    ClientRefused,
    Conflict,
    GrantRefused,
    Invalid,
    NotFound,
    NotSent,
    ProtocolError,
    RateLimited,
    Throttled,
    Unauthorized,
)
from ..sync.record_mixin import WARNING

# More than this share of a catalog missing at once is taken for a fault of the service.
MISSING_SHARE = 0.2

ACTIVITY = "mail.mail_activity_data_todo"
# What has failed for so long is reported to a person.
REPORT_AFTER = timedelta(days=1)
LONGEST_WAIT = 24  # hours

# Whose a failure is. These say nothing about the catalog that was asked for: no request or no
# way to the service, or an account that is lost. The lane stops, as for any call.
_CONNECTIONS = (Throttled, RateLimited, NotSent, Unauthorized, GrantRefused, ClientRefused)
# A missing or broken page is the catalog's own: it waits longer each time, and the others are
# read meanwhile. So is an unforeseen failure with a page.
_CATALOGS = (NotFound, Invalid, Conflict, ProtocolError)
_PAYMENT_REQUIRED = 402

# All others (403, 5xx, no answer, 3xx, 402) may be either's: the connection's until another
# catalog was read since it began. Then the service works, and it is the catalog's own.


def concerns_catalog(error):
    """Return whether a failure may be the affair of the catalog that was asked for."""
    return not isinstance(error, _CONNECTIONS)


def _is_certainly_own(error):
    if isinstance(error, ApiError):
        return isinstance(error, _CATALOGS) and error.status != _PAYMENT_REQUIRED
    return True


class Catalog(models.Model):
    """A pass over a catalog: page by page to the end, then what was not met; and its failures.

    What was met is kept per page (`inventory.source.page`) until the next pass begins.
    """

    _inherit = "inventory.source.catalog"

    refresh_hours = fields.Float(
        "Update every (hours)",
        default=4.0,
        help="Hours from the start of one update to the start of the next.",
    )
    next_pass_at = fields.Datetime("Next update", default=fields.Datetime.now, copy=False)
    pass_started_at = fields.Datetime("Last update", readonly=True, copy=False)
    confirmed_at = fields.Datetime(
        readonly=True, copy=False, help="When the last complete update started."
    )
    pass_state = fields.Selection(
        [
            ("unread", "Not downloaded yet"),
            ("running", "Updating"),
            ("held", "Held"),
            ("partial", "Updated in part"),
            ("idle", "Downloaded"),
        ],
        string="State",
        default="unread",
        required=True,
        readonly=True,
        copy=False,
        help="Held: much of the catalog was missing from the last update and you have to decide. "
        "Updated in part: the service did not say where to continue, so nothing counts as "
        "missing.",
    )
    checkpoint = fields.Char(
        readonly=True, copy=False, help="The last product received; the update continues after it."
    )
    pass_way = fields.Char(
        "Update Method",
        readonly=True,
        copy=False,
        help="How the pages of the last update are asked for.",
    )
    run_id = fields.Many2one("inventory.source.run", "Last Sync", readonly=True, copy=False)
    run_message = fields.Char(related="run_id.message")
    missing_count = fields.Integer(
        "Missing",
        readonly=True,
        copy=False,
        help="Products that were missing from the held update.",
    )

    _refresh_positive = models.Constraint(
        # Not a number is more than any number, for PostgreSQL.
        "CHECK(refresh_hours > 0 AND refresh_hours <= 8760)",
        "The hours between two updates have to be more than zero, and at most 8760 (a year).",
    )

    failing_since = fields.Datetime(
        "Cannot be updated since", readonly=True, copy=False, help="Empty while it can be updated."
    )
    failure = fields.Char("Why", readonly=True, copy=False)
    next_try_at = fields.Datetime("Next Try", readonly=True, copy=False)

    def _due(self, connection):
        """Return the catalog to read from now, or none: one that runs, else the longest due.

        Those that fail (`_failed`) come after all others, so that they hold none up.
        """
        domain = [("connection_id", "=", connection.id)]
        working, now = [*domain, ("failing_since", "=", False)], fields.Datetime.now()
        # Only what a page needs to know, and not the whole record: it is asked before each.
        running = self.search_fetch(
            [*working, ("pass_state", "=", "running")],
            ["pass_state", "external_id", "checkpoint", "pass_way"],
            limit=1,
        )
        return (
            running
            or self.search([*working, ("next_pass_at", "<=", now)], order="next_pass_at", limit=1)
            or self.search([*domain, ("next_try_at", "<=", now)], order="next_try_at", limit=1)
        )

    def _seconds_to_next_pass(self, connection):
        """Return the seconds until the next catalog is due; None when there is none."""
        moments = self.search([("connection_id", "=", connection.id)])._planned()
        if not moments:
            return None
        return max(0.0, (min(moments) - fields.Datetime.now()).total_seconds())

    def _planned(self):
        """Return when each of these is to be read next, of those that are."""
        moments = (catalog.next_try_at or catalog.next_pass_at for catalog in self)
        return [moment for moment in moments if moment]

    def _begin_pass(self):
        """Start a pass; the next is due one interval after this beginning, however long it takes.

        So the passes of several catalogs, which run one after another, stay spread.
        """
        self.ensure_one()
        # The database's clock, which the acceptance of orders goes by too (`_reserved_pieces`).
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
                        "lane": "catalog",
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

    def _end_pass(self, lost=""):
        """End a pass: what it did not meet is discontinued, or held when that is too much.

        :param str lost: why more may follow; then what it did not meet is there all the same
        """
        self.ensure_one()
        run_values = self._end_in_part(lost) if lost else self._end_complete()
        self._judge_pages()
        self.env["inventory.source.category"]._refresh(self.connection_id)
        self.run_id.write({**run_values, "finished_at": fields.Datetime.now()})
        Offer = self.env["inventory.source.product"]
        Offer._retry_withdrawal(self)
        Offer._recheck_warnings(self)
        if self.connection_id.stock_fresh_hours:
            # What did not change is fresh again.
            self.env["inventory.source.stock.watch"]._trigger()

    def _end_complete(self):
        """Discontinue what a complete pass did not meet, or hold; return values of its run."""
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
        self.activity_unlink([WARNING])
        self._resolve_problems()
        if not held:
            missing._discontinue()
            return {"state": "done"}
        missing.unconfirmed = True
        reason = self.env._(
            "%(missing)s of %(live)s products of %(name)s were missing from the last update. "
            "Nothing was changed: say whether they are really gone.",
            missing=len(missing),
            live=live,
            name=self.name,
        )
        self._note_problem("missing", reason)
        self._raise_activity(
            self.env._("Much of the catalog is missing"),
            reason,
            self.connection_id._responsible("catalog") or self.env.user,
        )
        return {"state": "held", "message": reason}

    def _end_in_part(self, lost):
        """Conclude nothing from what was not met, and say why, once; return values of the run."""
        if self.missing_count:
            # What an earlier pass asked about cannot be told from what this one did not come to.
            self.activity_unlink([WARNING])
            self._resolve_problems(("missing",))
        self.write({"pass_state": "partial", "checkpoint": False, "missing_count": 0})
        reason = self.env._(
            "%(name)s was not updated to its end: %(reason)s What came counts, and nothing is "
            "discontinued. Check how the API field mapping pages products.",
            name=self.name,
            reason=lost,
        )
        since = [("last_seen", ">=", self.confirmed_at)] if self.confirmed_at else []
        is_known = self.env["inventory.source.problem"].search_count(
            [
                ("connection_id", "=", self.connection_id.id),
                ("kind", "=", "catalog"),
                ("reference", "=", self.external_id),
                ("code", "=", "part"),
                *since,
            ],
            limit=1,
        )
        self._note_problem("part", reason)
        if not is_known:
            self._raise_activity(
                self.env._("%(name)s was updated in part only", name=self.name),
                reason,
                self.connection_id._responsible("technical") or self.env.user,
            )
        return {"state": "failed", "message": reason}

    def _missing(self):
        """Return the live supplier products that the last pass has not met."""
        met = {
            supplier_product_id
            for page in self.page_ids
            for supplier_product_id in page.supplier_product_ids
        }
        live = self.env["inventory.source.product"].search(
            [
                ("catalog_id", "=", self.id),
                ("discontinued_at", "=", False),
                # What was read on its own since then is there all the same.
                ("reported_at", "<=", self.pass_started_at),
            ]
        )
        return live.filtered(lambda offer: offer.id not in met)

    def action_accept_missing(self):
        """Take what the held pass did not meet as discontinued."""
        self._answer_held()
        for catalog in self:
            # sudo: supplier products are written by us only; who may answer was checked.
            catalog.sudo()._missing()._discontinue()
            catalog._close_held()
        return self.connection_id[:1]._notify(
            self.env._(
                "The missing products are discontinued. They come back when they are listed."
            )
        )

    def action_keep_missing(self):
        """Leave everything as it is; the next pass checks again."""
        self._answer_held()
        for catalog in self:
            catalog._close_held()
        return self.connection_id[:1]._notify(
            self.env._("Everything stays as it is; the next update checks again.")
        )

    def _answer_held(self):
        self.check_access("write")
        if any(catalog.pass_state != "held" for catalog in self):
            raise UserError(self.env._("This catalog is not held any more."))

    def _close_held(self):
        # sudo: where a pass stands is written by us only; who may answer was checked.
        self.sudo().write({"pass_state": "idle", "missing_count": 0})
        self._resolve_problems()
        # sudo: runs are written by the lanes only; the answer closes this one.
        self.run_id.sudo().filtered(lambda run: run.state == "held").state = "done"
        self.activity_unlink([WARNING])

    def action_refresh_now(self):
        """Make the catalog due and start its lane."""
        self.check_access("write")
        self.connection_id._refuse_blocked("catalog")
        failing = self.filtered("failing_since")
        failing._try_now()
        (self - failing).next_pass_at = fields.Datetime.now()
        works = self.env["inventory.source.work"]
        for connection, catalogs in self.grouped("connection_id").items():
            works._wait_for(connection, "download", catalogs)
            connection._trigger_lane("catalog")
        return self.connection_id[:1]._notify(
            self.env._(
                "The update starts now; products appear in the supplier catalog page by page."
            )
            + works._announced(self.connection_id, "download")
        )

    # --- a catalog that cannot be read: since when, why, and when it is tried again ---

    def _failed(self, error):
        """Note why the catalog could not be read; return whether that is its own affair.

        :param error: one that `concerns_catalog`
        """
        self.ensure_one()
        own = _is_certainly_own(error) or self._were_others_read()
        now = fields.Datetime.now()
        since = self.failing_since or now
        self.write(
            {
                "failing_since": since,
                "failure": (
                    str(error) if isinstance(error, ApiError | UserError) else type(error).__name__
                ),
                # Not its own: the lane waits, and of those that fail who was tried longest ago is
                # next.
                "next_try_at": now + self._wait_after(now - since) if own else now,
            }
        )
        if now - since >= REPORT_AFTER and (own or not self._is_another_reported()):
            self._report_failing()
        return own

    @staticmethod
    def _wait_after(failing):
        """Return the wait after failing for so long: 1, 2, 4 … hours, so it fails half as often."""
        whole_hours = failing // timedelta(hours=1) + 1
        return timedelta(hours=min(2 ** (whole_hours.bit_length() - 1), LONGEST_WAIT))

    def _were_others_read(self):
        """Return whether a page of another catalog came since this one began to fail."""
        return bool(
            self.failing_since
            and self.env["inventory.source.page"].search_count(
                [
                    ("catalog_id.connection_id", "=", self.connection_id.id),
                    ("catalog_id", "!=", self.id),
                    ("create_date", ">", self.failing_since),
                ],
                limit=1,
            )
        )

    def _forget_failure(self):
        """Forget that these failed, and close what was reported of it."""
        # sudo: whether it fails is written by us only; who archives a catalog was checked.
        failing = self.sudo().filtered("failing_since")
        failing.write({"failing_since": False, "failure": False, "next_try_at": False})
        failing.activity_unlink([ACTIVITY])
        failing._resolve_problems(("page", "failing"))

    def write(self, vals):
        result = super().write(vals)
        if vals.get("active") is False:
            # Nobody waits for it any more.
            self._forget_failure()
        return result

    def _try_now(self):
        """Make those that fail due at once: a person wants it."""
        # sudo: when it is tried is written by us only; who presses the button was checked.
        self.sudo().filtered("failing_since").next_try_at = fields.Datetime.now()

    # --- reporting it to a person ---

    def _failing_domain(self):
        """Return the domain of the problems that report failing catalogs of the connection."""
        return [
            ("connection_id", "=", self.connection_id.id),
            ("kind", "=", "catalog"),
            ("code", "=", "failing"),
        ]

    def _is_another_reported(self):
        """Return whether the connection's failure is reported already, as another catalog's."""
        return bool(
            self.env["inventory.source.problem"].search_count(
                [
                    *self._failing_domain(),
                    ("reference", "!=", self.external_id),
                    ("resolved_at", "=", False),
                ],
                limit=1,
            )
        )

    def _report_failing(self):
        """Report it to a person, once for each time it began to fail, even if put away since."""
        since = [("reference", "=", self.external_id), ("last_seen", ">=", self.failing_since)]
        if self.env["inventory.source.problem"].search_count(
            [*self._failing_domain(), *since], limit=1
        ):
            return
        note = self.env._(
            "%(name)s could not be updated since %(since)s: %(reason)s Its prices and stock are "
            "getting old. It is tried again at least once a day; press “Update now” to try at "
            "once. Ask Inventory Source about it, or archive the catalog.",
            name=self.name,
            since=format_datetime(self.env, self.failing_since),
            reason=self.failure,
        )
        self._note_problem("failing", note)
        self._raise_activity(
            self.env._("%(name)s cannot be updated", name=self.name),
            note,
            self.connection_id._responsible("catalog"),
            kind=ACTIVITY,
        )
