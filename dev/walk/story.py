"""The steps of the walk. Each ends by seeing on the screen that it worked."""

import re
from collections.abc import Callable

from playwright.sync_api import expect

from .person import TRY_MS, Visitor


def connect(visitor: Visitor, service: str, credentials: dict) -> None:
    """Make a connection and walk through the provider's login and consent pages."""
    page = visitor.page
    visitor.open("inventory-source/new")
    visitor.fill("name", "Riverside Outfitters")
    visitor.field("environment").get_by_label(credentials["environment"].capitalize()).check()
    visitor.fill("client_id", credentials["client_id"])
    visitor.fill("client_secret", credentials["client_secret"])
    # The simulator stands in for the service; a real shop leaves these as they are.
    visitor.tab("Technical")
    visitor.fill("authorize_url", f"{service}/authorize")
    visitor.fill("token_url", f"{service}/oauth/token")
    visitor.fill("api_url", service)
    visitor.picture("connect")
    visitor.press("Connect")
    retailer = credentials["retailers"][0]
    page.get_by_label("E-mail").fill(retailer["email"])
    page.get_by_label("Password").fill(retailer["password"])
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("button", name="Accept").click()
    expect(page).to_have_url(re.compile(re.escape(visitor.url)))
    visitor.picture("connected-page")


def load(visitor: Visitor) -> None:
    """See that the way back led to the connection, with its channel loaded and chosen."""
    expect(visitor.status()).to_have_text(re.compile("Connected"))
    expect(visitor.field("channel_id").locator("input")).not_to_have_value("")


def import_catalogs(visitor: Visitor, everything_is_in: Callable[[], bool]) -> None:
    """Choose what to sell of all catalogs and wait for the server's own scheduled actions."""
    page = visitor.page
    choose = page.get_by_role("button", name="Choose What to Sell", exact=True)
    for _attempt in range(60):
        if choose.count():
            break
        page.wait_for_timeout(1000)
        page.reload()
        expect(visitor.status()).to_be_visible()
    choose.click()
    expect(page.locator(".modal.o_technical_modal")).to_be_visible()
    expect(visitor.field("wanted")).to_be_visible()
    visitor.picture("choose")
    visitor.press("Start importing")
    page.get_by_role("button", name="Ok", exact=True).click()
    expect(page.locator(".modal")).to_have_count(0)
    visitor.open("supplier-catalogs")
    rows = page.locator(".o_list_view .o_data_row")
    waited = 0
    while not everything_is_in():
        page.wait_for_timeout(1000)
        waited += 1
        assert waited < 240, "the catalogs were not imported within 240 s"
    page.reload()
    expect(rows.first).to_be_visible()
    visitor.picture("catalogs")
    visitor.open("inventory-source")
    visitor.sees("Riverside Outfitters")
    visitor.picture("dashboard")
    # By its name: the figures below lead elsewhere.
    page.locator(".o_kanban_record").get_by_text("Riverside Outfitters").click()
    expect(visitor.status()).to_have_text(re.compile("Connected"))
    visitor.picture("connection")


def look_around(visitor: Visitor) -> None:
    """Open the screens a shop manager lives in, for their pictures."""
    for path, name in (("supplier-products", "offer"), ("inventory-source-orders", "orders")):
        visitor.open(path)
        filters = visitor.page.locator(".o_facet_remove")
        visitor.page.wait_for_timeout(1000)
        while left := filters.count():
            filters.first.click()
            expect(filters).to_have_count(left - 1)
        visitor.page.wait_for_timeout(2000)
        visitor.picture(name)


def sell(visitor: Visitor, customer: str, products: list[str]) -> str:
    """Sell one piece of each product and confirm; return the order's name."""
    page = visitor.page
    visitor.open("sales/new")
    visitor.choose("partner_id", customer)
    rows = page.locator(".o_field_widget[name=order_line] tr.o_data_row")
    add = page.get_by_role("button", name="Add a product", exact=True)
    for number, product in enumerate(products):
        row = rows.nth(number)
        visitor.insist(lambda: add.click(timeout=TRY_MS), row)
        field = row.locator("[name=product_template_id] input, [name=product_id] input").first
        visitor.take_suggestion(field, product)
        # What is typed into the next line before this one is there would be lost.
        expect(row.locator("[name=price_unit] input")).not_to_have_value("0.00")
    visitor.save()
    visitor.picture("quotation")
    page.locator(".o_widget_qty_at_date_widget a").first.click()
    stock = page.locator(".o_popover tr[name=inventory_source_stock]")
    expect(stock).to_contain_text(re.compile(r"Supplier Stock.*\d+ at .+ ago"))
    visitor.picture("supplier-stock")
    page.keyboard.press("Escape")
    visitor.press("Confirm")
    expect(visitor.status()).to_have_text(re.compile("Sales Order"))
    return page.locator(".o_field_widget[name=name]").first.inner_text().strip()


def see_it_sent(visitor: Visitor, order: str) -> None:
    """Reload the sale order until its order to the suppliers is accepted, then look at that."""
    page = visitor.page
    button = page.locator("button[name=action_view_inventory_source_orders]")
    expect(button).to_be_visible()
    button.click()
    expect(page.locator(".o_breadcrumb, .breadcrumb").first).to_contain_text(order)
    for _attempt in range(60):
        if re.search("Accepted", visitor.status().inner_text()):
            break
        page.wait_for_timeout(1000)
        page.reload()
        expect(visitor.status()).to_be_visible()
    expect(visitor.status()).to_have_text(re.compile("Accepted"))
    visitor.picture("order")
