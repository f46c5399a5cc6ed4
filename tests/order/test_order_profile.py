"""An order as its wire profile makes it: what it is made of, and what a profile loses of it."""

import json

from odoo.tests import tagged

from ...models.order.order_checks import delivery_address
from .order_common import OrderSendCase

LINES = "{lineId: line_id, sku: sku, quantity: quantity, price: price}"


@tagged("post_install", "-at_install")
class TestOrderProfile(OrderSendCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.stove = cls.create_offer(cls.camp, "ST5", 30.0).product_id
        cls.all = [(cls.creel, 1), (cls.lamp, 2), (cls.tent, 3), (cls.stove, 4)]

    def use_profile(self, **changes):
        """Put the connection on a copy of the built-in profile with these changes to an order."""
        document = json.loads(self.env["inventory.source.profile"].new().document)
        document["create_order"].update(changes.pop("call", {}))
        document["create_order"]["body"]["order"].update(changes)
        profile = self.env["inventory.source.profile"].create(
            {"name": "Ours", "document": json.dumps(document)}
        )
        self.connection.write({"profile_id": profile.id, "api_url": self.connection.api_url})
        return profile

    def test_an_order_that_its_profile_would_cut_waits_with_the_place(self):
        profile = self.use_profile(items=f"lines[:3].{LINES}")
        cut = self.queued(*self.all)
        self.assertEqual((cut.state, cut.cause), ("review", "profile"))
        self.assertIn("create_order.body: 'ST5' × 4 of order", cut.reason)
        self.assertEqual(len(self.activities(cut)), 1)
        # It keeps no other order from leaving, is asked about once, and nothing was frozen.
        whole = self.queued(*self.all[:3])
        self.expect_order()
        self.send()
        self.send()
        self.assertEqual(self.sent_items(), {"MO1505": 1, "LA7": 2, "TE2": 3})
        self.assertEqual((whole.state, cut.state, cut.attempts), ("accepted", "review", 0))
        self.assertFalse(cut.payload_sha256)
        self.assertEqual(len(self.activities(cut)), 1)
        # Put right, it goes on by itself.
        profile.document = profile.document.replace("lines[:3]", "lines[*]")
        self.expect_order()
        self.send()
        self.assertEqual((cut.state, len(self.sent_items())), ("accepted", 4))
        self.assertFalse(cut.activity_ids)

    def age(self, profile):
        """Have the profile say what an older release took, and this one does not."""
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE inventory_source_profile SET document = %s WHERE id = %s",
            ["{}", profile.id],
        )
        self.env.invalidate_all()
        self.assertTrue(profile._unusable_reason())

    def test_a_profile_that_is_too_old_stops_sending_and_nothing_else(self):
        profile = self.use_profile()
        sent = self.sent((self.lamp, 1))
        good = profile.document
        self.age(profile)
        order = self.queued((self.creel, 2))
        self.assertEqual((order.state, order.cause), ("review", "profile"))
        self.assertIn("cannot be used", order.reason)
        manager = self.connection.with_user(self.user_manager)
        self.assertTrue(manager.web_read({"budget_chart": {}, "blocked_reason": {}})[0])
        sent.sudo().last_polled_at = sent.accepted_at
        self.assertTrue(sent.next_check_at)
        profile.document = good
        self.expect_order()
        self.send()
        self.assertEqual(order.state, "accepted")

    def test_what_was_changed_after_it_was_queued_is_looked_at_before_it_is_frozen(self):
        self.use_profile(items=f"lines[?quantity < `50`].{LINES}")
        order = self.queued((self.creel, 2), (self.lamp, 1))
        self.assertEqual(order.state, "queued")
        self.purchase_of(order.sale_order_id, self.rivers).order_line[0].product_qty = 90
        self.send()
        self.assertEqual((order.state, order.cause), ("review", "profile"))
        self.assertFalse(order.payload_sha256 or self.service.sent)

    def test_a_key_in_the_body_is_the_one_the_order_is_remembered_by(self):
        self.use_profile(
            once="idempotency_key", shop="channel_id", call={"idempotency_header": None}
        )
        order = self.sent(answer={}, status=403)
        self.assertEqual(order.state, "queued")
        first = self.service.sent[-1][3]["order"]
        self.assertEqual((first["once"], first["shop"]), (order.idempotency_key, "501"))
        # It is another order then, so it gets another key, which stands in it.
        self.customer.zip = "32203"
        self.end_pause()
        self.expect_order()
        self.send()
        second = self.service.sent[-1][3]["order"]
        self.assertEqual((order.state, second["once"]), ("accepted", order.idempotency_key))
        self.assertNotEqual(second["once"], first["once"])

    def test_the_service_is_told_its_own_ids_of_a_product(self):
        offer = self.creel.inventory_source_product_ids
        offer.external_id = "280734"
        line = "{lineId: line_id, id: product_id, list: catalog_id, sku: sku, quantity: quantity}"
        self.use_profile(items=f"lines[*].{line}")
        self.sent((self.creel, 2))
        (item,) = self.service.sent[-1][3]["order"]["items"]
        self.assertEqual((item["id"], item["list"], item["quantity"]), ("280734", "1", 2))

    def test_the_country_is_named_in_english_whoever_sends(self):
        self.env["res.lang"]._activate_lang("es_ES")
        self.customer.country_id.with_context(lang="es_ES").name = "Estados Unidos"
        partner = self.customer.with_context(lang="es_ES")
        self.assertEqual(delivery_address(partner, partner).country_name, "United States")
        partner.write({"country_id": self.env.ref("base.pr").id, "state_id": False})
        address = delivery_address(partner, partner)
        self.assertEqual((address.country, address.country_name), ("US", "United States"))
        partner.country_id = False
        self.assertEqual(delivery_address(partner, partner).country_name, "")
