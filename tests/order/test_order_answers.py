from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .order_common import LANE, PATH, OrderSendCase


@tagged("post_install", "-at_install")
class TestOrderAnswers(OrderSendCase):
    """What the words, lines and numbers in an answer to an order mean."""

    def answered(self, *lines, items=None, **told):
        """Send an order that is answered with these rows and words; return it."""

        def answer(body):
            document = self.accepted(body)
            order = document["data"]["order"] | told
            order["items"] = items(order["items"]) if items else order["items"]
            return {"data": {"order": order}}

        return self.sent(*lines, answer=answer)

    # --- the word for the whole order ---

    def test_an_order_the_service_calls_failed_or_canceled_was_not_taken(self):
        for word in ("Failed", "canceled"):
            for items in (None, lambda _items: None):
                with self.subTest(word=word, items=bool(items)):
                    order = self.answered((self.creel, 2), status=word, items=items)
                    self.assertEqual((order.state, order.remote_status), ("rejected", word))
                    self.assertIn(word, order.reason)
                    self.assertIn("90071", order.reason)
                    self.assertEqual(order.line_ids.mapped("accepted_quantity"), [0])
                    self.assertEqual(order.purchase_order_ids.state, "draft")
                    self.assertEqual(self.activities(order), [f"{order.name} was rejected"])
                    self.assertIn(word, order.activity_ids.note)

    def test_an_order_that_failed_is_sent_again_under_the_next_number(self):
        order = self.answered((self.creel, 2), status="Failed")
        name, key = order.name, order.idempotency_key
        order.with_user(self.user_user).action_send_now()
        self.expect_order()
        self.send()
        self.assertEqual((order.state, order.name), ("accepted", f"{name}-2"))
        self.assertNotEqual(order.idempotency_key, key)

    def test_an_order_with_a_word_nobody_knows_is_taken_and_the_word_is_kept(self):
        order = self.answered((self.creel, 2), status="In the Mill")
        self.assertEqual((order.state, order.remote_status), ("accepted", "In the Mill"))
        self.assertEqual(order.purchase_order_ids.state, "purchase")

    # --- lines ---

    def test_a_line_taken_without_a_quantity_is_taken_whole(self):
        told = {"quantity": None}, {"quantity": ""}, {}

        def without_quantity(more):
            return lambda rows: [
                {key: value for key, value in rows[0].items() if key != "quantity"} | more
            ]

        for quantity in told:
            with self.subTest(quantity=quantity):
                order = self.answered((self.creel, 3), items=without_quantity(quantity))
                self.assertEqual((order.state, order.line_ids.accepted_quantity), ("accepted", 3))
                self.assertEqual(order.purchase_order_ids.order_line.product_qty, 3)
                self.assertFalse(order.activity_ids)

    def test_rows_of_one_line_add_up(self):
        def rows(*told):
            return lambda items: [items[0] | changes for changes in told]

        rejected = {"status": "rejected", "reason": "Sold out."}
        cases = [
            ((rows({"quantity": 1}, {"quantity": 2})), 3),
            ((rows({"quantity": 2}, {"quantity": 1} | rejected)), 2),
            ((rows({"quantity": 1} | rejected, {"quantity": None})), 2),
            ((rows({"quantity": None} | rejected, {"quantity": 1})), 1),
            ((rows({"quantity": 3}, {"quantity": 3})), 3),
            ((rows({"quantity": 1, "cost": 10}, {"quantity": 2, "cost": 16})), 3),
        ]
        for number, (items, taken) in enumerate(cases):
            with self.subTest(case=number):
                order = self.answered((self.creel, 3), items=items)
                line = order.line_ids
                self.assertEqual((line.state, line.accepted_quantity), ("accepted", taken))
                self.assertEqual(order.purchase_order_ids.order_line.product_qty, taken)
                self.assertEqual(bool(order.activity_ids), taken < 3)
                self.assertEqual("Sold out." in (line.reason or ""), taken < 3)
        self.assertEqual(line.cost, 14, "what a piece costs on the whole")

    def test_skus_are_compared_exactly_first_and_without_case_where_only_one_is_left(self):
        """Lines are told by SKU only; the supplier has both "AB-1" and "ab-1"."""
        upper = self.create_offer(self.rivers, "AB-1", 5.0).product_id
        lower = self.create_offer(self.rivers, "ab-1", 6.0).product_id

        def told(**skus):
            def items(rows):
                return [
                    row | {"lineId": None, "sku": skus[name], "quantity": quantity}
                    for row, name, quantity in zip(rows, ("one", "two"), (2, 1), strict=True)
                ]

            return items

        order = self.answered((upper, 2), (lower, 1), items=told(one="AB-1", two="ab-1"))
        self.assertEqual(
            [(line.sku, line.accepted_quantity) for line in order.line_ids],
            [("AB-1", 2), ("ab-1", 1)],
        )
        order = self.answered((upper, 2), (lower, 1), items=told(one="AB-1", two="Ab-1"))
        self.assertEqual(order.line_ids.mapped("state"), ["accepted", "pending"])
        for sku in ("mo1505", " MO1505 ", "MO 1505"):
            order = self.answered((self.creel, 2), (lower, 1), items=told(one=sku, two="AB-1"))
            self.assertEqual(order.line_ids.mapped("state"), ["accepted", "accepted"])

    def test_a_row_by_sku_is_shared_by_the_lines_that_have_it(self):
        """Two lines of the sale for one product; the service tells one row of three."""

        def together(rows):
            return [rows[0] | {"lineId": None, "quantity": sum(row["quantity"] for row in rows)}]

        order = self.answered((self.creel, 1), (self.creel, 2), items=together)
        self.assertEqual(sum(order.line_ids.mapped("accepted_quantity")), 3)
        self.assertFalse(order.activity_ids)

    def test_a_shipment_names_lines_by_the_same_rule(self):
        upper = self.create_offer(self.rivers, "AB-1", 5.0).product_id
        lower = self.create_offer(self.rivers, "ab-1", 6.0).product_id
        order = self.sent((upper, 1), (lower, 1), (self.creel, 1))
        items = [{"sku": sku, "quantity": 1} for sku in ("ab-1", "Ab-1", "mo1505")]
        shipment = {"id": "s-1", "status": "shipped", "trackingNumber": "1Z9", "items": items}
        self.service.expect(
            "GET", f"{PATH}/{order.remote_id}/shipments", {"data": {"shipments": [shipment]}}
        )
        order.action_check_shipments()
        shipped = order.shipment_ids.line_ids
        self.assertEqual(
            [(line.sku, line.order_line_id.sku) for line in shipped],
            [("ab-1", "ab-1"), ("Ab-1", False), ("mo1505", "MO1505")],
        )

    def test_a_canceled_line_is_not_taken_and_said_with_its_word(self):
        for word in ("canceled", "Cancelled", "failed"):
            with self.subTest(word=word):
                order = self.answered(
                    (self.creel, 2),
                    (self.lamp, 1),
                    items=lambda rows, word=word: [rows[0] | {"status": word}, rows[1]],
                )
                line = order.line_ids[0]
                self.assertEqual((line.state, line.accepted_quantity), ("rejected", 0))
                self.assertIn(word, line.reason)
                self.assertEqual(order.purchase_order_ids.order_line.product_id, self.lamp)
                self.assertEqual(self.activities(order), [f"{order.name} was only partly accepted"])
                self.assertIn(word, order.activity_ids.note)

    def test_a_backordered_line_is_taken_and_a_person_is_told_that_it_comes_later(self):
        self.create_offer(self.camp, "MO-C", 20.0, product_id=self.creel.id)
        order = self.answered(
            (self.creel, 3),
            (self.lamp, 1),
            items=lambda rows: [
                rows[0] | {"quantity": 1},
                rows[0] | {"quantity": 2, "status": "Backordered", "reason": "In two weeks."},
                rows[1],
            ],
        )
        line = order.line_ids[0]
        self.assertEqual(order.state, "accepted")
        self.assertEqual((line.accepted_quantity, line.backordered_quantity), (3, 2))
        self.assertEqual(order.purchase_order_ids.order_line.mapped("product_qty"), [3, 1])
        self.assertEqual(self.activities(order), [f"Part of {order.name} comes later"])
        self.assertEqual(order.activity_ids.user_id, self.salesperson)
        for words in ("2 of 3", "In two weeks.", "Camp Goods has 50"):
            self.assertIn(words, order.activity_ids.note)
        order.action_sync_documents()
        self.assertEqual(len(order.activity_ids), 1)

    def called(self, word, *lines):
        """Return an order whose first line is called something in the answer."""
        return self.answered(
            *(lines or [(self.creel, 2)]),
            items=lambda rows: [rows[0] | {"status": word}, *rows[1:]],
        )

    def test_a_line_with_a_word_nobody_knows_is_kept_and_a_person_is_asked_once(self):
        order = self.called("In the mill", (self.creel, 2), (self.lamp, 1))
        line = order.line_ids[0]
        self.assertEqual((line.state, line.accepted_quantity), ("accepted", 2))
        self.assertIn("In the mill", line.reason)
        self.assertEqual((order.state, order.rest_undecided), ("accepted", True))
        self.assertEqual(self.activities(order), [f"Was all of {order.name} taken?"])
        for text in (order.activity_ids.note, order.reason):
            self.assertIn("“In the mill”", text)
        self.assertIn(order, self.env["inventory.source.order"].search([("cause", "=", "rest")]))
        order.with_user(self.user_user).action_settle_rest()
        self.assertFalse(order.activity_ids or order.rest_undecided or order.reason)
        order.documents_pending = True
        self.send()
        self.assertFalse(order.activity_ids, "decided is decided")
        self.assertIn("In the mill", line.reason)

    def test_words_the_mapping_knows_ask_nobody(self):
        for word in ("accepted", "ACCEPTED", ""):
            order = self.called(word)
            self.assertFalse(order.rest_undecided or order.activity_ids)

    def test_a_word_nobody_knows_is_asked_about_beside_what_was_rejected(self):
        order = self.answered(
            (self.creel, 2),
            (self.lamp, 1),
            items=lambda rows: [
                rows[0] | {"status": "In the mill"},
                rows[1] | {"status": "rejected", "reason": "No stock."},
            ],
        )
        self.assertEqual(self.activities(order), [f"{order.name} was only partly accepted"])
        for words in ("“In the mill”", "No stock."):
            self.assertIn(words, order.activity_ids.note)
        # The customer does without the lamp; what the word means is still to be said.
        order.sale_order_id.order_line[1].with_user(self.salesperson).product_uom_qty = 0
        self.assertTrue(order.rest_undecided)

    def test_a_line_with_a_word_nobody_knows_ships_as_any_other(self):
        order = self.called("In the mill")
        self.assertEqual(order.purchase_order_ids.state, "purchase")
        self.assertTrue(order.next_check_at)

    def test_a_refused_order_says_every_reason_in_whatever_shape_it_came(self):
        reasons = ("No such state.", "Zip is too short.")
        for answer in (
            {"errors": list(reasons)},
            {"message": reasons[0], "errors": {"zip": [reasons[1]]}},
            {"detail": reasons[0], "fields": {"shippingAddress": {"zip": reasons[1]}}},
        ):
            with self.subTest(answer=answer):
                order = self.sent(answer=answer, status=422)
                self.assertEqual(order.state, "rejected")
                for reason in reasons:
                    self.assertIn(reason, order.reason)
                    self.assertIn(reason, order.activity_ids.note)

    # --- a number that is used there ---

    def taken(self, *lines, **changes):
        """Return an order whose first attempt was answered with 409."""
        order = self.queued(*lines)
        answer = {"error": {"code": "duplicate"}, "orderNumber": order.name, "orderId": 90050}
        self.expect_order(answer | changes, status=409)
        with mute_logger(LANE):
            self.send()
        return order

    def decide(self, order, outcome, user=None, **values):
        wizard = self.env["inventory.source.order.resolve"].with_user(user or self.user_manager)
        wizard.create(
            {"order_id": order.id, "note": "Looked it up.", "taken_outcome": outcome, **values}
        ).action_apply()

    def test_a_number_used_there_before_the_first_attempt_needs_a_person(self):
        cases = [{}, {"orderId": None}, {"orderNumber": None}, {"orderNumber": "X1"}]
        for changes in cases:
            with self.subTest(changes=changes):
                order = self.taken(**changes)
                self.assertEqual((order.state, order.remote_id), ("review", False))
                self.assertEqual(order.purchase_order_ids.state, "draft")
                self.assertIn("This number is used there", order.reason)
                self.assertEqual(self.activities(order), [f"The number {order.name} is used there"])
                self.assertFalse(order.next_check_at, "no parcel is asked for")
                with self.assertRaises(UserError):
                    order.action_check_shipments()
                calls = len(self.service.sent)
                self.send()
                self.run_lane("shipment")
                self.assertEqual(len(self.service.sent), calls)
                self.assertEqual((order.state, len(order.activity_ids)), ("review", 1))

    def test_what_else_is_refused_stands_beside_the_number_that_is_used(self):
        refused = {"path": "shippingAddress.state", "message": "Unknown state."}
        order = self.taken(fields=[refused])
        for text in (order.reason, order.activity_ids.note):
            self.assertIn("This number is used there", text)
            self.assertIn("State: Unknown state.", text)

    def test_a_number_this_database_never_gave_out_may_be_another_s(self):
        order = self.taken()
        self.assertIn(order.name, self.connection.copy_question)
        self.assertFalse(self.connection._blocked_reason())
        told = self.connection.copy_question
        self.decide(order, "next")
        self.expect_order({"orderNumber": order.name, "orderId": 90051}, status=409)
        self.send()
        self.connection.invalidate_recordset()
        self.assertEqual(self.connection.copy_question, told, "asked once")

    def test_a_number_the_service_answered_before_is_no_sign_of_another_database(self):
        order = self.sent(answer={"error": {"message": "No such street."}}, status=422)
        self.assertEqual(order.state, "rejected")
        order.with_user(self.user_user).action_send_now()
        self.expect_order({"orderNumber": order.name, "orderId": 90050}, status=409)
        self.send()
        self.assertTrue(order.number_taken)
        self.assertFalse(self.connection.copy_question)

    def test_words_alone_are_no_sign_of_another_database(self):
        """That it is a duplicate may be said of a line; a person looks what is meant."""
        told = {"message": "Not valid", "fields": [{"path": "items", "message": "duplicate"}]}
        order = self.sent(answer=told, status=422)
        self.assertTrue(order.number_taken)
        self.assertFalse(self.connection.copy_question)

    def test_pressing_send_does_not_decide_it(self):
        order = self.taken()
        order.with_user(self.user_user).action_send_now()
        self.send()
        self.assertEqual(order.state, "review")
        self.assertIn("This number is used there", order.reason)

    def test_a_manager_may_say_that_it_is_this_order(self):
        order = self.taken((self.creel, 2))
        form = Form(
            self.env["inventory.source.order.resolve"]
            .with_user(self.user_manager)
            .with_context(**order.with_user(self.user_manager).action_resolve()["context"])
        )
        form.taken_outcome, form.note = "received", "From before the restore."
        self.assertEqual(form.remote_id, "90050")
        form.save().action_apply()
        self.assertEqual((order.state, order.remote_id), ("accepted", "90050"))
        self.assertEqual(order.purchase_order_ids.partner_ref, "90050")
        self.assertFalse(order.activity_ids)
        self.service.expect("GET", f"{PATH}/90050/shipments", {"data": {"shipments": []}})
        order.action_check_shipments()

    def test_a_manager_may_type_another_number_but_none_that_is_an_orders_already(self):
        other = self.sent()
        order = self.taken(orderId=None)
        with self.assertRaises(UserError):
            self.decide(order, "received")
        with self.assertRaises(UserError):
            self.decide(order, "received", remote_id=other.remote_id)
        self.decide(order, "received", remote_id=" 90099 ")
        self.assertEqual((order.state, order.remote_id), ("accepted", "90099"))

    def test_a_manager_may_send_it_under_the_next_number(self):
        order = self.taken()
        name, key = order.name, order.idempotency_key
        self.decide(order, "next")
        self.assertEqual((order.state, order.name), ("queued", f"{name}-2"))
        self.assertNotEqual(order.idempotency_key, key)
        self.assertFalse(order.activity_ids)
        self.expect_order()
        self.send()
        self.assertEqual((order.state, order.remote_id), ("accepted", "90071"))
        self.assertEqual(self.service.sent[-1][3]["order"]["orderNumber"], f"{name}-2")

    def test_only_a_manager_decides_and_nothing_is_decided_by_default(self):
        order = self.taken()
        with self.assertRaises(AccessError):
            self.decide(order, "next", self.user_user)
        with self.assertRaises(UserError):
            self.decide(order, False)
        self.assertEqual(order.state, "review")

    def test_an_order_that_needs_you_for_something_else_is_not_decided_about(self):
        self.customer.zip = False
        order = self.queued()
        self.assertEqual(order.state, "review")
        with self.assertRaises(UserError):
            self.decide(order, "next")

    def test_a_cancelled_sale_cancels_it(self):
        order = self.taken()
        order.sale_order_id._action_cancel()
        self.assertEqual(order.state, "cancelled")

    def test_a_429_before_does_not_make_the_number_ours(self):
        order = self.sent(answer={}, status=429)
        self.fill_pool(self.connection)
        self.expect_order({"orderNumber": order.name, "orderId": 90050}, status=409)
        self.send()
        self.assertEqual((order.state, order.remote_id), ("review", False))
