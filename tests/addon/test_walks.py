"""How many files of `models/` a reader passes who follows one thing on its way.

What is counted, and why the frame stands apart: docs/decisions/0018-a-walk-is-counted.md.
"""

import sys
from pathlib import Path

from odoo.tests import tagged

from ..catalog.catalog_common import CatalogCommon, product
from ..order.order_common import OrderSendCase
from ..shipment.shipment_case import ShipmentCase

MODELS = Path(__file__).parents[2] / "models"
# Passed by everything that talks to the service, and read once: transactions, lanes, throttle,
# tokens, the status of the connection.
FRAME = ("sync/", "connection/")


class Walk:
    """The files whose functions ran from the first call of one function to the end of another.

    `first` and `last` are qualified names: the walk begins when the one is called and ends when the
    other has returned, whatever else runs before and after.
    """

    def __init__(self, first, last):
        self._first, self._last = first, last
        self._walking = self.arrived = False
        self._files = set()

    def __enter__(self):
        self._before = sys.getprofile()
        sys.setprofile(self._note)
        return self

    def __exit__(self, *_exc):
        sys.setprofile(self._before)

    def _note(self, frame, event, _argument):
        code = frame.f_code
        if event not in ("call", "return") or not code.co_filename.startswith(str(MODELS)):
            return
        name = code.co_qualname
        if event == "call" and name == self._first and not self.arrived:
            self._walking = True
        if self._walking:
            self._files.add(code.co_filename)
            if event == "return" and name == self._last:
                self._walking, self.arrived = False, True

    def passed(self):
        """Return `(files of the subjects, files of the frame)`, each as `package/file`."""
        paths = (Path(name).relative_to(MODELS).with_suffix("") for name in self._files)
        names = sorted(map(str, paths))
        frame = [name for name in names if name.startswith(FRAME)]
        return [name for name in names if name not in frame], frame


class WalkCase:
    def assertShort(self, what, walk, most, most_of_frame):
        self.assertTrue(walk.arrived, f"{what}: the walk did not come to its end")
        rooms, frame = walk.passed()
        # pylint: disable-next=print-used
        print(  # noqa: T201
            f"\n{what} passes {len(rooms)} files of models/: {', '.join(rooms)}"
            f"\n  and {len(frame)} of its frame: {', '.join(frame)}"
        )
        self.assertLessEqual(len(rooms), most, rooms)
        self.assertLessEqual(len(frame), most_of_frame, frame)


@tagged("post_install", "-at_install")
class TestOrderWalk(WalkCase, OrderSendCase):
    def test_a_sale_passes_few_files_from_confirmation_to_acceptance(self):
        sale = self.create_sale((self.creel, 2)).with_user(self.salesperson)
        self.env.flush_all()
        self.expect_order()
        with Walk("SaleOrder.action_confirm", "Order._record_result") as walk:
            sale.action_confirm()
            self.send()
        self.assertEqual(self.order_of(sale.sudo()).state, "accepted")
        self.assertShort("A sale, from confirmation to acceptance,", walk, 15, 13)


@tagged("post_install", "-at_install")
class TestProductWalk(WalkCase, CatalogCommon):
    def test_a_product_passes_few_files_from_page_to_template(self):
        self.catalog.import_mode = "all"
        # The first one of a catalog sets up its vendor and its category, once.
        self.read([product(1)])
        self.catalog.next_pass_at = "2020-01-01"
        # One page of several: what a pass does at its end is not the way of a product.
        self.expect_pages([product(1), product(2)], end=False)
        lane, client = self.env["inventory.source.lane.catalog"], self.connection._client("catalog")
        self.env.flush_all()
        with Walk("SupplierProduct._apply_rows", "SupplierProduct._import") as walk:
            lane._read_page(self.connection, client)
            self.connection._transact(lane._work_off)
        self.assertTrue(self.offer(2).product_id.product_tmpl_id)
        self.assertShort("A product, from page to template,", walk, 16, 4)


@tagged("post_install", "-at_install")
class TestShipmentWalk(WalkCase, ShipmentCase):
    def test_a_shipment_passes_few_files_from_answer_to_transfer(self):
        order = self.sell((self.creel, 2))
        self.env.flush_all()
        answer = self.shipment("s-1", (self.creel, 2), order=order)
        with Walk("Shipment._apply_answer", "Shipment._finish") as walk:
            shipment = self.look(order, answer)
        self.assertState(shipment, "applied")
        self.assertEqual(shipment.picking_id.state, "done")
        self.assertShort("A shipment, from answer to transfer,", walk, 12, 4)
