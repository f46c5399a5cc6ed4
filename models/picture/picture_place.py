import base64

from odoo import api, fields, models

from ..product.importer import FLAGS

# Pictures a person adds are sorted in where the person puts them.
FIRST_IN_GALLERY = 10


class PicturePlace(models.AbstractModel):
    """Where a picture stands in Odoo, and whether what stands there still is ours.

    Known by the checksum of the stored file. What a person set or removed is left as it is.
    """

    _name = "inventory.source.picture.place"
    _description = "Inventory Source Picture Place"

    product_tmpl_id = fields.Many2one(
        "product.template", "Product", required=True, ondelete="cascade", index=True, readonly=True
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

    def _standing(self):
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
        """Tell whether a person set or removed the picture at this place, or pinned the product."""
        return self.product_tmpl_id.inventory_source_pinned or self._standing() != self.checksum

    def _kept_reason(self):
        if self.product_tmpl_id.inventory_source_pinned:
            return self.env._("The product is kept as it is.")
        if self._standing():
            return self.env._("Another picture was set in Odoo; it stays. To have the supplier's, "
                              "remove it and fetch this one again.")  # fmt: skip
        return self.env._("The picture was removed in Odoo. To have it back, fetch it again.")

    def _forget_removed(self):
        """Allow the place to be filled again where nothing stands now."""
        if not self._standing():
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
        self.checksum = self._standing()

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
