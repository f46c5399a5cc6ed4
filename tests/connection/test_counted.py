from odoo.tests import tagged

from ..common import InventorySourceCommon


@tagged("post_install", "-at_install")
class TestCounted(InventorySourceCommon):
    """Whose offers count: who is in use, and no sandbox beside production."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sandbox = cls.create_connected(name="Trial", environment="sandbox")

    def counted(self, *others):
        """Return whether production, sandbox and others count, as the database has it."""
        self.env.flush_all()
        self.env.invalidate_all()
        return [bool(each.is_counted) for each in (self.connection, self.sandbox, *others)]

    def lose(self):
        self.connection._set_reauth("Lost.")

    def disable(self):
        self.connection.state = "disabled"

    def test_a_sandbox_counts_for_nothing_beside_production_also_while_that_is_lost(self):
        self.assertEqual(self.counted(), [True, False])
        self.lose()
        self.assertEqual(self.counted(), [True, False])

    def test_it_counts_again_whatever_ends_the_use_of_production(self):
        ends = {
            "archived": (self.connection.action_archive, self.connection.action_unarchive),
            "disconnected": (
                self.connection.action_disconnect,
                lambda: self.connect(self.connection),
            ),
            "disabled": (self.disable, lambda: self.connect(self.connection)),
            "lost and archived": (
                lambda: (self.lose(), self.connection.action_archive()),
                self.connection.action_unarchive,
            ),
        }
        for reason, (end, begin) in ends.items():
            with self.subTest(reason):
                end()
                self.assertEqual(self.counted(), [False, True])
                begin()
                self.assertEqual(self.counted(), [True, False])

    def test_it_counts_again_when_production_is_deleted(self):
        self.connection.unlink()
        self.assertTrue(self.sandbox.is_counted)

    def test_drafts_those_to_confirm_and_archived_ones_never_count(self):
        self.connection.action_disconnect()
        new = self.create_connection(name="New")
        self.assertEqual(self.counted(new), [False, True, False])
        new.state = "to_confirm"
        self.assertEqual(self.counted(new), [False, True, False])
        self.connect(new)
        self.assertEqual(self.counted(new), [False, False, True])
        copy = new.copy()
        self.assertEqual(self.counted(new, copy), [False, False, True, False])
        new.active = False
        self.assertEqual(self.counted(new, copy), [False, True, False, False])

    def test_two_production_connections_both_count(self):
        second = self.create_connected(name="Second")
        self.assertEqual(self.counted(second), [True, False, True])
        self.connection.active = False
        self.assertEqual(self.counted(second), [False, False, True])

    def test_another_company_does_not_matter(self):
        lake = self.env["res.company"].create({"name": "Lake"})
        theirs = self.create_connected(name="Theirs", environment="sandbox", company_id=lake.id)
        self.assertEqual(self.counted(theirs), [True, False, True])
        self.connection.company_id = lake
        self.assertEqual(self.counted(theirs), [True, True, False])

    def test_a_branch_sells_what_its_parents_offer_so_each_others_sandboxes_do_not_count(self):
        company = self.connection.company_id
        branch = self.env["res.company"].create({"name": "Pier", "parent_id": company.id})
        twig = self.env["res.company"].create({"name": "Jetty", "parent_id": branch.id})
        trial = self.create_connected(name="Jetty's", environment="sandbox", company_id=twig.id)
        self.assertEqual(self.counted(trial), [True, False, False])
        self.connection.active = False
        self.assertEqual(self.counted(trial), [False, True, True])
        real = self.create_connected(name="Pier's", company_id=branch.id)
        self.assertEqual(self.counted(trial, real), [False, False, False, True])
        # Of another branch nothing is sold.
        aside = self.env["res.company"].create({"name": "Quay", "parent_id": company.id})
        other = self.create_connected(name="Quay's", environment="sandbox", company_id=aside.id)
        self.assertTrue(other.is_counted)

    def test_who_may_not_see_the_other_connections_decides_by_them_all_the_same(self):
        self.connection.active = False
        mine = self.connection.with_user(self.user_manager)
        mine.active = True
        self.assertEqual(self.counted(), [True, False])
