from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..sync.record_mixin import CALL, USER, age
from ..sync.states import KEPT, LEAVING, MAY_COME
from .holds import BY_TILL
from .till_watch import is_till_asked, note_till_decided

# As `_pieces` of the lines: what the supplier took once it has answered.
PIECES = """CASE line.state WHEN 'accepted' THEN COALESCE(line.accepted_quantity, 0)
    WHEN 'rejected' THEN 0 ELSE line.quantity END"""
# What the lines of an order come to.
TOTALS = {
    "pieces": PIECES,
    "amount": f"{PIECES} * COALESCE(line.price, 0)",
    "cost_amount": f"""{PIECES} * (COALESCE(NULLIF(line.cost, 0), line.listed_cost, 0)
        + COALESCE(line.fee, 0) + COALESCE(line.freight, 0))""",
    "asked_pieces": "line.quantity",
    "asked_amount": "line.quantity * COALESCE(line.price, 0)",
}
SUMMED = (
    "order_id", "state", "quantity", "accepted_quantity", "price", "cost", "listed_cost", "fee",
    "freight",
)  # fmt: skip


class TotalMixin:
    """A field that is not stored, and yet sorted by and added up: lists, pivots and graphs ask it.

    Stored, it would be one more thing that each line has to bring up to date.
    """

    def to_sql(self, model, alias):
        return SQL(
            "(SELECT COALESCE(SUM(%s), 0) FROM inventory_source_order_line AS line"
            " WHERE line.order_id = %s)",
            SQL(TOTALS[self.name]),
            SQL.identifier(alias, "id"),
            to_flush=[model.env["inventory.source.order.line"]._fields[name] for name in SUMMED],
        )


class FloatTotal(TotalMixin, fields.Float):
    pass


class MonetaryTotal(TotalMixin, fields.Monetary):
    pass


class Order(models.Model):
    """What lists show and add up of orders, and the buttons for many of them."""

    _inherit = "inventory.source.order"

    age = fields.Char(compute="_compute_age", help="How long ago it was ordered.")
    currency_id = fields.Many2one(related="connection_id.currency_id")
    pieces = FloatTotal(
        "Items",
        compute="_compute_totals",
        digits="Product Unit",
        help="What is ordered; what the supplier accepted once it has answered.",
    )
    amount = MonetaryTotal(
        compute="_compute_totals", help="What the customer pays for these items, untaxed."
    )
    cost_amount = MonetaryTotal(
        "Cost",
        compute="_compute_totals",
        help="Goods, fees and freight as listed when ordered; the goods as answered by then.",
    )
    # Where everything was rejected that is decided about: lists show it, and add it to no sum.
    asked_pieces = FloatTotal("Items Asked", compute="_compute_totals", digits="Product Unit")
    asked_amount = MonetaryTotal("Amount Asked", compute="_compute_totals")
    supplier_ids = fields.Many2many(
        "inventory.source.supplier",
        string="Suppliers",
        compute="_compute_supplier_ids",
        search="_search_supplier_ids",
        groups="inventory_source.group_user",
    )
    to_call = fields.Boolean(
        "Supplier to Call",
        compute="_compute_to_call",
        search="_search_to_call",
        help="A colleague was asked to call the supplier before it ships.",
    )

    # What the dashboard counts and adds up. State has an index of its own.
    _needs_you_idx = models.Index(
        "(connection_id) WHERE rest_undecided IS TRUE OR cause = 'request'"
        " OR documents_error IS NOT NULL"
    )

    @api.depends("create_date")
    @api.depends_context("lang")
    def _compute_age(self):
        for order in self:
            order.age = order.create_date and age(self.env, order.create_date)

    @api.depends(*(f"line_ids.{name}" for name in SUMMED if name != "order_id"))
    def _compute_totals(self):
        rows = self.with_context(active_test=False)._read_group(
            [("id", "in", self.ids)], ["id"], [f"{name}:sum" for name in TOTALS]
        )
        totals = {order.id: figures for order, *figures in rows}
        for order in self:
            figures = totals.get(order.id, (0,) * len(TOTALS))
            order.update(dict(zip(TOTALS, figures, strict=True)))

    @api.depends("line_ids.supplier_product_id")
    def _compute_supplier_ids(self):
        Line = self.env["inventory.source.order.line"]
        suppliers = dict(
            Line._read_group(
                [("order_id", "in", self.ids)], ["order_id"], ["supplier_id:recordset"]
            )
        )
        for order in self:
            order.supplier_ids = suppliers.get(order._origin)

    def _search_supplier_ids(self, operator, value):
        if operator in Domain.NEGATIVE_OPERATORS:
            return NotImplemented
        return Domain("line_ids.supplier_product_id.supplier_id", operator, value)

    # --- what buttons answer: what they did, or when it will be ---

    def _release_for_person(self):
        for order in self.filtered(lambda order: order.cause in BY_TILL):
            # Else it is held again, and asked about with what the till has settled since.
            if is_till_asked(order):
                note_till_decided(order)
        self._release()
        return self._answer("released")

    def _answer(self, done):
        """Return the action that answers whoever pressed a button on these."""
        stuck = done == "released" and self.filtered(lambda order: order.state not in LEAVING)
        return self._notify(pressed_text(self, done), "warning" if stuck else "success")

    def _compute_to_call(self):
        asked = self.search([("id", "in", self.ids), ("to_call", "=", True)])
        for order in self:
            order.to_call = order._origin in asked

    def _search_to_call(self, operator, value):
        if operator != "in" or not all(value):
            return NotImplemented
        # sudo: what is to be done about an order does not depend on who looks.
        asked = self.env["mail.activity"].sudo()
        found = asked._search(
            [
                ("res_model", "=", self._name),
                ("activity_type_id", "=", self.env.ref(CALL).id),
                ("automated", "=", True),
            ]
        )
        called = found.subselect(SQL.identifier(asked._table, "res_id"))
        return Domain("state", "in", MAY_COME) & Domain("id", "in", called)

    # --- what does not come and no sale would buy again: in exchange, or by hand ---

    def _checked_rest(self):
        """Return those of which a person has to decide about a part, in sudo.

        :raise AccessError, UserError: why not
        """
        orders = self._checked(USER, KEPT).filtered("rest_undecided")
        if not orders:
            raise UserError(
                self.env._(
                    "%(orders)s: nothing is left to decide.",
                    orders=", ".join(self.mapped("display_name")),
                )
            )
        return orders

    def action_order_rest(self):
        """Order what does not come once more, of whoever Odoo buys it from now.

        :raise UserError: Odoo would buy nothing
        """
        orders = self._checked_rest()
        if lines := orders._rest_of_no_sale():
            raise UserError(
                self.env._(
                    "%(products)s of %(orders)s: no confirmed sale asks for this, so nothing would "
                    "be ordered. Raise the quantity on %(purchases)s to have it ordered, then "
                    "choose “Done” here.",
                    products=", ".join(lines.product_id.mapped("display_name")),
                    orders=", ".join(lines.order_id.mapped("name")),
                    purchases=", ".join(lines.purchase_line_id.order_id.mapped("name"))
                    or self.env._("the purchase order"),
                )
            )
        orders.sale_order_id.action_inventory_source_enqueue()
        orders._settle_rest()
        return orders._answer("ordered")

    def _rest_of_no_sale(self):
        """Return the lines of which pieces do not come, and that a sale would not buy again."""
        return self.line_ids.filtered(
            lambda line: (
                line.accepted_quantity < line.quantity
                and not (line._is_sold() and line.sale_line_id.state == "sale")
            )
        )

    def _settle_rest_of_sale(self):
        """Settle what a sale has just bought again, or was canceled with; the rest stays asked."""
        self.filtered(
            lambda order: order.sale_order_id.state != "sale" or not order._rest_of_no_sale()
        )._settle_rest()


def pressed_text(orders, done):
    """Return what to answer whoever pressed a button on orders: what it did, or when it will.

    :param done: "released" where they are to leave now, else what was done
    """
    env, names = orders.env, ", ".join(orders.mapped("display_name"))
    if done == "held":
        return env._("On hold until you approve: %(orders)s.", orders=names)
    if done == "cancelled":
        return env._("Canceled: %(orders)s. No supplier gets it.", orders=names)
    if done == "settled":
        return env._(
            "Decided: %(orders)s. Nothing more is expected of the part that is missing.",
            orders=names,
        )
    if done == "ordered":
        return env._("Being ordered again: what is missing of %(orders)s.", orders=names)
    if stuck := orders.filtered(lambda order: order.state not in LEAVING):
        return env._(
            "Action needed before it is sent: %(orders)s. %(reason)s",
            orders=", ".join(stuck.mapped("display_name")),
            reason=stuck[0].reason or "",
        )
    reasons = [each._blocked_reason("order") for each in orders.connection_id]
    if reason := next(filter(None, reasons), None):
        return env._(
            "Queued: %(orders)s. It is not sent yet: %(reason)s", orders=names, reason=reason
        )
    return env._("Queued: %(orders)s. It is sent to the supplier in a moment.", orders=names)
