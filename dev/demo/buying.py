"""Steps 2 and 3: the shop connects its account and imports what its suppliers offer."""

import dataclasses
import time
from urllib.parse import parse_qs, urlsplit

from workbench.rpc import Person
from workbench.simulator import Simulator, submit

from . import scene
from .report import check, say, wait_for

PRODUCTS, CATALOGS = 1500, 3


@dataclasses.dataclass
class Shop:
    """What the steps hand on to each other."""

    url: str
    database: str
    simulator: Simulator
    admin: Person
    connection: int

    def read(self, *fields: str) -> dict:
        return self.admin.read("inventory.source.connection", self.connection, *fields)

    def press(self, button: str):
        return self.admin.call("inventory.source.connection", button, [self.connection])

    def own(self, model: str, *domain: tuple) -> int:
        """Count records of this connection."""
        mine = [("connection_id", "=", self.connection), *domain]
        return self.admin.call(model, "search_count", mine)


def connect(url: str, database: str, simulator: Simulator) -> Shop:
    """Walk through our button, the provider's login and consent pages, and our callback."""
    admin = Person(url, database, scene.ADMIN_LOGIN, scene.ADMIN_PASSWORD)
    credentials = simulator.control("/credentials")
    connection = scene.prepare_connection(admin, simulator.url, credentials)
    shop = Shop(url, database, simulator, admin, connection)

    action = shop.press("action_connect")
    check("our button leads to an address", action["type"] == "ir.actions.act_url")
    login = admin.browser.get(action["url"], timeout=60)
    asked = parse_qs(urlsplit(login.history[0].url if login.history else login.url).query)
    retailer = credentials["retailers"][0]
    check(
        "the provider's login page opens",
        login.url.startswith(simulator.url),
        login.url.split("?")[0],
    )
    check(
        "with a state and a PKCE challenge",
        {"state", "code_challenge"} <= asked.keys() | _sent(login),
    )
    consent = submit(admin.browser, login, email=retailer["email"], password=retailer["password"])
    arrived = submit(admin.browser, consent, decision="accept")
    back = [answer.url for answer in (*arrived.history, arrived) if "callback" in answer.url]
    check(
        "consent leads back to our callback", len(back) == 1, back[0].split("?")[0] if back else ""
    )
    found = shop.read("state", "account_ref", "missing_scopes")
    check("the connection is connected", found["state"] == "connected", found["account_ref"])
    check("all four scopes were granted", not found["missing_scopes"])

    channel = shop.read("channel_id")["channel_id"]
    check("the channel was loaded and chosen", channel, channel and channel[1])
    loaded = shop.own("inventory.source.catalog")
    check("the catalogs were loaded", loaded == CATALOGS, loaded)
    return shop


def _sent(login) -> set[str]:
    """Return the parameters our side sent on the way to the login page."""
    ways = [parse_qs(urlsplit(answer.url).query) for answer in login.history]
    return set().union(*ways)


def import_catalogs(shop: Shop) -> None:
    """Choose to import everything, and let the server's own scheduled action do it."""
    admin = shop.admin
    catalogs = admin.call(
        "inventory.source.catalog", "search", [("connection_id", "=", shop.connection)]
    )
    admin.call("inventory.source.catalog", "write", catalogs, {"import_mode": "all"})
    started = time.monotonic()
    wait_for(
        f"{PRODUCTS} supplier products are in the supplier catalog",
        lambda: shop.own("inventory.source.product") == PRODUCTS,
        seconds=240,
    )
    wait_for("nothing of them waits to be imported", lambda: _imported(shop), seconds=180)
    say(f"read and imported in {time.monotonic() - started:.0f} s")
    _judge_counts(shop)
    _judge_one(shop)


def _imported(shop: Shop) -> bool:
    waiting = ("state", "=", "new"), ("discontinued_at", "=", False)
    return shop.own("inventory.source.product", *waiting) == _set_aside(shop)


def _set_aside(shop: Shop) -> int:
    """Count the products that cannot be imported, each of which has a problem saying why."""
    open_problems = shop.admin.search(
        "inventory.source.problem",
        [
            ("connection_id", "=", shop.connection),
            ("kind", "=", "product"),
            ("resolved_at", "=", False),
        ],
        "reference",
    )
    new = shop.admin.search(
        "inventory.source.product",
        [("connection_id", "=", shop.connection), ("state", "=", "new")],
        "external_id",
    )
    named = {problem["reference"] for problem in open_problems}
    return sum(product["external_id"] in named for product in new)


def _judge_counts(shop: Shop) -> None:
    product = "inventory.source.product"
    domain = [("connection_id", "=", shop.connection)]
    groups = shop.admin.call(product, "formatted_read_group", domain, ["state"], ["__count"])
    states = {group["state"]: group["__count"] for group in groups}
    linked = states.get("linked", 0)
    check("nearly all are Odoo products", linked >= 0.95 * PRODUCTS, states)
    in_families = shop.own(product, ("parent_external_id", "!=", False))
    check("a third of them in families", 0.3 < in_families / PRODUCTS < 0.37, in_families)
    templates = shop.admin.call(
        "product.template",
        "search_count",
        [("product_variant_ids.inventory_source_product_ids.connection_id", "=", shop.connection)],
    )
    check(
        "families became variants of one product", 0 < templates < linked, f"{templates} products"
    )
    suppliers = shop.admin.search(
        "inventory.source.supplier", [("connection_id", "=", shop.connection)], "partner_id"
    )
    vendors = [supplier["partner_id"][1] for supplier in suppliers if supplier["partner_id"]]
    check("each supplier is a vendor", len(vendors) == CATALOGS, ", ".join(vendors))
    refused = [entry for entry in shop.simulator.journal("products") if entry["status"] != 200]
    pages = len(shop.simulator.journal("products"))
    check("no page was refused", not refused, f"{pages} pages asked for")


def _judge_one(shop: Shop) -> None:
    """Compare one product in Odoo with what the simulator says about it."""
    admin = shop.admin
    offer = admin.search(
        "inventory.source.product",
        [
            ("connection_id", "=", shop.connection),
            ("state", "=", "linked"),
            ("upc", "!=", False),
            ("map", ">", 0),
        ],
        *("external_id", "product_id", "supplier_id"),
        limit=1,
    )[0]
    remote = shop.simulator.control(f"/products/{offer['external_id']}")
    product = admin.read(
        "product.product",
        offer["product_id"][0],
        *("default_code", "barcode", "standard_price", "list_price", "seller_ids", "route_ids"),
    )
    fees = sum(remote[fee] or 0 for fee in ("dropshipFee", "surchargeFee", "shippingCost"))
    seller = admin.read(
        "product.supplierinfo", product["seller_ids"][0], "partner_id", "price", "product_code"
    )
    route = admin.id_of("stock_dropshipping.route_drop_shipping")
    name = product["default_code"]
    say(f"one of them, {name}: {remote['title'][:60]}")
    check("its SKU and barcode", (name, product["barcode"]) == (remote["sku"], remote["upc"]))
    landed = float(remote["cost"]) + fees
    check("its cost with all fees", abs(product["standard_price"] - landed) < 0.01, landed)
    check(
        "its vendor and vendor SKU",
        seller["product_code"] == remote["sku"],
        seller["partner_id"][1],
    )
    check("its drop-ship route", route in product["route_ids"])
    floor = max(float(remote["map"]), landed)
    check("its price covers cost and MAP", product["list_price"] >= floor, product["list_price"])
