from contextlib import suppress
from typing import Any, NamedTuple

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, float_round

from ...tools.pricing import floor
from .connection import PRICING

# As `_prices_of` without a rule, in SQL: of an `offer`.
PLANNED = """%(step)s * GREATEST(
    ROUND(offer.landed_cost * %(factor)s * %(rate)s / %(step)s),
    -- Up, but not for what a float adds to a figure.
    CEIL(ROUND(GREATEST(offer.map, offer.landed_cost * %(least)s) * %(rate)s / %(step)s, 6)))"""


class Place(NamedTuple):
    """What a supplier product is in Odoo, or becomes when it is imported.

    Of what is to be made stands the first supplier product that makes it.
    """

    template: Any
    product: Any
    category: Any

    def joined_template(self):
        """Return the template in Odoo that it joins, or None."""
        return self.template if self.template._name == "product.template" else None


class Connection(models.Model):
    """What the products of a connection are to be sold for, and the currencies of that.

    Three of them: the service's, the company's (costs), that of sales prices.
    """

    _inherit = "inventory.source.connection"

    price_basis = fields.Json(
        readonly=True, copy=False, help="The rules and rates that prices were made with last."
    )
    # What *Prices* made in Odoo: no date and no name tells it from what a person made.
    made_pricelist_ids = fields.Many2many(
        "product.pricelist",
        "inventory_source_made_pricelist",
        string="Pricelists Made",
        readonly=True,
        copy=False,
    )
    made_rule_ids = fields.Many2many(
        "product.pricelist.item",
        "inventory_source_made_rule",
        string="Pricelist Rules Made",
        readonly=True,
        copy=False,
    )

    def action_prices(self):
        """Open the dialog where prices are tried before they count, as it was left."""
        self.ensure_one()
        self.check_access("write")
        Trial = self.env["inventory.source.price.trial"]
        own = [("connection_id", "=", self.id), ("create_uid", "=", self.env.uid)]
        last = Trial.search(own, order="id desc", limit=1)
        return (last if last.tried else Trial.create({"connection_id": self.id}))._show()

    def _read_pricing(self):
        """Return how prices are made, as plain values."""
        return {
            name: self._fields[name].convert_to_write(self[name], self) for name in sorted(PRICING)
        }

    def _use_prices(self, values):
        """Make prices in another way, and have all imported products follow, however far they move.

        :param values: of `PRICING`; a rule of the pricelist may be new
        :return: how many follow
        """
        marked = self._really_changes(values) & PRICING
        self.write(values)
        products = self._imported_products()
        if not marked:
            products.write({"pending": True, "bypass_limit": True})
            products._announce_update()
            self._trigger_lane("catalog")
        self._left_out_for_price().pending = True
        # sudo: written by us only. They follow the new rule already.
        self.sudo().price_basis = self._read_price_basis()
        return len(products)

    def _left_out_for_price(self):
        """Return what catalogs want imported and nothing was asked for: other prices may do it."""
        wanted = Domain.FALSE
        for catalog in self.catalog_ids:
            # What cannot be used the lane names (`_set_pending`).
            with suppress(UserError):
                wanted |= catalog._wanted_domain()
        # sudo: as in `_imported_products`
        Offer = self.env["inventory.source.product"].sudo()
        return Offer.search(wanted & Domain("landed_cost", "<=", 0))

    def _remember_made(self, pricelists, rules):
        """Remember what was made in Odoo for the prices: with a trial it is taken away."""
        if rules:
            self.made_pricelist_ids |= pricelists
            self.made_rule_ids |= rules

    def _cost_factor(self):
        """Return what an amount of the service is multiplied by to be in the company's currency."""
        return self._rate_to(self.company_id.currency_id)

    def _price_factor(self):
        """Return the same for sales prices.

        Products shared by the companies are priced in the main company's currency
        (`product.template._compute_currency_id`).
        """
        return self._rate_to(self._price_currency())

    def _price_currency(self):
        return self.env["res.company"]._get_main_company().currency_id

    def _rate_to(self, currency, source=None):
        self.ensure_one()
        return self.env["res.currency"]._get_conversion_rate(
            source or self.currency_id,
            currency,
            self.company_id,
            fields.Date.context_today(self),
        )

    def _net_share(self):
        """Return what is left of a sales price when the taxes it includes are paid.

        Those of the company, which products get that are made here; a share, as of taxes in
        percent.
        """
        company = self.company_id
        # sudo: of the parent company, as Odoo does for new products.
        taxes = company.account_sale_tax_id or company.root_id.sudo().account_sale_tax_id
        # Of a large amount fixed taxes are no share worth mentioning.
        amount = 1e6
        found = taxes.with_context(round_base=False).compute_all(
            amount, rounding_method="round_globally"
        )
        return found["total_excluded"] / amount

    def _planned_prices(self, offers):
        """Return what supplier products are to be sold for: {supplier product: price}."""
        return {product: price for product, (price, _rule) in self._reasoned_prices(offers).items()}

    def _reasoned_prices(self, offers, joining=None):
        """Return the same with what makes it: {supplier product: (price, rule, or None)}.

        :param dict joining: see `_decide_prices`
        """
        prices, rules = {}, self._price_rules(offers, joining or {})
        for said, products in offers.grouped(rules.get).items():
            figures = {one: (one.landed_cost, one.msrp, one.map) for one in products}
            found = self._prices_of(said, set(figures.values()))
            rule = said and said[0]
            prices |= {product: (found[figures[product]], rule) for product in products}
        return prices

    def _prices_of(self, said, figures):
        """Return what products of these figures are to be sold for: {figures: price}.

        In the currency of sales prices, rounded; never below MAP nor below the least margin.

        :param said: the rule that makes the price, see `_price_rules`, or None
        :param figures: triples of landed cost, MSRP and MAP, in the currency of the service
        """
        factor, currency = self._price_factor(), self._price_currency()
        made = self._rule_prices(*said, {(one[0], one[1]) for one in figures}) if said else {}
        prices, share = {}, self._net_share()
        for landed, msrp, least in figures:
            price = made[landed, msrp] if said else landed * self.price_factor * factor
            bottom = floor(landed, least, self.price_min_margin, share) * factor
            prices[landed, msrp, least] = max(currency.round(price), _rounded_up(bottom, currency))
        return prices

    def _sql_planned(self, **changes):
        """Return the price of an `offer` that no rule prices, as SQL.

        :param changes: figures that are other than the connection says
        """
        figures = {
            "factor": self.price_factor,
            "least": floor(1.0, 0.0, self.price_min_margin, self._net_share()),
            "rate": self._price_factor(),
            "step": self._price_currency().rounding,
        } | changes
        return SQL(PLANNED, **{name: SQL("%s::numeric", value) for name, value in figures.items()})

    def _map_prices(self, offers):
        """Return the MAPs in the currency of sales prices: {supplier product: least price}."""
        factor, currency = self._price_factor(), self._price_currency()
        return {product: _rounded_up(product.map * factor, currency) for product in offers}

    def _least_prices(self, offers):
        """Return what leaves the minimum margin, whatever MAP says: {supplier product: price}."""
        factor, currency = self._price_factor(), self._price_currency()
        least, share = self.price_min_margin, self._net_share()
        return {
            product: _rounded_up(floor(product.landed_cost, 0.0, least, share) * factor, currency)
            for product in offers
        }

    def _judge_prices(self, prices):
        """Return {supplier product: (whether it stops at MAP, margin)} of prices of theirs.

        The margin is what is left above the landed cost, rounded, in the currency of sales prices.
        """
        currency, factor = self._price_currency(), self._price_factor()
        share, least = self._net_share(), self._map_prices(prices)
        return {
            product: (
                bool(least[product]) and currency.compare_amounts(price, least[product]) == 0,
                currency.round(price * share) - currency.round(product.landed_cost * factor),
            )
            for product, price in prices.items()
        }

    def _compare_prices(self, offers):
        """Return the MSRPs as prices to compare with: {supplier product: price}.

        In the currency of sales prices. None of those without an MSRP, and none where no shop is
        installed that shows one.
        """
        if "compare_list_price" not in self.env["product.template"]._fields:
            return {}
        factor, currency = self._price_factor(), self._price_currency()
        return {
            product: currency.round(product.msrp * factor) for product in offers if product.msrp
        }

    # --- what the rules of pricelists make of them ---

    def _price_formulas(self, offers):
        """Return {supplier product: pricelist} of those whose price a formula makes."""
        of_category = {
            row._key(): row.price_pricelist_id
            for row in self.category_map_ids
            if row.price_pricelist_id
        }
        formulas = {
            offer: of_category.get(offer._category_path())
            or offer.supplier_id.price_pricelist_id
            or self.price_pricelist_id
            for offer in offers
        }
        return {offer: formula for offer, formula in formulas.items() if formula}

    def _price_rules(self, offers, joining=()):
        """Return {supplier product: (rule, pricelist, category)} of those that a rule prices.

        Which rule that is depends on no figure of a product. Of those in Odoo already it may be
        one for just that product.

        :param dict joining: see `_decide_prices`
        """
        formulas = self._price_formulas(offers)
        if not formulas:
            return {}
        categories, now = offers._planned_categories(), fields.Datetime.now()
        categories |= {offer: joining[offer].category for offer in joining}
        joined = {offer: joining[offer].joined_template() for offer in joining}
        groups = offers.browse([product.id for product in formulas]).grouped(
            lambda product: (
                formulas[product],
                product.product_id.categ_id or categories[product],
                joined.get(product),
            )
        )
        found = {}
        for (formula, category, template), products in groups.items():
            formula = formula.with_company(self.company_id)
            trial = self._trial_product(category)
            how = {"quantity": 1.0, "date": now, "compute_price": False}
            said = formula._compute_price_rule(trial + products.product_id, **how)
            if template:
                said[trial.id] = formula._compute_price_rule(template, **how)[template.id]
            for product in products:
                if rule_id := said[(product.product_id or trial).id][1]:
                    rule = formula.env["product.pricelist.item"].browse(rule_id)
                    found[product] = rule, formula, category
        return found

    def _rule_prices(self, rule, formula, category, figures):
        """Return the prices a rule makes of products of one category: {figures: price}.

        One product stands for all, which is not saved (they may not exist) and takes on the
        figures of each: a record for each costs many times that.

        :param figures: pairs of landed cost and MSRP
        """
        cost_factor, factor = self._cost_factor(), self._price_factor()
        # In the pricelist's own currency: so are its fixed prices, surcharges and roundings.
        rate = self._rate_to(self._price_currency(), formula.currency_id)
        trial, now, known = self._trial_product(category), fields.Datetime.now(), {}
        prices = {}
        for landed, msrp in figures:
            trial._update_cache(
                {
                    "standard_price": landed * cost_factor,
                    "list_price": (msrp or landed * self.price_factor) * factor,
                }
            )
            prices[landed, msrp] = rate * rule._compute_price(
                trial,
                1.0,
                trial.uom_id,
                now,
                formula.currency_id,
                inventory_source_known_rules=known,
            )
        return prices

    def _trial_product(self, category):
        """Return a product of a category that is not saved, in the company whose rates count."""
        return (
            self.env["product.product"].with_company(self.company_id).new({"categ_id": category.id})
        )

    # What prices of a connection were made with: rules of pricelists, and rates of currencies.
    # When they change, no figure of a supplier does, so no page would bring the products up to
    # date. The catalog lane checks by itself: rules begin and end, and rates come, without
    # anybody writing a pricelist that day.

    def _follow_price_basis(self):
        """Mark imported products to be updated whose rules or rates are others than before."""
        before, now = self.price_basis, self._read_price_basis()
        if before == now:
            return
        self.price_basis = now
        if not before:
            return
        # A formula that was chosen since has marked its products itself.
        changed = self._formulas().filtered(
            lambda formula: (
                before["rules"].get(str(formula.id), now["rules"][str(formula.id)])
                != now["rules"][str(formula.id)]
            )
        )
        # A rule is a person's decision, a rate is not: what it moves far waits for one.
        self._priced_by(changed).write({"pending": True, "bypass_limit": True})
        if any(now["rates"].get(name, rate) != rate for name, rate in before["rates"].items()):
            self._imported_products().write({"pending": True})

    def _read_price_basis(self, *also):
        """Return the rules and rates that prices are made with now.

        :param also: pricelists that are to make prices
        """
        formulas = self._formulas().union(*also)
        return {
            # In JSON keys are text.
            "rules": {
                str(formula.id): self._rules_in_force(formula)._inventory_source_digest()
                for formula in formulas
            },
            "rates": {
                "cost": self._cost_factor(),
                "price": self._price_factor(),
                **{each.name: self._rate_to(each) for each in formulas.currency_id},
            },
        }

    def _formulas(self):
        """Return the pricelists that make prices of this connection."""
        return (
            self.price_pricelist_id
            | self.supplier_ids.price_pricelist_id
            | self.category_map_ids.price_pricelist_id
        )

    def _rules_in_force(self, formula):
        """Return the rules that count now, of a pricelist and of those it is based on."""
        Rule, now = self.env["product.pricelist.item"], fields.Datetime.now()
        in_force = (Domain("date_start", "=", False) | Domain("date_start", "<=", now)) & (
            Domain("date_end", "=", False) | Domain("date_end", ">=", now)
        )
        rules, known, new = Rule, formula, formula
        while new:
            found = Rule.search(Domain("pricelist_id", "in", new.ids) & in_force, order="id")
            new = found.base_pricelist_id - known
            rules, known = rules | found, known | new
        return rules

    # --- the products ---

    def _imported_products(self):
        # sudo: supplier products are written by us only; who may set a price rule may have it
        # applied.
        return (
            self.env["inventory.source.product"]
            .sudo()
            .search([("connection_id", "=", self.id), ("product_id", "!=", False)])
        )

    def _priced_by(self, formulas):
        """Return the imported products that one of these pricelists may make the price of."""
        if self.price_pricelist_id in formulas:
            return self._imported_products()
        own = [
            records.sudo().filtered(lambda record: record.price_pricelist_id in formulas)
            for records in (self.supplier_ids, self.category_map_ids)
        ]
        Offer = self.env["inventory.source.product"].sudo()
        return Offer.concat(*(records._priced_products() for records in own if records))


def _rounded_up(least, currency):
    """Round a least price: half a cent below MAP is below MAP."""
    return float_round(least, precision_rounding=currency.rounding, rounding_method="UP")
