from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..catalog.supplier_product import SEEN_AT
from ..order.order_line import units_per_piece
from ..order.order_send import LEASE
from ..product.connection import SOLD_OUT_FIELDS
from ..product.importer import FLAGS
from ..sync.record_mixin import age, ago
from ..sync.states import NOT_BOUGHT

# Raw SQL: one statement in place of six. It is asked by every page of the shop, and where a
# supplier is chosen while an order is confirmed. Placeholders only as purchase lines: how many
# pieces they are is for Python, and mostly there are none.
_RESERVED = """
    SELECT offer.id, FALSE,
           SUM(CASE line.state WHEN 'accepted' THEN line.accepted_quantity ELSE line.quantity END)
      FROM inventory_source_product offer
      JOIN inventory_source_catalog catalog ON catalog.id = offer.catalog_id
      JOIN inventory_source_order_line line ON line.supplier_product_id = offer.id
      JOIN inventory_source_order sent ON sent.id = line.order_id
     WHERE offer.id = ANY(%(offers)s)
       AND line.state <> 'rejected' AND sent.is_test IS NOT TRUE
       AND CASE WHEN sent.accepted_at IS NULL
                THEN sent.state NOT IN %(not_bought)s
                ELSE sent.accepted_at > %(seen_at)s END
     GROUP BY offer.id
     UNION ALL
    SELECT purchase_line.id, TRUE, 0
      FROM inventory_source_order placeholder
      JOIN sale_order_line sale_line ON sale_line.order_id = placeholder.sale_order_id
      JOIN purchase_order_line purchase_line ON purchase_line.sale_line_id = sale_line.id
     WHERE placeholder.is_placeholder AND purchase_line.product_id = ANY(%(products)s)
     UNION ALL
    SELECT purchase_line.id, TRUE, 0
      FROM inventory_source_order placeholder
      JOIN purchase_order_line purchase_line
        ON purchase_line.order_id = placeholder.purchase_order_id
     WHERE placeholder.is_placeholder AND purchase_line.product_id = ANY(%(products)s)
       AND purchase_line.sale_line_id IS NULL
"""
_READ_BY_RESERVED = {
    "inventory.source.product": [
        "product_id", "catalog_id", "reported_at", "unconfirmed", "discontinued_at",
    ],
    "inventory.source.catalog": ["confirmed_at"],
    "inventory.source.order.line": [
        "supplier_product_id", "order_id", "state", "quantity", "accepted_quantity",
    ],
    "inventory.source.order": ["state", "accepted_at", "is_test", "is_placeholder"],
    "purchase.order.line": ["product_id", "sale_line_id", "order_id"],
    "sale.order.line": ["order_id"],
}  # fmt: skip


class SupplierProduct(models.Model):
    """The stock of a supplier: how old the figure is, what our orders took, who may be sold."""

    _inherit = "inventory.source.product"

    stock_age = fields.Char(
        compute="_compute_stock_age",
        help="How long ago the supplier reported the stock.",
    )

    order_line_ids = fields.One2many(
        "inventory.source.order.line", "supplier_product_id", "Order Lines", readonly=True
    )
    reserved = fields.Float(
        "Ordered Since",
        compute="_compute_reserved",
        compute_sudo=True,
        digits="Product Unit",
        help="Pieces our own orders took, or are about to take, that the supplier's figure does "
        "not know of yet.",
    )
    free = fields.Float(
        compute="_compute_reserved",
        compute_sudo=True,
        digits="Product Unit",
        help="The supplier's quantity less the safety buffer and what was ordered since.",
    )

    @api.depends("seen_at")
    @api.depends_context("lang")
    def _compute_stock_age(self):
        for offer in self:
            offer.stock_age = offer.seen_at and ago(self.env, offer.seen_at)

    def _is_fresh(self, hours):
        """Return whether the stock was seen or confirmed within so many hours; always with 0.

        Never where it was not told.
        """
        self.ensure_one()
        if self.stock_untold:
            return False
        if not hours:
            return True
        return bool(self.seen_at) and self.seen_at >= fields.Datetime.now() - timedelta(hours=hours)

    @api.model
    def _counted_domain(self):
        """Return the domain of the offers whose figure says they have any and is fresh enough.

        Not less what was ordered since, as `_counted_stock`: a template would be written with every
        order that takes the last piece, and again when a new figure comes.
        """
        domain = Domain("discontinued_at", "=", False) & Domain("available", ">", 0)
        counted = self.env["inventory.source.connection"].search([("is_counted", "=", True)])
        # By ids: the database need not look which those are.
        domain &= Domain("connection_id", "in", counted.ids)
        limited = counted.filtered("stock_fresh_hours")
        for hours, connections in limited.grouped("stock_fresh_hours").items():
            since = fields.Datetime.now() - timedelta(hours=hours)
            domain &= Domain("connection_id", "not in", connections.ids) | self._seen_since(since)
        return domain

    def _counted_stock(self):
        """Return the pieces that may be counted on: none of a figure that is too old."""
        self.ensure_one()
        connection = self.connection_id
        counts = connection.is_counted and self._is_fresh(connection.stock_fresh_hours)
        return self.free if counts else 0

    def _counted_units(self):
        """Return the same in the product's unit, of which a piece may be several."""
        return self._counted_stock() * units_per_piece(self.product_id, self)

    def _rank(self, wanted):
        """Return what offers of one product are sorted by: enough stock, then the landed cost.

        :param float wanted: in the product's unit
        """
        self.ensure_one()
        return self._counted_units() < wanted, self.landed_cost, self.id

    # --- what our own orders took of a figure since it was reported: derived, never kept ---
    # Which orders a figure does not know of yet is a question of two moments, both of the
    # database's clock, which all servers share. An order is in every figure reported after it
    # was accepted: the service had taken it by then. `accepted_at` is written after the answer came
    # and `seen_at` is the moment before the figure was asked for, so what happens in between counts
    # as taken. When an order was sent proves nothing: the service takes it at some moment after.
    # Without an answer it is in no figure for certain, and what waits here is promised to a
    # customer.

    @api.depends(
        "available",
        "seen_at",
        "order_line_ids.quantity",
        "order_line_ids.accepted_quantity",
        "order_line_ids.state",
        "order_line_ids.order_id.state",
        "order_line_ids.order_id.accepted_at",
    )
    def _compute_reserved(self):
        taken = self._reserved_pieces()
        for offer in self:
            offer.reserved = taken.get(offer.id, 0)
            offer.free = max(offer.available - offer.reserved, 0)

    def _reserved_pieces(self):
        """Return {id: pieces} of what orders took, and sales that are no orders yet will take."""
        for model, names in _READ_BY_RESERVED.items():
            self.env[model].flush_model(names)
        rows = self.env.execute_query(
            SQL(
                _RESERVED,
                offers=list(self._origin._ids),
                products=self.product_id.ids,
                not_bought=NOT_BOUGHT,
                seen_at=SQL(SEEN_AT),
            )
        )
        taken = {offer_id: pieces for offer_id, enqueued, pieces in rows if not enqueued}
        enqueued = self.env["purchase.order.line"].browse([row[0] for row in rows if row[1]])
        for offer, pieces in enqueued._inventory_source_enqueued():
            taken[offer.id] = taken.get(offer.id, 0) + pieces
        return taken

    def _free_for(self, order):
        """Return the pieces that may still be there for an order that is about to leave.

        First come, first served: what has not left yet took nothing from it.
        """
        self.ensure_one()
        seen_at = self.seen_at
        lines = self.env["inventory.source.order.line"].search(
            Domain("supplier_product_id", "=", self.id)
            & Domain("state", "!=", "rejected")
            & Domain("order_id.is_test", "=", False)
            & Domain("order_id.state", "not in", NOT_BOUGHT)
            & (
                Domain("order_id.accepted_at", ">=", seen_at)
                | Domain("order_id.sent_at", ">=", seen_at - LEASE)
            )
        )
        others = lines.filtered(
            lambda line: line.order_id != order and _may_lack(line.order_id, seen_at)
        )
        return self.available - others._pieces()

    # --- products nobody can deliver leave the sale, and come back when somebody can ---

    def _update_presence(self):
        """Archive, tag or revive the products of these, and take them off sale, as the policy says.

        Whether a product is offered is asked of every connection that counts; what becomes of it is
        said by the one it was made by. Products that were in Odoo before were made by none. Nobody
        says that a product is discontinued whose connections do not count: it is sold out.
        """
        offers = self.search([("product_id", "in", self.product_id.ids)])
        made = offers.filtered(lambda each: not each.matched)
        counting = offers._counting()
        live = counting.filtered(lambda each: not each.discontinued_at).product_id & made.product_id
        for connection, own in made.grouped("connection_id").items():
            gone = (own.product_id & counting.product_id) - live
            own._withdraw(gone.filtered("active"), connection)
        self._revive(live)
        made._update_for_sale()

    def _restore(self, products):
        """Undo what was done to these products if no supplier product stands for them any more."""
        makers = self.search(
            [
                ("product_id.product_tmpl_id", "in", products.product_tmpl_id.ids),
                ("matched", "=", False),
            ]
        )
        self._revive(products - makers.product_id)
        free = products.product_tmpl_id - makers.product_id.product_tmpl_id
        self._sell(dict.fromkeys(free, False))
        makers._update_for_sale()

    def _revive(self, products):
        """Take back archiving and tags; what a person archived stays archived."""
        back = products.filtered("inventory_source_withdrawn")
        back.with_context(**FLAGS).action_unarchive()
        self._write_grouped({p: {"inventory_source_withdrawn": False} for p in back}, FLAGS)
        products._inventory_source_set_tag(self.env["product.tag"])

    def _withdraw(self, gone, policy):
        """Archive or tag products that nobody lists any more, as the policy of a connection says.

        Pinned ones stay, and those on an open order for now, see `_retry_withdrawal`.
        """
        gone = gone.filtered(lambda product: not product.inventory_source_pinned)
        if policy.discontinued_policy != "keep":
            gone -= gone._inventory_source_on_order()
        if policy.discontinued_policy == "archive":
            self._write_grouped({p: {"inventory_source_withdrawn": True} for p in gone}, FLAGS)
            gone.with_context(**FLAGS).action_archive()
        elif policy.discontinued_policy == "tag":
            gone._inventory_source_set_tag(policy.discontinued_tag_id)

    def _update_for_sale(self):
        """Sell the templates made from these as far as suppliers have any.

        Off sale while nobody has any of a template; or in the online shop up to what is there,
        which the shop asks for itself (`shop_stock.py`). Once: who changes it meanwhile has
        decided.
        """
        wanted = {}
        for connection, own in self.grouped("connection_id").items():
            policy = connection.sold_out_policy if connection._sold_out_field() else False
            wanted |= dict.fromkeys(own.product_id.product_tmpl_id, policy)
        templates = self.product_id.product_tmpl_id
        if "unsold" in wanted.values():
            offered = self.search(
                self._counted_domain() & Domain("product_id.product_tmpl_id", "in", templates.ids)
            ).product_id.product_tmpl_id
            wanted |= {each: False for each in offered if wanted[each] == "unsold"}
        self._sell(wanted)

    def _sell(self, wanted):
        """Put templates on or off sale as the policies say: {template: policy or False}."""
        changes = defaultdict(dict)
        for template, policy in wanted.items():
            done = template.inventory_source_sold_out
            if done == policy:
                continue
            if done:
                changes[template]["inventory_source_sold_out"] = False
                if SOLD_OUT_FIELDS[done] in template._fields:
                    changes[template][SOLD_OUT_FIELDS[done]] = True
            if policy and not template.inventory_source_pinned:
                field = SOLD_OUT_FIELDS[policy]
                if template[field]:
                    changes[template] |= {field: False, "inventory_source_sold_out": policy}
        self._write_grouped(changes, FLAGS)

    @api.model
    def _to_judge(self, after, limit):
        """Return made products, from an id on, that are on sale or not against what now counts."""
        # Archived variants too, as in `_update_for_sale`.
        everything = self.with_context(active_test=False)
        template = "product_id.product_tmpl_id"
        offers_path = f"{template}.product_variant_ids.inventory_source_product_ids"
        some = Domain(offers_path, "in", everything._search(self._counted_domain()))
        connections = self.env["inventory.source.connection"].with_context(active_test=False)
        unselling = connections.search([("sold_out_policy", "=", "unsold")])
        # By ids: without any, the database need not look.
        leaving = (
            Domain("connection_id", "in", unselling.ids)
            & Domain(f"{template}.sale_ok", "=", True)
            & Domain(f"{template}.inventory_source_sold_out", "=", False)
            & Domain(f"{template}.inventory_source_pinned", "=", False)
            & ~some
        )
        coming = Domain(f"{template}.inventory_source_sold_out", "=", "unsold") & some
        made = Domain("matched", "=", False) & Domain("product_id", "!=", False)
        due = made & Domain("id", ">", after) & (leaving | coming)
        return everything.search(due, order="id", limit=limit)

    @api.model
    def _left_behind(self, after, limit):
        """Return those in Odoo, from an id on, that follow a change and that no lane works off."""
        connections = self.env["inventory.source.connection"].with_context(active_test=False)
        uncounted = connections.search([("is_counted", "=", False)])
        lost = connections.search([("is_counted", "=", True), ("state", "!=", "connected")])
        due = Domain("connection_id", "in", (uncounted + lost).ids) & Domain("pending", "=", True)
        # What a lane made in the very moment its connection stopped counting.
        due |= Domain("connection_id", "in", uncounted.ids) & Domain("vendor_line_id", "!=", False)
        due &= Domain("product_id", "!=", False) & Domain("id", ">", after)
        return self.search(due, order="id", limit=limit)

    def _retry_withdrawal(self, catalog):
        """Mark those to be judged again that stayed because an order held them."""
        policy = catalog.connection_id.discontinued_policy
        if policy == "keep":
            return
        domain = [
            ("catalog_id", "=", catalog.id),
            ("state", "=", "discontinued"),
            ("product_id.active", "=", True),
            ("matched", "=", False),
            ("product_id.inventory_source_pinned", "=", False),
        ]
        if policy == "tag":
            domain.append(("product_id.inventory_source_discontinued_tag_id", "=", False))
        self.search(domain).pending = True

    def _stock_text(self):
        """Return the stock with its age: "12 at Acme, 18 minutes ago"."""
        self.ensure_one()
        values = {"stock": self.available, "supplier": self.supplier_id.name}
        if self.discontinued_at:
            return self.env._("%(supplier)s no longer lists it", **values)
        if self.stock_untold:
            return self.env._("%(supplier)s does not report its stock, so none counts", **values)
        if self.reserved:
            return self._reserved_text(values)
        if not self.seen_at:
            return self.env._("%(stock)s at %(supplier)s, age of the figure unknown", **values)
        values["age"] = self.stock_age
        if not self._is_fresh(self.connection_id.stock_fresh_hours):
            return self.env._(
                "%(stock)s at %(supplier)s, %(age)s: too old to count on it", **values
            )
        return self.env._("%(stock)s at %(supplier)s, %(age)s", **values)

    def _stock_short(self):
        """Return the same for a column, "155 · 4 min": what may be ordered, and how old that is."""
        self.ensure_one()
        if self.discontinued_at:
            return self.env._("discontinued")
        if self.stock_untold:
            return self.env._("not reported")
        values = {"stock": f"{self.free:g}"}
        if not self.seen_at:
            return self.env._("%(stock)s · age unknown", **values)
        values["age"] = age(self.env, self.seen_at)
        if not self._is_fresh(self.connection_id.stock_fresh_hours):
            return self.env._("%(stock)s · %(age)s, too old", **values)
        return self.env._("%(stock)s · %(age)s", **values)

    def _untold_text(self):
        return self.env._(
            "%(supplier)s does not report the stock of %(sku)s, so none counts.",
            supplier=self.supplier_id.name,
            sku=self.sku,
        )

    def _reserved_text(self, values):
        """Return the stock of which some was ordered since."""
        values |= {"left": f"{self.free:g}", "taken": f"{self.reserved:g}", "age": self.stock_age}
        if not self.seen_at:
            return self.env._(
                "%(left)s of %(stock)s at %(supplier)s left, %(taken)s ordered since, age of the "
                "figure unknown",
                **values,
            )
        if not self._is_fresh(self.connection_id.stock_fresh_hours):
            return self.env._(
                "%(left)s of %(stock)s at %(supplier)s left, %(taken)s ordered since, %(age)s: too "
                "old to count on it",
                **values,
            )
        return self.env._(
            "%(left)s of %(stock)s at %(supplier)s left, %(taken)s ordered since, %(age)s", **values
        )

    def _landed_text(self):
        return self.currency_id.format(self.landed_cost)

    def _beats(self, chosen):
        """Return whether this offer would be cheaper than the chosen one."""
        return (self.landed_cost, self.id) < (chosen.landed_cost, chosen.id)

    def _passed_over_text(self):
        """Return why this cheaper offer is not taken."""
        return self.env._(
            "Cheaper, but not enough: %(cost)s, %(stock)s.",
            cost=self._landed_text(),
            stock=self._stock_text(),
        )


def _may_lack(order, seen_at):
    """Return whether a figure of this moment may not know yet what an order took.

    Without an answer it arrived before its lease was over, or never.
    """
    if order.accepted_at:
        return order.accepted_at > seen_at
    left = order.outcome_unknown or order.state == "sending"
    return left and order.sent_at + LEASE > seen_at
