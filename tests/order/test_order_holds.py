import ast
from datetime import datetime, timedelta
from pathlib import Path

from lxml import etree

from odoo import fields
from odoo.tests import tagged
from odoo.tools import format_date
from odoo.tools.safe_eval import safe_eval

from ...models.order import holds
from ...models.order.lane import _recheck
from .order_common import OrderCommon

MODELS = Path(__file__).parents[2] / "models"


class HoldsCase(OrderCommon):
    def setUp(self):
        super().setUp()
        self.releaser = self.create_user("releaser", "user")
        self.connection.order_user_id = self.releaser

    def order(self, *lines, **values):
        return self.order_of(self.confirm(*(lines or [(self.creel, 1)]), **values))


@tagged("post_install", "-at_install")
class TestOrderHeld(HoldsCase):
    """What a policy holds reaches whoever releases orders, and leaves when the policy lets it."""

    def test_whoever_releases_orders_is_asked_once_until_it_is_released(self):
        self.creel.inventory_source_product_ids.firearm = True
        order = self.order()
        self.assertEqual((order.state, order.cause), ("held", "policy.restricted"))
        (asked,) = order.activity_ids
        self.assertEqual(asked.user_id, self.releaser)
        self.assertIn("MO1505 is restricted goods", asked.note)
        order.sale_order_id.order_line.product_uom_qty = 2
        self.follow()
        self.assertEqual(order.line_ids.quantity, 2)
        self.assertEqual(order.activity_ids, asked, "the same one, however often it is judged")
        order.with_user(self.releaser).action_release()
        self.assertEqual((order.state, order.cause), ("queued", False))
        self.assertFalse(order.activity_ids)

    def test_nobody_is_asked_any_more_about_what_was_canceled(self):
        self.connection.order_policy = "release"
        order = self.order()
        self.assertTrue(order.activity_ids)
        order.with_user(self.user_user).action_cancel()
        self.assertEqual((order.cause, order.activity_ids.ids), (False, []))

    def test_what_has_another_reason_meanwhile_is_said_in_the_same_place(self):
        self.connection.write({"hold_amount": 30, "hold_margin": 60})
        order = self.order()
        (asked,) = order.activity_ids
        self.assertEqual(order.cause, "policy.amount")
        self.connection.hold_amount = 0
        self.send()
        self.assertEqual((order.state, order.cause), ("held", "policy.margin"))
        self.assertEqual(order.activity_ids, asked)
        self.assertNotIn("is above", asked.note)

    def test_what_a_policy_holds_leaves_when_the_policy_changes(self):
        cases = {
            "policy.release": ({"order_policy": "release"}, {"order_policy": "at_once"}),
            "policy.amount": ({"hold_amount": 30}, {"hold_amount": 40}),
            "policy.margin": ({"hold_margin": 60}, {"hold_margin": 10}),
        }
        for cause, (policy, change) in cases.items():
            with self.subTest(cause):
                self.connection.write(policy)
                order = self.order()
                self.assertEqual((order.state, order.cause), ("held", cause))
                self.connection.with_user(self.user_manager).write(change)
                self.assertEqual(order.state, "held", "not in the transaction of a person")
                self.expect_order()
                self.send()
                self.assertEqual((order.state, order.cause), ("accepted", False))
                self.assertFalse(order.to_judge)

    def test_what_a_person_or_a_copy_holds_stays_when_a_policy_changes(self):
        order, copied = self.order(), self.order()
        order.with_user(self.user_user).action_hold()
        self.env["inventory.source.order"]._hold_copied(self.connection)
        self.assertEqual((order.cause, copied.cause), ("by_person", "copy"))
        self.connection.hold_amount = 1000
        self.send()
        self.assertEqual((order.state, copied.state), ("held", "held"))
        self.assertFalse(order.to_judge)

    def test_an_edit_that_ends_the_reason_ends_the_hold(self):
        self.connection.hold_amount = 50
        order = self.order((self.creel, 2))
        self.assertEqual(order.cause, "policy.amount")
        order.sale_order_id.order_line.product_uom_qty = 1
        self.follow()
        self.assertEqual((order.state, order.activity_ids.ids), ("queued", []))

    def test_a_price_raised_on_the_sale_ends_the_hold(self):
        self.connection.hold_margin = 30
        for is_looked_at in (False, True):
            with self.subTest(is_looked_at=is_looked_at):
                sale = self.create_sale((self.creel, 1))
                sale.order_line.price_unit = 20
                sale.with_user(self.salesperson).action_confirm()
                self.follow()
                order = self.order_of(sale)
                self.assertEqual((order.state, order.cause), ("held", "policy.margin"))
                if is_looked_at:
                    self.send()
                sale.with_user(self.salesperson).order_line.price_unit = 40
                self.assertEqual(order.line_ids.price, 20, "not in the transaction of a person")
                self.send()
                self.expect_order()
                self.send()
                self.assertEqual((order.state, order.cause), ("accepted", False))
                (item,) = self.service.calls("/orders")[-1][3]["order"]["items"]
                self.assertEqual(item["price"], 40)

    def test_a_price_lowered_on_the_sale_before_it_leaves_is_judged(self):
        self.connection.write({"order_policy": "delay", "order_delay": 30, "hold_margin": 30})
        order = self.order()
        self.assertEqual((order.state, order.cause), ("queued", "policy.delay"))
        order.sale_order_id.with_user(self.salesperson).order_line.discount = 45
        order.next_try_at = fields.Datetime.now() - timedelta(minutes=1)
        self.send()
        self.assertEqual((order.state, order.cause), ("held", "policy.margin"))
        self.assertEqual(order.line_ids.price, 19.22)

    def test_what_else_lowers_the_total_of_the_sale_ends_the_hold(self):
        self.connection.hold_amount = 50
        setting_up = self.env["product.product"].create({"name": "Set-up", "type": "service"})
        order = self.order((self.creel, 1), (setting_up, 1))
        self.assertEqual((order.state, order.cause), ("held", "policy.amount"))
        self.send()
        service = order.sale_order_id.order_line.filtered(
            lambda line: line.product_id == setting_up
        )
        service.price_unit = 5
        self.send()
        self.expect_order()
        self.send()
        self.assertEqual(order.state, "accepted")

    def test_a_shorter_while_counts_for_what_waits_already(self):
        self.connection.write({"order_policy": "delay", "order_delay": 3000})
        order = self.order()
        self.assertEqual((order.state, order.cause), ("queued", "policy.delay"))
        self.connection.order_policy = "at_once"
        self.expect_order()
        self.send()
        self.assertEqual((order.state, order.cause), ("accepted", False))

    def test_what_was_canceled_meanwhile_is_not_queued_by_a_check_that_began_before(self):
        self.customer.zip = False
        order = self.order()
        self.assertEqual((order.state, order.cause), ("review", "address"))
        order.with_user(self.user_user).action_cancel()
        self.customer.zip = "32202"
        _recheck(self.connection, order.id)
        self.assertEqual(order.state, "cancelled")


@tagged("post_install", "-at_install")
class TestOrderCause(HoldsCase):
    """What an order waits for is a code, so that the queue groups by it."""

    def test_what_is_missing_and_what_became_of_it(self):
        self.customer.zip = False
        order = self.order()
        self.assertEqual(order.cause, "address")
        self.customer.zip = "32202"
        self.expect_order(status=422, answer={"error": {"message": "No such SKU."}})
        self.send()
        self.assertEqual((order.state, order.cause), ("rejected", "rejected"))
        order.with_user(self.user_user).action_send_now()
        self.assertEqual((order.state, order.cause), ("queued", False))
        self.expect_order(status=409, answer={"error": {"message": "Exists."}})
        self.send()
        self.assertEqual((order.state, order.cause), ("review", "order.number"))
        order._note_documents_error("No.")
        self.assertEqual(order.cause, "documents")

    def test_the_queue_groups_by_cause(self):
        self.connection.order_policy = "release"
        self.order()
        self.customer.zip = False
        self.order()
        orders = self.env["inventory.source.order"].with_user(self.user_user)
        groups = orders.formatted_read_group(
            [("connection_id", "=", self.connection.id)], ["cause"], ["__count"]
        )
        self.assertEqual(
            {group["cause"]: group["__count"] for group in groups},
            {"policy.release": 1, "address": 1},
        )

    def test_each_code_in_the_source_has_a_label(self):
        """Else an order waits for "something else"."""
        codes = set()
        for path in MODELS.rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                name = isinstance(node, ast.Call) and getattr(node.func, "id", "")
                if name in ("Issue", "Hold") and node.args:
                    codes.add(ast.unparse(node.args[0]).strip("f'"))
        self.assertIn("shipping.method", codes)
        others = {code for code in codes if "." in code and holds.cause_of(code) == "other"}
        self.assertFalse(others)


@tagged("post_install", "-at_install")
class TestOrderDate(HoldsCase):
    """A requested delivery date: the order leaves in time for it, and needs nobody until then."""

    def setUp(self):
        super().setUp()
        self.connection.company_id.resource_calendar_id.tz = "UTC"
        self.creel.seller_ids.delay = 3
        # A Thursday at least three weeks away.
        day = fields.Date.today() + timedelta(days=21)
        day += timedelta(days=(3 - day.weekday()) % 7)
        self.thursday = datetime.combine(day, datetime.min.time()) + timedelta(hours=15)

    def days_before(self, order):
        """Return how many days before the requested date it leaves."""
        return (self.thursday.date() - order.next_try_at.date()).days

    def test_it_leaves_the_vendors_days_and_a_working_day_before_and_needs_nobody(self):
        quotation = self.create_sale((self.creel, 1), commitment_date=self.thursday)
        self.creel.inventory_source_product_ids.seen_at = fields.Datetime.now()
        quotation = quotation.with_user(self.salesperson)
        self.assertEqual(quotation.inventory_source_light, "green")
        self.assertIn("It will be sent on", quotation.inventory_source_light_text)
        order = self.order(commitment_date=self.thursday)
        self.send()
        self.assertEqual((order.state, order.cause), ("queued", "delivery_date"))
        # Three days before is a Monday; the working day before that a Friday.
        self.assertEqual(self.days_before(order), 6)
        self.assertIn("It will be sent on", order.reason)
        self.assertFalse(order.activity_ids)
        self.assertFalse(self.connection.needs_you_count)
        order.sale_order_id.commitment_date = fields.Datetime.now() + timedelta(days=1)
        self.expect_order()
        self.send()
        self.assertEqual((order.state, order.cause), ("accepted", False))

    def test_the_day_it_says_is_the_companys_whatever_zone_the_server_has(self):
        self.connection.company_id.resource_calendar_id.tz = "Pacific/Auckland"
        order = self.order(commitment_date=self.thursday)
        # It is wanted on a Friday there; and midnight there is about noon of the day before in UTC.
        here = order.next_try_at + timedelta(hours=13)
        self.assertEqual(here.weekday(), 0, "a working day before Tuesday")
        self.assertIn(f"sent on {format_date(self.env, here.date())}", order.reason)

    def test_it_leaves_the_days_learnt_from_shipments_where_enough_are_known(self):
        accepted = fields.Datetime.now() - timedelta(days=60)
        earlier = self.env["inventory.source.order"].create(
            {
                "name": "E-1",
                "connection_id": self.connection.id,
                "state": "done",
                "accepted_at": accepted,
                "remote_id": "1",
            }
        )
        for number in range(8):
            self.env["inventory.source.shipment"].create(
                {
                    "order_id": earlier.id,
                    "external_id": f"s-{number}",
                    "status": "shipped",
                    "supplier_id": self.rivers.id,
                    "state": "applied",
                    "news_at": accepted + timedelta(days=6, hours=2),
                }
            )
        order = self.order(commitment_date=self.thursday)
        # Seven days before is a Thursday; the working day before that a Wednesday.
        self.assertEqual(self.days_before(order), 8)

    def test_the_slowest_supplier_and_the_companys_holidays_count(self):
        self.tent.seller_ids.delay = 9
        holiday = self.thursday - timedelta(days=10)  # a Monday
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Closed",
                "calendar_id": self.connection.company_id.resource_calendar_id.id,
                "date_from": holiday.replace(hour=0),
                "date_to": holiday.replace(hour=23),
            }
        )
        order = self.order((self.creel, 1), (self.tent, 1), commitment_date=self.thursday)
        # Nine days before is a Tuesday; Monday is closed, so it leaves on the Friday before.
        self.assertEqual(self.days_before(order), 13)

    def test_where_the_supplier_takes_longer_meanwhile_it_leaves_earlier(self):
        order = self.order(commitment_date=self.thursday)
        self.creel.seller_ids.delay = 7
        self.send()
        self.assertEqual(self.days_before(order), 6, "judged once a day")
        self.env.flush_all()
        yesterday = fields.Datetime.now() - timedelta(hours=25)
        self.env.cr.execute(
            "UPDATE inventory_source_order SET write_date = %s WHERE id = %s",
            [yesterday, order.id],
        )
        self.env.invalidate_all()
        self.send()
        # Seven days before is a Thursday; the working day before that a Wednesday.
        self.assertEqual((order.state, self.days_before(order)), ("queued", 8))
        self.assertGreater(order.write_date, yesterday)

    def test_what_is_near_or_past_leaves_at_once(self):
        for days in (-3, 1, 4):
            with self.subTest(days):
                wanted = fields.Datetime.now() + timedelta(days=days)
                order = self.order(commitment_date=wanted)
                self.assertEqual((order.state, order.next_try_at), ("queued", False))

    def test_the_button_sends_it_now_and_a_release_does_not(self):
        self.connection.order_policy = "release"
        order = self.order(commitment_date=self.thursday)
        self.assertEqual(order.cause, "policy.release")
        order.with_user(self.releaser).action_release()
        self.assertEqual((order.state, order.cause), ("queued", "delivery_date"))
        order.with_user(self.releaser).action_send_now()
        self.expect_order()
        self.send()
        self.assertEqual(order.state, "accepted")

    def test_a_date_that_moved_away_in_the_last_moment_is_seen_before_it_leaves(self):
        order = self.order()
        # Past the sale's own write, as by a concurrent edit that came first.
        self.env.cr.execute(
            "UPDATE sale_order SET commitment_date = %s WHERE id = %s",
            (self.thursday, order.sale_order_id.id),
        )
        order.sale_order_id.invalidate_recordset(["commitment_date"])
        self.send()
        self.assertEqual((order.state, order.cause), ("queued", "delivery_date"))
        self.assertEqual(self.service.sent, [])


@tagged("post_install", "-at_install")
class TestResponsible(HoldsCase):
    """Each matter reaches the person the connection names for its kind."""

    def setUp(self):
        super().setUp()
        self.people = {
            kind: self.create_user(f"person_{kind}", "manager")
            for kind in ("order", "catalog", "money", "technical")
        }
        for kind, person in self.people.items():
            self.connection[f"{kind}_user_id"] = person

    def test_what_was_sold_reaches_the_salesperson_else_who_is_responsible_for_orders(self):
        self.customer.zip = False
        self.assertEqual(self.order().activity_ids.user_id, self.salesperson)
        order = self.order(user_id=False)
        self.assertEqual(order.activity_ids.user_id, self.people["order"])

    def test_an_approval_reaches_who_is_responsible_for_money(self):
        self.env.company.write(
            {"po_double_validation": "two_step", "po_double_validation_amount": 1}
        )
        order = self.order()
        self.assertEqual((order.state, order.cause), ("review", "purchase.approval"))
        self.assertEqual(order.activity_ids.user_id, self.people["money"])

    def test_a_sale_that_earns_too_little_or_is_large_reaches_who_is_responsible_for_money(self):
        self.connection.hold_margin = 90
        order = self.order()
        self.assertEqual((order.state, order.cause), ("held", "policy.margin"))
        self.assertEqual(order.activity_ids.user_id, self.people["money"])
        self.connection.write({"hold_margin": 0, "hold_amount": 1})
        order = self.order()
        self.assertEqual((order.state, order.cause), ("held", "policy.amount"))
        self.assertEqual(order.activity_ids.user_id, self.people["money"])

    def test_who_is_asked_changes_with_what_is_missing(self):
        self.customer.zip = False
        order = self.order()
        self.assertEqual(order.activity_ids.user_id, self.salesperson)
        self.customer.zip = "32202"
        self.connection.channel_id = False
        order._decide()
        self.assertEqual(order.activity_ids.user_id, self.people["technical"])

    def test_a_lost_connection_reaches_the_technical_contact(self):
        self.connection._set_reauth("Refused.")
        self.assertEqual(self.connection.activity_ids.user_id, self.people["technical"])

    def test_a_catalog_that_cannot_be_read_reaches_who_is_responsible_for_catalogs(self):
        self.catalog.write({"failing_since": fields.Datetime.now(), "failure": "Not found."})
        self.catalog._report_failing()
        self.assertEqual(self.catalog.activity_ids.user_id, self.people["catalog"])

    def test_where_nobody_is_named_the_responsible_gets_it(self):
        self.connection.write({f"{kind}_user_id": False for kind in self.people})
        for kind in ("orders", "catalog", "money", "technical"):
            self.assertEqual(self.connection._responsible(kind), self.connection.user_id)

    def test_nobody_who_left_is_called(self):
        self.people["order"].active = self.salesperson.active = False
        self.customer.zip = False
        self.assertEqual(self.order().activity_ids.user_id, self.connection.user_id)

    def test_only_who_may_see_it_is_offered(self):
        """Whoever gets an activity has to be able to open what it is about."""
        arch = self.env["inventory.source.connection"].get_view(view_type="form")["arch"]
        for name in ("user_id", *(f"{kind}_user_id" for kind in self.people)):
            (node,) = etree.fromstring(arch).xpath(f"//group[@name='people']/field[@name='{name}']")
            domain = safe_eval(node.get("domain"), {"company_id": self.env.company.id})
            offered = self.env["res.users"].search(domain)
            self.assertLessEqual(self.people["order"], offered)
            self.assertNotIn(self.salesperson, offered)
