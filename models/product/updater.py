from collections import defaultdict
from datetime import date

from markupsafe import Markup

from odoo import models
from odoo.fields import Command

from .connection import SYNCED
from .families import same_text
from .importer import FLAGS

# What people change on our vendor lines; the rest is the supplier's to say.
EDITED_BY_PERSON = (
    "partner_id", "product_uom_id", "min_qty", "sequence", "delay", "discount", "date_start",
    "date_end",
)  # fmt: skip


class SupplierProduct(models.Model):
    """Linked products of Odoo follow the suppliers: only what changed, equal values at once.

    Written on variants: a template with several drops cost, weight, barcode and SKU in silence.
    """

    _inherit = "inventory.source.product"

    def _update_products(self):
        """Bring the Odoo products of these up to date; the caller's company is the connection's."""
        if not self:
            return
        self._update_vendor_lines()
        makers = self._makers()
        made = makers._of_connection(self.connection_id)._counting() & self
        # A formula may go by the category.
        made._update_categories()
        makers._update_money()
        made._update_own_facts()
        made._update_options()
        made._forget_edits_of_set_once()
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
        return self.filtered(lambda offer: offer.connection_id in connections)

    def _counting(self):
        """Return those whose connection counts: the others are offered to nobody."""
        return self.filtered("connection_id.is_counted")

    def _live_members(self):
        """Return {template: its live offers} of what this connection made, the oldest first."""
        return self.search(
            [
                ("product_id.product_tmpl_id", "in", self.product_id.product_tmpl_id.ids),
                ("connection_id", "in", self.connection_id.ids),
                ("matched", "=", False),
                ("discontinued_at", "=", False),
            ]
        ).grouped(lambda offer: offer.product_id.product_tmpl_id)

    def _update_money(self):
        """Bring cost and price of what was made of these up to date, by whichever connection."""
        for made in self.grouped("connection_id").values():
            made._update_costs()
            made._update_prices()

    def _update_costs(self):
        """Write changed costs where the cost is ours to say: standard costs.

        Average and FIFO costs are Odoo's own, made from every receipt and drop-ship.
        """
        best = {
            product: offer
            for product, offer in self._best_offers().items()
            if not offer.cost_unconfirmed
        }
        costs = self.concat(*best.values())._costs()
        wanted = {
            product: {"standard_price": costs[offer]}
            for product, offer in best.items()
            if product.cost_method == "standard"
        }
        stocked = self._with_own_stock([product.id for product in wanted])
        # Goods that pass through no location of ours have no value to correct. Those that also lie
        # in our own stock keep Odoo's full accounting.
        self._write_synced(
            {p: v for p, v in wanted.items() if p.id in stocked},
            {"inventory_source_follows": True},
        )
        self._write_synced({p: v for p, v in wanted.items() if p.id not in stocked})

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
        """Write what changed on our vendor lines, and make those that are missing.

        Whose connection does not count has none.
        """
        counting = self._counting()
        (self - counting)._take_vendor_lines()
        self._write_grouped(
            {
                offer.vendor_line_id: self._changes(
                    offer.vendor_line_id,
                    self._prepare_new_vendor(offer) | self._prepare_vendor_facts(offer),
                )
                for offer in counting.filtered("vendor_line_id")
            },
            FLAGS,
        )
        counting.filtered(lambda offer: not offer.vendor_line_id)._create_vendor_lines()
        counting._restore_vendor_edits()

    def _prepare_new_vendor(self, offer):
        """Return the vendor when the service has given the product to another supplier.

        A contact of the same company that somebody chose on the vendor line stays.
        """
        vendor = offer.supplier_id._vendor()
        company = offer.vendor_line_id.partner_id.commercial_partner_id
        if company == vendor.commercial_partner_id:
            return {}
        return {"partner_id": vendor.id, "delay": offer.supplier_id.lead_days}

    # --- what a person changed on a vendor line outlives the line ---

    def _take_vendor_lines(self):
        """Unlink the vendor lines; what a person changed on them is kept for the next ones."""
        with_line = self.filtered("vendor_line_id")
        for offer, edits in with_line._vendor_edits().items():
            if edits or offer.vendor_edits:
                offer.vendor_edits = edits or False
        with_line.vendor_line_id.unlink()

    def _vendor_edits(self):
        """Return {offer: what a person changed on its vendor line, or on the last one it had}.

        What is as we write it is not among it: that follows us, as the lead time of the supplier.
        """
        defaults = self.env["product.supplierinfo"]._add_missing_default_values({})
        rows = self.vendor_line_id.read(EDITED_BY_PERSON, load=None)
        lines = {row.pop("id"): row for row in rows}
        found = {}
        for offer in self:
            if not offer.vendor_line_id:
                found[offer] = offer.vendor_edits or {}
                continue
            usual = {
                **defaults,
                "partner_id": offer.supplier_id.partner_id.id,
                "product_uom_id": offer.product_id.uom_id.id,
                "delay": offer.supplier_id.lead_days,
            }
            found[offer] = {
                name: str(value) if isinstance(value, date) else value
                for name, value in lines[offer.vendor_line_id.id].items()
                if value != usual.get(name, False)
            }
        return found

    def _restore_vendor_edits(self):
        """Write on the vendor lines what a person had changed on those before them."""
        edited = self.filtered(lambda offer: offer.vendor_edits and offer.vendor_line_id)
        self._write_grouped(
            {offer.vendor_line_id: offer._prepare_vendor_edits() for offer in edited}, FLAGS
        )
        edited.vendor_edits = False

    def _prepare_vendor_edits(self):
        """Return what of its edits can still be written.

        A contact counts while it is one of the vendor's company, as in `_prepare_new_vendor`.
        """
        self.ensure_one()
        edits, line = self._kept_edits(self.product_id), self.vendor_line_id
        contact = line.partner_id.browse(edits.pop("partner_id", ())).exists().filtered("active")
        if contact.commercial_partner_id == line.partner_id.commercial_partner_id:
            edits["partner_id"] = contact.id
        unit = line.product_uom_id.browse(edits.pop("product_uom_id", ())).exists()
        return {**edits, "product_uom_id": unit.id} if unit else edits

    def _update_prices(self):
        """Write the sales prices that changed.

        What the online shop compares it with is the lowest MSRP: so no saving is claimed that a
        variant has not.
        """
        if not self:
            return
        decided, compared = self._decide_prices(), {}
        for connection, found in decided.offers.grouped("connection_id").items():
            compared |= connection._compare_prices(found)
        members = decided.offers.grouped(lambda offer: offer.product_id.product_tmpl_id)
        values = {}
        for template in decided.prices:
            price = decided.wanted(template)
            values[template] = {
                **({} if price is None else {"list_price": price}),
                **self._prepare_compared(compared, members[template]),
            }
        self._end_comparing(values)
        self._write_synced(values)
        free = {template for template, price in decided.prices.items() if price <= 0} - decided.kept
        self.filtered(lambda offer: offer.product_id.product_tmpl_id in free)._note_free()

    def _end_comparing(self, values):
        """Remove an MSRP of ours where no supplier names one any more.

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
        named = [compared[offer] for offer in members if offer in compared]
        return {"compare_list_price": min(named)} if named else {}

    def _update_own_facts(self):
        """Write SKU, weight, name and description; a barcode only where there is none yet."""
        factor = self.connection_id._weight_factor()
        self._write_synced(
            {
                offer.product_id: {
                    "default_code": offer.sku,
                    "weight": offer.weight * factor,
                }
                for offer in self
            }
        )
        barcodes = self.filtered(
            lambda offer: not (offer.product_id.barcode or offer.product_id.inventory_source_pinned)
        )._free_barcodes()
        self._write_grouped(
            {offer.product_id: {"barcode": code} for offer, code in barcodes.items()}, FLAGS
        )
        if self.connection_id.sync_name or self.connection_id.sync_description:
            self._update_described()
        self._update_attributes()

    def _update_described(self):
        self._write_synced(
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

    # --- facts become attributes without variants, or a table below the description ---
    # A family has those that all its members share.

    def _common_attributes(self):
        """Return {name: value} of the facts all of these share, in the supplier's order.

        What stands twice is one fact of several words; what makes the variants is none.
        """
        options = {same_text(name) for offer in self for name, _value in offer.options or ()}
        shared = None
        for offer in self:
            own = {}
            for name, value in offer.attributes or ():
                own.setdefault(same_text(name), (name, []))[1].append(value)
            if shared is None:
                shared = own
            else:
                shared = {key: fact for key, fact in shared.items() if own.get(key) == fact}
        return {
            name: ", ".join(dict.fromkeys(values))
            for key, (name, values) in (shared or {}).items()
            if key not in options
        }

    def _attributes_table(self):
        """Return the facts as HTML, "" where there are none or they do not go there."""
        if self.connection_id.attributes_policy != "table" or not any(s.attributes for s in self):
            return Markup("")
        # The blank for who reads it without tags, the class for who sees it in the shop.
        row = Markup("<tr><th>%s</th> <td>%s</td></tr>")
        rows = Markup("").join(row % fact for fact in self._common_attributes().items())
        return rows and Markup('<table class="table table-sm"><tbody>%s</tbody></table>') % rows

    def _update_attributes(self):
        """Give the products of these the attributes their suppliers name.

        Attributes a person added stay as they are; about those changed or taken away a person is
        asked.
        """
        Value = self.env["product.attribute.value"]
        wanted = self._wanted_attributes()
        owners = self._owners(wanted) if wanted else {}
        pairs = {pair for template in owners for pair in wanted[template].items()}
        values = self._shared_values(pairs, variants=False) if pairs else {}
        known = Value.union(
            *(Value.browse(t.inventory_source_attributes or ()) for t in owners)
        ).exists()
        changed = {}
        for template, owner in owners.items():
            given = Value.browse(template.inventory_source_attributes or ()) & known
            asked = Value.union(*(values[pair] for pair in wanted[template].items()))
            current = template.attribute_line_ids.value_ids if given else given
            if owner.edits or given != asked or not given <= current:
                changed[template] = given, asked
        self._write_attributes(changed, owners)

    def _wanted_attributes(self):
        """Return {template: facts} of those that may be written; nothing of what is not there."""
        policy, kept = self.connection_id.attributes_policy, self.connection_id.sync_attributes
        templates = self.product_id.product_tmpl_id.filtered(
            lambda template: (
                template.active
                and not template.inventory_source_pinned
                and (kept or not template.inventory_source_attributes)
            )
        )
        if policy != "attributes":
            # Those that were given before the connection was set to something else.
            return {template: {} for template in templates if template.inventory_source_attributes}
        return {
            template: members._common_attributes()
            for template, members in self._live_members().items()
            if template in templates
        }

    def _write_attributes(self, changed, owners):
        """Replace the values given to templates: {template: (given, asked)}."""
        lines = self.env["product.template.attribute.line"]
        new, pairs, found = [], set(), {}
        for template, (given, asked) in changed.items():
            had, want = given.grouped("attribute_id"), asked.grouped("attribute_id")
            current = template.attribute_line_ids.grouped("attribute_id")
            remembered = asked.browse()
            owner = owners[template]
            edits = found[owner] = {key: None for key in owner.edits or () if key not in SYNCED}
            for attribute in given.attribute_id | asked.attribute_id:
                line = current.get(attribute, lines)
                old, value = (side.get(attribute, asked.browse()) for side in (had, want))
                if line.value_ids != old:
                    # A person's by now, unless it is what the supplier says.
                    remembered |= old and (value if value == line.value_ids else old)
                    if old and value and value != line.value_ids:
                        mine = self._readable(", ".join(line.value_ids.mapped("name")))
                        edits[f"attribute {attribute.id}"] = [attribute.name, mine, value.name]
                    continue
                remembered |= value
                if not line:
                    new.append(
                        {
                            "product_tmpl_id": template.id,
                            "attribute_id": attribute.id,
                            "value_ids": [Command.set(value.ids)],
                        }
                    )
                elif not value:
                    line.unlink()
                elif value != old:
                    _put_in_place_of(old, value, line)
                    pairs.add((line, value))
            template.inventory_source_attributes = sorted(remembered.ids)
        made = lines.with_context(create_product_product=False).create(new)
        self._ensure_on_lines(pairs | {(line, line.value_ids) for line in made})
        self._ask_whose(found)


def _put_in_place_of(old, value, line):
    """Put a value in place of another on the line of an attribute; that makes no variants."""
    line.with_context(update_product_template_attribute_values=False).value_ids = value
    line.product_template_value_ids.filtered(
        lambda template_value: template_value.product_attribute_value_id in old
    ).unlink()
