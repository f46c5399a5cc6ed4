from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from ...client.profile import builtin
from ..catalog.catalog_common import CatalogCommon, member, product

UPC = "643323150504"


@tagged("post_install", "-at_install")
class TestCatalogMatch(CatalogCommon):
    """What is in Odoo already is found; what is in doubt waits for a person."""

    def create_product(self, **values):
        return self.env["product.product"].create(
            {"name": "Ours", "type": "consu", "list_price": 99, "standard_price": 50, **values}
        )

    def test_the_same_barcode_links_and_only_adds_a_vendor_line(self):
        ours = self.create_product(barcode=UPC, default_code="OURS", weight=7)
        before = ours.read(["name", "list_price", "standard_price", "weight", "default_code"])
        self.read([product(1, upc=UPC)])
        self.assertEqual(self.imported(1), ours)
        self.assertEqual(self.offer(1).match_reason, f"same barcode {UPC}")
        self.assertEqual(ours.seller_ids.partner_id, self.supplier.partner_id)
        self.read([product(1, upc=UPC, cost=20.0, weight=9.0)])
        self.assertEqual(ours.seller_ids.price, 20.0)
        self.assertEqual(
            ours.read(["name", "list_price", "standard_price", "weight", "default_code"]), before
        )

    def test_unlinking_gives_the_product_back_untouched(self):
        ours = self.create_product(barcode=UPC)
        own_line = self.env["product.supplierinfo"].create(
            {"partner_id": self.supplier._vendor().id, "product_id": ours.id, "price": 3}
        )
        self.read([product(1, upc=UPC)])
        self.imported(1)
        self.assertEqual(len(ours.seller_ids), 2)
        self.offer(1).with_user(self.user_manager).action_unlink()
        self.assertEqual(ours.seller_ids, own_line)
        self.assertEqual(own_line.price, 3)
        self.assertEqual(self.offer(1).state, "new")

    def test_what_a_person_unlinked_is_not_linked_again_by_a_catalog_that_imports_by_itself(self):
        ours = self.create_product(barcode=UPC)
        self.catalog.import_mode = "all"
        self.read([product(1, upc=UPC)])
        self.assertEqual(self.offer(1).product_id, ours)
        self.offer(1).pending = True
        self.offer(1).with_user(self.user_manager).action_unlink()
        self.read([product(1, upc=UPC, cost=20.0)])
        self.assertFalse(self.offer(1).product_id)
        self.assertFalse(ours.seller_ids)
        self.assertEqual(self.offer(1).state, "ignored")
        self.assertEqual(self.imported(1), ours, "until a person imports it")

    def test_the_same_sku_alone_waits_for_a_person_and_says_why(self):
        ours = self.create_product(default_code="SKU1")
        self.read([product(1)])
        self.assertFalse(self.imported(1))
        self.assertTrue(self.offer(1).to_match)
        self.assertEqual(self.offer(1).candidate_ids, ours)
        self.assertIn("same SKU SKU1", self.offer(1).candidate_reason)
        self.assertIn("Ours", self.problems(1)["match"])
        wizard = (
            self.env["inventory.source.match"]
            .with_user(self.user_manager)
            .create({"supplier_product_id": self.offer(1).id, "product_id": ours.id})
        )
        wizard.action_apply()
        self.assertEqual(self.offer(1).product_id, ours)
        self.assertFalse(self.problems(1))

    def test_several_products_it_may_be_wait_for_a_person(self):
        by_code, by_sku = self.create_product(barcode=UPC), self.create_product(default_code="SKU1")
        self.read([product(1, upc=UPC)])
        self.imported(1)
        self.assertFalse(self.offer(1).product_id)
        self.assertEqual(self.offer(1).candidate_ids, by_code + by_sku)

    def test_before_an_import_it_is_seen_what_is_linked_what_waits_and_why(self):
        by_code = self.create_product(barcode=UPC)
        by_sku = self.create_product(default_code="SKU2")
        self.read([product(1, upc=UPC), product(2), product(3)])
        found = self.Offer.search([("in_odoo", "=", True)])
        self.assertEqual(found, self.offer(1) + self.offer(2))
        self.assertEqual(found.mapped("candidate_ids"), by_code + by_sku)
        self.assertIn(f"same barcode {UPC}", self.offer(1).candidate_reason)
        self.assertIn("same SKU SKU2", self.offer(2).candidate_reason)
        self.assertEqual(found.mapped("match_plan"), ["link", "ask"])
        self.imported(1, 2, 3)
        self.assertEqual(self.offer(1).product_id, by_code, "as it was told")
        self.assertTrue(self.offer(2).to_match, "as it was told")
        self.assertEqual(self.Offer.search([("in_odoo", "=", True)]), self.offer(2))

    def test_the_preview_follows_what_the_connection_does_with_matches(self):
        self.create_product(barcode=UPC)
        self.read([product(1, upc=UPC)])
        for mode, plan in (("link", "link"), ("ask", "ask"), ("never", "never")):
            self.connection.match_mode = mode
            self.env.invalidate_all()
            with self.subTest(mode=mode):
                self.assertEqual(self.offer(1).match_plan, plan)

    def test_the_filter_finds_just_what_may_be_in_odoo(self):
        other = self.env["res.company"].create({"name": "Lake"})
        self.create_product(barcode=UPC)
        self.create_product(barcode="643323150505")
        self.create_product(default_code="SKU2", company_id=other.id)
        self.create_product(default_code="SKU3", active=False)
        self.read(
            [
                product(1, upc="6433-2315 0504"),
                product(2),
                product(3),
                product(4, upc="643323150505"),
                product(5),
                product(6, sku="SKU5", supplierId=20),
            ]
        )
        self.imported(5)
        both = self.env.company + other
        offer = self.Offer.with_context(allowed_company_ids=both.ids)
        found = offer.search([("in_odoo", "=", True)])
        self.assertEqual(found, self.offer(1))
        everything = offer.search([])
        self.assertEqual(everything.filtered("in_odoo"), found, "as each says of itself")

    def test_the_filter_finds_what_another_supplier_offers_already(self):
        other = {"supplierId": 23, "sku": "B2"}
        self.read([product(1, upc=UPC), product(2, upc=UPC, **other), product(3, upc=UPC)])
        self.imported(1)
        found = self.Offer.search([("in_odoo", "=", True)])
        self.assertEqual(found, self.offer(2), "a supplier's second one is another product")
        self.assertEqual(self.Offer.search([]).filtered("in_odoo"), found, "as each says of itself")

    def test_the_dry_run_opens_what_may_be_in_odoo(self):
        self.create_product(barcode=UPC)
        self.read([product(1, upc=UPC), product(2)])
        dry_run = self.env["inventory.source.dry.run"].create({"catalog_ids": self.catalog.ids})
        action = dry_run.action_view_in_odoo()
        self.assertEqual(self.Offer.search(action["domain"]), self.offer(1))

    def test_the_person_who_links_sees_both_sides_and_what_they_share(self):
        named, other = self.create_product(default_code="SKU1"), self.create_product()
        self.read([product(1)])
        action = self.offer(1).with_user(self.user_manager).action_link()
        form = Form(
            self.env["inventory.source.match"]
            .with_user(self.user_manager)
            .with_context(**action["context"])
        )
        self.assertEqual((form.sku, form.default_code), ("SKU1", "SKU1"))
        self.assertEqual(form.product_id, named, "the only one it may be is proposed")
        self.assertEqual(form.reason, "same SKU SKU1")
        form.product_id = other
        self.assertEqual(form.reason, "neither the same barcode nor the same SKU")

    def test_one_product_at_a_time_is_linked(self):
        self.read([product(1), product(2)])
        with self.assertRaisesRegex(UserError, "Choose one"):
            (self.offer(1) + self.offer(2)).with_user(self.user_manager).action_link()

    def test_a_person_can_say_that_it_is_none_of_them(self):
        ours = self.create_product(default_code="SKU1")
        self.read([product(1)])
        self.imported(1)
        self.offer(1).with_user(self.user_manager).action_import_as_new()
        self.assertTrue(self.offer(1).product_id)
        self.assertNotEqual(self.offer(1).product_id, ours)
        self.assertFalse(self.problems(1))

    def test_the_connection_can_ask_always_or_never(self):
        ours = self.create_product(barcode=UPC)
        self.connection.match_mode = "ask"
        self.read([product(1, upc=UPC)])
        self.imported(1)
        self.assertTrue(self.offer(1).to_match)
        self.connection.match_mode = "never"
        self.imported(1)
        self.assertNotEqual(self.offer(1).product_id, ours)
        self.assertFalse(self.offer(1).product_id.barcode)

    def test_what_waits_for_a_person_follows_what_the_connection_does_with_matches(self):
        self.catalog.import_mode = "all"
        self.connection.match_mode = "ask"
        self.create_product(barcode=UPC)
        self.read([product(1, upc=UPC)])
        self.assertTrue(self.offer(1).to_match)
        self.connection.match_mode = "never"
        self.connection._run_lane_now("catalog")
        self.assertTrue(self.offer(1).product_id)
        self.assertFalse(self.offer(1).to_match or self.offer(1).matched)
        self.assertNotIn("match", self.problems(1))

    def test_the_same_upc_of_several_suppliers_is_one_product_with_several_vendors(self):
        self.catalog.import_mode = "all"
        self.read([product(1, upc=UPC), product(2, upc=UPC, supplierId=23, sku="B2", cost=8.0)])
        found = self.offer(1).product_id
        self.assertEqual(self.offer(2).product_id, found)
        self.assertEqual(len(found.seller_ids), 2)
        self.assertEqual(found.default_code, "SKU1", "the first describes it")
        self.assertEqual(found.inventory_source_quantity, 24)

    def test_a_upc_and_the_ean_with_a_zero_before_it_are_one_article(self):
        ours = self.create_product(barcode=f"0{UPC}")
        other = {"supplierId": 20, "sku": "A1"}
        upcs = {1: UPC, 2: "012345678905", 3: "0012345678905"}
        self.read([product(1, upc=UPC), product(2, upc=upcs[2]), product(3, upc=upcs[3], **other)])
        self.assertEqual(self.Offer.search([("in_odoo", "=", True)]), self.offer(1))
        dry_run = self.env["inventory.source.dry.run"].create({"catalog_ids": self.catalog.ids})
        self.assertEqual((dry_run.same_upc, dry_run.known_upc, dry_run.to_link), (2, 1, 2))
        self.assertEqual(self.imported(1), ours)
        self.assertEqual(len(self.imported(2, 3)), 1, "one product of two suppliers")
        self.assertEqual(self.offer(2).product_id.barcode, "012345678905", "as the first told it")

    def test_a_barcode_in_another_spelling_is_not_given_twice(self):
        self.connection.match_mode = "never"
        self.create_product(barcode=f"0{UPC}")
        self.read([product(1, upc=UPC)])
        self.assertFalse(self.imported(1).barcode)
        self.assertIn("barcode", self.problems(1))

    def test_a_member_of_a_family_joins_a_product_by_its_barcode(self):
        self.catalog.import_mode = "all"
        self.read([product(1, upc=UPC, supplierId=23), dict(member(2, 900, Color="Red"), upc=UPC)])
        self.assertEqual(self.offer(2).product_id, self.offer(1).product_id)

    def offers(self, *changes):
        """Read offers of one product by two suppliers, each with its changes."""
        one, two = changes
        self.catalog.import_mode = "all"
        self.read(
            [
                product(1, upc=UPC, **one),
                product(2, upc=UPC, supplierId=23, sku="B2", **two),
            ]
        )
        return self.offer(1).product_id

    def test_cost_and_price_are_those_of_the_best_offer(self):
        found = self.offers({"cost": 10.0}, {"cost": 8.0})
        self.read(
            [product(1, upc=UPC, cost=10.5), product(2, upc=UPC, supplierId=23, sku="B2", cost=8)]
        )
        self.assertEqual((found.standard_price, found.lst_price), (10.0, 15.0))
        self.offers({"cost": 10.5}, {"cost": 8.0, "quantity": 0})
        self.assertEqual((found.standard_price, found.lst_price), (12.5, 18.75), "who has any")

    def test_the_price_keeps_the_map_of_every_offer(self):
        found = self.offers({"cost": 10.0}, {"cost": 8.0})
        self.offers({"cost": 10.0, "map": 40.0}, {"cost": 8.5})
        self.assertEqual(found.lst_price, 40.0)

    def test_an_offer_that_joins_counts_at_once(self):
        found = self.offers({"cost": 10.0}, {"cost": 8.0, "map": 40.0})
        self.assertEqual((found.standard_price, found.lst_price), (10.0, 40.0))

    def test_two_connections_of_a_company_share_a_product_its_price_and_its_map(self):
        self.catalog.import_mode = "all"
        self.read([product(1, upc=UPC)])
        found = self.offer(1).product_id
        second = self.create_connected(company_id=self.connection.company_id.id, change_limit=0)
        catalog = self.env["inventory.source.catalog"].create(
            {
                "connection_id": second.id,
                "external_id": "9",
                "name": "Second",
                "supplier_id": self.env["inventory.source.supplier"]
                .create({"connection_id": second.id, "external_id": "19", "name": "Acme"})
                .id,
                "next_pass_at": False,
            }
        )

        def tell(**changes):
            row = builtin().products.record.row(product(1, upc=UPC, **changes))
            self.Offer._apply_rows(catalog, [row], fields.Datetime.now())
            return self.Offer.search([("connection_id", "=", second.id)])

        offer = tell(cost=8.0, map=30.0)
        offer._import()
        self.assertEqual(offer.product_id, found)
        self.assertEqual((found.standard_price, found.lst_price), (10.0, 30.0))
        tell(cost=6.0, map=45.0)._update_products()
        self.assertEqual((found.standard_price, found.lst_price), (8.0, 45.0))
        tell(active=False)._update_products()
        self.assertEqual((found.standard_price, found.lst_price), (12.0, 18.0))
        self.assertTrue(found.active)

    def test_an_order_goes_to_the_cheapest_that_has_enough(self):
        found = self.offers({"cost": 10.0, "quantity": 50}, {"cost": 8.0, "quantity": 5})
        other = self.offer(2).supplier_id
        for pieces, supplier in ((5, other), (6, self.supplier), (99, other)):
            with self.subTest(pieces=pieces):
                seller = found.with_company(self.connection.company_id)._select_seller(
                    quantity=pieces
                )
                self.assertEqual(seller.partner_id, supplier.partner_id)

    def test_the_choice_of_vendors_of_other_products_is_odoos(self):
        ours = self.create_product()
        vendors = self.env["res.partner"].create([{"name": "A"}, {"name": "B"}])
        lines = self.env["product.supplierinfo"].create(
            [
                {"partner_id": vendors[0].id, "product_id": ours.id, "price": 9, "sequence": 2},
                {"partner_id": vendors[1].id, "product_id": ours.id, "price": 10, "sequence": 1},
            ]
        )
        self.assertEqual(ours._get_filtered_sellers(quantity=1), lines[1] + lines[0])

    def test_a_product_is_not_shared_with_another_company(self):
        other = self.env["res.company"].create({"name": "Lake"})
        self.create_product(barcode=UPC, company_id=other.id)
        self.read([product(1, upc=UPC)])
        found = self.imported(1)
        self.assertFalse(found.company_id)
        self.assertFalse(self.offer(1).matched)

    def test_two_companies_share_a_product_a_person_linked_and_neither_rules_the_other(self):
        self.catalog.import_mode = "all"
        self.read([product(1, upc=UPC)])
        shared = self.offer(1).product_id
        lake = self.env["res.company"].create({"name": "Lake"})
        elsewhere = self.create_connected(company_id=lake.id)
        supplier = self.env["inventory.source.supplier"].create(
            {"connection_id": elsewhere.id, "external_id": "19", "name": "Acme"}
        )
        catalog = self.env["inventory.source.catalog"].create(
            {
                "connection_id": elsewhere.id,
                "external_id": "9",
                "name": "Lake's",
                "supplier_id": supplier.id,
                "next_pass_at": False,
            }
        )
        row = builtin().products.record.row(product(1, upc=UPC, cost=90.0, quantity=5))
        self.Offer._apply_rows(catalog, [row], fields.Datetime.now())
        offer = self.Offer.search([("connection_id", "=", elsewhere.id)])
        offer.with_company(lake)._import()
        self.assertNotEqual(offer.product_id, shared, "nobody joins them in silence")
        offer.product_id.product_tmpl_id.unlink()
        self.env["inventory.source.match"].create(
            {"supplier_product_id": offer.id, "product_id": shared.id}
        ).action_apply()
        offer.with_company(lake)._update_products()
        self.assertEqual((shared.list_price, shared.standard_price), (18.0, 12.0))
        self.assertFalse(shared.with_company(lake).standard_price, "its cost is Lake's own")
        self.assertEqual(shared.seller_ids.company_id, self.connection.company_id | lake)
        quantities = [
            shared.with_company(company).inventory_source_quantity
            for company in (self.connection.company_id, lake)
        ]
        self.assertEqual(quantities, [12.0, 5.0])
        self.read([product(1, upc=UPC, active=False)])
        self.assertTrue(shared.active, "Lake's supplier still has it")
        shared.product_tmpl_id.unlink()
        self.assertEqual(offer.state, "new")

    def test_only_managers_link(self):
        self.create_product(barcode=UPC)
        self.read([product(1, upc=UPC)])
        self.imported(1)
        for button in ("action_unlink", "action_link", "action_import_as_new"):
            with self.subTest(button), self.assertRaises(UserError):
                getattr(self.offer(1).with_user(self.user_user), button)()
