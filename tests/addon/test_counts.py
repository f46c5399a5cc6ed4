"""Every count that is shown, against the list its button opens."""

import json
from collections import Counter

from lxml import etree

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools.safe_eval import safe_eval, time

from ...models.connection.tiles import DASHBOARD, TROUBLES
from ...models.sync.record_mixin import CALL
from ...models.sync.states import ORDER_STATES, SHIPMENT_STATES, TAKEN
from ..order.order_common import OrderCommon


class Shown:
    """What a person sees: counts on buttons and links of forms and cards, and the lists behind."""

    def __init__(self, env):
        self.env = env

    def counts(self):
        """Yield `(model, field, method, context)` of each."""
        views = self.env["ir.ui.view"].sudo()
        data = self.env["ir.model.data"].sudo()
        ids = data.search(
            [("module", "=", "inventory_source"), ("model", "=", "ir.ui.view")]
        ).mapped("res_id")
        for model in sorted(set(views.browse(ids).mapped("model")) - {False}):
            for view_type in ("form", "kanban"):
                if not self.env[model].has_access("read"):
                    continue
                arch = etree.fromstring(self.env[model].get_view(view_type=view_type)["arch"])
                for button in arch.xpath("//*[self::button or self::a][@type='object']"):
                    for field in button.xpath(".//field[@name]"):
                        name = field.get("name")
                        known = self.env[model]._fields[name]
                        ours = model.startswith("inventory.") or name.startswith("inventory_")
                        if ours and known.type == "integer" and name.endswith("_count"):
                            context = safe_eval(button.get("context") or "{}")
                            yield model, name, button.get("name"), context

    def cards(self):
        """Yield `(connection, number, count, method, context)` of what the dashboard shows."""
        for connection in self.env["inventory.source.connection"].search([]):
            shown = connection.dashboard
            yield from self.rows(connection, shown["rows"])
            if sales := shown["sales"]:
                yield connection, "sales", sales["orders"], "action_open_sold_orders", {}
            for day in json.loads(connection.dashboard_graph or '[{"values": []}]')[0]["values"]:
                context = {"day": day["day"]}
                yield connection, "day", day["orders"], "action_open_sold_orders", context
        connections = self.env["inventory.source.connection"]
        together = connections.retrieve_dashboard([])
        everywhere = connections.browse(together["ids"])
        yield from self.rows(everywhere, together["rows"], "together ")
        sales = together["sales"]["orders"]
        yield everywhere, "together sales", sales, "action_open_sold_orders", {}

    def rows(self, connections, rows, where=""):
        for row in rows:
            context = {"tile": row["key"]}
            yield connections, where + row["key"], row["count"], "action_open_tile", context
            for each in row["causes"]:
                context = {"tile": row["key"], "cause": each["cause"]}
                yield connections, "cause", each["count"], "action_open_tile", context

    def opened(self, record, method, context):
        """Return how many records the list shows that a button of a record opens."""
        action = getattr(record.with_context(**context), method)()
        if not self.env[action["res_model"]].has_access("read"):
            return 0
        if action.get("res_id") and action["views"][0][1] == "form":
            return 1
        model = self.env[action["res_model"]]
        values = {"uid": self.env.uid, "time": time, "active_id": record[:1].id}
        own, domain = action.get("context") or {}, action.get("domain") or []
        own = safe_eval(own, values) if isinstance(own, str) else own
        domain = safe_eval(domain, values) if isinstance(domain, str) else list(domain)
        search = action.get("search_view_id") or [False]
        arch = etree.fromstring(model.get_view(search[0], "search")["arch"])
        for key, value in own.items():
            name = key.removeprefix("search_default_")
            if name == key or not value:
                continue
            for node in arch.xpath(f"//filter[@name='{name}'][@domain]"):
                domain += safe_eval(node.get("domain"), values)
            for node in arch.xpath(f"//field[@name='{name}']"):
                domain.append((node.get("name"), "=", value))
        return model.with_context(**own).search_count(domain)


@tagged("post_install", "-at_install")
class TestCounts(OrderCommon):
    """A count equals the list it opens, whatever there is, for managers and for users."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.create_connected(name="Bluebird")
        rights = ("purchase.group_purchase_user", "sales_team.group_sale_salesman_all_leads")
        rights += ("stock.group_stock_user",)
        cls.people = [
            cls.create_user(f"counts_{group}", group, *rights) for group in ("manager", "user")
        ]

    def setUp(self):
        super().setUp()
        self.create_products()
        sale = self.confirm((self.creel, 1), (self.lamp, 1))
        for connection in (self.connection, self.other):
            for state, _label in ORDER_STATES:
                self.create_order(connection, state, sale)
        accepted = self.create_order(self.connection, "accepted", sale, name="C-rest")
        accepted.write({"rest_undecided": True, "late_at": "2026-01-02 00:00:00"})
        self.create_order(self.connection, "done", sale, name="C-error").documents_error = "No."
        for state in ("queued", "accepted", "done"):
            called = self.create_order(self.connection, state, sale, name=f"C-call-{state}")
            called._call_person("Ask Acme to cancel it", "The sale was canceled.", CALL)
        for order in (accepted, sale.inventory_source_order_ids[:1]):
            self.create_shipments(order)
        self.create_problems()
        self.create_troubled()
        bought = sale.order_line.purchase_line_ids
        reasons = bought._fields["inventory_source_unsent_reason"].get_values(self.env)
        self.assertIn("queued", reasons)
        for line, reason in zip(bought, ("queued", reasons[-1]), strict=True):
            line.inventory_source_unsent_reason = reason
        self.env["inventory.source.order"].create(
            {
                "connection_id": self.connection.id,
                "sale_order_id": sale.id,
                "is_placeholder": True,
                "active": False,
            }
        )
        self.env["inventory.source.order"].search([]).line_ids._update_margins()
        self.env.flush_all()

    def create_products(self):
        """Make supplier products of each state, and changes of each kind and state."""
        now = fields.Datetime.now()
        nothing = {"product_id": False}
        for number, values in enumerate(
            (
                nothing,
                {**nothing, "ignored": True},
                {**nothing, "discontinued_at": now},
                {"discontinued_at": now},
                {"pending": True},
                {**nothing, "to_match": True},
                {**nothing, "to_match": True, "ignored": True},
            )
        ):
            self.create_offer(self.rivers, f"N{number}", 5.0, **values)
            self.create_offer(self.camp, f"M{number}", 5.0, **values)
        self.create_pictures()
        self.create_categories()
        Change = self.env["inventory.source.change"]
        offers = self.env["inventory.source.product"].search([])
        for kind, _label in Change._fields["kind"]._description_selection(self.env):
            states = Change._fields["state"]._description_selection(self.env)
            for offer, (state, _name) in zip(offers, states, strict=False):
                Change.create(
                    {
                        "supplier_product_id": offer.id,
                        "kind": kind,
                        "state": state,
                        "current_value": 1,
                        "proposed_value": 2,
                    }
                )

    def create_pictures(self):
        Picture = self.env["inventory.source.picture"]
        for offer in self.env["inventory.source.product"].search([("product_id", "!=", False)]):
            for state, _label in Picture._fields["state"]._description_selection(self.env):
                Picture.create(
                    {
                        "supplier_product_id": offer.id,
                        "product_tmpl_id": offer.product_id.product_tmpl_id.id,
                        "url": f"https://pictures.example/{offer.id}/{state}.jpg",
                        "state": state,
                    }
                )
        # One of what is not imported alarms nobody.
        offer = self.env["inventory.source.product"].search([("product_id", "=", False)], limit=1)
        Picture.create(
            {
                "supplier_product_id": offer.id,
                "url": "https://pictures.example/looked-at.jpg",
                "state": "failed",
            }
        )

    def create_categories(self):
        """Make categories with each decision, each with a product and without one."""
        Category = self.env["inventory.source.category"]
        actions = [code for code, _label in Category._fields["action"].selection]
        for number, action in enumerate((False, *actions)):
            for count in (0, 1):
                category = f"Category {number} {count}"
                if count:
                    self.create_offer(self.rivers, f"C{number}", 5.0, category=category)
                Category.create(
                    {
                        "connection_id": self.connection.id,
                        "category": category,
                        "product_count": count,
                        "action": action,
                        "categ_id": action == "category"
                        and self.env["product.category"].create({"name": "Lamps"}).id,
                    }
                )

    def create_order(self, connection, state, sale, **values):
        taken = state in TAKEN
        now = fields.Datetime.now()
        sending = {"attempt_uuid": "a", "lease_until": now} if state == "sending" else {}
        order = self.env["inventory.source.order"].create(
            {
                "name": f"C{connection.id}-{state}",
                "connection_id": connection.id,
                "sale_order_id": sale.id,
                "state": state,
                "accepted_at": taken and now,
                "remote_id": taken and "r1",
                **sending,
                **values,
            }
        )
        bought = sale.order_line.purchase_line_ids[:1]
        self.env["inventory.source.order.line"].create(
            {
                "order_id": order.id,
                "purchase_line_id": bought.id,
                "sale_line_id": bought.sale_line_id.id,
                "supplier_product_id": self.creel.inventory_source_product_ids.id,
                "sku": "MO1505",
                "quantity": 1,
            }
        )
        return order

    def create_shipments(self, order):
        carrier = self.env["inventory.source.carrier"]._named(order.connection_id, "UPS")
        kinds = [(state, False) for state, _label in SHIPMENT_STATES]
        for state, problem in (*kinds, ("voided", "voided")):
            self.env["inventory.source.shipment"].create(
                {
                    "order_id": order.id,
                    "external_id": f"s-{state}-{problem}",
                    "status": "shipped",
                    "state": state,
                    "problem": problem,
                    "carrier_id": carrier.id,
                }
            )

    def create_troubled(self):
        """Make connections that call a person themselves, in each way, and some twice."""
        for name in ("Otter", "Beaver"):
            self.create_connected(name=name)._set_reauth("Lost.")
        self.create_connected(name="Heron").state = "to_confirm"
        self.create_connected(name="Crane").cron_ids[:1].active = False
        waits = {"orders_wait_until": fields.Datetime.now()}
        self.create_connected(name="Grebe").write({**waits, "outbox_trouble": "slow"})

    def create_problems(self):
        Problem = self.env["inventory.source.problem"]
        for kind, _label in Problem._fields["kind"]._description_selection(self.env):
            for connection in (self.connection, self.other):
                told = [{"reference": "1", "code": code, "message": "Odd."} for code in "xy"]
                Problem._note(connection, kind, told)[:1].resolved_at = fields.Datetime.now()

    def test_each_count_is_the_number_of_records_its_button_opens(self):
        for person in self.people:
            shown = Shown(self.env(user=person))
            seen, wrong = Counter(), []
            for model, name, method, context in shown.counts():
                for record in shown.env[model].search([]):
                    count = record[name]
                    seen[model, name] += count
                    try:
                        opened = shown.opened(record, method, context)
                    except UserError:
                        opened = 0  # it says that there is nothing to open
                    if opened != count:
                        wrong.append((model, record.display_name, name, count, opened))
            with self.subTest(person.login):
                self.assertFalse(wrong)
                self.assertGreater(len(seen), 12, seen)
                empty = {key for key, total in seen.items() if not total}
                self.assertFalse(empty, "a count that is nowhere more than 0 proves nothing")

    def test_each_number_of_the_dashboard_is_that_of_its_list(self):
        for person in self.people:
            shown = Shown(self.env(user=person))
            seen, wrong = Counter(), []
            for connections, number, count, method, context in shown.cards():
                seen[number] += count
                opened = shown.opened(connections, method, context)
                if opened != count:
                    wrong.append((connections.mapped("name"), number, context, count, opened))
            with self.subTest(person.login):
                self.assertFalse(wrong)
                strip = (*DASHBOARD.values(), *TROUBLES.values())
                together = {f"together {tile.key}" for tile in strip if tile.person}
                shown = {tile.key for tile in DASHBOARD.values() if tile.by != "catalog_id"}
                expected = {*shown, *together, "sales", "together sales", "day", "cause"}
                self.assertEqual(expected - set(+seen), set(), "a number nowhere more than 0")

    def test_what_leaves_by_itself_is_not_counted_as_bought_and_not_sent(self):
        self.assertEqual(self.connection.unsent_count, 1)

    def test_the_strip_adds_up_what_the_cards_say(self):
        connections = self.env["inventory.source.connection"].with_user(self.people[0])
        found = connections.search([])
        together = connections.retrieve_dashboard([])
        for row in together["rows"]:
            if row["key"] in TROUBLES:
                continue
            tile = DASHBOARD[row["key"]]
            # What is Odoo's own is of the company, and of each of its connections.
            own = found[:1] if tile.by == "company_id" else found
            with self.subTest(row["key"]):
                self.assertEqual(row["count"], sum(own.mapped(tile.field)))
                self.assertTrue(row["person"])
        orders = sum(sales["orders"] for card in found if (sales := card.dashboard["sales"]))
        self.assertEqual(together["sales"]["orders"], orders)

    def test_the_causes_of_a_card_add_up_to_what_needs_action(self):
        # As PostgreSQL does with many: groups come in the order of their hashes.
        self.env.cr.execute("SET LOCAL enable_sort = off")
        for connection in self.connection | self.other:
            (row,) = (row for row in connection.dashboard["rows"] if row["key"] == "needs_you")
            self.assertEqual(sum(each["count"] for each in row["causes"]), row["count"])
            self.assertGreater(len(row["causes"]), 2)
            # Each morning in the same place.
            found = [(-each["count"], each["cause"] or "~") for each in row["causes"]]
            self.assertEqual(found, sorted(found))
