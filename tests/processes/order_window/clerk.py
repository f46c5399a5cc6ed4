"""A clerk who edits sales over HTTP, always just while a lane is at them."""

import contextlib
import itertools
import time
from concurrent.futures import ThreadPoolExecutor

from .gate import LANE, PERSON, Gate

# So many sales wait for the lane at a time, and so often each is edited.
OPEN, EDITS_EACH = 4, 10


class Clerk:
    """Sells what one connection supplies.

    `persons` are logins at several servers, used in turn; `seconds` is how long each edit took, the
    time it was held on purpose included.
    """

    def __init__(self, database, persons, products):
        self.gate, self.persons = Gate(database), itertools.cycle(persons)
        self.products, self.seconds, self._open = products, [], {}
        (customer,) = next(self.persons).search("res.partner", [("ref", "=", "ADA")], "id")
        self.customer = customer["id"]
        self.sales = []

    def work(self, edits):
        """Place so many edits in the window; fewer when the lane comes to no sale any more."""
        left, self._pool = edits, ThreadPoolExecutor(1)
        with contextlib.closing(self.gate), self._pool:
            while left or self._open:
                while left and len(self._open) < OPEN:
                    share = min(EDITS_EACH, left)
                    left -= share
                    self._sell(share)
                sale = self.gate.held(LANE, self._open)
                if not sale:
                    break
                self._edit(sale, len(self.seconds))
                self._open[sale] -= 1
                if not self._open[sale]:
                    del self._open[sale]
                    self.gate.open(LANE, sale)

    def _sell(self, edits):
        person = next(self.persons)
        line = {"product_id": self.products[0], "product_uom_qty": 1}
        sale = person.create("sale.order", partner_id=self.customer, order_line=[(0, 0, line)])
        self.gate.shut(LANE, sale)
        self._open[sale] = edits
        self.sales.append(sale)
        person.call("sale.order", "action_confirm", [sale])

    def _edit(self, sale, number):
        """Edit while the lane is held; every other time the lane is done before the commit."""
        started = time.monotonic()
        if number % 2:
            self._write(sale, number)
        else:
            with self.gate.shut_for(PERSON, sale):
                written = self._pool.submit(self._write, sale, number)
                self.gate.held(PERSON, [sale])
                self._let_lane_pass(sale)
            written.result()
        self.seconds.append(time.monotonic() - started)
        if number % 2:
            self._let_lane_pass(sale)

    def _let_lane_pass(self, sale):
        self.gate.open(LANE, sale)
        self.gate.shut(LANE, sale)

    def _write(self, sale, number):
        """Sell one piece more: of a line that is there, or of another product."""
        person = next(self.persons)
        if number % 4 < 2:
            (line, *_more) = person.search(
                "sale.order.line", [("order_id", "=", sale)], "product_uom_qty", order="id"
            )
            command = (1, line["id"], {"product_uom_qty": line["product_uom_qty"] + 1})
        else:
            command = (0, 0, {"product_id": self.products[1], "product_uom_qty": 1})
        person.call("sale.order", "write", [sale], {"order_line": [command]})
