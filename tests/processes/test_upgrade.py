"""A database that an older version left is updated by a real Odoo, and everything in it goes on."""

import ast
import gzip
import json
import re
from collections import Counter

import pytest

from workbench import databases, places, releases
from workbench.processes import running
from workbench.simulator import Simulator

MANIFEST = ast.literal_eval((places.CHECKOUT / "__manifest__.py").read_text())


def version_of(text):
    """Return a version as numbers, of a file or a folder named after it."""
    return [int(part) for part in text.removesuffix(".sql.gz").split(".")]


# One of today's version may be there already, for the next one.
DUMPS = sorted(
    path
    for path in releases.FOLDER.glob("*.sql.gz")
    if version_of(path.name) < version_of(MANIFEST["version"])
)
# What Odoo registers of ours, and nobody but us can carry on when it has another name.
KEPT_BY_NAME = (
    "ir.model.fields",
    "ir.model.fields.selection",
    "ir.cron",
    "ir.config_parameter",
    "mail.template",
    "res.groups",
    "res.groups.privilege",
)
ALIVE = """
import json
from odoo import models
from odoo.addons.inventory_source.models.sync.lane import LANES
from odoo.modules import Manifest
from odoo.tools import sql
from odoo.tools.convert import convert_file

def ours(name):
    return name.startswith("inventory.source.")

connection = env["inventory.source.connection"].search([("state", "=", "connected")])
said = {"blocked": connection._blocked_reason()}
secrets = connection._secrets()
said["secrets"] = {name: secrets._get(name) for name in ("client_secret", "refresh_token")}
said["figures"] = {
    one.name: [one.price_factor, one.hold_margin, one.change_stock_limit]
    for one in env["inventory.source.connection"].search([])
}
said["told"] = {
    one.name: [
        name
        for name in ("price_factor", "hold_margin", "change_stock_limit", "change_limit")
        for note in one.activity_ids.mapped("note")
        if f"{one._fields[name].string}: " in (note or "")
    ]
    for one in env["inventory.source.connection"].search([])
}
said["missing"] = [
    one.full_name(model)
    for model in map(env.get, filter(ours, env.registry))
    if model._auto and not model._abstract
    for one in model._table_objects.values()
    if isinstance(one, models.Constraint)
    and sql.constraint_definition(env.cr, model._table, one.full_name(model))
    != one.get_definition(env.registry)
]
said["schedules"] = [
    [cron.name, connection._prepare_cron(lane)["name"]]
    for lane in LANES.values()
    for cron in connection._lane_cron(lane.key)
]

# What stands in the records that Odoo never updates.
def kept():
    env.invalidate_all()
    return {
        f"{data.name}: {name}": str(env[data.model].browse(data.res_id)[name])
        for data in never_updated
        for name, field in env[data.model]._fields.items()
        if field.store and field.type in ("char", "text", "html", "selection", "boolean", "integer")
    }

never_updated = env["ir.model.data"].search(
    [("module", "=", "inventory_source"), ("noupdate", "=", True)]
)
before = kept()
with env.cr.savepoint() as point:
    for path in Manifest.for_addon("inventory_source")["data"]:
        if path.startswith(("data/", "security/")) and path.endswith(".xml"):
            convert_file(env, "inventory_source", path, {}, mode="init")
    said["old"] = sorted(name for name, value in kept().items() if value != before[name])
    point.rollback()
said["never_updated"] = len(before)
env.invalidate_all()
connection.action_moved()
env.cr.commit()
connection._run_lane_now("order")
print(json.dumps(said))
"""
SHIPMENT = """
connection = env["inventory.source.connection"].search([("state", "=", "connected")])
connection._run_lane_now("order")
env.cr.commit()
env["inventory.source.order"].search([("name", "=", "{number}")]).action_check_shipments()
env.cr.commit()
"""
SOLD = """
SELECT DISTINCT external_id FROM inventory_source_product WHERE product_id IN
       (SELECT product_id FROM sale_order_line)
"""
# Sales of which something is bought of a supplier; of those, with and without a margin; and others
# that have one.
EARNED = """
WITH bought AS (
    SELECT DISTINCT o.sale_order_id AS id
      FROM inventory_source_order o JOIN inventory_source_order_line line ON line.order_id = o.id
     WHERE o.state NOT IN ('rejected', 'cancelled') AND line.state <> 'rejected'
       AND o.is_test IS NOT TRUE AND line.sale_line_id IS NOT NULL)
SELECT count(*) FILTER (WHERE bought.id IS NOT NULL),
       count(*) FILTER (WHERE bought.id IS NOT NULL AND sale.inventory_source_cost > 0
                          AND sale.inventory_source_margin_basis = 'expected'),
       count(*) FILTER (WHERE bought.id IS NULL AND sale.inventory_source_margin_basis IS NOT NULL)
  FROM sale_order sale LEFT JOIN bought ON bought.id = sale.id
"""
# What 19.0.1.0.0 left of a deleted connection, and what only resembles it: somebody changed or made
# it, or its connection is there.
LEFT = """
WITH left_over(code, usage) AS (VALUES
    ('model.browse(987654)._cron_lane("order")', 'ir_cron'),
    ('model.browse(987654)._cron_lane("order")  # and more', 'ir_cron'),
    ('model.browse(987654)._cron_lane("order")', 'ir_actions_server'),
    ('model.browse(1)._cron_lane("order")', 'ir_cron'))
INSERT INTO ir_act_server
SELECT (jsonb_populate_record(action, to_jsonb(left_over) ||
        jsonb_build_object('id', nextval('ir_actions_id_seq')))).*
  FROM ir_act_server action, left_over
 WHERE action.code = 'model.browse(1)._cron_lane("order")'
"""
ACTIONS = """
SELECT usage, code, EXISTS (SELECT FROM ir_cron WHERE ir_actions_server_id = action.id)
  FROM ir_act_server action WHERE code LIKE '%._cron_lane(%'
"""
QUEUED = """
SELECT name FROM inventory_source_order WHERE state = 'queued' AND is_placeholder IS NOT TRUE
"""
# What of the database's schema is ours, on Odoo's tables too: columns, constraints, indexes.
SCHEMA = """
SELECT 'column', table_name, column_name,
       concat_ws(' ', data_type, character_maximum_length, is_nullable, column_default)
  FROM information_schema.columns
 WHERE concat(table_name, ' ', column_name) LIKE '%inventory\\_source%'
 UNION ALL
SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid)
  FROM pg_constraint
 WHERE concat(conrelid::regclass, ' ', conname, ' ', pg_get_constraintdef(oid))
       LIKE '%inventory\\_source%'
 UNION ALL
SELECT 'index', tablename, indexname, indexdef
  FROM pg_indexes WHERE indexdef LIKE '%inventory\\_source%'
"""


def schema(database):
    """Return the columns, constraints and indexes of ours.

    Without casts and parentheses: PostgreSQL writes those of a restored database differently.
    """
    plain = re.compile(r"::[a-z ]+(?:\[\])?|[()]")
    return {(*of, plain.sub("", text)) for *of, text in databases.query(database, SCHEMA)}


# The shipment that was voided, and what is asked about it.
VOIDED = "SELECT state, problem FROM inventory_source_shipment WHERE status = 'voided'"

LATE = """
SELECT o.late_at, line.late_at
  FROM inventory_source_order o JOIN inventory_source_order_line line ON line.order_id = o.id
 WHERE o.late_at IS NOT NULL
"""


def rows(database):
    """Return how many rows each table of ours has, and the documents of Odoo that follow it."""
    tables = databases.query(
        database,
        "SELECT table_name FROM information_schema.tables WHERE table_type = 'BASE TABLE' AND "
        "(table_name LIKE 'inventory_source%' OR table_name IN ('sale_order', 'purchase_order',"
        " 'purchase_order_line', 'stock_picking', 'stock_move', 'product_product'))",
    )
    count = "SELECT count(*) FROM"
    return {table: databases.query(database, f"{count} {table}")[0][0] for (table,) in tables}


def states(database):
    """Return each record of ours that has a state, and the state."""
    tables = databases.query(
        database,
        "SELECT table_name FROM information_schema.columns JOIN information_schema.tables "
        "USING (table_schema, table_name) WHERE column_name = 'state' AND data_type LIKE 'char%%' "
        "AND table_type = 'BASE TABLE' AND table_name LIKE 'inventory_source%%'",
        (True,),
    )
    return {
        table: dict(databases.query(database, f"SELECT id, state FROM {table}"))
        for (table,) in tables
    }


def names(database):
    """Return what of ours is kept under its name: stored fields with their type, records."""
    found = databases.query(
        database,
        """
        SELECT d.model, d.name, f.ttype, f.relation FROM ir_model_data d
          LEFT JOIN ir_model_fields_selection s
                 ON d.model = 'ir.model.fields.selection' AND s.id = d.res_id
          LEFT JOIN ir_model_fields f
                 ON f.id = CASE d.model WHEN 'ir.model.fields' THEN d.res_id ELSE s.field_id END
          LEFT JOIN ir_model m ON m.id = f.model_id
         WHERE d.module = 'inventory_source' AND d.model = ANY(%s)
           AND (f.id IS NULL OR (f.store AND NOT m.transient))
        """,
        (list(KEPT_BY_NAME),),
    )
    return set(found)


def unnamed(gone, scripts):
    """Return what is gone and no script says a word about."""
    words = set(re.findall(r"\w+", scripts))
    return sorted(name for _model, name, *_how in gone if name.split("__")[-1] not in words)


def scripts_since(version):
    """Return the text of the scripts that bring a database of that version along."""
    return "\n".join(
        path.read_text()
        for path in sorted((places.CHECKOUT / "migrations").glob("*/*.py"))
        if version_of(path.parent.name) > version_of(version)
    )


@pytest.fixture(scope="module", params=DUMPS, ids=lambda path: path.name.removesuffix(".sql.gz"))
def story(request):
    """Restore, update, go on; the tests look at what was seen on the way."""
    with pytest.MonkeyPatch.context() as patch, databases.temporary("upgrade") as name:
        patch.setenv("INVENTORY_SOURCE_KEY", releases.KEY)
        releases.restore(request.param, name)
        databases.execute(name, LEFT)
        databases.execute(name, "UPDATE inventory_source_order SET late_at = accepted_at")
        version = request.param.name.removesuffix(".sql.gz")
        seen = {"version": version, "before": look(name)}
        log = places.log_path("processes-upgrade")
        databases.install(name, log, update=True)
        seen |= {"log": log.read_text(), "after": look(name)}
        seen |= go_on(name)
        yield seen


@pytest.fixture(scope="module")
def new():
    """The schema of a database that this version was installed in."""
    with databases.temporary("upgrade-new") as name:
        databases.install(name, places.log_path("processes-upgrade-new"))
        yield schema(name)


def look(database):
    version = "SELECT latest_version FROM ir_module_module WHERE name = 'inventory_source'"
    return {
        "version": databases.query(database, version)[0][0],
        "rows": rows(database),
        "states": states(database),
        "names": names(database),
        "schema": schema(database),
        "actions": Counter(databases.query(database, ACTIONS)),
    }


def go_on(database):
    """Work with a simulator that never saw this database, but knows its retailer."""
    simulator = Simulator("--products", "120", "--catalogs", "2", name="upgrade-simulator")
    with running(simulator.server, simulator.ready_path):
        simulator.lift_pool()
        given = simulator.control("/credentials")
        sold = databases.query(database, SOLD)
        for (product,) in sold:
            simulator.control(f"/products/{product}", {"quantity": 500}, "PATCH")
        # Its next order has another number than those the database knows.
        for number in range(30):
            simulator.control("/orders", {"number": f"OTHER-{number}", "product_id": product})
        for column in ("authorize_url", "token_url", "api_url"):
            databases.execute(
                database,
                f"UPDATE inventory_source_connection SET {column} = "
                f"replace({column}, '{releases.SIMULATOR}', '{simulator.url}')",
            )
        ((number,),) = databases.query(database, QUEUED)
        said = json.loads(databases.shell(database, ALIVE).splitlines()[-1])
        (order,) = simulator.control(f"/orders?number={number}")
        simulator.control(f"/orders/{order['id']}/ship", {})
        databases.shell(database, SHIPMENT.format(number=number))
        sent = Counter(one["orderNumber"] for one in simulator.control("/orders"))
        shipment = (
            "SELECT o.state, s.state, p.state, p.carrier_tracking_ref = s.tracking_number "
            "FROM inventory_source_order o JOIN inventory_source_shipment s ON s.order_id = o.id "
            "JOIN inventory_source_shipment_stock_picking_rel r "
            "ON r.inventory_source_shipment_id = s.id "
            "JOIN stock_picking p ON p.id = r.stock_picking_id WHERE o.name = %s"
        )
        return {
            "said": said,
            "given": given,
            "number": number,
            "sent": {number: times for number, times in sent.items() if number[:5] != "OTHER"},
            "shipped": databases.query(database, shipment, (number,)),
            "earned": databases.query(database, EARNED)[0],
            "voided": databases.query(database, VOIDED),
            "late": databases.query(database, LATE),
            "orders": states(database)["inventory_source_order"],
        }


def test_the_first_version_left_a_database_that_any_postgresql_restores():
    (first,) = (path for path in DUMPS if path.name == "19.0.1.0.0.sql.gz")
    assert first.stat().st_size < 6_000_000
    with gzip.open(first, "rt") as file:
        text = file.read()
    assert lost_elsewhere(text) == []
    assert len(text.splitlines()) > 10_000


def lost_elsewhere(text):
    """Return the lines of a dump that some PostgreSQL from 15 on would not take."""
    return sorted((Counter(text.splitlines(True)) - Counter(releases.portable(text))).elements())


@pytest.mark.parametrize(
    ("line", "lost"),
    [
        ("\\restrict 1aBcD", True),
        ("SET transaction_timeout = 0;", True),
        ("COMMENT ON EXTENSION unaccent IS 'dictionary that removes accents';", True),
        ("SET statement_timeout = 0;", False),
        ("COPY public.note (body) FROM stdin;\n-- a customer's words\n\\.", False),
    ],
)
def test_a_line_that_not_any_postgresql_takes_is_found(line, lost):
    assert bool(lost_elsewhere(f"SET row_security = off;\n{line}\n")) == lost


def test_it_is_a_database_of_that_version_and_becomes_one_of_this(story):
    assert story["before"]["version"] == story["version"]
    assert story["after"]["version"] == MANIFEST["version"]


def test_odoo_has_nothing_to_complain_about(story):
    loud = r".* (?:ERROR|CRITICAL) .*"
    ours = r".* WARNING \S+ odoo\.(?:schema|registry|addons\.inventory_source).*"
    complaints = re.findall(f"{loud}|{ours}", story["log"])
    assert not complaints


def test_every_record_is_there_in_its_state(story):
    before, after = story["before"], story["after"]
    assert after["rows"] == before["rows"] | dict.fromkeys(
        after["rows"].keys() - before["rows"].keys(), 0
    )
    # New tables are empty.
    assert {table: found for table, found in after["states"].items() if found} == {
        table: found for table, found in before["states"].items() if found
    }
    orders = set(before["states"]["inventory_source_order"].values())
    assert len(orders) == 9
    assert len(set(before["states"]["inventory_source_shipment"].values())) == 5


def test_what_has_another_name_now_is_named_by_a_script(story):
    known = story["before"]["names"]
    assert len(known) > 300
    gone = known - story["after"]["names"]
    assert unnamed(gone, scripts_since(story["version"])) == []


def test_a_field_that_no_script_names_is_found():
    field, value = (
        "field_inventory_source_order__reason",
        "selection__inventory_source_order__state__held",
    )
    gone = {
        ("ir.model.fields", field, "text", None),
        ("ir.model.fields.selection", value, None, None),
    }
    assert unnamed(gone, "order.write({'reason': False})  # not beheld") == [value]
    assert scripts_since("19.0.1.0.0")
    assert not scripts_since("19.0.99.0.0")


def test_its_tables_are_those_of_a_new_database(story, new):
    """Odoo adds what is missing, and keeps an index that the code has no more."""
    kinds = Counter(kind for kind, *_what in new)
    assert all(kinds[kind] > 100 for kind in ("column", "constraint", "index"))
    assert story["after"]["schema"] ^ new == set()


def test_every_constraint_of_today_holds(story):
    assert story["said"]["missing"] == []


def test_figures_that_were_none_are_those_of_a_new_connection_and_somebody_is_told(story):
    assert story["said"]["figures"] == {
        "Riverside Outfitters": [1.5, 0.0, 80.0],
        "Sandbox": [1.5, 0.0, 80.0],
    }
    assert story["said"]["told"] == {
        "Riverside Outfitters": ["change_stock_limit"],
        "Sandbox": ["price_factor", "hold_margin"],
    }


def test_what_odoo_never_updates_says_what_it_says_in_a_new_database(story):
    assert story["said"]["never_updated"] > 100
    assert story["said"]["old"] == []
    assert len(story["said"]["schedules"]) == 3
    for name, new in story["said"]["schedules"]:
        assert name == new


def test_a_server_action_that_a_deleted_connection_left_goes_and_no_other(story):
    before, after = story["before"]["actions"], story["after"]["actions"]
    gone = ("ir_cron", 'model.browse(987654)._cron_lane("order")', False)
    assert before - after == Counter([gone])
    assert after.total() == 3 + 3


def test_secrets_open_with_their_key(story):
    given = story["given"]
    assert story["said"]["secrets"] == {
        "client_secret": given["client_secret"],
        "refresh_token": given["retailers"][0]["vip_refresh_token"],
    }


def test_a_restored_database_stays_silent_until_somebody_says_that_it_is_the_live_one(story):
    assert "database" in story["said"]["blocked"]


def test_what_was_queued_is_sent_once(story):
    assert story["sent"][story["number"]] == 1
    # And what was only confirmed.
    assert set(story["sent"].values()) == {1}
    assert len(story["sent"]) == 2


def test_what_was_being_sent_is_unknown(story):
    before = story["before"]["states"]["inventory_source_order"]
    (sending,) = (order for order, state in before.items() if state == "sending")
    assert story["orders"][sending] == "unknown"


def test_what_its_sales_earn_is_worked_out_and_of_no_others(story):
    bought, earned, others = story["earned"]
    assert bought > 3
    assert (earned, others) == (bought, 0)


def test_a_void_that_somebody_is_asked_about_needs_a_person(story):
    assert story["voided"] == [("voided", "voided")]


def test_lines_of_orders_that_were_late_are_late(story):
    assert story["late"]
    assert all(order == line for order, line in story["late"])


def test_its_shipment_comes_and_does_its_transfer(story):
    assert story["shipped"] == [("done", "applied", "done", True)]
