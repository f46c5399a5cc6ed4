"""Products computed from their index: the same seed and index always make the same record.

Nothing is held in memory. Record `index` belongs to catalog `index % catalogs` and is row
`index // catalogs` there. Rows come in blocks of 36: 24 single articles and three families of
6, 4 and 2 variants, so a third of all records has options. Ids rise with the index, with gaps.
"""

import itertools
import random
import re
import zlib
from typing import Any

from . import words
from .settings import Settings

Record = dict[str, Any]

FIRST_ID = 280_000
FIRST_CATALOG_ID = 3001
_ID_STEP = 7  # the last id of each step is never a product: a family's parent may have it
_FIRST_NUMBER = 1500
_BLOCK = 36
_FAMILIES = ((2, 6), (14, 4), (27, 2))  # (first row in the block, variants)
_FAMILY_ROWS = {first + place: (place, size) for first, size in _FAMILIES for place in range(size)}
# These rows are one article sold by the first two suppliers: same UPC, brand and title; in the
# last of them even the same SKU.
_SHARED_ROWS = (9, 21, 33)
_SHARED_SKU_ROW = 33


class Catalog:
    """The products of all suppliers before anybody changed them."""

    def __init__(self, settings: Settings):
        self.size = settings.products
        self.count = settings.catalogs
        self._seed = settings.seed
        self.suppliers = {
            FIRST_CATALOG_ID + place: supplier
            for place, supplier in enumerate(words.SUPPLIERS[: self.count])
        }

    def _rng(self, *what: object) -> random.Random:
        return random.Random("/".join(map(str, (self._seed, *what))))

    def product_id(self, index: int) -> int:
        gap = zlib.crc32(f"{self._seed}/{index}".encode()) % (_ID_STEP - 1)
        return FIRST_ID + _ID_STEP * index + gap

    def index_of(self, product_id: int) -> int | None:
        index = (product_id - FIRST_ID) // _ID_STEP
        known = 0 <= index < self.size and self.product_id(index) == product_id
        return index if known else None

    def indexes_after(self, catalog_id: int, since_id: int) -> range:
        """Return the indexes of a catalog's products whose id is above `since_id`."""
        index = max(0, (since_id - FIRST_ID) // _ID_STEP)
        if index < self.size and self.product_id(index) <= since_id:
            index += 1
        place = catalog_id - FIRST_CATALOG_ID
        return range(index + (place - index) % self.count, self.size, self.count)

    def find(self, sku: str) -> list[Record]:
        """Return the products with this SKU: none, one, or one of each of two suppliers."""
        number = re.search(r"\d+", sku)
        row = int(number.group()) - _FIRST_NUMBER if number else -1
        indexes = [row * self.count + place for place in range(self.count)] if row >= 0 else []
        records = (self.product(index) for index in indexes if index < self.size)
        return [record for record in records if record["sku"] == sku]

    def product(self, index: int) -> Record:
        """Return one product as the wire carries it; image paths start at the root of the site."""
        place, row = index % self.count, index // self.count
        slot = row % _BLOCK
        supplier = words.SUPPLIERS[place]
        article = self._family(place, row) if slot in _FAMILY_ROWS else self._single(place, row)
        offer = self._offer(self._rng("offer", place, row), supplier, article)
        record = {"id": self.product_id(index), "supplierId": supplier.id}
        images = self._images(record["id"], article["images"])
        return {**record, **article["facts"], **offer, **images}

    def _single(self, place: int, row: int) -> Record:
        slot = row % _BLOCK
        shared = slot in _SHARED_ROWS and self.count > 1 and place < 2
        owner = 0 if shared else place
        prefix = words.SUPPLIERS[owner if shared and slot == _SHARED_SKU_ROW else place].prefix
        rng = self._rng("article", owner, row)
        article = self._article(rng, owner, 0, row)
        facts = article["facts"]
        facts |= {"sku": f"{prefix}{_FIRST_NUMBER + row}", "options": [], "parent": None}
        if shared:
            facts["upc"] = _upc(rng)
        elif row % 17 == 5:
            facts["title"] = rng.choice(words.AWKWARD_TITLES).format(title=facts["title"])
            text = rng.choice(words.AWKWARD_DESCRIPTIONS)
            facts["description"] = text.format(text=facts["shortDescription"])
        return article

    def _family(self, place: int, row: int) -> Record:
        position, size = _FAMILY_ROWS[row % _BLOCK]
        first_row = row - position
        supplier = words.SUPPLIERS[place]
        rng = self._rng("family", place, first_row)
        article = self._article(rng, place, 1, first_row)
        color, width = _combinations(rng, size)[position]
        title = article["facts"]["title"]
        sku = f"{supplier.prefix}{_FIRST_NUMBER + row}-{color[:3].upper()}"
        options = [{"name": "Color", "value": color}]
        label = color
        if width:
            options.append({"name": "Size", "value": width})
            sku, label = f"{sku}-{width}", f"{color}, {width}"
        parent_id = FIRST_ID + _ID_STEP * (first_row * self.count + place) + _ID_STEP - 1
        parent_sku = f"{supplier.prefix}{_FIRST_NUMBER + first_row}-P"
        parent = {"id": parent_id, "sku": parent_sku, "title": title}
        article["facts"] |= {
            "sku": sku,
            "title": f"{title} - {label}",
            "upc": _listed_upc(self._rng("upc", place, row)),
            "options": options,
            "parent": parent_id if rng.random() < 0.1 else parent,
        }
        return article

    def _article(self, rng: random.Random, place: int, group: int, row: int) -> Record:
        """Return what the maker decides: facts for the record, the usual cost, image count.

        `group` is 0 for a single article and 1 for one that comes in colours and sizes.
        """
        department = words.SUPPLIERS[place].department
        item = rng.choice(words.ITEMS[department][group])
        brand, material = rng.choice(words.BRANDS), rng.choice(item.materials)
        model = str(_FIRST_NUMBER + row)
        title = f"{brand} {rng.choice(words.ADJECTIVES)} {material} {item.noun} {model}"
        benefits = rng.sample(words.BENEFITS, 3)
        short = f"{material} {item.noun.lower()} by {brand}. {benefits[0]}."
        points = "".join(f"<li>{benefit}</li>" for benefit in benefits)
        long = f"<p>{short}</p><ul>{points}</ul>"
        sizes = [round(rng.uniform(2, 24), 2) for _side in range(3)]
        measured = rng.random() > 0.05
        facts = {
            "title": title,
            "description": long if rng.random() > 0.1 else None,
            "shortDescription": short,
            "weight": round(rng.uniform(*item.weight), 2) if measured else None,
            "length": sizes[0] if measured else None,
            "width": sizes[1] if measured else None,
            "height": sizes[2] if measured else None,
            "manufacturer": brand,
            "primaryCategory": words.CATEGORIES[department],
            "subCategory": item.subcategory,
            "attributes": [{"name": "Material", "value": material}],
            "upc": _listed_upc(rng),
            "asin": f"B0{rng.randrange(36**5):08d}" if rng.random() < 0.2 else None,
            "isbn": None,
            "mpn": model,
            "firearm": False,
        }
        cost = rng.uniform(*item.cost)
        return {"facts": facts, "cost": cost, "images": rng.choice((0, 1, 1, 1, 2, 3))}

    def _offer(self, rng: random.Random, supplier: words.Supplier, article: Record) -> Record:
        """Return what the supplier decides: cost, fees, prices, stock, where it may be sold."""
        cost = round(article["cost"] * rng.uniform(0.9, 1.1), 2)
        has_map = rng.random() < 0.3
        priced = rng.random()
        return {
            "cost": f"{cost:.2f}" if rng.random() < 0.05 else cost,
            "dropshipFee": supplier.fee,
            "shippingCost": round(rng.uniform(5, 14), 2) if rng.random() < 0.2 else None,
            "surchargeFee": 6.5 if rng.random() < 0.05 else None,
            "map": round(cost * rng.uniform(1.25, 1.45)) + 0.99
            if has_map
            else rng.choice((0, None)),
            "msrp": round(cost * rng.uniform(1.7, 2.3)) + 0.95 if priced > 0.05 else 0,
            "quantity": 0 if rng.random() < 0.12 else rng.randint(1, 250),
            "active": rng.random() > 0.03,
            "amazonAllowed": rng.random() < 0.6,
            "ebayAllowed": rng.random() < 0.7,
            "walmartAllowed": rng.random() < 0.8,
            "jetAllowed": rng.random() < 0.5,
            "position": 0,
            "sellingUnit": None,
        }

    @staticmethod
    def _images(product_id: int, count: int) -> Record:
        suffix = "png" if product_id % 4 == 0 else "jpg"
        paths = [f"/images/{product_id}/{number}.{suffix}" for number in range(1, count + 1)]
        return {"thumbnail": f"/images/{product_id}/t.{suffix}" if paths else None, "images": paths}


def _combinations(rng: random.Random, size: int) -> list[tuple[str, str | None]]:
    """Return the colour and size pairs that exist: two in three of the possible ones."""
    colors = rng.sample(words.COLORS, 2 if size < 6 else 3)
    if size == 2:
        return [(color, None) for color in colors]
    start = rng.randrange(len(words.SIZES) - 2)
    possible = list(itertools.product(colors, words.SIZES[start : start + 3]))
    return [possible[place] for place in sorted(rng.sample(range(len(possible)), size))]


def _upc(rng: random.Random) -> str:
    """Return a UPC-A with its check digit."""
    digits = [rng.choice((0, 6, 7, 8)), *(rng.randrange(10) for _digit in range(10))]
    total = 3 * sum(digits[::2]) + sum(digits[1::2])
    return "".join(map(str, [*digits, -total % 10]))


def _listed_upc(rng: random.Random) -> str | None:
    """Return a UPC as suppliers list them: now and then missing, mistyped or cut short."""
    upc, luck = _upc(rng), rng.random()
    if luck < 0.08:
        return rng.choice((None, ""))
    if luck < 0.11:
        return upc[:-1] + str((int(upc[-1]) + 1) % 10)
    if luck < 0.13:
        return upc[1:]
    return upc
