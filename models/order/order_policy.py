from datetime import timedelta

from odoo import fields, models

from ..sync.states import UNSENT


class Connection(models.Model):
    """When and how orders leave over this connection."""

    _inherit = "inventory.source.connection"

    order_ids = fields.One2many("inventory.source.order", "connection_id")
    order_policy = fields.Selection(
        [
            ("at_once", "At once"),
            ("delay", "After a while"),
            ("release", "When somebody has released them"),
        ],
        "Orders Leave",
        default="at_once",
        required=True,
        tracking=True,
    )
    order_delay = fields.Integer(
        "Minutes to Wait",
        default=30,
        tracking=True,
        help="For changes of mind: until then a cancelled sale is simply not sent.",
    )
    hold_amount = fields.Monetary(
        "Hold Above",
        currency_field="company_currency_id",
        tracking=True,
        help="Sale orders with a larger total wait to be released. 0: none.",
    )
    hold_margin = fields.Float(
        "Hold Below a Margin of (%)",
        tracking=True,
        help="In percent of the price, after the supplier's fees. 0: none.",
    )
    hold_new_customers = fields.Boolean(tracking=True, help="The first order of a customer waits.")
    hold_restricted = fields.Boolean(
        "Hold Restricted Goods", default=True, tracking=True, help="Firearms wait to be released."
    )
    hold_stale_hours = fields.Integer(
        "Hold When Stock Is Older Than (hours)",
        tracking=True,
        help="It is looked at again right before the order is sent, one request for each product; "
        "held is what is not enough, or cannot be looked at. 0: none.",
    )
    po_box_allowed = fields.Boolean(
        "Deliver to PO Boxes", tracking=True, help="Most carriers do not; the postal service does."
    )
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company Currency"
    )

    _order_delay_positive = models.Constraint(
        "CHECK(order_delay >= 0)", "Orders cannot leave before they were made."
    )


class Order(models.Model):
    _inherit = "inventory.source.order"

    released = fields.Boolean(
        readonly=True, copy=False, help="Somebody let it go: no policy holds it any more."
    )

    def _decide(self, leaving=False):
        """Queue orders that may leave; hold or raise the others, with the reason.

        :param bool leaving: it is about to be sent, and its stock was looked at
        """
        for order in self:
            if order.state == "held":
                # Who held it lets it go; what is missing is said then.
                continue
            if issues := order._issues():
                order._set_state("review", "\n".join(dict.fromkeys(i.message for i in issues)))
            elif reasons := order._hold_reasons(leaving):
                order._set_state("held", "\n".join(reasons))
                order._ask_about_stock(leaving)
            else:
                order._set_state("queued", next_try_at=order._leaves_at())
                order._trigger_lanes()

    def _leaves_at(self):
        """Return when this order may leave, or False: at once."""
        connection = self.connection_id
        if self.released or connection.order_policy != "delay":
            return self.next_try_at
        return self.create_date + timedelta(minutes=connection.order_delay)

    def _hold_reasons(self, leaving=False):
        """Say in words why the connection's policy holds this order; empty when it does not."""
        self.ensure_one()
        if self.released:
            return []
        connection, sale = self.connection_id, self.sale_order_id
        reasons = []
        if connection.order_policy == "release":
            reasons.append(
                self.env._("Orders of this connection leave when somebody releases them.")
            )
        total = sale.currency_id._convert(
            sale.amount_total,
            connection.company_currency_id,
            sale.company_id,
            sale.date_order.date(),
        )
        if connection.hold_amount and total > connection.hold_amount:
            reasons.append(
                self.env._(
                    "The sale of %(total)s is above %(limit)s.",
                    total=connection.company_currency_id.format(total),
                    limit=connection.company_currency_id.format(connection.hold_amount),
                )
            )
        margin = self._margin()
        if connection.hold_margin and margin is not None and margin < connection.hold_margin:
            reasons.append(
                self.env._(
                    "The margin is %(margin).1f %%, less than %(limit)g %%.",
                    margin=margin,
                    limit=connection.hold_margin,
                )
            )
        if connection.hold_new_customers and sale._inventory_source_is_first():
            reasons.append(
                self.env._("It is the first order of %(name)s.", name=sale.partner_id.display_name)
            )
        reasons += [reason for line in self.line_ids for reason in line._hold_reasons()]
        return reasons + self._judge_stock(leaving)

    def _margin(self):
        """Return the margin in percent of the price, after fees and the sale's own discounts.

        A gift loses all it costs: -100 %. None when nothing is sold and nothing costs.
        """
        sold = sum(line.price * line.quantity for line in self.line_ids)
        sold *= self.sale_order_id._inventory_source_undiscounted()
        cost = sum(line.shelf_id.landed_cost * line.quantity for line in self.line_ids)
        return (sold - cost) / (sold or cost) * 100 if sold or cost else None


class OrderLine(models.Model):
    _inherit = "inventory.source.order.line"

    def _hold_reasons(self):
        """Say why this line lets the policy hold its order."""
        self.ensure_one()
        connection, shelf = self.connection_id, self.shelf_id
        reasons = []
        if connection.hold_restricted and shelf.firearm:
            reasons.append(self._restricted_text())
        return reasons

    def _restricted_text(self):
        return self.env._("%(sku)s is restricted goods (firearm).", sku=self.sku)


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _inventory_source_is_first(self):
        """Say whether this customer has bought nothing before.

        What itself still waits proves nothing: somebody new who orders twice is new both times.
        """
        self.ensure_one()
        waiting = [("state", "in", UNSENT), ("released", "=", False)]
        earlier = [
            ("partner_id", "child_of", self.partner_id.commercial_partner_id.id),
            ("state", "=", "sale"),
            ("id", "!=", self.id),
            ("inventory_source_order_ids", "not any", waiting),
        ]
        return not self.search_count(earlier, limit=1)

    def _inventory_source_undiscounted(self):
        """Return the part of the prices that coupons and discounts on lines of their own leave."""
        discounts = sum(line.price_subtotal for line in self.order_line if line.price_unit < 0)
        if not discounts:
            return 1.0
        goods = sum(max(line.price_subtotal, 0) for line in self.order_line)
        return max(1 + discounts / goods, 0) if goods else 0.0
