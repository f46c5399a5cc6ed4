from unittest.mock import patch

from odoo.tests import tagged

from ...models.go_live import go_live_product
from .go_live_case import GoLiveCommon

MANY = 1000


@tagged("post_install", "-at_install")
class TestGoLiveMany(GoLiveCommon):
    """A thousand products go live, and back: each once, and all that people did to them stays."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.offers = cls.tell(cls.catalog, *(cls.wire(n) for n in range(1, MANY + 1)))
        cls.offers.with_company(cls.sandbox.company_id)._import()
        cls.products = cls.offers.product_id

    def tell_thousand(self):
        """Tell production of them: 30 under another SKU, 20 not, 10 dearer by more than 20 %."""
        wires = []
        for number in range(1, MANY + 1):
            wire = self.wire(number)
            if number <= 30:
                wire["sku"] = f"NEW{number}"
            elif number <= 50:
                continue
            elif number <= 60:
                wire["cost"] = 30.0
            else:
                wire["cost"] = 10.5
            # The remote IDs are others in production.
            wires.append({**wire, "id": 5000 + number})
        return self.tell_production(*wires)

    def edit(self):
        """Do to products what people do: a name, a price, a pin, one kept price."""
        self.products[100].name = "My own name"
        self.products[101].list_price = 99.0
        self.products[102].product_tmpl_id.inventory_source_pinned = True
        self.products[103].active = False
        # On whom it is bought of, and how.
        contact = self.env["res.partner"].create(
            {"name": "Orders", "parent_id": self.supplier.partner_id.id}
        )
        self.vendor_edits = {
            "partner_id": contact.id,
            "product_uom_id": self.env.ref("uom.product_uom_dozen").id,
            "min_qty": 2.0,
            "sequence": 7,
            "delay": 12,
            "discount": 5.0,
        }
        self.products[105].seller_ids.write(self.vendor_edits)
        self.env.flush_all()

    def vendor_line(self, place):
        """Return what a person can change on the vendor line of a product."""
        self.products[place].invalidate_recordset()
        (line,) = self.products[place].seller_ids.read(list(self.vendor_edits), load=None)
        del line["id"]
        return line

    def figures(self):
        """Return what Odoo's own records say of the products."""
        names = ["name", "list_price", "standard_price", "default_code", "barcode", "active"]
        products = self.products.with_context(active_test=False)
        products.invalidate_recordset()
        return {row.pop("id"): row for row in products.read(names)}

    def numbers(self):
        go_live = self.go_live
        go_live.invalidate_recordset()
        return {
            name: go_live[name]
            for name in (
                "sku_count",
                "upc_count",
                "missing_count",
                "undecided_count",
                "moved_count",
            )
        }

    EXPECTED = {
        "sku_count": 950, "upc_count": 30, "missing_count": 20, "undecided_count": 0,
        "moved_count": 10,
    }  # fmt: skip

    def test_comparing_changes_nothing_and_says_what_will_be_done(self):
        self.begin()
        self.assertEqual(self.go_live.stage, "download", "nothing was downloaded yet")
        offers = self.tell_thousand()
        before = self.figures()
        facts = ["product_id", "matched", "applied", "pending", "vendor_line_id", "ignored"]
        told = (self.offers | offers).read(facts)
        self.go_live.invalidate_recordset()
        self.assertEqual(self.go_live.stage, "match")
        self.go_live.action_match()
        self.assertEqual(self.numbers(), self.EXPECTED)
        (self.offers | offers).invalidate_recordset()
        self.assertEqual((self.offers | offers).read(facts), told)
        self.assertEqual(self.figures(), before)
        for name, count in self.EXPECTED.items():
            opened = self.go_live.with_context(count=name).action_view_lines()
            self.assertEqual(self.Lines.search_count(opened["domain"]), count, name)

    def test_each_product_goes_live_and_back_and_what_people_did_stays(self):
        vendor = self.supplier.partner_id
        self.edit()
        before = self.figures()
        held = self.products.search_count([])
        self.begin()
        new = self.tell_thousand()
        self.switch()
        self.assertEqual(self.go_live.stage, "done")
        # As it was foretold, and no product twice.
        expected = {**self.EXPECTED}
        self.assertEqual(self.numbers(), expected)
        self.assertEqual(self.go_live.done_count, 980)
        self.assertEqual(self.products.search_count([]), held)
        self.assertEqual(new.product_id, self.products - self.products[30:50])
        # Who it is bought of: the vendor there was, one line, of production only.
        self.assertEqual(self.new_supplier.partner_id, vendor)
        lines = self.env["product.supplierinfo"].search([("product_id", "in", self.products.ids)])
        self.assertEqual(lines, new.vendor_line_id)
        self.assertEqual(lines.partner_id.commercial_partner_id, vendor)
        self.assertEqual(len(lines), 980)
        self.assertEqual(self.vendor_line(105), self.vendor_edits)
        usual = self.vendor_line(200)
        self.assertEqual((usual["partner_id"], usual["delay"]), (vendor.id, 1))
        self.assertFalse(self.sandbox.active)
        self.assertEqual(self.products[200].inventory_source_quantity, 12, "not of both")
        self.assertEqual(self.products[40].inventory_source_quantity, 0)
        # Edits, pins, prices: costs went from 12.00 to 12.50, prices by the factor with them.
        after = self.figures()
        self.assertEqual(after[self.products[200].id]["list_price"], 25.0)
        self.assertEqual(after[self.products[100].id]["name"], "My own name")
        self.assertEqual(after[self.products[101].id]["list_price"], 99.0)
        self.assertEqual(after[self.products[102].id], before[self.products[102].id])
        self.assertFalse(self.products[103].active)
        self.assertEqual(after[self.products[5].id]["default_code"], "NEW6", "SKUs are followed")
        # What moves far stays, and waits for a person.
        for found in self.products[50:60]:
            self.assertEqual(after[found.id]["list_price"], 24.0)
        self.assertEqual(self.go_live.change_count, 20, "prices and costs of ten")
        self.assertEqual(self.products[101].inventory_source_product_ids.filtered("edited").mapped(
            "connection_id"), self.production)  # fmt: skip
        # Production follows what it made from now on, and the sandbox nothing.
        self.assertFalse(self.offers[:30].filtered(lambda offer: not offer.matched))
        self.tell_production({**self.wire(201, cost=11.0), "id": 5201})
        self.work_off(self.production)
        self.assertEqual(self.figures()[self.products[200].id]["list_price"], 26.0)
        # And back, as long as nothing was ordered; what was done meanwhile stays, too.
        self.products[104].name = "Renamed while live"
        self.products[105].seller_ids.min_qty = 3.0
        self.products[106].seller_ids.delay = 4
        self.env.flush_all()
        self.go_live.action_undo()
        self.assertFalse(self.production.active, "at once: nothing is ordered over it meanwhile")
        self.run_in_background()
        self.work_off(self.sandbox)
        self.assertEqual(self.go_live.stage, "make")
        self.assertTrue(self.sandbox.is_counted)
        self.assertFalse(new.product_id)
        self.assertEqual(self.offers.product_id, self.products)
        self.assertFalse(self.offers.filtered("matched"))
        lines = self.env["product.supplierinfo"].search([("product_id", "in", self.products.ids)])
        self.assertEqual(lines, self.offers.vendor_line_id)
        self.assertEqual(len(lines), MANY)
        self.assertEqual(self.vendor_line(105), {**self.vendor_edits, "min_qty": 3.0})
        self.assertEqual(self.vendor_line(106)["delay"], 4)
        self.assertEqual(self.vendor_line(200), usual)
        before[self.products[104].id]["name"] = "Renamed while live"
        self.assertEqual(self.figures(), before)

    def test_what_ends_it_in_the_middle_is_gone_on_with(self):
        self.begin()
        new = self.tell_thousand()
        self.go_live.action_match()
        self.go_live.action_go_live()
        real, calls = go_live_product.GoLiveProduct._switch, []

        def dying(lines):
            calls.append(len(lines))
            if len(calls) == 3:
                raise SystemExit  # as a worker that is ended
            return real(lines)

        with patch.object(go_live_product.GoLiveProduct, "_switch", dying):
            self.raised(SystemExit, self.env["inventory.source.go.live"]._run)
        self.env.invalidate_all()
        self.assertEqual(self.go_live.stage, "switch")
        self.assertEqual(self.go_live.done_count, 400, "what was committed stays")
        self.assertEqual(len(new.product_id), 400)
        self.assertTrue(self.sandbox.active)
        self.run_in_background()
        self.assertEqual(self.go_live.stage, "done")
        self.assertEqual(new.product_id, self.products - self.products[30:50])
        self.assertEqual(len(new.vendor_line_id), 980, "none twice")
