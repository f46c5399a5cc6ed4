from base64 import b64decode, b64encode
from datetime import timedelta
from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tests import HttpCase, tagged

from ...models.picture import supplier_product
from ..common import InventorySourceMixin
from .picture_common import PicturesCommon, colour_of, picture


@tagged("post_install", "-at_install")
class TestLookedAt(PicturesCommon):
    """Pictures of supplier products that are not imported: of what somebody looks at."""

    def look(self, *numbers, user=None):
        """Ask as a browser does that shows these; return the numbers whose picture is coming."""
        offers = self.offers(*numbers).with_user(user or self.user_user)
        coming = offers.ask_pictures()
        self.env.flush_all()
        self.env.invalidate_all()
        return [number for number in numbers if self.offer(number).id in coming]

    def offers(self, *numbers):
        return self.env["inventory.source.product"].union(*map(self.offer, numbers))

    def shown(self, number):
        return colour_of(self.offer(number).with_user(self.user_user).image_128)

    def triggers(self):
        cron = self.env.ref("inventory_source.ir_cron_pictures")
        return self.env["ir.cron.trigger"].search_count([("cron_id", "=", cron.id)])

    def read_coloured(self, *numbers):
        self.read([self.listed(n, self.serve(f"/{n}.png", "red")) for n in numbers])

    def checked(self, **ago):
        """Make time pass since the pictures were looked after last."""
        for row in self.Picture.search([("checked_at", "!=", False)]):
            row.checked_at -= timedelta(**ago)
        self.later(**ago)

    def test_what_somebody_looks_at_is_fetched_and_nothing_else(self):
        self.read_coloured(1, 2)
        self.assertIsNone(self.shown(1))
        self.assertEqual(self.look(1), [1])
        self.assertEqual(self.site.asked, [], "who looks waits for no other server")
        self.assertEqual(self.fetch(), ["/1.png"])
        self.assertEqual((self.shown(1), self.shown(2)), ("red", None))
        self.assertFalse(self.offer(1).product_id)

    def test_the_copy_is_drawn_anew_and_small(self):
        body = picture("red", size=(900, 600)) + b"<script>alert(1)</script>"
        self.read([self.listed(1, self.serve("/1.png", body=body))])
        self.look(1)
        self.fetch()
        stored = b64decode(self.offer(1).image_128)
        self.assertNotIn(b"script", stored)
        self.assertEqual(self.env["ir.attachment"].search_count(
            [("res_model", "=", "inventory.source.picture"), ("res_field", "!=", False)]
        ), 0, "nothing is left where the database deletes the row")  # fmt: skip
        self.assertLess(len(stored), 10_000)

    def test_a_browser_knows_of_which_to_ask(self):
        self.read([self.listed(1, self.serve("/1.png", "red")), self.listed(2)])
        offers = self.offers(1, 2).with_user(self.user_user)

        def wanted():
            self.env.invalidate_all()
            return offers.mapped("picture_wanted")

        self.assertEqual(wanted(), [True, False], "the supplier has none of the other")
        self.look(1)
        self.assertEqual(wanted(), [True, False], "it is coming, and somebody waits")
        self.fetch()
        self.assertEqual(wanted(), [False, False])
        self.checked(days=31)
        self.assertEqual(wanted(), [True, False])
        self.connection.pictures = False
        self.assertEqual(wanted(), [False, False])
        self.connection.pictures = True
        self.imported(1)
        self.assertEqual(wanted(), [False, False])

    def test_asking_again_writes_nothing_and_wakes_nobody(self):
        self.read_coloured(1)
        triggers = self.triggers()
        self.look(1)
        self.assertGreater(self.triggers(), triggers)
        triggers = self.triggers()
        before = self.pictures(1).read()
        self.assertEqual(self.look(1), [1])
        self.assertEqual(self.pictures(1).read(), before)
        self.fetch()
        self.assertEqual(self.look(1), [])
        self.assertEqual(self.triggers(), triggers)

    def test_it_is_looked_after_only_when_somebody_looks_again(self):
        self.read([self.listed(1, self.serve("/1.png", "red", etag='"v1"'))])
        self.look(1)
        self.fetch()
        self.serve("/1.png", "blue", etag='"v2"')
        self.checked(days=29)
        self.assertEqual(self.look(1), [])
        self.checked(days=2)
        self.assertEqual(self.fetch(), [], "nobody has looked")
        self.assertEqual(self.look(1), [1])
        self.assertEqual(self.shown(1), "red", "the old one stays till the new is there")
        self.fetch()
        self.assertEqual(self.site.asked, [("/1.png", '"v1"')])
        self.assertEqual(self.shown(1), "blue")

    def test_another_address_is_fetched_when_somebody_looks_again(self):
        self.read_coloured(1)
        self.look(1)
        self.fetch()
        self.read([self.listed(1, self.serve("/new.png", "blue"), self.site.url("/1.png"))])
        self.assertEqual(self.fetch(), [])
        self.assertEqual(self.look(1), [1])
        self.assertEqual(self.fetch(), ["/new.png"])
        self.assertEqual(self.shown(1), "blue")

    def test_a_failed_one_is_asked_again_only_when_looked_at_after_its_wait(self):
        self.read([self.listed(1, self.site.url("/1.png"))])
        self.look(1)
        self.assertEqual(self.fetch(), ["/1.png"])
        self.assertEqual(self.look(1), [])
        self.checked(minutes=11)
        self.assertEqual(self.fetch(), [], "nobody has looked")
        self.assertEqual(self.look(1), [1])
        self.assertEqual(self.fetch(), ["/1.png"])
        self.checked(minutes=11)
        self.assertEqual(self.look(1), [], "later and later")
        self.serve("/1.png", "red")
        self.checked(minutes=10)
        self.assertEqual(self.look(1), [1])
        self.fetch()
        self.assertEqual(self.shown(1), "red")

    def test_a_failed_one_alarms_nobody(self):
        self.read([self.listed(1, self.site.url("/1.png"))])
        self.look(1)
        self.fetch()
        self.assertEqual(self.pictures(1).state, "failed")
        problems = self.env["inventory.source.problem"].search([])
        self.assertFalse(problems)
        self.assertEqual(self.connection.picture_count, 0)

    def test_what_is_looked_at_is_no_long_work(self):
        self.read_coloured(1)
        self.look(1)
        works = self.env["inventory.source.work"]
        self.assertEqual(works._left(self.connection, "picture"), {})
        self.fetch()
        works._begin(self.connection, "picture", self.catalog.browse(), count=1)
        work = works.search([("kind", "=", "picture")])
        self.assertIn("0 are in Odoo", work._result_for(self.user_user)["message"])

    def test_where_the_first_address_is_refused_the_next_one_is_shown(self):
        self.read([self.listed(1, self.site.url("/1.png"), self.serve("/2.png", "blue"))])
        self.look(1)
        self.assertEqual(self.fetch(), ["/1.png", "/2.png"])
        self.assertEqual(self.shown(1), "blue")
        self.assertEqual(self.look(1), [], "it is known that the first one does not come")
        self.checked(days=31)
        self.serve("/1.png", "red")
        self.look(1)
        self.assertEqual(self.fetch(), ["/1.png"])
        self.assertEqual(self.shown(1), "red")

    def test_the_next_one_is_the_first_when_the_supplier_takes_the_broken_one_away(self):
        second = self.serve("/2.png", "blue")
        self.read([self.listed(1, self.site.url("/1.png"), second)])
        self.look(1)
        self.fetch()
        self.read([self.listed(1, second)])
        self.look(1)
        self.fetch()
        self.assertEqual(self.look(1), [], "it is there, and nobody waits for it any more")

    def test_each_round_of_broken_addresses_doubles_the_wait(self):
        self.read([self.listed(1, self.site.url("/1.png"), self.site.url("/2.png"))])
        for minutes in (10, 20, 40):
            self.look(1)
            self.assertEqual(self.fetch(), ["/1.png", "/2.png"])
            self.checked(minutes=minutes - 1)
            self.assertEqual(self.look(1), [])
            self.checked(minutes=2)

    def test_an_outage_tries_no_other_address(self):
        url = self.serve("/1.png", status=503)
        self.read([self.listed(1, url, self.serve("/2.png", "blue"))])
        self.look(1)
        self.assertEqual(self.fetch(), ["/1.png"])
        self.assertEqual(self.pictures(1).url, url)

    def test_one_file_of_a_family_is_fetched_once(self):
        url = self.serve("/1.png", "red")
        self.read([self.listed(n, url) for n in (1, 2, 3)])
        self.look(1, 2, 3)
        self.assertEqual(self.fetch(), ["/1.png"])
        self.assertEqual([self.shown(n) for n in (1, 2, 3)], ["red"] * 3)

    def test_what_is_looked_at_goes_first_unless_others_wait_for_long(self):
        self.read_coloured(1, 2, 3)
        self.imported(1, 2)
        self.env["inventory.source.product"]._plan_stale_pictures(self.connection, 10)
        self.pictures(1).due_at -= timedelta(days=2)
        self.look(3)
        self.assertEqual(self.fetch(), ["/1.png", "/3.png", "/2.png"])

    def test_an_imported_product_is_not_asked_for(self):
        self.read_coloured(1)
        self.imported(1)
        self.assertEqual(self.look(1), [])
        self.assertFalse(self.pictures(1))

    def test_the_card_keeps_its_picture_until_the_product_has_its_own(self):
        self.read_coloured(1)
        self.look(1)
        self.fetch()
        item = self.imported(1)
        self.assertEqual(self.shown(1), "red")
        self.env["inventory.source.product"]._plan_stale_pictures(self.connection, 10)
        self.assertEqual(self.shown(1), "red")
        self.fetch()
        self.assertEqual(colour_of(item.image_1920), "red")
        self.assertEqual(self.shown(1), "red")
        self.assertEqual(self.pictures(1).mapped("product_tmpl_id"), item.product_tmpl_id)
        self.assertEqual(len(self.pictures(1)), 1)

    def test_it_goes_where_the_product_has_one_already(self):
        self.read_coloured(1)
        self.look(1)
        self.fetch()
        item = self.env["product.product"].create({"name": "Creel"})
        item.image_1920 = b64encode(picture("blue"))
        self.offer(1).product_id = item
        self.assertEqual(self.fetch(), [])
        self.assertEqual(self.shown(1), "blue")
        self.assertEqual(self.pictures(1).product_tmpl_id, item.product_tmpl_id)
        self.assertEqual(len(self.pictures(1)), 1)

    def test_of_two_who_look_at_one_moment_one_asks(self):
        self.read_coloured(1)
        self.look(1)
        row = self.pictures(1)
        asked = (self.offer(1).id, row.url, row.host_id.id)
        self.Picture._insert_looked_at([asked], row.due_at)
        self.assertEqual(self.pictures(1), row)

    def test_one_that_is_linked_meanwhile_is_not_fetched_for_the_card(self):
        self.read_coloured(1)
        self.look(1)
        item = self.imported(1)
        self.assertEqual(self.fetch(), ["/1.png"], "once, for the product")
        self.assertEqual(self.pictures(1).product_tmpl_id, item.product_tmpl_id)

    def test_the_key_is_another_one_for_another_picture_only(self):
        self.read_coloured(1)
        offer = self.offer(1)
        self.assertFalse(offer.image_key)
        self.look(1)
        self.fetch()
        first = offer.image_key
        self.assertTrue(first)
        self.read([self.listed(1, self.site.url("/1.png"), title="Another title")])
        self.assertEqual(offer.image_key, first)
        self.read([self.listed(1, self.serve("/2.png", "blue"))])
        self.look(1)
        self.fetch()
        self.assertNotIn(offer.image_key, (first, False))

    def test_a_list_reads_sizes_and_keys_whatever_is_read_first(self):
        self.read_coloured(1)
        self.look(1)
        self.fetch()
        for names in (["image_128", "image_key"], ["image_key", "image_128"]):
            self.env.invalidate_all()
            row = self.offer(1).with_context(bin_size=True).read(names)[0]
            self.assertRegex(row["image_128"].decode(), r"^\d+(\.\d+)? (bytes|Kb)$")
            self.env.invalidate_all()
            self.assertEqual(row["image_key"], self.offer(1).image_key)

    def test_more_cards_cost_no_more_queries(self):
        numbers = range(1, 21)
        self.read_coloured(*numbers)
        self.imported(*range(1, 11))
        self.look(*numbers)
        self.fetch()

        def queries(*some):
            offers = self.offers(*some).with_context(bin_size=True)
            return self.fewest_queries(
                lambda: offers.web_read({"image_128": {}, "image_key": {}, "picture_wanted": {}})
            )

        self.assertEqual(queries(*numbers), queries(1, 2, 11, 12))

    def test_only_connections_that_want_pictures_and_may_work_are_asked_for(self):
        self.read_coloured(1)
        self.connection.pictures = False
        self.assertEqual(self.look(1), [])
        self.connection.pictures = True
        self.env["ir.config_parameter"].set_param("database.is_neutralized", True)
        self.assertEqual(self.look(1), [])
        self.assertFalse(self.Picture.search([]))

    def test_who_may_not_read_supplier_products_asks_for_none(self):
        self.read_coloured(1)
        other = self.env["res.company"].create({"name": "Other"})
        stranger = self.user_user.copy(
            {"login": "stranger", "company_id": other.id, "company_ids": [other.id]}
        )
        for user in (self.env.ref("base.public_user"), stranger):
            with self.assertRaises(AccessError):
                self.look(1, user=user)
        self.assertFalse(self.Picture.search([]))

    def test_at_most_so_many_are_asked_for_at_once(self):
        self.read_coloured(1, 2, 3)
        with patch.object(supplier_product, "MOST_ASKED", 2):
            self.assertEqual(self.look(1, 2, 3), [1, 2])

    def test_who_looks_is_told_when_it_is_there_and_when_it_failed(self):
        self.read(
            [self.listed(1, self.serve("/1.png", "red")), self.listed(2, self.site.url("/2.png"))]
        )
        self.look(1, 2)
        self.env["bus.bus"].search([]).unlink()
        self.fetch()
        said = " ".join(self.env["bus.bus"].search([]).mapped("message"))
        for number in (1, 2):
            self.assertIn(f'"supplier_product_ids":[{self.offer(number).id}]', said)
        self.assertNotIn("127.0.0.1", said)

    def test_a_manager_has_one_fetched_again(self):
        self.read([self.listed(1, self.site.url("/1.png"))])
        self.look(1)
        self.fetch()
        self.serve("/1.png", "red")
        self.pictures(1).with_user(self.user_manager).action_fetch()
        self.fetch()
        self.assertEqual(self.shown(1), "red")

    def test_nothing_is_left_of_a_removed_catalog(self):
        self.read_coloured(1)
        self.look(1)
        self.fetch()
        self.connection.catalog_ids.unlink()
        self.assertFalse(self.Picture.search([]))


@tagged("post_install", "-at_install")
class TestShownToTheBrowser(InventorySourceMixin, HttpCase):
    def test_the_browser_gets_our_copy_and_keeps_it(self):
        connection = self.create_connected(name="Riverside")
        own = {"connection_id": connection.id, "external_id": "7", "name": "Acme"}
        supplier = self.env["inventory.source.supplier"].create(own)
        catalog = self.env["inventory.source.catalog"].create(own | {"supplier_id": supplier.id})
        offer = self.env["inventory.source.product"].create(
            {
                "connection_id": connection.id,
                "catalog_id": catalog.id,
                "supplier_id": supplier.id,
                "external_id": "1",
                "sku": "SKU1",
                "title": "Creel",
            }
        )
        address = f"/web/image/inventory.source.product/{offer.id}/image_128"
        self.env["inventory.source.picture"].create(
            {"supplier_product_id": offer.id, "url": "https://a.example/1.jpg", "main": True}
        )._put(picture("red", "JPEG"))
        user = self.create_user("looks", "user")
        user.password = "looks at pictures"
        self.env.flush_all()
        self.authenticate(user.login, "looks at pictures")
        answer = self.url_open(f"{address}?unique={offer.image_key}")
        self.assertEqual(answer.content, b64decode(offer.image_128))
        self.assertEqual(answer.headers["Content-Type"], "image/jpeg")
        self.assertIn("immutable", answer.headers["Cache-Control"])
