from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.base.tests.test_ir_cron import CronMixinCase

from .order_common import OrderCommon


@tagged("post_install", "-at_install")
class TestOrderEnqueue(CronMixinCase, OrderCommon):
    """What confirming a sale order puts into the outbox."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.handling = cls.env["product.product"].create({"name": "Advice", "type": "service"})

    def test_an_ordinary_salesperson_confirms_and_an_order_is_queued(self):
        sale = self.confirm((self.creel, 2))
        order = self.order_of(sale)
        self.assertEqual((order.name, order.state), (sale.name, "queued"))
        self.assertEqual(
            order.line_ids.mapped(lambda line: (line.sku, line.quantity)), [("MO1505", 2)]
        )
        self.assertEqual(order.line_ids.price, 34.95)
        self.assertEqual(sale.with_user(self.salesperson).inventory_source_progress, "waiting")

    def test_confirming_starts_the_lane_with_the_same_commit(self):
        with self.capture_triggers(self.connection._lane_cron("order").id) as capture:
            self.confirm((self.creel, 1))
        self.assertEqual(len(capture.records), 2, "when confirmed, and when followed")

    def test_of_a_mixed_cart_only_what_our_suppliers_ship_is_ordered(self):
        sale = self.confirm((self.creel, 1), (self.own, 3), (self.foreign, 2), (self.tent, 1))
        order = self.order_of(sale)
        self.assertEqual(sorted(order.line_ids.mapped("sku")), ["MO1505", "TE2"])
        self.assertEqual(len(order.purchase_order_ids), 2, "one purchase order per supplier")

    def test_a_sale_without_our_products_leaves_no_trace(self):
        sale = self.confirm((self.own, 1), (self.foreign, 1))
        self.assertFalse(sale.inventory_source_order_ids)
        self.assertFalse(sale.activity_ids)

    def asked(self, action):
        """Return the statements about our tables, or about references, that an action runs."""
        asked, execute = [], type(self.env.cr).execute

        def note(cursor, query, *args, **kwargs):
            text = query.code if hasattr(query, "code") else str(query)
            if "inventory_source_" in text.split("WHERE")[0].split("FROM")[-1].split("SET")[0] or (
                "INTO inventory_source_" in text or "stock_reference_sale_rel" in text
            ):
                asked.append(" ".join(text.split())[:100])
            return execute(cursor, query, *args, **kwargs)

        with patch.object(type(self.env.cr), "execute", note):
            action()
            self.env.flush_all()
        return asked

    def test_a_sale_with_nothing_of_ours_is_asked_one_thing(self):
        """Odoo asks for the references of a sale in any case, once."""
        for lines, ours in (((self.own, 1), (self.foreign, 2)), 1), (((self.handling, 1),), 0):
            sale = self.create_sale(*lines)
            self.env.flush_all()
            self.env.invalidate_all()
            asked = self.asked(sale.with_user(self.salesperson).action_confirm)
            references = [text for text in asked if "SELECT" in text and "reference" in text]
            self.assertEqual(len(references), 1, asked)
            about_ours = [text for text in asked if "inventory_source" in text]
            self.assertEqual(len(about_ours), ours, asked)

    def test_a_product_of_our_supplier_that_is_not_linked_is_left_to_the_purchaser(self):
        loose = self.create_product("Not in the supplier catalog", self.rivers.partner_id)
        self.assertFalse(self.confirm((loose, 1)).inventory_source_order_ids)

    def test_dozens_become_pieces(self):
        order = self.order_of(self.confirm((self.creel, 2, self.env.ref("uom.product_uom_dozen"))))
        self.assertEqual(order.line_ids.quantity, 24)
        self.assertAlmostEqual(order.line_ids.price, 34.95 / 12, places=2)

    def test_a_quantity_that_is_not_whole_needs_a_person_and_is_not_truncated(self):
        order = self.order_of(self.confirm((self.creel, 1.5)))
        self.assertEqual(order.state, "review")
        self.assertEqual(order.line_ids.quantity, 1.5)
        self.assertIn("1.5 pieces", order.reason)

    def test_a_line_lowered_to_nothing_does_not_keep_the_others_from_leaving(self):
        sale = self.confirm((self.creel, 2), (self.lamp, 1))
        sale.order_line[1].with_user(self.salesperson).product_uom_qty = 0
        self.follow()
        order = self.order_of(sale)
        self.assertEqual((order.state, order.line_ids.mapped("sku")), ("queued", ["MO1505"]))

    def test_a_missing_postcode_never_blocks_the_sale_and_names_the_field(self):
        self.customer.zip = False
        sale = self.confirm((self.creel, 1))
        order = self.order_of(sale)
        self.assertEqual((sale.state, order.state), ("sale", "review"))
        self.assertIn("ZIP code", order.reason)
        self.assertEqual(self.activities(order), [f"Action needed before {sale.name} can be sent"])
        self.assertEqual(order.activity_ids.user_id, sale.user_id)
        action = order.with_user(self.user_user).action_fix()
        self.assertEqual((action["res_model"], action["res_id"]), ("res.partner", self.customer.id))

    def test_an_order_waits_while_the_connection_is_lost(self):
        self.connection._set_reauth("The access was withdrawn.")
        order = self.order_of(self.confirm((self.creel, 1)))
        self.assertEqual(order.state, "queued")
        self.send()
        self.assertEqual((order.state, self.service.sent), ("queued", []))

    def test_a_connection_that_was_disconnected_orders_nothing(self):
        self.connection.action_disconnect()
        self.assertFalse(self.confirm((self.creel, 1)).inventory_source_order_ids)

    def test_an_archived_connection_orders_nothing(self):
        self.connection.active = False
        self.assertFalse(self.confirm((self.creel, 1)).inventory_source_order_ids)

    def test_confirming_leaves_one_placeholder_and_asks_nothing_of_the_salesperson(self):
        sale = self.create_sale((self.creel, 1), (self.tent, 1))
        sale.with_user(self.salesperson).action_confirm()
        placeholder = self.order_of(sale)
        self.assertTrue(placeholder.is_placeholder)
        self.assertEqual(placeholder.create_uid, self.salesperson)
        with self.assertRaises(UserError):
            placeholder.with_user(self.user_user).action_hold()
        self.follow()
        self.assertEqual((self.order_of(sale), placeholder.is_placeholder), (placeholder, False))

    def in_another_transaction(self):
        """Date the placeholders that are there before this transaction."""
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE inventory_source_order SET create_date = create_date - interval '1 minute'"
            " WHERE is_placeholder"
        )
        self.env.invalidate_all()

    def enqueued_twice(self):
        """Return a sale order with two placeholders: of its confirmation and of an edit."""
        sale = self.create_sale((self.creel, 1))
        sale.with_user(self.salesperson).action_confirm()
        self.in_another_transaction()
        sale.with_user(self.salesperson).order_line.product_uom_qty = 3
        return sale

    def all_placeholders(self):
        orders = self.env["inventory.source.order"].with_context(active_test=False)
        return orders.search([("is_placeholder", "=", True)])

    def test_each_transaction_leaves_a_placeholder_of_its_own_and_the_sale_shows_once(self):
        with self.capture_triggers(self.connection._lane_cron("order").id) as capture:
            sale = self.enqueued_twice()
        self.assertEqual(len(self.all_placeholders()), 2)
        self.assertEqual(len(capture.records), 2, "the lane may be past the first by now")
        self.assertEqual(sale.inventory_source_order_count, 1)
        self.assertEqual(self.connection.queued_count, 1)
        placeholder = self.order_of(sale)
        self.follow()
        self.assertEqual(self.order_of(sale), placeholder)
        self.assertEqual(placeholder.line_ids.quantity, 3)
        self.assertFalse(self.all_placeholders(), "followed together")

    def test_a_placeholder_left_when_the_first_was_followed_becomes_an_order_people_see(self):
        sale = self.enqueued_twice()
        self.order_of(sale).unlink()
        self.assertFalse(self.all_placeholders().active)
        self.follow()
        self.assertEqual(self.order_of(sale).line_ids.quantity, 3)

    def test_an_enqueued_sale_that_is_cancelled_and_confirmed_again_is_ordered_once(self):
        sale = self.enqueued_twice()
        sale._action_cancel()
        self.assertFalse(sale.inventory_source_order_ids)
        self.in_another_transaction()
        sale.action_draft()
        sale.action_confirm()
        self.assertEqual(sale.inventory_source_order_count, 1)
        self.follow()
        self.assertEqual(self.order_of(sale).line_ids.quantity, 3)
        self.assertFalse(self.all_placeholders())

    def test_a_placeholder_that_is_not_shown_and_fails_is_shown(self):
        sale = self.enqueued_twice()
        self.order_of(sale).unlink()
        orders = type(self.env["inventory.source.order"])
        with (
            patch.object(orders, "_add_lines", side_effect=RuntimeError("broken")),
            self.assertLogs("odoo.addons.inventory_source.models.order.lane", "ERROR"),
        ):
            self.send()
        self.assertEqual(self.order_of(sale).documents_error, "broken")

    def test_a_copied_database_keeps_no_placeholder_that_is_not_shown(self):
        self.enqueued_twice()
        self.connection.action_copy()
        self.assertFalse(self.all_placeholders())

    def test_a_placeholder_another_run_has_followed_is_left_alone(self):
        sale = self.create_sale((self.creel, 1))
        sale.with_user(self.salesperson).action_confirm()
        placeholder = self.order_of(sale)
        placeholder._build_from_placeholder()
        placeholder._build_from_placeholder()
        self.assertEqual(self.order_of(sale).line_ids.quantity, 1)
        sale.action_inventory_source_enqueue()
        again = self.all_placeholders()
        again._build_from_placeholder()
        self.assertFalse(again.exists(), "it came to nothing")
        again._build_from_placeholder()

    def test_a_failure_of_ours_does_not_block_the_sale_and_is_not_silent(self):
        orders = type(self.env["inventory.source.order"])
        sale = self.create_sale((self.creel, 1))
        sale.with_user(self.salesperson).action_confirm()
        with (
            patch.object(orders, "_add_lines", side_effect=RuntimeError("broken")),
            self.assertLogs("odoo.addons.inventory_source.models.order.lane", "ERROR"),
        ):
            self.send()
        self.assertEqual(len(self.activities(self.order_of(sale))), 1)
        self.follow()
        self.assertEqual(self.order_of(sale).state, "queued")

    def test_who_sends_a_sale_by_hand_is_told_what_has_become_of_it(self):
        def said(sale):
            return sale.action_inventory_source_enqueue()["params"]["message"]

        own = self.env["product.product"].create({"name": "Own Rod", "type": "consu"})
        sale = self.create_sale((self.creel, 1))
        self.assertIn("Confirm the quotation first", said(sale))
        sale.action_confirm()
        self.assertIn("Queued", said(sale))
        self.follow()
        self.expect_order()
        self.send()
        self.assertIn(f"Already sent: {sale.name} as 90071.", said(sale))
        other = self.create_sale((own, 1))
        other.action_confirm()
        self.assertIn(f"nothing on {other.name} is bought", said(other))
        self.customer.zip = False
        held = self.confirm((self.creel, 1))
        self.assertIn(f"Action needed before it is sent: {held.name}.", said(held))

    def test_what_was_confirmed_before_its_product_was_linked_is_put_into_the_outbox_by_hand(self):
        offer = self.creel.inventory_source_product_ids
        offer.product_id = False
        sale = self.confirm((self.creel, 1))
        offer.product_id = self.creel
        sale.with_user(self.salesperson).action_inventory_source_enqueue()
        self.follow()
        self.assertEqual(self.order_of(sale).line_ids.sku, "MO1505")

    def test_a_quantity_raised_before_sending_is_followed(self):
        sale = self.confirm((self.creel, 2))
        sale.order_line.product_uom_qty = 5
        self.follow()
        self.assertEqual(self.order_of(sale).line_ids.quantity, 5)

    def test_a_line_added_before_sending_joins_the_order(self):
        sale = self.confirm((self.creel, 2))
        sale.order_line.create(
            {"order_id": sale.id, "product_id": self.tent.id, "product_uom_qty": 1}
        )
        self.follow()
        self.assertEqual(sorted(self.order_of(sale).line_ids.mapped("sku")), ["MO1505", "TE2"])

    def test_the_same_vendor_on_a_sandbox_too_orders_in_production(self):
        sandbox = self.create_connected(name="Trial", environment="sandbox")
        supplier = self.rivers.copy(
            {"connection_id": sandbox.id, "partner_id": self.rivers.partner_id.id}
        )
        offer = self.create_offer(supplier, "MO1505", 18.25, sandbox)
        offer.product_id = self.creel
        self.assertEqual(
            self.order_of(self.confirm((self.creel, 1))).connection_id, self.connection
        )

    def test_cancelling_the_sale_cancels_what_has_not_left(self):
        sale = self.confirm((self.creel, 1))
        sale._action_cancel()
        self.assertEqual(self.order_of(sale).state, "cancelled")
        self.send()
        self.assertFalse(self.service.sent)
