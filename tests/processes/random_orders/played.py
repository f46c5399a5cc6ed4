"""One plan on its way: who buys, by which documents, and what the supplier was asked for by now."""

from collections import Counter

from odoo import fields
from odoo.exceptions import UserError
from odoo.fields import Command

from .accounts import units_per_piece
from .plans import parts

UNASKED = ("own", "gone")


class Played:
    """One plan and its document: a sale, a purchase by hand, an order at a till."""

    # What is entered with another quantity, because Odoo forgets it.
    _kept = {}

    def __init__(self, env, plan, assortment):
        """Write the document; nothing is bought yet.

        :param assortment: the articles, the units and the customer of the shop
        """
        self.env, self.plan, self.articles = env, plan, assortment.articles
        # What customers sent back for another piece, by product, in the supplier's pieces.
        self.returned = Counter()
        # The supplier cancels some: what it was asked for then is more than it has.
        self.refused = False
        self._asked = {}
        # What a purchaser made of a line, until the sale is changed, by line and article.
        self._made = {}
        # What a purchaser has ordered himself, so that nothing of it is sent.
        self._by_hand = Counter()
        # What was bought for a line that sells something else by now.
        self.left = env["purchase.order.line"]
        # What ought to have happened on the way and did not, in words.
        self.complaints = []
        rows = [
            (assortment.articles[article], quantity, assortment.units[unit])
            for article, quantity, unit in plan["lines"]
        ]
        self.document = self._write(rows, assortment)

    @property
    def orders(self):
        return self.purchase_lines.inventory_source_line_ids.order_id

    @property
    def moves(self):
        return self.bought_lines.move_ids

    @property
    def bought_lines(self):
        """What is bought through the service."""
        return self.purchase_lines.filtered(lambda line: not line.inventory_source_by_hand)

    @property
    def numbers(self):
        """The numbers its orders begin with."""
        return self.purchase_lines.order_id.mapped("name")

    @property
    def asked(self):
        """What was asked for by product, in the supplier's pieces."""
        counted = Counter()
        for (_key, article), pieces in self._asked.items():
            counted[self.articles[article]] += pieces
        return +counted

    def note_asked(self):
        """Count what the lane has just sent: nothing that was asked for is taken back.

        Line by line, as Odoo buys: more on one line is bought even while the supplier is being
        asked to take back some of the same product that another line no longer wants.
        """
        if not self.is_cancelled:
            for key, article, pieces in self._wanted():
                self._asked[key, article] = max(self._asked.get((key, article), 0), pieces)

    def edit(self, place, quantity):
        """Change the quantity of a line, unless Odoo refuses less than was delivered."""
        line = self._lines[place]
        if line.product_id.default_code == "own":
            return
        if self._try(line, {self._quantity: quantity, **self._kept}):
            self._buy_anew(line)

    def _try(self, line, values):
        """Write on a line; return whether Odoo allows it."""
        try:
            with self.env.cr.savepoint():
                line.write(values)
        except UserError:
            self.env.invalidate_all()
            return False
        return True

    def _buy_anew(self, lines):
        """Odoo buys what these lack by now, whatever a purchaser has made of them before."""
        self._made = {key: pieces for key, pieces in self._made.items() if key[0] not in lines}

    def bought_for(self, place):
        """Return the purchase lines of a line, without what came in exchange or was canceled."""
        return self._lines[place].purchase_line_ids.filtered(
            lambda line: line.state != "cancel" and not line.inventory_source_exchange
        )

    def complain_unless(self, is_right, what):
        if not is_right:
            self.complaints.append(what)

    def _wanted(self):
        """Return `(line, article, pieces)` of what the service is to be asked for by now."""
        for line, article, pieces in self._sold():
            pieces = self._made.get((line, article), pieces)
            yield line, article, pieces - self._by_hand[line, article]

    def _sold(self):
        """Return `(line, article, pieces)` of what is sold by now."""
        for line in self._lines:
            in_unit = self._unit(line)._compute_quantity(
                line[self._quantity], line.product_id.uom_id, round=False
            )
            for article, quantity in parts(line.product_id.default_code).items():
                if not article.endswith(UNASKED):
                    yield (
                        line,
                        article,
                        in_unit * quantity / units_per_piece(self.articles[article]),
                    )


class PlayedOrder(Played):
    """What is written down with lines of its own, under a number of its own."""

    @property
    def _lines(self):
        return self.document.order_line

    @property
    def numbers(self):
        return [self.document.name]

    @property
    def is_cancelled(self):
        return self.document.state == "cancel"

    def _unit(self, line):
        return line.product_uom_id


class PlayedSale(PlayedOrder):
    """What a customer was sold, by the company or by its branch."""

    _quantity = "product_uom_qty"

    def _write(self, rows, assortment):
        branch = self.plan["kind"] == "branch"
        lines = [
            {
                "product_id": product.id,
                "product_uom_qty": quantity,
                "product_uom_id": unit.id,
                "price_unit": 30,
            }
            for product, quantity, unit in rows
        ]
        company = assortment.branch if branch else self.env.company
        return (
            self.env["sale.order"]
            .with_company(company)
            .create(
                {
                    "partner_id": assortment.customer.id,
                    "company_id": company.id,
                    "order_line": [Command.create(line) for line in lines],
                }
            )
        )

    @property
    def purchase_lines(self):
        return self.document.order_line.purchase_line_ids

    @property
    def orders(self):
        return self.document.inventory_source_order_ids

    @property
    def moves(self):
        own = self.document.order_line.move_ids
        return own.filtered(lambda move: not move.purchase_line_id.inventory_source_by_hand)

    def confirm(self):
        self.document.action_confirm()

    def cancel(self):
        self.document._action_cancel()

    def again(self):
        """Cancel the sale, set it to quotation and confirm it again."""
        if self.document.state != "cancel":
            self.cancel()
        self.document.action_draft()
        self.confirm()
        self._buy_anew(self._lines)

    def delete(self, place, again):
        """A purchaser deletes what was bought for a line; the salesperson is told and may act."""
        self.bought_for(place).unlink()
        self._nobody_buys(place, again)

    def replace(self, place, article, again):
        """Another product is sold on a line, and the salesperson is told that nobody buys it."""
        line, left = self._lines[place], self.bought_for(place)
        if self._try(line, {"product_id": self.articles[article].id}):
            self.left |= left
            self._nobody_buys(place, again)

    def _nobody_buys(self, place, again):
        """Nobody buys a line any more: a person is told, and may have it bought after all."""
        line = self._lines[place]
        told = " ".join(self.document.activity_ids.mapped("summary"))
        self.complain_unless(
            "not delivered by any supplier" in told,
            f"nobody was told that {line.product_id.default_code} is not bought",
        )
        if again:
            self.document.action_inventory_source_enqueue()
        else:
            self._made |= {(line, article): 0 for line, article, _pieces in self._sold_on(place)}

    def _sold_on(self, place):
        return [row for row in self._sold() if row[0] == self._lines[place]]

    def buy(self, place, units):
        """A purchaser buys more or less for a line than was sold."""
        bought = self.bought_for(place).filtered(lambda line: line.product_qty > 0)[-1:]
        if not bought:
            return
        before = bought.product_qty
        bought.product_qty = max(before + units, 0)
        more = bought.product_uom_id._compute_quantity(
            bought.product_qty - before, bought.product_id.uom_id, round=False
        )
        more /= units_per_piece(bought.product_id)
        for line, article, pieces in self._sold_on(place):
            key = line, article
            self._made[key] = max(pieces, self._asked.get(key, 0)) + more

    def note_by_hand(self):
        """Count what a purchaser has just ordered himself."""
        for bought in self.purchase_lines.filtered("inventory_source_by_hand"):
            pieces = bought._inventory_source_units() / units_per_piece(bought.product_id)
            self._by_hand[bought.sale_line_id, bought.product_id.default_code] += pieces

    def exchange(self, place, pieces):
        """A customer sends up to so many pieces of a line back and is to get others."""
        line = self.document.order_line[place]
        moves = line.move_ids.filtered(
            lambda move: move.state == "done" and move.picking_id.picking_type_code == "dropship"
        )
        if not moves or line.product_id.default_code not in self.articles:
            return
        move = moves[0]
        size = units_per_piece(move.product_id)
        pieces = min(pieces, move.product_qty // size)
        wizard = self.env["stock.return.picking"].create({"picking_id": move.picking_id.id})
        for row in wizard.product_return_moves:
            row.quantity = pieces * size if row.move_id == move else 0
        back = self.env["stock.picking"].browse(wizard.action_create_exchanges()["res_id"])
        back.move_ids.picked = True
        back.with_context(skip_sms=True).button_validate()
        self.returned[move.product_id] += pieces
        key = ("exchanged", line), line.product_id.default_code
        self._asked[key] = self._asked.get(key, 0) + pieces


class PlayedPurchase(PlayedOrder):
    """What a purchaser orders by hand, to be sent to a customer."""

    _kept = {"price_unit": 5}
    _quantity = "product_qty"

    def _write(self, rows, assortment):
        seller = rows[0][0].seller_ids.filtered(lambda line: line.price > 1)[:1]
        lines = [
            {
                "product_id": product.id,
                "product_qty": quantity,
                "product_uom_id": unit.id,
                "price_unit": 5,
            }
            for product, quantity, unit in rows
        ]
        return self.env["purchase.order"].create(
            {
                "partner_id": seller.partner_id.id,
                "picking_type_id": assortment.dropship.id,
                "dest_address_id": assortment.customer.id,
                "order_line": [Command.create(line) for line in lines],
            }
        )

    @property
    def purchase_lines(self):
        return self.document.order_line

    def confirm(self):
        self.document.button_confirm()


class PlayedPos(Played):
    """What a cashier sold, to be shipped later."""

    _quantity = "qty"
    is_cancelled = False

    def _write(self, rows, assortment):
        """Remember the rows: the till tells the server of an order when it is paid."""
        self._rows, self._assortment = rows, assortment
        return self.env["pos.order"]

    @property
    def _lines(self):
        return self.document.lines

    @property
    def purchase_lines(self):
        return self.document.stock_reference_ids.purchase_ids.order_line

    def _unit(self, line):
        return line.product_id.uom_id

    def confirm(self):
        """Send what the till sends."""
        session = self._assortment.session
        price, lines, total = 30, [], 0
        for product, quantity, unit in self._rows:
            # A till knows no dozens.
            pieces = unit._compute_quantity(quantity, product.uom_id)
            amount = price * pieces
            total += amount
            lines.append(
                {
                    "product_id": product.id,
                    "qty": pieces,
                    "price_unit": price,
                    "discount": 0,
                    "tax_ids": [(6, 0, [])],
                    "price_subtotal": amount,
                    "price_subtotal_incl": amount,
                }
            )
        number = f"{self.plan['number']}-{self._assortment.next_number()}"
        told = self.env["pos.order"].sync_from_ui(
            [
                {
                    "name": f"Order {number}",
                    "uuid": f"random-{number}",
                    "session_id": session.id,
                    "partner_id": self._assortment.customer.id,
                    "date_order": fields.Datetime.to_string(fields.Datetime.now()),
                    "shipping_date": fields.Date.to_string(fields.Date.today()),
                    "amount_total": total,
                    "amount_paid": total,
                    "amount_tax": 0,
                    "amount_return": 0,
                    "fiscal_position_id": False,
                    "to_invoice": False,
                    "sequence_number": self.plan["number"],
                    "lines": [Command.create(line) for line in lines],
                    "payment_ids": [
                        Command.create(
                            {
                                "amount": total,
                                "name": fields.Datetime.to_string(fields.Datetime.now()),
                                "payment_method_id": session.payment_method_ids[0].id,
                            }
                        )
                    ],
                }
            ]
        )
        self.document = self.env["pos.order"].browse(told["pos.order"][0]["id"])


PLAYED = {"sale": PlayedSale, "branch": PlayedSale, "purchase": PlayedPurchase, "pos": PlayedPos}
