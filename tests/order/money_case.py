"""What the tests of money share: orders with fees and freight, shipments, and vendor bills."""

from .order_common import PATH, OrderCommon


class MoneyCase(OrderCommon):
    """Accepted orders of goods with fees and freight, their shipments, and their bills."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.fee, cls.freight = (
            cls.env["product.product"].create({"name": name, "type": "service"})
            for name in ("Supplier fees", "Freight")
        )
        (cls.creel | cls.lamp | cls.own).purchase_method = "purchase"
        cls.offer_of(cls.creel).write(
            {"dropship_fee": 2.0, "surcharge_fee": 0.5, "shipping_cost": 4.0}
        )

    @classmethod
    def offer_of(cls, product):
        return product.inventory_source_product_ids

    def charge(self):
        """Choose the services that fees and freight become lines of."""
        self.connection.write(
            {"fee_product_id": self.fee.id, "freight_product_id": self.freight.id}
        )

    def accept(self, *lines, **changes):
        """Confirm, send, and return the order; `changes` by SKU as in `accepted`."""
        sale = self.confirm(*lines)
        self.expect_order(lambda body: self.accepted(body, **changes))
        self.send()
        order = self.order_of(sale)
        self.assertEqual(order.state, "accepted", order.reason)
        self.assertFalse(order.documents_error)
        return order

    def amounts(self, purchase):
        return {line.product_id.name: line.price_subtotal for line in purchase.order_line}

    def ship(self, order, *contents, external_id="s-1", **changes):
        """Make the lane find a shipment of `(product, pieces)`."""
        self.service.expect(
            "GET",
            f"{PATH}/{order.remote_id}/shipments",
            {
                "data": {
                    "shipments": [
                        {
                            "id": external_id,
                            "supplierId": 19,
                            "status": "shipped",
                            "trackingNumber": external_id,
                            "shippedAt": "2026-11-21T15:00:00Z",
                            "shippingCost": 7.5,
                            "items": [
                                {
                                    "lineId": str(
                                        order.line_ids.filtered(
                                            lambda line, p=product: line.product_id == p
                                        ).id
                                    ),
                                    "sku": self.offer_of(product).sku,
                                    "quantity": pieces,
                                }
                                for product, pieces in contents
                            ],
                            **changes,
                        }
                    ]
                }
            },
        )
        order.next_check_at = order.accepted_at
        self.run_lane("shipment")

    def bill(self, purchase):
        purchase.action_create_invoice()
        bill = purchase.invoice_ids.sorted("id")[-1:]
        bill.invoice_date = "2026-11-23"
        bill.invoice_line_ids.tax_ids = False
        return bill
