"""A shop full of hostile words in a real browser: nothing of them runs, and nobody is called."""

import json
from pathlib import Path

import pytest
from walk.person import Visitor

from demo import scene
from workbench import databases, places
from workbench.browser import chromium
from workbench.processes import odoo_server, running
from workbench.rpc import Person

# Runs in Odoo's shell. The folder is a package here without what its own __init__ imports.
SCRIPT = """
import json, sys, types
from unittest.mock import patch
hostile = sys.modules["hostile"] = types.ModuleType("hostile")
hostile.__path__ = [{folder!r}]
from hostile import hostile_service
from odoo.addons.inventory_source.client.oauth import SCOPES, Grant
from workbench import shop

def keep():
    env.cr.commit()
    env.invalidate_all()

connection = env["inventory.source.connection"].create(
    {{"name": "Hostile", "environment": "production", "client_id": "c", "client_secret": "s"}}
)
connection._secrets()._store_grant(Grant("access", "refresh", 86400, frozenset(SCOPES), "hostile"))
connection._set_connected("hostile", SCOPES)
keep()
customer = shop.add_customer(env)
service = hostile_service.HostileService()
made = {{"inventory.source.connection": connection.ids}}
with patch.object(type(connection), "_transport", lambda _self: service), shop.pool_lifted():
    offers = hostile_service.load(connection, keep)
    few = offers[: hostile_service.BOUGHT]
    taken = hostile_service.sell(connection, few, keep, partner_id=customer.id)
    taken.inventory_source_order_ids.next_check_at = env.cr.now()
    keep()
    connection._run_lane_now("shipment")
    service.refusing = "whole"
    refused = hostile_service.sell(connection, few, keep, partner_id=customer.id)
    sales = taken | refused
    made |= {{
        "inventory.source.product": offers[::60].ids,
        "product.template": offers[::60].product_id.product_tmpl_id.ids,
        "sale.order": sales.ids,
        "purchase.order": sales._get_purchase_orders()[:1].ids,
        "inventory.source.order": sales.inventory_source_order_ids.sorted("id").ids,
        "inventory.source.shipment": taken.inventory_source_order_ids.shipment_ids[:2].ids,
    }}
portal = taken.get_portal_url()
keep()
print("MADE", json.dumps([made, portal]))
"""
LISTS = {
    "inventory.source.product": "list,kanban,form",
    "product.template": "kanban,list,form",
    "inventory.source.shipment": "list,form",
    "inventory.source.problem": "list,form",
    "mail.activity": "list,form",
}
# Whose forms are there only with their chatter, which comes last.
TALKS = {"inventory.source.connection", "inventory.source.order", "sale.order"}
# What the words would be if they were more than text.
JUDGE = r"""() => {
    const named = ["src", "href", "data", "action", "formaction", "xlink:href"];
    const leads =
        /^[\x00-\x20]*(javascript:[^;]*alert|vbscript|data:text|(https?:)?\/\/x\.example)/i;
    return [...document.querySelectorAll("*")].flatMap((element) =>
        [...element.attributes]
            .filter(({ name, value }) =>
                (name.startsWith("on") && value.includes("alert(1)")) ||
                (named.includes(name) && leads.test(value) &&
                    element.rel !== "noopener nofollow"))
            .map(({ name, value }) => `${element.tagName} ${name}=${value}`)
    );
}"""


@pytest.fixture(scope="module")
def shop():
    with databases.temporary("hostile") as name:
        databases.install(name, places.log_path("hostile-install"))
        printed = databases.shell(name, SCRIPT.format(folder=str(Path(__file__).parents[1])))
        line = next(line for line in printed.splitlines() if line.startswith("MADE "))
        made, portal = json.loads(line.removeprefix("MADE "))
        # Threads, not processes: without a proxy in front only they serve the web client's bus.
        with running(odoo_server(name, "hostile-odoo", workers=0, crons=0), "/web/health") as odoo:
            yield Person(odoo.url, name, scene.ADMIN_LOGIN, scene.ADMIN_PASSWORD), made, portal


class Witness:
    """Looks at pages, and hears what runs in them and whom they call."""

    def __init__(self, page, url):
        self.page, self.url = page, url
        self.heard = []
        page.on("dialog", self._dialog)
        page.on("request", self._request)

    def _dialog(self, dialog):
        self.heard.append(f"{self.page.url} says {dialog.message}")
        dialog.dismiss()

    def _request(self, request):
        if not request.url.startswith((self.url, "data:image", "blob:", "about:")):
            self.heard.append(f"{self.page.url} calls {request.url}")

    def look(self, path, selector):
        """Open a page, wait for what is to be seen, and return what is more than text."""
        self.page.goto(self.url + path)
        self.page.locator(selector).first.wait_for()
        return self.judge()

    def judge(self):
        found = self.page.evaluate(JUDGE) + self.heard
        return [f"{self.page.url}: {each}" for each in found]


def test_no_word_of_the_service_runs_in_a_browser_or_calls_a_stranger(shop):
    admin, made, portal = shop
    with chromium() as page:
        Visitor(page, admin.url).log_in(scene.ADMIN_LOGIN, scene.ADMIN_PASSWORD)
        witness = Witness(page, admin.url)
        for model, modes in LISTS.items():
            values = {"name": model, "res_model": model, "view_mode": modes, "limit": 200}
            action = admin.create("ir.actions.act_window", **values)
            shown = ".o_data_row, .o_kanban_record:not(.o_kanban_ghost)"
            assert witness.look(f"/odoo/action-{action}", shown) == []
            for mode in modes.split(",")[1:-1]:
                page.locator(f".o_switch_view.o_{mode}").click()
                page.locator(f".o_{mode}_view").first.wait_for()
                assert witness.judge() == []
        for model, numbers in made.items():
            for number in numbers:
                shown = ".o-mail-Message" if model in TALKS else ".o_form_view .o_form_sheet"
                assert witness.look(f"/odoo/{model}/{number}", shown) == []
        asked = f"/odoo/inventory.source.order/{made['inventory.source.order'][-1]}"
        assert witness.look(asked, ".o-mail-Activity-note") == []
        assert "onerror=alert(1)" in page.locator(".o-mail-Activity-note").first.inner_text()
        assert witness.look(portal, "#inventory_source_shipments") == []
        assert "onerror=alert(1)" in page.locator("body").inner_text()

        planted = "<img src=x onerror=alert(1)><img src='https://x.example/pixel.gif'>"
        with page.expect_event("dialog"), page.expect_request("https://x.example/**"):
            page.evaluate("(html) => document.body.insertAdjacentHTML('beforeend', html)", planted)
        assert len(witness.judge()) == 4, "it would have been seen and heard"
