from odoo.tests import tagged

from .order_common import OrderSendCase


@tagged("post_install", "-at_install")
class TestOrderSentTerms(OrderSendCase):
    """What goes along with an order, beside goods and address, changes after it has left."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        product = cls.env["product.product"].create({"name": "Delivery", "type": "service"})
        cls.ground, cls.express = cls.env["delivery.carrier"].create(
            [{"name": name, "product_id": product.id} for name in ("By land", "Express")]
        )
        cls.env["inventory.source.shipping.method"].create(
            [
                {"connection_id": cls.connection.id, "carrier_id": carrier.id, "name": name}
                for carrier, name in ((cls.ground, "Ground"), (cls.express, "Next Day Air"))
            ]
        )

    def change(self, order, **values):
        order.sale_order_id.with_user(self.salesperson).write(values)

    def calls(self, order):
        return order.activity_ids.filtered(lambda each: "changed after it was" in each.summary)

    def test_another_delivery_method_is_for_a_person_to_tell(self):
        order = self.sent()
        self.change(order, carrier_id=self.express.id)
        call = self.calls(order)
        self.assertEqual(call.user_id, self.salesperson)
        self.assertIn("ship it by “Next Day Air”", call.note)
        self.assertIn(order.remote_id, call.note)

    def test_chosen_again_as_odoo_does_it_tells_nobody_or_takes_that_back(self):
        order = self.queued()
        self.change(order, carrier_id=self.ground.id)
        self.expect_order()
        self.send()
        for carrier in (self.express, self.ground):
            # The former one is taken off with its line first.
            self.change(order, carrier_id=False)
            self.change(order, carrier_id=carrier.id)
            self.assertEqual(bool(self.calls(order)), carrier == self.express)

    def test_as_it_was_sent_is_told_once_the_supplier_was_told_something_else(self):
        order = self.queued()
        self.change(order, carrier_id=self.ground.id)
        self.expect_order()
        self.send()
        self.change(order, carrier_id=self.express.id)
        self.calls(order).action_feedback()
        self.change(order, carrier_id=self.ground.id)
        self.assertIn("ship it by “Ground”", self.calls(order).note)
        self.assertNotIn("note", self.calls(order).note)

    def test_another_note_is_for_a_person_to_tell(self):
        order = self.sent()
        self.change(order, inventory_source_message="Ring twice")
        self.assertIn("heed this note: “Ring twice”", self.calls(order).note)
        self.change(order, inventory_source_message=False, client_order_ref="PO 7")
        self.assertIn("heed this note: “Customer reference: PO 7”", self.calls(order).note)
        self.change(order, client_order_ref=False)
        self.assertFalse(self.calls(order))

    def test_they_are_the_same_whatever_the_language_of_who_asks(self):
        self.env["res.lang"]._activate_lang("es_419")
        order = self.queued()
        unknown_there = self.express.copy()
        unknown_there.name = "By air"
        unknown_there.with_context(lang="es_419").name = "Por avión"
        self.change(order, carrier_id=unknown_there.id)
        spanish = order.sale_order_id.with_context(lang="es_419")
        self.assertEqual(spanish.carrier_id.name, "Por avión")
        self.assertEqual(spanish._inventory_source_terms(order)["method"], "By air")

    def test_a_note_that_is_gone_is_said(self):
        order = self.queued()
        self.change(order, inventory_source_message="Ring twice")
        self.expect_order()
        self.send()
        self.assertFalse(self.calls(order))
        self.change(order, inventory_source_message=False)
        self.assertIn("ignore the note it was sent with", self.calls(order).note)

    def test_before_it_leaves_it_goes_along_and_tells_nobody(self):
        order = self.queued()
        self.change(order, carrier_id=self.express.id, inventory_source_message="Ring twice")
        self.expect_order()
        self.send()
        self.assertFalse(self.calls(order))
        sent = self.service.calls("/orders")[-1][3]["order"]
        self.assertIn("Next Day Air", str(sent))
        self.assertIn("Ring twice", str(sent))

    def test_in_the_moment_it_leaves_it_is_told_with_the_answer(self):
        order = self.queued()

        def answer(body):
            self.change(order, carrier_id=self.express.id)
            return self.accepted(body)

        self.expect_order(answer)
        self.send()
        self.assertTrue(self.calls(order))

    def test_what_has_come_to_an_end_tells_nobody(self):
        order = self.sent()
        order.state = "done"
        self.change(order, carrier_id=self.express.id)
        self.assertFalse(self.calls(order))

    def test_what_left_before_this_was_kept_tells_nobody(self):
        order = self.sent()
        order.sent_terms = False
        self.change(order, carrier_id=self.express.id)
        self.assertFalse(self.calls(order))
