from odoo import api, models

from ..sync.states import AT_SERVICE, MAY_COME_LATER
from .address import delivery_address

# What of a partner is printed on a parcel.
ADDRESS_FIELDS = {
    "name",
    "parent_id",
    "street",
    "street2",
    "city",
    "zip",
    "state_id",
    "country_id",
    "phone",
}


class Order(models.Model):
    """Delivery addresses that change after an order has left: the service takes no correction."""

    _inherit = "inventory.source.order"

    def _sent_addresses(self):
        """Return {order: address} of those that have left and of which something is to come."""
        return {
            order: order._delivery_address()
            for order in self
            if order.state in AT_SERVICE or (order.may_exist and order.state != "cancelled")
        }

    def _delivery_address(self):
        self.ensure_one()
        sale = self.sale_order_id
        return delivery_address(sale.partner_shipping_id, sale.partner_id)

    @api.model
    def _tell_readdressed(self, before):
        """Ask a person to tell the suppliers where the orders go now.

        :param dict before: what `_sent_addresses` returned before the change
        """
        for order, address in before.items():
            now = order._delivery_address()
            if now == address:
                continue
            lines = (
                now.name,
                now.company,
                now.address1,
                now.address2,
                f"{now.city} {now.state} {now.zip}".strip(),
                now.country,
                now.phone,
            )
            order._ask_supplier(
                self.env._("The address of %(order)s changed after it was sent", order=order.name),
                self.env._("deliver it to %(address)s", address=", ".join(filter(None, lines))),
            )


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def write(self, vals):
        if "partner_shipping_id" not in vals:
            return super().write(vals)
        # sudo: whoever changes the sale may not write orders to suppliers.
        before = self.sudo().inventory_source_order_ids._sent_addresses()
        result = super().write(vals)
        self.env["inventory.source.order"].sudo()._tell_readdressed(before)
        return result


class Partner(models.Model):
    _inherit = "res.partner"

    def write(self, vals):
        if not (ADDRESS_FIELDS & vals.keys() and self.ids):
            return super().write(vals)
        # sudo: see above. Contacts of a company take over its address without a `write`.
        orders = self.env["inventory.source.order"].sudo()
        before = orders.search(
            [
                ("state", "in", MAY_COME_LATER),
                ("sale_order_id.partner_shipping_id", "child_of", self.ids),
            ]
        )._sent_addresses()
        result = super().write(vals)
        orders._tell_readdressed(before)
        return result
