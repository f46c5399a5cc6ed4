from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import float_compare

from ...tools.pricing import moved
from .importer import IMPORT_AT_ONCE

# These wait for a decision: until then the product in Odoo keeps what it has. The others report
# what is so already.
WAITING_KINDS = ("price", "cost")
KEPT_DAYS = 90

KIND_OF_FIELD = {"list_price": "price", "standard_price": "cost"}
STANDING_KINDS = ("map", "margin", "discontinued")


class Change(models.Model):
    """One change of a supplier product that a person should look at; rows are made in bulk.

    A row is open while what it reports is so. Money of a sales price is in the currency of sales
    prices, money of a cost in the company's, stock in pieces.
    """

    _name = "inventory.source.change"
    _description = "Inventory Source Change"
    _order = "write_date desc, id desc"
    _rec_name = "supplier_product_id"

    supplier_product_id = fields.Many2one(
        "inventory.source.product", required=True, ondelete="cascade"
    )
    connection_id = fields.Many2one(
        related="supplier_product_id.connection_id", store=True, index=True
    )
    company_id = fields.Many2one(related="supplier_product_id.company_id", store=True, index=True)
    supplier_id = fields.Many2one(related="supplier_product_id.supplier_id")
    product_id = fields.Many2one(related="supplier_product_id.product_id")
    kind = fields.Selection(
        [
            ("price", "Sales price changed"),
            ("cost", "Cost changed"),
            ("stock", "Stock fell"),
            ("map", "Below MAP"),
            ("margin", "Margin lost"),
            ("discontinued", "Discontinued, on open quotations"),
        ],
        "Change",
        required=True,
        readonly=True,
    )
    current_value = fields.Float(
        "Current",
        digits="Product Price",
        readonly=True,
        help="The price, cost or stock in Odoo; of a price below MAP or without margin, the price.",
    )
    proposed_value = fields.Float(
        "New",
        digits="Product Price",
        readonly=True,
        help="What the supplier changes it to; for a price below MAP the MAP, for a price without "
        "margin the landed cost, with the taxes that the price includes.",
    )
    moved = fields.Float("Change (%)", compute="_compute_moved", store=True, aggregator="avg")
    state = fields.Selection(
        [("waiting", "To decide"), ("held", "Held"), ("accepted", "Accepted")],
        default="waiting",
        required=True,
        readonly=True,
        help="Prices and costs stay as they are until they are accepted.",
    )
    decided_by_id = fields.Many2one("res.users", readonly=True)

    _supplier_product_kind_uniq = models.Constraint(
        "UNIQUE(supplier_product_id, kind)", "This change is in the list already."
    )

    @api.depends("current_value", "proposed_value")
    def _compute_moved(self):
        for change in self:
            change.moved = moved(change.current_value, change.proposed_value)

    @api.model
    def _report(self, offers, kinds, found):
        """Write down what was found on these products, and close what is not so any more.

        :param kinds: the kinds that were checked
        :param dict found: {(supplier product, kind): (before, after)}
        """
        left = dict(found)
        for row in self.search([("supplier_product_id", "in", offers.ids), ("kind", "in", kinds)]):
            values = left.pop((row.supplier_product_id, row.kind), None)
            if values is not None:
                row._report_again(*values)
            elif row.state != "accepted" or row.kind not in WAITING_KINDS:
                row.unlink()
        self.create(
            [
                {
                    "supplier_product_id": offer.id,
                    "kind": kind,
                    "current_value": before,
                    "proposed_value": after,
                }
                for (offer, kind), (before, after) in left.items()
            ]
        )

    def _report_again(self, before, after):
        wanted = {"current_value": before, "proposed_value": after}
        # Since when it is so is the date of the last write.
        changes = {
            name: value
            for name, value in wanted.items()
            if self._fields[name].convert_to_cache(value, self) != self[name]
        }
        if changes:
            self.write(changes)
        # A price that was accepted has been written: this is another change. What is only reported
        # stays put away for as long as it lasts.
        if self.state == "accepted" and self.kind in WAITING_KINDS:
            self.write({"state": "waiting", "decided_by_id": False})

    @api.autovacuum
    def _gc_accepted(self):
        limit = fields.Datetime.now() - timedelta(days=KEPT_DAYS)
        self.search(
            [
                ("state", "=", "accepted"),
                ("kind", "in", WAITING_KINDS),
                ("write_date", "<", limit),
            ]
        ).unlink()

    # --- buttons ---

    def action_accept(self):
        """Accept the changes; price and cost of one product are one decision."""
        offers = self._decide("accepted")
        # Whatever moved since the list was opened is accepted with them.
        offers.write({"bypass_limit": True, "pending": True})
        refused = offers.browse()
        for connection, products in offers.grouped("connection_id").items():
            if len(products) <= IMPORT_AT_ONCE:
                refused += products.with_company(connection.company_id)._update_now()
            else:
                connection._trigger_lane("catalog")
        return refused._notify_refused()

    def action_hold(self):
        """Leave prices and costs as they are until somebody accepts the change."""
        self._decide("held")
        return True

    def _decide(self, state):
        """Note the decision and return the supplier products whose price or cost it is."""
        self.check_access("read")
        self.supplier_product_id._check_may_decide()
        # sudo: rows are written by us only; who may decide was checked.
        decided = self.sudo()
        offers = decided.filtered(lambda change: change.kind in WAITING_KINDS).supplier_product_id
        decided |= decided.search(
            [
                ("supplier_product_id", "in", offers.ids),
                ("kind", "in", WAITING_KINDS),
                ("state", "!=", "accepted"),
            ]
        )
        decided.write({"state": state, "decided_by_id": self.env.uid})
        return offers


class SupplierProduct(models.Model):
    """Large changes of price and cost wait for a person; others that hurt are reported to one."""

    _inherit = "inventory.source.product"

    bypass_limit = fields.Boolean(
        readonly=True,
        help="A person wants its price and cost brought up to date, however far they move.",
    )

    def _update_products(self):
        if not self:
            return
        # What an import sets (a family's price with a new variant) is not held back: no context.
        # No language: translations are a person's.
        context = {"inventory_source_hold_back": True, "lang": None}
        super(SupplierProduct, self.with_context(**context))._update_products()
        self.filtered("bypass_limit").bypass_limit = False
        self._report_standing()

    def _hold_back(self, values, changes, owners):
        """Return the changes to write now; prices and costs that move too far are left to decide.

        :param dict values: {product or template: all that was wanted}
        :param dict changes: {product or template: what of it differs}
        :param dict owners: {product or template: the supplier product that remembers for it}
        """
        limit = self.connection_id.change_limit
        if not self.env.context.get("inventory_source_hold_back") or not limit:
            return changes
        kinds = {
            KIND_OF_FIELD[name]
            for wanted in values.values()
            for name in wanted
            if name in KIND_OF_FIELD
        }
        if not kinds:
            return changes
        found, passed = {}, {}
        for record, written in changes.items():
            owner = owners[record]
            far = {
                name: (record[name], value)
                for name, value in written.items()
                if name in KIND_OF_FIELD
                and not owner.bypass_limit
                and abs(moved(record[name], value)) > limit
            }
            found |= {(owner, KIND_OF_FIELD[name]): figures for name, figures in far.items()}
            passed[record] = {name: value for name, value in written.items() if name not in far}
        checked = self.browse([owners[record].id for record in values])
        self.env["inventory.source.change"]._report(checked, list(kinds), found)
        return {record: written for record, written in passed.items() if written}

    def _report_standing(self):
        """Report prices below MAP, lost margins, and what quotations wait for in vain."""
        if not self:
            return
        connection = self.connection_id
        factor, currency = connection._price_factor(), connection._price_currency()
        share, found, wanted_in_vain = connection._net_share(), {}, self._wanted_in_vain()
        for offer in self._counting():
            if offer.discontinued_at:
                if offer.product_id in wanted_in_vain:
                    found[offer, "discontinued"] = (offer.quantity, 0.0)
                continue
            price = offer.product_id.lst_price
            # With the taxes that the price includes.
            least, landed = offer.map * factor, offer.landed_cost * factor / share
            if float_compare(price, least, precision_rounding=currency.rounding) < 0:
                found[offer, "map"] = (price, least)
            if float_compare(price, landed, precision_rounding=currency.rounding) <= 0:
                found[offer, "margin"] = (price, landed)
        self.env["inventory.source.change"]._report(self, STANDING_KINDS, found)

    def _quoted(self, domain):
        """Return the products of a part of the supplier products that stand on quotations."""
        # sudo: quotations of every salesperson and company.
        lines = self.env["sale.order.line"].sudo()
        found = lines._read_group(
            Domain("state", "in", ("draft", "sent"))
            & Domain("product_id", "in", self._search(domain).subselect("product_id")),
            ["product_id"],
        )
        return self.env["product.product"].concat(*(product for (product,) in found))

    def _wanted_in_vain(self):
        """Return the products no supplier lists any more that stand on a quotation."""
        gone = self.filtered("discontinued_at").product_id
        if not gone:
            return gone
        gone -= self.search(
            [
                ("product_id", "in", gone.ids),
                ("discontinued_at", "=", False),
                ("connection_id.is_counted", "=", True),
            ]
        ).product_id
        return gone & self._quoted(Domain("product_id", "in", gone.ids)).with_env(self.env)

    def _upsert(self, catalog, products, hashes, asked_at):
        before = self._stock_of_linked(catalog.connection_id, products)
        result = super()._upsert(catalog, products, hashes, asked_at)
        if before:
            self._report_stock(catalog.connection_id, before)
        return result

    def _stock_of_linked(self, connection, products):
        """Return {supplier product: pieces} of what is about to be written."""
        if not connection.change_stock_limit or not connection.is_counted:
            return {}
        linked = self.search_fetch(
            [
                ("connection_id", "=", connection.id),
                ("external_id", "in", [product.id for product in products]),
                ("product_id", "!=", False),
            ],
            ["available"],
        )
        return {offer: offer.available for offer in linked}

    def _report_stock(self, connection, before):
        """Report stock that fell far; it is stored already, so that nothing is oversold."""
        offers = self.browse([offer.id for offer in before])
        reported = self.env["inventory.source.change"].search(
            [("supplier_product_id", "in", offers.ids), ("kind", "=", "stock")]
        )
        # From where the fall began that was reported, else from the page before.
        before |= {change.supplier_product_id: change.current_value for change in reported}
        found = {
            (product, "stock"): (pieces, product.available)
            for product, pieces in before.items()
            if -moved(pieces, product.available) > connection.change_stock_limit
        }
        self.env["inventory.source.change"]._report(offers, ["stock"], found)
