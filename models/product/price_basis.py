from hashlib import sha256

from odoo import fields, models
from odoo.fields import Domain
from odoo.models import LOG_ACCESS_COLUMNS


class PriceBasis(models.AbstractModel):
    """What prices of a connection were made with: rules of pricelists, and rates of currencies.

    When they change, no figure of a supplier does, so no page would bring the products up to date.
    The catalogue lane looks for itself: rules begin and end, and rates come, without anybody
    writing a pricelist that day.
    """

    _name = "inventory.source.price.basis"
    _description = "Inventory Source Basis of Prices"

    price_basis = fields.Json(
        readonly=True, copy=False, help="The rules and rates that prices were made with last."
    )

    def _follow_price_basis(self):
        """Have imported products brought up to date whose rules or rates are others than before."""
        before, now = self.price_basis, self._read_price_basis()
        if before == now:
            return
        self.price_basis = now
        if not before:
            return
        # A formula that was chosen since has told its products itself.
        changed = self._formulas().filtered(
            lambda formula: (
                before["rules"].get(str(formula.id), now["rules"][str(formula.id)])
                != now["rules"][str(formula.id)]
            )
        )
        # A rule is a person's decision, a rate is not: what it moves far waits for one.
        self._priced_by(changed).write({"pending": True, "let_through": True})
        if any(now["rates"].get(name, rate) != rate for name, rate in before["rates"].items()):
            self._imported_shelf().write({"pending": True})

    def _read_price_basis(self):
        formulas = self._formulas()
        return {
            # In JSON keys are text.
            "rules": {
                str(formula.id): self._rules_in_force(formula)._inventory_source_digest()
                for formula in formulas
            },
            "rates": {
                "cost": self._cost_factor(),
                "price": self._price_factor(),
                **{each.name: self._rate_to(each) for each in formulas.currency_id},
            },
        }

    def _formulas(self):
        """Return the pricelists that make prices of this connection."""
        return (
            self.price_pricelist_id
            | self.supplier_ids.price_pricelist_id
            | self.category_map_ids.price_pricelist_id
        )

    def _rules_in_force(self, formula):
        """Return the rules that count now, of a pricelist and of those it is based on."""
        Rule, now = self.env["product.pricelist.item"], fields.Datetime.now()
        in_force = (Domain("date_start", "=", False) | Domain("date_start", "<=", now)) & (
            Domain("date_end", "=", False) | Domain("date_end", ">=", now)
        )
        rules, known, new = Rule, formula, formula
        while new:
            found = Rule.search(Domain("pricelist_id", "in", new.ids) & in_force, order="id")
            new = found.base_pricelist_id - known
            rules, known = rules | found, known | new
        return rules

    # --- the products ---

    def _imported_shelf(self):
        # sudo: the shelf is written by us only; who may set a price rule may have it applied.
        return (
            self.env["inventory.source.product"]
            .sudo()
            .search([("connection_id", "=", self.id), ("product_id", "!=", False)])
        )

    def _priced_by(self, formulas):
        """Return the imported products that one of these pricelists may make the price of."""
        if self.price_pricelist_id in formulas:
            return self._imported_shelf()
        own = [
            records.sudo().filtered(lambda record: record.price_pricelist_id in formulas)
            for records in (self.supplier_ids, self.category_map_ids)
        ]
        shelf = self.env["inventory.source.product"].sudo()
        return shelf.concat(*(records._priced_shelf() for records in own if records))


class PricelistRule(models.Model):
    _inherit = "product.pricelist.item"

    def _inventory_source_digest(self):
        """Return a short text that is another one when anything these rules say changes."""
        names = [
            name
            for name, field in self._fields.items()
            if field.store and field.column_type and name not in LOG_ACCESS_COLUMNS
        ]
        return sha256(repr(self.read(names, load=None)).encode()).hexdigest()
