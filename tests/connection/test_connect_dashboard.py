from lxml import etree

from odoo.tests import Form
from odoo.tools.safe_eval import safe_eval

from ...models.connection.tiles import DASHBOARD
from ..common import InventorySourceCommon


class TestDashboard(InventorySourceCommon):
    """What a person sees of a connection: the next step, the counts and where they lead."""

    def create_order(self, state, **values):
        accepted = state in ("accepted", "done")
        return (
            self.env["inventory.source.order"]
            .sudo()
            .create(
                {
                    "name": f"D-{state}-{len(values)}",
                    "connection_id": self.connection.id,
                    "state": state,
                    "accepted_at": accepted and "2026-01-01 00:00:00",
                    "remote_id": accepted and "r1",
                    **values,
                }
            )
        )

    def opened(self, tile, connection=None):
        """Return the records of the list a count opens, as the web client would show them."""
        connection = connection or self.connection.with_user(self.user_user)
        action = connection.with_context(tile=tile).action_open_tile()
        model = connection.env[action["res_model"]]
        if not model.has_access("read"):
            return model
        view = model.get_view((action["search_view_id"] or [False])[0], "search")
        arch = etree.fromstring(view["arch"])
        domain = action["domain"]
        for name in action["context"]:
            if name.startswith("search_default_"):
                (node,) = arch.xpath(f"//filter[@name='{name.removeprefix('search_default_')}']")
                domain = domain + safe_eval(node.get("domain"))
        return model.search(domain)

    def test_each_count_opens_a_list_of_just_that_many(self):
        for state in ("queued", "review", "held", "unknown", "rejected", "accepted", "cancelled"):
            self.create_order(state)
        self.create_order("done", rest_undecided=True)
        self.create_order("accepted", late_at="2026-01-02 00:00:00")
        other = self.create_connected(name="Bluebird")
        self.create_order("queued", connection_id=other.id)
        self.env["inventory.source.problem"]._note(
            self.connection,
            "product",
            [
                {"reference": "1", "code": "x", "message": "x"},
                # Told, and nothing to do about it.
                {"reference": "2", "code": "barcode", "message": "x"},
            ],
        )
        expected = {
            "queued_count": 1,
            "needs_you_count": 5,
            "held_count": 1,
            "unknown_count": 1,
            "rest_count": 1,
            "accepted_count": 2,
            "late_count": 1,
            "problem_count": 1,
        }
        connection = self.connection.with_user(self.user_user)
        for tile in DASHBOARD.values():
            with self.subTest(tile=tile.key):
                self.assertEqual(connection[tile.field], len(self.opened(tile.key)))
                self.assertEqual(connection[tile.field], expected.get(tile.field, 0))

    def test_what_was_bought_but_not_sent_is_counted_for_who_may_see_purchases(self):
        branch = self.env["res.company"].create(
            {"name": "Branch", "parent_id": self.env.company.id}
        )
        stranger = self.env["res.company"].create({"name": "Bluebird"})
        products = self.env["product.product"].create([{"name": "Creel"}, {"name": "Tent"}])
        for company in (self.env.company, branch, stranger):
            purchase = self.env["purchase.order"].create(
                {
                    "partner_id": self.env["res.partner"].create({"name": "Rivers"}).id,
                    "company_id": company.id,
                    "order_line": [
                        (0, 0, {"product_id": product.id, "product_qty": 1}) for product in products
                    ],
                }
            )
            purchase.order_line[0].inventory_source_unsent_reason = "archived"
        companies = self.env.company | branch | stranger
        purchaser = self.create_user(
            "dashboard_purchaser",
            "user",
            "purchase.group_purchase_user",
            company_ids=companies.ids,
        )
        for user, allowed, expected in (
            (purchaser, self.env.company, 1),
            (purchaser, self.env.company | branch, 2),
            (purchaser, companies, 3),  # nobody else counts what the stranger buys
            (self.user_user, self.env.company, 0),
        ):
            with self.subTest(user=user.login, companies=allowed.mapped("name")):
                own = self.connection.with_user(user).with_context(allowed_company_ids=allowed.ids)
                self.assertEqual(own.unsent_count, expected)
                self.assertEqual(len(self.opened("unsent", own)), expected)

    def test_the_steps_of_a_new_connection_follow_each_other(self):
        connection = self.env["inventory.source.connection"].create({"name": "New"})
        self.assertEqual(connection.next_step, "app")
        connection.write({"client_id": "client-1", "client_secret": "secret-canary-1"})
        connection.invalidate_recordset()
        self.assertEqual(connection.next_step, "connect")
        self.connect(connection)
        self.assertEqual(connection.next_step, "load")
        self.service.expect(
            "GET",
            "/v1/channels",
            {"data": {"channels": [{"id": 501, "name": "Odoo"}, {"id": 502, "name": "Shop"}]}},
        )
        self.service.expect("GET", "/v1/catalogs", {"data": {"catalogs": []}})
        self.fill_pool(connection)
        connection.action_load_remote()
        self.assertEqual(connection.next_step, "channel")
        connection.channel_id = connection.channel_ids[0]
        self.assertEqual(connection.next_step, "import")

    def test_the_button_that_connects_is_there_before_the_form_is_saved(self):
        form = Form(self.env["inventory.source.connection"].with_user(self.user_manager))
        self.assertIn(form.next_step, ("app", "connect"))
        form.client_id, form.client_secret = "client-1", "secret-canary-1"
        self.assertEqual(form.next_step, "connect", "what is typed counts")
        arch = etree.fromstring(self.connection.get_view(view_type="form")["arch"])
        (button,) = arch.xpath("//header/button[@name='action_connect']")
        self.assertEqual(button.get("invisible"), "next_step not in ('app', 'connect')")

    def test_who_has_to_confirm_an_account_is_not_asked_to_connect(self):
        connection = self.create_connection(name="Otter")
        connection.state = "to_confirm"
        self.assertEqual(connection.next_step, "confirm")

    def test_a_connection_not_saved_yet_is_not_said_to_be_blocked(self):
        with Form(self.env["inventory.source.connection"]) as form:
            self.assertEqual(form.next_step, "app")
            self.assertFalse(form.blocked_reason)
            self.assertFalse(form.copy_question)

    def test_the_card_of_a_lost_connection_tells_what_waits(self):
        card = etree.fromstring(self.connection.get_view(view_type="kanban")["arch"])

        def conditions(path):
            (node,) = card.xpath(path)
            return " ".join(each.get("t-if", "") for each in (node, *node.iterancestors()))

        self.create_order("held")
        self.connection.state = "reauth"
        rows = {row["key"]: row["count"] for row in self.connection.dashboard["rows"]}
        self.assertEqual(rows, {"needs_you": 1, "held": 1})
        # It asks for nothing, so it has no requests left to count.
        requests = conditions("//field[@name='tokens_left']")
        self.assertIn("record.state.raw_value == 'connected'", requests)

    def test_where_the_callback_is_explained_freezing_the_address_is_advised(self):
        form = self.connection.get_view(view_type="form")["arch"]
        self.assertIn("web.base.url.freeze", form)
        self.assertIn("web.base.url.freeze", self.connection._fields["redirect_uri"].help)

    def test_the_only_channel_is_chosen_and_one_that_is_gone_is_archived(self):
        connection = self.connect(self.create_connection())
        for channels in ([{"id": 7, "name": "One"}], [{"id": 8, "name": "Two"}]):
            self.service.expect("GET", "/v1/channels", {"data": {"channels": channels}})
            self.service.expect("GET", "/v1/catalogs", {"data": {"catalogs": []}})
            self.fill_pool(connection)
            connection.action_load_remote()
        self.assertEqual(connection.channel_id.external_id, "7", "a choice is never changed for us")
        self.assertFalse(connection.channel_id.active)
        self.assertEqual(connection.channel_ids.mapped("external_id"), ["8"])

    def test_problems_are_put_away_and_come_back_when_they_are_still_there(self):
        problems = self.env["inventory.source.problem"]
        told = [{"reference": "1", "code": "cost", "message": "The cost is no number."}]
        problem = problems._note(self.connection, "product", told)
        problem.with_user(self.user_user).action_resolve()
        self.assertTrue(problem.resolved_at)
        self.assertEqual(problems._note(self.connection, "product", told), problem)
        self.assertFalse(problem.resolved_at)
        problem.with_user(self.user_user).action_retry()
        problems._resolve(self.connection, "product", ["1"])
        self.assertTrue(problem.resolved_at)
