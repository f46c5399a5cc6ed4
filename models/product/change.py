from datetime import timedelta

from odoo import api, fields, models

from ...tools.pricing import moved
from .importer import IMPORT_AT_ONCE

# These wait for a decision: until then the product in Odoo keeps what it has. The others tell of
# something that is so already.
WAITING_KINDS = ("price", "cost")
KEPT_DAYS = 90


class Change(models.Model):
    """One change of a supplier product that a person should look at; rows are made in bulk.

    A row is open while what it tells of is so. Money of a sales price is in the currency of sales
    prices, money of a cost in the company's, stock in pieces.
    """

    _name = "inventory.source.change"
    _description = "Inventory Source Change"
    _order = "write_date desc, id desc"
    _rec_name = "shelf_id"

    shelf_id = fields.Many2one(
        "inventory.source.product", "Supplier Product", required=True, ondelete="cascade"
    )
    connection_id = fields.Many2one(related="shelf_id.connection_id", store=True, index=True)
    company_id = fields.Many2one(related="shelf_id.company_id", store=True, index=True)
    supplier_id = fields.Many2one(related="shelf_id.supplier_id")
    product_id = fields.Many2one(related="shelf_id.product_id")
    kind = fields.Selection(
        [
            ("price", "Sales price moved"),
            ("cost", "Cost moved"),
            ("stock", "Stock fell"),
            ("map", "Below MAP"),
            ("margin", "Margin lost"),
            ("discontinued", "Discontinued, on open quotations"),
        ],
        "What",
        required=True,
        readonly=True,
    )
    before = fields.Float(
        "Now",
        digits="Product Price",
        readonly=True,
        help="The price, cost or stock in Odoo; of a price below MAP or without margin, the price.",
    )
    after = fields.Float(
        "Would Be",
        digits="Product Price",
        readonly=True,
        help="What the supplier makes of it; of a price below MAP the MAP, of a price without "
        "margin the landed cost, with the taxes that the price includes.",
    )
    moved = fields.Float("Moved (%)", compute="_compute_moved", store=True, aggregator="avg")
    state = fields.Selection(
        [("waiting", "To decide"), ("held", "Held"), ("accepted", "Accepted")],
        default="waiting",
        required=True,
        readonly=True,
        help="Prices and costs stay as they are until they are accepted.",
    )
    decided_by_id = fields.Many2one("res.users", readonly=True)

    _shelf_kind_uniq = models.Constraint(
        "UNIQUE(shelf_id, kind)", "This change is in the list already."
    )

    @api.depends("before", "after")
    def _compute_moved(self):
        for change in self:
            change.moved = moved(change.before, change.after)

    @api.model
    def _tell(self, shelf, kinds, found):
        """Write down what was found on these products, and close what is not so any more.

        :param kinds: the kinds that were looked at
        :param dict found: {(product of the shelf, kind): (before, after)}
        """
        left = dict(found)
        for row in self.search([("shelf_id", "in", shelf.ids), ("kind", "in", kinds)]):
            values = left.pop((row.shelf_id, row.kind), None)
            if values is not None:
                row._tell_again(*values)
            elif row.state != "accepted" or row.kind not in WAITING_KINDS:
                row.unlink()
        self.create(
            [
                {"shelf_id": shelf.id, "kind": kind, "before": before, "after": after}
                for (shelf, kind), (before, after) in left.items()
            ]
        )

    def _tell_again(self, before, after):
        wanted = {"before": before, "after": after}
        # Since when it is so is the date of the last write.
        changes = {
            name: value
            for name, value in wanted.items()
            if self._fields[name].convert_to_cache(value, self) != self[name]
        }
        if changes:
            self.write(changes)
        # A price that was accepted has been written: this is another change. What is only told
        # of stays put away for as long as it lasts.
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
        """Let the changes through; price and cost of one product are one decision."""
        shelf = self._decide("accepted")
        # Whatever moved since the list was opened is let through with them.
        shelf.write({"let_through": True, "pending": True})
        refused = shelf.browse()
        for connection, products in shelf.grouped("connection_id").items():
            if len(products) <= IMPORT_AT_ONCE:
                refused += products.with_company(connection.company_id)._update_now()
            else:
                connection._trigger_lane("catalogue")
        return refused._refused_told()

    def action_hold(self):
        """Leave prices and costs as they are until somebody accepts the change."""
        self._decide("held")
        return True

    def _decide(self, state):
        """Note the decision and return the products of the shelf whose price or cost it is."""
        self.check_access("read")
        self.shelf_id._check_may_decide()
        # sudo: rows are written by us only; who may decide was checked.
        decided = self.sudo()
        shelf = decided.filtered(lambda change: change.kind in WAITING_KINDS).shelf_id
        decided |= decided.search(
            [
                ("shelf_id", "in", shelf.ids),
                ("kind", "in", WAITING_KINDS),
                ("state", "!=", "accepted"),
            ]
        )
        decided.write({"state": state, "decided_by_id": self.env.uid})
        return shelf
