from base64 import b64encode
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ...client.picture_errors import PictureRefused
from ...client.picture_urls import parse_target
from ...models.picture import lane as picture_lane
from .picture_common import PicturesCommon, colour_of, picture


@tagged("post_install", "-at_install")
class TestPictures(PicturesCommon):
    def test_an_imported_product_gets_its_main_picture_and_spends_no_request(self):
        self.read([self.listed(1, self.serve("/1.png", "red"))])
        tokens = self.connection.tokens_left
        item = self.imported(1)
        self.assertFalse(item.image_1920, "importing does not wait for pictures")
        self.assertEqual(self.fetch(), ["/1.png"])
        self.assertEqual(colour_of(item.image_1920), "red")
        self.assertEqual(colour_of(item.product_tmpl_id.image_128), "red")
        self.assertEqual(self.pictures(1).mapped("state"), ["done"])
        self.assertGreaterEqual(self.connection.tokens_left, tokens)

    def test_what_is_stored_is_a_picture_drawn_anew(self):
        body = picture("red") + b"<script>alert(1)</script>"
        self.read([self.listed(1, self.serve("/1.png", body=body))])
        item = self.imported(1)
        self.fetch()
        attachment = self.env["ir.attachment"].search(
            [
                ("res_model", "=", "product.template"),
                ("res_field", "=", "image_1920"),
                ("res_id", "=", item.product_tmpl_id.id),
            ]
        )
        self.assertEqual(attachment.mimetype, "image/jpeg")
        self.assertNotIn(b"script", attachment.raw)

    def test_products_that_were_not_imported_are_left_alone(self):
        self.read([self.listed(1, self.serve("/1.png", "red"))])
        self.assertEqual(self.fetch(), [])

    def test_an_unchanged_picture_is_not_fetched_again_and_later_only_asked_about(self):
        self.read([self.listed(1, self.serve("/1.png", "red", etag='"v1"'))])
        item = self.imported(1)
        self.fetch()
        self.read([self.listed(1, self.site.url("/1.png"), title="Another title")])
        self.assertEqual(self.fetch(), [])
        self.later(days=29)
        self.assertEqual(self.fetch(), [])
        self.later(days=2)
        before = item.product_tmpl_id.write_date
        self.assertEqual(self.fetch(), ["/1.png"])
        self.assertEqual(self.site.asked, [("/1.png", '"v1"')])
        self.assertEqual(self.pictures(1).state, "done")
        self.assertEqual(item.product_tmpl_id.write_date, before)
        self.assertEqual(self.fetch(), [])

    def test_a_server_that_cannot_say_whether_it_changed_is_not_asked_again(self):
        self.read([self.listed(1, self.serve("/1.png", "red"))])
        self.imported(1)
        self.fetch()
        self.later(days=400)
        self.assertEqual(self.fetch(), [])

    def test_a_picture_that_changed_behind_its_address_is_replaced(self):
        self.read([self.listed(1, self.serve("/1.png", "red", etag='"v1"'))])
        item = self.imported(1)
        self.fetch()
        self.serve("/1.png", "blue", etag='"v2"')
        self.later(days=31)
        self.fetch()
        self.assertEqual(colour_of(item.image_1920), "blue")

    def test_the_same_bytes_under_a_new_version_write_nothing(self):
        self.read([self.listed(1, self.serve("/1.png", "red", etag='"v1"'))])
        item = self.imported(1)
        self.fetch()
        self.serve("/1.png", "red", etag='"v2"')
        self.later(days=31)
        with patch.object(type(self.Picture), "_put") as put:
            self.assertEqual(self.fetch(), ["/1.png"])
            put.assert_not_called()
        self.assertEqual(self.pictures(1).etag, '"v2"')
        self.assertEqual(colour_of(item.image_1920), "red")

    def test_a_new_address_replaces_the_picture(self):
        self.read([self.listed(1, self.serve("/1.png", "red"))])
        item = self.imported(1)
        self.fetch()
        self.read([self.listed(1, self.serve("/2.png", "blue"))])
        self.assertEqual(
            colour_of(item.image_1920), "red", "the old one stays till the new is there"
        )
        self.assertEqual(self.fetch(), ["/2.png"])
        self.assertEqual(colour_of(item.image_1920), "blue")
        self.assertEqual(len(self.pictures(1)), 1)

    def test_the_picture_stays_when_the_new_one_cannot_be_had(self):
        self.read([self.listed(1, self.serve("/1.png", "red"))])
        item = self.imported(1)
        self.fetch()
        self.read([self.listed(1, self.site.url("/gone.png"))])
        self.fetch()
        self.assertEqual(colour_of(item.image_1920), "red")
        self.assertEqual(self.pictures(1).state, "failed")
        self.read([self.listed(1)])
        self.fetch()
        self.assertEqual(colour_of(item.image_1920), "red")

    def test_one_bad_picture_stops_none_of_the_others(self):
        svg = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
        self.read(
            [
                self.listed(1, self.serve("/1.svg", body=svg)),
                self.listed(2, "http://169.254.169.254/latest/meta-data"),
                self.listed(3, "javascript:alert(1)"),
                self.listed(4, self.site.url("/missing.png")),
                self.listed(5, {"url": 1}, 7, None, "  "),
                self.listed(6, self.serve("/6.png", "lime")),
            ]
        )
        items = self.imported(1, 2, 3, 4, 6)
        self.fetch()
        self.assertEqual([colour_of(item.image_1920) for item in items], [None] * 4 + ["lime"])
        reasons = {number: self.pictures(number).reason for number in (1, 2, 4)}
        self.assertIn("not a PNG", reasons[1])
        self.assertIn("not on the public internet", reasons[2])
        self.assertIn("javascript", self.problems(3)["unread"])
        self.assertIn("404", reasons[4])

    def test_addresses_are_asked_however_they_are_written(self):
        odd = (
            "//cdn.invalid/a.jpg",
            "https://cdn.invalid/i?id=7&amp;w=800",
            "cdn.invalid/b c (1).jpg",
            "NO IMAGE",
        )
        self.read([self.listed(1, *odd)])
        self.imported(1)
        asked = []

        def fetch(_fetcher, url, *_conditions):
            asked.append(parse_target(url).url)
            raise PictureRefused("not there")

        with patch.object(picture_lane.Fetcher, "fetch", fetch):
            self.fetch()
        self.assertEqual(
            asked,
            [
                "https://cdn.invalid/a.jpg",
                "https://cdn.invalid/i?id=7&w=800",
                "https://cdn.invalid/b%20c%20(1).jpg",
            ],
        )
        self.assertEqual(self.pictures(1).host_id.name, "cdn.invalid")
        self.assertIn("NO IMAGE", self.problems(1)["unread"])

    def test_the_thumbnail_is_the_picture_where_there_is_nothing_else(self):
        small, large = self.serve("/t.png", "red"), self.serve("/1.png", "blue")
        self.read([self.listed(1, thumbnail=small), self.listed(2, large, thumbnail=small)])
        one, two = self.imported(1, 2)
        self.fetch()
        self.assertEqual([colour_of(each.image_1920) for each in one + two], ["red", "blue"])

    def test_the_first_picture_that_comes_is_the_main_one(self):
        bad = [
            self.site.url("/gone.png"),
            self.serve("/page.html", body=b"<html>no picture</html>"),
            "https://localhost.invalid:8443/c.png",
        ]
        self.read([self.listed(1, *bad, self.serve("/4.png", "lime"), self.serve("/5.png", "red"))])
        item = self.imported(1)
        self.fetch()
        self.assertEqual(colour_of(item.image_1920), "lime")
        main = self.pictures(1).filtered("main")
        self.assertEqual((main.url, main.state), (self.site.url("/4.png"), "done"))
        failed = self.pictures(1).filtered(lambda row: row.state == "failed")
        self.assertEqual(set(failed.mapped("url")), set(bad), "named, each with its reason")
        self.assertTrue(all(failed.mapped("reason")))
        self.assertEqual(self.fetch(), [], "that is settled")

    def test_one_that_fails_now_and_then_is_the_main_one_when_it_comes(self):
        first, second = self.serve("/1.png", status=503), self.serve("/2.png", "blue")
        self.read([self.listed(1, first, second)])
        item = self.imported(1)
        self.fetch()
        main = self.pictures(1).filtered("main")
        self.assertEqual(main.url, first, "an outage is over soon")
        self.later(hours=1)
        self.serve("/1.png", "red")
        self.fetch()
        self.assertEqual(colour_of(item.image_1920), "red")
        self.assertEqual(self.pictures(1).filtered("main"), main)

    def test_an_outage_that_lasts_makes_the_next_one_the_main_one(self):
        self.read([self.listed(1, self.serve("/1.png", status=503), self.serve("/2.png", "blue"))])
        item = self.imported(1)
        for _try in range(3):
            self.fetch()
            self.later(days=1)
        self.assertEqual(colour_of(item.image_1920), "blue")

    def test_one_that_never_came_is_tried_first_again_when_a_person_asks_for_it(self):
        first, second = self.site.url("/1.png"), self.serve("/2.png", "blue")
        self.read([self.listed(1, first, second)])
        item = self.imported(1)
        self.fetch()
        self.serve("/1.png", "red")
        failed = self.pictures(1).filtered(lambda row: row.url == first)
        failed.with_user(self.user_manager).action_fetch()
        self.fetch()
        self.assertEqual(colour_of(item.image_1920), "red")

    def test_pictures_of_which_none_comes_are_left_alone_until_they_are_due(self):
        urls = [self.site.url(f"/{number}.png") for number in range(3)]
        self.read([self.listed(1, *urls)])
        self.imported(1)
        self.assertEqual(sorted(set(self.fetch())), ["/0.png", "/1.png", "/2.png"])
        self.assertEqual(self.fetch(), [])
        self.assertEqual(self.pictures(1).filtered("main").url, urls[0])

    def test_at_most_twenty_addresses_of_a_product_are_asked(self):
        self.read([self.listed(1, *(self.site.url(f"/{number}.png") for number in range(30)))])
        self.imported(1)
        self.assertEqual(len(self.fetch()), 20)
        self.assertEqual(len(self.pictures(1)), 20)

    def test_a_refused_picture_is_tried_again_later_and_later(self):
        self.read([self.listed(1, self.site.url("/1.png"))])
        self.imported(1)
        self.assertEqual(self.fetch(), ["/1.png"])
        self.later(hours=23)
        self.assertEqual(self.fetch(), [])
        self.later(hours=2)
        self.assertEqual(self.fetch(), ["/1.png"])
        wait = self.pictures(1).due_at - fields.Datetime.now()
        self.assertAlmostEqual(wait.total_seconds(), 2 * 86400, delta=60)
        self.later(days=3)
        self.serve("/1.png", "red")
        self.fetch()
        self.assertEqual((self.pictures(1).state, self.pictures(1).failures), ("done", 0))

    def test_a_host_that_is_busy_is_left_alone_and_the_others_are_not(self):
        self.read(
            [
                self.listed(1, self.serve("/1.png", status=503)),
                self.listed(2, self.serve("/2.png", "red")),
                self.listed(3, "https://localhost.invalid/3.png"),
            ]
        )
        self.imported(1, 2, 3)
        backoff = "odoo.addons.inventory_source.models.picture.picture_host.backoff"
        with patch(backoff, return_value=900.0):
            self.assertEqual(self.fetch(), ["/1.png"])
        self.assertIn("503", self.pictures(1).reason)
        self.assertEqual(self.pictures(2).state, "waiting")
        self.assertEqual(self.pictures(3).state, "failed", "another host was asked meanwhile")
        self.serve("/1.png", "red")
        self.later(minutes=16)
        self.assertEqual(sorted(self.fetch()), ["/1.png", "/2.png"])
        self.assertEqual(self.pictures(2).host_id.failures, 0)

    def test_a_picture_that_a_person_set_stays(self):
        self.read([self.listed(1, self.serve("/1.png", "red"))])
        item = self.imported(1)
        item.image_1920 = b64encode(picture("blue"))
        self.assertEqual(self.fetch(), [], "nobody is asked for a picture that has no place")
        self.assertEqual(colour_of(item.image_1920), "blue")
        self.assertEqual(self.pictures(1).state, "kept")

    def test_a_pinned_product_keeps_its_picture(self):
        self.read([self.listed(1, self.serve("/1.png", "red", etag='"v1"'))])
        item = self.imported(1)
        self.fetch()
        item.inventory_source_pinned = True
        self.read([self.listed(1, self.serve("/new.png", "lime"))])
        self.assertEqual(self.fetch(), [])
        self.assertEqual(colour_of(item.image_1920), "red")
        self.assertIn("Sync is switched off", self.pictures(1).reason)

    def test_a_picture_that_is_gone_from_its_address_stays_in_odoo(self):
        self.read([self.listed(1, self.serve("/1.png", "red", etag='"v1"'))])
        item = self.imported(1)
        self.fetch()
        self.serve("/1.png", status=404)
        self.later(days=31)
        self.assertEqual(self.fetch(), ["/1.png"])
        self.assertEqual(colour_of(item.image_1920), "red")
        self.assertEqual(self.pictures(1).state, "failed")

    def test_a_picture_that_a_person_replaced_or_removed_stays_so(self):
        self.read([self.listed(n, self.serve(f"/{n}.png", "red", etag='"v1"')) for n in (1, 2)])
        items = self.imported(1, 2)
        self.fetch()
        items[0].image_1920 = b64encode(picture("blue"))
        items[1].image_1920 = False
        for number in (1, 2):
            self.serve(f"/{number}.png", "lime", etag='"v2"')
        self.later(days=31)
        self.assertEqual(self.fetch(), [])
        self.read([self.listed(n, self.serve(f"/{n}-new.png", "lime")) for n in (1, 2)])
        self.assertEqual(self.fetch(), [])
        self.assertEqual([colour_of(item.image_1920) for item in items], ["blue", None])
        self.assertIn("removed", self.pictures(2).reason)

    def test_a_person_who_took_a_picture_away_can_have_it_back(self):
        self.read([self.listed(1, self.serve("/1.png", "red", etag='"v1"'))])
        item = self.imported(1)
        self.fetch()
        item.image_1920 = False
        self.pictures(1).with_user(self.user_manager).action_fetch()
        self.assertEqual(self.fetch(), ["/1.png"])
        self.assertEqual(colour_of(item.image_1920), "red")

    def test_only_managers_fetch_and_nobody_writes(self):
        self.read([self.listed(1, self.serve("/1.png", "red"))])
        self.imported(1)
        self.fetch()
        with self.assertRaises(UserError):
            self.pictures(1).with_user(self.user_user).action_fetch()
        with self.assertRaises(AccessError):
            self.pictures(1).with_user(self.user_manager).write({"url": "http://127.0.0.1/"})

    def test_a_connection_without_pictures_fetches_none_until_it_wants_them(self):
        self.connection.pictures = False
        self.read([self.listed(1, self.serve("/1.png", "red"))])
        item = self.imported(1)
        self.assertEqual(self.fetch(), [])
        self.connection.pictures = True
        self.assertEqual(self.fetch(), ["/1.png"])
        self.assertEqual(colour_of(item.image_1920), "red")

    def test_a_copy_of_the_database_fetches_nothing(self):
        self.read([self.listed(1, self.serve("/1.png", "red"))])
        self.imported(1)
        self.env["ir.config_parameter"].set_param("database.is_neutralized", True)
        self.assertEqual(self.fetch(), [])

    def test_only_the_api_on_this_machine_opens_the_way_to_this_machine(self):
        self.read([self.listed(1, self.serve("/1.png", "red"))])
        self.imported(1)
        self.connection.api_url = "https://api.example.com"
        self.connect(self.connection)
        self.assertEqual(self.fetch(), [])
        self.assertEqual(self.pictures(1).state, "failed")
        with self.assertRaises(AccessError):
            self.connection.with_user(self.user_manager).write({"api_url": self.site.url()})

    def test_a_product_of_odoo_that_was_unlinked_is_left_alone(self):
        self.read([self.listed(1, self.serve("/1.png", "red", etag='"v1"'))])
        self.imported(1)
        self.fetch()
        self.offer(1).product_id = False
        self.later(days=31)
        self.assertEqual(self.fetch(), [])

    def test_it_stops_after_one_picture_when_data_waits(self):
        self.read([self.listed(n, self.serve(f"/{n}.png", "red")) for n in (1, 2, 3)])
        self.imported(1, 2, 3)
        lane = self.env["inventory.source.picture.lane"]
        crons = self.connection.cron_ids
        self.env["ir.cron.trigger"].search([("cron_id", "in", crons.ids)]).unlink()
        crons.nextcall = fields.Datetime.now() + timedelta(hours=1)
        lane._run(seconds=0)  # plans
        self.connection._trigger_lane("order")
        counts, more = lane._run()
        self.assertEqual((dict(counts), more), ({"done": 1}, True))
        self.env["ir.cron.trigger"].search([("cron_id", "in", crons.ids)]).unlink()
        counts, more = lane._run()
        self.assertEqual((dict(counts), more), ({"done": 2}, False))

    def test_the_scheduled_action_fetches_and_comes_back_while_there_is_more(self):
        self.read([self.listed(1, self.serve("/1.png", "red"))])
        item = self.imported(1)
        cron = self.env.ref("inventory_source.ir_cron_pictures")
        for _slice in range(3):
            cron.method_direct_trigger()
        self.assertEqual(colour_of(item.image_1920), "red")
