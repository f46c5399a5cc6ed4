from odoo import fields, models


class ProductTemplate(models.Model):
    _inherit = "product.template"

    # What we gave, so that a category changed by a person is known and kept.
    inventory_source_categ_id = fields.Many2one(
        "product.category", ondelete="set null", readonly=True, copy=False
    )
    inventory_source_public_categ_id = fields.Integer(readonly=True, copy=False, aggregator=None)

    def _inventory_source_category_changes(self, values):
        """Return what to write for the template to have these categories.

        Nothing where a person has chosen others or pinned the product.

        :param dict values: as `inventory.source.category.shelf._prepare_categories` makes them
        """
        self.ensure_one()
        changes = {}
        if self.inventory_source_pinned:
            return changes
        given = self.inventory_source_categ_id
        if given and self.categ_id == given and given.id != values["categ_id"]:
            changes = {name: values[name] for name in ("categ_id", "inventory_source_categ_id")}
        if "public_categ_ids" in self._fields:
            changes |= self._inventory_source_public_changes(
                values.get("inventory_source_public_categ_id", 0)
            )
        return changes

    def _inventory_source_public_changes(self, wanted):
        given, shown = self.inventory_source_public_categ_id, self.public_categ_ids.ids
        ours = given in shown if given else not shown and self.inventory_source_categ_id
        if not ours or wanted == given:
            return {}
        # A tuple of ids replaces what is there; equal ones of many templates are written together.
        kept = {*shown} - {given}
        return {
            "public_categ_ids": tuple(sorted(kept | ({wanted} if wanted else set()))),
            "inventory_source_public_categ_id": wanted,
        }
