from odoo import models
from odoo.fields import Command

from .product_attribute import same_text


class ProductOptions(models.AbstractModel):
    """Variants follow the options the supplier corrects; what does not fit stays and is named."""

    _name = "inventory.source.product.options"
    _description = "Inventory Source Product Options"

    def _update_options(self):
        """Give the variants of these the combination that the supplier names now."""
        named = self.filtered(
            lambda shelf: (
                (shelf.options or shelf.parent_external_id)
                and not shelf.product_id.product_tmpl_id.inventory_source_pinned
            )
        )
        if not named:
            return
        moved = named.filtered(lambda shelf: not shelf._has_its_options())
        variants = moved.filtered("product_id.product_template_attribute_value_ids")
        (moved - variants)._note_joined_late()
        settled = named - moved
        if variants:
            settled += variants._move_variants()
        settled._resolve_family()

    def _has_its_options(self):
        standing = sorted(
            (same_text(value.attribute_id.name), same_text(value.name))
            for value in self.product_id.product_template_attribute_value_ids
        )
        return standing == sorted(
            (same_text(name), same_text(value)) for name, value in self.options or ()
        )

    def _move_variants(self):
        """Move these and their relatives to where their options are; return those that are there.

        Relatives too: two may have exchanged theirs, in different pages.
        """
        templates = self.product_id.product_tmpl_id
        offers = self.search([("product_id.product_tmpl_id", "in", templates.ids)])
        movers = (self | offers._made()).filtered(
            lambda shelf: not (shelf.discontinued_at or shelf._has_its_options())
        )
        values = movers._option_values()
        homes = {shelf: shelf.product_id.product_tmpl_id for shelf in movers}
        slots = movers._template_values(homes, values)
        movers_fitting = movers.filtered(lambda shelf: shelf in slots)
        free = movers_fitting._with_free_place(homes, slots)
        free._take_places(slots)
        (movers - movers_fitting)._note_import_problem(
            "family",
            lambda shelf: self.env._(
                "Its options changed and are not those of its family any more. It was left as it "
                "is."
            ),
        )
        (movers_fitting - free)._note_import_problem(
            "family",
            lambda shelf: self.env._(
                "Its options changed to the same options another product of its family has. It "
                "was left as it is."
            ),
        )
        return free

    def _with_free_place(self, homes, slots):
        """Return those whose place nobody has who stays where it is."""
        standing = self._taken_slots(homes)
        going = self
        while True:
            leaving = going.product_id
            taken = {slot for variant, slot in standing if variant not in leaving}
            free = self.browse()
            for shelf in going:
                if slots[shelf] not in taken:
                    taken.add(slots[shelf])
                    free += shelf
            if free == going:
                return free
            going = free

    def _take_places(self, slots):
        left = self.product_id.product_template_attribute_value_ids
        for variant in self.product_id:
            # Two that change places must not have the same combination for a moment.
            variant.combination_indices = f"moving {variant.id}"
        self.env.flush_all()
        for shelf in self:
            shelf.product_id.product_template_attribute_value_ids = [
                Command.set(list(slots[shelf]))
            ]
        self.env.flush_all()
        unused = left.filtered(lambda value: not value.ptav_product_variant_ids)
        for line, values in unused.grouped("attribute_line_id").items():
            line.value_ids = [
                Command.unlink(value.product_attribute_value_id.id) for value in values
            ]

    def _note_joined_late(self):
        """Name those that belong to a family only since they became products of their own."""
        told = self.env["inventory.source.problem"].search(
            [
                ("connection_id", "in", self.connection_id.ids),
                ("kind", "=", "product"),
                ("code", "in", ("family", "parent")),
                ("reference", "in", self.mapped("external_id")),
            ]
        )
        known = set(told.mapped("reference"))
        self.filtered(
            lambda shelf: shelf.options and shelf.external_id not in known
        )._note_import_problem(
            "family",
            lambda shelf: self.env._(
                "It belongs to a family now. Its product was made before and stays a product of "
                "its own. To have it join, archive that product, unlink it here and import it "
                "again."
            ),
        )

    def _resolve_family(self):
        for connection, products in self.grouped("connection_id").items():
            self.env["inventory.source.problem"]._resolve(
                connection, "product", products.mapped("external_id"), "family"
            )
