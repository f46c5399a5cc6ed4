"""The main job in a real browser, on a real server that works through its own scheduled actions."""

import json
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect
from walk import day, first_sale, night, stage
from walk.person import Visitor

from demo import scene
from workbench import databases, places, processes
from workbench.browser import chromium
from workbench.rpc import OdooError, Person
from workbench.simulator import Simulator

# The first sale of who is new; a minute is the machine's, with 1,500 products to be downloaded.
MOST_CLICKS, MOST_PAGES, MOST_SECONDS = 45, 12, 300
# A page of products of a service that names everything otherwise.
ANSWER = {"items": [{"nr": 7, "code": "A-1", "name": "Creel", "price": "9.50", "left": 3}]}


@pytest.fixture(scope="module")
def running() -> Iterator[stage.Stage]:
    """One shop for both: the mapping is tried after the walk, and none is in use before."""
    with stage.running() as shop:
        yield shop


# What a running server writes by itself: to open screens, who is present, its own schedule.
LOGS = {
    *("bus_bus", "bus_presence", "mail_presence", "ir_cron_trigger", "ir_cron_progress"),
    *("res_users_log", "res_device_log"),
}
AT_WORK = "at work at this moment"


def rows(database: str) -> dict[str, int]:
    """Return how many rows each table has, past Odoo; but for what the web client is made of."""
    tables = databases.query(
        database,
        # What servers tell each other to forget: Odoo takes some of it away again.
        "SELECT tablename FROM pg_tables"
        " WHERE schemaname = 'public' AND tablename NOT LIKE 'orm_signaling_%'",
    )
    # Odoo's own actions are waited for, and do nothing more today: the digest writes messages.
    databases.execute(
        database,
        "UPDATE ir_cron SET nextcall = nextcall + interval '1 day' "
        "WHERE cron_name NOT LIKE 'Inventory Source%' AND nextcall < now() + interval '12 hours'",
    )
    counts = [
        f"""SELECT '{name}', count(*) FROM "{name}" """ for (name,) in tables if name not in LOGS
    ]
    found = dict(databases.query(database, " UNION ALL ".join(counts)))
    ((assets,),) = databases.query(
        database, "SELECT count(*) FROM ir_attachment WHERE res_model = 'ir.ui.view'"
    )
    return found | {"ir_attachment": found["ir_attachment"] - assets}


def until(look: Callable[[], Any], seconds: float = 120) -> Any:
    """Look again and again until there is something to see, and return it."""
    ends = time.monotonic() + seconds
    while not (seen := look()):
        assert time.monotonic() < ends, "nothing was seen in time"
        time.sleep(0.5)
    return seen


def sell_of_a_trial(admin: Person, trial: int) -> int:
    """Import some products of a trial, sell one and wait until the server has sent it."""
    own = [("connection_id", "=", trial)]
    offers = until(lambda: admin.search("inventory.source.product", own, "id", limit=4))
    admin.call("inventory.source.product", "action_import", [offer["id"] for offer in offers])
    wanted = [*own, ("product_id", "!=", False), ("quantity", ">", 0)]
    found = admin.search("inventory.source.product", wanted, "product_id", limit=1)
    customer = admin.search("res.partner", [("name", "=", "Carla Customer")], "id")[0]["id"]
    line = {"product_id": found[0]["product_id"][0], "product_uom_qty": 1}
    sale = admin.create("sale.order", partner_id=customer, order_line=[(0, 0, line)])
    admin.call("sale.order", "action_confirm", [sale])
    sent = [("sale_order_id", "=", sale), ("state", "=", "accepted")]
    until(lambda: admin.search("inventory.source.order", sent, "id"))
    return sale


def end_trial(admin: Person, trial: int) -> bool:
    """Take a trial away, unless it works at this moment; return whether it did."""
    end = admin.create("inventory.source.tryout.end", connection_id=trial)
    try:
        admin.call("inventory.source.tryout.end", "action_end", [end])
    except OdooError as error:
        assert AT_WORK in str(error), error
        return False
    return True


def trials(admin: Person) -> list[dict[str, Any]]:
    return admin.search("inventory.source.connection", [("is_tryout", "=", True)], "state")


@pytest.fixture(scope="module")
def without_account() -> Iterator[Simulator]:
    simulator = Simulator("--products", "60", name="tryout-simulator", environment="sandbox")
    with processes.running(simulator.server, simulator.ready_path):
        yield simulator


def test_what_the_compose_file_prepares_is_a_trial_and_goes_without_a_trace(
    running: stage.Stage, without_account: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = rows(running.database)
    monkeypatch.setenv("SIMULATOR", without_account.url)
    script = places.CHECKOUT / "dev/compose/prepare.py"
    databases.shell(running.database, script.read_text())
    (trial,) = trials(running.admin)
    assert trial["state"] == "connected"
    # The server reads catalogs meanwhile.
    until(lambda: end_trial(running.admin, trial["id"]))
    assert rows(running.database) == before


def test_a_stranger_tries_it_without_an_account_and_leaves_no_trace(
    running: stage.Stage, without_account: Simulator
) -> None:
    pictures = os.environ.get("TRYOUT_PICTURES")
    with chromium() as page:
        visitor = Visitor(page, running.url, Path(pictures) if pictures else None)
        visitor.log_in(scene.ADMIN_LOGIN, scene.ADMIN_PASSWORD)
        visitor.open("inventory-source")
        before = rows(running.database)
        page.get_by_text("try it without one").click()
        visitor.sees("A simulator plays Inventory Source: three suppliers")
        visitor.fill("address", without_account.url)
        visitor.picture("tryout")
        visitor.press("Try It")
        visitor.sees("This is a trial.")
        expect(visitor.field("channel_id").locator("input")).not_to_have_value("")
        visitor.picture("trial")
        (trial,) = trials(running.admin)
        sale = sell_of_a_trial(running.admin, trial["id"])
        visitor.press("Ship Orders, or End the Trial")
        visitor.sees("A trial is running.")
        visitor.picture("trial-running")
        visitor.press("Ship Orders")
        delivered = [("sale_id", "=", sale), ("state", "=", "done")]
        until(lambda: running.admin.search("stock.picking", delivered, "id"))
        visitor.open("inventory-source")
        page.locator(".o_kanban_record").get_by_text("Trial (simulated)").click()
        said = page.get_by_text("The trial was taken away.")
        for _try in range(12):
            visitor.press("Ship Orders, or End the Trial")
            visitor.sees("A trial is running.")
            visitor.press("Take It Away")
            visitor.sees("This goes, and cannot be brought back")
            visitor.picture("trial-end")
            visitor.press("Take It Away")
            expect(said.or_(page.get_by_text(AT_WORK)).first).to_be_visible()
            if said.is_visible():
                break
            page.reload()
        expect(said).to_be_visible()
        # As a link, not as the HTML of one.
        expect(page.locator("a", has_text="try it without one")).to_be_visible()
        visitor.picture("trial-ended")
    assert rows(running.database) == before
    assert not trials(running.admin)


def tell(capsys: pytest.CaptureFixture[str], name: str, visitor: Visitor) -> None:
    """Print what a walk cost, passed or not."""
    with capsys.disabled():
        print(f"\n{name}\n{visitor.counter.table()}")  # noqa: T201 - for whoever reads the run


def test_who_is_new_has_sold_after_a_few_clicks_on_a_few_pages(
    running: stage.Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    """From a fresh database over the service's pages to a sale that was accepted."""
    with stage.visiting(running) as visitor:
        try:
            order = first_sale.walk(visitor, running)
        finally:
            tell(capsys, "The first sale", visitor)
        spent = visitor.counter.total()
    assert spent.clicks <= MOST_CLICKS
    assert spent.pages <= MOST_PAGES
    assert spent.seconds <= MOST_SECONDS
    received = running.simulator.control("/orders")
    assert [remote["orderNumber"] for remote in received] == [order]
    sold = running.admin.search(
        "sale.order.line", [("order_id.name", "=", order)], "product_uom_qty"
    )
    assert len(received[0]["items"]) == len(sold) == 2
    assert {item["status"] for item in received[0]["items"]} == {"accepted"}
    refused = [entry for entry in running.simulator.journal() if entry["status"] == 429]
    assert refused == []


def test_a_day_of_what_went_wrong_ends_with_a_dashboard_that_asks_for_nothing(
    running: stage.Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    """Held, to verify, rejected, late, canceled there, a change, a category and a return."""
    sales = night.pass_by(running)
    with stage.visiting(running) as visitor:
        try:
            day.walk(visitor, running, sales)
        finally:
            tell(capsys, "A day", visitor)
    for order in (sales.held, sales.to_verify, sales.rejected, sales.late):
        # What the supplier may have had was not sent again.
        (remote,) = running.simulator.control(f"/orders?number={order}")
        assert {item["status"] for item in remote["items"]} == {"accepted"}


class MappingForm:
    """The form of a mapping, as an administrator sees it."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def tab(self, name: str) -> None:
        self.page.get_by_role("tab", name=name, exact=True).click()

    def line(self, place: str) -> Locator:
        return self.page.locator(f'.o_is_row[data-place="{place}"]')

    def write(self, place: str, value: str) -> None:
        field = self.line(place).locator("input, textarea")
        field.fill(value)
        field.press("Tab")

    def add(self, place: str, name: str, value: str, press: bool = False) -> None:
        """Add a line to a table: both halves, and out of the second, by its button if told so."""
        line = self.page.locator(f'.o_is_table[data-place="{place}"] .o_is_add')
        halves = line.locator("input")
        halves.nth(0).fill(name)
        halves.nth(1).fill(value)
        if press:
            line.get_by_role("button", name="Add", exact=True).click()
        else:
            halves.nth(1).press("Tab")


def test_an_administrator_says_another_format_in_the_form_without_the_json(
    running: stage.Stage,
) -> None:
    with chromium() as page:
        visitor = Visitor(page, running.url)
        visitor.log_in(scene.ADMIN_LOGIN, scene.ADMIN_PASSWORD)
        visitor.open("inventory-source-profiles/new")
        visitor.fill("name", "Flat API")
        form = MappingForm(page)
        form.tab("Fields")
        page.get_by_label("An answer of the service", exact=True).fill(json.dumps(ANSWER))
        # At once one after the other: what is typed while the rows are read anew is not lost.
        names = {"list": "items", "record.id": "nr", "record.title": "name"}
        names |= {"record.cost": "price", "record.quantity": "left", "record.sku": "code["}
        for place, name in names.items():
            form.write(f"products.{place}", name)
        faulty = form.line("products.record.sku")
        expect(faulty).to_contain_text("does not compile")
        expect(page.locator(".o_is_part_summary")).to_contain_text("products.record.sku")
        form.write("products.record.sku", "code")
        expect(faulty).to_contain_text("A-1")
        expect(form.line("products.record.cost")).to_contain_text("9.50")
        form.tab("Order")
        form.add("create_order.query", "shop", "channel_id")
        # By the button, which also leaves the field, and the next before the one is there.
        headers = {"X-Shop": "channel_id", "X-Number": "number", "X-Key": "idempotency_key"}
        for name, value in headers.items():
            form.add("create_order.headers", name, value, press=True)
        expect(page.get_by_label("Request", exact=True)).to_contain_text("X-Key: EXAMPLE-KEY")
        # What the walks before have begun may end meanwhile, and say so.
        refused = page.locator(".o_notification:not(:has(.bg-success, .o_notification_button))")
        expect(refused).to_have_count(0)
        expect(page.get_by_label("Request", exact=True)).to_contain_text("?shop=EXAMPLE-CHANNEL")
        visitor.save()
        form.tab("Fields")
        expect(faulty).to_contain_text("A-1")  # what was pasted is still there
        form.tab("Errors")
        page.get_by_label("Status", exact=True).last.fill("429")
        expect(page.locator(".o_is_judged")).to_contain_text("Too many requests")
        # A phone that is turned while the lines are still asked for.
        visitor.open("inventory-source-profiles")
        held: list[Route] = []
        is_turned = False

        def hold(route: Route) -> None:
            if is_turned:
                route.continue_()
            else:
                held.append(route)

        page.route("**/action_study", hold)
        with page.expect_request("**/action_study"):
            page.locator(".o_data_row td[name=name]", has_text="Flat API").click()
        page.set_viewport_size({"width": 390, "height": 844})
        expect(page.locator(".o_main_navbar .o_menu_sections")).to_have_count(0)
        page.wait_for_timeout(1000)
        # Before any is let go: what is asked for meanwhile is held by nobody.
        is_turned = True
        for route in held:
            route.continue_()
        expect(page.locator(".o_is_part_summary")).to_contain_text("Nothing is wrong")
    (kept,) = running.admin.search("inventory.source.profile", [], "name", "document")
    document = json.loads(kept["document"])
    read = {place: document["products"]["record"][place] for place in ("id", "sku", "cost")}
    assert read == {"id": "nr", "sku": "code", "cost": "price"}
    assert document["products"]["list"] == "items"
    assert document["create_order"]["query"] == {"shop": "channel_id"}
    assert document["create_order"]["headers"] == headers
