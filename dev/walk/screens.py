"""Every screen of ours in the shop of the demo data: what actions and buttons of ours open, forms
in each state, the screens of Odoo that carry pieces of ours, and the pages for others.

They are read from the database: a new action, view or state of a record is a new screen.
"""

import contextlib
import dataclasses
import re
from collections.abc import Iterator
from typing import Any

from playwright.sync_api import Error, expect

from demo import scene
from workbench import databases, places, processes
from workbench.rpc import Person

from .person import Visitor
from .stage import warm_up

DESKTOP, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
CONNECTION = "inventory_source.demo_connection"
# What the forms of a model show differs by this field: one of each kind is a screen of its own.
KINDS = {
    "inventory.source.connection": "state",
    "inventory.source.order": "state",
    "inventory.source.product": "state",
    "inventory.source.shipment": "state",
    "sale.order": "inventory_source_progress",
}
# A kind that shows what none of the others does, so it is looked at on a phone, too.
OF_ITS_OWN = {"connected"}
# The demo data has no connection that works, so that nothing leaves. This one has read a catalog.
# A sandbox as the others are: beside a production connection they would not count.
CONNECTED = """
from odoo import fields
from odoo.addons.inventory_source.client.oauth import Grant
from odoo.addons.inventory_source.models.sync.lane import LANES

connection = env["inventory.source.connection"].create(
    {"name": "Wharf & Lantern", "environment": "sandbox", "client_id": "an-app",
     "client_secret": "its-secret"})
scopes = frozenset(lane.scope for lane in LANES.values())
grant = Grant(access_token="a", refresh_token="r", expires_in=86400, scopes=scopes, subject="wharf")
connection._secrets()._store_grant(grant)
connection._set_connected(grant.subject, grant.scopes)
own = {"connection_id": connection.id}
connection.channel_id = env["inventory.source.channel"].create(
    own | {"name": "Wharf & Lantern", "external_id": "601"})
run = env["inventory.source.run"].create(
    own | {"lane": "catalog", "state": "done", "requests": 41, "seen": 4000})
env["inventory.source.catalog"].create(
    own | {"name": "Lanterns", "external_id": "7101", "pass_state": "idle", "run_id": run.id,
           "pass_started_at": fields.Datetime.now(), "confirmed_at": fields.Datetime.now()})
env.cr.commit()
"""
# The screens of Odoo that carry pieces of ours, and which of their records do.
OF_ODOO = {
    "sale.order": ("sale.action_quotations_with_onboarding", "inventory_source_progress"),
    "purchase.order": ("purchase.purchase_form_action", "order_line.inventory_source_line_ids"),
    "product.template": (
        "sale.product_template_action",
        "product_variant_ids.inventory_source_product_ids",
    ),
    "stock.picking": ("stock.action_picking_tree_all", "move_ids.sale_line_id"),
}
OPEN = """async ([action, options, view]) => {
    const { action: service, dialog } = odoo.__WOWL_DEBUG__.root.env.services;
    dialog.closeAll();
    try {
        await service.doAction(action, options);
    } catch (error) {
        throw error.cause || error;
    }
    // A phone begins with cards, whatever was asked for.
    const shown = service.currentController.view?.type;
    if (["pivot", "graph"].includes(view) && shown !== view) await service.switchView(view);
}"""
# What a view shows once its records have come: it may be there before them.
READY = ", ".join(
    (
        *(".o_kanban_record:not(.o_kanban_ghost)", ".o_data_row", ".o_group_header"),
        *(".o_form_sheet", ".o_form_nosheet", ".o_graph_renderer", ".o_pivot table"),
        ".o_view_nocontent",
    )
)
# Nothing fades or slides, and no OdooBot begins to chat over what is looked at.
STILL = """
* { transition: none !important; animation: none !important }
.o-mail-ChatHub { display: none }
"""


@dataclasses.dataclass(frozen=True)
class Screen:
    """Something to look at: an action of the web client, or a page with an address of its own."""

    name: str
    action: dict[str, Any] | int | None = None
    view: str = ""
    address: str = ""
    is_dialog: bool = False
    # Only some of its elements come from our views.
    is_of_odoo: bool = False
    # A form that was shown before, of a record of another kind.
    is_variant: bool = False

    def is_for(self, size: dict[str, int]) -> bool:
        """Return whether it looks its own at that size: a phone shows cards in place of a list."""
        return size == DESKTOP or self.view != "kanban"

    def open(self, visitor: Visitor) -> None:
        """Open it; the visitor is in the web client, unless it is a page."""
        page = visitor.page
        if self.address:
            page.goto(visitor.url + self.address)
        else:
            options: dict[str, Any] = {} if self.is_dialog else {"clearBreadcrumbs": True}
            if self.view:
                options["viewType"] = self.view
            try:
                page.evaluate(OPEN, [self.action, options, self.view])
            except Error as error:
                raise AssertionError(f"{self.name} does not open: {error}") from error
            front = visitor.dialog() if self.is_dialog else visitor.front()
            front.locator(READY).first.wait_for(state="attached")
            expect(page.locator(".o_loading_indicator")).to_have_count(0)

    def faces(self, visitor: Visitor, seen: set[str]) -> Iterator[str]:
        """Open it, and then each of its tabs that was not seen on another; yield their names."""
        self.open(visitor)
        yield self.name
        if self.is_of_odoo or self.address:
            return
        for tab in visitor.front().locator(".o_notebook_headers .nav-link").all()[1:]:
            name = f"{self.name.partition('-form')[0]}-form-{tab.get_attribute('name')}"
            if name not in seen and tab.is_visible():
                seen.add(name)
                tab.click()
                expect(tab).to_have_class(re.compile(r"\bactive\b"))
                yield name


@contextlib.contextmanager
def showing() -> Iterator[Person]:
    """Start Odoo on a fresh database with the demo data of this addon; yield its administrator."""
    with databases.temporary("screens") as database:
        databases.install(database, places.log_path("screens-install"), demo=True)
        databases.shell(database, CONNECTED)
        # Threads, not processes: without a proxy in front only they serve the web client's bus.
        odoo = processes.odoo_server(database, "screens-odoo", workers=0, crons=0)
        with processes.running(odoo, "/web/health"):
            admin = Person(odoo.url, database, scene.ADMIN_LOGIN, scene.ADMIN_PASSWORD)
            warm_up(admin)
            yield admin


def enter(visitor: Visitor, size: dict[str, int]) -> None:
    """Begin anew at that size, in the web client: it decides by it what to load."""
    visitor.page.set_viewport_size(size)
    visitor.open("inventory-source")
    visitor.page.add_style_tag(content=STILL)


def every(admin: Person) -> list[Screen]:
    """Return all screens of the web client; what the demo data lacks for it is made."""
    connection = admin.id_of(CONNECTION)
    return [
        *_of_actions(admin, connection),
        *_of_buttons(admin, connection),
        *_forms(admin),
        *_of_odoo(admin),
    ]


def of_odoo_alone(admin: Person) -> list[Screen]:
    """Return screens of Odoo that have the same kinds of elements as ours, and none of ours."""
    wide = {"pivot_column_groupby": ["partner_id"]}
    sales = {**_form("sale.report"), "views": [[False, "pivot"]], "context": wide}
    sale = admin.search("sale.order", [], "id", limit=1)[0]["id"]
    context = {"active_model": "sale.order", "active_id": sale}
    both = {"search_default_type_person": 1, "search_default_type_company": 1}
    contacts = {**_form("res.partner"), "views": [[False, "list"]], "context": both}
    view = admin.id_of("base.view_partner_form")
    share = _form("portal.share", name="Share", target="new", context=context)
    return [
        Screen("odoo-sales-pivot", sales, "pivot", is_of_odoo=True),
        Screen("odoo-apps-kanban", admin.id_of("base.open_module_tree"), "kanban", is_of_odoo=True),
        Screen("odoo-contacts-list", contacts, "list", is_of_odoo=True),
        Screen("odoo-view-form", _form("ir.ui.view", view), is_of_odoo=True),
        Screen("odoo-share", share, is_dialog=True, is_of_odoo=True),
    ]


def pages(admin: Person) -> list[Screen]:
    """Return the pages for who has no user here: they begin at a link, and customers' orders."""
    fresh = admin.id_of("inventory_source.demo_connection_new")
    link = admin.call("inventory.source.connection", "action_send_link", [fresh])
    link = re.sub(r"^https?://[^/]*", "", link["context"]["default_url"])
    own = "/inventory_source"
    return [
        Screen("page-link", address=link),
        Screen("page-link-unknown", address=f"{own}/connect/of-nobody"),
        *(
            Screen(f"page-result-{outcome.replace('_', '-')}", address=f"{own}/result/{outcome}")
            for outcome in ("connected", "to_confirm", "running", "not_here", "declined")
        ),
        *_portal(admin),
    ]


def _portal(admin: Person) -> Iterator[Screen]:
    for kind in ("partly", "shipped", "late", "canceled"):
        found = admin.search(
            "sale.order", [("inventory_source_progress", "=", kind)], "access_token", limit=1
        )
        for sale in found:
            address = admin.call("sale.order", "get_portal_url", [sale["id"]])
            yield Screen(f"portal-{kind}", address=address, is_of_odoo=True)


def _of_actions(admin: Person, connection: int) -> Iterator[Screen]:
    """Yield each view of each action of ours, with a menu or without, and its dialogs."""
    unknown = admin.search("inventory.source.order", [("state", "=", "unknown")], "id")[0]["id"]
    contexts = {
        "inventory.source.order.resolve": {"default_order_id": unknown},
        "inventory.source.trial.order": {"default_connection_id": connection},
        "inventory.source.tryout.end": {"default_connection_id": connection},
    }
    ours = admin.search(
        "ir.model.data",
        [("module", "=", "inventory_source"), ("model", "=", "ir.actions.act_window")],
        *("name", "res_id"),
    )
    for row in ours:
        action = admin.read(
            "ir.actions.act_window", row["res_id"], "name", "view_mode", "target", "res_model"
        )
        name = _slug(row["name"].replace("inventory_source_", "").replace("action", ""))
        if action["target"] == "new":
            context = contexts.get(action["res_model"], {})
            form = _form(action["res_model"], name=action["name"], target="new", context=context)
            yield Screen(f"{name}-dialog", form, is_dialog=True)
            continue
        for view in action["view_mode"].split(","):
            # Activities are a view of Odoo's own making.
            if view not in {"form", "activity"}:
                yield Screen(f"{name}-{view}", row["res_id"], view)


def _of_buttons(admin: Person, connection: int) -> Iterator[Screen]:
    """Yield what buttons open that have no action of their own."""
    fresh = admin.id_of("inventory_source.demo_connection_new")
    model = "inventory.source.connection"
    admin.call(model, "write", [fresh], {"client_id": "an-app", "client_secret": "its-secret"})
    unlinked = [("product_id", "=", False)]
    product = admin.search("inventory.source.product", unlinked, "id")[0]["id"]
    own = [("connection_id", "=", connection)]
    steps = {
        row["key"]: row["id"] for row in admin.search("inventory.source.setup.step", own, "key")
    }
    for name, of, method, record in (
        ("choose-what-to-sell", model, "action_choose", connection),
        ("connect-with-a-code", model, "action_paste", fresh),
        ("invite-account-owner", model, "action_send_link", fresh),
        ("go-live", model, "action_go_live", connection),
        ("link-to-a-product", "inventory.source.product", "action_link", product),
        ("setup-prices", "inventory.source.setup.step", "action_open", steps["prices"]),
        ("setup-people", "inventory.source.setup.step", "action_open", steps["people"]),
        ("setup-shipping", "inventory.source.setup.step", "action_open", steps["shipping"]),
    ):
        # As Odoo itself completes what a button returns.
        action = {"views": [[False, "form"]], **admin.call(of, method, [record])}
        yield Screen(name, action, is_dialog=action.get("target") == "new")


def _forms(admin: Person) -> Iterator[Screen]:
    """Yield the form of one record of each kind, of all models of ours that have a form."""
    forms = [("type", "=", "form"), ("mode", "=", "primary"), ("priority", "<=", 16)]
    views = admin.search("ir.ui.view", [("model", "like", "inventory.source.%"), *forms], "model")
    passing = admin.search("ir.model", [("transient", "=", True)], "model")
    for model in sorted({view["model"] for view in views} - {one["model"] for one in passing}):
        name = _slug(model.removeprefix("inventory.source."))
        yield from _forms_of(admin, model, f"{name}-form", [])


def _of_odoo(admin: Person) -> Iterator[Screen]:
    for model, (xmlid, has) in OF_ODOO.items():
        name, action = _slug(model), admin.id_of(xmlid)
        for view in ("list", "kanban"):
            yield Screen(f"{name}-{view}", action, view, is_of_odoo=True)
        yield from _forms_of(admin, model, f"{name}-form", [(has, "!=", False)], is_of_odoo=True)


def _forms_of(
    admin: Person, model: str, name: str, domain: list[Any], **more: bool
) -> Iterator[Screen]:
    field = KINDS.get(model)
    rows = admin.search(model, domain, field or "id")
    firsts = {row[field] if field else "": row["id"] for row in reversed(rows)}
    for number, (kind, record) in enumerate(firsts.items()):
        full_name = "-".join(filter(None, (name, kind)))
        is_variant = number > 0 and kind not in OF_ITS_OWN
        yield Screen(full_name, _form(model, record), is_variant=is_variant, **more)


def _form(model: str, record: int | bool = False, **more: Any) -> dict[str, Any]:
    action = {"type": "ir.actions.act_window", "res_model": model, "res_id": record}
    return {**action, "views": [[False, "form"]], **more}


def _slug(words: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-")
