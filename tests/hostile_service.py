"""A service whose every word is hostile, and a shop that sells what it offers.

For Odoo's test cases, and for a shell: it takes the place of the transport.
"""

import json
import re
from urllib.parse import urlsplit

from odoo.fields import Command

from odoo.addons.inventory_source.client.http import Response

from .hostile_words import WORDS

BOUGHT = 12  # lines of a sale whose parcels are told
_without = re.compile(r"[\x00]|&#[0-9]+;")


def rows():
    """Return a product for each of the words, which is whatever a supplier writes of it."""
    return [_row(number, word) for number, word in enumerate(WORDS, 1)]


def _row(number, word):
    row = {
        "id": number,
        # With characters that cannot be kept a product is refused.
        "sku": f"S{number} {_without.sub('', word)}"[:100],
        "supplierId": 19,
        "title": f"{number} {word}"[:900],
        "description": f"<p>{number}</p>{word}",
        "shortDescription": word,
        "manufacturer": word,
        "mpn": word[:60],
        "upc": word[:60],
        "primaryCategory": f"Goods {word}"[:200],
        "subCategory": word[:200],
        "attributes": [{"name": word, "value": word}],
        "images": [word],
        "thumbnail": word,
        "cost": 10.0,
        "quantity": 12,
        "active": True,
    }
    if number <= BOUGHT:
        # Families of three: their options are attributes of the shop.
        family = (number - 1) // 3
        title = WORDS[-1 - family]
        row["parent"] = {"id": f"F{family}", "sku": f"F{family}", "title": title}
        row["options"] = [{"name": title[:60], "value": f"{number} {word}"[:60]}]
    return row


class HostileService:
    """Answers what is asked, in such words; `refusing` says what becomes of an order.

    None: it is taken. "lines": none of its lines is. "whole": it is not.
    """

    def __init__(self):
        self.refusing = None
        self._orders = {}

    def send(self, request, *, deadline):
        path = urlsplit(request.url).path
        status, answer = 200, {}
        if path.endswith("/products"):
            first = "since_id=0" in request.url
            answer = {"products": rows() if first else []}
        elif path.endswith("/catalogs"):
            answer = {"catalogs": [{"id": 7, "name": WORDS[0], "supplierName": WORDS[1]}]}
        elif path.endswith("/channels"):
            answer = {"channels": [{"id": 501, "name": WORDS[5]}]}
        elif path.endswith("/shipments"):
            items = self._orders[path.split("/")[-2]]
            answer = {"orderStatus": WORDS[4], "shipments": [*_shipments(items)]}
        else:
            status, answer = self._order(json.loads(request.body)["order"])
        body = json.dumps(answer if status > 400 else {"data": answer})
        return Response(status, {"content-type": "application/json"}, body.encode())

    def _order(self, asked):
        if self.refusing == "whole":
            errors = [{"field": word, "message": word} for word in WORDS]
            return 422, {"error": {"code": WORDS[0], "message": WORDS[5], "errors": errors}}
        remote_id = f"R{len(self._orders)}"
        self._orders[remote_id] = asked["items"]
        items = [
            {
                **{name: item[name] for name in ("lineId", "sku", "quantity")},
                "status": "rejected" if self.refusing else "accepted",
                "reason": " ".join(words),
            }
            for item, words in zip(asked["items"], _shares(asked["items"]), strict=True)
        ]
        told = {"id": remote_id, "orderNumber": asked["orderNumber"], "status": WORDS[4]}
        return 201, {"order": {**told, "items": items}}


def _shares(items):
    """Share all the words out among these; each has at least one."""
    share = -(-len(WORDS) // len(items))
    return [
        WORDS[number * share : (number + 1) * share] or WORDS[:1] for number in range(len(items))
    ]


def _shipments(items):
    """Tell parcels, one for each line, that have all the words between them."""
    for number, (item, words) in enumerate(zip(items, _shares(items), strict=True)):
        joined = " ".join(words)[:900]
        yield {
            "id": f"P{number} {words[0]}"[:100],
            "supplierId": 19,
            "status": joined,
            "carrier": joined,
            "method": joined,
            "trackingNumber": [f"1Z{number} {word}"[:90] for word in words],
            "trackingUrl": list(words),
            "shippingCost": words[0],
            "items": [{name: item[name] for name in ("lineId", "sku", "quantity")}],
        }


def load(connection, keep):
    """Load what the account has, and import the whole catalog; `keep` commits or flushes."""
    connection.action_load_remote()
    keep()
    connection.channel_id = connection.channel_ids
    connection.catalog_ids.import_mode = "all"
    keep()
    connection._run_lane_now("catalog")
    keep()
    offers = connection.env["inventory.source.product"].search(
        [("connection_id", "=", connection.id)]
    )
    left = offers.filtered(lambda offer: not offer.product_id)
    assert (len(offers), len(left)) == (len(WORDS), 0), (len(offers), left.mapped("title"))
    return offers.sorted(lambda offer: int(offer.external_id))


def sell(connection, offers, keep, **values):
    """Sell these products and have the order sent; return the sale."""
    env = connection.env
    lines = [
        {"product_id": offer.product_id.id, "product_uom_qty": 1, "tax_ids": False}
        for offer in offers
    ]
    sale = env["sale.order"].create(
        {"order_line": [Command.create(line) for line in lines], **values}
    )
    sale.action_confirm()
    keep()
    connection._run_lane_now("order")
    keep()
    return sale
