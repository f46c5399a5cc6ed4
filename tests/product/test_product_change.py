from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from ...models.product import change
from ..catalog.catalog_common import CatalogCommon, member, product


@tagged("post_install", "-at_install")
class TestCatalogChange(CatalogCommon):
    """What moves far waits for a person; what hurts is told in the same list."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.catalog.import_mode = "all"
        cls.connection.change_limit = 20

    def changes(self, number=None, **equal):
        domain = [("supplier_product_id.connection_id", "=", self.connection.id)]
        domain += [(name, "=", value) for name, value in equal.items()]
        if number is not None:
            domain.append(("supplier_product_id", "=", self.offer(number).id))
        return self.env["inventory.source.change"].search(domain)

    def figures(self, number):
        found = self.offer(number).product_id
        return found.standard_price, found.lst_price

    def as_manager(self, changes):
        return changes.with_user(self.user_manager)

    def test_a_large_move_waits_and_a_small_one_goes_through(self):
        self.read([product(1), product(2)])
        self.read([product(1, cost=20.0), product(2, cost=11.0)])
        self.assertEqual(self.figures(1), (12.0, 18.0))
        self.assertEqual(self.figures(2), (13.0, 19.5))
        self.assertFalse(self.changes(2))
        found = {c.kind: (c.current_value, c.proposed_value, c.state) for c in self.changes(1)}
        self.assertEqual(found["cost"], (12.0, 22.0, "waiting"))
        self.assertEqual(found["price"], (18.0, 33.0, "waiting"))
        self.assertAlmostEqual(self.changes(1, kind="price").moved, 83.33, 2)

    def listed(self, *domain):
        """Return the rows that the list of changes shows, one for each product."""
        ours = [("supplier_product_id.connection_id", "=", self.connection.id), *domain]
        folded = self.env["inventory.source.change"].with_context(inventory_source_fold=True)
        folded = folded.with_user(self.user_manager)
        rows = folded.web_search_read(ours, {"supplier_product_id": {}})["records"]
        return folded.browse(row["id"] for row in rows)

    def test_the_list_shows_one_row_for_each_product_with_both_prices(self):
        self.connection.change_stock_limit = 50
        self.read([product(1), product(2)])
        self.read([product(1, cost=20.0, quantity=2), product(2, quantity=2)])
        rows = self.listed(("state", "=", "waiting"))
        self.assertEqual(set(rows.supplier_product_id), {self.offer(1), self.offer(2)})
        self.assertEqual(len(rows), 2)
        both, stock = rows.sorted("supplier_product_id")
        self.assertEqual((both.price_now, both.price_new), (18.0, 33.0))
        self.assertEqual((both.cost_now, both.cost_new), (12.0, 22.0))
        self.assertIn("Stock fell: 12 → 2", both.others)
        self.assertAlmostEqual(both.largest_move, 83.33, 2)
        self.assertEqual((stock.price_new, stock.cost_new), (0.0, 0.0))
        self.assertEqual(stock.largest_move, self.changes(2).moved)
        self.assertEqual(self.listed(("kind", "=", "price")).supplier_product_id, self.offer(1))
        self.assertEqual(self.connection.change_count, 2)
        self.assertEqual(self.changes(leads=True), rows)
        self.assertEqual(rows.mapped("leads"), [True, True])

    def test_a_press_on_the_row_of_a_product_decides_all_of_it(self):
        self.connection.change_stock_limit = 50
        self.read([product(1)])
        self.read([product(1, cost=20.0, quantity=2)])
        answer = self.listed().action_accept()
        self.assertIn("Products accepted: 1", answer["params"]["message"])
        self.assertEqual(set(self.changes(1).mapped("state")), {"accepted"})
        self.assertEqual(len(self.changes(1)), 3)

    def test_accepting_is_undone(self):
        self.read([product(1)])
        self.read([product(1, cost=20.0)])
        self.as_manager(self.changes(1)).action_accept()
        self.assertEqual(self.figures(1), (22.0, 33.0))
        self.as_manager(self.changes(1)).action_undo()
        self.assertEqual(self.figures(1), (12.0, 18.0))
        self.assertEqual(set(self.changes(1).mapped("state")), {"waiting"})
        # What the supplier reports next neither slips through nor counts as edited here.
        self.read([product(1, cost=21.0)])
        self.assertEqual(self.figures(1), (12.0, 18.0))
        self.assertEqual(self.changes(1, kind="price").proposed_value, 34.5)
        self.assertNotIn("edited", self.problems(1))
        self.as_manager(self.changes(1)).action_accept()
        self.assertEqual(self.figures(1), (23.0, 34.5))

    def test_holding_is_undone(self):
        self.read([product(1)])
        self.read([product(1, cost=20.0)])
        self.as_manager(self.changes(1)).action_hold()
        self.as_manager(self.changes(1)).action_undo()
        self.assertEqual(set(self.changes(1).mapped("state")), {"waiting"})
        self.assertFalse(self.changes(1).decided_by_id)

    def test_what_was_changed_since_is_not_undone(self):
        self.read([product(1)])
        self.read([product(1, cost=20.0)])
        self.as_manager(self.changes(1)).action_accept()
        self.offer(1).product_id.list_price = 40.0
        answer = self.as_manager(self.changes(1, kind="price")).action_undo()
        self.assertIn("SKU1", answer["params"]["message"])
        self.assertEqual(self.figures(1), (22.0, 40.0))
        self.assertEqual(self.changes(1, kind="price").state, "accepted")

    def test_only_managers_undo(self):
        self.read([product(1)])
        self.read([product(1, cost=20.0)])
        self.as_manager(self.changes(1)).action_accept()
        with self.assertRaises(AccessError):
            self.changes(1).with_user(self.user_user).action_undo()

    def test_the_vendor_price_is_what_the_supplier_charges_at_once(self):
        self.read([product(1)])
        self.read([product(1, cost=20.0)])
        self.assertEqual(self.offer(1).product_id.seller_ids.price, 20.0)

    def test_accepting_lets_price_and_cost_through_for_several_at_once(self):
        self.read([product(1), product(2), product(3)])
        self.read([product(number, cost=20.0) for number in (1, 2, 3)])
        self.as_manager(
            self.changes(1, kind="price") + self.changes(2, kind="cost")
        ).action_accept()
        self.assertEqual(self.figures(1), (22.0, 33.0))
        self.assertEqual(self.figures(2), (22.0, 33.0))
        self.assertEqual(self.figures(3), (12.0, 18.0))
        done = self.changes(1)
        self.assertEqual(set(done.mapped("state")), {"accepted"})
        self.assertEqual(done.decided_by_id, self.user_manager)
        self.assertFalse(self.offer(1).bypass_limit)

    def test_held_stays_as_it_is_until_it_is_accepted(self):
        self.read([product(1)])
        self.read([product(1, cost=20.0)])
        self.as_manager(self.changes(1, kind="price")).action_hold()
        self.read([product(1, cost=21.0)])
        self.assertEqual(self.figures(1), (12.0, 18.0))
        held = self.changes(1, kind="cost")
        self.assertEqual((held.state, held.proposed_value), ("held", 23.0))
        self.as_manager(held).action_accept()
        self.assertEqual(self.figures(1), (23.0, 34.5))

    def test_a_move_that_is_taken_back_needs_no_decision(self):
        self.read([product(1)])
        self.read([product(1, cost=20.0)])
        self.read([product(1, cost=11.0)])
        self.assertFalse(self.changes(1))
        self.assertEqual(self.figures(1), (13.0, 19.5))

    def test_a_second_large_move_after_an_accepted_one_waits_again(self):
        self.read([product(1)])
        self.read([product(1, cost=20.0)])
        self.as_manager(self.changes(1)).action_accept()
        self.read([product(1, cost=10.0)])
        self.assertEqual(self.figures(1), (22.0, 33.0))
        self.assertEqual(set(self.changes(1).mapped("state")), {"waiting"})
        self.assertFalse(self.changes(1).decided_by_id)

    def test_what_many_were_accepted_at_is_written_before_the_supplier_is_asked_again(self):
        numbers = range(1, 4)
        self.read([product(number) for number in numbers])
        self.read([product(number, cost=20.0) for number in numbers])
        self.patch(change, "IMPORT_AT_ONCE", 2)
        self.as_manager(self.changes()).action_accept()
        self.assertEqual(self.figures(1), (12.0, 18.0), "left to the lane")
        self.read([product(number, cost=90.0) for number in numbers])
        self.assertEqual(self.figures(1), (22.0, 33.0))
        self.assertEqual(set(self.changes().mapped("state")), {"waiting"})

    def test_a_price_a_person_edits_while_a_change_waits_is_asked_about(self):
        self.read([product(1)])
        self.read([product(1, cost=20.0)])
        self.offer(1).product_id.list_price = 25.0
        self.as_manager(self.changes(1, kind="price")).action_accept()
        self.assertEqual(self.figures(1), (22.0, 25.0))
        self.assertIn("33.0", self.problems(1)["edited"])

    def test_a_change_of_a_product_that_was_pinned_meanwhile_needs_no_decision(self):
        self.read([product(1)])
        self.read([product(1, cost=20.0)])
        self.offer(1).product_id.inventory_source_pinned = True
        self.read([product(1, cost=21.0)])
        self.assertEqual(self.figures(1), (12.0, 18.0))
        self.assertFalse(self.changes(1, state="waiting", kind="price"))
        self.assertFalse(self.changes(1, state="waiting", kind="cost"))

    def test_a_cost_out_of_nothing_waits_too(self):
        nothing = {"dropshipFee": None, "shippingCost": None}
        self.read([product(1, **nothing)])
        self.connection.change_limit = 0
        self.read([product(1, cost=0, **nothing)])
        self.connection.change_limit = 20
        self.assertEqual(self.figures(1), (0.0, 15.0))
        self.read([product(1, cost=20.0, **nothing)])
        self.assertEqual(self.figures(1), (0.0, 15.0))
        moves = {change.kind: change.moved for change in self.changes(1, state="waiting")}
        self.assertEqual((moves["cost"], moves["price"]), (100.0, 100.0))
        self.as_manager(self.changes(1, kind="cost")).action_accept()
        self.assertEqual(self.figures(1), (20.0, 30.0))

    def test_nothing_is_sold_for_nothing_because_the_supplier_forgot_the_cost(self):
        nothing = {"dropshipFee": None, "shippingCost": None, "cost": 0}
        self.connection.change_limit = 0
        self.read([product(1)])
        self.read([product(1, **nothing)])
        self.assertEqual(self.figures(1)[1], 18.0)
        self.assertIn("sold for nothing", self.problems(1)["price"])
        self.read([product(1, **nothing, title="Renamed")])
        self.assertIn("price", self.problems(1), "it still is so")
        self.read([product(1, **nothing, map=25.0)])
        self.assertEqual(self.figures(1)[1], 25.0)
        self.assertFalse(self.problems(1))

    def test_a_limit_of_nothing_lets_all_through(self):
        self.connection.change_limit = 0
        self.read([product(1)])
        self.read([product(1, cost=100.0)])
        self.assertEqual(self.figures(1), (102.0, 153.0))

    def test_a_rule_a_person_changed_is_applied_however_far_prices_move(self):
        self.read([product(1)])
        self.connection.price_factor = 3.0
        self.connection._run_lane_now("catalog")
        self.assertEqual(self.figures(1), (12.0, 36.0))
        self.assertFalse(self.changes(1))
        self.read([product(1, cost=20.0)])
        self.assertEqual(self.figures(1), (12.0, 36.0), "what the supplier moves next waits")

    def test_a_dearer_variant_that_joins_raises_its_family(self):
        self.read([member(1, 900, Color="Red")])
        self.read([member(1, 900, Color="Red"), dict(member(2, 900, Color="Blue"), map=40.0)])
        self.assertEqual(self.figures(2)[1], 40.0)
        self.assertFalse(self.changes())

    def test_a_price_below_map_is_told_until_it_is_right(self):
        self.read([product(1)])
        self.read([product(1, map=30.0)])
        told = self.changes(1, kind="map")
        self.assertEqual((told.current_value, told.proposed_value), (18.0, 30.0))
        self.as_manager(told).action_accept()
        self.read([product(1, map=31.0)])
        self.assertEqual(told.state, "accepted", "it was seen and is still so")
        self.as_manager(self.changes(1, kind="price")).action_accept()
        self.assertEqual(self.figures(1)[1], 31.0)
        self.assertFalse(told.exists())

    def test_a_lost_margin_is_told(self):
        self.read([product(1)])
        self.read([product(1, cost=16.0)])
        told = self.changes(1, kind="margin")
        self.assertEqual((told.current_value, told.proposed_value), (18.0, 18.0))

    def test_a_discontinued_product_on_an_open_quotation_is_told(self):
        self.read([product(1), product(2)])
        order = self.env["sale.order"].create(
            {
                "partner_id": self.env["res.partner"].create({"name": "Customer"}).id,
                "order_line": [Command.create({"product_id": self.offer(1).product_id.id})],
            }
        )
        self.read([product(1, active=False), product(2, active=False)])
        self.assertEqual(self.changes(kind="discontinued"), self.changes(1))
        self.assertFalse(self.changes(2))
        order.action_cancel()
        self.read([product(1, active=False), product(2, active=False)])
        self.assertFalse(self.changes(1))

    def test_stock_that_falls_far_is_told_and_counts_at_once(self):
        self.read([product(1), product(2)])
        self.read([product(1, quantity=1), product(2, quantity=6)])
        self.assertEqual(self.offer(1).product_id.inventory_source_quantity, 1)
        told = self.changes(kind="stock")
        self.assertEqual(
            (told.supplier_product_id, told.current_value, told.proposed_value),
            (self.offer(1), 12.0, 1.0),
        )
        self.read([product(1, quantity=2), product(2, quantity=6)])
        self.assertEqual((told.current_value, told.proposed_value), (12.0, 2.0))
        self.read([product(1, quantity=10), product(2, quantity=6)])
        self.assertFalse(told.exists())

    def test_an_order_is_possible_while_a_change_waits(self):
        self.read([product(1)])
        self.read([product(1, cost=20.0)])
        order = self.env["sale.order"].create(
            {
                "partner_id": self.env["res.partner"].create({"name": "Customer"}).id,
                "order_line": [Command.create({"product_id": self.offer(1).product_id.id})],
            }
        )
        order.action_confirm()
        self.assertEqual(order.order_line.price_unit, 18.0)
        self.assertEqual(order.state, "sale")

    def test_an_unchanged_pass_leaves_the_list_as_it_is(self):
        self.read([product(1)])
        self.read([product(1, cost=20.0)])
        self.assertEqual(len(self.changes(1)), 3)

        def refuse(changes, *args):
            if changes or any(args):
                self.fail("nothing changed")

        for method in ("create", "write", "unlink"):
            self.patch(type(self.env["inventory.source.change"]), method, refuse)
        self.read([product(1, cost=20.0)])

    def test_an_edited_price_is_told_of_with_the_next_pass_and_closed_when_it_is_mended(self):
        page = [product(1), product(2, map=18.0), product(3, map=30.0, cost=25.0)]
        self.read(page)
        one, two, three = (self.offer(number).product_id for number in (1, 2, 3))
        one.list_price, two.list_price, three.list_price = 12.0, 17.0, 40.0
        self.read(page)
        self.assertEqual(self.changes(kind="margin"), self.changes(1))
        self.assertEqual(self.changes(kind="map"), self.changes(2))
        self.assertFalse(self.changes(3))
        one.list_price, two.list_price = 20.0, 18.0
        self.read(page)
        self.assertFalse(self.changes())

    def test_a_quotation_for_what_is_discontinued_already_is_told_with_the_next_pass(self):
        self.connection.discontinued_policy = "keep"
        page = [product(1, active=False), product(2)]
        self.read([product(1), product(2)])
        self.read(page)
        self.assertFalse(self.changes())
        order = self.env["sale.order"].create(
            {
                "partner_id": self.env["res.partner"].create({"name": "Customer"}).id,
                "order_line": [
                    Command.create({"product_id": self.offer(number).product_id.id})
                    for number in (1, 2)
                ],
            }
        )
        self.read(page)
        self.assertEqual(self.changes().mapped("kind"), ["discontinued"])
        self.assertEqual(self.changes(), self.changes(1))
        order.action_cancel()
        self.read(page)
        self.assertFalse(self.changes())

    def test_many_changes_cost_no_more_queries_than_few(self):
        self.read([product(number) for number in range(1, 41)])
        tell = self.env["inventory.source.change"]._report
        queries = []
        for after in (20.0, 30.0):  # made, then told again
            for offer in (self.Offer.search([], limit=5), self.Offer.search([], offset=5)):
                self.env.flush_all()
                self.env.invalidate_all()
                before = self.env.cr.sql_log_count
                tell(offer, ["price"], {(one, "price"): (10.0, after) for one in offer})
                self.env.flush_all()
                queries.append(self.env.cr.sql_log_count - before)
        # 30 more of them.
        self.assertLess(queries[1], queries[0] + 5)
        self.assertLess(queries[3], queries[2] + 5)

    def test_only_managers_decide_and_other_companies_see_nothing(self):
        self.read([product(1)])
        self.read([product(1, cost=20.0)])
        changes = self.changes(1)
        for decide in ("action_accept", "action_hold"):
            with self.assertRaises(UserError):
                getattr(changes.with_user(self.user_user), decide)()
        other = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = self.create_user(
            "stranger",
            "inventory_source.group_manager",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        self.assertFalse(changes.with_user(stranger).search([]))
        with self.assertRaises(AccessError):
            changes.with_user(stranger).action_accept()
