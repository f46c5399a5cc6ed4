from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .catalog_common import CatalogCommon, product

# What lies beyond a supplier product: addresses, other people's, what was sold, other models.
BEYOND = (
    "[('connection_id.authorize_url', '=like', 'http://127%')]",
    "[('connection_id', 'any', [('authorize_url', '=like', 'http://127%')])]",
    "[('connection_id', 'not any', [('authorize_url', '=like', 'https%')])]",
    "['!', ('connection_id.authorize_url', '=like', 'https%')]",
    "[('connection_id', 'ilike', 'a')]",
    "[('connection_id.user_id.api_key_ids.name', 'ilike', 'a')]",
    "[('create_uid.api_key_ids.name', 'ilike', 'a')]",
    "[('create_uid', 'ilike', 'a')]",
    "[('create_uid', '=', 'admin')]",
    "[('write_uid', 'in', ['admin'])]",
    "[('create_uid.partner_id.sale_order_ids.amount_total', '>', 1)]",
    "[('company_id.partner_id.vat', 'ilike', 'A')]",
    "[('company_id', 'child_of', 1)]",
    "[('supplier_id.partner_id.vat', 'ilike', 'A')]",
    "[('supplier_id', 'any', [('partner_id', '!=', False)])]",
    "[('product_id.standard_price', '>', 1)]",
    "[('product_id', 'ilike', 'a')]",
    "[('order_line_ids', '!=', False)]",
    "[('order_line_ids.order_id.name', 'ilike', 'a')]",
    "[('catalog_id.page_ids', '!=', False)]",
    "['|', ('quantity', '>', 5), '&', ('quantity', '>', 5), ('create_uid.login', 'like', 'a')]",
)
WITHIN = (
    "[]",
    "[(1, '=', 1)]",
    "[('quantity', '>', 5)]",
    "['|', ('sku', 'ilike', 'K1'), '!', ('brand', '=', False)]",
    "[('sku', 'in', ['SKU1', 'SKU2', False])]",
    "[('supplier_id', 'ilike', 'ac')]",
    "[('supplier_id', 'in', [1, 2])]",
    "[('product_id', '=', False)]",
    "[('currency_id', '!=', 1)]",
    "[('create_date.month_number', '>', 0)]",
    "[('reported_at', '>=', '-7d')]",
    "[('restricted', '=', False), ('below_map', '=', False)]",
    "[('in_odoo', '=', False)]",
    "[('display_name', 'ilike', 'SKU1')]",
    "[('title', '=ilike', 'a%')]",
)


@tagged("post_install", "-at_install")
class TestCatalogConditions(CatalogCommon):
    """Whose eyes conditions see with: what they let through is an answer to who typed them."""

    def setUp(self):
        super().setUp()
        self.read([product(1), product(2, quantity=2)])
        self.own = self.catalog.with_user(self.user_manager)

    def pending(self):
        return (self.offer(1) | self.offer(2)).filtered("pending")

    def test_nothing_beyond_the_supplier_product_can_be_asked(self):
        for conditions in BEYOND:
            for mode in ("matching", "manual"):
                with self.subTest(conditions, mode=mode):
                    with self.assertRaisesRegex(ValidationError, "other records"):
                        self.own.write({"import_mode": mode, "import_domain": conditions})
                    self.assertFalse(self.pending())

    def test_nor_before_it_is_saved(self):
        for model, values in (
            ("catalog", {"import_mode": "matching"}),
            ("dry.run", {"import_mode": "matching", "catalog_ids": self.catalog.ids}),
        ):
            own = self.env[f"inventory.source.{model}"].with_user(self.user_manager)
            target = self.own if model == "catalog" else own
            spec = {"matching_count": {}} if model == "catalog" else {"wanted": {}}
            for conditions in BEYOND:
                with self.subTest(conditions, model=model):
                    asked = {**values, "import_domain": conditions}
                    try:
                        told = target.onchange(asked, ["import_domain"], spec)
                    except ValidationError:
                        continue
                    self.assertFalse(any(told["value"].values()), told)

    def test_what_a_supplier_product_says_itself_can_be_asked(self):
        for conditions in WITHIN:
            with self.subTest(conditions):
                self.own.write({"import_mode": "matching", "import_domain": conditions})
        self.Offer.search([]).pending = False
        self.own.import_domain = "[('quantity', '>', 5)]"
        self.assertEqual(self.pending(), self.offer(1))

    def test_a_field_the_writer_may_not_read_is_none(self):
        field = self.env["inventory.source.product"]._fields["cost"]
        self.addCleanup(setattr, field, "groups", field.groups)
        field.groups = "base.group_system"
        conditions = "[('cost', '>', 0)]"
        with self.assertRaisesRegex(ValidationError, "no field “cost”"):
            self.own.import_domain = conditions
        self.catalog.with_user(self.env.ref("base.user_admin")).import_domain = conditions

    def test_a_pattern_that_fails_on_some_products_only_is_refused(self):
        with self.assertRaisesRegex(ValidationError, "backslash"):
            self.own.import_domain = r"[('title', '=like', 'zz\\')]"

    def test_a_value_that_does_not_fit_is_named_without_the_query(self):
        with mute_logger("odoo.sql_db"), self.assertRaises(ValidationError) as refused:
            self.own.import_domain = "[('cost', '=', 'abc')]"
        self.assertNotIn("SELECT", str(refused.exception))
        self.assertNotIn("LINE", str(refused.exception))

    def test_conditions_kept_from_before_import_nothing_and_are_told(self):
        self.env.flush_all()
        # As a version wrote it that did not judge them.
        self.env.cr.execute(
            "UPDATE inventory_source_catalog SET import_mode = 'matching', import_domain = %s "
            "WHERE id = %s",
            [BEYOND[0], self.catalog.id],
        )
        self.env.invalidate_all()
        self.assertEqual(self.own.matching_count, 0)
        self.read([product(1), product(2, quantity=3), product(3)])
        self.assertEqual(self.offer(3).state, "new")
        self.assertFalse(self.pending() | self.offer(3).filtered("pending"))
        self.assertFalse(self.catalog.failing_since, "it is read all the same")
        told = self.env["inventory.source.problem"].search([("code", "=", "conditions")])
        self.assertEqual(told.reference, self.catalog.external_id)
        self.assertIn("other records", told.message)
        self.own.import_domain = "[('quantity', '>', 5)]"
        self.assertTrue(told.resolved_at)
        self.assertEqual(self.pending(), self.offer(1))
