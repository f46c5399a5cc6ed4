from collections import defaultdict

from odoo import models

from .product_import import FLAGS
from .safe_text import display_text


class ProductUpdater(models.AbstractModel):
    """Linked products of Odoo follow the shelf: only what changed is written, equal values together.

    Written on variants: a template with several drops cost, weight, barcode and SKU in silence.
    """

    _name = "inventory.source.product.updater"
    _description = "Inventory Source Product Updater"

    def _update_products(self):
        """Bring the Odoo products of these up to date; the caller's company is the connection's."""
        if not self:
            return
        self._update_vendor_lines()
        self._update_costs()
        self._update_prices()
        self._update_own_facts()
        self._update_categories()
        self.pending = False

    def _update_costs(self):
        """Write changed costs where the cost is ours to say: standard costs.

        Average and FIFO costs are Odoo's own, made from every receipt and drop-ship.
        """
        costs = self._costs()
        changed = {
            shelf.product_id: {"standard_price": cost}
            for shelf, cost in costs.items()
            if shelf.product_id.cost_method == "standard"
            and shelf.product_id.standard_price != cost
        }
        stocked = self._with_own_stock([product.id for product in changed])
        # Goods that pass through no location of ours have no value to correct. Those that also lie
        # in our own stock keep Odoo's full accounting.
        self._write_grouped({p: v for p, v in changed.items() if p.id in stocked}, {})
        self._write_grouped({p: v for p, v in changed.items() if p.id not in stocked}, FLAGS)

    def _with_own_stock(self, product_ids):
        quants = self.env["stock.quant"]._read_group(
            [
                ("product_id", "in", product_ids),
                ("location_id.usage", "in", ("internal", "transit")),
                ("quantity", "!=", 0),
            ],
            ["product_id"],
        )
        return {product.id for (product,) in quants}

    def _update_vendor_lines(self):
        """Write what changed on the vendor lines, and make those that are missing."""
        lines = {
            (line.product_id, line.partner_id): line
            for line in self.env["product.supplierinfo"].search(
                [
                    ("product_id", "in", self.product_id.ids),
                    ("partner_id", "in", self.supplier_id.partner_id.ids),
                    ("company_id", "in", (False, self.env.company.id)),
                ],
                order="id desc",
            )
        }
        changed, missing = {}, self.browse()
        for shelf in self:
            line = lines.get((shelf.product_id, shelf.supplier_id.partner_id))
            if line:
                changed[line] = self._changes(line, self._prepare_vendor_facts(shelf))
            else:
                missing += shelf
        self._write_grouped(changed, FLAGS)
        self._importing("product.supplierinfo").create(
            [self._prepare_vendor_line(shelf) for shelf in missing]
        )

    def _update_prices(self):
        """Write the sales prices that changed.

        A family has one price, that of its dearest variant: so none is sold below its MAP.
        """
        templates = self.product_id.product_tmpl_id
        live = self.search(
            [
                ("connection_id", "=", self.connection_id.id),
                ("product_id.product_tmpl_id", "in", templates.ids),
                ("discontinued_at", "=", False),
            ]
        )
        best = defaultdict(float)
        for shelf, price in self.connection_id._planned_prices(live).items():
            template = shelf.product_id.product_tmpl_id
            best[template] = max(best[template], price)
        self._write_grouped(
            {
                template: {"list_price": price}
                for template, price in best.items()
                if template.list_price != price
            },
            FLAGS,
        )

    def _update_own_facts(self):
        """Write SKU and weight; a barcode only where there is none yet."""
        factor = self.connection_id._weight_factor()
        barcodes = self.filtered(lambda shelf: not shelf.product_id.barcode)._free_barcodes()
        changed = {}
        for shelf in self:
            facts = {"default_code": display_text(shelf.sku), "weight": shelf.weight * factor}
            if shelf in barcodes:
                facts["barcode"] = barcodes[shelf]
            changed[shelf.product_id] = self._changes(shelf.product_id, facts)
        self._write_grouped(changed, FLAGS)

    @staticmethod
    def _changes(record, facts):
        """Return the facts that differ from what the record holds."""
        changes = {}
        for name, value in facts.items():
            field = record._fields[name]
            stored = field.convert_to_cache(value, record)
            if record[name] != field.convert_to_record(stored, record):
                changes[name] = value
        return changes

    @staticmethod
    def _write_grouped(values, context):
        """Write {record: values}, records of equal values together; empty values not at all."""
        groups = defaultdict(list)
        for record, changes in values.items():
            if changes:
                groups[tuple(changes.items())].append(record)
        for changes, records in groups.items():
            records[0].concat(*records[1:]).with_context(**context).write(dict(changes))
