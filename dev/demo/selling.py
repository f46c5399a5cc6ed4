"""Steps 4 to 7: a salesperson sells, the server sends, the suppliers ship, the customer knows."""

import collections
import dataclasses
import datetime
import time

from workbench import databases
from workbench.rpc import Person

from . import scene
from .buying import Shop
from .report import check, say, wait_for


@dataclasses.dataclass
class Sale:
    """The sale order, who sold it, and when it was confirmed."""

    seller: Person
    order: int
    name: str
    confirmed_at: datetime.datetime
    remote: dict = dataclasses.field(default_factory=dict)

    def read(self, *fields: str) -> dict:
        return self.seller.read("sale.order", self.order, *fields)


def sell(shop: Shop) -> Sale:
    """Sell three lines of two suppliers and one from own stock, as an ordinary sales user."""
    admin = shop.admin
    scene.hire_salesperson(admin)
    scene.offer_delivery_methods(admin)
    customer = scene.make_customer(admin)
    own_product = scene.stock_own_product(admin)
    first, second, third = _choose(shop)
    seller = Person(shop.url, shop.database, scene.SALES_LOGIN, scene.SALES_PASSWORD)
    wanted = ((first, 1), (second, 2), (third, 3), (own_product, 1))
    order = seller.create(
        "sale.order",
        partner_id=customer,
        order_line=[
            (0, 0, {"product_id": product, "product_uom_qty": quantity})
            for product, quantity in wanted
        ],
    )
    confirmed_at = datetime.datetime.now(datetime.UTC)
    started = time.monotonic()
    seller.call("sale.order", "action_confirm", [order])
    taken = time.monotonic() - started
    sale = Sale(seller, order, "", confirmed_at)
    found = sale.read("name", "state", "amount_total", "order_line")
    sale.name = found["name"]
    check("a salesperson confirmed the order", found["state"] == "sale", f"{taken:.2f} s")
    check("it has four lines", len(found["order_line"]) == 4, f"{found['amount_total']:.2f} in all")
    rows = shop.own("inventory.source.order", ("sale_order_id", "=", order))
    check("one order waits in the outbox, nothing more", rows == 1, sale.name)
    return sale


def _choose(shop: Shop) -> list[int]:
    """Return two products of the first supplier and one of the second, all well in stock."""
    suppliers = shop.admin.search(
        "inventory.source.supplier", [("connection_id", "=", shop.connection)], "id", order="id"
    )
    chosen = []
    for supplier, count in ((suppliers[0], 2), (suppliers[1], 1)):
        domain = [
            ("supplier_id", "=", supplier["id"]),
            ("state", "=", "linked"),
            ("quantity", ">=", 10),
        ]
        found = shop.admin.search(
            "inventory.source.product", domain, "product_id", order="id desc", limit=count
        )
        chosen += [product["product_id"][0] for product in found]
    return chosen


def see_it_sent(shop: Shop, sale: Sale) -> None:
    """Wait for the server's own scheduled action, then look at both sides."""
    wait_for("the simulator received the order", lambda: _received(shop, sale), seconds=120)
    accepted = [("sale_order_id", "=", sale.order), ("state", "=", "accepted")]
    wait_for(
        "the outbox shows it accepted",
        lambda: shop.admin.search("inventory.source.order", accepted, "remote_id"),
        seconds=60,
    )
    orders = _received(shop, sale)
    posts = [entry for entry in shop.simulator.journal("order") if entry["done"]]
    check("it was sent once and is there once", len(orders) == len(posts) == 1, sale.name)
    sale.remote = orders[0]
    _judge_lines(shop, sale)
    purchases = _purchases(shop, sale)
    check("two purchase orders were made", len(purchases) == 2, _names(purchases, "partner_id"))
    # The result is kept first, and the documents follow it in the next transaction.
    number = str(sale.remote["id"])
    wait_for(
        f"both are confirmed with the remote number {number}",
        lambda: all(
            purchase["state"] == "purchase" and number in (purchase["partner_ref"] or "")
            for purchase in _purchases(shop, sale)
        ),
        seconds=30,
    )


def _received(shop: Shop, sale: Sale) -> list[dict]:
    return [
        order
        for order in shop.simulator.control("/orders")
        if order["orderNumber"].startswith(sale.name)
    ]


def _names(records: list[dict], field: str) -> str:
    return ", ".join(record[field][1] for record in records)


def _purchases(shop: Shop, sale: Sale) -> list[dict]:
    domain = [("order_line.sale_order_id", "=", sale.order)]
    return shop.admin.search(
        "purchase.order", domain, "name", "partner_id", "state", "partner_ref", order="id"
    )


def _judge_lines(shop: Shop, sale: Sale) -> None:
    lines = shop.admin.search(
        "sale.order.line",
        [("order_id", "=", sale.order), ("product_id.inventory_source_product_ids", "!=", False)],
        *("product_id", "product_uom_qty"),
    )
    products = shop.admin.call(
        "product.product", "read", [line["product_id"][0] for line in lines], ["default_code"]
    )
    codes = {product["id"]: product["default_code"] for product in products}
    sold = collections.Counter(
        {codes[line["product_id"][0]]: int(line["product_uom_qty"]) for line in lines}
    )
    received = collections.Counter({item["sku"]: item["quantity"] for item in sale.remote["items"]})
    shown = ", ".join(f"{quantity} x {sku}" for sku, quantity in sorted(received.items()))
    check("with the three lines that were sold", received == sold and len(sold) == 3, shown)
    accepted = [item["status"] for item in sale.remote["items"]]
    check("all of them accepted", set(accepted) == {"accepted"})
    address = sale.remote["request"]["shippingAddress"]
    where = f"{address['name']}, {address['zip']} {address['city']}, {address['state']}"
    check("to the customer's address", address["zip"] == "32202", where)


def ship_and_check(shop: Shop, sale: Sale) -> None:
    """Supplier one ships all, supplier two ships part; then the rest."""
    suppliers = {item["sku"]: item["supplierId"] for item in sale.remote["request"]["items"]}
    items = {item["sku"]: item for item in sale.remote["items"]}
    two = next(sku for sku, item in items.items() if item["quantity"] == 3)
    one = next(supplier for sku, supplier in suppliers.items() if supplier != suppliers[two])
    _ship(shop, sale, {"supplier_id": one})
    _ship(shop, sale, {"lines": [{"lineId": items[two]["lineId"], "quantity": 2}]})
    sale.seller.call("sale.order", "action_inventory_source_check", [sale.order])
    shipments = _judge_pickings(shop, sale, done=2, waiting=1)
    waiting = [p for p in _dropships(shop, sale) if p["state"] != "done"]
    left = shop.admin.search(
        "stock.move", [("picking_id", "=", waiting[0]["id"])], "product_uom_qty", "product_id"
    )
    check(
        "a backorder waits for the rest",
        [m["product_uom_qty"] for m in left] == [1],
        _names(left, "product_id"),
    )
    _judge_mails(shop, sale, shipments)

    _ship(shop, sale, {})
    sale.seller.call("sale.order", "action_inventory_source_check", [sale.order])
    shipments = _judge_pickings(shop, sale, done=3, waiting=0)
    _hand_over_own_stock(shop, sale)
    lines = shop.admin.search(
        "sale.order.line", [("order_id", "=", sale.order)], "product_uom_qty", "qty_delivered"
    )
    delivered = all(line["qty_delivered"] == line["product_uom_qty"] for line in lines)
    check("every line is delivered", delivered, len(lines))
    found = sale.read("delivery_status")
    check("the sale order is fully delivered", found["delivery_status"] == "full")
    _judge_mails(shop, sale, shipments)


def _ship(shop: Shop, sale: Sale, body: dict) -> None:
    shop.simulator.control(f"/orders/{sale.remote['id']}/ship", body)


def _dropships(shop: Shop, sale: Sale) -> list[dict]:
    purchases = [purchase["id"] for purchase in _purchases(shop, sale)]
    domain = [("move_ids.purchase_line_id.order_id", "in", purchases), ("state", "!=", "cancel")]
    fields = ("name", "state", "carrier_id", "carrier_tracking_ref", "inventory_source_shipment_id")
    return shop.admin.search("stock.picking", domain, *fields, order="id")


def _judge_pickings(shop: Shop, sale: Sale, *, done: int, waiting: int) -> list[str]:
    """Compare the pickings with the simulator's shipments; return the tracking numbers."""
    remote = shop.simulator.control(f"/orders/{sale.remote['id']}")["shipments"]
    pickings = _dropships(shop, sale)
    finished = [picking for picking in pickings if picking["state"] == "done"]
    check(
        f"{done} pickings are done and {waiting} waits",
        (len(finished), len(pickings) - len(finished)) == (done, waiting),
        ", ".join(f"{picking['name']} {picking['state']}" for picking in pickings),
    )
    told = sorted(shipment["trackingNumber"] for shipment in remote)
    kept = sorted(picking["carrier_tracking_ref"] or "" for picking in finished)
    check("with the suppliers' tracking numbers", told == kept, ", ".join(kept))
    carriers = [picking["carrier_id"] for picking in finished]
    check("and their carriers", all(carriers), ", ".join(c[1] for c in carriers if c))
    return kept


def _hand_over_own_stock(shop: Shop, sale: Sale) -> None:
    """The warehouse delivers the line from own stock, as it always did."""
    domain = [("sale_id", "=", sale.order), ("picking_type_code", "=", "outgoing")]
    for picking in shop.admin.search("stock.picking", domain, "name", "state"):
        # Without the question whether to send the customer a text message.
        shop.admin.call(
            "stock.picking", "button_validate", [picking["id"]], context={"skip_sms": True}
        )
        state = shop.admin.read("stock.picking", picking["id"], "state")["state"]
        check("the line from own stock left our own warehouse", state == "done", picking["name"])


def _judge_mails(shop: Shop, sale: Sale, tracking: list[str]) -> None:
    mails = shop.admin.search("mail.mail", [], "body_html", "subject", "recipient_ids", "email_to")
    customer = sale.read("partner_id")["partner_id"][0]
    told = {
        number
        for number in tracking
        for mail in mails
        if number in mail["body_html"] and customer in mail["recipient_ids"]
    }
    check("the customer is told each tracking number by mail", told == set(tracking), len(told))


def bill(shop: Shop, sale: Sale) -> None:
    """Compare our own records with what the simulator counted."""
    journal = [entry for entry in shop.simulator.journal() if entry["path"].startswith("/v1/")]
    refused = [entry for entry in journal if entry["status"] == 429]
    counted = collections.Counter(entry["call"] for entry in journal)
    lanes = _taken(shop)
    say("by our own records: " + ", ".join(f"{lane} {count}" for lane, count in lanes.items()))
    say("by the simulator: " + ", ".join(f"{call} {count}" for call, count in counted.items()))
    check(
        "the simulator refused none", not refused, f"{len(journal)} requests, 429: {len(refused)}"
    )
    # Channels and catalogs are loaded with the tokens of the order lane.
    counted["order"] += counted.pop("channels") + counted.pop("catalogs")
    names = {"order": "order", "shipment": "shipments", "catalog": "products"}
    same = all(lanes[lane] == counted[call] for lane, call in names.items())
    check("both counted the same in each lane", same, f"{sum(lanes.values())} requests")
    arrived = next(e["time"] for e in journal if e["call"] == "order" and e["done"])
    seconds = (datetime.datetime.fromisoformat(arrived) - sale.confirmed_at).total_seconds()
    check("from confirmation to the simulator", seconds < 60, f"{seconds:.2f} s")


def _taken(shop: Shop) -> dict[str, int]:
    """Return the requests our throttle granted, by lane; nobody may read them over RPC."""
    lanes = ("order", "shipment", "catalog")
    columns = ", ".join(f"{lane}_requests" for lane in lanes)
    (row,) = databases.query(shop.database, f"SELECT {columns} FROM inventory_source_throttle")  # noqa: S608
    return dict(zip(lanes, row, strict=True))
