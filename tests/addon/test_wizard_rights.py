from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.models import MAGIC_COLUMNS
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..order.order_common import OrderCommon

RULES = "odoo.addons.base.models.ir_rule"
CHOSEN = ("many2one", "many2many")
OPENS = ("action_view_", "action_open_")


class WizardRights(OrderCommon):
    """Two companies, each with a manager; what belongs to the other one is Bluebird's."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bluebird = cls.env["res.company"].create({"name": "Bluebird"})
        cls.theirs = cls.create_connected(company_id=cls.bluebird.id, name="Bluebird")
        cls.their_catalog = cls.env["inventory.source.catalog"].create(
            {"name": "Indoor", "external_id": "1", "connection_id": cls.theirs.id}
        )
        cls.their_supplier = cls.env["inventory.source.supplier"].create(
            {"name": "Nest", "external_id": "7", "connection_id": cls.theirs.id}
        )
        cls.their_product = cls.env["product.product"].create(
            {"name": "Nest box", "company_id": cls.bluebird.id, "default_code": "NB1"}
        )
        cls.their_offer = cls.env["inventory.source.product"].create(
            {
                "connection_id": cls.theirs.id,
                "catalog_id": cls.their_catalog.id,
                "supplier_id": cls.their_supplier.id,
                "external_id": "NB1",
                "sku": "NB1",
                "title": "Nest box",
                "cost": 3.0,
            }
        )
        cls.their_order = cls.create_order(cls.theirs, cls.their_offer, cls.their_product)

    @classmethod
    def create_order(cls, connection, offer, product, **values):
        """Build an order nobody knows the fate of, past the ways orders come about."""
        return cls.env["inventory.source.order"].create(
            {
                "name": f"S-{connection.name}",
                "connection_id": connection.id,
                "state": "unknown",
                "outcome_unknown": True,
                "line_ids": [
                    (
                        0,
                        0,
                        {
                            "supplier_product_id": offer.id,
                            "product_id": product.id,
                            "sku": offer.sku,
                            "quantity": 2,
                        },
                    )
                ],
                **values,
            }
        )

    def of(self, model, user=None):
        return self.env[f"inventory.source.{model}"].with_user(user or self.user_manager)

    def assertRefused(self, call, *args):
        with mute_logger(RULES), self.assertRaises(UserError):
            call(*args)


@tagged("post_install", "-at_install")
class TestTrialOrderRights(WizardRights):
    """A test order closes what it has made itself, and nothing anybody names to it."""

    def sold(self):
        """Sell for real; return the order in the outbox."""
        return self.order_of(self.confirm((self.creel, 1)))

    def trial_order(self, **values):
        offer = self.creel.inventory_source_product_ids
        return self.of("trial.order").create(
            {
                "connection_id": self.connection.id,
                "supplier_product_id": offer.id,
                "partner_id": self.customer.id,
                **values,
            }
        )

    def test_an_order_the_wizard_has_not_made_is_never_cancelled_over_it(self):
        order = self.sold()
        sale, purchases = order.sale_order_id, order.purchase_order_ids
        for target in (order, self.their_order):
            with self.subTest(order=target.name):
                wizard = self.trial_order()
                with self.assertRaises(UserError):
                    # Whatever the client makes of the field, as it writes any other.
                    wizard.write({"order_res_id": target.id, "state": "waiting"})
                    self.env.flush_all()
                    self.env.invalidate_all()
                    wizard.action_continue()
                with self.assertRaises(UserError):
                    self.trial_order(order_res_id=target.id, state="waiting").action_continue()
                self.assertNotEqual(target.state, "cancelled")
        self.assertEqual((order.state, sale.state), ("queued", "sale"))
        self.assertNotIn("cancel", purchases.mapped("state"))

    def test_a_test_order_of_another_wizard_is_not_closed_over_this_one(self):
        left = self.trial_order()
        order_id, _sale = self.connection._place_trial_order(
            left.supplier_product_id.id, self.customer.id, self.env.uid, left.id
        )
        order = self.env["inventory.source.order"].browse(order_id)
        with self.assertRaises(UserError):
            self.trial_order().action_continue()
        self.assertEqual(order.state, "queued")
        left.action_continue()
        self.assertEqual(order.state, "cancelled")

    def test_what_is_sold_and_where_it_goes_is_the_persons_own(self):
        self.assertRefused(lambda: self.trial_order(supplier_product_id=self.their_offer.id))
        partner = self.customer.copy({"company_id": self.bluebird.id})
        with self.assertRaises(UserError):
            self.trial_order(partner_id=partner.id)
        wizard = self.trial_order()
        self.assertRefused(
            lambda: (
                wizard.write({"connection_id": self.theirs.id, "is_real": True})
                and wizard.action_run()
            )
        )
        self.assertFalse(self.service.calls("/orders"))

    def test_it_is_made_once(self):
        self.expect_order()
        wizard = self.trial_order(is_real=True)
        wizard.action_run()
        with self.assertRaisesRegex(UserError, "made already"):
            wizard.action_run()
        self.assertEqual(len(self.service.calls("/orders")), 1)


@tagged("post_install", "-at_install")
class TestWizardRights(WizardRights):
    """Whatever is added later: a wizard acts on what its user may see, and shows nothing else."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.our_order = cls.create_order(
            cls.connection, cls.creel.inventory_source_product_ids, cls.creel
        )
        pricelists = cls.env["product.pricelist"]
        their_prices = {"name": "Bluebird's", "company_id": cls.bluebird.id}
        cls.ours = {
            "inventory.source.connection": cls.connection,
            "inventory.source.catalog": cls.catalog,
            "inventory.source.product": cls.create_offer(cls.camp, "NEW", 3, product_id=False),
            "inventory.source.order": cls.our_order,
            "inventory.source.order.line": cls.our_order.line_ids,
            "product.product": cls.own,
            "product.pricelist": pricelists.create({"name": "Ours"}),
            "res.partner": cls.customer,
        }
        cls.strange = {
            "inventory.source.connection": cls.theirs,
            "inventory.source.catalog": cls.their_catalog,
            "inventory.source.product": cls.their_offer,
            "inventory.source.order": cls.their_order,
            "inventory.source.order.line": cls.their_order.line_ids,
            "product.product": cls.their_product,
            "product.pricelist": pricelists.create(their_prices),
            "res.partner": cls.customer.copy({"company_id": cls.bluebird.id}),
        }
        cls.wizards = [
            name
            for name in cls.env.registry
            if name.startswith("inventory.source.")
            and cls.env[name]._transient
            # For system administrators, who read everything; it holds the file they have chosen.
            and name != "inventory.source.profile.import"
            # Made by the server only, for a wizard: see tests/product/test_price_trial.py.
            and name != "inventory.source.price.trial.line"
        ]

    def chosen(self, model):
        """Return the fields of a wizard by which people say what it is about."""
        return {
            name: field.comodel_name
            for name, field in self.env[model]._fields.items()
            if field.type in CHOSEN and field.comodel_name in self.strange and field.store
        }

    def named(self, model, name, targets):
        """Return the value by which a client names a record in a field of a wizard."""
        field = self.env[model]._fields[name]
        target = targets[field.comodel_name]
        return target.id if field.type == "many2one" else [Command.set(target.ids)]

    def values(self, model, targets):
        own = self.env[model].with_user(self.user_manager)
        values = {name: self.named(model, name, targets) for name in self.chosen(model)}
        if "note" in own._fields:
            values["note"] = "Asked them."
        if "quantity" in own._fields:
            values["quantity"] = 1
        if "resolve_id" in own._fields:
            order = self.our_order.id
            resolve = own.env["inventory.source.order.resolve"]
            values["resolve_id"] = resolve.create({"order_id": order, "note": "x"}).id
            own.env.flush_all()  # as each request of a client ends: its own lines are made
        return values

    def test_the_table_of_this_test_knows_all_that_wizards_are_about(self):
        self.assertGreater(len(self.wizards), 6)
        for model in self.wizards:
            with self.subTest(model=model):
                about = {
                    field.comodel_name
                    for field in self.env[model]._fields.values()
                    if field.type in CHOSEN and field.store and not field.related
                }
                wizards = {name for name in about if self.env[name]._transient}
                # Of no company: people, and categories.
                shared = {"res.users", "product.category"}
                self.assertLessEqual(about - wizards - shared, self.strange.keys())
                # A trial is begun for the company one works in: there is nothing to choose.
                chooses = model != "inventory.source.tryout"
                self.assertEqual(bool(self.chosen(model)), chooses)
                own = self.env[model].with_user(self.user_manager)
                self.assertTrue(own.create(self.values(model, self.ours)))

    def test_nothing_of_another_company_can_be_chosen(self):
        for model in self.wizards:
            own = self.env[model].with_user(self.user_manager)
            mine = self.values(model, self.ours)
            for name in self.chosen(model):
                strange = {name: self.named(model, name, self.strange)}
                with self.subTest(wizard=model, field=name):
                    self.assertRefused(own.create, {**mine, **strange})
                    self.assertRefused(own.create(mine).write, strange)
                    defaults = {f"default_{key}": value for key, value in strange.items()}
                    rest = {key: value for key, value in mine.items() if key not in strange}
                    self.assertRefused(own.with_context(**defaults).create, rest)

    def test_nothing_of_another_company_is_shown_before_it_is_saved(self):
        """A form asks for what follows from a choice, and may choose anything: one by one."""
        self.their_order.write({"taken_by": "Bluebird 7", "number_taken": True})
        asked = 0
        for model in self.wizards:
            own = self.env[model].with_user(self.user_manager)
            follows = [
                name
                for name, field in own._fields.items()
                if field.compute or field.related or field.type == "one2many"
            ]
            for name in self.chosen(model):
                strange = self.named(model, name, self.strange)
                values = {**self.values(model, self.ours), name: strange}
                for field in follows:
                    asked += 1
                    with self.subTest(wizard=model, chosen=name, field=field):
                        # Each request begins with nothing read by others.
                        self.env.flush_all()
                        self.env.invalidate_all()
                        try:
                            with mute_logger(RULES), self.env.cr.savepoint():
                                spec = {field: {}, name: {}}
                                shown = str(own.onchange(values, [name], spec))
                        except UserError:
                            continue
                        for word in ("Nest", "NB1", "Bluebird", "production"):
                            self.assertNotIn(word, shown)
                        self.assertNotIn(f"'order_line_id': {self.their_order.line_ids.id}", shown)
        self.assertGreater(asked, 50)

    def test_what_follows_in_a_wizard_is_read_with_its_users_rights(self):
        """Whatever is added later: Odoo reads what is related or stored in sudo, unless told."""
        for model in self.wizards:
            for name, field in self.env[model]._fields.items():
                if field.compute and name not in MAGIC_COLUMNS:
                    with self.subTest(field=f"{model}.{name}"):
                        self.assertFalse(field.compute_sudo)

    def test_a_wizard_is_its_users_own(self):
        colleague = self.create_user("inventory_source_colleague", "manager")
        for model in self.wizards:
            with self.subTest(wizard=model):
                own = self.env[model].with_user(self.user_manager)
                wizard = own.create(self.values(model, self.ours)).with_user(colleague)
                self.assertFalse(wizard.search([("id", "=", wizard.id)]))
                self.assertRefused(wizard.read, ["id"])
                self.assertRefused(wizard.write, {})
                self.assertRefused(wizard.unlink)

    def test_who_is_no_manager_opens_none(self):
        plain = self.create_user("inventory_source_plain")
        for user in (plain, self.user_user):
            for model in self.wizards:
                with self.subTest(wizard=model, user=user.login), self.assertRaises(UserError):
                    self.env[model].with_user(user).create(self.values(model, self.ours))

    # --- what each does ---

    def test_the_lines_decided_about_are_those_of_the_order(self):
        resolve = self.of("order.resolve")
        line = self.our_order.line_ids
        second = self.create_order(
            self.connection, self.lamp.inventory_source_product_ids, self.lamp, name="S-2"
        )
        for lines in (second.line_ids, line + second.line_ids, [line, line], line.browse()):
            with self.subTest(lines=lines), self.assertRaisesRegex(UserError, "lines are not"):
                resolve.create(
                    {
                        "order_id": self.our_order.id,
                        "note": "x",
                        "remote_id": "1",
                        "outcome": "received",
                        "line_ids": [
                            (5, 0, 0),
                            *((0, 0, {"order_line_id": each.id, "quantity": 1}) for each in lines),
                        ],
                    }
                ).action_apply()
        self.assertEqual((self.our_order | second).mapped("state"), ["unknown", "unknown"])

    def test_what_is_linked_already_is_not_linked_over_again(self):
        linked = self.creel.inventory_source_product_ids
        wizard = self.of("match").create(
            {"supplier_product_id": linked.id, "product_id": self.own.id}
        )
        with self.assertRaisesRegex(UserError, "not linked yet"):
            wizard.action_apply()
        self.assertEqual(linked.product_id, self.creel)


@tagged("post_install", "-at_install")
class TestOtherCompany(WizardRights):
    """What a manager can press, on records of a company that is not his."""

    def test_no_button_works_on_another_companys_records(self):
        problem = self.env["inventory.source.problem"]._note(
            self.theirs, "product", [{"reference": "1", "code": "x", "message": "x"}]
        )
        records = [self.theirs, self.their_catalog, self.their_supplier, problem]
        records += [self.their_offer, self.their_order, self.create_theirs("category")]
        records += [self.create_theirs("carrier", name="UPS"), self.create_shipment()]
        records.append(self.env["inventory.source.change"].create(
            {"supplier_product_id": self.their_offer.id, "kind": "price", "current_value": 1}
        ))  # fmt: skip
        pressed = 0
        odoos = {"action_archive", "action_unarchive"}
        for record in records:
            strange = record.with_user(self.user_manager)
            for name in dir(type(record)):
                # Which only say what list opens: the list has its own rights.
                if not name.startswith("action_") or name.startswith(OPENS) or name in odoos:
                    continue
                pressed += 1
                with self.subTest(button=f"{record._name}.{name}"):
                    self.assertRefused(getattr(strange, name))
        self.assertGreater(pressed, 40)
        self.assertFalse(self.service.sent)

    def create_theirs(self, model, **values):
        values["connection_id"] = self.theirs.id
        return self.env[f"inventory.source.{model}"].create(values)

    def create_shipment(self):
        return self.env["inventory.source.shipment"].create(
            {"order_id": self.their_order.id, "external_id": "s-1", "status": "shipped"}
        )
