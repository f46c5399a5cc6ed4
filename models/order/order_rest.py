from odoo import models
from odoo.exceptions import UserError

from ..sync.record_mixin import USER
from ..sync.states import KEPT


class Order(models.Model):
    """What does not come and no sale would buy again: what was bought in exchange, or by hand."""

    _inherit = "inventory.source.order"

    def action_order_rest(self):
        """Order what does not come once more; refuse where Odoo would buy nothing."""
        orders = self._checked(USER, KEPT).filtered("rest_undecided")
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
        return super().action_order_rest()

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
