from odoo.fields import Command
from odoo.tests import tagged

from .shipment_case import ShipmentCase


@tagged("post_install", "-at_install", "-standard", "other_apps")
class TestShipmentKits(ShipmentCase):
    """Shipments of kits hold components; the kit is delivered when all of them are."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.kit = cls.env["product.product"].create(
            {"name": "Camping kit", "is_storable": True, "list_price": 99.0}
        )
        cls.env["mrp.bom"].create(
            {
                "product_tmpl_id": cls.kit.product_tmpl_id.id,
                "type": "phantom",
                "bom_line_ids": [
                    Command.create({"product_id": cls.creel.id, "product_qty": 2}),
                    Command.create({"product_id": cls.tent.id, "product_qty": 1}),
                ],
            }
        )

    def moved(self, order):
        """Return the pieces that left in Odoo, by SKU."""
        moves = self.pickings(order).move_ids.filtered(lambda move: move.state == "done")
        return {
            product.default_code: sum(found.mapped("quantity"))
            for product, found in moves.grouped("product_id").items()
        }

    def test_components_in_shipments_of_their_own_deliver_the_kit_in_the_end(self):
        order = self.sell((self.kit, 2))
        line = order.sale_order_id.order_line
        first = self.shipment("s-1", (self.creel, 3), order=order)
        self.assertState(self.look(order, first), "applied")
        self.assertEqual((self.moved(order), line.qty_delivered), ({"MO1505": 3}, 0))
        self.assertEqual(order.state, "accepted")
        second = self.shipment("s-2", (self.tent, 2), order=order, supplierId=20)
        self.look(order, first, second)
        self.assertEqual(line.qty_delivered, 0, "a creel is still to come")
        third = self.shipment("s-3", (self.creel, 1), order=order)
        self.assertState(self.look(order, first, second, third), *["applied"] * 3)
        self.assertEqual(self.moved(order), {"MO1505": 4, "ST-77": 2})
        self.assertEqual((line.qty_delivered, order.state), (2, "done"))

    def test_more_of_a_component_than_the_kits_need_waits(self):
        order = self.sell((self.kit, 1))
        shipment = self.look(order, self.shipment("s-1", (self.creel, 3), order=order))
        self.assertEqual((shipment.problem, self.moved(order)), ("too_much", {}))

    def test_a_component_sold_by_itself_as_well_is_told_apart_by_its_line(self):
        order = self.sell((self.kit, 1), (self.creel, 1))
        kit, single = order.sale_order_id.order_line
        alone = order.line_ids.filtered(lambda line: line.sale_line_id == single)
        shipment = self.shipment("s-1", order=order)
        shipment["items"] = [{"lineId": str(alone.id), "sku": "MO1505", "quantity": 1}]
        self.assertState(self.look(order, shipment), "applied")
        self.assertEqual((single.qty_delivered, kit.qty_delivered), (1, 0))

    def test_a_voided_component_is_replaced_and_the_kit_stays_whole(self):
        order = self.sell((self.kit, 1))
        line = order.sale_order_id.order_line
        tent = self.shipment("s-2", (self.tent, 1), order=order, supplierId=20)
        creels = self.shipment("s-1", (self.creel, 2), order=order)
        self.look(order, creels, tent)
        self.assertEqual(line.qty_delivered, 1)
        voided = {**creels, "status": "voided"}
        again = self.shipment("s-3", (self.creel, 2), order=order)
        self.look(order, voided, tent, again)
        self.assertEqual(self.moved(order), {"MO1505": 2, "ST-77": 1})
        self.assertEqual(line.qty_delivered, 1)
