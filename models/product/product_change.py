from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import float_compare

from ...tools.pricing import moved

KIND_OF_FIELD = {"list_price": "price", "standard_price": "cost"}
STANDING_KINDS = ("map", "margin", "discontinued")


class ProductChange(models.AbstractModel):
    """Large changes of price and cost wait for a person; others that hurt are told to one."""

    _name = "inventory.source.product.change"
    _description = "Inventory Source Product Changes"

    let_through = fields.Boolean(
        readonly=True,
        help="A person wants its price and cost brought up to date, however far they move.",
    )

    def _update_products(self):
        if not self:
            return
        # What an import sets (a family's price with a new variant) is not held back: no context.
        # No language: translations are a person's.
        context = {"inventory_source_hold_back": True, "lang": None}
        super(ProductChange, self.with_context(**context))._update_products()
        self.filtered("let_through").let_through = False
        self._tell_standing()

    def _hold_back(self, values, changes, owners):
        """Return the changes to write now; prices and costs that move too far are left to decide.

        :param dict values: {product or template: all that was wanted}
        :param dict changes: {product or template: what of it differs}
        :param dict owners: {product or template: the product of the shelf that remembers for it}
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
                and not owner.let_through
                and abs(moved(record[name], value)) > limit
            }
            found |= {(owner, KIND_OF_FIELD[name]): figures for name, figures in far.items()}
            passed[record] = {name: value for name, value in written.items() if name not in far}
        looked_at = self.browse([owners[record].id for record in values])
        self.env["inventory.source.change"]._tell(looked_at, list(kinds), found)
        return {record: written for record, written in passed.items() if written}

    def _tell_standing(self):
        """Tell of prices below MAP, of lost margins, and of what quotations wait for in vain."""
        if not self:
            return
        connection = self.connection_id
        factor, currency = connection._price_factor(), connection._price_currency()
        share, found, wanted_in_vain = connection._net_share(), {}, self._wanted_in_vain()
        for shelf in self:
            if shelf.discontinued_at:
                if shelf.product_id in wanted_in_vain:
                    found[shelf, "discontinued"] = (shelf.quantity, 0.0)
                continue
            price = shelf.product_id.lst_price
            # With the taxes that the price includes.
            least, landed = shelf.map * factor, shelf.landed_cost * factor / share
            if float_compare(price, least, precision_rounding=currency.rounding) < 0:
                found[shelf, "map"] = (price, least)
            if float_compare(price, landed, precision_rounding=currency.rounding) <= 0:
                found[shelf, "margin"] = (price, landed)
        self.env["inventory.source.change"]._tell(self, STANDING_KINDS, found)

    def _quoted(self, domain):
        """Return the products of a part of the shelf that stand on quotations."""
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
            [("product_id", "in", gone.ids), ("discontinued_at", "=", False)]
        ).product_id
        return gone & self._quoted(Domain("product_id", "in", gone.ids)).with_env(self.env)

    def _upsert(self, catalog, products, hashes, asked_at):
        before = self._stock_of_linked(catalog.connection_id, products)
        result = super()._upsert(catalog, products, hashes, asked_at)
        if before:
            self._tell_stock(catalog.connection_id, before)
        return result

    def _stock_of_linked(self, connection, products):
        """Return {product of the shelf: pieces} of what is about to be written."""
        if not connection.change_stock_limit:
            return {}
        linked = self.search_fetch(
            [
                ("connection_id", "=", connection.id),
                ("external_id", "in", [product.id for product in products]),
                ("product_id", "!=", False),
            ],
            ["available"],
        )
        return {shelf: shelf.available for shelf in linked}

    def _tell_stock(self, connection, before):
        """Tell of stock that fell far; the shelf has it already, so that nothing is oversold."""
        shelf = self.browse([shelf.id for shelf in before])
        told = self.env["inventory.source.change"].search(
            [("shelf_id", "in", shelf.ids), ("kind", "=", "stock")]
        )
        # From where the fall began that was told of, else from the page before.
        before |= {change.shelf_id: change.before for change in told}
        found = {
            (product, "stock"): (pieces, product.available)
            for product, pieces in before.items()
            if -moved(pieces, product.available) > connection.change_stock_limit
        }
        self.env["inventory.source.change"]._tell(shelf, ["stock"], found)
