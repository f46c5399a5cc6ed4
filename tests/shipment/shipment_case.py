"""What the tests of shipments share: suppliers, sold and accepted orders, shipments as told."""

from odoo import fields

from ..common import InventorySourceCommon, InventorySourceMixin

ORDERS = "/v1/channels/501/orders"


class ShipmentMixin(InventorySourceMixin):
    """Two suppliers and their products; `sell` gives an order the service has accepted."""

    @classmethod
    def open_shop(cls):
        """Make customer, suppliers and products; needs `cls.connection`."""
        cls.customer = cls.create_customer()
        cls.acme, cls.summit = (
            cls.create_supplier("Acme", "19"),
            cls.create_supplier("Summit", "20"),
        )
        cls.creel = cls.create_product(cls.acme, "MO1505", "Wicker Creel")
        cls.lantern = cls.create_product(cls.acme, "MO2001", "Lantern")
        cls.tent = cls.create_product(cls.summit, "ST-77", "Tent")

    def speak_spanish(self):
        """Add Spanish, as a shop does, and make it the customer's language."""
        self.env["res.lang"]._activate_lang("es_419")
        self.env["ir.module.module"]._load_module_terms(["inventory_source"], ["es_419"])
        self.customer.lang = "es_419"

    @classmethod
    def create_supplier(cls, name, external_id):
        vendor = cls.env["res.partner"].create({"name": name, "is_company": True})
        supplier = cls.env["inventory.source.supplier"].create(
            {
                "connection_id": cls.connection.id,
                "external_id": external_id,
                "name": name,
                "partner_id": vendor.id,
            }
        )
        cls.env["inventory.source.catalog"].create(
            {
                "connection_id": cls.connection.id,
                "external_id": f"c{external_id}",
                "name": name,
                "supplier_id": supplier.id,
            }
        )
        return supplier

    @classmethod
    def create_product(cls, supplier, sku, name, **values):
        """Create a storable drop-ship product of a supplier, and its supplier product."""
        product = cls.env["product.product"].create(
            {
                "name": name,
                "default_code": sku,
                "is_storable": True,
                "list_price": 34.95,
                "route_ids": [(6, 0, cls.env.ref("stock_dropshipping.route_drop_shipping").ids)],
                "seller_ids": [(0, 0, {"partner_id": supplier.partner_id.id, "price": 18.25})],
                **values,
            }
        )
        cls.env["inventory.source.product"].create(
            {
                "connection_id": cls.connection.id,
                "catalog_id": cls.env["inventory.source.catalog"]
                .search([("supplier_id", "=", supplier.id)])
                .id,
                "supplier_id": supplier.id,
                "external_id": f"p-{sku}",
                "sku": sku,
                "title": name,
                "cost": 18.25,
                "quantity": 100,
                "product_id": product.id,
            }
        )
        return product

    def sell(self, *lines, remote_id="90071", accept=True):
        """Sell `(product, quantity)` or `(product, quantity, unit)` lines, and have them accepted.

        :return: the `inventory.source.order`
        """
        sale = self.env["sale.order"].create(
            {
                "partner_id": self.customer.id,
                "order_line": [(0, 0, self.prepare_line(*line)) for line in lines],
            }
        )
        sale.action_confirm()
        if accept:
            self.accept(sale, remote_id)
        return sale.inventory_source_order_ids

    def accept(self, sale, remote_id="90071"):
        """Make the service accept what waits to be sent of a sale order."""
        self.service.expect(
            "POST",
            ORDERS,
            {"data": {"order": {"id": remote_id, "orderNumber": sale.name}}},
            status=201,
        )
        self.run_now("order")
        order = sale.inventory_source_order_ids
        self.assertEqual(order.state, "accepted", order.reason or order.documents_error)
        order.next_check_at = fields.Datetime.now()

    def prepare_line(self, product, quantity, unit=None):
        unit = unit or product.uom_id
        return {"product_id": product.id, "product_uom_qty": quantity, "product_uom_id": unit.id}

    def shipment(self, external_id, *contents, order, **changes):
        """Return a shipment as the service tells it; contents are `(product, pieces)`."""
        items = []
        for product, pieces in contents:
            line = order.line_ids.filtered(lambda line, p=product: line.product_id == p)[:1]
            items.append({"lineId": str(line.id), "sku": product.default_code, "quantity": pieces})
        return {
            "id": external_id,
            "supplierId": 19,
            "status": "shipped",
            "carrier": "UPS",
            "method": "Ground",
            "trackingNumber": f"1Z-{external_id}",
            "trackingUrl": f"https://track.example.com/{external_id}",
            "shippedAt": "2026-11-21T15:00:00Z",
            "shippingCost": 7.5,
            "items": items,
            **changes,
        }

    def expect_shipments(self, order, *shipments, status="Shipped"):
        """Make the service answer with these shipments, when next asked about that order."""
        self.service.expect(
            "GET",
            f"{ORDERS}/{order.remote_id}/shipments",
            {"data": {"orderStatus": status, "shipments": list(shipments)}},
        )

    def look(self, order, *shipments, **values):
        """Make the lane poll an order that is due, and find these shipments."""
        self.expect_shipments(order, *shipments, **values)
        order.next_check_at = fields.Datetime.now()
        self.run_now("shipment")
        return order.shipment_ids.sorted("id")

    def run_now(self, lane):
        """Run a lane in cursors of its own: they see what was written, and we what they write."""
        self.env.flush_all()
        self.connection._run_lane_now(lane)
        self.env.invalidate_all()

    def mails(self, order):
        """Return what the customer was mailed about the sale of an order."""
        return self.env["mail.message"].search(
            [
                ("model", "=", "sale.order"),
                ("res_id", "=", order.sale_order_id.id),
                ("subject", "!=", False),
                ("partner_ids", "in", self.customer.ids),
            ],
            order="id",
        )

    def pickings(self, order):
        """Return the transfers of an order, oldest first."""
        return order.line_ids.purchase_line_id.move_ids.picking_id.sorted("id")

    def assertState(self, records, *states):
        self.assertEqual(
            records.mapped("state"),
            list(states),
            records.mapped(lambda record: record.reason if "reason" in record else record.name),
        )


class ShipmentCase(ShipmentMixin, InventorySourceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.open_shop()
