"""What the tests of orders share: suppliers with products, customers, and the service's answers."""

from datetime import timedelta

from odoo import fields
from odoo.fields import Command
from odoo.tools import mute_logger

from ..common import InventorySourceCommon

PATH = "/v1/channels/501/orders"
LANE = "odoo.addons.inventory_source.models.sync.lane"


class OrderCommon(InventorySourceCommon):
    """Two suppliers on one connection, a foreign vendor, own stock, and a customer in Florida."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.dropship = cls.env.ref("stock_dropshipping.route_drop_shipping")
        cls.salesperson = cls.create_user("order_salesperson", "sales_team.group_sale_salesman")
        cls.customer = cls.env["res.partner"].create(
            {
                "name": "Ada Byron",
                "street": "12 Main Street",
                "city": "Jacksonville",
                "state_id": cls.env.ref("base.state_us_10").id,
                "zip": "32202",
                "country_id": cls.env.ref("base.us").id,
                "phone": "+1 904-555-0100",
                "email": "ada@example.com",
            }
        )
        cls.catalog = cls.env["inventory.source.catalog"].create(
            {"name": "Outdoor", "external_id": "1", "connection_id": cls.connection.id}
        )
        cls.rivers, cls.camp = (
            cls.env["inventory.source.supplier"].create(
                {
                    "name": name,
                    "external_id": external_id,
                    "connection_id": cls.connection.id,
                    "partner_id": cls.env["res.partner"].create({"name": name}).id,
                }
            )
            for name, external_id in (("Rivers Edge", "19"), ("Camp Goods", "20"))
        )
        cls.creel = cls.create_offer(cls.rivers, "MO1505", 18.25).product_id
        cls.lamp = cls.create_offer(cls.rivers, "LA7", 8.0).product_id
        cls.tent = cls.create_offer(cls.camp, "TE2", 60.0).product_id
        cls.own = cls.env["product.product"].create({"name": "Own mug", "is_storable": True})
        cls.foreign = cls.create_product(
            "Foreign chair", cls.env["res.partner"].create({"name": "F"})
        )

    @classmethod
    def create_product(cls, name, vendor, cost=10.0, **values):
        """Build a drop-shipped product with one vendor line."""
        return cls.env["product.product"].create(
            {
                "name": name,
                "is_storable": True,
                "lst_price": cost * 2,
                "route_ids": [Command.set(cls.dropship.ids)],
                "seller_ids": [
                    Command.create(
                        {
                            "partner_id": vendor.id,
                            "price": cost,
                            "currency_id": cls.env.ref("base.USD").id,
                        }
                    )
                ],
                **values,
            }
        )

    @classmethod
    def create_offer(cls, supplier, sku, cost, connection=None, **values):
        """Build a supplier product with its Odoo product."""
        connection = connection or cls.connection
        return cls.env["inventory.source.product"].create(
            {
                "connection_id": connection.id,
                "catalog_id": cls.catalog.id,
                "supplier_id": supplier.id,
                "external_id": sku,
                "sku": sku,
                "title": f"Product {sku}",
                "cost": cost,
                "quantity": 50,
                "product_id": cls.create_product(f"Product {sku}", supplier.partner_id, cost).id,
                **values,
            }
        )

    @classmethod
    def create_sale(cls, *lines, **values):
        """Build a quotation of `(product, quantity)` or `(product, quantity, unit of measure)`."""
        return cls.env["sale.order"].create(
            {
                "partner_id": cls.customer.id,
                "user_id": cls.salesperson.id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": product.id,
                            "product_uom_qty": quantity,
                            "price_unit": 34.95,
                            "tax_ids": False,
                            **({"product_uom_id": unit[0].id} if unit else {}),
                        }
                    )
                    for product, quantity, *unit in lines
                ],
                **values,
            }
        )

    def confirm(self, *lines, **values):
        """Confirm a sale order as an ordinary salesperson; the outbox follows, nothing is sent."""
        sale = self.create_sale(*lines, **values)
        sale.with_user(self.salesperson).action_confirm()
        self.follow()
        return sale

    @classmethod
    def create_purchase(cls, *lines, company=None, **values):
        """Draft a drop-ship purchase order of `(product, quantity)` by hand, to the customer."""
        company = company or cls.env.company
        return cls.env["purchase.order"].create(
            {
                "partner_id": cls.rivers.partner_id.id,
                "company_id": company.id,
                "picking_type_id": cls.operation_type("dropship", company).id,
                "dest_address_id": cls.customer.id,
                "order_line": [
                    Command.create({"product_id": product.id, "product_qty": quantity})
                    for product, quantity in lines
                ],
                **values,
            }
        )

    @classmethod
    def operation_type(cls, code, company=None):
        """Return the operation type of a company: `dropship`, or `incoming` into its warehouse."""
        company = company or cls.env.company
        return cls.env["stock.picking.type"].search(
            [("code", "=", code), ("company_id", "=", company.id)], limit=1
        )

    def orders_of(self, purchase):
        """Return the orders a purchase order left without a sale, marks included."""
        return (
            self.env["inventory.source.order"]
            .with_context(active_test=False)
            .search([("purchase_order_id", "=", purchase.id)], order="id")
        )

    def follow(self):
        """Make the lane follow what was sold, without sending."""
        orders = self.env["inventory.source.order"]
        connections = self.env["inventory.source.connection"].with_context(active_test=False)
        for connection in connections.search([]):
            for placeholder in orders._placeholders(connection):
                placeholder._build_from_placeholder()

    def order_of(self, sale):
        """Return the one order of a sale order."""
        order = sale.inventory_source_order_ids
        self.assertEqual(len(order), 1, "one order per sale order and connection")
        return order

    def expect_order(self, answer=None, **kwargs):
        """Expect one order; by default every line is accepted as 90071 at its vendor price."""
        self.service.expect("POST", PATH, answer or self.accepted, **{"status": 201, **kwargs})

    @staticmethod
    def accepted(body, remote_id=90071, **changes):
        """Answer an order as taken; `changes` by SKU replace what is said about a line."""
        order = body["order"]
        return {
            "data": {
                "order": {
                    "id": remote_id,
                    "orderNumber": order["orderNumber"],
                    "status": "Processed",
                    "items": [
                        {
                            "lineId": item["lineId"],
                            "sku": item["sku"],
                            "quantity": item["quantity"],
                            "status": "accepted",
                            "reason": None,
                            **changes.get(item["sku"], {}),
                        }
                        for item in order["items"]
                    ],
                }
            }
        }

    def send(self):
        """Run the order lane once, as the scheduler does."""
        self.run_lane("order")

    def cancel_there(self, order):
        """Make the service say that it canceled an order it took, with nothing shipped."""
        self.service.expect(
            "GET",
            f"{PATH}/{order.remote_id}/shipments",
            {"data": {"orderStatus": "Canceled", "shipments": []}},
        )
        order.next_check_at = fields.Datetime.now()
        self.run_lane("shipment")

    def end_pause(self, *channels):
        """Make the time of the next try come; the service is asked for its channels then."""
        self.connection.orders_wait_until = fields.Datetime.now() - timedelta(days=1)
        self.expect_channels(*channels)

    def purchase_of(self, sale, supplier):
        """Return the purchase order of a sale order to a supplier."""
        return sale._get_purchase_orders().filtered(
            lambda purchase: purchase.partner_id == supplier.partner_id
        )

    def sent_items(self, call=-1):
        """Return `{sku: quantity}` of an order as it left."""
        items = self.service.calls("/orders")[call][3]["order"]["items"]
        return {item["sku"]: item["quantity"] for item in items}

    def activities(self, record):
        """Return the open warnings on a record, as text."""
        return record.activity_ids.mapped("summary")


class OrderSendCase(OrderCommon):
    """One order from confirmation to the service's answer."""

    def queued(self, *lines):
        return self.order_of(self.confirm(*(lines or [(self.creel, 2)])))

    def sent(self, *lines, **expected):
        """Confirm, send, and return the order."""
        order = self.queued(*lines)
        self.expect_order(**expected)
        with mute_logger(LANE):
            self.send()
        return order
