from collections import defaultdict
from contextlib import closing
from typing import Any, NamedTuple

from odoo import models
from odoo.tools import SQL, split_every

from ..models.product.connection_pricing import Place
from ..tools.barcodes import article_of, barcode_of
from .price_trial_count import BATCH, READ, Row, why_of

# Templates in Odoo that are looked at together, each with all its variants.
FEW = 200


class Matched(NamedTuple):
    """What the import does first: it leaves some out, links some and asks about some."""

    twins: Any  # another one of their supplier has their SKU
    asked: Any
    joining: dict[int, int]  # {id of a supplier product: id of the product that it is linked to}


class Plan(NamedTuple):
    """What the import makes of the others."""

    free: Any  # they would be sold for nothing
    places: dict[Any, Place]
    extras: dict[Any, float]  # {supplier product: what its options add}, of variants
    families: dict[Any, list[int]]  # {family: its members that are no other product}


class PriceTrial(models.TransientModel):
    """Tries what is to be imported: the import's own functions say what becomes of it.

    All of it together, whatever batches the import takes.
    """

    _inherit = "inventory.source.price.trial"

    # --- what becomes of them (`_import_together`) ---

    def _match(self, connection, offers):
        """Return what the import does before it makes products."""
        twins, asked, joining, taken = offers.browse(), offers.browse(), {}, set()
        for batch in split_every(BATCH, offers.ids, offers.browse):
            batch.fetch(READ)
            # Who was asked before is not asked by another import.
            waiting = batch.filtered(
                lambda offer: offer.to_match and not offer.pending and offer.landed_cost > 0
            )
            asked += waiting
            same = batch.browse().concat(*(batch - waiting)._owners_of_same_sku())
            twins += same
            if connection.match_mode != "never":
                found, certain = (batch - waiting - same)._decide_matches(taken)
                joining |= {offer.id: product.id for offer, product in certain.items()}
                asked = asked.concat(*(offer for offer in found if offer not in certain))
            self._end_batch()
        return Matched(twins, asked, joining)

    def _plan(self, connection, tried, offers):
        """Return what the import makes of those that it neither links nor leaves out."""
        plan = Plan(offers.browse(), {}, {}, defaultdict(list))
        first, same, later = {}, defaultdict(list), {}
        for batch in split_every(BATCH, offers.ids, offers.browse):
            batch.fetch(READ)
            free = batch._free_of(tried)
            plan = plan._replace(free=plan.free + free)
            later |= (batch - free)._later_offers(first)
            for offer in batch - free:
                code = article_of(barcode_of(offer.upc))
                if code and offer not in later:
                    same[first[code]].append(offer)
            self._end_batch()
        by_rules = bool(connection._formulas() | tried.price_pricelist_id)
        self._place(connection, offers - plan.free - offers.browse().concat(*later), plan, by_rules)
        left = offers.browse()
        if connection.match_mode == "never":
            left = left.concat(*later)
        elif later:
            left = self._join_later(later, same, plan)
        self._place(connection, left, plan, by_rules)
        return plan

    def _join_later(self, later, same, plan):
        """Place those that another supplier's product before them is too; return the others.

        :param dict later: see `_later_offers`
        :param dict same: {the first one: all of its supplier that have its UPC}
        """
        firsts = next(iter(later)).browse().concat(*dict.fromkeys(later.values()))
        owners = {}
        for batch in split_every(BATCH, firsts.ids, firsts.browse):
            # Families are made first, and the first one made has the barcode.
            made = {one: min(same[one], key=lambda each: each not in plan.extras) for one in batch}
            holders = batch.browse().concat(*made.values())
            holders.fetch(READ)
            _codes, barcodes, _used = holders._sort_barcodes()
            owners |= {one: holder for one, holder in made.items() if holder in barcodes}
            self._end_batch()
        offers, taken = firsts.browse().concat(*later), set()
        left = offers.browse()
        for batch in split_every(BATCH, offers.ids, offers.browse):
            batch.fetch(READ)
            for offer in batch:
                owner = owners.get(later[offer])
                if not owner or offer.as_new or (offer.supplier_id, owner) in taken:
                    left += offer
                    continue
                taken.add((offer.supplier_id, owner))
                plan.places[offer] = plan.places[owner]
            self._end_batch()
        return left

    def _place(self, connection, offers, plan, by_rules):
        """Say what products and templates are made of these, as `_import_families` does."""
        touched = {}
        for batch in split_every(BATCH, offers.ids, offers.browse):
            batch.fetch(READ)
            members = batch.filtered(lambda one: one.options and one.parent_external_id)
            members -= members._in_parent_loop()
            for offer in members:
                touched[offer._family()] = plan.families[offer._family()]
                touched[offer._family()].append(offer.id)
            self._place_alone(batch - members, plan, by_rules)
            self._end_batch()
        for found in _together(touched.values(), BATCH):
            members = offers.browse([each for ids in found for each in ids])
            members.fetch(READ)
            self._place_members(connection, members, plan, by_rules)
            self._end_batch()

    @staticmethod
    def _place_alone(offers, plan, by_rules):
        # Categories make a price where rules do.
        categories = offers._planned_categories() if by_rules else {}
        none = offers.env["product.category"]
        plan.places.update(
            (offer, Place(offer, offer, categories.get(offer, none))) for offer in offers
        )

    def _place_members(self, connection, members, plan, by_rules):
        """Say which of these become variants, of which template, and what their options add."""
        known = members._known_templates() if connection.is_counted else {}
        keys = members._option_keys()
        fitting, _twins = members._sort_members(keys, known)
        self._place_alone(members - fitting, plan, by_rules)
        for family, found in fitting.grouped(lambda offer: offer._family()).items():
            extras, template = {}, known.get(family) or found[0]
            if family in known:
                category = template.categ_id
                extras = {
                    (value.attribute_id, value.product_attribute_value_id): value.price_extra
                    for value in template.attribute_line_ids.product_template_value_ids
                }
            else:
                category = template._planned_categories()[template]
            for offer in found:
                plan.places[offer] = Place(template, offer, category)
                plan.extras[offer] = sum(
                    extras.get(keys[name, value], 0.0) for name, value in offer.options
                )

    # --- what that does to prices ---

    def _try_joining(self, connection, values, wanted, matched):
        """Return the lines of what the import links or makes variants, and the rest of its plan.

        A product of the shop keeps its price; one that another supplier offers has that of its best
        offer. Judged as they are once they are linked, with all variants of a family, which is
        undone: at once, for others wait to write these supplier products.

        :return: the lines, the ids of the products in Odoo that were judged, and the `Plan`
        """
        with closing(self.env.cr.savepoint()):
            self._link(matched.joining)
            tried = connection.new(values, origin=connection)
            rest = wanted - wanted.browse(matched.joining) - matched.asked - matched.twins
            plan, joining = self._plan(connection, tried, rest), defaultdict(dict)
            for offer, place in plan.places.items():
                if template := place.joined_template():
                    joining[template][offer] = place
            products = connection.env["product.product"].browse(matched.joining.values())
            templates = products.product_tmpl_id.union(*joining)
            judged = set(templates.with_context(active_test=False).product_variant_ids.ids)
            linked = judged and judged & self._linked_products(connection)
            lines = self._try_imported(connection, tried, linked, joining)
            lines += self._try_variants(connection, tried, joining, plan.extras)
        self._end_batch()
        return lines, judged, plan

    def _link(self, joining):
        if not joining:
            return
        # Raw SQL, for our own table: nothing is to follow from it.
        self.env.cr.execute(
            SQL(
                """
                UPDATE inventory_source_product AS offer
                   SET product_id = joining.product_id, matched = TRUE
                  FROM UNNEST(%s::int[], %s::int[]) AS joining (id, product_id)
                 WHERE offer.id = joining.id
                """,
                list(joining),
                list(joining.values()),
            )
        )
        self._end_batch()

    def _try_variants(self, connection, tried, joining, extras):
        """Return the lines of products that become variants of templates in Odoo."""
        lines, Offer = [], connection.env["inventory.source.product"]
        for templates in split_every(FEW, joining):
            places = {}
            for template in templates:
                places |= joining[template]
            near = Offer.search(
                [
                    ("product_id.product_tmpl_id", "in", [each.id for each in templates]),
                    ("connection_id", "=", connection.id),
                ]
            )
            Offer.concat(*places).fetch(READ)
            today, new, decided, keeps = {}, {}, None, None
            for means, prices in ((connection, today), (tried, new)):
                decided = near._decide_prices(means, places)
                written, keeps = self._sort_out(near, decided, means, holds=False)
                prices.update({each: written.get(each, each.list_price) for each in templates})
            lines += self._lines(
                tried, self._judge_new(tried, places, extras, today, new, decided, keeps)
            )
            self._end_batch()
        return lines

    def _try_new(self, connection, tried, plan):
        """Return the lines of products with templates of their own."""
        lines, templates = [], defaultdict(list)
        for offer, place in plan.places.items():
            if not place.joined_template():
                templates[place.template].append(offer)
        same = tried._read_pricing() == connection._read_pricing()
        for found in _together(templates.values(), BATCH):
            places = {offer: plan.places[offer] for offers in found for offer in offers}
            found[0][0].concat(*places).fetch(READ)
            new, decided = self._first_prices(tried, places)
            today = new if same else self._first_prices(connection, places)[0]
            rows = self._judge_new(tried, places, plan.extras, today, new, decided, {})
            lines += self._lines(tried, rows)
            self._end_batch()
        return lines

    @staticmethod
    def _first_prices(means, places):
        """Return what templates are made at, and what decided it (`_create_templates`).

        What joins afterwards changes that where prices are kept in sync.
        """
        offers = next(iter(places)).browse().concat(*places)
        decided = offers.browse()._decide_prices(means, places)
        prices = dict(decided.prices)
        if not means.sync_price:
            makers = offers.filtered(lambda offer: places[offer].product == offer)
            prices = defaultdict(float)
            for offer, price in means._planned_prices(makers).items():
                template = places[offer].template
                prices[template] = max(prices[template], price)
        return prices, decided

    @staticmethod
    def _judge_new(tried, places, extras, today, new, decided, keeps):
        """Return a `Row` for each product that is to be made.

        :param dict places: {supplier product: `Place`} of all there is of these products
        :param dict today: {template: price}, as `new`
        :param dict keeps: {template: why it keeps its price}
        """
        compare = tried._price_currency().compare_amounts
        products = defaultdict(list)
        for offer, place in places.items():
            products[place.product].append(offer)
        best = {product: decided.best[product] for product in products}
        least = tried._least_prices(tried.env["inventory.source.product"].concat(*best.values()))
        rows = []
        for product, offers in products.items():
            offer, template = best[product], places[product].template
            planned, rule = decided.planned[offer]
            floor = max(decided.floors[each] for each in offers)
            why = keeps.get(template) or why_of(
                compare, new[template], planned, floor, least[offer], rule
            )
            extra = extras.get(product, 0.0)
            changes = compare(today[template], new[template]) != 0
            row = Row(offer, today[template] + extra, new[template] + extra, why, rule, changes)
            rows.append(row)
        return rows

    def _try_left_out(self, connection, tried, twins, free):
        """Return the lines of products that the import leaves out and says why."""
        today = connection._planned_prices(free)
        rows = [Row(offer, 0.0, 0.0, "sku", None, False) for offer in twins]
        rows += [Row(offer, today[offer], 0.0, "free", None, today[offer] > 0) for offer in free]
        return [line for batch in split_every(BATCH, rows) for line in self._lines(tried, batch)]


def _together(groups, most):
    """Yield lists of whole groups, of about so many members together."""
    found, count = [], 0
    for group in groups:
        found.append(group)
        count += len(group)
        if count >= most:
            yield found
            found, count = [], 0
    if found:
        yield found
