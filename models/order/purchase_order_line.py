from odoo import api, fields, models
from odoo.tools import SQL, float_round

from ..connection.tiles import NOT_UNSENT
from ..sync.odoo_states import TRANSFER_OVER
from ..sync.record_mixin import raise_activity
from .asked import asked, buying
from .order_checks import QUANTITY_DIGITS
from .order_line import CHARGES, units_per_piece
from .purchase_order import ANSWERING
from .till_unbought import look_again_at_till, sold_at_till, tell_unbought
from .unbought import settle, sold_by, tell_lowered, units_sold
from .unsent import UNSENT_REASONS, is_stuck

# In the data of the transaction while a sale runs its procurements: it leaves the placeholder
# itself, once. (A context of its own would make all that Odoo does with another one dearer.) Should
# it be forgotten, as when something is committed meanwhile, there is one look more.
LAUNCHING = "inventory_source.launching"
# What changes which pieces are bought, and for whom.
_FOLLOWED = {"product_id", "product_qty", "product_uom_id", "order_id", "sale_line_id"}
# What changes what it costs, until bills say it.
_PRICED = {"price_unit", "discount"}


def _is_exchange(product, values):
    """Return whether a procurement buys a supplier product in place of a returned one."""
    # sudo: a salesperson's change of quantity comes through here.
    return bool(
        values.get("inventory_source_exchange") and product.sudo().inventory_source_product_ids
    )


class PurchaseOrderLine(models.Model):
    _name = "purchase.order.line"
    _inherit = ["purchase.order.line", "inventory.source.guard"]

    inventory_source_line_ids = fields.One2many(
        "inventory.source.order.line",
        "purchase_line_id",
        readonly=True,
        copy=False,
        groups="inventory_source.group_user",
    )
    inventory_source_charge = fields.Selection(
        CHARGES, readonly=True, copy=False, groups="base.group_user"
    )
    inventory_source_unsent_reason = fields.Selection(
        UNSENT_REASONS,
        "Why It Is Not Sent",
        readonly=True,
        copy=False,
        groups="base.group_user",
        help="It was bought to be drop-shipped, but no supplier was asked for it. Kept by the "
        "watch over orders.",
    )
    _inventory_source_unsent_index = models.Index(
        "(order_id) WHERE inventory_source_unsent_reason IS NOT NULL"
    )

    inventory_source_by_hand = fields.Boolean(
        "Ordered by Hand",
        readonly=True,
        copy=False,
        groups="base.group_user",
        help="No supplier would have received it, and a purchaser ordered it from the vendor "
        "directly, so it is never sent.",
    )
    inventory_source_exchange = fields.Boolean(
        "In Exchange",
        readonly=True,
        copy=False,
        groups="base.group_user",
        help="Bought in place of what the customer returned, beside what the sale is about.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines._inventory_source_enqueue()
        if added := lines.filtered(lambda line: not line.sale_line_id):
            look_again_at_till(added)
            added._inventory_source_price_changed()
        return lines

    def write(self, vals):
        is_followed = _FOLLOWED & vals.keys() and not self._inventory_source_is_automatic()
        before = units_sold(self, vals) if is_followed else {}
        result = super().write(vals)
        if is_followed:
            self._inventory_source_enqueue()
            tell_lowered(before)
        if _PRICED & vals.keys() or ("product_qty" in vals and not self.sale_line_id):
            self._inventory_source_price_changed()
        return result

    def unlink(self):
        """Have orders forget what a purchaser deletes, and tell people that nobody buys it."""
        if ANSWERING in self.env.context:
            return super().unlink()
        # sudo: the purchaser may not see orders and sales.
        ours = self.sudo().filtered(
            lambda line: line.order_id._is_dropshipped() and line._inventory_source_is_ours()
        )
        if not ours:
            return super().unlink()
        ours.order_id._inventory_source_stop_claims()
        ours._inventory_source_enqueue()
        sent = asked(ours)
        unsent, purchases = ours - sent.purchase_line_id, ours.order_id
        unsold, at_till = sold_by(unsent), sold_at_till(unsent)
        result = super().unlink()
        unsold._inventory_source_call_person()
        for sale in unsold.order_id:
            settle(sale, purchases)
        tell_unbought(at_till)
        # Of what is on its way the same is told with its answer.
        for order, lines in sent.grouped("order_id").items():
            if order.state == "accepted":
                order._report_orphans(lines)
        return result

    def _inventory_source_is_automatic(self):
        """Return whether Odoo buys for a sale at this moment, or an answer is followed."""
        return LAUNCHING in self.env.cr.precommit.data or ANSWERING in self.env.context

    def _inventory_source_price_changed(self):
        """Mark the sales of which somebody edits what it costs, as an edited price of theirs does.

        Not while a sale is confirmed, nor what an answer writes: the lane writes no sales.
        """
        if self._inventory_source_is_automatic():
            return
        # sudo: the purchaser may not see orders and sales.
        bought = self.sudo() | self._inventory_source_added().sudo().order_id.order_line
        sales = bought.inventory_source_line_ids.sale_line_id.order_id
        sales = sales.filtered(lambda sale: sale._inventory_source_had_margin())
        sales.inventory_source_price_changed = True

    def _inventory_source_not_placed(self):
        """Return those of our drop-ship lines that follow a sale: no purchaser confirmed them."""
        return buying(self).filtered(lambda line: line.state != "purchase")

    def _inventory_source_leave_sale(self, sale):
        """Make these the purchaser's own, as a sale no longer sells them, and tell people.

        Orders that have not left drop them with the placeholder of the sale.
        """
        sent = asked(self)
        responsible = self.sale_line_id._inventory_source_responsible()
        self.order_id._inventory_source_stop_claims()
        self.sale_line_id = False
        for purchase, lines in self.grouped("order_id").items():
            purchase = purchase._inventory_source_set_apart(lines)
            raise_activity(
                purchase,
                self.env._(
                    "%(sale)s no longer sells what %(purchase)s buys",
                    purchase=purchase.name,
                    sale=sale.name,
                ),
                self.env._(
                    "%(sale)s sells something else instead of %(products)s by now, so it is not "
                    "sent. Cancel %(purchase)s, or confirm it to have it sent all the same.",
                    sale=sale.name,
                    products=", ".join(lines.product_id.mapped("display_name")),
                    purchase=purchase.name,
                ),
                purchase.user_id.filtered("active") or responsible,
            )
        for order, lines in sent.grouped("order_id").items():
            goods = [f"{line._pieces():g} × {line.product_id.display_name}" for line in lines]
            order._schedule_supplier_call(
                self.env._(
                    "%(sale)s no longer sells all of %(order)s", sale=sale.name, order=order.name
                ),
                self.env._("take back %(goods)s", goods=", ".join(goods)),
                lines,
            )

    def _find_candidate(
        self, product_id, product_qty, product_uom, location_id, name, origin, company_id, values
    ):
        """Keep what comes in exchange, or was ordered by hand, apart from what is sold."""
        exchange = _is_exchange(product_id, values)
        # sudo: as for `_is_exchange`.
        alike = self.sudo().filtered(
            lambda line: (
                line.inventory_source_exchange == exchange
                # Nobody would be asked for more of it.
                and not (line.inventory_source_by_hand and product_qty > 0)
            )
        )
        alike = alike.with_env(self.env)
        return super(PurchaseOrderLine, alike)._find_candidate(
            product_id, product_qty, product_uom, location_id, name, origin, company_id, values
        )

    @api.model
    def _prepare_purchase_order_line_from_procurement(
        self, product_id, product_qty, product_uom, location_dest_id, name, origin, company_id,
        values, po,
    ):  # fmt: skip
        prepared = super()._prepare_purchase_order_line_from_procurement(
            product_id, product_qty, product_uom, location_dest_id, name, origin, company_id,
            values, po,
        )  # fmt: skip
        if _is_exchange(product_id, values):
            prepared["inventory_source_exchange"] = True
        return prepared

    def _inventory_source_expect_again(self):
        """Make deliveries anew that were cancelled with the sale, of what the supplier has."""
        self.filtered(
            lambda line: (
                line.state == "purchase"
                and line.move_ids
                and line.product_qty > line.qty_received
                and set(line.move_ids.mapped("state")) <= {*TRANSFER_OVER}
            )
        )._create_or_update_picking()

    def _inventory_source_is_lost(self):
        """Return whether these were to be ordered, but no order of them was taken or will leave."""
        self.ensure_one()
        lines = self.inventory_source_line_ids
        return (
            bool(lines)
            and not any(line._is_live() for line in lines)
            and not self.product_uom_id.is_zero(self.product_qty)
        )

    def _inventory_source_is_unasked(self):
        """Return whether no order asks for these, nor will: no vendor of ours sells it."""
        self.ensure_one()
        return (
            self.product_id.type == "consu"
            and not self.product_uom_id.is_zero(self.product_qty)
            and not self.inventory_source_line_ids
            and not self._inventory_source_offer()
        )

    def _inventory_source_enqueue(self):
        """Put what is bought here, or not any more, into the outbox; nothing of others' purchases.

        Not while a sale launches its procurements, or an answer is followed: they do so themselves.
        """
        if self._inventory_source_is_automatic():
            return
        # sudo: the purchaser may not see orders and sales.
        lines = self.sudo().filtered(lambda line: line.order_id._is_dropshipped())
        orders = self.env["inventory.source.order"]
        if sold := lines.sale_order_id.filtered(lambda sale: sale.state == "sale"):
            orders._enqueue(sold)
        bought = lines.filtered(lambda line: not line.sale_line_id).order_id
        if bought := bought.filtered(lambda purchase: purchase._inventory_source_leaves()):
            orders._enqueue(bought)

    @api.model
    def _inventory_source_alternative(self):
        """Return the condition that a `line` of a `purchase` waits for a purchaser's choice.

        He asks several vendors for the same pieces, and confirms one (Purchase Agreements). Until
        then what Odoo bought first is sent, or the last of them that is left.
        """
        purchases = self.env["purchase.order"]
        if "purchase_group_id" not in purchases._fields:
            return SQL("FALSE")
        purchases.flush_model(["purchase_group_id", "state"])
        self.flush_model(["order_id", "product_id", "product_qty", "sale_line_id"])
        return SQL(
            """
            (purchase.purchase_group_id IS NOT NULL AND purchase.state <> 'purchase' AND COALESCE((
             SELECT bool_or(twin.product_qty > 0 AND other.state = 'purchase')
                    OR bool_or(twin.product_qty > 0 AND other.state <> 'cancel')
                       AND bool_or(other.id < purchase.id)
               FROM purchase_order other
               JOIN purchase_order_line twin ON twin.order_id = other.id
              WHERE other.purchase_group_id = purchase.purchase_group_id
                AND other.id <> purchase.id AND twin.product_id = line.product_id
                AND twin.sale_line_id IS NOT DISTINCT FROM line.sale_line_id), FALSE))
            """
        )

    def _inventory_source_is_alternative(self):
        """Return whether a purchaser has yet to choose it among those he asked."""
        self.ensure_one()
        # On a form that is open it is the line that is stored.
        own, purchase = self._origin, self.order_id
        if not (own and "purchase_group_id" in purchase._fields and purchase.purchase_group_id):
            return False
        # Raw SQL: so that this is said once, here and where all that is bought is looked for.
        query = SQL(
            "SELECT %s FROM purchase_order_line line"
            " JOIN purchase_order purchase ON purchase.id = line.order_id WHERE line.id = %s",
            self._inventory_source_alternative(),
            own.id,
        )
        return self.env.execute_query(query)[0][0]

    def _inventory_source_is_beside(self):
        """Return whether it buys nothing of what its sale line still needs, though Odoo counts it.

        It came in exchange for what was returned, or is an alternative to what is bought.
        """
        self.ensure_one()
        return self.inventory_source_exchange or (
            self._inventory_source_is_alternative() and self._inventory_source_is_ours()
        )

    def _inventory_source_is_asked_for(self):
        """Return whether the sale it is bought for stands, or without one its purchase order."""
        self.ensure_one()
        if self.inventory_source_by_hand or self._inventory_source_is_alternative():
            return False
        if self.sale_line_id:
            return self.sale_order_id.state == "sale"
        return self.order_id._inventory_source_leaves()

    def _inventory_source_told(self):
        """Return those of which somebody was told that no supplier receives them."""
        return self.filtered(lambda line: line.inventory_source_unsent_reason not in NOT_UNSENT)

    def _inventory_source_unsent_text(self):
        """Return the reasons that were told of these in one sentence; False for none."""
        told = set(self.mapped("inventory_source_unsent_reason"))
        field = self._fields["inventory_source_unsent_reason"]
        reasons = [label for code, label in field._description_selection(self.env) if code in told]
        return bool(reasons) and self.env._(
            "No supplier will receive all or part of this: %(reasons)s.",
            reasons="; ".join(reasons),
        )

    def _inventory_source_settle_confirmed(self):
        """Take for ordered by hand what a purchaser confirms after it was told.

        Unless it can be sent by now: whoever put right what stood in the way wants that. Who was
        told that the sale is canceled was told to do something else.
        """
        told = self._inventory_source_told().filtered(is_stuck)
        told.filtered(
            lambda line: line.inventory_source_unsent_reason != "canceled"
        )._inventory_source_settle()

    def _inventory_source_settle(self):
        """Take these for ordered by hand: no order of them leaves, whenever it could."""
        if not self:
            return
        self.order_id._inventory_source_stop_claims()
        self.inventory_source_by_hand = True
        orders = self.inventory_source_line_ids.order_id
        orders.filtered(lambda order: order._follows())._drop_unwanted()
        for purchase, lines in self.grouped("order_id").items():
            purchase.message_post(
                body=self.env._(
                    "%(products)s counts as ordered of %(vendor)s by %(user)s, so it is not sent "
                    "through Inventory Source any more. To have it sent after all, cancel the "
                    "purchase order, set it to draft and confirm it again.",
                    products=", ".join(lines.product_id.mapped("display_name")),
                    vendor=purchase.partner_id.display_name,
                    user=self.env.user.name,
                )
            )

    def _inventory_source_address(self):
        """Return where the first goes: the drop-ship address of its purchase order."""
        # Not `self[:1]`: a slice forgets what is read together with it.
        for line in self:
            return line.order_id.dest_address_id or line.sale_order_id.partner_shipping_id
        return self.env["res.partner"]

    def _inventory_source_offer(self):
        """Return the supplier product this line is bought of, or none.

        That an order asks for already; else of the nearest company with a connection that counts
        and has the vendor.
        """
        self.ensure_one()
        vendor = self.order_id.partner_id
        held = self.inventory_source_line_ids.filtered(
            lambda line: (
                line._is_live()
                and line.product_id == self.product_id
                and line.supplier_product_id._is_bought_of(vendor)
            )
        )
        if held:
            return held[-1:].supplier_product_id
        offers = self.product_id.inventory_source_product_ids
        return offers._nearest_bought_of(vendor, self.company_id)

    def _inventory_source_accept(self, line, first=True):
        """Take over price and quantity of an answered line; what does not come leaves the order.

        What the supplier has stays on it, even when less is wanted by now: it will be billed.

        :param bool first: the price is taken over with the first answer, not with what is said of
            the quantity later
        """
        self.ensure_one()
        answered = line.state != "pending"
        lacking = line.quantity - line.accepted_quantity - line.taken_off if answered else 0
        line.taken_off += lacking
        per_piece = self._inventory_source_units_per_piece(line.supplier_product_id)
        taken = self.inventory_source_line_ids.filtered(lambda line: line.state == "accepted")
        lacking, taken = (
            self.product_id.uom_id._compute_quantity(
                pieces * per_piece, self.product_uom_id, round=False
            )
            for pieces in (lacking, taken._pieces())
        )
        left = max(self.product_qty - lacking, taken)
        if self.product_uom_id.compare(left, self.product_qty):
            if self.product_uom_id.compare(left, 0) <= 0 and self.state in ("draft", "sent"):
                self.unlink()
                return
            self.product_qty = left
        if line.cost and first:
            self._inventory_source_set_price(line, per_piece)

    def _inventory_source_set_price(self, line, per_piece):
        """Make the price what the supplier says it charges for one piece."""
        cost = line.currency_id._convert(
            line.cost,
            self.currency_id,
            self.company_id,
            self.order_id.date_order.date(),
            round=False,
        )
        price = self.product_id.uom_id._compute_price(cost / per_piece, self.product_uom_id)
        line._note_contained(line._purchase_price())
        if self.currency_id.compare_amounts(price, self.price_unit_discounted):
            self.write({"price_unit": price, "discount": 0})

    def _inventory_source_units_per_piece(self, offer):
        """Return how many of the product's unit one piece of the supplier is."""
        self.ensure_one()
        return units_per_piece(self.product_id, offer)

    def _inventory_source_lacking(self, offer, lines):
        """Return the pieces that are bought of it and that none of these order lines holds."""
        held = lines.filtered(lambda line: line._blocks_reorder(offer))
        # What was canceled there is still on it until its documents have followed: it is ordered
        # again when somebody says so, not with an edit before.
        canceled = sum(
            min(line.on_demand_quantity, max(line._changed_later(), 0)) for line in lines
        )
        return self._inventory_source_pieces(offer) - held._pieces() - canceled

    def _inventory_source_pieces(self, offer):
        """Return the ordered quantity in the supplier's pieces, not rounded to whole ones."""
        self.ensure_one()
        return float_round(
            self._inventory_source_units() / self._inventory_source_units_per_piece(offer),
            precision_digits=QUANTITY_DIGITS,
        )

    def _inventory_source_is_ours(self):
        return bool(self.product_id.inventory_source_product_ids)

    def _inventory_source_units(self):
        """Return the ordered quantity in the product's own unit."""
        self.ensure_one()
        return self.product_uom_id._compute_quantity(
            self.product_qty, self.product_id.uom_id, round=False
        )

    def _inventory_source_taken(self):
        """Return what the supplier took of this line in its unit; what was ordered of others."""
        self.ensure_one()
        taken = self.inventory_source_line_ids.filtered(lambda line: line.state == "accepted")
        if not taken:
            return self.product_qty
        return self.product_id.uom_id._compute_quantity(
            sum(line._charged_pieces() * line._units_per_piece() for line in taken),
            self.product_uom_id,
            round=False,
        )

    def _inventory_source_expected_price(self):
        """Return what one unit of this line should be billed at, in the order's currency."""
        self.ensure_one()
        if kind := self.inventory_source_charge:
            return self.order_id._inventory_source_charge(kind)
        answered = self.inventory_source_line_ids.filtered(
            lambda line: line.cost and line._charged_pieces()
        )
        if not answered:
            return self.price_unit_discounted
        pieces = sum(line._charged_pieces() for line in answered)
        per_piece = sum(line.cost * line._charged_pieces() for line in answered) / pieces
        price = answered.currency_id._convert(
            per_piece,
            self.currency_id,
            self.company_id,
            self.order_id.date_order.date(),
            round=False,
        )
        return self.product_id.uom_id._compute_price(
            price / answered[0]._units_per_piece(), self.product_uom_id
        )
