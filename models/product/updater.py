from collections import defaultdict

from odoo import models

from ...tools.safe_text import display_text
from .importer import FLAGS


class ProductUpdater(models.AbstractModel):
    """Linked products of Odoo follow the shelf: only what changed is written, equal values at once.

    Written on variants: a template with several drops cost, weight, barcode and SKU in silence.
    """

    _name = "inventory.source.product.updater"
    _description = "Inventory Source Product Updater"

    def _update_products(self):
        """Bring the Odoo products of these up to date; the caller's company is the connection's."""
        if not self:
            return
        self._update_vendor_lines()
        makers = self._makers()
        made = makers._of_connection(self.connection_id)
        # A formula may go by the category.
        (self & made)._update_categories()
        makers._update_money()
        (self & made)._update_own_facts()
        (self & made)._update_options()
        (self & made)._forget_edits_of_set_once()
        self._update_presence()
        self.pending = False
        self._close_mended()

    def _makers(self):
        """Return the records that the Odoo products of these were made from.

        Of any connection of the company: they may share a product. One that was in Odoo before it
        was matched gets nothing but its vendor line.
        """
        return self.search(
            [
                ("company_id", "in", self.company_id.ids),
                ("product_id", "in", self.product_id.ids),
                ("matched", "=", False),
            ]
        )

    def _made(self):
        """Return those of the makers that are of the connection of these."""
        return self._makers()._of_connection(self.connection_id)

    def _of_connection(self, connections):
        return self.filtered(lambda shelf: shelf.connection_id in connections)

    def _live_members(self):
        """Return {template: its live offers} of what this connection made, the oldest first."""
        return self.search(
            [
                ("product_id.product_tmpl_id", "in", self.product_id.product_tmpl_id.ids),
                ("connection_id", "in", self.connection_id.ids),
                ("matched", "=", False),
                ("discontinued_at", "=", False),
            ]
        ).grouped(lambda shelf: shelf.product_id.product_tmpl_id)

    def _update_money(self):
        """Bring cost and price of what was made of these up to date, by whichever connection."""
        for made in self.grouped("connection_id").values():
            made._update_costs()
            made._update_prices()

    def _best_offers(self):
        """Return {product: the offer it is bought at}: who has any, then the lowest landed cost."""
        offers = self.search(
            [
                ("company_id", "in", self.company_id.ids),
                ("product_id", "in", self.product_id.ids),
                ("discontinued_at", "=", False),
            ]
        )
        return {
            product: min(own, key=lambda shelf: shelf._rank(1)) if len(own) > 1 else own
            for product, own in offers.grouped("product_id").items()
        }

    def _update_costs(self):
        """Write changed costs where the cost is ours to say: standard costs.

        Average and FIFO costs are Odoo's own, made from every receipt and drop-ship.
        """
        best = self._best_offers()
        costs = self.concat(*best.values())._costs()
        wanted = {
            product: {"standard_price": costs[shelf]}
            for product, shelf in best.items()
            if product.cost_method == "standard"
        }
        stocked = self._with_own_stock([product.id for product in wanted])
        # Goods that pass through no location of ours have no value to correct. Those that also lie
        # in our own stock keep Odoo's full accounting.
        self._write_kept(
            {p: v for p, v in wanted.items() if p.id in stocked},
            {"inventory_source_follows": True},
        )
        self._write_kept({p: v for p, v in wanted.items() if p.id not in stocked})

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
        """Write what changed on our vendor lines, and make those that are missing."""
        self._write_grouped(
            {
                shelf.vendor_line_id: self._changes(
                    shelf.vendor_line_id, self._prepare_vendor_facts(shelf)
                )
                for shelf in self.filtered("vendor_line_id")
            },
            FLAGS,
        )
        self.filtered(lambda shelf: not shelf.vendor_line_id)._create_vendor_lines()

    def _update_prices(self):
        """Write the sales prices that changed.

        A product costs what its best offer makes of it, and not less than any offer's MAP. A family
        has one price, that of its dearest variant: so none is sold below its MAP. What the online
        shop compares it with is the lowest MSRP: so no saving is claimed that a variant has not.
        """
        if not self:
            return
        offers = self.search(
            [
                ("company_id", "=", self.company_id.id),
                ("product_id.product_tmpl_id", "in", self.product_id.product_tmpl_id.ids),
                ("discontinued_at", "=", False),
            ]
        )
        best = offers._best_offers()
        planned, compared, floors = {}, {}, {}
        for connection, found in self.concat(*best.values()).grouped("connection_id").items():
            planned |= connection._planned_prices(found)
        for connection, found in offers.grouped("connection_id").items():
            compared |= connection._compare_prices(found)
            floors |= connection._map_prices(found)
        prices = defaultdict(float)
        for shelf in offers:
            template, floor = shelf.product_id.product_tmpl_id, floors[shelf]
            prices[template] = max(prices[template], planned[best[shelf.product_id]], floor)
        members = offers.grouped(lambda shelf: shelf.product_id.product_tmpl_id)
        values = {
            template: {
                # Nobody means to sell it for nothing from now on; see `_note_free`.
                **({"list_price": price} if price > 0 else {}),
                **self._prepare_compared(compared, members[template]),
            }
            for template, price in prices.items()
        }
        self._end_comparing(values)
        self._write_kept(values)
        free = {template for template, price in prices.items() if price <= 0}
        self.filtered(lambda shelf: shelf.product_id.product_tmpl_id in free)._note_free()

    def _end_comparing(self, values):
        """Have an MSRP of ours go where no supplier names one any more.

        A price to compare with that a person entered where we never did is that person's.

        :param dict values: {template: what is wanted}
        """
        if "compare_list_price" not in self.env["product.template"]._fields:
            return
        owners = self._owners(values)
        for template, owner in owners.items():
            if (owner.applied or {}).get("compare_list_price"):
                values[template].setdefault("compare_list_price", 0.0)

    @staticmethod
    def _prepare_compared(compared, members):
        """Return the value of the shop's price to compare with; none where no MSRP is named."""
        named = [compared[shelf] for shelf in members if shelf in compared]
        return {"compare_list_price": min(named)} if named else {}

    def _update_own_facts(self):
        """Write SKU, weight, name and description; a barcode only where there is none yet."""
        factor = self.connection_id._weight_factor()
        self._write_kept(
            {
                shelf.product_id: {
                    "default_code": display_text(shelf.sku),
                    "weight": shelf.weight * factor,
                }
                for shelf in self
            }
        )
        barcodes = self.filtered(
            lambda shelf: not (shelf.product_id.barcode or shelf.product_id.inventory_source_pinned)
        )._free_barcodes()
        self._write_grouped(
            {shelf.product_id: {"barcode": code} for shelf, code in barcodes.items()}, FLAGS
        )
        if self.connection_id.keep_name or self.connection_id.keep_description:
            self._update_described()
        self._update_facts()

    def _update_described(self):
        self._write_kept(
            {
                template: self._prepare_described(members[0], members)
                for template, members in self._live_members().items()
            }
        )

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
        # What a write has to look up (the variants of a template) is looked up for all at once.
        everyone = [record.id for record in values]
        for changes, records in groups.items():
            group = records[0].concat(*records[1:]).with_context(**context)
            group.with_prefetch(everyone).write(dict(changes))
