"""What hundreds of suppliers write, and what a person would take it for.

Each table: what a record holds instead of the usual, what it is read as, and which fields are named
as unread (nothing else is). Records are invented.
"""

import contextlib
import time
from decimal import Decimal
from typing import Any

import pytest

from client.errors import RecordError
from client.profile import builtin
from client.records import Product, parse_product

PROFILE = builtin()
BASE: dict[str, Any] = {
    "id": 9001,
    "sku": "T-1",
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
Case = tuple[dict[str, Any], dict[str, Any], tuple[str, ...]]


def product(**given: Any) -> Product:
    return parse_product(PROFILE.products.record.row({**BASE, **given}))


def names(read: Product) -> tuple[str, ...]:
    return tuple(unread.field for unread in getattr(read, "unread", ()))


def check(case: Case) -> None:
    given, right, named = case
    read = product(**given)
    assert {field: getattr(read, field) for field in right} == right
    assert names(read) == named


MONEY: list[Case] = [
    ({"cost": "$18.25"}, {"cost": Decimal("18.25")}, ()),
    ({"msrp": "1,299.00"}, {"msrp": Decimal(1299)}, ()),
    ({"msrp": "1,299"}, {"msrp": Decimal(1299)}, ()),
    ({"cost": "18.25 USD"}, {"cost": Decimal("18.25")}, ()),
    ({"cost": "18,25"}, {"cost": None}, ("cost",)),
    ({"cost": "€18.25"}, {"cost": None}, ("cost",)),
    ({"shippingCost": -1}, {"shipping_cost": 0}, ("shipping_cost",)),
    # cousins
    ({"cost": "USD 18.25"}, {"cost": Decimal("18.25")}, ()),
    ({"cost": " $ 1,018.25 "}, {"cost": Decimal("1018.25")}, ()),
    ({"cost": "US$18.25"}, {"cost": Decimal("18.25")}, ()),
    ({"cost": "$18"}, {"cost": Decimal(18)}, ()),
    ({"cost": "'18.25"}, {"cost": Decimal("18.25")}, ()),
    ({"cost": "18.25\u200b"}, {"cost": Decimal("18.25")}, ()),
    ({"cost": "&#36;18.25"}, {"cost": Decimal("18.25")}, ()),
    ({"cost": "$18.25 USD"}, {"cost": Decimal("18.25")}, ()),
    ({"cost": "18.25 CAD"}, {"cost": None}, ("cost",)),
    ({"cost": "18.25 EUR"}, {"cost": None}, ("cost",)),
    ({"cost": "1.299,00"}, {"cost": None}, ("cost",)),
    ({"cost": "0,299"}, {"cost": None}, ("cost",)),
    ({"cost": "12,34,567"}, {"cost": None}, ("cost",)),
    ({"cost": "1e5"}, {"cost": None}, ("cost",)),
    ({"cost": "-18.25"}, {"cost": None}, ("cost",)),
    ({"cost": "call"}, {"cost": None}, ("cost",)),
    ({"cost": float("nan")}, {"cost": None}, ("cost",)),
    ({"cost": []}, {"cost": None}, ("cost",)),
    ({"cost": {"amount": 18.25}}, {"cost": None}, ("cost",)),
    ({"dropshipFee": "$2.50"}, {"dropship_fee": Decimal("2.5")}, ()),
    ({"surchargeFee": "free"}, {"surcharge_fee": 0}, ("surcharge_fee",)),
    ({"msrp": True}, {"msrp": None}, ("msrp",)),
]
MAP: list[Case] = [
    ({"map": "N/A"}, {"map": None}, ()),
    ({"map": "call"}, {"map": None}, ("map",)),
    # cousins
    ({"map": "0"}, {"map": None}, ()),
    ({"map": "0.00"}, {"map": None}, ()),
    ({"map": "$0.00"}, {"map": None}, ()),
    ({"map": "none"}, {"map": None}, ()),
    ({"map": "-"}, {"map": None}, ()),
    ({"map": " n/a "}, {"map": None}, ()),
    ({"map": "N / A"}, {"map": None}, ()),
    ({"map": "N\\A"}, {"map": None}, ()),
    ({"map": "None."}, {"map": None}, ()),
    ({"map": "#DIV/0!"}, {"map": None}, ()),
    ({"map": "[]"}, {"map": None}, ()),
    ({"map": "NULL"}, {"map": None}, ()),
    ({"map": False}, {"map": None}, ()),
    ({"map": {}}, {"map": None}, ()),
    ({"map": "$24.99"}, {"map": Decimal("24.99")}, ()),
    ({"map": "see site"}, {"map": None}, ("map",)),
    ({"map": "yes"}, {"map": None}, ("map",)),
    ({"map": -5}, {"map": None}, ("map",)),
]
QUANTITY: list[Case] = [
    ({"quantity": "100+"}, {"quantity": 100}, ()),
    ({"quantity": "1,200"}, {"quantity": 1200}, ()),
    ({"quantity": 12.5}, {"quantity": 12}, ()),
    ({"quantity": -3, "cost": 14}, {"quantity": 0, "cost": Decimal(14)}, ()),
    ({"quantity": 0, "cost": 30, "map": "N/A"}, {"quantity": 0, "cost": Decimal(30)}, ()),
    # cousins
    ({"quantity": "12.0"}, {"quantity": 12}, ()),
    ({"quantity": "12.9"}, {"quantity": 12}, ()),
    ({"quantity": "1,204.0"}, {"quantity": 1204}, ()),
    ({"quantity": "-3"}, {"quantity": 0}, ()),
    ({"quantity": -0.5}, {"quantity": 0}, ()),
    ({"quantity": " 12 "}, {"quantity": 12}, ()),
    ({"quantity": ">100"}, {"quantity": 100}, ()),
    ({"quantity": "12 pcs"}, {"quantity": 12}, ()),
    ({"quantity": "'12"}, {"quantity": 12}, ()),
    ({"quantity": "Out of Stock"}, {"quantity": 0}, ()),
    ({"quantity": "sold out"}, {"quantity": 0}, ()),
    ({"quantity": None}, {"quantity": None}, ()),
    ({"quantity": "N/A"}, {"quantity": None}, ()),
    ({"quantity": "12,5"}, {"quantity": None}, ("quantity",)),
    ({"quantity": "many"}, {"quantity": None}, ("quantity",)),
    ({"quantity": "10-20"}, {"quantity": None}, ("quantity",)),
    ({"quantity": True}, {"quantity": None}, ("quantity",)),
    ({"quantity": 10**400}, {"quantity": None}, ("quantity",)),
    ({"quantity": float("inf")}, {"quantity": None}, ("quantity",)),
]
SIZES: list[Case] = [
    ({"weight": "1.2 lbs"}, {"weight_lb": Decimal("1.2")}, ()),
    ({"weight": "N/A"}, {"weight_lb": 0}, ()),
    ({"length": '11.4"'}, {"length_in": Decimal("11.4")}, ()),
    # cousins
    ({"weight": "1.2lb"}, {"weight_lb": Decimal("1.2")}, ()),
    ({"weight": "1.2 LBS."}, {"weight_lb": Decimal("1.2")}, ()),
    ({"weight": "1,200 lb"}, {"weight_lb": Decimal(1200)}, ()),
    ({"weight": "24 oz"}, {"weight_lb": Decimal("1.5")}, ()),
    ({"weight": "1 kg"}, {"weight_lb": Decimal("2.204623")}, ()),
    ({"weight": "heavy"}, {"weight_lb": 0}, ("weight_lb",)),
    ({"weight": "1.2 stone"}, {"weight_lb": 0}, ("weight_lb",)),
    ({"weight": "1,2"}, {"weight_lb": 0}, ("weight_lb",)),
    ({"weight": "$5"}, {"weight_lb": 0}, ("weight_lb",)),
    ({"weight": -1}, {"weight_lb": 0}, ("weight_lb",)),
    ({"length": "11.4&quot;"}, {"length_in": Decimal("11.4")}, ()),
    ({"length": "11.4\x94"}, {"length_in": Decimal("11.4")}, ()),
    ({"length": "11.4 in."}, {"length_in": Decimal("11.4")}, ()),
    ({"width": "2 ft"}, {"width_in": Decimal(24)}, ()),
    ({"height": "30 cm"}, {"height_in": Decimal("11.811024")}, ()),
    ({"height": "tall"}, {"height_in": 0}, ("height_in",)),
]
FLAGS: list[Case] = [
    ({"active": "Y"}, {"active": True}, ()),
    ({"firearm": "No"}, {"firearm": False}, ()),
    # cousins
    ({"active": "true"}, {"active": True}, ()),
    ({"active": 1}, {"active": True}, ()),
    ({"active": 1.0}, {"active": True}, ()),
    ({"active": "1"}, {"active": True}, ()),
    ({"active": "N"}, {"active": False}, ()),
    ({"active": "FALSE"}, {"active": False}, ()),
    ({"active": "Active"}, {"active": True}, ()),
    ({"active": "Disabled"}, {"active": False}, ()),
    ({"active": 0.0}, {"active": False}, ()),
    ({"active": None}, {"active": True}, ()),
    ({"active": "maybe"}, {"active": False}, ("active",)),
    ({"active": 2}, {"active": False}, ("active",)),
    ({"active": ["true"]}, {"active": False}, ("active",)),
    ({"firearm": "yes"}, {"firearm": True}, ()),
    ({"firearm": "T"}, {"firearm": True}, ()),
    ({"firearm": ""}, {"firearm": False}, ()),
    ({"firearm": "N/A"}, {"firearm": False}, ()),
    ({"firearm": "rifle"}, {"firearm": True}, ("firearm",)),
    ({"firearm": 3}, {"firearm": True}, ("firearm",)),
    ({"firearm": float("nan")}, {"firearm": True}, ("firearm",)),
    ({"amazonAllowed": "Y", "ebayAllowed": 1}, {"marketplaces": ("amazon", "ebay")}, ()),
    ({"amazonAllowed": "ask", "ebayAllowed": True}, {"marketplaces": ("ebay",)}, ("marketplaces",)),
]
IDS: list[Case] = [
    ({"id": 9.0}, {"id": "9"}, ()),
    ({"id": " 9 "}, {"id": "9"}, ()),
    ({"supplierId": 0}, {"supplier_id": None}, ()),
    # cousins
    ({"id": "9"}, {"id": "9"}, ()),
    ({"id": "9.0"}, {"id": "9"}, ()),
    ({"id": "9\u200b"}, {"id": "9"}, ()),
    ({"id": "NULL"}, {"id": "NULL"}, ()),
    ({"supplierId": "0"}, {"supplier_id": None}, ()),
    ({"supplierId": False}, {"supplier_id": None}, ()),
    ({"supplierId": "none"}, {"supplier_id": None}, ()),
    ({"supplierId": {}}, {"supplier_id": None}, ()),
    ({"supplierId": 19.0}, {"supplier_id": "19"}, ()),
    ({"supplierId": "not available"}, {"supplier_id": None}, ()),
    ({"supplierId": [19]}, {"supplier_id": None}, ("supplier_id",)),
    ({"supplierId": 1.5}, {"supplier_id": None}, ("supplier_id",)),
]
TEXT_FIELDS: list[Case] = [
    ({"mpn": ["a"]}, {"mpn": ""}, ("mpn",)),
    ({"subCategory": []}, {"subcategory": ""}, ()),
    # cousins
    ({"mpn": {}}, {"mpn": ""}, ()),
    ({"mpn": 1505}, {"mpn": "1505"}, ()),
    ({"mpn": 1505.0}, {"mpn": "1505"}, ()),
    ({"mpn": "N/A"}, {"mpn": ""}, ()),
    ({"mpn": "-"}, {"mpn": ""}, ()),
    ({"manufacturer": "none"}, {"brand": ""}, ()),
    ({"manufacturer": "n / a"}, {"brand": ""}, ()),
    ({"manufacturer": "..."}, {"brand": ""}, ()),
    ({"manufacturer": True}, {"brand": ""}, ("brand",)),
    ({"manufacturer": {"name": "X"}}, {"brand": ""}, ("brand",)),
    ({"manufacturer": "x" * 1001}, {"brand": ""}, ("brand",)),
    ({"description": ["a"]}, {"description": ""}, ("description",)),
    ({"description": "N/A"}, {"description": ""}, ()),
    ({"asin": "#N/A"}, {"asin": ""}, ()),
    ({"isbn": float("nan")}, {"isbn": ""}, ("isbn",)),
]
A = "https://cdn.example/a.jpg"
IMAGES: list[Case] = [
    ({"images": [None, A]}, {"image_urls": (A,)}, ()),
    ({"images": A}, {"image_urls": (A,)}, ()),
    ({"images": [{"url": A}]}, {"image_urls": (A,)}, ()),
    (
        {"images": [], "thumbnail": "https://cdn.example/t.jpg"},
        {"image_urls": ("https://cdn.example/t.jpg",)},
        (),
    ),
    (
        {
            "images": [
                "//cdn.example/a.jpg",
                "https://cdn.example/i?id=7&amp;w=800",
                "cdn.example/b c (1).jpg",
                "NO IMAGE",
            ]
        },
        {
            "image_urls": (
                A,
                "https://cdn.example/i?id=7&w=800",
                "https://cdn.example/b c (1).jpg",
            )
        },
        ("image_urls",),
    ),
    # cousins
    ({"images": ["", " ", "N/A", {}, [], A]}, {"image_urls": (A,)}, ()),
    ({"images": {"url": A}}, {"image_urls": (A,)}, ()),
    ({"images": f"{A}, https://cdn.example/b,c.jpg"}, {"image_urls": (A, A[:-5] + "b,c.jpg")}, ()),
    ({"images": f"{A}|{A}"}, {"image_urls": (A,)}, ()),
    ({"images": [A, 7]}, {"image_urls": (A,)}, ("image_urls",)),
    ({"images": [A, "a.jpg"]}, {"image_urls": (A,)}, ("image_urls",)),
    ({"images": [A, "images/a.jpg"]}, {"image_urls": (A,)}, ("image_urls",)),
    ({"images": [A, "javascript:alert(1)"]}, {"image_urls": (A,)}, ("image_urls",)),
    ({"images": [A, {"url": None}]}, {"image_urls": (A,)}, ()),
    ({"images": [A, {"alt": "x"}]}, {"image_urls": (A,)}, ("image_urls",)),
    ({"images": [A, "https://cdn.example/" + "x" * 2048]}, {"image_urls": (A,)}, ("image_urls",)),
    ({"images": [A] + ["//u.co/"] * 600}, {"image_urls": (A, "https://u.co/")}, ("image_urls",)),
    (
        {"images": " ".join(f"//u.co/{number}" for number in range(501))},
        {"image_urls": tuple(f"https://u.co/{number}" for number in range(500))},
        ("image_urls",),
    ),
    ({"images": "https:\\/\\/cdn.example\\/a.jpg"}, {"image_urls": (A,)}, ()),
    ({"images": "https%3A%2F%2Fcdn.example%2Fa.jpg"}, {"image_urls": (A,)}, ()),
    ({"images": "HTTPS://cdn.example/a.jpg"}, {"image_urls": (A,)}, ()),
    ({"images": "https:/cdn.example/a.jpg"}, {"image_urls": (A,)}, ()),
    ({"images": " https://cdn.example/a.jpg\u200b\n"}, {"image_urls": (A,)}, ()),
    ({"images": "&lt;![CDATA[https://cdn.example/a.jpg]]&gt;"}, {"image_urls": (A,)}, ()),
    ({"images": "http://cdn.example/a.jpg"}, {"image_urls": ("http://cdn.example/a.jpg",)}, ()),
    ({"images": "none", "thumbnail": "//cdn.example/a.jpg"}, {"image_urls": (A,)}, ()),
    ({"images": [None], "thumbnail": A}, {"image_urls": (A,)}, ()),
    ({"images": A, "thumbnail": "NO IMAGE"}, {"image_urls": (A,)}, ()),
]
PAGE = "x" * 20_000
ATTRIBUTES: list[Case] = [
    (
        {"attributes": [{"name": "Discontinued", "value": False}]},
        {"attributes": (("Discontinued", "No"),)},
        (),
    ),
    ({"attributes": {"Color": "Red"}}, {"attributes": (("Color", "Red"),)}, ()),
    ({"attributes": [{"name": "Fits", "value": PAGE}]}, {"attributes": (("Fits", PAGE),)}, ()),
    ({"options": [{"name": "Color", "value": ""}]}, {"options": ()}, ()),
    # cousins
    ({"attributes": [None, {}, "", {"name": "A", "value": 1}]}, {"attributes": (("A", "1"),)}, ()),
    ({"attributes": {"name": "A", "value": "b"}}, {"attributes": (("A", "b"),)}, ()),
    ({"attributes": {"A": "b", "C": 2.0}}, {"attributes": (("A", "b"), ("C", "2"))}, ()),
    ({"attributes": [{"A": "b"}, {"C": "d"}]}, {"attributes": (("A", "b"), ("C", "d"))}, ()),
    ({"attributes": [{"name": "A", "value": "N/A"}]}, {"attributes": ()}, ()),
    ({"attributes": [{"name": "Use", "value": "None"}]}, {"attributes": (("Use", "None"),)}, ()),
    ({"attributes": [{"name": "A", "value": ["b", 2]}]}, {"attributes": (("A", "b, 2"),)}, ()),
    ({"attributes": "Color: Red"}, {"attributes": (("Color", "Red"),)}, ()),
    (
        {"attributes": [{"value": "x"}, {"name": "A", "value": "b"}]},
        {"attributes": (("A", "b"),)},
        ("attributes",),
    ),
    (
        {"attributes": [{"name": "A", "value": {"b": 1}}, {"name": "C", "value": "d"}]},
        {"attributes": (("C", "d"),)},
        ("attributes",),
    ),
    ({"attributes": "Waterproof"}, {"attributes": ()}, ("attributes",)),
    ({"attributes": 7}, {"attributes": ()}, ("attributes",)),
    ({"attributes": "none"}, {"attributes": ()}, ()),
    ({"options": {"Color": "Red"}}, {"options": (("Color", "Red"),)}, ()),
    ({"options": [{"name": "Size", "value": 10}]}, {"options": (("Size", "10"),)}, ()),
    ({"options": [{"name": "Scent", "value": "None"}]}, {"options": (("Scent", "None"),)}, ()),
    ({"options": [{"name": "Color"}, None]}, {"options": ()}, ()),
    ({"options": [{"name": "Color", "value": "Blue "}]}, {"options": (("Color", "Blue"),)}, ()),
    ({"options": [{"name": "C", "value": "R"}] * 2}, {"options": (("C", "R"),)}, ()),
    (
        {"options": [{"name": "C", "value": "R"}, {"name": "C", "value": "B"}]},
        {"options": ()},
        ("options",),
    ),
    ({"options": ["Red"]}, {"options": ()}, ("options",)),
    *(
        (
            {field: {f"n{number}": number for number in range(501)}},
            {field: tuple((f"n{number}", str(number)) for number in range(500))},
            (field,),
        )
        for field in ("attributes", "options")
    ),
]
PARENT: list[Case] = [
    ({"parent": 0}, {"parent_id": None, "parent_sku": ""}, ()),
    ({"parent": False}, {"parent_id": None}, ()),
    (
        {"parent": {"id": 77, "title": "Fam"}},
        {"parent_id": "77", "parent_title": "Fam"},
        (),
    ),
    (
        {"parent": {"id": None, "sku": "P1", "title": "Fam"}},
        {"parent_id": None, "parent_sku": "P1", "parent_title": "Fam"},
        (),
    ),
    # cousins
    ({"parent": "0"}, {"parent_id": None}, ()),
    ({"parent": ""}, {"parent_id": None}, ()),
    ({"parent": {}}, {"parent_id": None}, ()),
    ({"parent": []}, {"parent_id": None}, ()),
    ({"parent": "none"}, {"parent_id": None}, ()),
    ({"parent": "N/A"}, {"parent_id": None}, ()),
    ({"parent": 0.0}, {"parent_id": None}, ()),
    ({"parent": 77.0}, {"parent_id": "77"}, ()),
    ({"parent": {"id": 0, "sku": "P1"}}, {"parent_id": None, "parent_sku": "P1"}, ()),
    ({"parent": {"id": "", "sku": "P1"}}, {"parent_id": None, "parent_sku": "P1"}, ()),
    ({"parent": {"id": "N/A", "sku": "P1"}}, {"parent_id": None, "parent_sku": "P1"}, ()),
    ({"parent": {"id": None, "sku": None, "title": ""}}, {"parent_id": None}, ()),
    ({"parent": {"sku": "P1"}}, {"parent_id": None, "parent_sku": "P1"}, ()),
    ({"parent": {"title": "Fam"}}, {"parent_id": None, "parent_sku": ""}, ("parent_id",)),
    ({"parent": {"id": [1], "sku": "P1"}}, {"parent_sku": "P1"}, ("parent_id",)),
    ({"parent": True}, {"parent_id": None}, ("parent_id",)),
]
UPC: list[Case] = [
    # What the digits are worth is judged where barcodes are made: the zero that is lost here, too.
    ({"upc": 12345678905}, {"upc": "12345678905"}, ()),
    ({"upc": 643323150504.0}, {"upc": "643323150504"}, ()),
    ({"upc": "'643323150504"}, {"upc": "'643323150504"}, ()),
    ({"upc": "643323150504\u200b"}, {"upc": "643323150504"}, ()),
    ({"upc": "6.43E+11"}, {"upc": "6.43E+11"}, ()),
    # cousins
    ({"upc": 6.43e11}, {"upc": "6.43E+11"}, ()),
    ({"upc": 6.43323e11}, {"upc": "6.43323E+11"}, ()),
    ({"upc": "\ufeff643323150504"}, {"upc": "643323150504"}, ()),
    ({"upc": "6433\u00ad23150504"}, {"upc": "643323150504"}, ()),
    ({"upc": "643323150504&nbsp;"}, {"upc": "643323150504"}, ()),
    ({"upc": "\u202a643323150504\u202c"}, {"upc": "643323150504"}, ()),
    ({"upc": "643323150504\x00"}, {"upc": "643323150504"}, ()),
    ({"upc": "N/A"}, {"upc": ""}, ()),
    ({"upc": "none"}, {"upc": ""}, ()),
    ({"upc": []}, {"upc": ""}, ()),
    ({"upc": True}, {"upc": ""}, ("upc",)),
    ({"upc": ["643323150504"]}, {"upc": ""}, ("upc",)),
    ({"upc": "n/a\u200b"}, {"upc": ""}, ()),
]
TEXTS: list[Case] = [
    (
        {"title": "6&#039; x 8&#039; Area Rug &amp;amp; Pad &ndash; &quot;Ivory&quot;"},
        {"title": "6' x 8' Area Rug & Pad \u2013 \"Ivory\""},
        (),
    ),
    ({"primaryCategory": "Health &amp; Beauty"}, {"category": "Health & Beauty"}, ()),
    (
        {"options": [{"name": "Strength", "value": "+1.25"}]},
        {"options": (("Strength", "+1.25"),)},
        (),
    ),
    ({"sku": "-4417", "title": "-40\u00b0 Gloves"}, {"sku": "-4417", "title": "-40° Gloves"}, ()),
    (
        {
            "description": "&lt;p&gt;Great &amp;amp; light&lt;/p&gt;"
            "&lt;ul&gt;&lt;li&gt;A&lt;/li&gt;&lt;/ul&gt;"
        },
        {"description": "<p>Great &amp; light</p><ul><li>A</li></ul>"},
        (),
    ),
    (
        {"description": "<![CDATA[<p>Great</p><p>Two</p>]]>"},
        {"description": "<p>Great</p><p>Two</p>"},
        (),
    ),
    ({"title": "5\x94 blade"}, {"title": "5\u201d blade"}, ()),
    # cousins
    ({"primaryCategory": "Health &amp;amp; Beauty"}, {"category": "Health & Beauty"}, ()),
    ({"primaryCategory": "Health &#38;#38; Beauty"}, {"category": "Health & Beauty"}, ()),
    ({"primaryCategory": "Health\u200b &\xad Beauty"}, {"category": "Health & Beauty"}, ()),
    ({"primaryCategory": "Health&nbsp;&amp;&nbsp;Beauty"}, {"category": "Health & Beauty"}, ()),
    ({"primaryCategory": "<![CDATA[Health & Beauty]]>"}, {"category": "Health & Beauty"}, ()),
    ({"subCategory": "Caf\u00e9 / Cafe\u0301"}, {"subcategory": "Caf\u00e9 / Caf\u00e9"}, ()),
    ({"manufacturer": "Smith &amp; Wesson&reg;"}, {"brand": "Smith & Wesson\u00ae"}, ()),
    ({"manufacturer": "Bob&#146;s"}, {"brand": "Bob\u2019s"}, ()),
    ({"options": [{"name": "Size", "value": "5&quot;"}]}, {"options": (("Size", '5"'),)}, ()),
    ({"attributes": {"A &amp; B": "C\x92s"}}, {"attributes": (("A & B", "C\u2019s"),)}, ()),
    ({"title": "&amp;amp;amp;amp; four"}, {"title": "&amp; four"}, ()),
    (
        {"title": "AT&T R&D &copyright; &amplifier"},
        {"title": "AT&T R&D &copyright; &amplifier"},
        (),
    ),
    ({"title": "Knife &lt; 5 &amp; &gt; 3"}, {"title": "Knife < 5 & > 3"}, ()),
    ({"title": "a\u202eb\u2066c"}, {"title": "abc"}, ()),
    ({"title": "\U0001f469\u200d\U0001f467 set"}, {"title": "\U0001f469\u200d\U0001f467 set"}, ()),
    ({"title": "one\u200d two"}, {"title": "one two"}, ()),
    ({"title": "one\r\ntwo\x0bthree"}, {"title": "one two three"}, ()),
    ({"title": "&lt;![CDATA[Lamp]]&gt;"}, {"title": "Lamp"}, ()),
    ({"title": "N/A"}, {"title": "N/A"}, ()),
    ({"description": "Great &amp; light\nTwo"}, {"description": "Great & light\nTwo"}, ()),
    ({"description": "<p>A &amp;amp; B</p>"}, {"description": "<p>A &amp; B</p>"}, ()),
    ({"description": "<p>1 &lt; 2</p>"}, {"description": "<p>1 &lt; 2</p>"}, ()),
    ({"description": "under 5 &lt;5 lb"}, {"description": "under 5 <5 lb"}, ()),
    ({"sku": " A  B\u200b&amp;"}, {"sku": " A  B\u200b&amp;"}, ()),
    ({"sku": 4417.0}, {"sku": "4417"}, ()),
    ({"parent": {"id": 7, "sku": "P &amp; 1 "}}, {"parent_sku": "P &amp; 1 "}, ()),
]
TABLES = {
    "money": MONEY,
    "map": MAP,
    "quantity": QUANTITY,
    "sizes": SIZES,
    "flags": FLAGS,
    "ids": IDS,
    "text fields": TEXT_FIELDS,
    "images": IMAGES,
    "attributes": ATTRIBUTES,
    "parent": PARENT,
    "upc": UPC,
    "texts": TEXTS,
}


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, id=f"{kind}: {case[0]!r}"[:80])
        for kind, cases in TABLES.items()
        for case in cases
    ],
)
def test_what_a_supplier_wrote_is_read_as_it_was_meant(case: Case) -> None:
    check(case)


@pytest.mark.parametrize(
    ("currency", "cost", "right"),
    [
        ("USD", "$5", 5),
        ("CAD", "$5", 5),
        ("CAD", "C$5", 5),
        ("CAD", "5 CAD", 5),
        ("CAD", "US$5", None),
        ("CAD", "5 USD", None),
        ("EUR", "€5", 5),
        ("EUR", "5 eur", 5),
        ("EUR", "$5", None),
        ("GBP", "£5", 5),
        ("GBP", "€5", None),
        ("CHF", "5 CHF", 5),
    ],
)
def test_an_amount_is_in_the_currency_of_the_connection(
    currency: str, cost: str, right: int | None
) -> None:
    row = PROFILE.products.record.row({**BASE, "cost": cost})
    assert parse_product(row, currency).cost == right


def test_a_variant_whose_value_has_a_blank_is_no_other() -> None:
    red, blue = (
        product(id=number, options=[{"name": "Color", "value": value}])
        for number, value in ((3, "Red"), (4, "Blue "))
    )
    assert (red.options, blue.options) == ((("Color", "Red"),), (("Color", "Blue"),))


@pytest.mark.parametrize(
    ("given", "excerpt"),
    [
        ({"weight": "heavy"}, "'heavy'"),
        ({"map": "call"}, "'call'"),
        ({"quantity": -float("inf")}, "-inf"),
        ({"active": [1, 2]}, "[1, 2]"),
        ({"manufacturer": {"name": "X"}}, "{'name': 'X'}"),
        ({"images": ["//u.co/1", "NO IMAGE"]}, "'NO IMAGE'"),
        ({"title": "t", "upc": {"a": ["b"] * 1000}}, "{'a': ['b', 'b', 'b', 'b', ...]}"),
    ],
)
def test_what_was_not_read_is_shown_as_it_came(given: dict[str, Any], excerpt: str) -> None:
    (unread,) = product(**given).unread
    assert unread.excerpt == excerpt


@pytest.mark.parametrize("sku", ["", " ", "\u200b", None, [], "a\x00b", "a\ud800", True])
def test_an_sku_that_cannot_go_back_as_it_came_costs_the_record(sku: Any) -> None:
    with pytest.raises(RecordError, match="SKU"):
        product(sku=sku)


@pytest.mark.parametrize(
    ("field", "unit"),
    [
        ("images", ","),
        ("images", "; "),
        ("images", "a."),
        ("description", "e\u0301\u0323" * 2),
        ("description", "\u0301\u0323"),
        ("description", "<a "),
        ("description", "&amp;"),
        ("attributes", "<![CDATA["),
        ("title", "\u0301\u0323"),
    ],
)
def test_a_text_made_to_take_long_does_not(field: str, unit: str) -> None:
    started = time.process_time()
    with contextlib.suppress(RecordError):
        product(**{field: unit * (190_000 // len(unit))})
    assert time.process_time() - started < 2
