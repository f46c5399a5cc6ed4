import time

from lxml import html

from odoo.tests import BaseCase, tagged

from ...tools.safe_html import ALLOWED, safe_html
from ...tools.safe_text import display_name, plain_text
from ..catalog.catalog_common import CatalogCommon, product
from ..hostile_words import VECTORS
from ..properties import given, settings, st

# What stopped a whole catalog once: a page of nothing, or of what belongs to no page.
NO_PAGE = [
    "<",
    "</p>",
    "<!-- x -->",
    "<!DOCTYPE html>",
    "<html>",
    "</body>",
    "<head><title>x",
    "<frameset><frame></frameset>",
    "<?xml version='1.0' encoding='utf-8'?>",
    "<p>\ufeff</p>",
    # More digits than Python makes a number of.
    f"<b>&#{'9' * 5000};</b>",
    f"&#{'9' * 5000};",
]
fragments = st.one_of(
    st.sampled_from(
        [*NO_PAGE, *VECTORS, "<p>", "</b>", "<br/>", "<a href='", "&#x", "&amp;", "]]>"]
    ),
    st.text(max_size=8),
    # Half a pair, and what is no text at all.
    st.text(st.characters(whitelist_categories=("Cs", "Cc", "Co", "Cn")), max_size=4),
)
hostile = st.lists(fragments, max_size=12).map("".join)
CLEANING = (safe_html, plain_text, display_name)
# Nested, unclosed, repeated: each as long as a page may be.
HUGE = (
    "<", "<p>", "</p>", "<!--", "<a ", "<a href='", "<i><b>", "<table>", "<li>", "<svg>", " <",
    "&", "&lt;", "<b>x</b>", "\n<", "\ud800",
)  # fmt: skip


@tagged("post_install", "-at_install")
class TestCleaning(BaseCase):
    """Whatever a supplier writes, cleaning it gives text that can be kept; it never raises."""

    @settings(max_examples=400, deadline=None, derandomize=True, database=None)
    @given(hostile)
    def check(self, text):
        for clean in CLEANING:
            kept = clean(text)
            kept.encode()
            self.assertNotIn("\0", kept)
        for element in html.fragment_fromstring(safe_html(text), "root").iterdescendants():
            self.assertIn(element.tag, ALLOWED)

    def test_no_text_makes_the_cleaning_fail(self):
        self.check()

    def test_what_belongs_to_no_page_is_cleaned_to_what_is_readable_of_it(self):
        for text in NO_PAGE:
            for clean in CLEANING:
                with self.subTest(text[:40], clean=clean.__name__):
                    self.assertIn("read me", clean(f"{text}read me") or clean(f"read me{text}"))
                    clean(text)

    def test_huge_texts_are_cleaned_in_no_time(self):
        for piece in HUGE:
            for clean in CLEANING:
                with self.subTest(piece, clean=clean.__name__):
                    started = time.process_time()
                    clean(piece * (1_000_000 // len(piece)))
                    self.assertLess(time.process_time() - started, 2)


@tagged("post_install", "-at_install")
class TestSafeHtml(CatalogCommon):
    """Descriptions keep a few tags and links to the web, and nothing else."""

    def test_no_vector_leaves_more_than_allowed_tags_and_web_links(self):
        self.assertGreaterEqual(len(VECTORS), 100, "vectors are added, never taken off")
        for vector in VECTORS:
            with self.subTest(vector[:60]):
                for element in html.fragment_fromstring(
                    safe_html(vector), "root"
                ).iterdescendants():
                    self.assertIn(element.tag, ALLOWED)
                    self.assertLessEqual(set(element.keys()), {"href", "rel"})
                    self.assertTrue((element.get("href") or "https://").startswith("http"))

    def test_text_tags_and_links_to_the_web_stay(self):
        self.assertEqual(
            safe_html(
                "<h1>A</h1>x & y<br><a href='https://a.example/?q=1&b=2'>l</a><p>un<b>closed"
            ),
            '<h3>A</h3>x &amp; y<br><a href="https://a.example/?q=1&amp;b=2" '
            'rel="noopener nofollow">l</a><p>un<b>closed</b></p>',
        )

    def test_plain_text_keeps_its_lines_and_nothing_stays_nothing(self):
        self.assertEqual(safe_html("One & two\nThree"), "<p>One &amp; two<br>Three</p>")
        self.assertFalse(safe_html(None) or safe_html(" ") or safe_html("<img src=x>"))

    def test_an_imported_product_holds_the_reduced_description(self):
        self.read([product(1, description="<p onclick=x()>Good<script>x()</script></p>")])
        found = self.imported(1).product_tmpl_id
        shop = "description_ecommerce" in found._fields
        self.assertEqual(found["description_ecommerce" if shop else "description"], "<p>Good</p>")
