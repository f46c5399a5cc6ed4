"""A day of a shop manager, by clicks alone: what the dashboard says is to be done, until it is.

What the supplier or the service does meanwhile happens beside the browser.
"""

import re
from urllib.parse import urlsplit

from playwright.sync_api import Locator, Page, expect

from demo import scene
from workbench.browser import PATIENCE_MS

from .first_sale import SHOP
from .night import NEW_CATEGORY, Sales
from .person import TRY_MS, Visitor
from .stage import Stage

DASHBOARD = "/odoo/inventory-source"
# What stands on the card in the morning, and in the evening no more.
TO_DO = {
    "Orders: action needed": 4,
    "On hold": 1,
    "To verify": 1,
    "Late orders": 1,
    "Changes to decide": 1,
    "Categories to map": 1,
}


def walk(visitor: Visitor, stage: Stage, sales: Sales) -> None:
    """Do the day's work; it ends with a dashboard that asks for nothing."""
    step = visitor.counter.step
    with step("log in and open the dashboard"):
        visitor.log_in(scene.ADMIN_LOGIN, scene.ADMIN_PASSWORD)
        visitor.app("Inventory Source")
        for name, count in TO_DO.items():
            expect(figure(visitor, name)).to_contain_text(str(count))
        visitor.picture("day")
    with step("a held order: approve it"):
        approve(visitor, sales.held)
    with step("an order to verify: the supplier has it"):
        verify(visitor, stage, sales.to_verify)
    with step("a rejected order: mend the address, send again"):
        send_again(visitor, sales.rejected)
    with step("a late order: ask the supplier"):
        ask_supplier(visitor, sales.late)
    with step("it has left meanwhile: check now"):
        stage.simulator.control(f"/orders/{stage.number_of(sales.late)}/ship", {})
        visitor.press("Check Now")
        expect(visitor.status()).to_have_text(re.compile("Done"))
    with step("canceled at the service: read it, and decide"):
        settle(visitor, sales.canceled)
    with step("changes: accept, undo, accept"):
        decide_change(visitor)
    with step("a new category: map it"):
        map_category(visitor)
    with step("a return: make it, and see it"):
        return_goods(visitor, sales.returned)
    with step("the dashboard asks for nothing"):
        stage.until(stage.nothing_is_leaving)
        visitor.app("Inventory Source")
        expect(card(visitor)).to_contain_text("Nothing needs you")
        expect(card(visitor).get_by_label("Action needed")).to_have_count(0)
        for name in TO_DO:
            expect(figure(visitor, name)).to_have_count(0)
        visitor.picture("day-done")
        assert stage.activities() == []


# --- the dashboard ---


def card(visitor: Visitor) -> Locator:
    return visitor.page.locator(".o_kanban_record", has_text=SHOP).first


def figure(visitor: Visitor, name: str) -> Locator:
    """Return the line of the card that has a number; each opens its list."""
    label = visitor.page.get_by_text(name, exact=True)
    return card(visitor).locator("a").filter(has=label)


def open_figure(visitor: Visitor, name: str) -> None:
    """Open the list behind a number, from wherever in the app."""
    if urlsplit(visitor.page.url).path != DASHBOARD:
        visitor.menu("Dashboard")

    def click() -> None:
        # A card that is drawn anew while it is clicked takes no notice: it is clicked once more.
        if urlsplit(visitor.page.url).path == DASHBOARD:
            figure(visitor, name).click(timeout=TRY_MS)

    visitor.insist(click, visitor.page.locator(".o_data_row, .o_group_header"))


def open_order(visitor: Visitor, name: str, order: str) -> None:
    open_figure(visitor, name)
    visitor.open_row(order, "name")
    expect(visitor.status()).to_be_visible()
    visitor.picture(name.lower().replace(": ", "-").replace(" ", "-"))


# --- orders ---


def approve(visitor: Visitor, order: str) -> None:
    open_order(visitor, "On hold", order)
    visitor.sees(re.compile(r"The sale of .* is above"))
    visitor.press("Approve and send")
    visitor.sees(re.compile(rf"Queued: {order}\."))


def verify(visitor: Visitor, stage: Stage, order: str) -> None:
    """Say what the supplier said on the telephone."""
    open_order(visitor, "To verify", order)
    visitor.press("Verify")
    visitor.dialog()
    visitor.fill("remote_id", stage.number_at_service(order))
    visitor.fill("note", "Called them: they have it.")
    visitor.picture("verify")
    visitor.press("Save")
    visitor.dialog_is_gone()
    expect(visitor.status()).to_have_text(re.compile("Accepted"))


def send_again(visitor: Visitor, order: str) -> None:
    """Correct what the service did not take, on the customer, and send the order again."""
    open_order(visitor, "Orders: action needed", order)
    visitor.sees(re.compile("There is no such ZIP code"))
    visitor.field("partner_id").get_by_role("link").first.click()
    expect(visitor.field("zip")).to_be_visible()
    visitor.fill("zip", "32204")
    visitor.save()
    visitor.back(order)
    visitor.press("Send Again")
    visitor.sees(re.compile(rf"Queued: {order}\."))


def ask_supplier(visitor: Visitor, order: str) -> None:
    """Ask by the ready-made mail; the first time the supplier's address is missing."""
    page = visitor.page
    open_order(visitor, "Late orders", order)
    visitor.press("Ask the Supplier")
    page.locator(".modal").get_by_role("button", name=re.compile("^Open ")).click()
    expect(visitor.field("email")).to_be_visible()
    visitor.fill("email", "orders@supplier.example")
    visitor.save()
    visitor.back(order)
    visitor.press("Ask the Supplier")
    visitor.dialog()
    expect(visitor.field("subject").locator("input")).to_have_value(re.compile(order))
    visitor.picture("ask-supplier")
    visitor.press("Send")
    visitor.dialog_is_gone()


def settle(visitor: Visitor, order: str) -> None:
    open_order(visitor, "Orders: action needed", order)
    visitor.sees(re.compile("the supplier had taken the order and now calls it “Canceled”"))
    visitor.press("Done")
    visitor.sees(re.compile(rf"Decided: {order}\."))


# --- the catalog ---


def decide_change(visitor: Visitor) -> None:
    """Accept what changed, take it back in the tab that the answer's link opens, accept it."""
    page = visitor.page
    open_figure(visitor, "Changes to decide")
    rows = page.locator(".o_data_row")
    visitor.picture("changes")
    undo = page.locator(".o_notification").get_by_role("link", name="Undo")
    press_in_row(visitor, page, "Accept", undo)
    with page.expect_popup() as popup:
        undo.click()
    tab = popup.value
    press_in_row(visitor, tab, "Undo", tab.get_by_text(re.compile("Products to decide again: 1")))
    tab.close()
    visitor.counter.add("clicks")
    open_figure_anew(visitor, "Changes to decide")
    page.locator("thead .o_list_record_selector input").check()
    page.get_by_role("button", name="Accept", exact=True).first.click()
    expect(rows).to_have_count(0)


def press_in_row(visitor: Visitor, page: Page, name: str, seen: Locator) -> None:
    """Press a button at the end of the first row, where what was told of a work may lie on it."""
    button = page.locator(".o_data_row").first.get_by_role("button", name=name)

    def press() -> None:
        # A tab that was just opened has no rows yet, and answers no question.
        button.wait_for(timeout=TRY_MS)
        for close in page.locator(".o_notification_close").all():
            close.click(timeout=TRY_MS)
        button.click(timeout=TRY_MS)

    # Pressed twice it would be done twice, or what is seen of it be gone.
    visitor.insist(press, seen, answer_ms=PATIENCE_MS)


def open_figure_anew(visitor: Visitor, name: str) -> None:
    visitor.menu("Dashboard")
    open_figure(visitor, name)


def map_category(visitor: Visitor) -> None:
    open_figure(visitor, "Categories to map")
    visitor.row(NEW_CATEGORY).locator(".o_list_record_selector input").check()
    visitor.page.get_by_role("button", name="Create Them", exact=True).click()
    visitor.sees("Categories decided: 1.")


# --- a return ---


def return_goods(visitor: Visitor, order: str) -> None:
    """Take back what the customer does not want, from the sale on."""
    page = visitor.page
    visitor.app("Sales")
    visitor.menu("Orders", "Orders")
    visitor.open_row(order, "name")
    expect(visitor.status()).to_be_visible()
    page.get_by_role("button", name=re.compile("Dropship")).click()
    visitor.press("Return")
    visitor.dialog()
    visitor.press("Return All")
    visitor.dialog_is_gone()
    visitor.picture("return")
    visitor.press("Validate")
    expect(visitor.status()).to_have_text(re.compile("Done"))
    visitor.back(order)
    expect(visitor.page.locator("td[name=qty_delivered]").first).to_have_text("0.00")
    visitor.picture("returned")
