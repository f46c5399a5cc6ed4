from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from ..order.order_common import OrderCommon
from .rights import EXTENDED, ODOOS


@tagged("post_install", "-at_install")
class TestFieldRights(OrderCommon):
    """Our fields and buttons on Odoo's own records, for people who see the records.

    Whose each field is stands in `rights.py`.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.portal = new_test_user(
            cls.env, "order_portal", groups="base.group_portal", partner_id=cls.customer.id
        )
        cls.plain = cls.create_user(
            "order_plain", "sales_team.group_sale_salesman_all_leads",
            "purchase.group_purchase_user", "stock.group_stock_user",
            "account.group_account_invoice",
        )  # fmt: skip
        cls.public = cls.env.ref("base.public_user")
        cls.core = [
            model
            for model in cls.env.registry.values()
            if not model._name.startswith("inventory.source.") and not model._abstract
        ]

    @classmethod
    def ours(cls):
        """Return `{model: {field}}` of our fields on Odoo's models."""
        found = {
            model._name: {name for name in model._fields if name.startswith("inventory_source_")}
            for model in cls.core
        }
        return {model: names for model, names in found.items() if names}

    def quotation(self, **values):
        sale = self.create_sale((self.creel, 60), state="sent", **values)
        self.env.flush_all()
        self.env.invalidate_all()
        return sale

    # --- fields ---

    def test_a_customer_reads_the_quotation_and_nothing_of_ours(self):
        sale = self.quotation()
        for records in (sale, sale.order_line):
            own = records.with_user(self.portal)
            self.assertTrue(own.read(["display_name"]))
            for name in self.ours()[own._name]:
                with self.subTest(field=f"{own._name}.{name}"):
                    self.assertNotIn(name, own.fields_get())
                    for call in (
                        lambda own=own, name=name: own.read([name]),
                        lambda own=own, name=name: own.web_read({name: {}}),
                        lambda own=own, name=name: own.search([(name, "!=", False)]),
                        lambda own=own, name=name: own.mapped(name),
                    ):
                        with self.assertRaises(AccessError):
                            call()

    def test_a_colleague_reads_what_a_salesperson_needs(self):
        sale = self.quotation()
        own = sale.with_user(self.plain)
        self.assertEqual(own.inventory_source_light, "yellow")
        self.assertIn("Rivers Edge has 50", own.inventory_source_light_text)
        self.assertIn("50 at Rivers Edge", own.order_line.inventory_source_stock)
        self.assertEqual(own.order_line.inventory_source_planned_cost, 60 * 18.25)

    # --- methods ---

    def public_methods(self):
        """Return `{model: {method}}` of our public methods on Odoo's models."""
        found = {}
        for model in self.core:
            for name in dir(model):
                where = [kls for kls in model.mro() if name in vars(kls)]
                ours = any("inventory_source" in kls.__module__ for kls in where)
                if ours and not name.startswith("_") and callable(getattr(model, name)):
                    found.setdefault(model._name, set()).add(name)
        return found

    def test_our_public_methods_on_odoos_records_refuse_customers_and_strangers(self):
        """Whatever is added later: a method without an underscore can be called over RPC."""
        sale = self.confirm((self.creel, 1))
        order = self.order_of(sale)
        order.write({"state": "accepted", "accepted_at": "2026-01-01", "remote_id": "90071"})
        purchase = order.purchase_order_ids
        purchase.button_confirm()
        self.portal.partner_id = self.customer
        purchase.message_subscribe(self.customer.ids)
        records = {
            "sale.order": sale,
            "purchase.order": purchase,
            "stock.picking": purchase.picking_ids,
            "product.product": self.creel,
            "product.template": self.creel.product_tmpl_id,
        }
        tried = 0
        for model, names in self.public_methods().items():
            for name in names - set(EXTENDED.get(model, "").split()) - ODOOS:
                for user in (self.portal, self.public):
                    tried += 1
                    own = records[model].with_user(user)
                    refused = self.assertRaises(AccessError)
                    with self.subTest(method=f"{model}.{name}", user=user.login), refused:
                        getattr(own, name)()
        self.assertGreater(tried, 15)
        self.assertFalse(self.service.sent, "requests of the pool are not the customer's to spend")

    def test_a_customer_spends_no_request_on_a_quotation_of_theirs(self):
        sale = self.confirm((self.creel, 1))
        order = self.order_of(sale)
        order.write({"state": "accepted", "accepted_at": "2026-01-01", "remote_id": "90071"})
        own = sale.with_user(self.portal)
        self.assertTrue(own.has_access("read"))
        with self.assertRaises(AccessError):
            own.action_inventory_source_check()
        self.assertFalse(self.service.sent)

    # --- writing ---

    def test_what_the_server_keeps_on_odoos_records_nobody_writes(self):
        admin = self.env.ref("base.user_admin")
        sale = self.confirm((self.creel, 1))
        records = {
            "product.product": self.creel,
            "product.template": self.creel.product_tmpl_id,
            "purchase.order.line": sale._get_purchase_orders().order_line,
            "stock.picking": self.env["stock.picking"].create(
                {"picking_type_id": self.env.ref("stock.picking_type_out").id}
            ),
        }
        tried = 0
        for model, record in records.items():
            for name in self.ours()[model]:
                field = record._fields[name]
                if field.readonly and field.store:
                    tried += 1
                    with self.subTest(field=f"{model}.{name}"), self.assertRaises(AccessError):
                        record.with_user(admin).write({name: False})
        self.assertGreater(tried, 6)

    def test_a_name_like_ours_that_no_field_has_breaks_nothing_of_odoos(self):
        """A context passes defaults on to whatever is made in it."""
        unknown = "inventory_source_of_another_model"
        for model in ("product.product", "product.template", "stock.picking"):
            with self.subTest(model=model):
                own = self.env[model].with_user(self.env.ref("base.user_admin"))
                own = own.with_context(**{f"default_{unknown}": True})
                own.default_get([unknown])
                self.assertTrue(
                    own.create({"picking_type_id": self.env.ref("stock.picking_type_out").id})
                    if model == "stock.picking"
                    else own.create({"name": "Plain"})
                )

    def test_records_of_another_company_cannot_be_chosen(self):
        company = self.env["res.company"].create({"name": "Bluebird"})
        theirs = self.create_connected(company_id=company.id, name="Bluebird")
        partner = self.customer.copy({"company_id": company.id})
        carrier, own = (
            self.env["delivery.carrier"].create(
                {"name": "Freight", "product_id": freight.id, "company_id": freight.company_id.id}
            )
            for freight in self.env["product.product"].create(
                [
                    {"name": "Freight", "type": "service", "company_id": company.id},
                    {"name": "Freight", "type": "service"},
                ]
            )
        )
        pricelist = self.env["product.pricelist"].create(
            {"name": "Theirs", "company_id": company.id}
        )
        ours = self.env["inventory.source.carrier"].create(
            {"connection_id": self.connection.id, "name": "UPS"}
        )
        category = self.env["inventory.source.category"].create(
            {"connection_id": self.connection.id}
        )
        product = self.env["product.product"].create(
            {"name": "Fee", "type": "service", "purchase_method": "purchase",
             "company_id": company.id}
        )  # fmt: skip
        # Only the company stands in the way.
        manager = self.create_user(
            "company_manager",
            "manager",
            "stock.group_stock_manager",
            "sales_team.group_sale_manager",
        )
        for record, name, value in (
            (self.rivers, "partner_id", partner),
            (self.rivers, "price_pricelist_id", pricelist),
            (self.rivers, "connection_id", theirs),
            (self.catalog, "connection_id", theirs),
            (category, "price_pricelist_id", pricelist),
            (category, "connection_id", theirs),
            (ours, "delivery_carrier_id", carrier),
            (ours, "connection_id", theirs),
            (self.connection, "channel_id", theirs.channel_id),
            (self.connection, "fee_product_id", product),
            (self.connection, "price_pricelist_id", pricelist),
            (self.connection, "company_id", company),
        ):
            with self.subTest(field=f"{record._name}.{name}"), self.assertRaises(UserError):
                record.with_user(manager).write({name: value.id})
        methods = self.env["inventory.source.shipping.method"].with_user(manager)
        with self.assertRaises(UserError):
            methods.create({"connection_id": theirs.id, "carrier_id": carrier.id})
        method = methods.create({"connection_id": self.connection.id, "carrier_id": own.id})
        for values in ({"connection_id": theirs.id}, {"carrier_id": carrier.id}):
            with self.subTest(values=values), self.assertRaises(UserError):
                method.write(values)
