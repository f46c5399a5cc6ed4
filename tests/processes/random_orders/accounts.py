"""The same quantities from both sides: by sale and product, in the supplier's pieces."""

from collections import Counter, defaultdict

from odoo.tools import float_round

from .plans import DOZEN, KITS
from .shop import Service

# At the end nothing waits, neither for a lane nor for a person.
UNSETTLED = ("queued", "sending", "unknown", "review", "held", "pending", "problem")


def units_per_piece(product):
    """Return how many of the product's own unit the supplier sells as one, whatever Odoo says."""
    return DOZEN if product.default_code.endswith("-pack") else 1


def _count(rows):
    """Add up `(product, quantity, unit)` in pieces."""
    counted = Counter()
    for product, quantity, unit in rows:
        in_unit = unit._compute_quantity(quantity, product.uom_id, round=False)
        counted[product] += float_round(in_unit / units_per_piece(product), precision_digits=4)
    return +counted


def delivered(played):
    """Return what customers have: what left for them, less what came back.

    From the moves, because Odoo rounds each move to hundredths of the sale line's unit: a dozen in
    three shipments of four is 0.99 dozen delivered.
    """
    moves = played.moves.filtered(lambda move: move.state == "done")
    return _count(
        (
            move.product_id,
            -move.quantity if move.origin_returned_move_id else move.quantity,
            move.product_uom,
        )
        for move in moves
    )


def _strays(sale):
    """Return the sale lines whose own figure is further from the moves than that rounding."""
    for line in sale.order_line if sale._name == "sale.order" else ():
        if line.product_id.default_code in KITS:
            continue  # Odoo says all or nothing of a kit that is not from stock
        moves = line.move_ids.filtered(lambda move: move.state == "done")
        exact = sum(
            move.product_uom._compute_quantity(move.quantity, line.product_uom_id, round=False)
            * (-1 if move.origin_returned_move_id else 1)
            for move in moves
        )
        if abs(line.qty_delivered - exact) > 0.005 * len(moves) + 1e-6:
            yield f"{line.product_id.default_code}: {line.qty_delivered} delivered, moved {exact}"


def _unsent(lines):
    """Return the purchase lines that the watch found in no order: it has looked last."""
    for line in lines:
        if reason := line.inventory_source_unsent_reason:
            yield f"{line.product_id.default_code} on {line.order_id.name} is not sent: {reason}"


class Accounts:
    """The accounts of a number of played plans; the service is asked once."""

    def __init__(self, env, service):
        offers = env["inventory.source.product"].search(
            [("connection_id.environment", "=", "production")]
        )
        self._products = {
            (row.supplier_id.external_id, row.sku): row.product_id
            for row in offers
            if row.product_id.default_code
        }
        self._orders = defaultdict(list)
        for order in service.call("/orders"):
            # "S00042-2" is a further order of S00042.
            if not service.is_foreign(order):
                self._orders[order["orderNumber"].partition("-")[0]].append(order)

    def at_service(self, played):
        """Return `(ordered, shipped)`; of a cancelled order only what had left counts."""
        ordered, shipped = Counter(), Counter()
        for order in (order for number in played.numbers for order in self._orders[number]):
            for wanted, item in zip(order["request"]["items"], order["items"], strict=True):
                product = self._products[str(wanted["supplierId"]), item["sku"]]
                left = Service.shipped(order, item)
                shipped[product] += left
                if order["status"] == "Canceled":
                    ordered[product] += left
                elif item["status"] == "accepted":
                    ordered[product] += item["quantity"]
        return +ordered, +shipped

    def in_odoo(self, played):
        """Return the quantities of the documents by name."""
        orders = played.orders
        bought = played.bought_lines.filtered(lambda line: line.order_id.state == "purchase")
        shipments = orders.shipment_ids.filtered(lambda shipment: shipment.state == "applied")
        bills = bought.invoice_lines.filtered(lambda line: line.parent_state == "posted")
        return {
            "ordered": _count((b.product_id, b.product_qty, b.product_uom_id) for b in bought),
            "shipped": +sum(
                (
                    Counter({line.order_line_id.product_id: line.quantity})
                    for line in shipments.line_ids
                ),
                Counter(),
            ),
            "received": _count((b.product_id, b.qty_received, b.product_uom_id) for b in bought),
            "delivered": delivered(played),
            "billed": _count(
                (
                    line.product_id,
                    line.quantity * (-1 if line.move_type == "in_refund" else 1),
                    line.product_uom_id,
                )
                for line in bills
            ),
        }

    def differences(self, played):
        """Return in words what does not agree; empty when all does, to the unit."""
        ordered, shipped = self.at_service(played)
        odoo = self.in_odoo(played)
        kept = shipped - played.returned
        expected = {
            "ordered": ordered,
            "shipped": shipped,
            "received": kept,
            "delivered": kept + _own(played),
            "billed": kept,
        }
        found = [
            f"{name} in Odoo {_words(odoo[name])}, at the service {_words(wanted)}"
            for name, wanted in expected.items()
            if odoo[name] != wanted
        ]
        if not (played.is_cancelled or played.refused) and ordered != played.asked:
            found.append(f"asked for {_words(played.asked)}, ordered {_words(ordered)}")
        found += [
            f"{record.display_name} is {record.state}: {record.reason}"
            for record in (*played.orders, *played.orders.shipment_ids)
            if record.state in UNSETTLED
        ]
        found += _strays(played.document)
        found += _unsent(played.purchase_lines)
        found += played.complaints
        found += [
            f"{line.product_id.default_code} is sold no more and was sent"
            for line in played.left.exists().inventory_source_line_ids
            if line._is_live()
        ]
        found += [error for error in played.orders.mapped("documents_error") if error]
        return found


def _own(played):
    """Return what leaves from own stock: all of it, unless the sale was cancelled."""
    sale = played.document
    if sale._name != "sale.order" or sale.state != "sale":
        return Counter()
    lines = sale.order_line.filtered(lambda line: line.product_id.default_code == "own")
    return _count((line.product_id, line.product_uom_qty, line.product_uom_id) for line in lines)


def _words(counted):
    return {product.default_code: quantity for product, quantity in counted.items()}
