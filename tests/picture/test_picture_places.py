from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged

from ..catalog.catalog_common import member
from .picture_common import PicturesCommon, colour_of


@tagged("post_install", "-at_install")
class TestFamilyPictures(PicturesCommon):
    def family(self, *pictures):
        """List a family of one variant per address, and import it."""
        rows = [
            member(n, 90, Size=str(n)) | {"images": [url]}
            for n, url in enumerate(pictures, start=1)
        ]
        self.read(rows)
        return self.imported(*range(1, len(rows) + 1))

    def test_a_family_with_one_picture_has_it_once_on_the_template(self):
        url = self.serve("/f.png", "red")
        variants = self.family(url, url, url)
        self.assertEqual(self.fetch(), ["/f.png"])
        self.assertEqual(colour_of(variants.product_tmpl_id.image_1920), "red")
        self.assertFalse(any(variants.mapped("image_variant_1920")))

    def test_variants_that_look_different_have_their_own_and_one_file_is_fetched_once(self):
        red, blue = self.serve("/red.png", "red"), self.serve("/blue.png", "blue")
        variants = self.family(red, blue, blue)
        self.assertEqual(sorted(self.fetch()), ["/blue.png", "/red.png"])
        self.assertEqual(colour_of(variants.product_tmpl_id.image_1920), "red")
        self.assertEqual([colour_of(v.image_1920) for v in variants], ["red", "blue", "blue"])
        self.assertFalse(variants[0].image_variant_1920)

    def test_a_variant_that_looks_like_its_family_again_gives_up_its_own(self):
        red, blue = self.serve("/red.png", "red"), self.serve("/blue.png", "blue")
        variants = self.family(red, blue)
        self.fetch()
        self.read([member(n, 90, Size=str(n)) | {"images": [red], "title": "New"} for n in (1, 2)])
        self.fetch()
        self.assertFalse(variants[1].image_variant_1920)
        self.assertEqual(colour_of(variants[1].image_1920), "red")


@tagged("post_install", "-at_install", "-standard", "other_apps")
class TestGallery(PicturesCommon):
    def gallery(self, item):
        return [colour_of(image.image_1920) for image in item.product_template_image_ids]

    def test_the_other_pictures_go_to_the_gallery_in_their_order(self):
        urls = [self.serve(f"/{colour}.png", colour) for colour in ("red", "lime", "blue")]
        self.read([self.listed(1, *urls)])
        item = self.imported(1)
        self.fetch()
        self.assertEqual(colour_of(item.image_1920), "red")
        self.assertEqual(self.gallery(item), ["lime", "blue"])

    def test_a_changed_one_is_replaced_and_one_that_is_gone_removed(self):
        urls = [self.serve(f"/{colour}.png", colour) for colour in ("red", "lime", "blue")]
        self.read([self.listed(1, *urls)])
        item = self.imported(1)
        self.fetch()
        self.read([self.listed(1, urls[0], self.serve("/other.png", "red"))])
        self.assertEqual(self.fetch(), ["/other.png"])
        self.assertEqual(self.gallery(item), ["red"])

    def test_one_that_a_person_removed_does_not_come_back(self):
        urls = [self.serve(f"/{colour}.png", colour) for colour in ("red", "lime")]
        self.read([self.listed(1, *urls)])
        item = self.imported(1)
        self.fetch()
        item.product_template_image_ids.unlink()
        self.Picture.search([]).due_at = fields.Datetime.now()
        self.fetch()
        self.assertEqual(self.gallery(item), [])
        self.assertIn("removed", " ".join(filter(None, self.Picture.search([]).mapped("reason"))))

    def test_the_gallery_waits_for_the_shop_and_comes_with_it(self):
        urls = [self.serve(f"/{colour}.png", colour) for colour in ("red", "lime")]
        self.read([self.listed(1, *urls)])
        item = self.imported(1)
        with patch.object(type(self.Picture), "_has_galleries", lambda _self: False):
            self.assertEqual(self.fetch(), ["/red.png"])
        self.assertEqual(self.fetch(), ["/lime.png"])
        self.assertEqual(self.gallery(item), ["lime"])

    def test_one_that_never_came_leaves_no_gap_and_is_the_main_one_when_it_comes(self):
        lime, blue = self.serve("/lime.png", "lime"), self.serve("/blue.png", "blue")
        self.read([self.listed(1, self.site.url("/red.png"), lime, blue)])
        item = self.imported(1)
        self.fetch()
        self.assertEqual(colour_of(item.image_1920), "lime")
        self.assertEqual(self.gallery(item), ["blue"])
        self.serve("/red.png", "red")
        self.later(days=2)
        self.fetch()
        self.assertEqual(colour_of(item.image_1920), "red")
        self.assertEqual(self.gallery(item), ["lime", "blue"])

    def test_the_gallery_follows_the_suppliers_order_until_a_person_changes_it(self):
        red, lime, blue = (
            self.serve(f"/{colour}.png", colour) for colour in ("red", "lime", "blue")
        )
        self.read([self.listed(1, red, lime, blue)])
        item = self.imported(1)
        self.fetch()
        self.read([self.listed(1, red, blue, lime)])
        self.assertEqual(self.fetch(), [], "nothing is fetched to change the order")
        self.assertEqual(self.gallery(item), ["blue", "lime"])
        item.product_template_image_ids[0].sequence = 50
        self.read([self.listed(1, red, lime, blue)])
        self.fetch()
        self.read([self.listed(1, red, blue, lime)])
        self.fetch()
        item.invalidate_recordset()
        self.assertEqual(self.gallery(item), ["lime", "blue"], "as the person has put them")
