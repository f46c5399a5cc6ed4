"""Which record of another account is the same: catalogs and suppliers by name, products by SKU."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

# The product is certain.
SAME_SKU, SAME_UPC = "sku", "upc"
# It is offered, and a person has to say.
OTHER_UPC, SEVERAL, CLAIMED, TAKEN = "other_upc", "several", "claimed", "taken"
# It is not offered; or not by this supplier, but by another one that goes live with it.
MISSING, COVERED = "missing", "covered"


class Named(NamedTuple):
    """A supplier or a catalog, as one account has it."""

    id: int
    name: str
    external_id: str


class Offer(NamedTuple):
    """A product as a supplier of one account offers it.

    `article` is what its UPC means (`tools.barcodes.article_of`), "" without a valid one;
    `product` its product in Odoo, 0 for none.
    """

    id: int
    supplier: int
    sku: str
    article: str
    product: int


class Pair(NamedTuple):
    """An offer of the old account, what it is in the new one (0: nothing sure), and why."""

    old: Offer
    new: int
    how: str


_BySku = dict[tuple[int | None, str], list[Offer]]
_ByArticle = dict[str, list[Offer]]


def pair_named(old: Iterable[Named], new: Iterable[Named]) -> dict[int, int]:
    """Return {old id: new id} of those of one name; of the others, those of one remote ID.

    A name that stands twice on one side says nothing.
    """
    left, free, found = list(old), list(new), dict[int, int]()
    for key in (_by_name, _by_external_id):
        ours, theirs = _only(left, key), _only(free, key)
        for text in ours.keys() & theirs.keys():
            found[ours[text].id] = theirs[text].id
        left = [one for one in left if one.id not in found]
        free = [one for one in free if one.id not in found.values()]
    return found


def _by_name(one: Named) -> str:
    return one.name.strip().casefold()


def _by_external_id(one: Named) -> str:
    return one.external_id


def _only(records: Sequence[Named], key: Callable[[Named], str]) -> dict[str, Named]:
    """Return {key: record} of what no other has, and that is not empty."""
    texts = Counter(map(key, records))
    return {text: one for one in records if (text := key(one)) and texts[text] == 1}


def pair_offers(
    old: Iterable[Offer], new: Iterable[Offer], suppliers: Mapping[int, int]
) -> list[Pair]:
    """Return a pair for each offer of the old account.

    By supplier and SKU first: that is what an order names. Then by UPC, at the same supplier or,
    where that has none, at another. What does not say for certain which product it is, says why.

    :param suppliers: {supplier of the old account: that of the new one}
    """
    by_sku: _BySku = defaultdict(list)
    by_article: _ByArticle = defaultdict(list)
    products = {}
    for offer in new:
        by_sku[offer.supplier, offer.sku].append(offer)
        by_article[offer.article].append(offer)
        products[offer.id] = offer.product
    pairs = [_pair(offer, by_sku, by_article, suppliers.get(offer.supplier)) for offer in old]
    pairs = [_taken(pair, products) for pair in pairs]
    return _covered(_claimed(pairs), products.values())


def _pair(old: Offer, by_sku: _BySku, by_article: _ByArticle, supplier: int | None) -> Pair:
    found = by_sku.get((supplier, old.sku), [])
    if found:
        alike = [offer for offer in found if old.article and offer.article == old.article]
        if len(found) > 1 and len(alike) != 1:
            return Pair(old, 0, SEVERAL)
        one = (alike or found)[0]
        if old.article and one.article and one.article != old.article:
            return Pair(old, one.id, OTHER_UPC)
        return Pair(old, one.id, SAME_SKU)
    found = by_article.get(old.article, []) if old.article else []
    found = [offer for offer in found if offer.supplier == supplier] or found
    if not found:
        return Pair(old, 0, MISSING)
    return Pair(old, found[0].id, SAME_UPC) if len(found) == 1 else Pair(old, 0, SEVERAL)


def _taken(pair: Pair, products: Mapping[int, int]) -> Pair:
    """Leave to a person what is another product of Odoo already."""
    other = pair.how in (SAME_SKU, SAME_UPC) and products[pair.new] not in (0, pair.old.product)
    return pair._replace(how=TAKEN) if other else pair


def _claimed(pairs: list[Pair]) -> list[Pair]:
    """Let no two have the same counterpart: one product needs it once, two are for a person."""
    claims = defaultdict(list)
    for pair in pairs:
        if pair.how in (SAME_SKU, SAME_UPC):
            claims[pair.new].append(pair)
    changed = {}
    for claimants in claims.values():
        if len(claimants) == 1:
            continue
        by_sku = [pair for pair in claimants if pair.how == SAME_SKU]
        strong = by_sku or claimants
        alone = len({pair.old.product for pair in strong}) == 1
        winner = min(strong, key=lambda pair: pair.old.id) if alone else None
        for pair in claimants:
            if pair is winner:
                continue
            mine = winner and pair.old.product == winner.old.product
            changed[pair.old.id] = COVERED if mine else CLAIMED
    return [
        pair._replace(how=changed[pair.old.id]) if pair.old.id in changed else pair
        for pair in pairs
    ]


def _covered(pairs: list[Pair], offered: Collection[int]) -> list[Pair]:
    """Tell apart whose product somebody else offers in the new account."""
    known = {pair.old.product for pair in pairs if pair.how in (SAME_SKU, SAME_UPC)}
    known = (known | set(offered)) - {0}
    return [
        pair._replace(how=COVERED) if pair.how == MISSING and pair.old.product in known else pair
        for pair in pairs
    ]
