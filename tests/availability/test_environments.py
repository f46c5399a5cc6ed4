from unittest.mock import patch

from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged

from ...client.profile import builtin
from ...models.order.line_words import advice
from ...models.product import importer
from ..catalog.catalog_common import CatalogCommon, product

RECORD = builtin().products.record
UPC = "643323150504"


@tagged("post_install", "-at_install")
class TestEnvironments(CatalogCommon):
    """A sandbox counts for nothing beside production, and who is not in use never does."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.connection.name = "Production"
        cls.sandbox = cls.create_connected(
            name="Trial", environment="sandbox", change_limit=0, sold_out_policy="unsold"
        )
        cls.trial = cls.env["inventory.source.supplier"].create(
            {"connection_id": cls.sandbox.id, "external_id": "19", "name": "Trial Acme"}
        )
        cls.trial_catalog = cls.create_catalog(
            "8", connection_id=cls.sandbox.id, supplier_id=cls.trial.id, import_mode="all"
        )
        cls.catalog.import_mode = "all"
        cls.watch = cls.env["inventory.source.stock.watch"]
        cls.customer = cls.env["res.partner"].create({"name": "Customer"})

    def tell(self, catalog, number=1, upc=UPC, **changes):
        """Take in a product of a catalog, and have the connection's lane do what follows."""
        row = RECORD.row(product(number, upc=upc, **changes))
        self.Offer._apply_rows(catalog, [row], fields.Datetime.now())
        self.work_off(catalog.connection_id)
        return self.Offer.search(
            [("catalog_id", "=", catalog.id), ("external_id", "=", str(number))]
        )

    def work_off(self, connection):
        lane = self.env["inventory.source.lane.catalog"]
        while connection._transact(lane._count_pending):
            connection._transact(lane._work_off)

    def follow(self):
        """Do in the background what a change of the connections leaves to it."""
        self.watch._run()
        for connection in self.connection + self.sandbox:
            if connection.active and connection.state == "connected":
                self.work_off(connection)
        self.env.invalidate_all()

    def both(self):
        """Return the product both offer: the sandbox cheaper, and much more of it."""
        real = self.tell(self.catalog, cost=12.0, quantity=12)
        self.tell(self.trial_catalog, cost=10.0, quantity=500)._import()
        return real.product_id

    def first_in_the_sandbox(self, **changes):
        """Return a product that was imported before there was a production connection."""
        self.connection.active = False
        offer = self.tell(self.trial_catalog, **{"cost": 10.0, "quantity": 500, **changes})
        return offer.product_id

    def figures(self, found):
        found.invalidate_recordset()
        return found.inventory_source_quantity, found.standard_price, found.lst_price

    def vendors(self, found):
        return found.seller_ids.partner_id

    def quote(self, found, **values):
        line = {"product_id": found.id, "product_uom_qty": 1}
        return self.env["sale.order"].create(
            {"partner_id": self.customer.id, "order_line": [Command.create(line)], **values}
        )

    # --- a sandbox beside production ---

    def test_stock_cost_price_and_vendor_are_those_of_production_alone(self):
        found = self.both()
        self.assertEqual(len(found.inventory_source_product_ids), 2, "one product all the same")
        # Landed: 2.00 of fees more.
        self.assertEqual(self.figures(found), (12.0, 14.0, 21.0))
        template = found.product_tmpl_id
        self.assertEqual(template.inventory_source_quantity, 12)
        template.inventory_source_sold_out = "website"
        self.assertEqual(found._inventory_source_shop_quantity(self.connection.company_id), 12)
        self.assertEqual(self.vendors(found), self.supplier.partner_id)
        for pieces in (1, 100):
            seller = found._select_seller(quantity=pieces)
            self.assertEqual(seller.partner_id, self.supplier.partner_id)

    def test_the_forecast_the_choice_and_who_else_has_it_name_production_only(self):
        found = self.both()
        forecast = {"product": {found.id: {}}}
        self.env["stock.forecasted_product_product"]._get_product_quantities(
            forecast, False, found.ids
        )
        (told,) = forecast["product"][found.id]["inventory_source_stock"]
        self.assertIn("12 at", told)
        line = self.quote(found).order_line
        self.assertIn("12 at", line.inventory_source_stock)
        self.assertFalse(line.inventory_source_choice, "there is nothing to choose")
        offers = found.inventory_source_product_ids
        of_production = offers.filtered(lambda offer: offer.connection_id == self.connection)
        self.assertEqual(offers.search(offers._counted_domain()), of_production)
        order_line = self.env["inventory.source.order.line"].new(
            {"product_id": found.id, "supplier_product_id": of_production.id}
        )
        self.assertIn("No other supplier has it", advice(order_line, 1))

    def test_production_comes_later_and_takes_over_at_once(self):
        found = self.first_in_the_sandbox()
        self.assertEqual(self.figures(found), (500.0, 12.0, 18.0))
        self.assertEqual(self.vendors(found), self.trial.partner_id)
        self.connection.active = True
        self.assertFalse(self.vendors(found), "nobody buys of the sandbox from now on")
        self.assertEqual(self.figures(found)[0], 0)
        real = self.tell(self.catalog, cost=12.0, quantity=12)
        self.assertEqual(real.product_id, found)
        self.follow()
        self.assertEqual(self.figures(found), (12.0, 14.0, 21.0))
        self.assertEqual(self.vendors(found), self.supplier.partner_id)

    def test_a_lost_account_that_waits_to_be_confirmed_keeps_the_sandbox_out(self):
        self.connection._set_connected("account-1", ["write:orders"])
        self.assertFalse(self.sandbox.is_counted)
        self.connection._set_reauth("Refused.")
        self.connection.write({"state": "to_confirm", "state_reason": False})
        self.assertFalse(self.connection.is_counted)
        self.assertFalse(self.sandbox.is_counted, "no customer's order goes to a sandbox meanwhile")
        self.connection.state = "draft"
        self.assertTrue(self.sandbox.is_counted)

    def test_what_the_sandbox_tells_changes_nothing_any_more(self):
        found = self.first_in_the_sandbox()
        self.connection.active = True
        self.tell(self.catalog, cost=12.0, quantity=12)
        self.follow()
        before = self.figures(found), found.name, found.default_code, found.weight
        told = {"title": "Trial", "sku": "TRIAL", "weight": 9.0, "map": 90.0}
        self.tell(self.trial_catalog, cost=2.0, quantity=0, **told)
        self.follow()
        after = self.figures(found), found.name, found.default_code, found.weight
        self.assertEqual(after, before)
        self.assertEqual(self.vendors(found), self.supplier.partner_id)
        self.assertFalse(self.env["inventory.source.change"].search([]))
        self.assertFalse(self.Offer.search([("product_id", "!=", False), ("pending", "=", True)]))

    def test_nothing_new_is_imported_from_it_until_it_counts(self):
        offer = self.tell(self.trial_catalog, number=2, upc="")
        self.assertEqual((offer.state, offer.pending), ("new", True))
        self.follow()
        self.assertFalse(offer.product_id)
        self.connection.active = False
        self.follow()
        self.assertEqual(self.vendors(offer.product_id), self.trial.partner_id)

    def test_a_person_may_import_from_it_but_nobody_becomes_a_vendor(self):
        self.trial_catalog.import_mode = "manual"
        offer = self.tell(self.trial_catalog, number=2, upc="")
        offer.with_user(self.user_manager).action_import()
        self.assertTrue(offer.product_id)
        self.assertFalse(offer.product_id.seller_ids)

    def test_many_a_person_imports_from_it_wait_and_that_is_said(self):
        self.trial_catalog.import_mode = "manual"
        offers = self.Offer.browse()
        for number in range(2, 5):
            offers += self.tell(self.trial_catalog, number=number, upc="")
        with patch.object(importer, "IMPORT_AT_ONCE", 2):
            told = offers.with_user(self.user_manager).action_import()
        self.assertIn("sandbox beside a production connection", told["params"]["message"])
        self.follow()
        self.assertFalse(offers.product_id)

    def test_discontinued_in_production_is_discontinued_whatever_the_sandbox_lists(self):
        found = self.both()
        self.tell(self.catalog, cost=12.0, quantity=12, active=False)
        self.assertFalse(found.active)
        self.tell(self.catalog, cost=12.0, quantity=12)
        self.tell(self.trial_catalog, cost=10.0, active=False)
        self.follow()
        self.assertTrue(found.active)

    def test_a_family_of_both_has_the_stock_of_production(self):
        family = {
            "parent": {"id": 900, "sku": "F900", "title": "Family"},
            "options": [{"name": "Color", "value": "Red"}],
        }
        real = self.tell(self.catalog, cost=12.0, quantity=12, **family)
        self.tell(self.trial_catalog, cost=10.0, quantity=500, **family)._import()
        template = real.product_id.product_tmpl_id
        self.assertEqual(template.inventory_source_quantity, 12)

    def test_a_branch_sells_what_its_parent_offers(self):
        found = self.both()
        company = self.connection.company_id
        branch = self.env["res.company"].create({"name": "Pier", "parent_id": company.id})
        lake = self.env["res.company"].create({"name": "Lake"})
        self.assertEqual(found.with_company(branch).inventory_source_quantity, 12)
        self.assertEqual(found.with_company(lake).inventory_source_quantity, 0)

    # --- who is not in use ---

    def test_archived_disconnected_and_disabled_ones_offer_nothing_and_come_back(self):
        found = self.both()
        own = self.env["product.supplierinfo"].create(
            {"partner_id": self.customer.id, "product_id": found.id, "price": 99.0}
        )
        ways = {
            "archived": (self.connection.action_archive, self.connection.action_unarchive),
            "disconnected": (
                self.connection.action_disconnect,
                lambda: self.connect(self.connection),
            ),
            "disabled": (
                lambda: self.connection.write({"state": "disabled"}),
                lambda: self.connect(self.connection),
            ),
        }
        self.sandbox.active = False
        for reason, (end, begin) in ways.items():
            with self.subTest(reason):
                end()
                self.assertEqual(found.seller_ids, own, "a person's vendor stays")
                self.assertEqual(self.figures(found)[0], 0)
                self.follow()
                self.assertEqual(found._select_seller(quantity=1), own)
                begin()
                self.assertEqual(self.figures(found)[0], 12)
                self.follow()
                self.assertEqual(self.vendors(found), self.supplier.partner_id + self.customer)
                self.assertEqual(self.figures(found), (12.0, 14.0, 21.0))

    def test_the_next_supplier_makes_cost_and_price(self):
        found = self.both()
        self.connection.active = False
        self.follow()
        self.assertEqual(self.vendors(found), self.trial.partner_id)
        self.assertEqual(self.figures(found), (500.0, 12.0, 18.0))
        self.connection.active = True
        self.follow()
        self.assertEqual(self.vendors(found), self.supplier.partner_id)
        self.assertEqual(self.figures(found), (12.0, 14.0, 21.0))

    def test_what_a_lost_connection_offers_is_sold_on(self):
        found = self.both()
        self.connection._set_reauth("Lost.")
        self.follow()
        self.assertEqual(self.figures(found), (12.0, 14.0, 21.0))
        self.assertEqual(self.vendors(found), self.supplier.partner_id)
        # No lane works for it, but what it offers comes back with it.
        self.connection.active = False
        self.follow()
        self.connection.active = True
        self.follow()
        self.assertEqual(self.vendors(found), self.supplier.partner_id)
        self.assertEqual(self.figures(found), (12.0, 14.0, 21.0))

    def test_a_deleted_connection_leaves_no_vendor_behind(self):
        found = self.first_in_the_sandbox()
        self.connection.active = True
        self.tell(self.catalog, cost=12.0, quantity=12)
        self.follow()
        self.assertEqual(self.figures(found), (12.0, 14.0, 21.0))
        self.connection.unlink()
        self.assertFalse(found.seller_ids)
        self.follow_sandbox()
        self.assertEqual(self.vendors(found), self.trial.partner_id)
        self.assertEqual(self.figures(found), (500.0, 12.0, 18.0))

    def follow_sandbox(self):
        self.watch._run()
        self.work_off(self.sandbox)
        self.env.invalidate_all()

    def test_a_vendor_line_made_in_the_moment_it_ended_goes_with_the_next_look(self):
        found = self.both()
        self.sandbox.active = False
        trial = found.inventory_source_product_ids.filtered(
            lambda offer: offer.connection_id == self.sandbox
        )
        self.follow()
        trial._create_vendor_lines()
        self.follow()
        self.assertEqual(self.vendors(found), self.supplier.partner_id)

    def test_what_two_changes_at_one_moment_left_wrong_is_put_right(self):
        found = self.both()
        # Each saw of the other what was before.
        self.env.flush_all()
        self.env.cr.execute("UPDATE inventory_source_connection SET is_counted = NOT is_counted")
        self.env.invalidate_all()
        self.assertEqual(self.figures(found)[0], 500)
        self.follow()
        self.assertEqual(self.figures(found), (12.0, 14.0, 21.0))
        self.assertEqual(self.vendors(found), self.supplier.partner_id)

    def test_what_nobody_delivers_leaves_the_sale_as_the_policy_says_but_is_not_discontinued(self):
        found = self.first_in_the_sandbox()
        self.assertTrue(found.sale_ok)
        self.sandbox.active = False
        self.follow()
        self.assertEqual((found.active, found.sale_ok), (True, False))
        self.sandbox.active = True
        self.follow()
        self.assertEqual((found.active, found.sale_ok), (True, True))

    def test_a_product_that_was_in_odoo_before_keeps_what_is_its_own(self):
        ours = self.env["product.product"].create(
            {"name": "Ours", "barcode": UPC, "list_price": 99.0, "standard_price": 50.0}
        )
        vendor = self.env["product.supplierinfo"].create(
            {"partner_id": self.customer.id, "product_id": ours.id, "price": 40.0}
        )
        self.assertEqual(self.both(), ours)
        for end in (self.sandbox.action_archive, self.connection.action_archive):
            end()
            self.follow()
            self.assertEqual((ours.name, ours.list_price), ("Ours", 99.0))
            self.assertEqual((ours.standard_price, ours.sale_ok, ours.active), (50.0, True, True))
        self.assertEqual(ours.seller_ids, vendor)
        self.connection.active = True
        self.follow()
        self.assertEqual(self.vendors(ours), self.customer + self.supplier.partner_id)

    # --- who wanted it ---

    def calls(self, connection):
        return connection.activity_ids.filtered(lambda each: "was to be bought" in each.summary)

    def test_quotations_and_unsent_purchases_are_named_once_to_who_is_responsible(self):
        found = self.first_in_the_sandbox()
        other = self.tell(self.trial_catalog, number=2, upc="").product_id
        buyer = self.create_user("buyer", "manager", "purchase.group_purchase_user")
        self.sandbox.order_user_id = buyer
        alone, sent = self.quote(other), self.quote(found)
        done = self.quote(other)
        done._action_cancel()
        purchase = self.env["purchase.order"].create(
            {
                "partner_id": self.trial.partner_id.id,
                "order_line": [Command.create({"product_id": found.id, "product_qty": 1})],
            }
        )
        self.env["product.supplierinfo"].create(
            {"partner_id": self.customer.id, "product_id": found.id, "price": 99.0}
        )
        self.connection.active = True
        (call,) = self.calls(self.sandbox)
        self.assertEqual(call.user_id, buyer)
        note = str(call.note)
        self.assertIn(f"{alone.name}</a>", note.partition("no supplier has now")[2][:200])
        self.assertIn(f"{sent.name}</a>", note.partition("next supplier delivers now")[2][:200])
        self.assertIn(f"{purchase.name}</a>", note.partition("were not sent")[2][:200])
        self.assertNotIn(done.name, note)
        self.connection.active = False
        self.assertFalse(self.calls(self.sandbox), "all is as it was")

    def test_nobody_is_called_where_nothing_wanted_it(self):
        self.first_in_the_sandbox()
        self.connection.active = True
        self.assertFalse(self.calls(self.sandbox))

    def test_an_archived_connection_calls_too(self):
        found = self.first_in_the_sandbox()
        self.quote(found)
        self.sandbox.active = False
        self.assertTrue(self.calls(self.sandbox))

    def test_many_documents_are_counted_and_some_named(self):
        found = self.first_in_the_sandbox()
        quotations = self.quote(found)
        for _number in range(21):
            quotations += self.quote(found)
        self.connection.active = True
        note = str(self.calls(self.sandbox).note)
        self.assertIn("and 2 more", note)
        self.assertEqual(note.count("</a>"), 20)
