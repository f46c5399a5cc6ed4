from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..sync.record_mixin import WARNING
from ..sync.states import BOUGHT, CLOSED, TAKEN
from .purchase_order import ANSWERING

# A wizard still open after this long is not waited for any more.
GIVEN_UP_MINUTES = 10
# How the stand-in for the company's own address is found again.
STAND_IN = "TEST-ORDER"


class Connection(models.Model):
    """A test order: the way of every order, with a product, an address and a name of its own.

    These run in transactions of their own (`_transact`), because the lane works in others.
    """

    _inherit = "inventory.source.connection"

    def action_rehearse(self):
        """Open the guided test order."""
        self.ensure_one()
        self.check_access("write")
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "inventory_source.inventory_source_rehearsal_action"
            ),
            "context": {"default_connection_id": self.id},
        }

    def _cheapest_in_stock(self):
        """Return the imported product a test order costs least with; none when nothing fits."""
        offers = self.env["inventory.source.product"].search(
            [
                ("connection_id", "=", self.id),
                ("product_id", "!=", False),
                ("available", ">", 0),
                ("discontinued_at", "=", False),
                ("firearm", "=", False),
            ]
        )
        return offers.sorted(lambda shelf: (shelf.landed_cost, shelf.id))[:1]

    def _test_address(self, partner):
        """Return where a test is sent: the address, or a stand-in for it.

        The company is no customer of its own: Odoo takes what is sold to it into transit, where
        nothing is drop-shipped. An archived contact, always the same, has its address instead.
        """
        partner = partner.with_company(self.company_id)
        if partner.property_stock_customer.usage == "customer":
            return partner
        names = (*partner._address_fields(), "phone", "email")
        values = partner._convert_to_write({name: partner[name] for name in names})
        known = [("parent_id", "=", partner.id), ("ref", "=", STAND_IN)]
        stand_in = partner.with_context(active_test=False).search(known, limit=1)
        if not stand_in:
            return partner.create(
                {
                    **values,
                    "name": self.env._("Test Order"),
                    "parent_id": partner.id,
                    "type": "delivery",
                    "ref": STAND_IN,
                    "active": False,
                }
            )
        stand_in.write(values)
        return stand_in

    def _rehearse(self, shelf_id, partner_id, user_id, rehearsal_id):
        """Sell one piece to an address and put it in the outbox, past all that could hold it.

        :param int rehearsal_id: the wizard that asks for it, and may look at it afterwards
        :return: `(the order's id or False, the sale order's name)`
        """
        shelf = self.env["inventory.source.product"].browse(shelf_id)
        partner = self.env["res.partner"].browse(partner_id)
        number = self.env["ir.sequence"].next_by_code("sale.order")
        warning = self.env._("TEST ORDER. Do not pack, do not ship.")
        sale = self.env["sale.order"].create(
            {
                "name": f"TEST-{number}",
                "partner_id": partner_id,
                "partner_shipping_id": self._test_address(partner).id,
                "company_id": self.company_id.id,
                "user_id": user_id,
                "client_order_ref": "TEST",
                "inventory_source_message": warning,
                "note": warning,
                "order_line": [
                    Command.create(
                        {
                            "product_id": shelf.product_id.id,
                            "product_uom_qty": 1,
                            "route_ids": [
                                Command.set(
                                    self.env.ref("stock_dropshipping.route_drop_shipping").ids
                                )
                            ],
                        }
                    )
                ],
            }
        )
        sale.action_confirm()
        marks = self.env["inventory.source.order"].search(
            [("sale_order_id", "=", sale.id), ("is_mark", "=", True)]
        )
        for mark in marks:
            mark._follow_mark()
        # Another connection may be the cheaper one for the same product: this one is tested.
        orders = sale.inventory_source_order_ids
        order = orders.filtered(lambda order: order.connection_id == self)
        order.write({"is_test": True, "rehearsal_id": rehearsal_id})
        if order and orders == order:
            order._let_go()
            return order.id, sale.name
        sale._inventory_source_close_test()
        return False, sale.name

    def _left_rehearsals(self, minutes=0):
        """Return the test orders that are older and that nobody has cleaned up."""
        return self.env["inventory.source.order"].search(
            [
                ("connection_id", "=", self.id),
                ("is_test", "=", True),
                ("create_date", "<=", fields.Datetime.now() - timedelta(minutes=minutes)),
                ("state", "not in", CLOSED),
                ("state", "!=", "sending"),
            ]
        )

    def _clean_rehearsals(self, minutes=0):
        """Close the test orders left over; return their numbers."""
        # Skipping what a lane holds at this moment.
        left = self._left_rehearsals(minutes).try_lock_for_update()
        left = left.filtered(lambda order: not order._is_real_purchase())
        left._close_test()
        return left.mapped("name")

    def _rehearsal_order(self, rehearsal_id):
        """Return the test order a wizard has made over this connection, or none."""
        if not rehearsal_id:  # a form not saved yet; nothing would find what no wizard has made
            return self.env["inventory.source.order"]
        return self.env["inventory.source.order"].search(
            [
                ("rehearsal_id", "=", rehearsal_id),
                ("connection_id", "=", self.id),
                ("is_test", "=", True),
            ],
            limit=1,
        )

    def _rehearsed(self, rehearsal_id):
        """Return `(state, reason, their number, purchase orders)` of a test order as it is now."""
        order = self._rehearsal_order(rehearsal_id)
        if not order:
            raise UserError(self.env._("No test order was made here yet. Send one first."))
        purchases = ", ".join(
            f"{purchase.name} ({purchase.partner_ref or '-'})"
            for purchase in order.purchase_order_ids
        )
        return order.state, order.finish_error or order.reason or "", order.remote_id, purchases

    def _close_rehearsal(self, rehearsal_id):
        """Close a test order with its documents; return whether it was one that may be closed."""
        order = self._rehearsal_order(rehearsal_id)
        order.lock_for_update()
        if order.state == "sending" or order._is_real_purchase():
            return False
        order._close_test()
        return True


class Order(models.Model):
    _inherit = "inventory.source.order"

    is_test = fields.Boolean(
        "Test Order", readonly=True, copy=False, help="Made by the guided test order."
    )
    # Kept here, where only we write, and not on the wizard, where people do. No relation: wizards
    # vanish, and the order is made in another transaction.
    rehearsal_id = fields.Integer(
        "Made by Wizard", readonly=True, copy=False, index="btree_not_null"
    )

    def _is_real_purchase(self):
        """Say whether the supplier has it, or may have it, and will be paid for it."""
        self.ensure_one()
        return self.environment == "production" and self.state in BOUGHT

    def _close_test(self):
        """Close test orders and cancel their documents: nothing of them is left open.

        What the service has accepted stays accepted (it cannot go back), so it becomes done: it is
        not asked about any more.
        """
        for order in self:
            purchases, sale = order.purchase_order_ids, order.sale_order_id
            taken = order.state in TAKEN
            order._set_state(
                "done" if taken else "cancelled",
                self.env._("A test order. Its documents were cancelled."),
                unfinished=False,
                **({} if taken else {"may_exist": False}),
            )
            sale._inventory_source_close_test(purchases)


class OrderLane(models.AbstractModel):
    _inherit = "inventory.source.lane.order"

    def _run(self, connection, *args, **kwargs):
        """Clean up the test orders whose wizard was closed, or failed half way."""
        connection._transact(type(connection)._clean_rehearsals, GIVEN_UP_MINUTES)
        return super()._run(connection, *args, **kwargs)


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _inventory_source_close_test(self, purchases=None):
        """Cancel a test sale with its purchase orders and the calls for a person Odoo makes."""
        for sale in self:
            purchases = (purchases or sale._get_purchase_orders()).filtered(
                lambda purchase: purchase.state != "cancel"
            )
            if sale.locked:
                sale.action_unlock()
            if sale.state != "cancel":
                sale._action_cancel()
            purchases.filtered("locked").button_unlock()
            purchases.with_context(**{ANSWERING: True}).button_cancel()
            for document in (sale, *purchases):
                document.message_post(
                    body=self.env._("This was a test order. It is cancelled and means nothing.")
                )
                document.activity_unlink([WARNING])
