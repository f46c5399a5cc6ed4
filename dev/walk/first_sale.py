"""From a fresh database to the first sale sent, by clicks alone, as somebody does it who is new.

Nothing is opened by its address after the first page, and nothing needs developer mode. What is
waited for is asked of the server beside the browser, and then seen on the screen.
"""

import re
from typing import Any

from playwright.sync_api import Locator, expect

from demo import scene

from .person import TRY_MS, Visitor

SHOP = "Riverside Outfitters"
CUSTOMER = "Carla Customer"


def walk(visitor: Visitor, stage: Any) -> str:
    """Do it; return the name of the order that was sent."""
    step = visitor.counter.step
    credentials = stage.simulator.control("/credentials")
    with step("log in and open the app"):
        visitor.log_in(scene.ADMIN_LOGIN, scene.ADMIN_PASSWORD)
        visitor.app("Inventory Source")
    with step("enter the app of the service, and connect"):
        connect(visitor, credentials)
    with step("sign in at the service, and agree"):
        agree(visitor, credentials["retailers"][0])
    with step("open the checklist"):
        visitor.press("Open the checklist")
        visitor.sees_title("Setup Checklist")
    with step("prices"):
        set_prices(visitor)
    with step("carriers and shipping methods"):
        name_shipping_method(visitor)
    with step("responsible people"):
        name_people(visitor)
    with step("wait until the catalogs are downloaded"):
        visitor.waits_for(checked(visitor, "Catalog downloaded"), stage.is_downloaded)
        visitor.picture("checklist")
    with step("choose what to sell, with the preview"):
        choose(visitor)
    with step("categories"):
        map_categories(visitor)
    with step("wait until the products are imported"):
        visitor.waits_for(visitor.page.locator(".o_main_navbar"), stage.is_imported)
    with step("first quotation"):
        write_quotation(visitor, stage.products_to_sell())
    with step("confirm"):
        visitor.press("Confirm")
        expect(visitor.status()).to_have_text(re.compile("Sales Order"))
    name = visitor.page.locator(".o_field_widget[name=name]").first
    expect(name).to_have_text(re.compile(r"S\d+"))
    order = name.inner_text().strip()
    with step("see it sent"):
        block = visitor.page.locator(".o_field_inventory_source_block")
        visitor.waits_for(block.get_by_text("Their number"), lambda: bool(stage.number_of(order)))
        expect(block).to_contain_text(stage.number_of(order))
        visitor.picture("sale-sent")
    return order


def connect(visitor: Visitor, credentials: dict) -> None:
    """Make a connection and leave for the service; what else there is stays as it is offered."""
    visitor.press("New")
    expect(visitor.field("client_id")).to_be_visible()
    visitor.fill("name", SHOP)
    visitor.field("environment").get_by_label("Production").check()
    visitor.fill("client_id", credentials["client_id"])
    visitor.fill("client_secret", credentials["client_secret"])
    visitor.picture("connect")
    visitor.press("Connect")
    expect(visitor.page.get_by_label("E-mail")).to_be_visible()


def agree(visitor: Visitor, retailer: dict) -> None:
    """Walk through the service's login and consent pages, back to the connection."""
    page = visitor.page
    visitor.write(page.get_by_label("E-mail"), retailer["email"])
    visitor.write(page.get_by_label("Password"), retailer["password"])
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("button", name="Accept").click()
    expect(page).to_have_url(re.compile(re.escape(visitor.url)))
    # The channel is loaded and chosen on the way back.
    expect(visitor.status()).to_have_text(re.compile("Connected"))
    expect(visitor.field("channel_id").locator("input")).not_to_have_value("")
    visitor.picture("connected")


# --- the checklist ---


def open_step(visitor: Visitor, name: str) -> None:
    visitor.open_row(name, "key")


def checked(visitor: Visitor, name: str) -> Locator:
    """Return the row of a step that is done."""
    done = visitor.page.locator("td[name=state]", has_text="Done")
    return visitor.row(name).filter(has=done)


def set_prices(visitor: Visitor) -> None:
    open_step(visitor, "Prices")
    visitor.dialog()
    visitor.fill("price_factor", "1.6")
    visitor.press("Try These Prices")
    expect(visitor.field("change_count")).to_be_visible()
    visitor.picture("prices")
    visitor.press("Use These Prices")
    visitor.dialog_is_gone()
    expect(checked(visitor, "Prices")).to_be_visible()


def name_shipping_method(visitor: Visitor) -> None:
    """Look at what sales without a delivery method are shipped with, and leave it."""
    open_step(visitor, "Carriers and shipping methods")
    visitor.dialog()
    expect(visitor.field("default_shipping_method").locator("input")).not_to_have_value("")
    visitor.picture("shipping-methods")
    visitor.press("Discard")
    visitor.dialog_is_gone()


def name_people(visitor: Visitor) -> None:
    open_step(visitor, "Responsible people")
    visitor.dialog()
    visitor.choose("order_user_id", "Administrator")
    visitor.picture("people")
    visitor.press("Save")
    visitor.dialog_is_gone()
    expect(checked(visitor, "Responsible people")).to_be_visible()


def choose(visitor: Visitor) -> None:
    open_step(visitor, "What to sell")
    visitor.dialog()
    expect(visitor.field("catalog_ids").locator(".o_tag")).to_have_count(3)
    expect(visitor.field("wanted")).to_have_text(re.compile(r"^1,4\d\d$"))
    visitor.picture("choose")
    visitor.press("Start importing")
    # It is said for some seconds only.
    visitor.sees(re.compile(r"The import of [\d,]+ products begins now"))
    visitor.dialog_is_gone()


def map_categories(visitor: Visitor) -> None:
    """Have the shop's own categories made of all the suppliers' in one go."""
    open_step(visitor, "Categories")
    visitor.sees_title("Supplier Categories")
    rows = visitor.page.locator(".o_data_row")
    expect(rows.first).to_be_visible()
    visitor.picture("categories")
    visitor.page.locator("thead .o_list_record_selector input").check()
    visitor.page.get_by_role("button", name="Create Them", exact=True).click()
    expect(rows).to_have_count(0)


# --- the sale ---


def write_quotation(visitor: Visitor, products: list[str]) -> None:
    """Offer one piece of each product to the customer."""
    page = visitor.page
    visitor.app("Sales")
    visitor.press("New")
    expect(visitor.field("partner_id")).to_be_visible()
    visitor.choose("partner_id", CUSTOMER)
    rows = page.locator(".o_field_widget[name=order_line] tr.o_data_row")
    add = page.get_by_role("button", name="Add a product", exact=True)
    for number, product in enumerate(products):
        row = rows.nth(number)
        visitor.insist(lambda: add.click(timeout=TRY_MS), row)
        field = row.locator("[name=product_template_id] input, [name=product_id] input").first
        visitor.take_suggestion(field, product)
        # What is typed into the next line before this one is there would be lost.
        expect(row.locator("[name=price_unit] input")).not_to_have_value("0.00")
    visitor.sees("What the suppliers ship is ready to be ordered.")
    if visitor.pictures:
        look_at_stock(visitor)


def look_at_stock(visitor: Visitor) -> None:
    """Open what there is to sell, for its picture; who sells need not."""
    visitor.save()
    visitor.picture("quotation")
    visitor.page.locator(".o_widget_qty_at_date_widget a").first.click()
    stock = visitor.page.locator(".o_popover tr[name=inventory_source_stock]")
    expect(stock).to_contain_text(re.compile(r"Supplier Stock.*\d+ at .+ ago"))
    visitor.picture("supplier-stock")
    visitor.page.keyboard.press("Escape")


# --- the screens a shop manager lives in ---


def look_around(visitor: Visitor) -> None:
    """Open the screens of the pictures that lie beside the way; by their addresses."""
    page = visitor.page
    page.locator("button[name=action_view_inventory_source_orders]").click()
    expect(visitor.status()).to_have_text(re.compile("Accepted"))
    visitor.picture("order")
    for path, name in (
        ("inventory-source", "dashboard"),
        ("supplier-catalogs", "catalogs"),
        ("supplier-products", "supplier-catalog"),
        ("inventory-source-orders", "orders"),
    ):
        visitor.open(path)
        unfiltered(visitor)
        expect(page.locator(".o_kanban_record, .o_data_row").first).to_be_visible()
        visitor.picture(name)
    visitor.open("inventory-source")
    # By its name: the figures below lead elsewhere.
    page.locator(".o_kanban_record").get_by_text(SHOP).click()
    expect(visitor.status()).to_have_text(re.compile("Connected"))
    visitor.picture("connection")


def unfiltered(visitor: Visitor) -> None:
    """Take the filters away: what is new, or needs somebody, is nothing by now."""
    filters = visitor.page.locator(".o_facet_remove")
    expect(visitor.page.locator(".o_searchview, .o_cp_searchview").first).to_be_visible()
    while left := filters.count():
        filters.first.click()
        expect(filters).to_have_count(left - 1)
