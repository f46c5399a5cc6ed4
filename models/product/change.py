from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import float_compare

from ...tools.pricing import moved
from .importer import IMPORT_AT_ONCE

# These wait for a decision: until then the product in Odoo keeps what it has. The others report
# what is so already.
WAITING_KINDS = ("price", "cost")
KEPT_DAYS = 90

KIND_OF_FIELD = {"list_price": "price", "standard_price": "cost"}
STANDING_KINDS = ("map", "margin", "discontinued")


class Change(models.Model):
    """One change of a supplier product that a person should look at; rows are made in bulk.

    A row is open while what it reports is so. Money of a sales price is in the currency of sales
    prices, money of a cost in the company's, stock in pieces.
    """

    _name = "inventory.source.change"
    _description = "Inventory Source Change"
    _inherit = ["inventory.source.fold.mixin"]
    _fold_by = ("supplier_product_id",)
    _order = "write_date desc, id desc"
    _rec_name = "supplier_product_id"

    supplier_product_id = fields.Many2one(
        "inventory.source.product", required=True, ondelete="cascade"
    )
    connection_id = fields.Many2one(
        related="supplier_product_id.connection_id", store=True, index=True
    )
    company_id = fields.Many2one(related="supplier_product_id.company_id", store=True, index=True)
    supplier_id = fields.Many2one(related="supplier_product_id.supplier_id")
    product_id = fields.Many2one(related="supplier_product_id.product_id")
    kind = fields.Selection(
        [
            ("price", "Sales price changed"),
            ("cost", "Cost changed"),
            ("stock", "Stock fell"),
            ("map", "Below MAP"),
            ("margin", "Margin lost"),
            ("discontinued", "Discontinued, on open quotations"),
        ],
        "Change",
        required=True,
        readonly=True,
    )
    current_value = fields.Float(
        "Current",
        digits="Product Price",
        readonly=True,
        help="The price, cost or stock in Odoo; of a price below MAP or without margin, the price.",
    )
    proposed_value = fields.Float(
        "New",
        digits="Product Price",
        readonly=True,
        help="What the supplier changes it to; for a price below MAP the MAP, for a price without "
        "margin the landed cost, with the taxes that the price includes.",
    )
    moved = fields.Float("Change (%)", compute="_compute_moved", store=True, aggregator="avg")
    state = fields.Selection(
        [("waiting", "To decide"), ("held", "Held"), ("accepted", "Accepted")],
        default="waiting",
        required=True,
        readonly=True,
        help="Prices and costs stay as they are until they are accepted.",
    )
    decided_by_id = fields.Many2one("res.users", readonly=True)

    # --- all of one product together, as lists show it: of a page at once ---

    price_currency_id = fields.Many2one("res.currency", compute="_compute_together")
    cost_currency_id = fields.Many2one(related="company_id.currency_id")
    price_now = fields.Monetary(
        "Price", compute="_compute_together", currency_field="price_currency_id"
    )
    price_new = fields.Monetary(
        "New Price", compute="_compute_together", currency_field="price_currency_id"
    )
    cost_now = fields.Monetary(
        "Cost", compute="_compute_together", currency_field="cost_currency_id"
    )
    cost_new = fields.Monetary(
        "New Cost", compute="_compute_together", currency_field="cost_currency_id"
    )
    largest_move = fields.Float(
        "Largest Change (%)",
        compute="_compute_together",
        help="Of all that changed with this product.",
    )
    leads = fields.Boolean(
        compute="_compute_together",
        search="_search_leads",
        help="The first of what waits, is held or was accepted of its product: counted once.",
    )
    others = fields.Text(
        "Also", compute="_compute_together", help="What changed beside the prices."
    )

    _supplier_product_kind_uniq = models.Constraint(
        "UNIQUE(supplier_product_id, kind)", "This change is in the list already."
    )

    @api.depends("current_value", "proposed_value")
    def _compute_moved(self):
        for change in self:
            change.moved = moved(change.current_value, change.proposed_value)

    @api.depends("current_value", "proposed_value", "state")
    @api.depends_context("lang")
    def _compute_together(self):
        together = self._together()
        for change in self:
            rows = together.get((change.supplier_product_id, change.state), change)
            kinds = {row.kind: row for row in rows}
            none = self.browse()
            price, cost = kinds.pop("price", none), kinds.pop("cost", none)
            change.price_currency_id = change.connection_id._price_currency()
            change.price_now, change.price_new = price.current_value, price.proposed_value
            change.cost_now, change.cost_new = cost.current_value, cost.proposed_value
            change.largest_move = max((row.moved for row in rows), key=abs)
            change.leads = change == rows.sorted("id")[0]
            change.others = "\n".join(row._other_text() for row in kinds.values())

    def _search_leads(self, operator, value):
        if operator != "in":
            return NotImplemented
        return self._first_of_each(Domain.TRUE, ["state"])

    def _together(self):
        """Return {(supplier product, state): changes} of all that changed with these products."""
        rows = self.search([("supplier_product_id", "in", self.supplier_product_id.ids)])
        return rows.grouped(lambda row: (row.supplier_product_id, row.state))

    def _other_text(self):
        """Return what is said of a change that is neither of the price nor of the cost."""
        if self.kind == "discontinued":
            return dict(self._fields["kind"]._description_selection(self.env))[self.kind]
        if self.kind == "stock":
            before, after = f"{self.current_value:g}", f"{self.proposed_value:g}"
            return self.env._("Stock fell: %(before)s → %(after)s", before=before, after=after)
        money = self.connection_id._price_currency().format
        price, least = money(self.current_value), money(self.proposed_value)
        if self.kind == "map":
            return self.env._("Below MAP: price %(price)s, MAP %(map)s", price=price, map=least)
        return self.env._("Margin lost: price %(price)s, cost %(cost)s", price=price, cost=least)

    def _shown(self):
        """Return these and, where a list shows one for each product, all it stands for."""
        if not self._is_folded():
            return self
        rows = self._together()
        return self | self.concat(*(rows[row.supplier_product_id, row.state] for row in self))

    @api.model
    def _report(self, offers, kinds, found):
        """Write down what was found on these products, and close what is not so any more.

        :param kinds: the kinds that were checked
        :param dict found: {(supplier product, kind): (before, after)}
        """
        left = dict(found)
        for row in self.search([("supplier_product_id", "in", offers.ids), ("kind", "in", kinds)]):
            values = left.pop((row.supplier_product_id, row.kind), None)
            if values is not None:
                row._report_again(*values)
            elif row.state != "accepted" or row.kind not in WAITING_KINDS:
                row.unlink()
        self.create(
            [
                {
                    "supplier_product_id": offer.id,
                    "kind": kind,
                    "current_value": before,
                    "proposed_value": after,
                }
                for (offer, kind), (before, after) in left.items()
            ]
        )

    def _report_again(self, before, after):
        wanted = {"current_value": before, "proposed_value": after}
        # Since when it is so is the date of the last write.
        changes = {
            name: value
            for name, value in wanted.items()
            if self._fields[name].convert_to_cache(value, self) != self[name]
        }
        if changes:
            self.write(changes)
        # A price that was accepted has been written: this is another change. What is only reported
        # stays put away for as long as it lasts.
        if self.state == "accepted" and self.kind in WAITING_KINDS:
            self.write({"state": "waiting", "decided_by_id": False})

    @api.autovacuum
    def _gc_accepted(self):
        limit = fields.Datetime.now() - timedelta(days=KEPT_DAYS)
        self.search(
            [
                ("state", "=", "accepted"),
                ("kind", "in", WAITING_KINDS),
                ("write_date", "<", limit),
            ]
        ).unlink()

    # --- buttons ---

    def action_accept(self):
        """Accept the changes; price and cost of one product are one decision."""
        shown = self._shown()
        # Before: what is not so any more afterwards is no row any more.
        count, connection = len(shown.supplier_product_id), shown.connection_id[:1]
        offers = shown._decide("accepted")
        # Whatever moved since the list was opened is accepted with them.
        offers.write({"bypass_limit": True, "pending": True})
        refused, later = offers.browse(), False
        for each, products in offers.grouped("connection_id").items():
            if len(products) <= IMPORT_AT_ONCE:
                refused += products.with_company(each.company_id)._update_now()
            else:
                each._trigger_lane("catalog")
                later = True
        if refused:
            return refused._notify_refused()
        text = (
            self.env._("Products accepted, written in the background: %(count)s.", count=count)
            if later
            else self.env._("Products accepted: %(count)s.", count=count)
        )
        return self._answer_decided(connection, text)

    def action_hold(self):
        """Leave prices and costs as they are until somebody accepts the change."""
        shown = self._shown()
        shown._decide("held")
        text = self.env._(
            "Products held: %(count)s. Prices and costs stay until you accept them.",
            count=len(shown.supplier_product_id),
        )
        return self._answer_decided(shown.connection_id[:1], text)

    def action_undo(self):
        """Take decisions back: the changes wait again, and what was written is as before.

        Of what was changed again since, by a person or the supplier, nothing is taken back.
        """
        self.check_access("read")
        decided = self._shown().filtered(lambda change: change.state != "waiting")
        decided.supplier_product_id._check_may_decide()
        # sudo: as in `_decide`
        decided = decided.sudo()
        kept = decided.filtered(lambda change: not change._is_as_decided())
        undone = decided - kept
        written = undone.filtered(
            lambda change: change.state == "accepted" and change.kind in WAITING_KINDS
        )
        for connection, rows in written.grouped("connection_id").items():
            rows.with_company(connection.company_id)._write_back()
        undone.write({"state": "waiting", "decided_by_id": False})
        count, left = len(undone.supplier_product_id), kept.supplier_product_id
        if not left:
            return self.connection_id[:1]._notify(
                self.env._("Products to decide again: %(count)s.", count=count), "success"
            )
        text = self.env._(
            "Products to decide again: %(count)s. Not taken back, because they were changed since: "
            "%(kept)s.",
            count=count,
            kept=", ".join(left.mapped("display_name")),
        )
        return self.connection_id[:1]._notify(text, "warning")

    def _record(self):
        """Return what has the price or the cost that this is about, and its field."""
        offer = self.supplier_product_id
        product = offer.product_id.with_company(offer.company_id)
        if self.kind == "price":
            return product.product_tmpl_id, "list_price"
        return product, "standard_price"

    def _is_as_decided(self):
        """Return whether the product has what was decided, or does not have it yet."""
        if self.state == "held" or self.kind not in WAITING_KINDS:
            return True
        record, field = self._record()
        figures = (self.current_value, self.proposed_value)
        return any(not float_compare(record[field], one, precision_digits=2) for one in figures)

    def _write_back(self):
        """Give products of one connection the price or cost they had before it was accepted."""
        offers = self.supplier_product_id
        offers.bypass_limit = False
        stocked = offers._with_own_stock(offers.product_id.ids)
        values = {}
        for change in self:
            record, field = change._record()
            values.setdefault(record, {})[field] = change.current_value
        # As costs are written: what also lies in our own stock keeps Odoo's full accounting.
        own = {
            record: wanted
            for record, wanted in values.items()
            if record._name == "product.product" and record.id in stocked
        }
        offers._write_synced(own, {"inventory_source_follows": True})
        offers._write_synced({r: wanted for r, wanted in values.items() if r not in own})

    @api.model
    def _answer_decided(self, connection, text):
        """Return the action that says what was decided, with the way to take it back."""
        answer = connection._notify(f"{text} %s", "success")
        undo = {"label": self.env._("Undo"), "url": "/odoo/supplier-changes-decided"}
        answer["params"]["links"] = [undo]
        return answer

    def _decide(self, state):
        """Note the decision and return the supplier products whose price or cost it is."""
        self.check_access("read")
        self.supplier_product_id._check_may_decide()
        # sudo: rows are written by us only; who may decide was checked.
        decided = self.sudo()
        offers = decided.filtered(lambda change: change.kind in WAITING_KINDS).supplier_product_id
        decided |= decided.search(
            [
                ("supplier_product_id", "in", offers.ids),
                ("kind", "in", WAITING_KINDS),
                ("state", "!=", "accepted"),
            ]
        )
        decided.write({"state": state, "decided_by_id": self.env.uid})
        return offers


class SupplierProduct(models.Model):
    """Large changes of price and cost wait for a person; others that hurt are reported to one."""

    _inherit = "inventory.source.product"

    bypass_limit = fields.Boolean(
        readonly=True,
        help="A person wants its price and cost brought up to date, however far they move.",
    )

    def _update_products(self):
        if not self:
            return
        # What an import sets (a family's price with a new variant) is not held back: no context.
        # No language: translations are a person's.
        context = {"inventory_source_hold_back": True, "lang": None}
        super(SupplierProduct, self.with_context(**context))._update_products()
        self.filtered("bypass_limit").bypass_limit = False
        self._report_standing()

    def _hold_back(self, values, changes, owners):
        """Return the changes to write now; prices and costs that move too far are left to decide.

        :param dict values: {product or template: all that was wanted}
        :param dict changes: {product or template: what of it differs}
        :param dict owners: {product or template: the supplier product that remembers for it}
        """
        if not (
            self.env.context.get("inventory_source_hold_back") and self.connection_id.change_limit
        ):
            return changes
        kinds = {
            KIND_OF_FIELD[name]
            for wanted in values.values()
            for name in wanted
            if name in KIND_OF_FIELD
        }
        if not kinds:
            return changes
        found, passed = {}, {}
        for record, written in changes.items():
            owner = owners[record]
            far = {
                name: (record[name], value)
                for name, value in written.items()
                if name in KIND_OF_FIELD
                and not owner.bypass_limit
                and self._moves_far(record[name], value)
            }
            found |= {(owner, KIND_OF_FIELD[name]): figures for name, figures in far.items()}
            passed[record] = {name: value for name, value in written.items() if name not in far}
        checked = self.browse([owners[record].id for record in values])
        self.env["inventory.source.change"]._report(checked, list(kinds), found)
        return {record: written for record, written in passed.items() if written}

    def _moves_far(self, before, after):
        """Return whether a price or a cost of these changes by more than may pass unseen."""
        limit = self.connection_id.change_limit
        return bool(limit) and abs(moved(before, after)) > limit

    def _report_standing(self):
        """Report prices below MAP, lost margins, and what quotations wait for in vain."""
        if not self:
            return
        connection = self.connection_id
        factor, currency = connection._price_factor(), connection._price_currency()
        share, found, wanted_in_vain = connection._net_share(), {}, self._wanted_in_vain()
        for offer in self._counting():
            if offer.discontinued_at:
                if offer.product_id in wanted_in_vain:
                    found[offer, "discontinued"] = (offer.quantity, 0.0)
                continue
            price = offer.product_id.lst_price
            # With the taxes that the price includes.
            least, landed = offer.map * factor, offer.landed_cost * factor / share
            if float_compare(price, least, precision_rounding=currency.rounding) < 0:
                found[offer, "map"] = (price, least)
            if float_compare(price, landed, precision_rounding=currency.rounding) <= 0:
                found[offer, "margin"] = (price, landed)
        self.env["inventory.source.change"]._report(self, STANDING_KINDS, found)

    def _quoted(self, domain):
        """Return the products of a part of the supplier products that stand on quotations."""
        # sudo: quotations of every salesperson and company.
        lines = self.env["sale.order.line"].sudo()
        found = lines._read_group(
            Domain("state", "in", ("draft", "sent"))
            & Domain("product_id", "in", self._search(domain).subselect("product_id")),
            ["product_id"],
        )
        return self.env["product.product"].concat(*(product for (product,) in found))

    def _wanted_in_vain(self):
        """Return the products no supplier lists any more that stand on a quotation."""
        gone = self.filtered("discontinued_at").product_id
        if not gone:
            return gone
        gone -= self.search(
            [
                ("product_id", "in", gone.ids),
                ("discontinued_at", "=", False),
                ("connection_id.is_counted", "=", True),
            ]
        ).product_id
        return gone & self._quoted(Domain("product_id", "in", gone.ids)).with_env(self.env)

    def _upsert(self, catalog, products, hashes, asked_at):
        before = self._stock_of_linked(catalog.connection_id, products)
        result = super()._upsert(catalog, products, hashes, asked_at)
        if before:
            self._report_stock(catalog.connection_id, before)
        return result

    def _stock_of_linked(self, connection, products):
        """Return {supplier product: pieces} of what is about to be written."""
        if not connection.change_stock_limit or not connection.is_counted:
            return {}
        linked = self.search_fetch(
            [
                ("connection_id", "=", connection.id),
                ("external_id", "in", [product.id for product in products]),
                ("product_id", "!=", False),
            ],
            ["available"],
        )
        return {offer: offer.available for offer in linked}

    def _report_stock(self, connection, before):
        """Report stock that fell far; it is stored already, so that nothing is oversold."""
        offers = self.browse([offer.id for offer in before])
        reported = self.env["inventory.source.change"].search(
            [("supplier_product_id", "in", offers.ids), ("kind", "=", "stock")]
        )
        # From where the fall began that was reported, else from the page before.
        before |= {change.supplier_product_id: change.current_value for change in reported}
        found = {
            (product, "stock"): (pieces, product.available)
            for product, pieces in before.items()
            if -moved(pieces, product.available) > connection.change_stock_limit
        }
        self.env["inventory.source.change"]._report(offers, ["stock"], found)
