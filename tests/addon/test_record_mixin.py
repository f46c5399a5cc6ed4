from lxml import html
from markupsafe import Markup

from odoo.exceptions import UserError
from odoo.tests import tagged

from ...models.sync.record_mixin import WARNING, open_records, raise_activity
from ..shipment.shipment_case import ShipmentCase


@tagged("post_install", "-at_install")
class TestRecordMixin(ShipmentCase):
    """What all records share towards people."""

    def test_one_matter_is_one_activity_whose_note_is_the_last_word(self):
        vendors = self.acme.partner_id, self.summit.partner_id
        for record in (self.connection, *vendors):
            for note in ("First.", "Second."):
                raise_activity(record, "Poll", note, self.user_manager)
            raise_activity(record, "Another matter", "Third.", self.user_user)
            self.assertEqual(record.activity_ids.mapped("summary"), ["Poll", "Another matter"])
            self.assertIn("Second.", record.activity_ids[0].note)
            self.assertEqual(record.activity_ids.user_id, self.user_manager | self.user_user)

    def test_what_has_one_activity_has_it_of_what_it_waits_for_now(self):
        order = self.sell((self.creel, 1))
        order._raise_activity("One", "First.", self.user_manager, only_one=True)
        order._raise_activity("Two", "Second.", self.user_manager, only_one=True)
        self.assertEqual(order.activity_ids.mapped("summary"), ["Two"])

    def test_what_comes_again_after_it_was_done_is_a_new_activity(self):
        for record in (self.connection, self.connection.with_context(active_test=False)):
            for note in ("First.", "Second."):
                raise_activity(record, "Poll", note, self.user_manager)
                self.assertIn(note, self.connection.activity_ids.note or "")
                self.connection.activity_ids.action_feedback()

    def test_an_activity_for_nobody_is_the_administrators(self):
        self.connection._raise_activity("Poll", "First.", self.env["res.users"])
        self.assertEqual(self.connection.activity_ids.user_id, self.env.ref("base.user_admin"))

    def test_what_a_person_planned_by_hand_is_left_to_that_person(self):
        self.connection.activity_schedule(WARNING, summary="Poll", note="Mine.", automated=False)
        raise_activity(self.connection, "Poll", "Ours.", self.user_manager)
        notes = " ".join(self.connection.activity_ids.mapped("note"))
        self.assertIn("Mine.", notes)
        self.assertIn("Ours.", notes)

    def test_what_a_note_quotes_is_shown_as_it_stands(self):
        words = "<img src=https://x.example/p.gif> & <a href='https://x.example'>x</a>\n<b>2</b>"
        self.connection._raise_activity("Poll", words, self.user_manager)
        self.connection._pause_orders(words, to_mend=True)
        self.connection._pause_orders(f"{words} again", to_mend=True)
        for activity in self.connection.activity_ids:
            shown = html.fragment_fromstring(activity.note, "root")
            self.assertEqual({each.tag for each in shown.iterdescendants()}, {"p", "br"})
            self.assertIn(words.replace("\n", ""), shown.text_content())
        self.assertEqual(len(self.connection.activity_ids), 2)

    def test_a_note_of_ours_keeps_its_links(self):
        note = Markup("<p>%s</p>") % self.connection._get_html_link("<A & B>")
        self.connection._raise_activity("Poll", note, self.user_manager)
        shown = html.fragment_fromstring(self.connection.activity_ids.note, "root")
        self.assertEqual([link.text for link in shown.iter("a")], ["<A & B>"])

    def test_one_record_opens_itself_and_several_their_list(self):
        first, second = self.sell((self.creel, 1)), self.sell((self.tent, 1), remote_id="2")
        action = "inventory_source.inventory_source_order_action"
        self.assertEqual(open_records(first, action)["res_id"], first.id)
        both = open_records(first | second, action)
        self.assertNotIn("res_id", {k: v for k, v in both.items() if v})
        self.assertEqual(both["domain"], [("id", "in", (first | second).ids)])
        self.assertFalse(both["context"], "no filter of the action hides one of them")

    def test_looking_for_shipments_by_hand_finds_out_that_the_account_is_lost(self):
        order = self.sell((self.creel, 1))
        path = f"/v1/channels/501/orders/{order.remote_id}/shipments"
        self.service.expect("GET", path, {}, status=401)
        self.service.expect("POST", "/oauth/token", {"access_token": "second", "expires_in": 86400})
        self.service.expect("GET", path, {}, status=401)
        # Not `assertRaises`: it would undo what the connection noted, which is committed elsewhere.
        try:
            order.with_user(self.user_user).action_check_shipments()
        except UserError as refused:
            self.assertIn("token", str(refused))
        else:
            self.fail("nobody was told")
        self.assertEqual(self.connection.state, "reauth")
        self.assertEqual(len(self.connection.activity_ids), 1)
