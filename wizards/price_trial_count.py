import json
from contextlib import closing
from hashlib import sha256
from typing import Any, NamedTuple

from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, split_every

from ..models.sync.time_left import for_work
from ..tools.pricing import moved
from .price_trial import PRICING
from .price_trial_line import UNPRICED

BATCH = 2000
# What of a supplier product is asked about; its texts are long.
READ = (
    *("connection_id", "company_id", "supplier_id", "catalog_id", "product_id", "sku", "category"),
    *(
        "subcategory",
        "landed_cost",
        "msrp",
        "map",
        "cost_unconfirmed",
        "discontinued_at",
        "matched",
    ),
    *("options", "parent_external_id", "external_id", "bypass_limit", "applied", "edits"),
    *("upc", "as_new", "to_match", "pending"),
)
# What prices depend on beside `PRICING`: of a connection, and of a supplier category.
SETTINGS = (
    "is_counted", "sync_price", "change_limit", "match_mode", "category_id", "category_rule",
)  # fmt: skip
DECIDED = ("action", "categ_id", "split_path", "price_pricelist_id")
FORGOTTEN = ("inventory.source.product", "product.product", "product.template")
# How many of each kind the sample shows, before it is filled up with typical ones.
EXAMPLES = {"cheapest": 2, "dearest": 2, "map": 2, "loss": 2, "largest": 1}
SAMPLE = 10


class Row(NamedTuple):
    """One product: what it is sold for today, and as tried."""

    offer: Any
    now: float
    new: float
    why: str
    rule: Any
    changes: bool


class PriceTrial(models.TransientModel):
    """Tries prices by the very functions that decide them when they count.

    In batches of what is needed only: 100,000 products take half a minute of a processor.
    """

    _inherit = "inventory.source.price.trial"

    def _try(self):
        """Return the values of a line for each product, imported or to be imported.

        Nothing is written. A new rule has to be made, because Odoo finds rules in the database;
        that is undone.
        """
        # sudo, company and language as the lane has them: what a product is sold for does not
        # depend on who asks. That the person may ask about this connection was checked.
        connection = self.connection_id.sudo()
        connection = connection.with_company(connection.company_id).with_context(lang=None)
        with closing(self.env.cr.savepoint()):
            values = {name: self[name] for name in PRICING}
            values["price_pricelist_id"] = self._ensure_rule()[0].id
            linked = self._linked_products(connection)
            wanted, only_offered = self._wanted(connection, bool(linked))
            matched = self._match(connection, wanted)
            lines, judged, plan = self._try_joining(connection, values, wanted, matched)
            # After what was undone: a record that is not saved is gone with it.
            tried = connection.new(values, origin=connection)
            lines += self._try_imported(connection, tried, linked - judged)
            lines += self._try_new(connection, tried, plan)
            left_out = self._try_left_out(connection, tried, matched.twins, plan.free)
        figures = {
            "linked_count": len(linked),
            "wanted_count": len(lines) - len(linked),
            "asked_count": len(matched.asked),
            "left_out_count": len(left_out),
            "only_offered": only_offered,
        }
        return figures, lines + left_out

    def _read_basis(self):
        """Return a digest of what prices are made of, beside the values that are tried.

        Of all connections of the company, for they share products. A catalog counts as it was
        read last as a whole: while it is being read, prices could never be tried and then used.
        """
        # sudo: as in `_try`. No name of a record is among it.
        own = self.connection_id._origin.sudo()
        connections = own.search([("company_id", "=", own.company_id.id)], order="id")
        formula = self.price_pricelist_id._origin.sudo()
        facts = []
        for each in connections:
            # Those of which nothing is decided come with the pages of a catalog.
            rows = each.category_map_ids.filtered(lambda row: row.action or row.price_pricelist_id)
            suppliers = each.supplier_ids.filtered("price_pricelist_id")
            catalogs = each.catalog_ids.sorted("id")
            facts += [
                each.read(SETTINGS, load=None),
                each._read_pricing(),
                each._read_price_basis(formula if each == own else formula.browse()),
                each._net_share(),
                suppliers.sorted("id").read(["price_pricelist_id"], load=None),
                rows.sorted("id").read(DECIDED, load=None),
                catalogs.read(["import_mode", "import_domain"]),
                catalogs.mapped(_read_last),
            ]
        return sha256(json.dumps(facts, sort_keys=True, default=str).encode()).hexdigest()

    # --- what is in Odoo ---

    @staticmethod
    def _linked_domain(connection):
        return [
            ("connection_id", "=", connection.id),
            ("product_id", "!=", False),
            ("discontinued_at", "=", False),
        ]

    def _linked_products(self, connection):
        """Return the ids of the products in Odoo that a connection offers."""
        Offer, domain = connection.env["inventory.source.product"], self._linked_domain(connection)
        ((product_ids,),) = Offer._read_group(domain, [], ["product_id:array_agg_distinct"])
        return set(product_ids or [])

    def _try_imported(self, connection, tried, product_ids, joining=None):
        """Return the lines of products in Odoo.

        :param dict joining: {template: {supplier product: `Place`}} of what is to be imported into
            them; None where nothing is
        """
        Offer, domain = connection.env["inventory.source.product"], self._linked_domain(connection)
        lines = []
        for ids in split_every(BATCH, sorted(product_ids)):
            own = Offer.search_fetch([*domain, ("product_id", "in", list(ids))], READ)
            lines += self._lines(tried, self._judge_imported(own, tried, joining))
            self._end_batch()
        return lines

    def _judge_imported(self, own, tried, joining):
        """Return a `Row` for each product of these, as `_update_prices` would write it."""
        templates = own.product_id.product_tmpl_id
        places = {}
        for template in templates if joining else ():
            places |= joining.get(template, {})
        decided = own._decide_prices(tried, places)
        written, keeps = self._sort_out(own, decided, tried, holds=joining is None)
        least = {}
        bought = own.concat(*decided.best.values())
        for connection, found in bought.grouped("connection_id").items():
            least |= _means(connection, tried)._least_prices(found)
        members = decided.offers.grouped("product_id")
        compare, rows = tried._price_currency().compare_amounts, []
        for product, offers in own.grouped("product_id").items():
            template = product.product_tmpl_id
            offer = decided.best.get(product) or offers[0]
            now = product.lst_price
            new = now + written[template] - template.list_price if template in written else now
            rule, why = None, keeps.get(template)
            if not why and product not in decided.best:
                why = "uncounted"
            if not why:
                planned, rule = decided.planned[offer]
                floor = max(decided.floors[each] for each in members[product])
                why = why_of(compare, decided.prices[template], planned, floor, least[offer], rule)
            rows.append(Row(offer, now, new, why, rule, template in written))
        return rows

    def _sort_out(self, own, decided, tried, holds):
        """Return {template: price} of what would be written, and why the others keep their own.

        :param holds: whether prices that move far wait for a person; what an import sets does not
        """
        wanted, keeps = {}, {}
        for template in own.product_id.product_tmpl_id:
            if template not in decided.prices:
                keeps[template] = "uncounted"
            elif (price := decided.wanted(template)) is not None:
                wanted[template] = {"list_price": price}
                keeps[template] = "own"
            else:
                keeps[template] = "unknown" if template in decided.kept else "free"
        written = {}
        for maker, made in own._makers().grouped("connection_id").items():
            owners = made._owners(wanted)
            values = {template: wanted[template] for template in owners}
            changes, _settled, edits = made._sort_out_together(values, owners)
            for template, owner in owners.items():
                keeps[template] = self._why_kept(template, owner, maker, edits)
                if template not in changes:
                    continue
                price = changes[template]["list_price"]
                # A person's decision for the products of this connection (`_use_prices`).
                waved = maker == tried._origin or owner.bypass_limit
                if holds and not waved and made._moves_far(template.list_price, price):
                    keeps[template] = "waits"
                    continue
                field = template._fields["list_price"]
                written[template] = field.convert_to_cache(price, template)
        return written, keeps

    @staticmethod
    def _why_kept(template, owner, maker, edits):
        """Return why a template keeps its price whatever is wanted, or False."""
        if template.inventory_source_pinned:
            return "pinned"
        if "list_price" not in maker._synced_fields():
            return "once"
        return edits.get(owner, {}).get("list_price") and "edited"

    # --- what is to be imported ---

    def _wanted(self, connection, any_imported):
        """Return the products to import, and whether they are only offered.

        Where nothing is imported or to be, everything that could be stands for it.
        """
        Offer = connection.env["inventory.source.product"]
        new = Offer._new_domain(connection.catalog_ids.ids)
        # What was left out before waits for a person, unless a price makes the difference.
        found = Offer.search(new & (Domain("pending", "=", True) | Domain("to_match", "=", True)))
        found |= connection._left_out_for_price()
        if found or any_imported:
            return found.sorted("id"), False
        return Offer.search(new), True

    # --- lines ---

    def _end_batch(self):
        """Keep no more in memory than a batch, and stop in time: Odoo ends who works too long.

        :raise UserError: there are more products than can be tried in one request
        """
        for model in FORGOTTEN:
            self.env[model].invalidate_model(flush=False)
        if not for_work():
            raise UserError(
                self.env._(
                    "There are too many products to try prices on all of them at once. Try again "
                    "when the server is less busy, or ask your administrator to allow requests "
                    "more time (limit_time_real, limit_time_cpu). Nothing was changed."
                )
            )

    def _lines(self, tried, rows):
        """Return the values of lines, with what products earn."""
        if not rows:
            return []
        judged = {}
        prices = {row.offer: row.new for row in rows}
        offers = rows[0].offer.concat(*prices)
        for connection, found in offers.grouped("connection_id").items():
            means = _means(connection, tried)
            judged |= means._judge_prices({offer: prices[offer] for offer in found})
        factor = {each: each._price_factor() for each in offers.connection_id}
        share, round_, names = tried._net_share(), tried._price_currency().round, {}
        lines = []
        for row in rows:
            net, margin = row.new * share, round_(judged[row.offer][1])
            if row.rule and row.rule.id not in names:
                names[row.rule.id] = row.rule.with_env(self.env).display_name
            lines.append(
                {
                    "supplier_product_id": row.offer.id,
                    "cost": round_(row.offer.landed_cost * factor[row.offer.connection_id]),
                    "price_now": row.now,
                    "price_new": round_(row.new),
                    "moved": moved(row.now, row.new) / 100,
                    "margin": margin,
                    "margin_percent": margin / net if net else 0.0,
                    "why": row.why,
                    "rule_name": names[row.rule.id] if row.why == "rule" else None,
                    "changes": row.changes,
                }
            )
        return lines

    def _keep(self, values, lines):
        """Replace what was found before."""
        _choose_sample(lines)
        self.write(
            {
                **values,
                "total_count": len(lines),
                "change_count": sum(line["changes"] for line in lines),
                "map_count": sum(line["why"] == "map" for line in lines),
                "loss_count": sum(map(_loses, lines)),
            }
        )
        # Raw SQL, for our own table: the ORM takes a quarter of a minute for 100,000 rows.
        self.env.cr.execute(
            SQL("DELETE FROM inventory_source_price_trial_line WHERE trial_id = %s", self.id)
        )
        for batch in split_every(BATCH, lines):
            self.env.cr.execute(
                SQL(
                    """
                    INSERT INTO inventory_source_price_trial_line
                        (trial_id, create_uid, supplier_product_id, cost, price_now, price_new,
                         moved, margin, margin_percent, why, rule_name, changes, sample,
                         sample_rank)
                    SELECT %(trial)s, %(user)s, supplier_product_id, cost, price_now, price_new,
                           moved, margin, margin_percent, why, rule_name, changes, sample,
                           COALESCE(sample_rank, %(last)s)
                      FROM json_populate_recordset(
                               NULL::inventory_source_price_trial_line, %(rows)s::json)
                    """,
                    trial=self.id,
                    user=self.env.uid,
                    last=SAMPLE,
                    rows=json.dumps(list(batch)),
                )
            )
        self.env["inventory.source.price.trial.line"].invalidate_model()
        self.invalidate_recordset(["line_ids", "sample_ids"])


def _read_last(catalog):
    """Return when a catalog was read last: as a whole, and what came of it in part."""
    ended = catalog.pass_state in ("held", "partial")
    return str(catalog.confirmed_at), str(ended and catalog.pass_started_at)


def _means(connection, tried):
    """Return what decides the prices of a connection: the one with the values that are tried."""
    return tried if tried._origin == connection else connection


def why_of(compare, price, planned, floor, least, rule):
    """Return what makes a price: MAP, another variant, the minimum margin, a rule or the markup."""
    if floor and compare(price, floor) == 0:
        return "map"
    if compare(price, planned) > 0:
        return "family"
    if compare(price, least) == 0:
        return "margin"
    return "rule" if rule else "markup"


def _loses(line):
    """Return whether a line is of a product that earns nothing (`LOSES`)."""
    return line["margin"] <= 0 and line["why"] not in UNPRICED


def _choose_sample(lines):
    """Mark a few lines that show what the prices do, in the order they are shown in."""
    priced = sorted((line for line in lines if line["price_new"]), key=lambda x: x["price_new"])
    middle = priced[len(priced) // 2 :] + priced[: len(priced) // 2]
    kinds = {
        "cheapest": priced,
        "dearest": priced[::-1],
        "map": [line for line in lines if line["why"] == "map"],
        "loss": sorted(filter(_loses, lines), key=lambda x: x["margin"]),
        "largest": sorted((x for x in lines if x["changes"]), key=lambda x: -abs(x["moved"])),
        "typical": middle[:: max(1, len(middle) // SAMPLE)] + lines[:SAMPLE],
    }
    chosen = 0
    for kind, found in kinds.items():
        left = EXAMPLES.get(kind, SAMPLE - chosen)
        for line in found:
            if not left or chosen == SAMPLE:
                break
            if "sample" not in line:
                line["sample"], line["sample_rank"] = kind, chosen
                left, chosen = left - 1, chosen + 1
