from odoo.tests import tagged

from ...models.order.order_line import units_per_piece
from ..catalog.catalog_common import CatalogCommon, product


@tagged("post_install", "-at_install")
class TestVendorEdits(CatalogCommon):
    """What a person changed on a vendor line stays, also when the line goes and comes back."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.catalog.import_mode = "all"
        cls.dozen = cls.env.ref("uom.product_uom_dozen")

    def line(self, number=1):
        return self.offer(number).vendor_line_id

    def work_off(self):
        lane = self.env["inventory.source.lane.catalog"]
        while self.connection._transact(lane._count_pending):
            self.connection._transact(lane._work_off)
        self.env.invalidate_all()

    def contact(self, **values):
        return self.env["res.partner"].create(
            {"name": "Orders", "parent_id": self.line().partner_id.id, **values}
        )

    def away_and_back(self, between=None):
        """Archive the connection, which takes the vendor lines away, and take it back."""
        self.connection.action_archive()
        self.assertFalse(self.Offer.search([]).product_id.seller_ids)
        if between:
            between()
        self.connection.action_unarchive()
        self.work_off()

    def test_it_comes_back_with_the_connection(self):
        self.read([product(1), product(2)])
        edits = {
            "partner_id": self.contact().id, "product_uom_id": self.dozen.id, "min_qty": 2.0,
            "sequence": 7, "delay": 12, "discount": 5.0, "date_start": "2026-01-01",
        }  # fmt: skip
        self.line().write(edits)
        for end, begin in (
            (self.connection.action_archive, self.connection.action_unarchive),
            (self.connection.action_disconnect, lambda: self.connect(self.connection)),
        ):
            end()
            self.assertFalse(self.offer(1).product_id.seller_ids)
            begin()
            self.work_off()
            found = self.line().read(list(edits), load=None)[0]
            found["date_start"] = str(found["date_start"])
            self.assertEqual(found, {"id": self.line().id, **edits})
            usual = {"partner_id": self.supplier.partner_id.id, "delay": 1, "min_qty": 0}
            self.assertRecordValues(self.line(2), [usual])
            self.assertFalse(self.Offer.search([("vendor_edits", "!=", False)]))

    def test_what_is_as_it_was_written_follows_and_what_was_entered_stays(self):
        self.read([product(1), product(2)])
        self.line(2).delay = 12

        def change():
            self.supplier.lead_days = 9

        self.away_and_back(change)
        self.assertEqual([self.line(1).delay, self.line(2).delay], [9, 12])
        # Taken back by that person.
        self.line(2).delay = 9
        self.away_and_back()
        self.supplier.lead_days = 3
        self.assertEqual([self.line(1).delay, self.line(2).delay], [3, 3])

    def test_a_contact_of_another_company_or_that_is_archived_is_not_bought_of(self):
        self.read([product(1)])
        self.line().write({"partner_id": self.contact().id, "min_qty": 2.0})
        self.away_and_back(self.line().partner_id.action_archive)
        self.assertEqual(self.line().partner_id, self.supplier.partner_id)
        self.assertEqual(self.line().min_qty, 2.0)
        self.line().partner_id = self.contact()
        successor = self.env["res.partner"].create({"name": "Successor", "is_company": True})

        def change():
            self.supplier.partner_id = successor

        self.away_and_back(change)
        self.assertEqual(self.line().partner_id, successor)
        self.assertEqual(self.line().min_qty, 2.0)

    def test_whoever_unlinks_the_product_begins_anew(self):
        self.read([product(1)])
        found = self.offer(1).product_id
        self.line().min_qty = 24
        self.away_and_back()
        self.connection.action_archive()
        self.offer(1).action_unlink()
        self.connection.action_unarchive()
        self.offer(1)._link_existing(found, "by hand")
        self.assertEqual(self.line().min_qty, 0)

    def test_what_a_piece_is_stays_known_of_a_product_that_is_linked_once_more(self):
        self.read([product(1), product(2)])
        found, other = self.offer(1).product_id, self.offer(2).product_id
        self.line().write({"product_uom_id": self.dozen.id, "min_qty": 24})
        self.offer(1).action_unlink()
        self.assertFalse(found.seller_ids)
        # What is on its way is received and billed meanwhile.
        self.assertEqual(units_per_piece(found, self.offer(1)), 12)
        self.offer(1)._link_existing(found, "by hand")
        self.assertEqual(units_per_piece(found, self.offer(1)), 12)
        self.assertRecordValues(self.line(), [{"product_uom_id": self.dozen.id, "min_qty": 0}])

        self.offer(1).action_unlink()
        self.offer(1)._link_existing(other, "by hand")
        self.assertEqual(self.line().product_uom_id, other.uom_id, "of another, another pack")
        self.assertFalse(self.offer(1).vendor_edits)

    def test_what_a_piece_was_of_another_product_is_not_what_it_is_of_this(self):
        """While the connection does not count, there is no vendor line to say so."""
        self.read([product(1), product(2)])
        other = self.offer(2).product_id
        self.line().product_uom_id = self.dozen
        self.connection.action_archive()
        self.offer(1).action_unlink()
        self.offer(1)._link_existing(other, "by hand")
        self.assertEqual(units_per_piece(other, self.offer(1)), 1)
        self.offer(1).action_unlink()
        self.connection.action_unarchive()
        self.offer(1)._link_existing(other, "by hand")
        self.assertEqual(self.line().product_uom_id, other.uom_id)
