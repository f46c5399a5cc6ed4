import json
from datetime import timedelta

from odoo import fields
from odoo.tests import tagged
from odoo.tools import mute_logger

from ...client.errors import NoAnswer
from ...client.profile import builtin_text
from ...models.sync.lane import LANES
from .shipment_case import ORDERS, ShipmentCase

LANE = "odoo.addons.inventory_source.models.sync.lane"
PAGES = {"kind": "page", "parameter": "page", "size_parameter": "size", "start": "1"}


class ProfileCase(ShipmentCase):
    def use_profile(self, items=None, answered=None, **shipments):
        """Have the connection speak to a service with other shipments than the built-in ones."""
        document = json.loads(builtin_text())
        document["shipments"].update(shipments)
        if items:
            document["shipments"]["record"]["items"] = items
        if answered:
            document["create_order"]["record"]["items"] = answered
        profile = self.env["inventory.source.profile"].create(
            {"name": "Another", "document": json.dumps(document)}
        )
        self.connection.write({"profile_id": profile.id, "api_url": self.connection.api_url})


@tagged("post_install", "-at_install")
class TestShipmentLists(ProfileCase):
    """Shipments under another address, in pages, and in a list that is not whole."""

    def expect_page(self, order, *shipments, status="Processed", **answer):
        self.service.expect(
            "GET",
            f"{ORDERS}/{order.remote_id}/shipments",
            {"data": {"orderStatus": status, "shipments": list(shipments)}, **answer},
        )

    def poll(self, order):
        order.next_check_at = fields.Datetime.now()
        self.run_now("shipment")

    def pages_asked(self):
        return [query.get("page") for *_call, query, _body in self.service.calls("/shipments")]

    def problems(self):
        domain = [("connection_id", "=", self.connection.id), ("resolved_at", "=", False)]
        return self.env["inventory.source.problem"].search(domain)

    def test_an_order_is_asked_for_by_our_number_where_the_profile_says_so(self):
        self.use_profile(path="/v1/parcels", query={"po": "number"})
        order = self.sell((self.creel, 1))
        self.service.expect(
            "GET",
            "/v1/parcels",
            {"data": {"shipments": [self.shipment("s-1", (self.creel, 1), order=order)]}},
        )
        self.poll(order)
        self.assertEqual(order.state, "done")
        self.assertEqual(self.service.sent[-1][2], {"po": order.name})

    def test_each_page_is_a_request_and_the_shipments_are_applied_together(self):
        self.use_profile(paging=PAGES)
        order = self.sell((self.creel, 1), (self.lantern, 1))
        first = self.shipment("s-1", (self.creel, 1), order=order)
        self.expect_page(order, first)
        # One shipment told once for each item in it, on two pages.
        self.expect_page(order, self.shipment("s-1", (self.lantern, 1), order=order))
        self.expect_page(order)
        throttle = self.fill_pool(self.connection)
        before = throttle.shipment_requests
        self.poll(order)
        throttle.invalidate_recordset()
        self.assertEqual(throttle.shipment_requests - before, 3)
        self.assertEqual((order.state, len(order.shipment_ids)), ("done", 1))
        self.assertFalse(order.pages_so_far)

    def test_a_list_goes_on_where_requests_ran_out(self):
        self.use_profile(paging=PAGES)
        order = self.sell((self.creel, 1), (self.lantern, 1))
        self.expect_page(order, self.shipment("s-1", (self.creel, 1), order=order))
        due = order.next_check_at = fields.Datetime.now()
        self.fill_pool(self.connection, LANES["shipment"].floor + 1)
        self.run_now("shipment")
        self.assertEqual(self.pages_asked(), ["1"])
        self.assertFalse(order.shipment_ids or self.problems())
        self.assertEqual(order.next_check_at, due, "it stays the next")
        self.expect_page(order, self.shipment("s-2", (self.lantern, 1), order=order))
        self.expect_page(order)
        self.fill_pool(self.connection)
        self.run_now("shipment")
        self.assertEqual(self.pages_asked(), ["1", "2", "3"])
        self.assertEqual((order.state, len(order.shipment_ids)), ("done", 2))
        self.assertFalse(order.pages_so_far)

    def test_what_was_read_long_ago_is_read_again(self):
        self.use_profile(paging=PAGES)
        order = self.sell((self.creel, 1))
        self.expect_page(order, self.shipment("s-1", (self.creel, 1), order=order))
        self.fill_pool(self.connection, LANES["shipment"].floor + 1)
        self.poll(order)
        old = fields.Datetime.now() - timedelta(hours=2)
        order.pages_so_far = {**order.pages_so_far, "at": fields.Datetime.to_string(old)}
        self.expect_page(order)
        self.fill_pool(self.connection)
        self.poll(order)
        self.assertEqual(self.pages_asked(), ["1", "1"])
        self.assertFalse(order.shipment_ids)

    def test_a_page_that_fails_leaves_the_order_to_the_next_poll(self):
        self.use_profile(paging=PAGES)
        order = self.sell((self.creel, 1))
        self.expect_page(order, self.shipment("s-1", (self.creel, 1), order=order))
        self.service.expect(
            "GET", f"{ORDERS}/{order.remote_id}/shipments", error=NoAnswer("No answer came.")
        )
        with mute_logger(LANE):
            self.poll(order)
        self.assertFalse(order.shipment_ids or order.pages_so_far)
        self.assertGreater(order.next_check_at, fields.Datetime.now())

    # --- a list that is not whole ---

    def part(self, order, *shipments, status="Canceled", whole=False):
        self.expect_page(order, *shipments, status=status, whole=whole)
        self.poll(order)

    def test_nothing_is_concluded_from_what_is_missing_in_a_part_of_a_list(self):
        self.use_profile(whole="whole")
        order = self.sell((self.creel, 1), (self.lantern, 1))
        self.part(order, self.shipment("s-1", (self.creel, 1), order=order))
        self.assertState(order.shipment_ids, "applied")
        self.assertEqual((order.state, order.remote_status), ("accepted", "Canceled"))
        self.assertFalse(order.line_ids.filtered("cancelled_quantity"))
        problem = self.problems()
        self.assertEqual((problem.reference, problem.code), (f"{order.name}/?", "whole"))
        self.assertIn("shipments.whole", problem.excerpt)
        self.part(order, self.shipment("s-1", (self.creel, 1), order=order), whole=True)
        self.assertEqual(sum(order.line_ids.mapped("cancelled_quantity")), 1)
        self.assertFalse(self.problems())

    def test_an_open_problem_of_a_shipment_is_not_settled_by_a_list_without_it(self):
        self.use_profile(whole="whole")
        order = self.sell((self.creel, 1), (self.lantern, 1))
        odd = self.shipment("s-1", (self.creel, 1), order=order, shippedAt="yesterday")
        self.part(order, odd, status="Processed", whole=True)
        self.assertEqual(self.problems().mapped("code"), ["shipped_at"])
        self.part(order, status="Processed")
        self.assertEqual(set(self.problems().mapped("code")), {"shipped_at", "whole"})

    def test_a_shipment_without_an_id_is_not_replaced_by_one_of_a_part_of_the_list(self):
        self.use_profile(whole="whole")
        order = self.sell((self.creel, 2), (self.lantern, 1))
        first = self.shipment("s-1", (self.creel, 1), order=order, id=None)
        self.part(order, first, status="Processed", whole=True)
        second = self.shipment("s-2", (self.lantern, 1), order=order, id=None)
        second["trackingNumber"] = first["trackingNumber"]
        self.part(order, second, status="Processed")
        self.assertEqual(len(order.shipment_ids), 2)

    def test_a_late_order_is_not_said_to_be_untold_while_a_part_of_its_list_is_missing(self):
        self.use_profile(whole="whole")
        order = self.sell((self.creel, 1))
        order.accepted_at -= timedelta(days=60)
        self.part(order, status="Processed")
        self.assertEqual(order.activity_ids.summary, f"{order.name} is late")
        self.assertIn("could not be read", order.activity_ids.note)


@tagged("post_install", "-at_install")
class TestLineReferences(ProfileCase):
    """Lines under the service's own ids, and goods under its ids of products."""

    def sell_told(self, *lines, answer):
        """Sell lines that the service answers with items, made of each line by `answer`."""
        order = self.sell(*lines, accept=False)

        def answered(body):
            own = self.env["inventory.source.order.line"].browse(
                int(item["lineId"]) for item in body["order"]["items"]
            )
            items = [item for place, line in enumerate(own, 1) for item in answer(place, line)]
            return {"data": {"order": {"id": "90071", "items": items}}}

        self.service.expect("POST", ORDERS, answered, status=201)
        self.run_now("order")
        order = order.exists() or self.env["inventory.source.order"].search([], limit=1)
        self.assertEqual(order.state, "accepted", order.reason)
        order.next_check_at = fields.Datetime.now()
        return order

    ANSWERED = (
        "data.order.items[].{line_ref: ref, product_id: product, sku: sku, quantity: quantity}"
    )
    ITEMS = "items[].{line_ref: ref, product_id: product, sku: sku, quantity: quantity}"

    def told(self, external_id, order, *items):
        return {**self.shipment(external_id, order=order), "items": list(items)}

    def test_a_shipment_names_a_line_by_the_id_the_answer_told(self):
        self.use_profile(self.ITEMS, self.ANSWERED)
        order = self.sell_told(
            (self.creel, 1),
            (self.creel, 2),
            answer=lambda place, line: [
                {"ref": f"L{place}", "sku": line.sku, "quantity": int(line.quantity)}
            ],
        )
        first, second = order.line_ids
        self.assertEqual((first.remote_refs, second.remote_refs), ("L1", "L2"))
        self.look(order, self.told("s-1", order, {"ref": "L2", "quantity": 2}))
        self.assertEqual(order.shipment_ids.line_ids.order_line_id, second)
        self.assertEqual(order.shipment_ids.line_ids.line_ref, "L2")
        self.look(order, self.told("s-1", order, {"ref": "L2", "quantity": 2}))
        self.assertFalse(order.shipment_ids.activity_ids, "nothing changed")
        self.assertEqual((first._pieces_to_come(), second._pieces_to_come()), (1, 0))

    def test_goods_are_known_by_the_id_of_their_product(self):
        self.use_profile(self.ITEMS, self.ANSWERED)
        order = self.sell_told(
            (self.creel, 1),
            (self.lantern, 1),
            answer=lambda place, line: [
                {
                    "ref": place,
                    "product": line.supplier_product_id.external_id,
                    "quantity": int(line.quantity),
                }
            ],
        )
        self.assertEqual(order.line_ids.mapped("remote_refs"), ["1", "2"])
        self.look(order, self.told("s-1", order, {"product": "p-MO2001", "quantity": 1}))
        self.assertEqual(order.shipment_ids.line_ids.order_line_id.product_id, self.lantern)
        self.assertState(order.shipment_ids, "applied")

    def test_a_line_that_was_answered_in_two_parts_is_known_by_both_ids(self):
        self.use_profile(self.ITEMS, self.ANSWERED)
        order = self.sell_told(
            (self.creel, 2),
            (self.lantern, 1),
            answer=lambda place, line: [
                {"ref": f"L{place}{part}", "sku": line.sku, "quantity": 1}
                for part in "ab"[: int(line.quantity)]
            ],
        )
        self.assertEqual(order.line_ids.mapped("remote_refs"), ["L1a L1b", "L2a"])
        parts = ({"ref": "L1a", "quantity": 1}, {"ref": "L1b", "quantity": 1})
        self.look(order, self.told("s-1", order, *parts))
        self.assertEqual(order.line_ids[0]._pieces_to_come(), 0)

    def test_an_id_of_another_line_s_goods_waits_for_a_person(self):
        self.use_profile(self.ITEMS, self.ANSWERED)
        order = self.sell_told(
            (self.creel, 1),
            (self.lantern, 1),
            answer=lambda place, line: [{"ref": place, "sku": line.sku, "quantity": 1}],
        )
        odd = {"ref": "1", "sku": self.lantern.default_code, "quantity": 1}
        self.look(order, self.told("s-1", order, odd))
        self.assertState(order.shipment_ids, "problem")
        self.assertEqual(order.shipment_ids.problem, "unknown_line")

    def test_an_id_nobody_told_before_says_nothing(self):
        self.use_profile(self.ITEMS)
        order = self.sell((self.creel, 1), (self.lantern, 1))
        self.assertFalse(any(order.line_ids.mapped("remote_refs")))
        item = {"ref": "77", "sku": self.lantern.default_code, "quantity": 1}
        self.look(order, self.told("s-1", order, item))
        self.assertState(order.shipment_ids, "applied")
        self.assertEqual(order.shipment_ids.line_ids.order_line_id.product_id, self.lantern)
