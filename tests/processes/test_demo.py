"""The demo data, loaded by a real Odoo: what each menu shows, what it does not do, and its end.

In a database whose other apps have no demo data, and in one where Odoo loads that of all of them.
Installing without it is in `test_install.py`.
"""

import json

import pytest
from test_install import OURS, REGISTERS, added, columns, ids, left_over, tables, uninstall

from workbench import databases, places

LEAST = 3
# A demo connection is not connected, and nobody is asked whether it is the right account.
NO_DEMO = {"inventory.source.connection.state": ["to_confirm", "connected"]}
# Each menu's list as it opens and without its filters, and the states that no record of ours has.
LOOK = """
import json
from ast import literal_eval
from lxml import etree
from odoo.fields import Domain
from odoo.tools.safe_eval import safe_eval

def opened(action):
    model = env[action.res_model]
    base = Domain(literal_eval(action.domain or "[]"))
    search = etree.fromstring(model.get_view(view_type="search")["arch"])
    wanted = Domain.TRUE
    for key in literal_eval(action.context or "{}"):
        found = search.xpath("//filter[@name=$name]/@domain", name=key[len("search_default_"):])
        if key.startswith("search_default_") and found:
            wanted &= Domain(safe_eval(found[0]))
    return model.search_count(base & wanted), model.search_count(base)

def unused(model):
    for name, field in model._fields.items():
        if field.store and field.type == "selection" and field.name.split("_")[-1] in (
            "state", "status", "kind", "lane"
        ):
            keys = [key for key, _label in field._description_selection(env)]
            yield f"{model._name}.{name}", [
                key for key in keys if not model.search_count([(name, "=", key)])
            ]

root = env.ref("inventory_source.menu_root")
menus = env["ir.ui.menu"].search([("id", "child_of", root.id), ("action", "!=", False)])
lists = menus.filtered(lambda menu: not env[menu.action.res_model]._transient)
ours = [model for name, model in env.items() if name.startswith("inventory.source.")]
kept = [m for m in ours if not (m._abstract or m._transient) and m._auto and m.search_count([])]
print(json.dumps({
    "lists": {menu.complete_name: opened(menu.action) for menu in lists},
    "dialogs": (menus - lists).mapped(lambda menu: menu.action.res_model),
    "unused": {name: keys for model in kept for name, keys in unused(model) if keys},
    "connections": env["inventory.source.connection"].search([]).mapped(
        lambda one: [one.environment, one.state, len(one.sudo().cron_ids)]),
    "with pictures": len(env["inventory.source.product"].search([]).filtered("image_128")),
    "chart": env.company.chart_template,
    "margins": dict(env["inventory.source.sales.report"]._read_group([], ["basis"], ["__count"])),
    "demo": env["ir.module.module"].search(
        [("state", "=", "installed"), ("demo", "=", True)]).mapped("name"),
}))
"""
# All our scheduled actions, with no way out of this process but to the database (libpq's own).
WATCH = """
import json, socket
def refuse(*_args, **_kw):
    raise AssertionError("Something called out")
socket.socket.connect = socket.socket.connect_ex = socket.getaddrinfo = refuse
def seen():
    env.invalidate_all()
    return {
        "mails": env["mail.mail"].search_count([]),
        "messages": env["mail.message"].search_count([]),
        "activities": env["mail.activity"].search_count([]),
        "orders": sorted(env["inventory.source.order"].search([]).mapped(
            lambda order: (order.display_name, order.state))),
        "shipments": sorted(env["inventory.source.shipment"].search([]).mapped(
            lambda one: (one.external_id, one.state, one.mail_state))),
    }
before = seen()
crons = env["ir.cron"].search([]).filtered(lambda cron: cron._is_inventory_source())
for cron in crons:
    cron.method_direct_trigger()
env.cr.commit()
print(json.dumps({"crons": len(crons), "before": before, "after": seen()}))
"""
MAILS = "SELECT count(*) FROM mail_mail"
# Odoo's own demo data writes some, too.
OUR_MAILS = """
SELECT count(*) FROM mail_mail JOIN mail_message said ON said.id = mail_message_id
WHERE said.model LIKE 'inventory.source.%' OR said.model = 'sale.order' AND said.res_id IN (
    SELECT sale.id FROM sale_order sale JOIN res_partner customer ON customer.id = sale.partner_id
    WHERE customer.email LIKE '%@customer.example.com')
"""
DOCUMENTS = ("sale_order", "purchase_order", "stock_picking", "product_product", "account_move")
# Where a record of a model of ours is spoken of.
SPOKEN_OF = {
    "ir_model_data": "module = 'inventory_source' OR model LIKE 'inventory.source.%'",
    "ir_attachment": "res_model LIKE 'inventory.source.%'",
    "mail_message": "model LIKE 'inventory.source.%'",
    "mail_activity": "res_model LIKE 'inventory.source.%'",
    "mail_followers": "res_model LIKE 'inventory.source.%'",
    "ir_act_server": "code LIKE '%_cron_lane(%' OR code LIKE '%inventory_source%'",
}


def run(name, script):
    return json.loads(databases.shell(name, script).strip().splitlines()[-1])


def complaints(log):
    lines = log.read_text().splitlines()
    return [
        line
        for line in lines
        if any(f" {level} " in line for level in ("WARNING", "ERROR", "CRITICAL"))
    ]


def count(name, condition_of):
    return {
        table: databases.query(name, f"SELECT count(*) FROM {table} WHERE {condition}")[0][0]
        for table, condition in condition_of.items()
    }


def documents(name):
    return count(name, dict.fromkeys(DOCUMENTS, "TRUE"))


@pytest.fixture(scope="module")
def story():
    """Install with our demo data only, look, update, let it run, and uninstall."""
    with databases.temporary("demo-data") as name:
        seen = {"before": (tables(name), columns(name)), "ids": ids(name)}
        log = places.log_path("processes-demo-data")
        databases.install(name, log, demo=True)
        seen["complaints"] = complaints(log)
        seen["mails"] = databases.query(name, MAILS)
        seen["look"] = run(name, LOOK)
        seen["watch"] = run(name, WATCH)
        databases.install(name, log, update=True)
        seen["complaints"] += complaints(log)
        seen["look again"] = run(name, LOOK)
        seen["spoken of"] = count(name, SPOKEN_OF)
        seen["documents"] = documents(name)
        uninstall(name)
        seen["after"] = (tables(name), columns(name))
        seen["left"] = {
            **left_over(name, only_registers(added(seen["ids"], ids(name)))),
            **{table: rows for table, rows in count(name, SPOKEN_OF).items() if rows},
        }
        seen["state"] = databases.query(
            name, "SELECT state FROM ir_module_module WHERE name = %s", (OURS,)
        )
        seen["documents left"] = documents(name)
        yield seen


def only_registers(rows):
    """Leave out the documents of the demo: they are Odoo's own, and stay."""
    kept = REGISTERS - {"mail_message", "ir_model_data"}
    return {table: numbers for table, numbers in rows.items() if table in kept}


def test_it_loads_without_a_complaint_and_writes_no_mail(story):
    assert story["complaints"] == []
    assert OURS in story["look"]["demo"]
    assert story["mails"] == [(0,)]


def test_each_menu_opens_a_list_with_rows_as_it_opens_and_without_its_filter(story):
    lists = story["look"]["lists"]
    assert len(lists) >= 14
    # Of these nothing is kept, so they show no list.
    assert {*story["look"]["dialogs"]} == {"inventory.source.dry.run", "inventory.source.tryout"}
    short = {menu: found for menu, found in lists.items() if min(found) < LEAST}
    assert short == {}


def test_each_state_has_a_record(story):
    assert story["look"]["unused"] == NO_DEMO


def test_thirty_products_have_a_picture_and_nothing_is_connected(story):
    assert story["look"]["with pictures"] >= 30
    connections = story["look"]["connections"]
    assert {environment for environment, _state, _crons in connections} == {"sandbox"}
    assert not [one for one in connections if one[1] == "connected" or one[2]]


def test_margins_are_expected_and_where_bills_can_be_posted_billed(story):
    assert margins_shown(story["look"])


def margins_shown(look):
    """Return whether *Drop-ship Sales* shows margins of each kind that there can be."""
    return {*look["margins"]} >= {"expected", *(("billed",) if look["chart"] else ())}


def test_its_scheduled_actions_call_nobody_and_change_nothing(story):
    watch = story["watch"]
    assert watch["crons"] == 5
    assert watch["after"] == watch["before"]
    assert watch["before"]["activities"] > 0


def test_updating_makes_nothing_twice(story):
    assert story["look again"] == story["look"]


def test_uninstalling_leaves_nothing_of_ours_and_the_documents(story):
    assert story["state"] == [("uninstalled",)]
    # So that the next line finds nothing because nothing is left, not because it looks wrongly.
    assert {table for table, rows in story["spoken of"].items() if rows} >= {
        *("ir_model_data", "mail_message", "mail_activity", "mail_followers"),
    }
    assert story["left"] == {}
    assert story["after"][0] - story["before"][0] == set()
    assert story["after"][1] - story["before"][1] == set()
    assert story["documents left"] == story["documents"]
    assert story["documents"]["sale_order"] >= 20


def test_it_loads_beside_the_demo_data_of_all_other_apps():
    with databases.temporary("demo-data-all") as name:
        databases.install(name, places.log_path("processes-demo-data-all-install"))
        assert run(name, LOOK)["with pictures"] == 0
        databases.run_documented("docs/administration.md", "module force-demo", name)
        look = run(name, LOOK)
        assert databases.query(name, OUR_MAILS) == [(0,)]
        # Odoo takes a module whose demo data failed off this list.
        assert len(look["demo"]) > 50 and OURS in look["demo"]
        assert look["unused"] == NO_DEMO
        assert look["chart"] and margins_shown(look)
        assert {menu for menu, found in look["lists"].items() if min(found) < LEAST} == set()
