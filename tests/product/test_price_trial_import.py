from odoo.fields import Command
from odoo.tests import tagged

from ...client.profile import builtin
from ..catalog.catalog_common import member, product
from .price_trial_common import FREE, UPC, PriceTrialCommon


@tagged("post_install", "-at_install")
class TestPriceTrialImport(PriceTrialCommon):
    """What is to be imported is tried as what the import makes of it."""

    def wait(self, *rows, before=()):
        """Read rows that are to be imported, after those that are imported already."""
        if before:
            self.read(list(before))
        self.catalog.import_mode = "manual"
        self.read([*before, *rows])
        self.catalog.import_mode = "all"

    # --- families ---

    def test_a_new_variant_has_the_price_of_the_family_that_is_in_odoo(self):
        dear = member(1, 9, Size="S") | {"cost": 40.0}
        self.wait(member(2, 9, Size="L"), before=[dear])
        trial = self.attempt(price_factor=2.0)
        # Of 42 with the fees; alone it would be 24.
        self.assertPrices(trial, p1=(63.0, 84.0, "markup"), p2=(63.0, 84.0, "family"))
        self.assertEqual((trial.linked_count, trial.wanted_count), (1, 1))
        self.assertBecomes(trial)

    def test_a_dear_new_variant_raises_the_family_that_is_in_odoo(self):
        self.connection.change_limit = 5
        self.wait(member(2, 9, Size="L") | {"map": 50.0}, before=[member(1, 9, Size="S")])
        # Nothing but what is to be imported changes a price: an import waits for nobody.
        trial = self.attempt()
        self.assertPrices(trial, p1=(18.0, 50.0, "family"), p2=(50.0, 50.0, "map"))
        self.assertBecomes(trial)

    def test_a_new_variant_of_a_family_that_keeps_its_price_has_that(self):
        self.wait(member(2, 9, Size="L") | {"map": 50.0}, before=[member(1, 9, Size="S")])
        self.offer(1).product_id.inventory_source_pinned = True
        trial = self.attempt(price_factor=2.0)
        self.assertPrices(trial, p1=(18.0, 18.0, "pinned"), p2=(18.0, 18.0, "pinned"))
        self.assertBecomes(trial)

    def test_a_new_variant_of_a_family_that_was_discontinued_has_the_price_it_brings(self):
        self.wait(member(2, 9, Size="S"), before=[member(1, 9, Size="L")])
        self.offer(1).discontinued_at = self.env.cr.now()
        trial = self.attempt(price_factor=2.0)
        self.assertPrices(trial, p2=(18.0, 24.0, "markup"))
        self.assertBecomes(trial)

    def test_what_does_not_fit_its_family_has_a_price_of_its_own(self):
        self.wait(
            member(2, 9, Size="M"),
            # The same options as another one; others than the family has.
            member(3, 9, Size="s") | {"cost": 90.0},
            member(4, 9, Color="Red") | {"cost": 80.0},
            # A family of its own, and the dearest two are none of it.
            member(5, 8, Size="S"),
            member(6, 8, Size="M"),
            member(7, 8, Size="M") | {"cost": 70.0},
            member(8, 8, Color="Red", Size="L") | {"cost": 60.0},
            before=[member(1, 9, Size="S")],
        )
        trial = self.attempt(price_factor=2.0)
        self.assertPrices(
            trial,
            p1=(18.0, 24.0, "markup"),
            p2=(18.0, 24.0, "markup"),
            p3=(138.0, 184.0, "markup"),
            p4=(123.0, 164.0, "markup"),
            p5=(18.0, 24.0, "markup"),
            p6=(18.0, 24.0, "markup"),
            p7=(108.0, 144.0, "markup"),
            p8=(93.0, 124.0, "markup"),
        )
        self.assertBecomes(trial)

    def test_a_family_of_which_nothing_fits_leaves_no_empty_product(self):
        twice = [{"name": "Size", "value": "S"}, {"name": "size", "value": "M"}]
        self.read([member(1, 9) | {"options": twice}])
        self.assertFalse(self.env["product.template"].search([("name", "=", "Family 9")]))
        self.assertTrue(self.offer(1).product_id)

    def test_what_an_option_of_a_family_costs_more_is_in_the_price(self):
        sizes = {n: member(n, 9, Size=size) for n, size in enumerate("SML", 1)}
        self.read([sizes[1], sizes[2]])
        family = self.offer(1).product_id.product_tmpl_id
        medium = family.attribute_line_ids.product_template_value_ids.filtered(
            lambda value: value.name == "M"
        )
        medium.price_extra = 5.0
        size = self.env["product.attribute"].search([("name", "=", "Size")], order="id", limit=1)
        large = {"name": "L", "attribute_id": size.id, "default_extra_price": 7.0}
        self.env["product.attribute.value"].create(large)
        left = self.offer(2).product_id
        self.offer(2).with_user(self.user_manager).action_unlink()
        left.unlink()
        self.catalog.import_mode = "manual"
        self.read([*sizes.values(), member(4, 8, Size="L")])
        self.offer(2).ignored = False
        self.catalog.import_mode = "all"
        trial = self.attempt(price_factor=2.0)
        # A value that comes with the import is of the family's price.
        new = (18.0, 24.0, "markup")
        self.assertPrices(trial, p1=new, p2=(23.0, 29.0, "markup"), p3=new, p4=new)
        self.assertBecomes(trial)

    # --- one product of two suppliers ---

    def test_two_new_ones_with_one_upc_are_one_product(self):
        self.wait(
            product(1, upc=UPC),
            product(2, upc=UPC, supplierId=23, cost=8.0, map=40.0),
            product(3),
        )
        trial = self.attempt(price_factor=2.0)
        self.assertPrices(trial, p2=(40.0, 40.0, "map"), p3=(18.0, 24.0, "markup"))
        self.assertEqual((trial.total_count, trial.wanted_count, trial.map_count), (2, 2, 1))
        self.assertEqual(len(trial.sample_ids), 2)
        self.assertBecomes(trial)
        self.assertEqual(self.offer(1).product_id, self.offer(2).product_id)

    def test_what_joins_a_new_variant_counts_for_its_family(self):
        self.wait(
            member(1, 9, Size="S") | {"upc": UPC},
            member(2, 9, Size="L"),
            product(3, upc=UPC, supplierId=23, map=40.0),
        )
        trial = self.attempt(price_factor=2.0)
        self.assertPrices(trial, p1=(40.0, 40.0, "map"), p2=(40.0, 40.0, "family"))
        self.assertBecomes(trial)

    def test_what_joins_later_leaves_a_price_that_is_set_once(self):
        self.connection.sync_price = False
        self.wait(product(1, upc=UPC), product(2, upc=UPC, supplierId=23, map=40.0))
        trial = self.attempt(price_factor=2.0)
        self.assertPrices(trial, p1=(18.0, 24.0, "markup"))
        self.assertBecomes(trial)

    def test_new_products_with_one_upc_stay_two_where_people_want_that(self):
        self.connection.match_mode = "never"
        self.wait(product(1, upc=UPC), product(2, upc=UPC, supplierId=23, cost=8.0))
        trial = self.attempt(price_factor=2.0)
        self.assertPrices(trial, p1=(18.0, 24.0, "markup"), p2=(15.0, 20.0, "markup"))
        self.assertBecomes(trial)
        self.assertNotEqual(self.offer(1).product_id, self.offer(2).product_id)

    def test_a_upc_that_is_a_packagings_joins_nothing(self):
        dozen = self.env.ref("uom.product_uom_dozen")
        ours = self.env["product.product"].create({"name": "Ours", "uom_ids": [dozen.id]})
        self.env["product.uom"].create({"product_id": ours.id, "uom_id": dozen.id, "barcode": UPC})
        self.wait(product(1, upc=UPC), product(2, upc=UPC, supplierId=23, cost=8.0))
        trial = self.attempt(price_factor=2.0)
        self.assertPrices(trial, p1=(18.0, 24.0, "markup"), p2=(15.0, 20.0, "markup"))
        self.assertBecomes(trial)

    def test_of_one_supplier_only_one_joins(self):
        rows = [product(2, upc=UPC, supplierId=23), product(3, upc=UPC, supplierId=23, cost=20.0)]
        for before in ([], [product(1, upc=UPC)]):
            with self.subTest(before=before), self.cr.savepoint() as savepoint:
                self.wait(*([] if before else [product(1, upc=UPC)]), *rows, before=before)
                trial = self.attempt(price_factor=2.0)
                self.assertEqual(set(self.lines(trial)), {"1", "3"})
                self.assertBecomes(trial)
                self.assertEqual(self.offer(2).product_id, self.offer(1).product_id)
                self.assertNotEqual(self.offer(3).product_id, self.offer(1).product_id)
                self.assertIn("barcode", self.problems(3))
                self.env.flush_all()
                savepoint.rollback()
                self.env.invalidate_all()

    def test_a_product_of_another_connection_does_not_wait_for_who_joins_it(self):
        self.connection.change_limit = 5
        self.read([product(1, upc=UPC)])
        other = self.create_connected(company_id=self.connection.company_id.id)
        supplier = self.env["inventory.source.supplier"].create(
            {"connection_id": other.id, "external_id": "23", "name": "Lake"}
        )
        catalog = self.create_catalog(
            "9", connection_id=other.id, supplier_id=supplier.id, import_mode="all"
        )
        row = builtin().products.record.row(product(1, upc=UPC, supplierId=23, map=40.0, cost=1.0))
        self.Offer._apply_rows(catalog, [row], self.env.cr.now())
        action = other.with_user(self.user_manager).action_prices()
        trial = self.env[action["res_model"]].browse(action["res_id"])
        trial.action_try()
        self.assertEqual((trial.line_ids.price_new, trial.line_ids.why), (40.0, "map"))
        trial.action_use()
        other._run_lane_now("catalog")
        self.assertEqual(self.offer(1).product_id.lst_price, 40.0)

    # --- what is left out ---

    def test_a_sku_that_another_one_has_is_left_out_and_that_is_said(self):
        self.wait(product(1), product(2, sku="SKU1"), product(3, **FREE))
        trial = self.attempt(price_factor=2.0)
        self.assertPrices(
            trial, p1=(18.0, 24.0, "markup"), p2=(0.0, 0.0, "sku"), p3=(0.0, 0.0, "free")
        )
        self.assertEqual((trial.wanted_count, trial.left_out_count, trial.loss_count), (1, 2, 0))
        losses = trial.action_view_losses()["params"]["next"]
        self.assertFalse(self.env[losses["res_model"]].search(losses["domain"]))
        self.assertBecomes(trial)

    def test_what_was_left_out_for_want_of_a_price_comes_with_one(self):
        self.read([product(1), product(2, **FREE)])
        self.assertFalse(self.offer(2).product_id or self.offer(2).pending)
        trial = self.attempt(self.pricer, new_rule=True, rule_min_margin=3.0)
        self.assertPrices(trial, p1=(18.0, 18.0, "rule"), p2=(0.0, 3.0, "rule"))
        self.assertBecomes(trial)
        self.assertTrue(self.offer(2).product_id)
        self.assertNotIn("price", self.problems(2))

    # --- rules ---

    def test_a_rule_of_a_category_that_the_import_will_find(self):
        parent = self.env["product.category"].create({"name": "Drop-ship"})
        gifts = self.env["product.category"].create({"name": "gifts", "parent_id": parent.id})
        hunting = self.env["product.category"].create({"name": "HUNTING", "parent_id": gifts.id})
        self.connection.category_id = parent
        self.catalog.import_mode = "manual"
        self.read([product(1), product(2, subCategory="Hunting"), product(3, subCategory="New")])
        self.connection.category_map_ids.write({"action": "create"})
        self.catalog.import_mode = "all"
        pricelist = self.env["product.pricelist"].create(
            {
                "name": "Ours",
                "item_ids": [
                    Command.create(
                        {
                            "applied_on": "2_product_category",
                            "categ_id": category.id,
                            "compute_price": "formula",
                            "base": "standard_price",
                            "price_markup": markup,
                        }
                    )
                    for category, markup in ((hunting, 100.0), (gifts, 75.0))
                ],
            }
        )
        trial = self.attempt(self.pricer, price_pricelist_id=pricelist.id)
        self.assertPrices(
            trial, p1=(18.0, 21.0, "rule"), p2=(18.0, 24.0, "rule"), p3=(18.0, 21.0, "rule")
        )
        self.assertBecomes(trial)
        self.assertEqual(self.offer(2).product_id.categ_id, hunting)

    def test_a_rule_of_one_product_is_one_of_its_new_variants(self):
        self.wait(member(2, 9, Size="L"), before=[member(1, 9, Size="S")])
        family = self.offer(1).product_id.product_tmpl_id
        rule = {"applied_on": "1_product", "product_tmpl_id": family.id, "fixed_price": 77.0}
        pricelist = self.env["product.pricelist"].create(
            {"name": "Ours", "item_ids": [Command.create(rule | {"compute_price": "fixed"})]}
        )
        trial = self.attempt(self.pricer, price_pricelist_id=pricelist.id)
        self.assertPrices(trial, p1=(18.0, 77.0, "rule"), p2=(18.0, 77.0, "rule"))
        self.assertBecomes(trial)
