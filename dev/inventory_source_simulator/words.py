"""The vocabulary the catalog is written with."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Item:
    """A kind of article: `cost` in USD and `weight` in lb are (lowest, highest)."""

    noun: str
    subcategory: str
    cost: tuple[float, float]
    weight: tuple[float, float]
    materials: tuple[str, ...]


@dataclass(frozen=True)
class Supplier:
    """A drop-ship supplier; `prefix` starts its SKUs, `fee` is added to every order line."""

    id: int
    name: str
    prefix: str
    department: str
    fee: float | None


SUPPLIERS = (
    Supplier(19, "Moosehead Outdoor Supply", "MO", "outdoor", 0),
    Supplier(24, "Hearth & Table Wholesale", "HT", "home", 2.5),
    Supplier(31, "Pawprint Pet Distributors", "PP", "pet", None),
    Supplier(37, "Keystone Tool Company", "KT", "tool", 3.0),
    Supplier(42, "Blue Ridge Sporting Goods", "BR", "outdoor", 1.75),
    Supplier(45, "Magnolia Home Goods", "MG", "home", 0),
    Supplier(53, "Happy Tails Warehouse", "HW", "pet", 1.5),
    Supplier(58, "Ironwood Hardware", "IH", "tool", None),
    Supplier(64, "Lakeshore Tackle", "LT", "outdoor", 2.0),
    Supplier(71, "Copper Kettle Imports", "CK", "home", 4.0),
    Supplier(77, "Furry Friends Supply", "FF", "pet", 0),
    Supplier(83, "Granite State Tools", "GS", "tool", 2.25),
)

_METAL = ("Stainless Steel", "Forged Steel", "Cast Iron")
_LIGHT_METAL = ("Aluminum", "Magnesium", "Carbon")
_FRAME = ("Powder-Coated Steel", "Aluminum", "Reinforced Nylon")
_WOVEN = ("Willow and Leather", "Rattan", "Waxed Canvas")
_CANVAS = ("Waxed Canvas", "Ripstop Nylon", "Recycled Polyester")
_SHELL = ("Ripstop Nylon", "Softshell", "Waxed Cotton")
_BOOT = ("Neoprene", "Full-Grain Leather", "Suede")
_COTTON = ("Organic Cotton", "Linen Blend", "Brushed Flannel")
_RUG = ("Jute", "Wool Blend", "Sisal")
_POT = ("Cast Iron", "Stainless Steel", "Enameled Steel")
_WOOD = ("Acacia Wood", "Bamboo", "Walnut")
_DECOR = ("Brass", "Ceramic", "Smoked Glass")

CATEGORIES = {
    "outdoor": "Sports & Outdoors",
    "home": "Home & Kitchen",
    "pet": "Pet Supplies",
    "tool": "Tools & Home Improvement",
}

# department: (single articles, articles that come in colours and sizes)
ITEMS = {
    "outdoor": (
        (
            Item("Fishing Creel", "Fishing", (14, 32), (0.7, 1.6), _WOVEN),
            Item("Camp Lantern", "Camping", (9, 28), (0.8, 2.4), _METAL),
            Item("Folding Camp Stool", "Camping", (8, 19), (2.0, 4.5), _FRAME),
            Item("Spinning Reel", "Fishing", (18, 74), (0.5, 1.1), _LIGHT_METAL),
            Item("Field Binoculars", "Optics", (24, 140), (1.1, 2.6), _LIGHT_METAL),
            Item("Cooler Bag", "Camping", (11, 34), (1.2, 2.8), _CANVAS),
            Item("Tackle Box", "Fishing", (12, 41), (1.8, 5.2), _FRAME),
            Item("Fillet Knife", "Fishing", (7, 29), (0.3, 0.6), _METAL),
        ),
        (
            Item("Rain Jacket", "Apparel", (22, 64), (0.9, 1.8), _SHELL),
            Item("Hiking Shirt", "Apparel", (9, 26), (0.4, 0.7), _COTTON),
            Item("Wading Boots", "Footwear", (31, 88), (2.6, 4.4), _BOOT),
            Item("Trail Vest", "Apparel", (16, 42), (0.6, 1.2), _SHELL),
        ),
    ),
    "home": (
        (
            Item("Dutch Oven", "Cookware", (28, 96), (8.5, 14.0), _POT),
            Item("Cutting Board", "Kitchen Tools", (8, 33), (1.4, 4.8), _WOOD),
            Item("Table Lamp", "Lighting", (17, 58), (2.5, 6.5), _DECOR),
            Item("Wall Clock", "Decor", (9, 44), (1.1, 3.9), _DECOR),
            Item("Tea Kettle", "Cookware", (13, 47), (1.6, 3.1), _POT),
            Item("Picture Frame", "Decor", (4, 21), (0.6, 2.2), _WOOD),
            Item("Spice Rack", "Storage", (10, 29), (1.9, 4.2), _WOOD),
            Item("Salad Bowl", "Tableware", (9, 38), (1.2, 3.3), _WOOD),
        ),
        (
            Item("Bath Towel", "Bath", (5, 17), (0.8, 1.7), _COTTON),
            Item("Duvet Cover", "Bedding", (24, 72), (2.6, 5.0), _COTTON),
            Item("Area Rug", "Decor", (32, 140), (6.0, 24.0), _RUG),
            Item("Throw Blanket", "Bedding", (12, 39), (1.5, 3.4), _COTTON),
        ),
    ),
    "pet": (
        (
            Item("Cat Tree", "Cats", (29, 92), (14.0, 38.0), _RUG),
            Item("Elevated Feeder", "Dogs", (13, 37), (2.4, 6.1), _WOOD),
            Item("Aquarium Heater", "Fish", (9, 32), (0.4, 0.9), _LIGHT_METAL),
            Item("Bird Feeder", "Birds", (8, 36), (0.9, 3.6), _DECOR),
            Item("Grooming Brush", "Grooming", (4, 15), (0.2, 0.6), _WOOD),
            Item("Pet Carrier", "Travel", (19, 61), (3.1, 8.4), _CANVAS),
            Item("Treat Dispenser", "Dogs", (7, 24), (0.5, 1.3), _METAL),
        ),
        (
            Item("Dog Harness", "Dogs", (8, 27), (0.3, 0.9), _SHELL),
            Item("Dog Bed", "Dogs", (17, 66), (2.2, 9.5), _CANVAS),
            Item("Dog Raincoat", "Dogs", (9, 29), (0.3, 0.8), _SHELL),
            Item("Cat Collar", "Cats", (3, 11), (0.1, 0.2), _BOOT),
        ),
    ),
    "tool": (
        (
            Item("Socket Set", "Hand Tools", (18, 84), (3.2, 9.8), _METAL),
            Item("Work Light", "Lighting", (12, 46), (1.3, 3.7), _FRAME),
            Item("Claw Hammer", "Hand Tools", (7, 28), (1.2, 2.1), _METAL),
            Item("Bench Vise", "Workshop", (24, 98), (9.0, 31.0), _METAL),
            Item("Tape Measure", "Measuring", (4, 17), (0.4, 1.0), _METAL),
            Item("Pipe Wrench", "Plumbing", (10, 37), (1.8, 5.6), _METAL),
            Item("Step Ladder", "Ladders", (27, 89), (9.0, 22.0), _FRAME),
        ),
        (
            Item("Work Gloves", "Safety", (4, 16), (0.2, 0.5), _BOOT),
            Item("Safety Vest", "Safety", (5, 18), (0.3, 0.6), _SHELL),
            Item("Work Pants", "Workwear", (17, 44), (1.2, 2.0), _COTTON),
        ),
    ),
}

BRANDS = (
    "Rivers Edge", "Alder & Finch", "North Fork", "Bramble Hill", "Copperline", "Stillwater",
    "Oak Hollow", "Sandpiper", "Ridgeback", "Juniper Lane", "Tidewater", "Old Mill",
    "Fox & Fern", "Granite Peak", "Meadowlark", "Harborview",
)  # fmt: skip
ADJECTIVES = (
    "Classic", "Compact", "Rugged", "Lightweight", "Vintage", "Premium", "Everyday",
    "Deluxe", "Weatherproof", "Handmade", "Essential", "Professional",
)  # fmt: skip
COLORS = (
    "Black", "Red", "Navy Blue", "Forest Green", "Charcoal", "Sand", "Orange", "White", "Burgundy",
)  # fmt: skip
SIZES = ("XS", "S", "M", "L", "XL", "2XL")

BENEFITS = (
    "Easy to clean", "Built to last for years", "Packs down small", "Comfortable in any season",
    "Tested by our own staff", "Ships in plain packaging", "One-year limited warranty",
    "Rust-resistant hardware", "Designed in the USA",
)  # fmt: skip

# What suppliers really type into a title.
AWKWARD_TITLES = (
    '{title} 4" x 6" \'Field\' "Pro"',
    "<b>NEW!</b> {title} & Case",
    "{title} 🎣🔥 – Bestseller",
    '=HYPERLINK("http://example.com","{title}")',
    "صندوق {title} للصيد",
    "@{title}",
    "  {title}\t(2-Pack) ",
    "Café Crème – {title} – Größe Übergroß",
    "{title} \u202eexe.gnp",
    "+{title}; SELECT 'x' -- %s {{0}}",
    "תיק {title}",
    "{title} <script>alert(1)</script>",
)
AWKWARD_DESCRIPTIONS = (
    '<p onclick="alert(1)">{text}</p><img src="x" onerror="alert(1)"><script>alert(2)</script>',
    '<div style="position:fixed;top:0"><a href="javascript:alert(1)">{text}</a></div>',
    "{text}<br/><br><B>Unclosed bold & <i>italic",
    "=1+1 {text}",
)
