"""What an ordered line costs in the end: as billed where bills are posted, else as expected.

In the currency of its sale, by the rate of the day of the sale: what exchange rates do later is no
margin of it.
"""

from typing import NamedTuple

from ..order.order_line import CHARGES

DIGITS = 9


class Costs(NamedTuple):
    """What goods, fees and freight cost; `billed` once bills are posted for all of it."""

    goods: float = 0.0
    charges: float = 0.0
    billed: bool = False


NONE = Costs()


def costs(line):
    """Return the `Costs` of an ordered line that was sold."""
    bought = line.purchase_line_id
    pieces = line._charged_pieces()
    convert = line.sale_line_id._inventory_source_in_currency
    if not pieces:
        return _billed_all_the_same(line, convert)
    goods = convert(line._unit_cost() * pieces, line.currency_id)
    expected = {kind: convert(line._charge(kind), line.currency_id) for kind, _label in CHARGES}
    # Of what its purchase line buys, another order may hold a part.
    siblings = bought.inventory_source_line_ids.filtered(lambda each: each._charged_pieces())
    taken = sum(each._charged_pieces() for each in siblings)
    if not taken:
        return _rounded(line, Costs(goods, sum(expected.values())))
    part, bills = pieces / taken, _Bills(bought, convert)
    units = bills.units(1 - line._kept_share())
    spent = (bills.amount * (1 - units.to_credit) - bills.credit) * part + goods * units.to_bill
    charges, billed = _charges(line, expected, units.share, convert)
    added, added_billed = _added(line, convert)
    charges += bills.by_hand() * part + added
    billed = billed and added_billed and units.share >= 1
    return _rounded(line, Costs(spent, charges, billed or not (units.due or spent or charges)))


def _billed_all_the_same(line, convert):
    """Return what is billed, and not credited, of what the supplier took and canceled whole.

    It stands on the last order line of its purchase line, while nothing of that is to come.
    """
    bought = line.purchase_line_id
    same = bought.inventory_source_line_ids.sorted("id")
    if not line.cancelled_quantity or line != same[-1:] or any(map(_pieces, same)):
        return NONE
    bills, purchase = _Bills(bought, convert), bought.order_id
    charges, all_lines = bills.by_hand(), purchase.order_line.inventory_source_line_ids
    if not any(map(_pieces, all_lines)):
        own = purchase.order_line.filtered("inventory_source_charge")
        own |= purchase.order_line._inventory_source_added()
        charged = sum(each.amount - each.credit for each in (_Bills(fee, convert) for fee in own))
        charges += charged / len(all_lines.purchase_line_id)
    spent = _rounded(line, Costs(bills.amount - bills.credit, charges))
    return spent._replace(billed=bool(spent.goods or spent.charges))


def _pieces(line):
    return line._charged_pieces()


def _rounded(line, exact):
    currency = line.sale_currency_id
    return exact._replace(goods=currency.round(exact.goods), charges=currency.round(exact.charges))


class Units(NamedTuple):
    """What bills say about the units that a supplier took."""

    due: float  # which part of what it took was not returned
    to_bill: float  # which part of what it took is due and not billed
    to_credit: float  # which part of what it billed was returned, and is not credited yet
    share: float  # which part of what is due is billed: 1 for all of it


class _Bills:
    """The posted bills and credit notes of one purchase line."""

    def __init__(self, bought, convert):
        lines = bought.invoice_lines.filtered(lambda line: line.parent_state == "posted")
        self._bought, self._convert = bought, convert
        self._billed = lines.filtered(lambda line: line.move_type == "in_invoice")
        self._credited = lines.filtered(lambda line: line.move_type == "in_refund")
        self.amount, self.credit = self._sum(self._billed), self._sum(self._credited)

    def _sum(self, lines):
        return sum(self._convert(line.price_subtotal, line.currency_id) for line in lines)

    def _share(self, lines):
        """Return which part of what the supplier took these lines are about."""
        taken = self._bought._inventory_source_taken()
        units = sum(
            line.product_uom_id._compute_quantity(
                line.quantity, self._bought.product_uom_id, round=False
            )
            for line in lines
        )
        return units / taken if taken else 0.0

    def units(self, returned):
        """Return the `Units` of its goods.

        What was returned is credited, or is ours, or was never billed: bills of what was received
        leave it out. A credit note about more than was returned is one of the price.

        :param float returned: which part of what the supplier took
        """
        returned = round(returned, DIGITS)  # a third of what was taken is no exact number
        due, billed = 1 - returned, round(self._share(self._billed), DIGITS)
        credited = min(round(self._share(self._credited), DIGITS), returned)
        to_bill = max(due - (billed - credited), 0.0)
        to_credit = min(max(billed - credited - due, 0.0), returned - credited)
        share = round(1 - to_bill / due, DIGITS) if due else float(billed > 0)
        return Units(due, to_bill, billed and to_credit / billed, share)

    def by_hand(self):
        """Return its part of the fees and freight typed in without a line of a purchase order."""
        total = 0.0
        for own in (self._billed | self._credited).grouped("move_id").values():
            move = own.move_id
            lines = move.invoice_line_ids.filtered(lambda line: line.display_type == "product")
            goods = lines.filtered(
                lambda line: (
                    line.purchase_line_id.inventory_source_line_ids
                    and not line.purchase_line_id.inventory_source_charge
                )
            )
            typed = sum(
                lines.filtered(lambda line: not line.purchase_line_id).mapped("price_subtotal")
            )
            whole = sum(goods.mapped("price_subtotal"))
            if typed and whole:
                amount = typed * sum(own.mapped("price_subtotal")) / whole
                sign = -1 if move.move_type == "in_refund" else 1
                total += sign * self._convert(amount, move.currency_id)
        return total


def _charges(line, expected, share, convert):
    """Return fees and freight of an ordered line, and whether all that have lines are billed.

    :param dict expected: by kind
    :param float share: which part of the goods is billed; what has no line of its own on the
        purchase order comes with them
    """
    total, billed = 0.0, True
    purchase = line.purchase_line_id.order_id
    for kind, amount in expected.items():
        own = purchase._inventory_source_charge_line(kind)
        if not own:
            total += amount * (1 - share)
            continue
        bills = _Bills(own, convert)
        if not own.invoice_lines.filtered(lambda bill: bill.parent_state == "posted"):
            total, billed = total + amount, False
            continue
        total += (bills.amount - bills.credit) * _part_of(line, kind, purchase)
    return total, billed


def _added(line, convert):
    """Return its part of what a purchaser added to the purchase order, and whether it is billed.

    By the value of the goods, as of what is typed in on a bill.
    """
    purchase, total, billed = line.purchase_line_id.order_id, 0.0, True
    for added in purchase.order_line._inventory_source_added():
        bills = _Bills(added, convert)
        to_bill = 0.0 if purchase.state == "cancel" else bills.units(0).to_bill
        total += bills.amount - bills.credit
        total += to_bill * convert(added.price_subtotal, added.currency_id)
        billed = billed and not to_bill
    if not total:
        return 0.0, billed
    worth = {
        each: each._unit_cost() * each._charged_pieces()
        for each in purchase.order_line.inventory_source_line_ids
    }
    whole = sum(worth.values())
    return (total * worth[line] / whole if whole else 0.0), billed


def _part_of(line, kind, purchase):
    """Return which part of a charge of a purchase order belongs to this line."""
    lines = purchase.order_line.inventory_source_line_ids.filtered(
        lambda each: each.state == "accepted"
    )
    if whole := sum(each._charge(kind) for each in lines):
        return line._charge(kind) / whole
    pieces = sum(each._charged_pieces() for each in lines)
    return line._charged_pieces() / pieces if pieces else 0.0
