"""Installing, updating and uninstalling the addon, each by a real Odoo on a database of its own."""

import configparser

import pytest

from workbench import databases, places
from workbench.elsewhere import odoos_addons

OURS = "inventory_source"
# What installing and using it must add rows to, or the look for left-overs would look wrongly.
REGISTERS = {
    *("ir_model", "ir_model_fields", "ir_model_data", "ir_model_access", "ir_rule", "ir_ui_view"),
    *("ir_ui_menu", "ir_act_window", "ir_act_server", "ir_cron", "res_groups", "mail_message"),
}
# Odoo keeps these for itself: who logged in, what to tell other processes.
PASSING = {
    *("res_users_log", "bus_bus", "ir_cron_trigger", "ir_cron_progress"),
    "orm_signaling_registry",
}
# What Odoo leaves of every module with a chatter and scheduled actions: names that mail, portal and
# sms gave to its fields and models, and the chatter of actions that went away with their model. And
# the note of a foreign key that a module's field has on another module's model: Odoo notes it with
# no external id (`Registry.check_foreign_keys`) but unlinks noted keys by their external ids
# (`_module_data_uninstall`), so a note goes only with its model. An addon of nothing but such a
# field leaves the same. Allowed only for a key that is gone itself.
ODOOS_WAY = {
    "ir_model_constraint": "type = 'f' "
    "AND module = (SELECT id FROM ir_module_module WHERE name = 'inventory_source') "
    "AND NOT EXISTS (SELECT FROM ir_model_data d "
    "WHERE d.model = 'ir.model.constraint' AND d.res_id = t.id) "
    "AND NOT EXISTS (SELECT FROM pg_constraint WHERE conname = t.name)",
    "ir_model_data": "module <> 'inventory_source' AND model ~ '^ir[.]model[.]'",
    "mail_message": "model = 'ir.actions.server'",
}
OUR_CRONS = "SELECT id FROM ir_act_server WHERE code LIKE '%_cron_lane(%'"
# A connection with its scheduled actions: the rows that no data file made and that must go too.
# What runs in Odoo's shell ends with a commit: the shell keeps nothing by itself.
USE = """
connection = env["inventory.source.connection"].create({"name": "Used"})
connection._switch_on()
connection.message_post(body="Used")
env.cr.commit()
"""
# A sale of a supplier product: documents of Odoo tied to records of ours.
SELL = """
from odoo.fields import Command
connection = env["inventory.source.connection"].create(
    {"name": "Sold from", "state": "connected", "refresh_token": "kept-by-the-shop"})
connection._switch_on()
vendor, customer = env["res.partner"].create([{"name": "Rivers Edge"}, {"name": "Ada Byron"}])
own = {"connection_id": connection.id, "external_id": "19"}
supplier = env["inventory.source.supplier"].create(
    {**own, "name": vendor.name, "partner_id": vendor.id}
)
catalog = env["inventory.source.catalog"].create({**own, "name": "Outdoor"})
product = env["product.product"].create({
    "name": "Wicker Creel",
    "is_storable": True,
    "route_ids": [Command.set(env.ref("stock_dropshipping.route_drop_shipping").ids)],
    "seller_ids": [Command.create({"partner_id": vendor.id, "price": 18.25})],
})
env["inventory.source.product"].create({
    **own,
    "catalog_id": catalog.id,
    "supplier_id": supplier.id,
    "sku": "MO1505",
    "title": product.name,
    "cost": 18.25,
    "quantity": 5,
    "product_id": product.id,
})
"""
CONFIRM = """
product = env["product.product"].search([("name", "=", "Wicker Creel")])
sale = env["sale.order"].create({
    "partner_id": env["res.partner"].search([("name", "=", "Ada Byron")]).id,
    "order_line": [(0, 0, {"product_id": product.id, "product_uom_qty": 2})],
})
sale.action_confirm()
sale._get_purchase_orders().button_confirm()
"""
FOLLOW = """
sale.inventory_source_order_ids._build_from_placeholder()
assert sale.inventory_source_order_ids.line_ids.purchase_line_id
env.cr.commit()
"""
# A person has put right what it lacked.
ABOUT_TO_LEAVE = "UPDATE inventory_source_order SET state = 'queued', cause = NULL, reason = NULL"
# What a copy of that shop has of what could order: connection, secrets, order, cause, flag.
COPY = """
SELECT connection.state,
       (SELECT count(*) FROM inventory_source_secret WHERE refresh_token IS NOT NULL),
       o.state, o.cause,
       (SELECT value FROM ir_config_parameter WHERE key = 'database.is_neutralized')
  FROM inventory_source_connection connection
  JOIN inventory_source_order o ON o.connection_id = connection.id
"""
BLOCKED = """
print(env["inventory.source.connection"].search([])._blocked_reason(), end="")
"""
CORE = ("res_partner", "res_users", "res_company", "product_template", "product_product",
        "product_category", "stock_location", "stock_route", "stock_rule", "stock_picking_type",
        "account_tax", "res_groups", "ir_cron", "mail_template", "ir_ui_menu")  # fmt: skip


def uninstall(database):
    databases.run_documented("docs/administration.md", "module uninstall", database)


def neutralize(database, *configuration):
    """Neutralize it as an administrator is told to; return what Odoo said."""
    return databases.run_documented("docs/operations.md", "neutralize", database, *configuration)


def tables(database):
    rows = databases.query(database, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    return {name for (name,) in rows}


def columns(database):
    return set(
        databases.query(
            database,
            "SELECT table_name, column_name FROM information_schema.columns "
            "WHERE table_schema = 'public'",
        )
    )


def core_rows(database):
    """Return each row of the core tables by id, but for when and by whom it was written or run."""
    kept = "to_jsonb(t) - '{write_date,write_uid,nextcall,lastcall}'::text[]"
    return {
        table: dict(databases.query(database, f"SELECT id, {kept} FROM {table} t"))
        for table in CORE
    }


def ids(database):
    """Return the ids in every table that has them."""
    with_id = databases.query(
        database,
        "SELECT table_name FROM information_schema.columns JOIN information_schema.tables "
        "USING (table_schema, table_name) WHERE table_schema = 'public' AND column_name = 'id' "
        "AND table_type = 'BASE TABLE'",
    )
    return {
        table: {number for (number,) in databases.query(database, f"SELECT id FROM {table}")}
        for (table,) in with_id
    }


def added(before, after):
    """Return the tables with rows that were not there before, and those rows."""
    new = {table: numbers - before.get(table, set()) for table, numbers in after.items()}
    return {table: numbers for table, numbers in new.items() if numbers and table not in PASSING}


def left_over(database, rows):
    """Return the rows as text, without what Odoo leaves of every module."""
    texts = {}
    for table, numbers in rows.items():
        ours = f"id = ANY(%s) AND NOT ({ODOOS_WAY.get(table, 'false')})"
        sql = f"SELECT to_jsonb(t)::text FROM {table} t WHERE {ours}"
        if found := databases.query(database, sql, (list(numbers),)):
            texts[table] = found
    return texts


@pytest.fixture(scope="module")
def story():
    """Install, update and uninstall once; the tests look at what was seen on the way."""
    with databases.temporary("install") as name:
        seen = {"before": (tables(name), columns(name), core_rows(name)), "logs": {}}
        ids_before = ids(name)
        for step, update in (("install", False), ("update", True)):
            log = places.log_path(f"processes-{step}")
            databases.install(name, log, update=update)
            seen[step] = (tables(name), columns(name), core_rows(name))
            seen["logs"][step] = log.read_text()
        databases.shell(name, USE)
        seen["crons"] = databases.query(name, OUR_CRONS)
        seen["registered"] = added(ids_before, ids(name))
        uninstall(name)
        seen["uninstall"] = (tables(name), columns(name), core_rows(name))
        seen["left"] = left_over(name, added(ids_before, ids(name)))
        seen["state"] = databases.query(
            name, "SELECT state FROM ir_module_module WHERE name = %s", (OURS,)
        )
        yield seen


@pytest.mark.parametrize("step", ["install", "update"])
def test_odoo_has_nothing_to_complain_about(story, step):
    complaints = [
        line
        for line in story["logs"][step].splitlines()
        if any(f" {level} " in line for level in ("WARNING", "ERROR", "CRITICAL"))
    ]
    assert not complaints


def test_installing_makes_our_tables_and_changes_no_row_of_odoo(story):
    _tables, _columns, before = story["before"]
    made, _columns, after = story["install"]
    assert {name for name in made - story["before"][0] if name.startswith("inventory_source")}
    for table in CORE:
        kept = _without_our_columns(before, after, table)
        assert before[table] == {number: kept.get(number) for number in before[table]}, table


def test_updating_changes_nothing(story):
    assert story["update"] == story["install"]


def test_a_used_addon_is_in_odoos_registers(story):
    """So that the next test finds nothing because nothing is left, not because it looks wrongly."""
    assert len(story["crons"]) == 3
    assert story["registered"].keys() >= REGISTERS


def test_uninstalling_leaves_nothing_of_ours(story):
    assert story["state"] == [("uninstalled",)]
    assert story["left"] == {}
    assert story["uninstall"][0] - story["before"][0] == set()
    assert story["uninstall"][1] - story["before"][1] == set()


def test_uninstalling_leaves_odoos_own_data_as_it_was(story):
    assert story["uninstall"][2] == story["before"][2]


@pytest.fixture(scope="module")
def sold():
    """Return a shop that has sold what a supplier has; each test takes a copy of it."""
    with databases.temporary("install-sold") as name:
        databases.install(name, places.log_path("processes-install-sold"))
        databases.shell(name, SELL + CONFIRM + FOLLOW)
        databases.execute(name, ABOUT_TO_LEAVE)
        yield name


def test_after_sales_odoos_documents_stay_and_selling_goes_on(sold):
    with databases.temporary("install-sold-on", sold) as name:
        documents = {
            table: set(databases.query(name, f"SELECT id, name, state FROM {table}"))
            for table in ("sale_order", "purchase_order", "stock_picking")
        }
        assert {len(rows) for rows in documents.values()} == {1}
        uninstall(name)
        for table, rows in documents.items():
            assert set(databases.query(name, f"SELECT id, name, state FROM {table}")) == rows
        assert not {table for table in tables(name) if table.startswith("inventory_source")}
        databases.shell(name, CONFIRM + "env.cr.commit()")
        assert databases.query(name, "SELECT count(*) FROM stock_picking") == [(2,)]


def test_the_command_that_neutralizes_takes_the_tokens_and_holds_what_was_to_leave(sold):
    with databases.temporary("install-neutralized", sold) as name:
        assert databases.query(name, COPY) == [("connected", 1, "queued", None, None)]
        said = neutralize(name)
        assert "Neutralization finished" in said
        assert databases.query(name, COPY) == [("disabled", 0, "held", "copy", "true")]


def test_with_another_configuration_it_takes_no_token_and_the_flag_keeps_the_copy_silent(
    sold, tmp_path
):
    """As the document warns: of an addon that is not on its path, Odoo runs nothing and says so."""
    other = tmp_path / "odoo.conf"
    with other.open("w") as file:
        configuration = configparser.RawConfigParser()
        configuration.read(places.ODOO_CONF)
        configuration["options"]["addons_path"] = ",".join(odoos_addons())
        configuration.write(file)
    with databases.temporary("install-flagged", sold) as name:
        assert "Neutralization finished" in neutralize(name, str(other))
        assert databases.query(name, COPY) == [("connected", 1, "queued", None, "true")]
        assert (
            databases.shell(name, BLOCKED) == "This database is neutralized: a copy must not order."
        )


def _without_our_columns(before, after, table):
    known = next(iter(before[table].values()), {}).keys()
    return {
        number: {name: value for name, value in row.items() if name in known}
        for number, row in after[table].items()
    }
