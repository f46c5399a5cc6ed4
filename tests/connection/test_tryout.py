"""A trial without an account: begun, played through, and taken away without a trace."""

from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import HttpCase, tagged

from ..common import InventorySourceMixin
from ..simulator.harness import Running

# What Odoo keeps of anything that was done at all, and forgets by itself.
LOGS = {
    "bus_bus",  # what was sent to open screens
    "ir_cron_trigger",  # of actions that serve everybody
    "ir_logging",
}


class TryoutCase(InventorySourceMixin, HttpCase):
    """A simulator, and a manager who has no account."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.simulator = Running("--products", "60")
        cls.addClassCleanup(cls.simulator.stop)
        cls.simulator.endless_pool()
        cls.manager = cls.create_user(
            "inventory_source_trying", "manager", "base.group_system", "base.group_partner_manager",
            "product.group_product_manager",
        )  # fmt: skip
        cls.shop = cls.env.company
        cls.customer = cls.create_customer()
        cls.own = cls.env["product.product"].create(
            {"name": "Gift box", "type": "consu", "is_storable": True, "list_price": 4.5}
        )
        cls.env.flush_all()

    def wizard(self, user=None, **values):
        model = self.env["inventory.source.tryout"].with_user(user or self.manager)
        return model.create({"address": self.simulator.url, **values})

    def trials(self):
        connections = self.env["inventory.source.connection"].with_context(active_test=False)
        return connections.search([("is_tryout", "=", True)])

    def begin(self):
        action = self.wizard().action_start()
        trial = self.env["inventory.source.connection"].browse(action["res_id"])
        self.assertEqual(trial.state, "connected")
        # One transaction of a test goes on for all of it, and its clock stands still.
        self.env.cr.execute(
            "UPDATE inventory_source_connection SET create_date = %s WHERE id = %s",
            [self.env.cr.now() - timedelta(minutes=5), trial.id],
        )
        trial.invalidate_recordset(["create_date"])
        return trial

    def fill(self, trial):
        """Read the catalogs and import what is on their first pages."""
        for _slice in range(2):  # a sandbox may ask ten times, and orders come first
            self.fill_pool(trial)
            trial.action_import_catalog()
        offers = trial.supplier_ids.product_ids
        self.assertEqual(len(offers), 60)
        offers[:30].with_user(self.manager).action_import()
        self.assertGreater(len(offers.product_id), 20)
        return offers.filtered(lambda offer: offer.product_id and offer.available > 5)

    def sell(self, *products):
        lines = [Command.create({"product_id": each.id}) for each in products]
        values = {"partner_id": self.customer.id, "order_line": lines}
        sale = self.env["sale.order"].create(values)
        sale.action_confirm()
        return sale

    def send(self, trial):
        self.fill_pool(trial)
        trial.action_send_orders()

    def end(self, trial):
        wizard = self.env["inventory.source.tryout.end"].with_user(self.manager)
        return wizard.create({"connection_id": trial.id})

    def rows(self):
        """Return how many rows each table has, but for logs."""
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = "
            "current_schema::regnamespace ORDER BY relname"
        )
        tables = [name for (name,) in self.env.cr.fetchall() if name not in LOGS]
        union = " UNION ALL ".join(
            f"""SELECT '{name}', count(*) FROM "{name}" """ for name in tables
        )
        self.env.cr.execute(union)
        return dict(self.env.cr.fetchall())

    def assert_as_before(self, before, **more):
        after = self.rows()
        changed = {
            name: after[name] - count for name, count in before.items() if after[name] != count
        }
        self.assertEqual(changed, more)


@tagged("post_install", "-at_install")
class TestTryout(TryoutCase):
    """What a manager does who has no account."""

    def test_a_trial_is_connected_by_one_button_and_can_be_told(self):
        trial = self.begin()
        self.assertEqual((trial.environment, trial.company_id), ("sandbox", self.shop))
        self.assertTrue(trial.is_tryout)
        self.assertIn("Trial", trial.name)
        self.assertEqual(trial.channel_id.name, "Odoo")
        self.assertEqual(len(trial.catalog_ids), 3)
        self.assertFalse(trial.shipment_template_id, "no customer is emailed")
        self.assertEqual(trial.user_id, self.manager)
        told = "".join(trial.message_ids.mapped("body"))
        self.assertIn(self.manager.name, told)
        calls = {entry["call"] for entry in self.simulator.journal()}
        self.assertLessEqual({"token", "channels", "catalogs"}, calls)

    def test_what_was_begun_and_sold_and_delivered_goes_without_a_trace(self):
        self.rows()
        before = self.rows()
        trial = self.begin()
        offers = self.fill(trial)
        sale = self.sell(offers[0].product_id, offers[1].product_id)
        self.send(trial)
        order = sale.inventory_source_order_ids
        self.assertEqual(order.state, "accepted", order.reason)
        self.fill_pool(trial)
        self.wizard().action_ship()
        self.assertEqual(set(sale.picking_ids.mapped("state")), {"done"})
        self.assertTrue(sale.picking_ids.filtered("carrier_tracking_ref"))
        sale._create_invoices()
        self.sell(offers[2].product_id)
        self.env["sale.order"].create(
            {
                "partner_id": self.customer.id,
                "order_line": [Command.create({"product_id": offers[3].product_id.id})],
            }
        )
        wizard = self.end(trial)
        self.assertIn("Sale orders: 3", wizard.goes)
        self.assertFalse(wizard.stays)
        action = wizard.action_end()
        self.assertEqual(action["params"]["type"], "success")
        self.assert_as_before(before)

    def test_what_odoo_keeps_is_said_before_and_stays_with_what_belongs_to_it(self):
        trial = self.begin()
        offers = self.fill(trial)
        billed = self.sell(offers[0].product_id)
        mixed = self.sell(offers[1].product_id, self.own)
        alone = self.sell(offers[2].product_id)
        self.send(trial)
        self.fill_pool(trial)
        self.wizard().action_ship()
        invoice = billed._create_invoices()
        invoice.action_post()
        wizard = self.end(trial)
        self.assertIn(f"{invoice.display_name}: it was posted", wizard.stays)
        self.assertIn(f"{mixed.name}: it is also about Gift box", wizard.stays)
        self.assertIn(billed.name, wizard.stays)
        self.assertNotIn(alone.name, wizard.stays)
        kept = billed._get_purchase_orders() | mixed._get_purchase_orders()
        transfers = billed.picking_ids | mixed.picking_ids
        products = (offers[0] | offers[1]).product_id.product_tmpl_id.product_variant_ids
        others = offers.product_id - products
        wizard.action_end()
        for gone in (alone, trial, others):
            self.assertFalse(gone.exists())
        for stays in (billed | mixed, kept, transfers, invoice, products):
            self.assertEqual(stays.exists(), stays)
        self.assertEqual(set(transfers.mapped("state")) - {"done"}, {"confirmed"}, "ours waits")
        self.assertFalse(any(products.mapped("active")))
        self.assertFalse(any(kept.partner_id.mapped("active")))
        self.assertFalse(self.env["inventory.source.order"].search([]))
        self.assertFalse(self.trials())

    def add_rule(self, trial, **values):
        """Try prices with a new rule, and use them."""
        action = trial.with_user(self.manager).action_prices()
        prices = self.env[action["res_model"]].with_user(self.manager).browse(action["res_id"])
        prices.write({"new_rule": True, "rule_markup": 40.0, **values})
        prices.action_try()
        prices.action_use()
        return trial.price_pricelist_id

    def shops_pricelist(self):
        rule = {"compute_price": "percentage", "percent_price": 5.0}
        values = {"name": "The shop's", "sequence": 99, "item_ids": [Command.create(rule)]}
        return self.env["product.pricelist"].create(values)

    def test_a_pricelist_made_for_its_prices_goes_without_a_trace(self):
        self.rows()
        before = self.rows()
        trial = self.begin()
        self.fill(trial)
        self.add_rule(trial)
        self.add_rule(trial)
        wizard = self.end(trial)
        self.assertIn("Pricelists: 1", wizard.goes)
        self.assertIn("Pricelist rules: 2", wizard.goes)
        self.assertFalse(wizard.stays)
        wizard.action_end()
        self.assert_as_before(before)

    def test_a_rule_made_in_a_pricelist_of_the_shop_goes_and_the_shops_rules_stay(self):
        pricelist = self.shops_pricelist()
        self.rows()
        before, rules = self.rows(), pricelist.item_ids
        trial = self.begin()
        self.fill(trial)
        self.assertEqual(self.add_rule(trial, price_pricelist_id=pricelist.id), pricelist)
        self.assertEqual(len(pricelist.item_ids), 2)
        wizard = self.end(trial)
        self.assertIn("Pricelist rules: 1", wizard.goes)
        self.assertNotIn("Pricelists:", wizard.goes)
        wizard.action_end()
        self.assert_as_before(before)
        self.assertEqual(pricelist.item_ids, rules)

    def test_a_pricelist_with_a_rule_of_a_persons_stays_for_it_and_that_is_said(self):
        trial = self.begin()
        pricelist = self.add_rule(trial)
        made = pricelist.item_ids
        own = {"pricelist_id": pricelist.id, "compute_price": "fixed", "fixed_price": 9.0}
        own = self.env["product.pricelist.item"].create(own)
        wizard = self.end(trial)
        self.assertIn(f"{pricelist.display_name}, with the rules", wizard.stays)
        wizard.action_end()
        self.assertFalse(made.exists())
        self.assertEqual(pricelist.item_ids, own)

    def test_a_pricelist_that_somebody_else_uses_stays_with_its_rules_and_that_is_said(self):
        trial = self.begin()
        pricelist = self.add_rule(trial)
        rules = pricelist.item_ids
        other = self.env["res.company"].create({"name": "Bluebird"})
        pricelist.company_id = False
        self.customer.with_company(other).specific_property_product_pricelist = pricelist
        wizard = self.end(trial)
        self.assertIn("used elsewhere (Contact: Ada Byron)", wizard.stays)
        self.assertNotIn("Pricelist", wizard.goes)
        wizard.action_end()
        self.assertEqual((pricelist.exists(), rules.exists()), (pricelist, rules))

    def test_what_the_shop_had_before_stays_as_it_was(self):
        offers = self.fill(self.begin())
        known = offers[0].product_id.copy({"barcode": False, "name": "Ours since long"})
        self.env.cr.execute(
            "UPDATE product_template SET create_date = '2020-01-01' WHERE id = %s",
            [known.product_tmpl_id.id],
        )
        offers[0].product_id.unlink()
        offers[0].write({"product_id": known.id, "matched": True, "state": "linked"})
        vendor = offers[0].supplier_id.partner_id
        self.env.cr.execute(
            "UPDATE res_partner SET create_date = '2020-01-01' WHERE id = %s", [vendor.id]
        )
        self.env.invalidate_all()
        self.end(self.trials()).action_end()
        self.assertTrue(known.exists() and known.active)
        self.assertTrue(vendor.exists() and vendor.active)

    def test_a_trial_that_lost_its_access_is_connected_again_by_the_same_button(self):
        trial = self.begin()
        self.simulator.control("/tokens/revoke", {"what": "all"})
        # The second refusal is believed, a minute after the first.
        trial._secrets().refused_at = self.env.cr.now() - timedelta(minutes=2)
        self.env.flush_all()
        error = self.raised(UserError, trial.with_user(self.manager).action_test)
        trial.invalidate_recordset()
        self.assertEqual(trial.state, "reauth", error)
        self.assertFalse(trial.copy_question, "it is a simulator that was started again")
        action = trial.with_user(self.manager).action_connect()
        self.assertEqual(action["res_model"], "inventory.source.tryout")
        wizard = self.wizard()
        self.assertEqual(wizard.connection_id, trial)
        self.assertEqual(wizard.action_start()["res_id"], trial.id)
        trial.invalidate_recordset()
        self.assertEqual(trial.state, "connected")
        self.assertEqual(self.trials(), trial, "and no second one is made")

    def test_no_order_to_ship_is_said(self):
        trial = self.begin()
        # Whoever deletes it as any connection would leave its products behind.
        error = self.raised(UserError, trial.with_user(self.manager).unlink)
        self.assertIn("Try Without an Account", str(error))
        error = self.raised(UserError, self.wizard().action_ship)
        self.assertIn("No order waits to be shipped", str(error))


@tagged("post_install", "-at_install")
class TestTryoutRefused(TryoutCase):
    """When no trial is begun, and what is left of one that failed: nothing."""

    def refuse(self, wizard, text):
        before = self.rows()
        error = self.raised(UserError, wizard.action_start)
        self.assertIn(text, str(error))
        self.assert_as_before(before)

    def test_it_is_refused_beside_any_production_connection(self):
        branch = self.env["res.company"].create({"name": "Branch", "parent_id": self.shop.id})
        for company in (self.shop, branch):
            for changes in ({}, {"active": False}):
                production = self.create_connection(company_id=company.id, **changes)
                with self.subTest(company=company.name, **changes):
                    wizard = self.wizard()
                    self.assertIn("production connection", wizard.refusal)
                    self.refuse(wizard, company.name)
                production.unlink()
        self.create_connection()
        self.manager.write({"company_ids": [Command.link(branch.id)]})
        below = self.env["inventory.source.tryout"].with_user(self.manager).with_company(branch)
        self.assertIn(self.shop.name, below.create({}).refusal, "its parent sells for it")

    def test_another_company_and_a_sandbox_refuse_nothing(self):
        other = self.env["res.company"].create({"name": "Bluebird"})
        self.create_connection(company_id=other.id)
        self.create_connection(environment="sandbox")
        self.assertFalse(self.wizard().refusal)

    def test_it_is_refused_in_a_neutralized_database(self):
        self.env["ir.config_parameter"].set_param("database.is_neutralized", True)
        self.refuse(self.wizard(), "neutralized")

    def test_it_is_for_administrators_only(self):
        user = self.create_user("inventory_source_looking", "user")
        with self.assertRaises(AccessError):
            self.wizard(user)
        menu = self.env.ref("inventory_source.menu_tryout")
        self.assertNotIn(menu.id, self.env["ir.ui.menu"].with_user(user)._visible_menu_ids())
        self.assertIn(menu.id, self.env["ir.ui.menu"].with_user(self.manager)._visible_menu_ids())

    def test_another_address_is_for_administrators_of_the_settings_only(self):
        manager = self.create_user("inventory_source_managing", "manager")
        self.refuse(self.wizard(manager), "administrator of the settings")
        # Nothing listens at the usual place, or what does is none of this test's: it was asked.
        wizard = self.env["inventory.source.tryout"].with_user(manager).create({})
        self.assertFalse(wizard.may_choose_address)
        self.assertEqual(wizard._simulator(), "http://127.0.0.1:8070")

    def test_where_no_simulator_answers_it_is_said_how_to_start_one(self):
        for address in ("http://127.0.0.1:1", self.base_url()):
            with self.subTest(address):
                self.refuse(self.wizard(address=address), f"No simulator answers at {address}")
        for address in ("http://shop.example.com:8070", "ftp://127.0.0.1", "127.0.0.1:8070"):
            with self.subTest(address):
                self.refuse(self.wizard(address=address), "has to begin with https://")

    def test_a_trial_that_fails_on_its_way_leaves_nothing(self):
        self.simulator.fault(kind="status", call="token", status=503)
        self.refuse(self.wizard(), "did not answer")
        self.simulator.fault(kind="status", call="consent", status=500)
        self.refuse(self.wizard(), "sign-in ended with 500")

    def test_a_connection_that_is_no_trial_cannot_be_taken_away_so(self):
        real = self.create_connected()
        wizard = self.end(real)
        self.assertFalse(wizard.goes)
        self.raised(UserError, wizard.action_end)
        self.assertTrue(real.exists())
