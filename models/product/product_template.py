from odoo import api, fields, models

from ...tools.families import Lines
from .connection import SHARED
from .field_sync import PIN


class ProductTemplate(models.Model):
    _name = "product.template"
    _inherit = ["product.template", "inventory.source.guard", "inventory.source.supplier.quantity"]

    # Of the variants that are not archived.
    _inventory_source_offers_path = "product_variant_ids.inventory_source_product_ids"

    inventory_source_product_ids = fields.Many2many(
        "inventory.source.product",
        string="Inventory Source Products",
        compute="_compute_inventory_source_product_ids",
        groups="inventory_source.group_user",
        help="What suppliers of Inventory Source offer of this product, all variants.",
    )
    inventory_source_pinned = fields.Boolean(
        "Don't sync this product",
        groups="base.group_user",
        help="Changes of the supplier reach the vendor lines and the stock, and nothing else here.",
    )

    inventory_source_sold_out = fields.Selection(
        [
            ("unsold", "Taken off sale"),
            ("website", "The online shop sells only what is in stock or at suppliers"),
        ],
        "For Sold Out Products",
        readonly=True,
        copy=False,
        groups="base.group_user",
        help="What the policy for sold-out products has done here, to be undone one day.",
    )

    # The attribute values we gave, so that what a person changed is known and kept.
    inventory_source_attributes = fields.Json(readonly=True, copy=False, groups="base.group_user")

    @api.depends("product_variant_ids.inventory_source_product_ids")
    def _compute_inventory_source_product_ids(self):
        for template in self.with_context(active_test=False):
            template.inventory_source_product_ids = (
                template.product_variant_ids.inventory_source_product_ids
            )

    def action_inventory_source_products(self):
        """Open what the suppliers offer of this product, all variants."""
        return self._inventory_source_action([("product_id.product_tmpl_id", "in", self.ids)])

    def _inventory_source_action(self, domain):
        offers = self.env["inventory.source.product"]
        offers.check_access("read")
        return offers._open(domain)

    def unlink(self):
        # The database deletes the variants with their template, past `product.product.unlink`.
        self.with_context(active_test=False).product_variant_ids._inventory_source_release()
        return super().unlink()

    # --- families: only the variants the supplier lists ---

    def _create_variant_ids(self):
        """Keep the variants of a supplier's family as the supplier lists them.

        Odoo makes every combination of the values, and revives archived ones, whenever the
        attributes of a template are edited.
        """
        families = self._inventory_source_families()
        archived = families.with_context(active_test=False).product_variant_ids.filtered(
            lambda variant: not variant.active
        )
        listed = self.with_context(inventory_source_family_ids=families.ids)
        result = super(ProductTemplate, listed)._create_variant_ids()
        archived.exists().filtered("active").active = False
        return result

    def _filter_combinations_impossible_by_config(
        self, combination_tuples, ignore_no_variant=False
    ):
        possible = super()._filter_combinations_impossible_by_config(
            combination_tuples, ignore_no_variant
        )
        if self.id not in self.env.context.get("inventory_source_family_ids", ()):
            return possible
        variants = self.with_context(active_test=False).product_variant_ids
        listed = {variant.product_template_attribute_value_ids for variant in variants}
        return (combination for combination in possible if combination in listed)

    def _inventory_source_families(self):
        # sudo: whoever edits the attributes may not see supplier products.
        linked = (
            self.env["inventory.source.product"]
            .sudo()
            .search(
                [
                    ("product_id.product_tmpl_id", "in", self.ids),
                    ("parent_external_id", "!=", False),
                ]
            )
        )
        families = linked.product_id.product_tmpl_id.filtered("attribute_line_ids")
        return self.browse(families.ids)

    def _inventory_source_lines(self):
        """Return the attributes that make variants, and what combinations there are."""
        lines = self.attribute_line_ids._without_no_variant_attributes()
        # Those of archived variants too.
        variants = self.with_context(active_test=False).product_variant_ids
        return Lines(
            frozenset(lines.attribute_id),
            frozenset(
                frozenset(
                    (value.attribute_id, value.product_attribute_value_id)
                    for value in variant.product_template_attribute_value_ids
                )
                for variant in variants
            ),
        )

    def _inventory_source_release_attributes(self):
        """Take what stands at the attributes we gave for ours: the supplier's replaces it."""
        for template in self.filtered("inventory_source_attributes"):
            given = self.env["product.attribute.value"].browse(template.inventory_source_attributes)
            ours = given.exists().attribute_id
            current = template.attribute_line_ids.value_ids
            template.inventory_source_attributes = sorted(
                value.id for value in current if value.attribute_id in ours
            )

    def write(self, vals):
        pinned = self.filtered("inventory_source_pinned") if PIN in vals else self.browse()
        result = super().write(vals)
        if vals.get(PIN):
            self._inventory_source_edited()._forget_edits()
        elif pinned:
            # What the supplier changed meanwhile. sudo: whoever edits it may not see supplier
            # products.
            Offer = self.env["inventory.source.product"].sudo()
            Offer.search([("product_id.product_tmpl_id", "in", pinned.ids)]).pending = True
        if vals.keys() & {*SHARED, "attribute_line_ids"}:
            # It may be the supplier's value by now.
            self._inventory_source_edited().pending = True
        return result

    def _inventory_source_drop_copies(self, names):
        """Drop translations that say what the field itself says; they would outlive its change.

        Where English is not active Odoo keeps each text twice.
        """
        for name in names:
            if name not in self._fields or self._fields[name].translate is not True:
                continue
            copies = [
                code
                for code, _name in self.env["res.lang"].get_installed()
                if code != "en_US" and self.with_context(lang=code)[name] == self[name]
            ]
            if copies:
                self.update_field_translations(name, dict.fromkeys(copies, False))

    def _inventory_source_edited(self):
        """Return the supplier products of these that somebody is asked about.

        None while we write ourselves.
        """
        # sudo: whoever edits the product may not see supplier products.
        Offer = self.env["inventory.source.product"].sudo()
        if self.env.context.get("inventory_source_follows"):
            return Offer
        return Offer.search([("edited", "=", True), ("product_id.product_tmpl_id", "in", self.ids)])
