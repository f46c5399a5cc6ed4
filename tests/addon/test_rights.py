import base64
from unittest.mock import patch

from odoo import api, fields
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.models import MAGIC_COLUMNS
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ..order.order_common import OrderCommon
from . import rights as written
from .rights import EVERY, MANAGER, ODOOS, PEOPLE, RIGHTS, USER

PREFIX = "inventory.source."
OPERATIONS = ("read", "write", "create", "unlink")
MUTED = ("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model", "odoo.sql_db")


class RightsCase(OrderCommon):
    """Everybody, and a record of each model in his company, in another one and in a branch."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.people = {
            "public": cls.env.ref("base.public_user"),
            "portal": new_test_user(cls.env, "rights_portal", groups="base.group_portal"),
            "internal": cls.create_user("rights_internal"),
            "salesperson": cls.salesperson,
            "user": cls.user_user,
            "manager": cls.user_manager,
            "system": cls.create_user("rights_system", "manager", "base.group_system"),
        }
        company = cls.env.company
        cls.companies = {
            "own": company,
            "other": cls.env["res.company"].create({"name": "Bluebird"}),
            "branch": cls.env["res.company"].create({"name": "Pier", "parent_id": company.id}),
        }
        cls.worlds = {where: cls.build(where) for where in cls.companies}
        cls.env.flush_all()
        cls.env.invalidate_all()

    @classmethod
    def make(cls, model, **values):
        return cls.env[PREFIX + model].create(values)

    @classmethod
    def build(cls, where):
        """Return a record of each model that is no wizard, by its name, in a company."""
        company = cls.companies[where]
        connection = cls.create_connected(name=f"Canary {where}", company_id=company.id)
        ours = {"connection_id": connection.id}
        supplier = cls.make("supplier", **ours, name="Canary supplier", external_id="7")
        catalog = cls.make("catalog", **ours, name="Canary catalog", external_id="1")
        offer = cls.make(
            "product", **ours, catalog_id=catalog.id, supplier_id=supplier.id, external_id="N1",
            sku="CANARY-1", title="Canary product", cost=3.0, product_id=cls.own.id,
        )  # fmt: skip
        free = cls.make(
            "product", **ours, catalog_id=catalog.id, supplier_id=supplier.id, external_id="N2",
            sku="CANARY-2", title="Canary product", cost=3.0,
        )  # fmt: skip
        line = {"supplier_product_id": offer.id, "product_id": cls.own.id, "sku": "CANARY-1",
                "quantity": 2}  # fmt: skip
        order = cls.make(
            "order", **ours, name=f"CANARY-{where}", state="accepted", remote_id="90071",
            accepted_at=fields.Datetime.now(), sent_at=fields.Datetime.now(),
            line_ids=[Command.create({**line, "state": "accepted", "accepted_quantity": 2})],
        )  # fmt: skip
        shipment = cls.make("shipment", order_id=order.id, external_id="s-1", status="shipped")
        mapping = cls.make("profile", name=f"Canary {where}")
        held = cls.make("picture.host", name=f"{where}.example.com")
        freight = cls.env["product.product"].create({"name": "Freight", "type": "service"})
        sold = cls.env["delivery.carrier"].create(
            {"name": "Freight", "product_id": freight.id, "company_id": company.id}
        )
        going = cls.make("go.live", **ours)
        order.line_ids.sold_amount = 5.0
        return {
            "connection": connection,
            "free": free,
            "go.live": going,
            "go.live.supplier": cls.make(
                "go.live.supplier", go_live_id=going.id, supplier_id=supplier.id
            ),
            "go.live.product": cls.make(
                "go.live.product", go_live_id=going.id, supplier_product_id=offer.id, how="missing"
            ),
            "channel": connection.channel_id,
            "supplier": supplier,
            "catalog": catalog,
            "product": offer,
            "order": order,
            "order.line": order.line_ids,
            "shipment": shipment,
            "shipment.line": cls.make("shipment.line", shipment_id=shipment.id, sku="CANARY-1"),
            "supplier.report": cls.env[f"{PREFIX}supplier.report"].search(
                [("order_id", "=", order.id)]
            ),
            "sales.report": cls.env[f"{PREFIX}sales.report"].browse(order.line_ids.ids),
            "setup.step": connection.setup_step_ids[0],
            "run": cls.make("run", **ours, lane="order"),
            "problem": cls.env[f"{PREFIX}problem"]._note(
                connection, "product", [{"reference": "1", "code": "x", "message": "Canary"}]
            ),
            "change": cls.make("change", supplier_product_id=offer.id, kind="price",
                               current_value=1),
            "category": cls.make("category", **ours),
            "carrier": cls.make("carrier", **ours, name="Canary carrier"),
            "shipping.method": cls.make("shipping.method", **ours, carrier_id=sold.id),
            "picture": cls.make(
                "picture", supplier_product_id=offer.id, host_id=held.id,
                product_tmpl_id=cls.own.product_tmpl_id.id, url="https://canary.example.com/1.jpg",
            ),
            "picture.host": held,
            "page": cls.make("page", catalog_id=catalog.id, supplier_product_ids=[offer.id]),
            "profile": mapping,
            "profile.version": cls.make(
                "profile.version", profile_id=mapping.id, number=1, document=mapping.document
            ),
            "secret": connection._secrets(),
            "work": cls.make(
                "work", **ours, kind="order", begun_at=fields.Datetime.now(), total=20
            ),
            "throttle": cls.env[f"{PREFIX}throttle"]._of(connection),
            "authorization": cls.make(
                "authorization", **ours, how="here", state_hash=where,
                redirect_uri="https://canary.example.com", expires_at=fields.Datetime.now(),
            ),
            "revocation": cls.make(
                "revocation", **ours, client_id="c", token_url="https://canary.example.com",
                database_fingerprint="canary",
            ),
        }  # fmt: skip

    def setUp(self):
        super().setUp()
        self.addCleanup(self.forget_calls)
        # The salesperson's own sale, also where company rules alone keep the order from him.
        sale = self.create_sale((self.creel, 1))
        orders = [world["order"].id for world in self.worlds.values()]
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE inventory_source_order SET sale_order_id = %s WHERE id IN %s",
            [sale.id, tuple(orders)],
        )
        self.env.cr.execute(
            "UPDATE inventory_source_order_line SET sale_line_id = %s WHERE order_id IN %s",
            [sale.order_line.id, tuple(orders)],
        )
        self.env.invalidate_all()

    def forget_calls(self):
        """Whoever may press a button may have the service called; what of is no matter here."""
        self.service._unexpected.clear()

    # --- whose record ---

    def wizard(self, name, user):
        """Return a row of a wizard, made by a person, about what is in his company."""
        world = self.worlds["own"]
        about = {
            f"{PREFIX}connection": world["connection"],
            f"{PREFIX}catalog": world["catalog"],
            f"{PREFIX}product": world["product" if name == "trial.order" else "free"],
            f"{PREFIX}order": world["order"],
            f"{PREFIX}order.line": world["order.line"],
            f"{PREFIX}profile": world["profile"],
            "product.product": self.own,
            "res.partner": self.customer,
        }
        own = self.env[PREFIX + name].with_user(user)
        values = {
            field.name: about[field.comodel_name].id
            for field in own._fields.values()
            if field.type == "many2one" and field.store and field.comodel_name in about
        }
        if "note" in own._fields:
            values["note"] = "Canary"
        if "file" in own._fields:
            values["file"] = base64.b64encode(b"{}")
        if "resolve_id" in own._fields:
            values |= {"resolve_id": self.wizard("order.resolve", user).id, "quantity": 1}
        # What only the server makes of a wizard it makes for the person.
        made = (own if own.has_access("create") else own.sudo()).create(values)
        self.env.flush_all()  # as each request ends: a decision's own lines are made
        return made

    def records(self, name, rights, person):
        """Return `{whose: record}`, each as the person sees it."""
        user = self.people[person]
        if self.env[PREFIX + name]._transient:
            maker = user if person in rights.create | rights.read else self.env.user
            found = {"own": self.wizard(name, maker), "other": self.wizard(name, self.env.user)}
        else:
            found = {where: world[name] for where, world in self.worlds.items()}
        return {where: record.with_user(user) for where, record in found.items()}

    def is_allowed(self, call):
        """Return whether a call is not refused; nothing of what it did is left."""
        through = True
        with mute_logger(*MUTED, *written.NOISY), self.env.cr.savepoint(flush=False) as point:
            try:
                call()
                self.env.flush_all()
            except AccessError:
                through = False
            except Exception:  # what else stands in the way is no matter of rights
                through = True
            point.rollback()
        if through:
            self.env.cr.clear()
        return through

    # --- what differs from what is written ---

    def leaks(self, name):
        """Yield what the server allows or refuses otherwise than it is written, in sentences."""
        rights = RIGHTS.get(name)
        if rights is None:
            yield f"{name}: the model has no rule"
            return
        yield from self.without_rule(name, rights)
        for person in PEOPLE:
            records = self.records(name, rights, person)
            self.env.flush_all()
            yield from self.of_models(name, rights, person, records)
            yield from self.of_fields(name, rights, person, records["own"])
            yield from self.of_methods(name, rights, person, records)

    def without_rule(self, name, rights):
        model = self.env[PREFIX + name]
        odoos = {*MAGIC_COLUMNS, *self.env["base"]._fields}
        for mixin in ("mail.thread", "mail.activity.mixin"):
            odoos |= set(self.env[mixin]._fields)
        yield from self.differ(name, "field", set(model._fields) - odoos, set(rights.fields()))
        yield from self.differ(name, "method", self.methods(type(model)), set(rights.methods()))

    @staticmethod
    def differ(name, kind, found, ruled):
        for each in sorted(found - ruled):
            yield f"{name}.{each}: the {kind} has no rule"
        for each in sorted(ruled - found):
            yield f"{name}.{each}: there is a rule and no {kind}"

    @staticmethod
    def methods(model):
        """Return the names of a model's public methods that are ours."""
        return {
            name
            for name in dir(model)
            if not name.startswith("_")
            and name not in model._fields
            and name not in ODOOS
            and callable(getattr(model, name))
            and any(
                "inventory_source" in each.__module__ for each in model.mro() if name in vars(each)
            )
        }

    def of_models(self, name, rights, person, records):
        for where, record in records.items():
            own = where == "own" or rights.rows == "all"
            for operation in OPERATIONS:
                expected = own and person in getattr(rights, operation)
                if record.has_access(operation) != expected:
                    yield self.says(person, expected, operation, name, where)
            expected = own and person in rights.read
            for way in (
                lambda record=record: record.read(["id"]),
                lambda record=record: 1 / len(record.search([("id", "in", record.ids)])),
            ):
                try:
                    with mute_logger(*MUTED):
                        way()
                    read = True
                except (AccessError, ZeroDivisionError):
                    read = False
                if read != expected:
                    yield self.says(person, expected, "really read", name, where)

    @staticmethod
    def says(person, expected, operation, name, where):
        return f"{name}: {person} {'cannot' if expected else 'can'} {operation}, {where}"

    def of_fields(self, name, rights, person, record):
        if person not in rights.read:
            return
        for field, (reads, writes) in rights.fields().items():
            # An administrator is a manager: what is a manager's was tried.
            if field not in record._fields or (person == "system" and reads >= MANAGER):
                continue
            # What somebody else has read is not what this person may.
            record.invalidate_recordset([field], flush=False)
            try:
                record.read([field])
                read = True
            except AccessError:
                read = False
            if read != (person in reads):
                yield self.says(person, person in reads, "read", f"{name}.{field}", "own")
            may = person in rights.write and person in writes
            value = self.value(record, field, rights)
            if (
                person in rights.write
                and value is not ...
                and self.is_allowed(lambda v=value, f=field: record.write({f: v})) != may
            ):
                yield self.says(person, may, "write", f"{name}.{field}", "own")
            if person in rights.create and person not in writes:
                for make in (
                    lambda f=field: record.create({f: False}),
                    lambda f=field: record.with_context(**{f"default_{f}": 1}).create({}),
                ):
                    if self.is_allowed(make):
                        yield self.says(person, False, "create with", f"{name}.{field}", "own")

    def value(self, record, name, rights):
        """Return a value to write in a field: the one it has; `...` when none will do."""
        field = record._fields[name]
        if name in rights.lists.split():
            return ...
        if field.type in ("one2many", "many2many"):
            return []
        return field.convert_to_write(record.sudo()[name], record)

    def of_methods(self, name, rights, person, records):
        for method, people in rights.methods().items():
            for where, record in records.items():
                if not hasattr(record, method) or where == "branch":
                    continue
                # Who reads none reads none of others; an administrator is a manager.
                if where != "own" and person not in rights.read:
                    continue
                if person == "system" and people >= MANAGER:
                    continue
                own = where == "own" or rights.rows == "all"
                told = []
                through = self.is_allowed(
                    lambda m=method, r=record, told=told: told.append(str(getattr(r, m)()))
                )
                if people is EVERY:
                    # They say what is opened; what is told of it is in the list that opens.
                    if not (own and person in rights.read) and "anary" in "".join(told):
                        yield self.says(person, False, "learn from", f"{name}.{method}", where)
                elif through != (expected := own and person in people):
                    yield self.says(person, expected, "call", f"{name}.{method}", where)


@tagged("post_install", "-at_install")
class TestRights(RightsCase):
    """What is written in `rights.py` is what the server does."""

    def models(self):
        return sorted(
            name.removeprefix(PREFIX)
            for name in self.env.registry
            if name.startswith(PREFIX) and not self.env[name]._abstract
        )

    def test_each_model_field_and_method_is_as_written(self):
        self.assertEqual(self.models(), sorted(RIGHTS), "a model has no rule, or a rule no model")
        for name in self.models():
            with self.subTest(model=name):
                self.assertEqual(list(self.leaks(name)), [])

    def test_what_people_list_on_a_record_is_made_by_who_may_make_it(self):
        tried = 0
        for name, rights in RIGHTS.items():
            for field in rights.lists.split():
                listed = self.env[PREFIX + name]._fields[field].comodel_name
                if not self.env[listed]._allow_sudo_commands:
                    continue  # Odoo asks who began the transaction: the superuser, in tests
                people = RIGHTS[listed.removeprefix(PREFIX)].create
                for person in rights.write - people:
                    tried += 1
                    record = self.worlds["own"][name].with_user(self.people[person])
                    with self.subTest(field=f"{name}.{field}", person=person):
                        self.assertFalse(
                            self.is_allowed(
                                lambda r=record, f=field: r.write({f: [Command.create({})]})
                            )
                        )
        self.assertGreater(tried, 5)

    def test_what_a_wizard_offers_is_told_to_who_opens_it(self):
        connection = self.worlds["own"]["connection"]
        context = {"default_connection_id": connection.id}
        for name, rights in RIGHTS.items():
            model = self.env[PREFIX + name].with_context(**context)
            if not model._transient:
                continue
            for person in set(PEOPLE) - rights.create - USER:  # users read all it offers
                own = model.with_user(self.people[person])
                with self.subTest(wizard=name, person=person), mute_logger(*MUTED):
                    try:
                        offered = own.default_get(list(own._fields))
                    except AccessError:
                        continue
                    records = {
                        key
                        for key, value in offered.items()
                        if value and own._fields[key].type == "many2one"
                    }
                    self.assertLessEqual(records, {"connection_id"})
                    self.assertFalse(offered.get("authorize_link"))

    def test_nothing_follows_from_a_record_the_person_may_not_read(self):
        """A form asks for what follows from a choice, also of one that nobody offered."""
        asked = 0
        for name, rights in RIGHTS.items():
            for person in rights.write & {"user", "manager"}:
                record = self.records(name, rights, person)["own"]
                named = {
                    field.name: self.worlds["other"][field.comodel_name.removeprefix(PREFIX)].id
                    for field in record._fields.values()
                    if field.type == "many2one"
                    and field.comodel_name.removeprefix(PREFIX) in self.worlds["other"]
                }
                follows = [each for each, field in record._fields.items() if field.compute]
                new = record.browse() if person in rights.create else record
                for field, value in named.items():
                    spec = {field: {}, **{each: {} for each in follows}}
                    for values in ({field: value}, {field: value, "name": "x"}):
                        for changed in ([field], []):
                            asked += 1
                            self.env.flush_all()
                            self.env.invalidate_all()
                            with (
                                self.subTest(model=name, person=person, field=field),
                                mute_logger(*MUTED),
                                self.assertRaises(AccessError),
                            ):
                                new.onchange(dict(values), changed, spec)
        self.assertGreater(asked, 60)
        # Nor in the lines of a record.
        own = self.worlds["own"]["connection"].with_user(self.user_manager)
        theirs = self.worlds["other"]["connection"].id
        lines = [Command.create({"connection_id": theirs})]
        spec = {"shipping_method_ids": {"fields": {"company_id": {"fields": {"name": {}}}}}}
        with mute_logger(*MUTED), self.assertRaises(AccessError):
            own.onchange({"shipping_method_ids": lines}, ["shipping_method_ids"], spec)
        # What is the person's own follows.
        shown = own.onchange({"channel_id": own.channel_id.id, "name": "x"}, ["name"], {"name": {}})
        self.assertFalse(shown.get("value"))

    def test_models_without_records_have_no_public_methods(self):
        for name in self.env.registry:
            model = self.env[name]
            if name.startswith(PREFIX) and model._abstract:
                with self.subTest(model=name):
                    self.assertEqual(self.methods(type(model)), set())

    def test_whose_our_fields_on_odoos_records_are(self):
        found = {}
        for model in self.env.registry.values():
            names = {name for name in model._fields if name.startswith("inventory_source_")}
            if names and not model._abstract and not model._name.startswith(PREFIX):
                found[model._name] = names
        self.assertGreater(sum(map(len, found.values())), 35)
        tables = (written.COLLEAGUES_SEE, written.USERS_SEE, written.NOBODY_SEES)
        ruled = {
            model: {name for table in tables for name in table.get(model, "").split()}
            for model in {model for table in tables for model in table}
        }
        self.assertEqual(found, ruled, "a field has no rule, or a rule no field")
        for person, user in self.people.items():
            see = written.COLLEAGUES_SEE if person not in ("public", "portal") else {}
            ours = written.USERS_SEE if person in written.USER else {}
            for model, names in found.items():
                own = self.env[model].with_user(user)
                with self.subTest(person=person, model=model):
                    reads = {n for n in names if own._has_field_access(own._fields[n], "read")}
                    expected = f"{see.get(model, '')} {ours.get(model, '')}".split()
                    self.assertEqual(reads, set(expected))
                    writes = {n for n in reads if not own._fields[n].readonly}
                    chosen = written.COLLEAGUES_WRITE.get(model, "").split() if see else []
                    self.assertEqual(writes, set(chosen))

    def test_which_public_methods_odoos_records_have_of_us(self):
        found = {}
        for model in self.env.registry.values():
            if not model._abstract and not model._name.startswith(PREFIX):
                extended = written.EXTENDED.get(model._name, "").split()
                if names := self.methods(model) - set(extended):
                    found[model._name] = names
        ruled = {model: set(said.split()) for model, said in written.COLLEAGUES_PRESS.items()}
        self.assertEqual(found, ruled)


@tagged("post_install", "-at_install")
class TestRightsAreFound(RightsCase):
    """Leaks planted one by one: the table finds each."""

    def assertFound(self, name, sentence):
        self.env.flush_all()
        self.env.registry.clear_cache()
        self.env.invalidate_all()
        self.assertIn(sentence, self.leaks(name))

    def rule(self, name):
        return self.env.ref(f"inventory_source.{name}")

    def test_a_right_given_to_everybody_who_works_here(self):
        self.env["ir.model.access"].create(
            {
                "name": "leak",
                "model_id": self.env["ir.model"]._get_id("inventory.source.run"),
                "group_id": self.env.ref("base.group_user").id,
                "perm_read": True,
            }
        )
        self.assertFound("run", "run: internal can read, own")

    def test_a_model_that_forgets_its_company(self):
        self.rule("supplier_company_rule").active = False
        self.assertFound("supplier", "supplier: user can read, other")
        self.assertFound("supplier", "supplier: manager can write, branch")

    def test_a_wizard_that_is_everybodys(self):
        self.rule("paste_own_rule").active = False
        self.assertFound("paste", "paste: manager can read, other")

    def test_an_address_a_manager_reads(self):
        self.patch(self.env[f"{PREFIX}connection"]._fields["token_url"], "groups", None)
        self.assertFound("connection", "connection.token_url: manager can read, own")
        self.assertFound("connection", "connection.token_url: user can read, own")

    def test_a_fact_a_manager_writes(self):
        self.patch(self.env[f"{PREFIX}connection"]._fields["account_ref"], "readonly", False)
        self.assertFound("connection", "connection.account_ref: manager can write, own")
        self.assertFound("connection", "connection.account_ref: manager can create with, own")

    def test_a_button_that_asks_nobody(self):
        with patch.object(
            type(self.env[f"{PREFIX}connection"]), "action_disconnect", lambda _self: True
        ):
            self.assertFound("connection", "connection.action_disconnect: portal can call, own")
            self.assertFound("connection", "connection.action_disconnect: manager can call, other")

    def test_a_method_nobody_ruled(self):
        @api.model
        def tell(self):
            return self.sudo().token_url

        tell.__module__ = "odoo.addons.inventory_source.models"
        ours = next(
            each
            for each in type(self.env[f"{PREFIX}connection"]).mro()
            if "inventory_source" in each.__module__
        )
        with patch.object(ours, "tell", tell, create=True):
            self.assertFound("connection", "connection.tell: the method has no rule")

    def test_a_model_and_a_field_nobody_ruled(self):
        with patch.dict(RIGHTS):
            kept = RIGHTS.pop("channel")
            self.assertFound("channel", "channel: the model has no rule")
            RIGHTS["channel"] = kept._replace(told=kept.told.replace("active", ""))
            self.assertFound("channel", "channel.active: the field has no rule")

    def test_an_order_that_forgets_its_company(self):
        self.rule("order_company_rule").active = False
        self.assertFound("order", "order: salesperson can read, other")
