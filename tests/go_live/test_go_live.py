from unittest.mock import patch

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from ..catalog.catalog_common import member
from .go_live_case import GoLiveCommon, upc


@tagged("post_install", "-at_install")
class TestGoLive(GoLiveCommon):
    """What was set up in the sandbox is there in production, and who decides what is in doubt."""

    def imported(self, *wires, catalog=None):
        offers = self.tell(catalog or self.catalog, *wires)
        offers.with_company(self.sandbox.company_id)._import()
        return offers

    def stage(self):
        self.go_live.invalidate_recordset()
        return self.go_live.stage

    def count(self, name):
        self.go_live.invalidate_recordset()
        return self.go_live[name]

    def quote(self, found, quantity=1):
        line = Command.create({"product_id": found.id, "product_uom_qty": quantity})
        customer = self.env["res.partner"].create({"name": "Customer"})
        return self.env["sale.order"].create({"partner_id": customer.id, "order_line": [line]})

    # --- the connection ---

    def test_the_connection_has_every_policy_and_map_of_the_sandbox(self):
        category = self.env["product.category"].create({"name": "Gifts"})
        freight = self.env["product.product"].create({"name": "Freight", "type": "service"})
        delivery = self.env["delivery.carrier"].create({"name": "Van", "product_id": freight.id})
        profile = self.env["inventory.source.profile"].create({"name": "Ours"})
        policies = {
            "category_id": category.id, "match_mode": "ask", "price_factor": 3.0,
            "sync_name": True, "sync_price": False, "order_policy": "release",
            "hold_amount": 500.0, "order_user_id": self.user_user.id,
            "catalog_user_id": self.user_manager.id, "sold_out_policy": "unsold",
            "default_shipping_method": "Express", "redirect_uri": "https://odoo.example.com/back",
            "access": "retailer", "stock_fresh_hours": 48,
        }  # fmt: skip
        self.sandbox.write({**policies, "profile_id": profile.id})
        self.connect(self.sandbox)
        own = {"connection_id": self.sandbox.id}
        row = {"category": "Gifts", "subcategory": "Fishing", "categ_id": category.id}
        self.env["inventory.source.category"].create({**own, **row})
        self.env["inventory.source.category"].create(
            {**own, "category": "Guns", "action": "ignore"}
        )
        self.env["inventory.source.carrier"].create(
            {**own, "name": "UPS", "delivery_carrier_id": delivery.id}
        )
        self.env["inventory.source.shipping.method"].create(
            {**own, "carrier_id": delivery.id, "name": "Ground"}
        )
        self.begin()
        self.assertEqual(self.production.name, "Trial (production)")
        self.assertEqual(self.production.environment, "production")
        found = {
            name: self.production[name].id if name.endswith("_id") else self.production[name]
            for name in policies
        }
        self.assertEqual(found, policies)
        self.assertEqual(self.production.profile_id, profile)
        rows = {row.category: row for row in self.production.category_map_ids}
        self.assertEqual(rows["Gifts"].categ_id, category)
        self.assertEqual(rows["Guns"].action, "ignore")
        self.assertEqual(self.production.carrier_ids.mapped("name"), ["UPS"])
        self.assertEqual(self.production.carrier_ids.delivery_carrier_id, delivery)
        self.assertEqual(self.production.shipping_method_ids.mapped("name"), ["Ground"])
        # Neither who it is nor where it asks.
        self.assertTrue(self.count("has_own_addresses"))
        self.assertNotEqual(self.production.token_url, self.sandbox.token_url)

    def test_what_is_there_already_stays_and_what_is_missing_comes(self):
        category, other = self.env["product.category"].create([{"name": "A"}, {"name": "B"}])
        Category = self.env["inventory.source.category"]
        for name in ("Gifts", "Tools"):
            Category.create(
                {"connection_id": self.sandbox.id, "category": name, "categ_id": category.id}
            )
        production = self.connect(
            self.create_connection(name="There", price_factor=9.0), subject="auth0|there"
        )
        Category.create({"connection_id": production.id, "category": "Gifts", "categ_id": other.id})
        opened = self.sandbox.action_go_live()
        go_live = self.env["inventory.source.go.live"].browse(opened["res_id"])
        go_live.production_id = production
        self.assertEqual(go_live.stage, "connect", "the channel is missing")
        production.channel_id = self.env["inventory.source.channel"].create(
            {"name": "Odoo", "external_id": "601", "connection_id": production.id}
        )
        self.new_supplier, self.new_catalog = self.create_source(production)
        self.go_live, self.production = go_live, production
        self.tell_production()
        self.switch()
        self.assertEqual(production.price_factor, 9.0)
        rows = {row.category: row.categ_id for row in production.category_map_ids}
        self.assertEqual(rows, {"Gifts": other, "Tools": category})
        self.assertEqual(production.action_go_live()["res_id"], go_live.id, "from either side")
        with self.assertRaises(UserError):
            go_live.production_id = False
        go_live.action_undo()
        self.run_in_background()
        with self.assertRaises(ValidationError):
            go_live.production_id = self.sandbox

    def test_suppliers_have_what_was_said_of_them_and_a_person_says_which_is_which(self):
        offers = self.imported(self.wire(1), self.wire(2))
        lake, lake_catalog = self.create_source(self.sandbox, "Lake", "20")
        other = self.imported({**self.wire(3), "supplierId": 20}, catalog=lake_catalog)
        formula = self.env["product.pricelist"].create({"name": "Formula"})
        former = self.env["res.partner"].create({"name": "Former"})
        self.supplier.write(
            {
                "safety_buffer": 3, "lead_days": 9, "price_pricelist_id": formula.id,
                "return_policy": "30 days", "former_partner_ids": [Command.set(former.ids)],
            }
        )  # fmt: skip
        self.begin()
        big_lake, big_catalog = self.create_source(self.production, "Lake Inc.", "88")
        big_lake.safety_buffer = 1
        lake.safety_buffer = 5
        self.tell_production({**self.wire(1), "id": 51}, {**self.wire(2), "id": 52, "sku": "N2"})
        self.tell(big_catalog, {**self.wire(3), "id": 53, "supplierId": 88, "upc": None})
        self.go_live.action_match()
        self.assertEqual(self.count("missing_count"), 1, "nobody knows that supplier yet")
        line = self.go_live.supplier_line_ids.filtered(lambda line: line.supplier_id == lake)
        self.assertFalse(line.counterpart_id)
        line.counterpart_id = big_lake
        self.assertEqual((self.count("missing_count"), self.count("sku_count")), (0, 2))
        self.go_live.action_match()
        self.assertEqual(line.counterpart_id, big_lake, "what a person said stays")
        with self.assertRaises(ValidationError):
            line.counterpart_id = lake
        self.assertFalse(self.new_supplier.partner_id, "nothing changed so far")
        self.switch()
        acme, names = self.new_supplier, ("safety_buffer", "lead_days", "return_policy")
        self.assertEqual([acme[name] for name in names], [3, 9, "30 days"])
        self.assertEqual(acme.price_pricelist_id, formula)
        self.assertEqual(acme.partner_id, self.supplier.partner_id)
        self.assertEqual(acme.former_partner_ids, former)
        self.assertEqual(big_lake.safety_buffer, 1, "said in production")
        self.assertEqual(big_lake.partner_id, lake.partner_id)
        self.assertEqual(other.product_id.seller_ids.partner_id, lake.partner_id)
        self.assertEqual(offers.product_id.seller_ids.mapped("delay"), [9, 9])
        with self.assertRaises(UserError):
            line.counterpart_id = False

    def test_catalogs_import_by_themselves_only_after_the_products_are_re_linked(self):
        self.imported(self.wire(1))
        self.catalog.write(
            {
                "refresh_hours": 12.0,
                "import_mode": "matching",
                "import_domain": f"[('supplier_id', '=', {self.supplier.id}), ('cost', '>', 1)]",
            }
        )
        _gone, alone = self.create_source(self.sandbox, "Gone", "30")
        alone.import_mode = "all"
        self.begin()
        new = self.tell_production({**self.wire(1), "id": 51}, {**self.wire(9), "id": 59})
        self.work_off(self.production)
        self.assertFalse(new.product_id)
        self.assertEqual(self.new_catalog.import_mode, "manual")
        self.switch()
        self.assertEqual(self.new_catalog.import_mode, "matching")
        self.assertEqual(self.new_catalog.refresh_hours, 12.0)
        self.assertIn(
            f"('supplier_id', '=', {self.new_supplier.id})", self.new_catalog.import_domain
        )
        self.assertEqual(len(new.product_id), 2, "and what is new there is imported")
        self.assertIn("Gone Catalog", self.production.activity_ids.note)
        self.go_live.action_undo()
        self.run_in_background()
        self.assertRecordValues(
            self.new_catalog,
            [{"import_mode": "manual", "import_domain": "[]", "refresh_hours": 4.0}],
        )
        self.assertEqual(new.product_id, new[1].product_id, "what production made stays its own")

    def test_what_production_says_of_its_catalogs_stays_also_when_it_is_undone(self):
        self.imported(self.wire(1))
        self.catalog.write({"refresh_hours": 12.0, "import_mode": "all"})
        _lake, lakes = self.create_source(self.sandbox, "Lake", "20")
        lakes.import_mode = "all"
        self.begin()
        _lake, new_lakes = self.create_source(self.production, "Lake", "88")
        self.tell_production({**self.wire(1), "id": 51})
        self.tell(new_lakes)
        said = {
            "refresh_hours": 2.0,
            "import_mode": "matching",
            "import_domain": "[('cost', '>', 5)]",
        }
        self.new_catalog.write(said)
        self.switch()
        self.assertRecordValues(self.new_catalog, [said])
        self.assertRecordValues(new_lakes, [{"import_mode": "all", "import_domain": "[]"}])
        self.go_live.action_undo()
        self.run_in_background()
        self.assertRecordValues(self.new_catalog, [said])
        self.assertEqual(new_lakes.import_mode, "manual")

    def test_what_was_changed_since_stays_when_the_rest_is_re_linked_and_it_is_undone(self):
        offers = self.imported(self.wire(1), self.wire(2))
        category = self.env["inventory.source.category"].create(
            {"connection_id": self.sandbox.id, "category": "Guns", "action": "ignore"}
        )
        self.catalog.write({"refresh_hours": 12.0, "import_mode": "all"})
        self.supplier.safety_buffer = 3
        self.create_source(self.sandbox, "Lake", "20")
        self.begin()
        _lake, new_lakes = self.create_source(self.production, "Lake", "88")
        new = self.tell_production({**self.wire(1), "id": 51})
        self.tell(new_lakes)
        self.switch()
        copied = self.production.category_map_ids.filtered(
            lambda row: row.category == category.category
        )
        self.assertEqual(
            (self.new_catalog.import_mode, self.new_catalog.refresh_hours, copied.action),
            ("all", 12.0, "ignore"),
        )
        # Said since.
        self.new_catalog.write({"import_mode": "manual", "refresh_hours": 4.0})
        new_lakes.active = False
        self.new_supplier.safety_buffer = 0
        copied.unlink()
        new += self.tell_production({**self.wire(2), "id": 52})
        self.switch()
        self.assertEqual(new.product_id, offers.product_id)
        self.assertRecordValues(
            self.new_catalog, [{"import_mode": "manual", "refresh_hours": 4.0, "active": True}]
        )
        self.assertFalse(new_lakes.active)
        self.assertEqual(self.new_supplier.safety_buffer, 0)
        self.assertFalse(
            self.production.category_map_ids.filtered(lambda row: row.category == "Guns")
        )
        self.new_catalog.refresh_hours = 6.0
        self.go_live.action_undo()
        self.run_in_background()
        self.assertEqual(self.new_catalog.refresh_hours, 6.0)
        self.assertFalse(new_lakes.active)

    # --- the products ---

    def test_what_is_in_doubt_is_decided_by_a_person_before_anything_is_done(self):
        offers = self.imported(self.wire(1), self.wire(2), self.wire(3), self.wire(4))
        self.begin()
        new = self.tell_production(
            {**self.wire(1), "id": 51, "upc": upc(900)},
            {**self.wire(2), "id": 52, "upc": None},
            {**self.wire(2), "id": 53, "upc": None},
            {**self.wire(3), "id": 54},
            {**self.wire(4), "id": 55},
        )
        new[4].with_company(self.sandbox.company_id).as_new = True
        new[4]._import()
        self.assertNotEqual(new[4].product_id, offers[3].product_id, "made twice by a person")
        self.go_live.action_match()
        found = [self.line_of(offer).how for offer in offers]
        self.assertEqual(found, ["other_upc", "several", "sku", "taken"])
        self.assertEqual(self.count("undecided_count"), 3)
        self.assertIn("3 products", str(self.raised(UserError, self.go_live.action_go_live)))
        lines = [self.line_of(offer).with_user(self.user_manager) for offer in offers]
        with self.assertRaises(ValidationError) as refused:
            lines[3].counterpart_id = new[4]
        self.assertIn("is another product", str(refused.exception))
        with self.assertRaises(ValidationError):
            lines[1].counterpart_id = new[3]
        with self.assertRaises(UserError):
            lines[2].counterpart_id = False
        lines[0].counterpart_id = new[0]
        lines[1].counterpart_id = new[2]
        self.go_live.action_leave_out()
        self.go_live.action_match()
        found = [self.line_of(offer).how for offer in offers]
        self.assertEqual(found, ["chosen", "chosen", "sku", "left"], "what a person said stays")
        with self.assertRaises(AccessError):
            lines[0].with_user(self.user_user).read(["how"])
        self.go_live.action_go_live()
        self.run_in_background()
        self.assertEqual(self.count("done_count"), 3)
        self.assertEqual(new[:4].mapped("product_id"), offers[:3].product_id)
        self.assertFalse(new[1].product_id)
        self.assertEqual(offers[3].product_id.inventory_source_quantity, 0)

    def test_what_is_not_so_any_more_is_left_and_told_and_can_be_done_later(self):
        offers = self.imported(self.wire(1), self.wire(2))
        self.begin()
        new = self.tell_production({**self.wire(1), "id": 51}, {**self.wire(2), "id": 52})
        self.go_live.action_match()
        self.go_live.action_go_live()
        new[1]._discontinue()
        self.run_in_background()
        self.assertEqual((self.count("done_count"), self.count("refused_count")), (1, 1))
        self.assertIn("not offered", self.line_of(offers[1]).reason)
        self.assertIn("1 products could not", self.production.activity_ids.note)
        self.tell_production({**self.wire(2), "id": 52, "cost": 11.0})
        self.go_live.action_match()
        self.assertEqual(self.count("planned_count"), 1)
        self.go_live.action_go_live()
        self.run_in_background()
        self.assertEqual(new.mapped("product_id"), offers.product_id)
        self.assertEqual(self.stage(), "done")

    def test_what_was_ignored_stays_ignored_and_what_was_matched_stays_a_persons(self):
        ours = self.env["product.product"].create({"name": "Ours", "barcode": upc(2)})
        offers = self.tell(self.catalog, self.wire(1), self.wire(2))
        offers[0].with_user(self.user_manager).action_ignore()
        offers[1]._import()
        self.assertEqual(offers[1].product_id, ours)
        self.begin()
        new = self.tell_production({**self.wire(1), "id": 51}, {**self.wire(2), "id": 52})
        self.go_live.action_match()
        self.assertEqual((self.count("sku_count"), self.count("ignored_count")), (1, 1))
        self.switch()
        self.assertEqual(new.mapped("state"), ["ignored", "linked"])
        self.assertEqual((new[1].product_id, new[1].matched), (ours, True))
        self.assertEqual(ours.name, "Ours")
        self.go_live.action_undo()
        self.run_in_background()
        self.assertEqual(new.mapped("state"), ["new", "new"])
        self.assertEqual((offers[1].product_id, offers[1].matched), (ours, True))

    def test_what_production_was_linked_to_before_is_given_over_too(self):
        offer = self.imported(self.wire(1))
        self.begin()
        new = self.tell_production({**self.wire(1, cost=10.5), "id": 51})
        new.with_company(self.sandbox.company_id)._import()
        self.assertEqual((new.product_id, new.matched), (offer.product_id, True), "by its UPC")
        self.switch()
        self.assertEqual((new.matched, offer.matched), (False, True))
        self.assertEqual(new.vendor_line_id, offer.product_id.seller_ids)
        self.assertEqual(new.product_id.list_price, 25.0, "production says what it costs")
        self.go_live.action_undo()
        self.run_in_background()
        self.work_off(self.sandbox)
        self.assertEqual((new.product_id, new.matched), (offer.product_id, True), "as it was")
        self.assertFalse(offer.matched)
        self.assertEqual(offer.vendor_line_id, offer.product_id.seller_ids)

    def test_a_product_of_two_suppliers_is_followed_by_the_one_that_goes_live(self):
        first = self.imported(self.wire(1, cost=10.0))
        _lake, lake_catalog = self.create_source(self.sandbox, "Lake", "20")
        second = self.imported(
            {**self.wire(1, cost=12.0), "id": 2, "sku": "L1", "supplierId": 20},
            catalog=lake_catalog,
        )
        self.assertEqual(second.product_id, first.product_id)
        self.begin()
        self.tell_production()
        _lake, new_catalog = self.create_source(self.production, "Lake", "88")
        new = self.tell(
            new_catalog,
            {**self.wire(1, cost=11.5), "id": 51, "sku": "L1", "supplierId": 88},
        )
        self.go_live.action_match()
        self.assertEqual(self.line_of(first).how, "covered")
        self.switch()
        self.assertFalse(new.matched, "it was made by the other one, which production has not")
        self.assertTrue(first.matched and second.matched)
        self.assertEqual(new.product_id.list_price, 27.0)
        self.go_live.action_undo()
        self.run_in_background()
        self.work_off(self.sandbox)
        self.assertFalse(first.matched)
        self.assertTrue(second.matched)
        self.assertFalse(new.product_id)
        self.assertEqual(first.product_id.list_price, 24.0)

    def test_what_is_bought_by_the_dozen_stays_so(self):
        found = self.imported(self.wire(1)).product_id
        dozen = self.env.ref("uom.product_uom_dozen")
        found.seller_ids.product_uom_id = dozen
        self.begin()
        self.tell_production({**self.wire(1), "id": 51})
        self.switch()
        sale = self.quote(found, 24)
        sale.action_confirm()
        bought = sale._get_purchase_orders().order_line
        self.assertEqual((bought.product_qty, bought.product_uom_id), (2, dozen))
        self.assertEqual(bought.price_unit, 10.0, "for a dozen")

    def test_what_production_knows_of_another_product_is_not_said_of_this(self):
        found = self.imported(self.wire(1)).product_id
        dozen, six = self.env.ref("uom.product_uom_dozen"), self.env.ref("uom.product_uom_pack_6")
        other = self.imported(self.wire(2)).product_id
        found.seller_ids.product_uom_id = dozen
        self.begin()
        new = self.tell_production({**self.wire(1), "id": 51})
        new.product_id = other
        new._create_vendor_lines()
        new.vendor_line_id.product_uom_id = six
        new.action_unlink()
        new.ignored = False
        self.switch()
        self.assertEqual(new.product_id, found)
        self.assertEqual(found.seller_ids.product_uom_id, dozen)

    def test_what_production_says_on_its_own_vendor_line_stays(self):
        offer = self.imported(self.wire(1))
        offer.vendor_line_id.write({"min_qty": 2.0, "delay": 12})
        self.begin()
        new = self.tell_production({**self.wire(1), "id": 51})
        new.with_company(self.sandbox.company_id)._import()
        new.vendor_line_id.delay = 4
        self.switch()
        self.assertRecordValues(new.vendor_line_id, [{"min_qty": 2.0, "delay": 4}])

    def test_a_family_stays_one_product_and_new_variants_join_it(self):
        sizes = [member(n, 40, Size=size) | {"upc": upc(n)} for n, size in ((1, "S"), (2, "M"))]
        offers = self.imported(*sizes)
        template = offers.product_id.product_tmpl_id
        self.assertEqual(len(template), 1)
        self.begin()
        new = self.tell_production(
            *({**wire, "id": 50 + wire["id"], "parent": {**wire["parent"], "id": 940}}
              for wire in sizes),
            member(59, 940, Size="L") | {"upc": upc(9), "sku": "SKU9"},
        )  # fmt: skip
        self.switch()
        new.filtered(lambda offer: not offer.product_id)._import()
        self.assertEqual(new.product_id.product_tmpl_id, template)
        self.assertEqual(len(template.product_variant_ids), 3)

    def test_quotations_go_on_and_the_question_about_them_is_taken_back(self):
        offers = self.imported(self.wire(1), self.wire(2))
        sale = self.quote(offers[0].product_id)
        self.begin()
        self.assertTrue(self.sandbox.activity_ids, "who delivers this?")
        self.tell_production({**self.wire(1), "id": 51})
        self.switch()
        self.assertFalse(self.sandbox.activity_ids)
        sale.action_confirm()
        placed = self.env["inventory.source.order"].search([("sale_order_id", "=", sale.id)])
        self.assertEqual(placed.connection_id, self.production)
        self.assertIn("first order", str(self.raised(UserError, self.go_live.action_undo)))
        self.assertTrue(self.production.active)

    def test_one_whose_product_production_does_not_offer_is_still_asked_about(self):
        offers = self.imported(self.wire(1), self.wire(2))
        sale = self.quote(offers[1].product_id)
        self.begin()
        self.tell_production({**self.wire(1), "id": 51})
        self.switch()
        self.assertIn(sale.name, self.sandbox.activity_ids.note)

    def test_pictures_and_changes_that_wait_go_over(self):
        offer = self.imported(self.wire(1))
        self.Offer._plan_stale_pictures(self.sandbox, 10)
        pictures = self.env["inventory.source.picture"].search(
            [("product_tmpl_id", "=", offer.product_id.product_tmpl_id.id)]
        )
        pictures.write({"state": "kept", "due_at": False})
        self.tell(self.catalog, self.wire(1, cost=90.0))
        self.work_off(self.sandbox)
        changes = self.env["inventory.source.change"].search([])
        changes._decide("held")
        self.assertEqual(set(changes.mapped("kind")), {"price", "cost", "margin"})
        self.begin()
        new = self.tell_production(self.wire(1, cost=90.0) | {"id": 51})
        self.switch()
        self.assertEqual(changes.exists().supplier_product_id, new)
        self.assertEqual(set(changes.exists().mapped("state")), {"held"}, "as was decided")
        self.assertEqual(offer.product_id.list_price, 24.0)
        self.Offer._plan_stale_pictures(self.production, 10)
        self.assertEqual(pictures.exists().supplier_product_id, new)
        self.assertEqual(pictures.mapped("state"), ["kept"])

    def test_it_can_be_begun_again_after_it_was_undone(self):
        offer = self.imported(self.wire(1))
        offer.product_id.list_price = 99.0
        self.begin()
        new = self.tell_production(self.wire(1) | {"id": 51})
        self.switch()
        self.go_live.action_undo()
        self.run_in_background()
        self.assertEqual(self.stage(), "make")
        self.go_live.action_make()
        self.assertTrue(self.production.active)
        self.switch()
        self.assertEqual(self.stage(), "done")
        self.assertEqual(new.product_id, offer.product_id)
        self.assertEqual(new.product_id.list_price, 99.0)
        self.assertTrue(new.edited)

    def test_a_failure_is_told_once_and_does_not_hold_up_others(self):
        self.imported(self.wire(1))
        self.begin()
        self.tell_production(self.wire(1) | {"id": 51})
        self.go_live.action_match()
        self.go_live.action_go_live()
        run = "odoo.addons.inventory_source.models.go_live.go_live_run"
        broken = patch.object(
            type(self.env["inventory.source.go.live"]),
            "_finish_switch",
            side_effect=OSError("No space left."),
        )
        with self.assertLogs(run, "ERROR"), broken:
            for _time in range(2):
                self.run_in_background()
        self.assertIn("No space", self.count("failure"))
        about = self.sandbox.activity_ids.filtered(lambda one: "stopped" in one.summary)
        self.assertEqual(len(about), 1)
        self.run_in_background()
        self.assertEqual(self.stage(), "done")
        self.assertFalse(self.count("failure"))

    def test_production_is_called_as_the_sandbox_without_that_word(self):
        for name, expected in (("Lake Sandbox", "Lake"), ("Sandbox", "Sandbox (production)")):
            self.sandbox.name = name
            go_live = self.env["inventory.source.go.live"].create(
                {"connection_id": self.sandbox.id}
            )
            self.assertEqual(go_live.production_name, expected)
            go_live.unlink()

    def test_only_a_sandbox_that_was_connected_goes_live(self):
        draft = self.create_connection(name="Draft", environment="sandbox")
        production = self.connect(self.create_connection(name="There"), subject="auth0|there")
        tryout = self.connect(
            self.create_connection(name="Tryout", environment="sandbox"), subject="auth0|try"
        )
        tryout.is_tryout = True
        for connection in (draft, production, tryout):
            self.assertIn("Only a sandbox", str(self.raised(UserError, connection.action_go_live)))
        with self.assertRaises(AccessError):
            self.sandbox.with_user(self.user_user).action_go_live()
