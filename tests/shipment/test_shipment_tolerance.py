import json

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .shipment_case import ShipmentCase


@tagged("post_install", "-at_install")
class TestShipmentTolerance(ShipmentCase):
    """Shipments as suppliers write them: what can be read reaches the transfer and the customer."""

    def told(self, *lines, **changes):
        """Sell these lines and look at one shipment of the first of them, changed."""
        self.fill_pool(self.connection)
        order = self.sell(*(lines or [(self.creel, 1)]))
        remote = {**self.shipment("s-1", *(lines or [(self.creel, 1)])[:1], order=order), **changes}
        return order, self.look(order, remote), remote

    # --- dates, costs, words ---

    def test_a_zero_date_is_none_and_a_date_and_a_cost_are_read_as_they_are_written(self):
        _order, shipment, _remote = self.told(shippedAt="0000-00-00 00:00:00")
        self.assertState(shipment, "applied")
        self.assertFalse(shipment.shipped_at)
        _order, shipment, _remote = self.told(shippedAt="11/21/2026", shippingCost="$7.50")
        self.assertState(shipment, "applied")
        self.assertEqual(str(shipment.shipped_at), "2026-11-21 00:00:00")
        self.assertEqual(shipment.shipping_cost, 7.5)
        self.assertFalse(self.connection.problem_ids)

    def test_a_word_nobody_knows_is_shown_and_stops_no_shipment(self):
        order, shipment, remote = self.told(status="in_transit")
        self.assertState(shipment, "applied")
        self.assertEqual((shipment.status, shipment.status_word), ("shipped", "in_transit"))
        self.look(order, {**remote, "status": "delivered"})
        self.assertEqual((shipment.status, shipment.status_word), ("delivered", False))
        self.look(order, {**remote, "status": "archived"})
        self.assertEqual((shipment.status, shipment.status_word), ("delivered", "archived"))
        self.look(order, {**remote, "status": "voided"})
        self.assertState(shipment, "voided")
        self.look(order, {**remote, "status": "on its way again"})
        self.assertState(shipment, "applied")

    # --- numbers and links ---

    def test_a_placeholder_is_no_number_and_the_mail_waits_for_the_good_one(self):
        for placeholder in ("TBD", "N/A", "-", "0", "none", "pending", ["TBD"], "to follow"):
            with self.subTest(placeholder):
                order, shipment, remote = self.told(trackingNumber=placeholder, trackingUrl=None)
                self.assertState(shipment, "applied")
                self.assertFalse(shipment.picking_id.carrier_tracking_ref)
                self.assertFalse(self.mails(order))
                self.look(order, {**remote, "trackingNumber": "1Z999AA10123456784"})
                self.assertEqual(shipment.picking_id.carrier_tracking_ref, "1Z999AA10123456784")
                self.assertIn("1Z999AA10123456784", self.mails(order).body)
                self.assertNotIn("corrected", self.mails(order).body)
                self.assertFalse(self.connection.problem_ids)

    def test_a_corrected_number_is_told_once(self):
        order, shipment, remote = self.told(trackingNumber="1Z-WRONG")
        for number in ("1Z-GOOD", "1Z-GOOD", "1Z-WRONG", "1Z-GOOD", None, "1Z-GOOD"):
            self.look(order, {**remote, "trackingNumber": number})
        first, second = self.mails(order)
        self.assertNotIn("corrected", first.body)
        self.assertIn("corrected", second.body)
        self.assertIn("1Z-GOOD", second.body)
        self.assertNotIn("1Z-WRONG", second.body)
        self.look(order, {**remote, "trackingNumber": "1Z-GOOD, 1Z-TOO"})
        self.assertEqual(len(self.mails(order)), 3)
        self.assertEqual(shipment.picking_id.carrier_tracking_ref, "1Z-GOOD,1Z-TOO")

    def test_a_number_told_before_the_numbers_were_kept_is_known(self):
        order, shipment, remote = self.told()
        shipment.told_numbers = False
        self.look(order, {**remote, "trackingNumber": "1Z-NEW"})
        self.look(order, remote)
        self.assertEqual(len(self.mails(order)), 2)

    def carrier(self, name="UPS"):
        freight = self.env["product.product"].create({"name": "Freight", "type": "service"})
        link = "https://carrier.example.com/<shipmenttrackingnumber>"
        return self.env["delivery.carrier"].create(
            {"name": name, "product_id": freight.id, "tracking_url": link}
        )

    def test_several_numbers_are_several_links(self):
        self.carrier()
        first, second = "1Z999AA10123456784", "1Z999AA10123456793"
        own = "https://carrier.example.com/"
        page = "https://supplier.example.com/all"
        for changes, links in (
            ({"trackingUrl": None}, [own + first, own + second]),
            ({"trackingUrl": page}, [own + first, own + second]),
            ({"trackingUrl": f"{page}?n={second}"}, [own + first, f"{page}?n={second}"]),
            ({"trackingUrl": [f"{page}/1", f"{page}/2"]}, [f"{page}/1", f"{page}/2"]),
            ({"trackingUrl": page, "carrier": "Nobody's"}, [page, page]),
        ):
            with self.subTest(changes):
                order, shipment, _remote = self.told(trackingNumber=f"{first}, {second}", **changes)
                expected = [(first, links[0]), (second, links[1])]
                self.assertEqual(shipment._links(), expected)
                picking = shipment.picking_id
                self.assertEqual(picking.carrier_tracking_ref, f"{first},{second}")
                self.assertEqual(
                    json.loads(picking.carrier_tracking_url), [list(pair) for pair in expected]
                )
                for number, link in expected:
                    self.assertIn(f'href="{link}"', self.mails(order).body)
                    self.assertIn(number, self.mails(order).body)

    def test_one_of_several_numbers_is_corrected_and_a_persons_stays(self):
        order, shipment, remote = self.told(trackingNumber="1Z-1, 1Z-2")
        picking = shipment.picking_id
        picking.carrier_tracking_ref = "1Z-1,1Z-2,MINE"
        self.look(order, {**remote, "trackingNumber": ["1Z-1", "1Z-3"]})
        self.assertEqual(set(picking.carrier_tracking_ref.split(",")), {"1Z-1", "1Z-3", "MINE"})

    def test_where_their_link_is_broken_it_is_the_carriers(self):
        self.carrier()
        for broken in ("https://carrier.example/t?n=1Z 99", "javascript:x", "www.x.example", None):
            with self.subTest(broken):
                _order, shipment, _remote = self.told(trackingUrl=broken)
                link = "https://carrier.example.com/1Z-s-1"
                self.assertEqual(shipment._tracking_links(), [("1Z-s-1", link)])
                self.assertEqual(shipment.picking_id.carrier_tracking_url, link)
        self.assertEqual(self.connection.problem_ids.mapped("code"), ["tracking_url"] * 3)
        # As it stands in databases from before links were looked at when they came.
        shipment.tracking_url = "https://carrier.example/t?n=1Z 99"
        self.assertEqual(shipment._tracking_links(), [("1Z-s-1", link)])

    # --- contents ---

    def test_contents_not_told_are_the_one_line_that_is_open(self):
        for items in ([], None, 0, "none", [None], [{"sku": "MO1505"}], [{"quantity": 2}]):
            with self.subTest(items):
                order, shipment, remote = self.told((self.creel, 2), items=items)
                self.assertState(shipment, "applied")
                self.assertEqual(order.sale_order_id.order_line.qty_delivered, 2)
                self.assertEqual(shipment.picking_id.carrier_tracking_ref, "1Z-s-1")
                self.assertIn("Wicker Creel", self.mails(order).body)
                self.assertEqual(order.state, "done")
                # Neither what was not told nor what was right is a change.
                self.look(order, remote)
                self.look(order, self.shipment("s-1", (self.creel, 2), order=order))
                self.assertFalse(shipment.reason)
                self.assertFalse(shipment.activity_ids)
                self.assertEqual(shipment.line_ids.mapped("quantity"), [2])

    def test_contents_told_otherwise_later_call_a_person(self):
        order, shipment, _remote = self.told((self.creel, 2), items=[])
        self.look(order, self.shipment("s-1", (self.creel, 1), order=order))
        self.assertIn("1 × MO1505", shipment.reason)
        self.assertEqual(len(shipment.activity_ids), 1)

    def test_a_line_by_its_id_alone_is_that_line(self):
        order = self.sell((self.creel, 1), (self.lantern, 1))
        remote = self.shipment("s-1", order=order)
        remote["items"] = [{"lineId": str(order.line_ids[1].id), "quantity": 1}]
        self.assertState(self.look(order, remote), "applied")
        self.assertEqual(order.sale_order_id.order_line.mapped("qty_delivered"), [0, 1])

    def test_one_more_number_for_what_has_left_is_on_its_transfer(self):
        order = self.sell((self.creel, 1), (self.lantern, 1))
        first = self.shipment("s-1", (self.creel, 1), order=order)
        second = self.shipment("s-2", (self.creel, 0), order=order, trackingNumber="1ZSECOND")
        for remotes in ([second, first], [first, second]):
            shipments = self.look(order, *remotes)
            self.assertState(shipments, "applied", "applied")
            picking = shipments.picking_ids
            self.assertEqual(len(picking), 1)
            self.assertEqual(set(picking.carrier_tracking_ref.split(",")), {"1Z-s-1", "1ZSECOND"})
            self.assertEqual(len(self.mails(order)), 1)
            self.assertIn("1Z-s-1", self.mails(order).body)
            self.assertIn("1ZSECOND", self.mails(order).body)
        self.assertEqual(order.sale_order_id.order_line.mapped("qty_delivered"), [1, 0])

    def test_what_may_be_one_of_several_lines_is_asked_of_a_person_and_its_number_told(self):
        order, shipment, remote = self.told((self.creel, 1), (self.lantern, 2), items=[])
        self.look(order, remote)
        self.assertEqual((shipment.state, shipment.problem), ("problem", "contents"))
        self.assertIn("1 × MO1505, 2 × MO2001", shipment.reason)
        self.assertEqual(len(shipment.activity_ids), 1)
        self.assertEqual(shipment.tracking_number, "1Z-s-1")
        self.assertIn("1Z-s-1", self.mails(order).body)
        self.assertIn(shipment, order.sale_order_id._inventory_source_portal_shipments())
        picking = self.pickings(order)
        self.assertIn("1Z-s-1", picking.message_ids[:1].body)
        self.assertEqual(picking.state, "assigned")
        self.assertFalse(order.late_supplier_ids, "it may be all that is open")
        with self.assertRaises(AccessError):
            shipment.with_user(
                self.create_user("seller", "sales_team.group_sale_salesman")
            ).action_apply_open()
        shipment.with_user(self.user_user).action_apply_open()
        self.assertState(shipment, "applied")
        self.assertEqual(picking.carrier_tracking_ref, "1Z-s-1")
        self.assertEqual(order.sale_order_id.order_line.mapped("qty_delivered"), [1, 2])
        self.assertFalse(shipment.activity_ids)
        self.run_now("shipment")
        self.assertEqual(len(self.mails(order)), 1)

    def test_what_a_person_did_by_hand_is_what_was_in_it(self):
        order, shipment, _remote = self.told((self.creel, 1), (self.lantern, 1), items=[])
        picking = self.pickings(order)
        picking.move_ids[1].quantity = 0
        picking.with_context(skip_backorder=True).button_validate()
        shipment.with_user(self.user_user).action_retry()
        self.assertState(shipment, "applied")
        self.assertEqual(shipment.picking_ids, picking)
        self.assertEqual(picking.carrier_tracking_ref, "1Z-s-1")
        self.assertEqual(shipment.line_ids.mapped("sku"), ["MO1505"])

    def test_the_supplier_narrows_what_may_be_in_it(self):
        order, shipment, _remote = self.told(
            (self.creel, 1), (self.lantern, 1), (self.tent, 1), items=[], supplierId=20
        )
        self.assertState(shipment, "applied")
        self.assertEqual(order.sale_order_id.order_line.mapped("qty_delivered"), [0, 0, 1])

    def test_the_line_that_is_left_is_what_was_asked_about(self):
        order, shipment, remote = self.told((self.creel, 1), (self.lantern, 1), items=[])
        self.look(order, remote, self.shipment("s-2", (self.creel, 1), order=order))
        self.assertState(shipment, "applied")
        self.assertFalse(shipment.activity_ids)
        self.assertEqual(order.sale_order_id.order_line.mapped("qty_delivered"), [1, 1])
        self.assertEqual(len(self.pickings(order)), 2)

    def test_neither_id_nor_number_nor_contents_is_still_the_one_that_gets_its_number_later(self):
        order, shipment, remote = self.told(id=None, trackingNumber="TBD", items=[])
        self.assertState(shipment, "applied")
        self.assertFalse(self.mails(order))
        self.assertEqual(self.look(order, {**remote, "trackingNumber": "1Z-1"}), shipment)
        self.assertEqual(shipment.picking_id.carrier_tracking_ref, "1Z-1")
        self.assertEqual(len(self.mails(order)), 1)

    def test_nothing_open_and_nothing_left_is_asked_too(self):
        order = self.sell((self.creel, 1))
        self.pickings(order).action_cancel()
        shipment = self.look(order, self.shipment("s-1", order=order))
        self.assertEqual(shipment.problem, "contents")
        self.assertIn("nothing of", shipment.reason)

    # --- one shipment, told once for each item in it ---

    def test_one_shipment_told_once_per_item_is_one_transfer_and_one_mail(self):
        for ids in (("a", "b"), ("c", "c"), (None, None)):
            with self.subTest(ids):
                self.fill_pool(self.connection)
                order = self.sell((self.creel, 1), (self.lantern, 2))
                rows = [
                    self.shipment(ids[0], (self.creel, 1), order=order, trackingNumber="1Z-S"),
                    self.shipment(ids[1], (self.lantern, 2), order=order, trackingNumber="1Z-S"),
                ]
                for row in rows:
                    row["trackingUrl"] = "https://track.example.com/1Z-S"
                for _look in range(2):
                    shipment = self.look(order, *rows)
                    self.assertState(shipment, "applied")
                    self.assertFalse(shipment.activity_ids)
                self.assertEqual(len(self.pickings(order)), 1)
                self.assertEqual(shipment.picking_id.carrier_tracking_ref, "1Z-S")
                self.assertEqual(shipment.shipping_cost, 7.5)
                self.assertIn("A shipment of your order", self.mails(order).body)
                self.assertFalse(self.connection.problem_ids.filtered(lambda p: not p.resolved_at))
                for row in rows:
                    row["trackingNumber"] = "1Z-T"
                self.assertEqual(self.look(order, *rows), shipment)
                self.assertEqual(shipment.picking_id.carrier_tracking_ref, "1Z-T")
                self.assertEqual(len(self.mails(order)), 2)

    def test_one_item_of_a_shipment_told_once_per_item_is_voided(self):
        order = self.sell((self.creel, 1), (self.lantern, 2))
        first = self.shipment("a", (self.creel, 1), order=order, trackingNumber="1Z-S")
        second = self.shipment("b", (self.lantern, 2), order=order, trackingNumber="1Z-S")
        self.look(order, first, second)
        for _look in range(2):
            shipment = self.look(order, first, {**second, "status": "voided"})
            self.assertState(shipment, "applied")
            self.assertEqual(len(shipment.activity_ids), 1)
            self.assertIn("holds 1 × MO1505", shipment.activity_ids.note)

    def test_a_row_that_comes_later_under_the_same_number_is_a_shipment_of_its_own(self):
        order, _shipment, remote = self.told((self.creel, 1), (self.lantern, 2))
        later = self.shipment("s-2", (self.lantern, 2), order=order, trackingNumber="1Z-s-1")
        shipments = self.look(order, remote, later)
        self.assertState(shipments, "applied", "applied")
        self.assertFalse(shipments.activity_ids)
        self.assertEqual(order.state, "done")
