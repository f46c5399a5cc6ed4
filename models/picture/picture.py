import base64
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError

from ..product.importer import FLAGS
from ..sync.record_mixin import MANAGER, notification

# Checked again after so long, and only by asking whether it changed.
CHECK_DAYS = 30
# Until a picture that did not come is tried again: doubled each time, up to CHECK_DAYS.
FIRST_WAIT = timedelta(minutes=10)
FIRST_WAIT_REFUSED = timedelta(days=1)

# What is known of an address when a picture was fetched from there.
FETCHED = ("state", "reason", "failures", "checked_at", "due_at")

# Pictures a person adds are sorted in where the person puts them.
FIRST_IN_GALLERY = 10


class Picture(models.Model):
    """One picture of a supplier product, and what became of it in Odoo.

    The main picture stands on the template (of a family: on the variants whose own differs), the
    others in the gallery of the online shop, when that is installed. Without a product it is one
    that somebody looks at before importing (`looked_at.py`). Written by us only.
    """

    _name = "inventory.source.picture"
    _description = "Inventory Source Picture"
    _order = "supplier_product_id, main desc, sequence, id"
    _rec_name = "url"
    _check_company_auto = True

    supplier_product_id = fields.Many2one(
        "inventory.source.product",
        required=True,
        ondelete="cascade",
        index=True,
        readonly=True,
    )
    connection_id = fields.Many2one(related="supplier_product_id.connection_id", store=True)
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
    due_at = fields.Datetime("Next Check", readonly=True, help="Empty: when its address changes.")
    checked_at = fields.Datetime("Last Check", readonly=True)
    failures = fields.Integer(readonly=True)
    etag = fields.Char(readonly=True)
    last_modified = fields.Char(readonly=True)
    sha256 = fields.Char("SHA-256", readonly=True, help="Of the file as it came.")

    _due_index = models.Index("(host_id, connection_id, due_at) WHERE due_at IS NOT NULL")
    _parked_index = models.Index(
        "(id) WHERE due_at IS NULL AND NOT main AND state IN ('waiting', 'failed')"
    )

    product_tmpl_id = fields.Many2one(
        "product.template",
        "Product",
        ondelete="cascade",
        index=True,
        readonly=True,
        help="Empty: the supplier product is not imported; it was looked at on a screen.",
    )
    product_id = fields.Many2one(
        "product.product",
        "Variant",
        ondelete="cascade",
        index="btree_not_null",
        readonly=True,
        help="Empty: the picture is that of the product with all its variants.",
    )
    main = fields.Boolean(readonly=True, help="The picture shown first, not one of the gallery.")
    # No Many2one: the model is there only with the online shop, on which we do not depend.
    gallery_ref = fields.Integer("Gallery Record", readonly=True)
    checksum = fields.Char(readonly=True, help="Of the file we stored in Odoo.")

    # --- addresses ---

    def _readdress(self, url, host):
        """Fetch another picture in place of this one, which stays in Odoo till then."""
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
        """Make the pictures due that were waiting for a gallery, if there is one by now."""
        if self._has_galleries():
            self.search(
                [
                    ("due_at", "=", False),
                    ("main", "=", False),
                    ("state", "in", ("waiting", "failed")),
                ],
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

    # --- the first of a product that comes is its main picture ---

    def _never_came(self):
        """Return what is known of the addresses of these that never gave a picture, by address.

        One that came once and is gone since has its picture in Odoo.
        """
        came = set(self.filtered(lambda row: row.state != "failed").mapped("url"))
        return {
            row.url: {name: row[name] for name in FETCHED}
            for row in self
            if row.url not in came and not (row.etag or row.last_modified)
        }

    def _plan_again(self):
        """Have the main picture chosen anew, by what is known of the addresses now."""
        self.supplier_product_id.pictures_hash = False

    # --- what came of fetching it ---

    def _note_kept(self):
        self._settle("kept", self._kept_reason(), timedelta(days=CHECK_DAYS))

    def _note_unchanged(self):
        self._settle("done", False, timedelta(days=CHECK_DAYS))

    def _note_fetched(self, fetched):
        """Keep what the next check needs; without it there is none: it would fetch all again."""
        if self.state == "failed" and not self.main:
            self._plan_again()
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
        # An outage of the server concerns them all, and is over soon.
        if self.main and (refused or self.failures > 1):
            self._plan_again()

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
        if not self.env.user.has_group(MANAGER):
            raise AccessError(self.env._("Only Inventory Source managers fetch pictures."))
        # sudo: pictures are written by us only; who may ask for them was checked.
        for picture in self.sudo():
            picture._forget_removed()
            picture.sha256 = False
            picture._readdress(picture.url, picture.host_id)
            picture._plan_again()
        self.env["inventory.source.picture.lane"].sudo()._trigger()
        return notification(
            self.env._("Being fetched in the background: %(count)s pictures.", count=len(self))
        )

    # --- where a picture stands in Odoo, and whether what stands there still is ours ---
    # Known by the checksum of the stored file. What a person set or removed is left as it is.

    @api.model
    def _has_galleries(self):
        return "product.image" in self.env

    def _place(self):
        """Return the record and the field the picture stands in; no record before it has one."""
        if not self.main:
            return self.env["product.image"].browse(self.gallery_ref or []).exists(), "image_1920"
        if self.product_id:
            return self.product_id, "image_variant_1920"
        return self.product_tmpl_id, "image_1920"

    def _current_checksum(self):
        """Return the checksum of what stands at the picture's place, or False."""
        if not self.main and not self._has_galleries():
            return False
        record, name = self._place()
        # sudo: the files behind fields can be read by nobody but the system.
        attachment = (
            self.env["ir.attachment"]
            .sudo()
            .search(
                [
                    ("res_model", "=", record._name),
                    ("res_field", "=", name),
                    ("res_id", "in", record.ids),
                ],
                limit=1,
            )
        )
        return attachment.checksum

    def _is_theirs(self):
        """Return whether a person set or removed the picture here, or pinned the product."""
        return (
            self.product_tmpl_id.inventory_source_pinned
            or self._current_checksum() != self.checksum
        )

    def _kept_reason(self):
        if self.product_tmpl_id.inventory_source_pinned:
            return self.env._("Sync is switched off for this product.")
        if self._current_checksum():
            return self.env._("Another picture was set in Odoo; it stays. To have the supplier's, "
                              "remove it and fetch this one again.")  # fmt: skip
        return self.env._("The picture was removed in Odoo. To have it back, fetch it again.")

    def _forget_removed(self):
        """Allow the place to be filled again where nothing stands now."""
        if not self._current_checksum():
            self.write({"checksum": False, "gallery_ref": 0})

    def _put(self, content):
        """Store a picture (bytes we drew ourselves) at its place.

        :raise UserError: Odoo does not take it
        """
        record, name = self._place()
        image = base64.b64encode(content)
        if record:
            record.with_context(**FLAGS).write({name: image})
        else:
            self.gallery_ref = (
                self.env["product.image"]
                .create(
                    {
                        "name": self.product_tmpl_id.name,
                        "image_1920": image,
                        "sequence": FIRST_IN_GALLERY + self.sequence,
                        "product_variant_id": self.product_id.id,
                        "product_tmpl_id": not self.product_id and self.product_tmpl_id.id,
                    }
                )
                .id
            )
        self.env.flush_all()
        self.checksum = self._current_checksum()

    def _move_in_gallery(self, sequence):
        """Give the picture its new place in the order, unless a person gave it another."""
        record, _name = self._place()
        if record.sequence == FIRST_IN_GALLERY + self.sequence and not self._is_theirs():
            record.sequence = FIRST_IN_GALLERY + sequence

    def _take_away(self):
        """Remove pictures the supplier no longer shows, those that are still ours from Odoo too."""
        for picture in self:
            if picture.checksum and not picture._is_theirs():
                record, name = picture._place()
                if picture.main:
                    record.with_context(**FLAGS).write({name: False})
                else:
                    record.unlink()
        self.unlink()

    # --- brings the pictures of one product in line with those that are wanted ---

    def _follow(self, wanted, hosts, main, failed):
        """Keep of these what is wanted still, reuse the rest; return the values of new ones.

        A row that is reused keeps its place in Odoo: the old picture stands until the new is there.
        One that never came never would be: in the gallery it stands for itself.

        :param dict failed: see `_never_came`
        """
        same = {(row.product_id, row.url): row for row in self}
        values, new = [], []
        for item in wanted:
            row = same.pop((item.variant, item.url), None)
            if row:
                row._update_place(item)
            else:
                new.append(item)
        spare = list(same.values())
        for item in new:
            known = failed.get(item.url, {})
            row = next((row for row in spare if row.product_id == item.variant), None)
            if row and (main or not known):
                spare.remove(row)
                row._update_place(item)
                row._readdress(item.url, hosts[item.url])
                row.write(known)
            else:
                values.append(self._prepare_new(item, hosts[item.url], known))
        # A product keeps its main picture when the supplier shows none any more; a variant gives up
        # its own when it looks like the rest of its family.
        gone = [row.id for row in spare if not main or (wanted and row.product_id)]
        self.browse(gone)._take_away()
        return values

    def _update_place(self, item):
        changes = {"supplier_product_id": item.offer.id, "sequence": item.sequence}
        if self.gallery_ref and self.sequence != item.sequence:
            self._move_in_gallery(item.sequence)
        if (self.supplier_product_id.id, self.sequence) != tuple(changes.values()):
            self.write(changes)

    def _prepare_new(self, item, host, known):
        due_at = self.new({"main": item.main})._when_new()
        return {
            "supplier_product_id": item.offer.id,
            "product_tmpl_id": item.offer.product_id.product_tmpl_id.id,
            "product_id": item.variant.id,
            "url": item.url,
            "host_id": host.id,
            "main": item.main,
            "sequence": item.sequence,
            **known,
            # Later, if it failed before; not at all before there is a gallery.
            "due_at": due_at and known.get("due_at", due_at),
        }
