"""The catalog as it is now: computed records plus what was changed, added or taken away."""

import zlib
from dataclasses import dataclass
from itertools import chain
from typing import Any

from .catalog import Catalog, Record


@dataclass(frozen=True)
class ShareChange:
    """A change to part of a catalog; `share` is 0..1 and picks the same products every time."""

    number: int
    catalog_id: int | None
    share: float
    cost_factor: float | None
    values: dict[str, Any]
    gone: bool

    def concerns(self, catalog_id: int, product_id: int) -> bool:
        if self.catalog_id not in (None, catalog_id):
            return False
        return zlib.crc32(f"{self.number}/{product_id}".encode()) < self.share * 2**32


class Assortment:
    """Answers what a retailer sees. Changes of one product win over changes of a share."""

    def __init__(self, catalog: Catalog):
        self.catalog = catalog
        self._share_changes: list[ShareChange] = []
        self._changed: dict[int, dict[str, Any]] = {}
        self._renamed: set[int] = set()
        self._gone: set[int] = set()
        self._added: dict[int, tuple[int, Record]] = {}

    def page(self, catalog_id: int, since_id: int, size: int) -> list[Record]:
        """Return up to `size` products with an id above `since_id`, ascending."""
        computed = (
            self.get(self.catalog.product_id(index))
            for index in self.catalog.indexes_after(catalog_id, since_id)
        )
        added = (
            self.get(product_id)
            for product_id, (home, _record) in self._added.items()
            if home == catalog_id and product_id > since_id
        )
        page: list[Record] = []
        for record in chain(computed, added):
            if len(page) == size:
                break
            if record:
                page.append(record)
        return page

    def get(self, product_id: int) -> Record | None:
        """Return one product, or None when it never was there or is gone."""
        if product_id in self._gone:
            return None
        if product_id in self._added:
            catalog_id, record = self._added[product_id]
        else:
            index = self.catalog.index_of(product_id)
            if index is None:
                return None
            catalog_id = list(self.catalog.suppliers)[index % self.catalog.count]
            record = self.catalog.product(index)
        for change in self._share_changes:
            if change.concerns(catalog_id, product_id):
                if change.gone:
                    return None
                if change.cost_factor is not None:
                    record = record | {"cost": round(float(record["cost"]) * change.cost_factor, 2)}
                record = record | change.values
        return record | self._changed.get(product_id, {})

    def find(self, sku: str, supplier_id: int | None) -> list[Record]:
        """Return the products sold under a SKU, of one supplier or of all."""
        ids = {record["id"] for record in self.catalog.find(sku)}
        found = filter(None, map(self.get, sorted(ids | self._renamed | self._added.keys())))
        return [
            record
            for record in found
            if record.get("sku") == sku and supplier_id in (None, record.get("supplierId"))
        ]

    def take_stock(self, record: Record, quantity: int) -> None:
        self.change(record["id"], {"quantity": record["quantity"] - quantity})

    def change(self, product_id: int, values: dict[str, Any]) -> None:
        self._changed.setdefault(product_id, {}).update(values)
        if "sku" in values:
            self._renamed.add(product_id)

    def change_share(self, **change: Any) -> None:
        self._share_changes.append(ShareChange(number=len(self._share_changes), **change))

    def remove(self, product_id: int) -> None:
        self._gone.add(product_id)

    def add(self, catalog_id: int, values: dict[str, Any]) -> Record:
        """Add a product, modelled on the catalog's first one, under an id above all others."""
        index = self.catalog.size + len(self._added)
        product_id = self.catalog.product_id(index)
        place = list(self.catalog.suppliers).index(catalog_id)
        record = self.catalog.product(place) | {"options": [], "parent": None, "upc": None}
        record |= {
            "id": product_id,
            "sku": f"NEW-{product_id}",
            "title": f"New article {product_id}",
        }
        self._added[product_id] = (catalog_id, record | {"quantity": 25, "active": True} | values)
        return self._added[product_id][1]
