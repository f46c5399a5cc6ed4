"""Installing, updating and uninstalling the addon, each by a real Odoo on a database of its own."""

import pytest

from workbench import databases, places

OURS = "inventory_source"
# Tables of Odoo whose rows say what there is to see, to schedule and to be allowed.
REGISTERS = {
    "ir_model": "model LIKE 'inventory.source%'",
    "ir_model_fields": "model LIKE 'inventory.source%' OR name LIKE 'inventory_source%'",
    "ir_ui_view": "model LIKE 'inventory.source%' OR arch_db::text LIKE '%inventory_source%'",
    "ir_act_window": "res_model LIKE 'inventory.source%'",
    "ir_act_server": "code LIKE '%inventory%source%' OR code LIKE '%_cron_lane%'",
    "ir_ui_menu": "name::text ILIKE '%inventory source%'",
    "ir_model_access": "name LIKE 'inventory_source%'",
    "ir_rule": "name LIKE 'Inventory Source%'",
    "res_groups_privilege": "name::text ILIKE '%inventory source%'",
    "mail_template": "name::text ILIKE '%inventory source%'",
    "ir_config_parameter": "key LIKE 'inventory_source%'",
}
CORE = ("res_partner", "res_users", "res_company", "product_template", "product_product",
        "product_category", "stock_location", "stock_route", "stock_rule", "stock_picking_type",
        "account_tax", "res_groups", "ir_cron", "mail_template", "ir_ui_menu")  # fmt: skip


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
        table: dict(databases.query(database, f"SELECT id, {kept} FROM {table} t"))  # noqa: S608
        for table in CORE
    }


@pytest.fixture(scope="module")
def story():
    """Install, update and uninstall once; the tests look at what was seen on the way."""
    with databases.temporary("install") as name:
        seen = {"before": (tables(name), columns(name), core_rows(name)), "logs": {}}
        for step, update in (("install", False), ("update", True)):
            log = places.log_path(f"processes-{step}")
            databases.install(name, log, update=update)
            seen[step] = (tables(name), columns(name), core_rows(name))
            seen["logs"][step] = log.read_text()
        databases.shell(
            name,
            "env['ir.module.module'].search([('name', '=', 'inventory_source')])"
            ".button_immediate_uninstall()\nenv.cr.commit()\n",
        )
        seen["uninstall"] = (tables(name), columns(name), core_rows(name))
        seen["left"] = {
            table: databases.query(name, f"SELECT id FROM {table} WHERE {where}")  # noqa: S608
            for table, where in REGISTERS.items()
        }
        seen["left"]["ir_model_data"] = databases.query(
            name, "SELECT model, name FROM ir_model_data WHERE module = %s", (OURS,)
        )
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


def test_uninstalling_leaves_nothing_of_ours(story):
    assert story["state"] == [("uninstalled",)]
    assert {table: rows for table, rows in story["left"].items() if rows} == {}
    assert story["uninstall"][0] - story["before"][0] == set()
    assert story["uninstall"][1] - story["before"][1] == set()


def test_uninstalling_leaves_odoos_own_data_as_it_was(story):
    assert story["uninstall"][2] == story["before"][2]


def _without_our_columns(before, after, table):
    known = next(iter(before[table].values()), {}).keys()
    return {
        number: {name: value for name, value in row.items() if name in known}
        for number, row in after[table].items()
    }
