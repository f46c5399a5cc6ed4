"""The main job in a real browser, on a real server that works through its own scheduled actions."""

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, Route, expect
from walk import stage
from walk.person import Visitor

from demo import scene
from workbench.browser import chromium

# A page of products of a service that names everything otherwise.
ANSWER = {"items": [{"nr": 7, "code": "A-1", "name": "Creel", "price": "9.50", "left": 3}]}


@pytest.fixture(scope="module")
def running() -> Iterator[stage.Stage]:
    """One shop for both: the mapping is tried after the walk, and none is in use before."""
    with stage.running() as shop:
        yield shop


def test_a_manager_connects_imports_sells_and_sees_the_order_sent(running: stage.Stage) -> None:
    """Connect over the provider's pages, choose what to import, confirm a sale, see it accepted."""
    order = stage.walk(running)
    received = running.simulator.control("/orders")
    assert [remote["orderNumber"] for remote in received] == [order]
    sold = running.admin.search(
        "sale.order.line", [("order_id.name", "=", order)], "product_uom_qty"
    )
    assert len(received[0]["items"]) == len(sold) == 2
    assert {item["status"] for item in received[0]["items"]} == {"accepted"}
    refused = [entry for entry in running.simulator.journal() if entry["status"] == 429]
    assert refused == []


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
        expect(page.locator(".o_notification")).to_have_count(0)
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
        page.route("**/action_study", lambda route: held.append(route))
        with page.expect_request("**/action_study"):
            page.locator(".o_data_row td[name=name]", has_text="Flat API").click()
        page.set_viewport_size({"width": 390, "height": 844})
        page.wait_for_timeout(1000)
        page.unroute("**/action_study")
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
