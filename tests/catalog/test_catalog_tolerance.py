from odoo.tests import tagged

from .catalog_common import CatalogCommon

BASE = {
    "supplierId": 19,
    "title": "Test lamp",
    "cost": 10,
    "weight": 1.2,
    "active": True,
    "quantity": 12,
    "primaryCategory": "Home",
    "subCategory": "Lamps",
    "attributes": [],
    "options": [],
    "images": [],
    "parent": None,
    "map": 0,
    "msrp": 25,
    "upc": "643323150504",
    "firearm": False,
}
A = "https://cdn.example/a.jpg"
LONG = "x" * 3000
# What is told, and what then stands in the supplier catalog. The last of each: whether it is named.
NOTATIONS = [
    ({"map": "N/A"}, {"map": 0.0}, False),
    ({"msrp": "1,299.00"}, {"msrp": 1299.0}, False),
    ({"cost": "$18.25"}, {"cost": 18.25, "cost_unconfirmed": False}, False),
    ({"weight": "1.2 lbs"}, {"weight": 1.2}, False),
    ({"weight": "N/A"}, {"weight": 0.0}, False),
    ({"shippingCost": -1}, {"shipping_cost": 0.0}, True),
    ({"quantity": "100+"}, {"quantity": 100}, False),
    ({"quantity": "1,200"}, {"quantity": 1200}, False),
    ({"quantity": 12.5}, {"quantity": 12}, False),
    ({"quantity": -3, "cost": 14}, {"quantity": 0, "cost": 14.0, "stock_untold": False}, False),
    ({"active": "Y"}, {"state": "new"}, False),
    ({"firearm": "No"}, {"firearm": False}, False),
    ({"mpn": ["a"]}, {"mpn": False}, True),
    ({"subCategory": []}, {"subcategory": False}, False),
    ({"length": '11.4"'}, {"length": 11.4}, False),
    ({"map": "call"}, {"map": 0.0}, True),
    # Their cousins.
    ({"map": "none"}, {"map": 0.0}, False),
    ({"map": "-"}, {"map": 0.0}, False),
    ({"map": "$1,299"}, {"map": 1299.0}, False),
    ({"map": "see dealer"}, {"map": 0.0}, True),
    ({"cost": "1,299"}, {"cost": 1299.0}, False),
    ({"cost": "18.25 USD"}, {"cost": 18.25}, False),
    ({"cost": " 18.25 "}, {"cost": 18.25}, False),
    ({"quantity": "1,204"}, {"quantity": 1204}, False),
    ({"quantity": None}, {"quantity": 0, "stock_untold": True}, False),
    ({"quantity": "none"}, {"quantity": 0, "stock_untold": True}, False),
    ({"quantity": "plenty"}, {"quantity": 0, "stock_untold": True}, True),
    ({"quantity": -1.5}, {"quantity": 0, "stock_untold": False}, False),
    ({"weight": "heavy"}, {"weight": 0.0}, True),
    ({"weight": ""}, {"weight": 0.0}, False),
    ({"msrp": "-"}, {"msrp": 0.0}, False),
    ({"active": "perhaps"}, {"state": "discontinued"}, True),
    ({"active": "false"}, {"state": "discontinued"}, False),
    ({"firearm": "perhaps"}, {"firearm": True}, True),
    ({"firearm": 1}, {"firearm": True}, False),
    ({"firearm": "N/A"}, {"firearm": False}, False),
    ({"manufacturer": {"name": "x"}}, {"brand": False}, True),
    ({"walmartAllowed": "Y"}, {"marketplaces": ["walmart"]}, False),
]
LISTS = [
    ({"images": [None, A]}, {"images": [A]}, False),
    ({"images": A}, {"images": [A]}, False),
    ({"images": [{"url": A}]}, {"images": [A]}, False),
    ({"thumbnail": A}, {"images": [A]}, False),
    ({"attributes": [{"name": "Gone", "value": False}]}, {"title": "Test lamp"}, None),
    ({"attributes": {"Color": "Red"}}, {"attributes": [["Color", "Red"]]}, False),
    ({"attributes": [{"name": "Fits", "value": LONG}]}, {"attributes": [["Fits", LONG]]}, False),
    ({"options": [{"name": "Color", "value": ""}]}, {"options": False}, None),
    # Their cousins.
    ({"images": ["", "  ", None, A, A]}, {"images": [A]}, False),
    ({"images": {"url": A}}, {"images": [A]}, False),
    ({"images": [A, "NO IMAGE"]}, {"images": [A]}, True),
    ({"images": ["//cdn.example/a.jpg"]}, {"images": [A]}, False),
    ({"images": ["cdn.example/a.jpg"]}, {"images": [A]}, False),
    ({"images": [A], "thumbnail": "https://cdn.example/t.jpg"}, {"images": [A]}, False),
    ({"images": None, "thumbnail": "N/A"}, {"images": False}, False),
    ({"attributes": None}, {"attributes": False}, False),
    ({"attributes": "N/A"}, {"attributes": False}, False),
    ({"attributes": [None, {"name": "A", "value": 1}]}, {"attributes": [["A", "1"]]}, False),
    ({"options": {}}, {"options": False}, False),
    ({"options": {"Color": "Red"}}, {"options": [["Color", "Red"]]}, False),
]
NO_PARENT = {"parent_external_id": False}
PARENTS = [
    *(({"parent": none}, NO_PARENT, False) for none in (0, False, None, "", {}, "0", "none")),
    ({"parent": "N/A"}, NO_PARENT, False),
    ({"parent": {"id": 0}}, NO_PARENT, False),
    ({"parent": {"id": None, "sku": None}}, NO_PARENT, False),
    ({"parent": 77}, {"parent_external_id": "77"}, False),
    ({"parent": {"id": 77.0}}, {"parent_external_id": "77"}, False),
    ({"parent": {"id": 77, "sku": "P1"}}, {"parent_external_id": "77"}, False),
    ({"parent": {"id": None, "sku": "P1"}}, {"parent_external_id": "SKU P1"}, False),
    ({"parent": {"id": "", "sku": "P1"}}, {"parent_external_id": "SKU P1"}, False),
]
TEXTS = [
    (
        {"title": "6&#039; x 8&#039; Area Rug &amp;amp; Pad &ndash; &quot;Ivory&quot;"},
        {"title": "6' x 8' Area Rug & Pad \u2013 \"Ivory\""},
    ),
    ({"primaryCategory": "Health &amp; Beauty"}, {"category": "Health & Beauty"}),
    ({"title": "5\x94 blade"}, {"title": "5\u201d blade"}),
    (
        {"options": [{"name": "Strength", "value": "+1.25"}]},
        {"options": [["Strength", "+1.25"]]},
    ),
    ({"title": "-40\u00b0 Gloves"}, {"title": "-40\u00b0 Gloves"}),
    # Their cousins.
    ({"title": "<![CDATA[Lamp & Shade]]>"}, {"title": "Lamp & Shade"}),
    ({"title": "La\u200bmp\ufeff"}, {"title": "Lamp"}),
    ({"title": "Caf&eacute; table"}, {"title": "Caf\u00e9 table"}),
    ({"manufacturer": "Black &amp;amp; Decker"}, {"brand": "Black & Decker"}),
    ({"subCategory": "Lamps&nbsp;&gt; Desk"}, {"subcategory": "Lamps > Desk"}),
    ({"attributes": {"Fit &amp; Size": "A &lt; B"}}, {"attributes": [["Fit & Size", "A < B"]]}),
    ({"options": {"Color": "Black &amp; White"}}, {"options": [["Color", "Black & White"]]}),
    ({"title": "@Home lamp"}, {"title": "@Home lamp"}),
    ({"title": "=1+1"}, {"title": "=1+1"}),
]


@tagged("post_install", "-at_install")
class TestCatalogTolerance(CatalogCommon):
    """What suppliers write by hand is read; what cannot be read costs itself and is named."""

    def check(self, cases):
        rows = [
            {"id": number, "sku": f"T-{number}", **BASE, **told}
            for number, (told, *_right) in enumerate(cases, start=1)
        ]
        self.read(rows)
        for number, (told, right, *named) in enumerate(cases, start=1):
            with self.subTest(told=str(told)[:100]):
                offer = self.offer(number)
                self.assertEqual({name: offer[name] for name in right}, right)
                if named and named[0] is not None:
                    self.assertEqual("unread" in self.problems(number), named[0])
                self.assertEqual(bool(offer.unread), "unread" in self.problems(number))

    def test_notations(self):
        self.check(NOTATIONS)

    def test_lists(self):
        self.check(LISTS)

    def test_parents(self):
        self.check(PARENTS)

    def test_texts(self):
        self.check(TEXTS)

    def test_ids(self):
        wrong = {"id": None, "sku": "T-N", **BASE}
        self.read(
            [{"id": number, "sku": f"T-{number}", **BASE} for number in (8, 9.0, " 10 ")]
            + [{**wrong, "id": ""}]
        )
        self.assertTrue(self.offer(8) and self.offer(9) and self.offer(10))
        self.assertEqual(len(self.Offer.search([("catalog_id", "=", self.catalog.id)])), 3)

    def test_no_supplier_is_the_catalogs(self):
        rows = [
            {"id": number, "sku": f"T-{number}", **BASE, "supplierId": none}
            for number, none in enumerate((0, "0", None, "", False, "N/A"), start=1)
        ]
        self.read(rows)
        self.assertEqual(self.offer(1).supplier_id, self.supplier)
        self.assertEqual(len(self.Offer.search([("supplier_id", "=", self.supplier.id)])), 6)

    def test_products_without_a_parent_are_of_their_own_whatever_their_options(self):
        self.read(
            [
                {"id": n, "sku": sku, **BASE, "parent": 0, "cost": cost, "upc": None}
                | {"options": [{"name": "Color", "value": color}]}
                for n, sku, color, cost in ((1, "A", "Red", 10), (2, "B", "Blue", 20))
            ]
        )
        one, two = self.imported(1, 2)
        self.assertNotEqual(one.product_tmpl_id, two.product_tmpl_id)
        self.assertLess(one.list_price, two.list_price, "each at its own price")

    def test_members_of_a_family_share_values_that_people_take_for_the_same(self):
        self.read(
            [
                {"id": n, "sku": sku, **BASE, "upc": None, "parent": {"id": 77, "title": "Fam"}}
                | {"options": [{"name": "Color", "value": color}]}
                for n, sku, color in ((3, "C", "Red"), (4, "D", "Blue "), (5, "E", "BLUE&nbsp;2"))
            ]
        )
        template = self.imported(3, 4, 5).product_tmpl_id
        self.assertEqual(len(template), 1)
        self.assertEqual(
            template.attribute_line_ids.value_ids.mapped("name"), ["Red", "Blue", "BLUE 2"]
        )

    def test_descriptions_are_paragraphs_and_lists_however_they_came(self):
        told = {
            1: "&lt;p&gt;Great &amp;amp; light&lt;/p&gt;"
            "&lt;ul&gt;&lt;li&gt;A&lt;/li&gt;&lt;/ul&gt;",
            2: "<![CDATA[<p>Great</p><p>Two</p>]]>",
            3: "<p>Great &amp; light</p>",
            4: "Great &amp;amp; light",
        }
        self.read(
            [
                {"id": n, "sku": f"T-{n}", **BASE, "upc": None, "description": text}
                for n, text in told.items()
            ]
        )
        shop = "description_ecommerce" in self.env["product.template"]._fields
        name = "description_ecommerce" if shop else "description"
        found = [str(item[name]) for item in self.imported(1, 2, 3, 4)]
        self.assertEqual(
            found,
            [
                "<p>Great &amp; light</p><ul><li>A</li></ul>",
                "<p>Great</p><p>Two</p>",
                "<p>Great &amp; light</p>",
                "<p>Great &amp; light</p>",
            ],
        )
