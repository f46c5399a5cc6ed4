from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import format_datetime

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

ACTIVITY = "mail.mail_activity_data_todo"
# A person is told of what has failed for so long.
TOLD_AFTER = timedelta(days=1)
LONGEST_WAIT = 24  # hours

# Whose a failure is. These say nothing about the catalogue that was asked for: no request or no
# way to the service, or an account that is lost. The lane stops, as for any call.
_CONNECTIONS = (Throttled, RateLimited, NotSent, Unauthorized, GrantRefused, ClientRefused)
# A missing or broken page is the catalogue's own: it waits longer each time, and the others are
# read meanwhile. So is an unforeseen failure with a page.
_CATALOGUES = (NotFound, Invalid, Conflict, ProtocolError)
_PAYMENT_REQUIRED = 402
# All others (403, 5xx, no answer, 3xx, 402) may be either's: the connection's until another
# catalogue was read since it began. Then the service works, and it is the catalogue's own.


def concerns_catalogue(error):
    """Tell whether a failure may be the affair of the catalogue that was asked for."""
    return not isinstance(error, _CONNECTIONS)


def _is_certainly_own(error):
    if isinstance(error, ApiError):
        return isinstance(error, _CATALOGUES) and error.status != _PAYMENT_REQUIRED
    return True


class Catalog(models.Model):
    """A catalogue that cannot be read: since when, why, and when it is tried again."""

    _inherit = "inventory.source.catalog"

    failing_since = fields.Datetime(
        "Cannot Be Read Since", readonly=True, copy=False, help="Empty while it can be read."
    )
    failure = fields.Char("Why", readonly=True, copy=False)
    next_try_at = fields.Datetime("Next Try", readonly=True, copy=False)

    def _failed(self, error):
        """Note why the catalogue could not be read; return whether that is its own affair.

        :param error: one that `concerns_catalogue`
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
        if now - since >= TOLD_AFTER and (own or not self._is_another_told()):
            self._tell_failing()
        return own

    @staticmethod
    def _wait_after(failing):
        """Return the wait after failing for so long: 1, 2, 4 … hours, so it fails half as often."""
        whole_hours = failing // timedelta(hours=1) + 1
        return timedelta(hours=min(2 ** (whole_hours.bit_length() - 1), LONGEST_WAIT))

    def _were_others_read(self):
        """Tell whether a page of another catalogue came since this one began to fail."""
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
        """Forget that these failed, and close what was told of it."""
        # sudo: whether it fails is written by us only; who archives a catalogue was checked.
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
        """Have those that fail tried at once: a person says so."""
        # sudo: when it is tried is written by us only; who presses the button was checked.
        self.sudo().filtered("failing_since").next_try_at = fields.Datetime.now()

    # --- telling a person ---

    def _told(self):
        """Return the domain of what people were told about failing catalogues of a connection."""
        return [
            ("connection_id", "=", self.connection_id.id),
            ("kind", "=", "catalogue"),
            ("code", "=", "failing"),
        ]

    def _is_another_told(self):
        """Tell whether the connection's failure is told of already, as another catalogue's."""
        return bool(
            self.env["inventory.source.problem"].search_count(
                [
                    *self._told(),
                    ("reference", "!=", self.external_id),
                    ("resolved_at", "=", False),
                ],
                limit=1,
            )
        )

    def _tell_failing(self):
        """Tell a person, once for each time it began to fail, also when it was put away since."""
        told = [("reference", "=", self.external_id), ("last_seen", ">=", self.failing_since)]
        if self.env["inventory.source.problem"].search_count([*self._told(), *told], limit=1):
            return
        note = self.env._(
            "%(name)s could not be read since %(since)s: %(reason)s What is known of its products "
            "grows old. It is tried again at least once a day, and at once by “Read Now”. Ask "
            "Inventory Source about it, or archive the catalogue.",
            name=self.name,
            since=format_datetime(self.env, self.failing_since),
            reason=self.failure,
        )
        self._note_problem("failing", note)
        self._raise_activity(
            self.env._("%(name)s cannot be read", name=self.name),
            note,
            self.connection_id.user_id,
            kind=ACTIVITY,
        )
