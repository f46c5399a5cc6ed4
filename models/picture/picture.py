from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

# Looked at again after so long, and only by asking whether it changed.
CHECK_DAYS = 30
# Until a picture that did not come is tried again: doubled each time, up to CHECK_DAYS.
FIRST_WAIT = timedelta(minutes=10)
FIRST_WAIT_REFUSED = timedelta(days=1)


class Picture(models.Model):
    """One picture of a supplier product, and what became of it in Odoo.

    The main picture stands on the template (of a family: on the variants whose own differs), the
    others in the gallery of the online shop, when that is installed. Written by us only.
    """

    _name = "inventory.source.picture"
    _description = "Inventory Source Picture"
    _inherit = ["inventory.source.picture.place", "inventory.source.picture.plan"]
    _order = "shelf_id, main desc, sequence, id"
    _rec_name = "url"
    _check_company_auto = True

    shelf_id = fields.Many2one(
        "inventory.source.product",
        "Supplier Product",
        required=True,
        ondelete="cascade",
        index=True,
        readonly=True,
    )
    connection_id = fields.Many2one(related="shelf_id.connection_id", store=True)
    company_id = fields.Many2one(related="connection_id.company_id", store=True, index=True)
    url = fields.Char("Address", required=True, readonly=True)
    host_id = fields.Many2one("inventory.source.picture.host", ondelete="restrict", readonly=True)
    sequence = fields.Integer(readonly=True)
    state = fields.Selection(
        [
            ("waiting", "Waiting"),
            ("done", "In Odoo"),
            ("kept", "Yours Kept"),
            ("failed", "Failed"),
        ],
        default="waiting",
        required=True,
        readonly=True,
        index=True,
    )
    reason = fields.Char(readonly=True, help="Why the picture is not in Odoo.")
    due_at = fields.Datetime("Next Look", readonly=True, help="Empty: when its address changes.")
    checked_at = fields.Datetime("Last Look", readonly=True)
    failures = fields.Integer(readonly=True)
    etag = fields.Char(readonly=True)
    last_modified = fields.Char(readonly=True)
    sha256 = fields.Char("SHA-256", readonly=True, help="Of the file as it came.")

    _due_index = models.Index("(host_id, connection_id, due_at) WHERE due_at IS NOT NULL")
    _parked_index = models.Index("(id) WHERE due_at IS NULL AND NOT main AND state = 'waiting'")

    # --- addresses ---

    def _readdress(self, url, host):
        """Have another picture fetched in place of this one, which stays in Odoo till then."""
        self.write(
            {
                "url": url,
                "host_id": host.id,
                "etag": False,
                "last_modified": False,
                "failures": 0,
                "state": "waiting",
                "reason": False,
                "due_at": self._when_new(),
            }
        )

    def _when_new(self):
        """Return when a new picture is due: now, but a gallery only once the shop has one."""
        return fields.Datetime.now() if self.main or self._has_galleries() else False

    @api.model
    def _wake_parked(self):
        """Have pictures fetched that were waiting for a gallery, if there is one by now."""
        if self._has_galleries():
            self.search(
                [("due_at", "=", False), ("main", "=", False), ("state", "=", "waiting")],
                limit=10_000,
            ).due_at = fields.Datetime.now()

    def _of_same_address(self):
        """Return this and the pictures of its family that wait for the same file."""
        return self | self.search(
            [
                ("product_tmpl_id", "=", self.product_tmpl_id.id),
                ("url", "=", self.url),
                ("main", "=", self.main),
                ("due_at", "<=", fields.Datetime.now()),
            ]
        )

    # --- what came of a look ---

    def _note_kept(self):
        self._settle("kept", self._kept_reason(), timedelta(days=CHECK_DAYS))

    def _note_unchanged(self):
        self._settle("done", False, timedelta(days=CHECK_DAYS))

    def _note_fetched(self, fetched):
        """Keep what the next look needs; without it there is none: it would fetch all again."""
        self.write(
            {
                "etag": fetched.etag,
                "last_modified": fetched.last_modified,
                "sha256": fetched.sha256,
            }
        )
        again = fetched.etag or fetched.last_modified
        self._settle("done", False, again and timedelta(days=CHECK_DAYS))

    def _note_failed(self, reason, refused):
        """Keep why it did not come, and try again later and later."""
        first = FIRST_WAIT_REFUSED if refused else FIRST_WAIT
        wait = min(first * 2 ** min(self.failures, 20), timedelta(days=CHECK_DAYS))
        self._settle("failed", reason, wait, self.failures + 1)

    def _settle(self, state, reason, wait, failures=0):
        now = fields.Datetime.now()
        self.write(
            {
                "state": state,
                "reason": reason,
                "failures": failures,
                "checked_at": now,
                "due_at": now + wait if wait else False,
            }
        )

    # --- buttons ---

    def action_fetch(self):
        """Fetch the selected pictures anew, and put them where nothing stands now."""
        self.check_access("read")
        if not self.env.user.has_group("inventory_source.group_manager"):
            raise UserError(self.env._("Only Inventory Source managers fetch pictures."))
        # sudo: pictures are written by us only; who may ask for them was checked.
        for picture in self.sudo():
            picture._forget_removed()
            picture.sha256 = False
            picture._readdress(picture.url, picture.host_id)
        self.env["inventory.source.picture.lane"].sudo()._trigger()
        return True
