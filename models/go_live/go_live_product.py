from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ...tools import counterparts
from .go_live import CERTAIN, UNDECIDED

_DECIDABLE = (*UNDECIDED, counterparts.MISSING, "chosen", "left")


class GoLiveProduct(models.Model):
    """A product of the sandbox, and which supplier product of production takes its place.

    The product in Odoo stays the one it is, with all a person did to it. Which supplier product it
    was made from, what we wrote on it last, and the changes that wait go over to the other one. The
    sandbox's stays linked, as one that only would bring a vendor line: its orders are history.
    """

    _name = "inventory.source.go.live.product"
    _description = "Product That Goes Live"
    _inherit = "inventory.source.guard"
    _rec_name = "supplier_product_id"
    _check_company_auto = True

    go_live_id = fields.Many2one(
        "inventory.source.go.live", required=True, readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="go_live_id.company_id", store=True, index=True)
    production_id = fields.Many2one(related="go_live_id.production_id")
    supplier_product_id = fields.Many2one(
        "inventory.source.product",
        "In the Sandbox",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
    )
    sku = fields.Char(related="supplier_product_id.sku")
    upc = fields.Char(related="supplier_product_id.upc")
    supplier_id = fields.Many2one(related="supplier_product_id.supplier_id")
    product_id = fields.Many2one(related="supplier_product_id.product_id")
    counterpart_id = fields.Many2one(
        "inventory.source.product",
        "In Production",
        domain="[('connection_id', '=', production_id), ('discontinued_at', '=', False)]",
        ondelete="set null",
        index="btree_not_null",
        check_company=True,
    )
    new_upc = fields.Char("UPC in Production", related="counterpart_id.upc")
    how = fields.Selection(
        [
            (counterparts.SAME_SKU, "Same supplier and SKU"),
            (counterparts.SAME_UPC, "Same UPC"),
            ("chosen", "Chosen by hand"),
            (counterparts.OTHER_UPC, "Same SKU, but another UPC"),
            (counterparts.SEVERAL, "It may be several products"),
            (counterparts.CLAIMED, "Another product may be it, too"),
            (counterparts.TAKEN, "Is another product in Odoo already"),
            (counterparts.MISSING, "Not offered in production"),
            (counterparts.COVERED, "Another supplier offers it"),
            ("left", "Left out by you"),
        ],
        "Why",
        required=True,
        readonly=True,
        index=True,
    )
    ignores = fields.Boolean(readonly=True, help="Ignored in the sandbox, and then in production.")
    currency_id = fields.Many2one(related="supplier_product_id.currency_id")
    cost = fields.Monetary("Cost in the Sandbox", related="supplier_product_id.landed_cost")
    new_cost = fields.Monetary("Cost in Production", related="counterpart_id.landed_cost")
    cost_moved = fields.Float("Change (%)", readonly=True, aggregator="avg")
    state = fields.Selection(
        [("planned", "Planned"), ("done", "Re-linked"), ("refused", "Not possible")],
        default="planned",
        required=True,
        readonly=True,
    )
    reason = fields.Char(readonly=True)

    # What undoing it needs to know.
    maker_id = fields.Many2one(
        "inventory.source.product",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
        help="The supplier product of the sandbox that gave up what it had made.",
    )
    was_linked = fields.Boolean(readonly=True, help="Production had a vendor line on it before.")

    _supplier_product_uniq = models.Constraint(
        "UNIQUE(go_live_id, supplier_product_id)", "This product is in the list already."
    )
    _work_index = models.Index("(go_live_id, state, id)")

    @api.constrains("counterpart_id")
    def _check_counterpart_id(self):
        for line in self.filtered(lambda line: line.how == "chosen"):
            offer = line.counterpart_id
            if reason := line._refusal():
                raise ValidationError(reason)
            others = self.search_count(
                [
                    ("go_live_id", "=", line.go_live_id.id),
                    ("counterpart_id", "=", offer.id),
                    ("how", "in", CERTAIN),
                    ("id", "!=", line.id),
                ],
                limit=1,
            )
            if others:
                raise ValidationError(
                    self.env._(
                        "%(name)s takes the place of another product already.",
                        name=offer.display_name,
                    )
                )

    def write(self, vals):
        """Note that a person chose, or took a choice back."""
        if "counterpart_id" not in vals or self.env.su:
            return super().write(vals)
        self._check_may_decide()
        # sudo: what came of comparing is written by us only; who may choose was checked.
        self.sudo().how = "chosen" if vals["counterpart_id"] else "left"
        return super().write(vals)

    def _check_may_decide(self):
        self.check_access("write")
        if any(
            line.state == "done"
            or line.ignores
            or line.how not in _DECIDABLE
            or line.go_live_id.work
            for line in self
        ):
            raise UserError(self.env._("This was decided: it is certain, or re-linked already."))

    def action_leave_out(self):
        """Leave these without a supplier; what production offers of them is imported as new."""
        self._check_may_decide()
        # sudo: see `write`
        self.sudo().write({"how": "left", "counterpart_id": False})
        return True

    # --- giving a product over, and back ---

    def _refusal(self):
        """Return why a counterpart cannot take the place, or False."""
        self.ensure_one()
        old, new = self.supplier_product_id, self.counterpart_id
        if not new or new.connection_id != self.production_id or new.discontinued_at:
            return self.env._("It is not offered in production any more.")
        if new.product_id and new.product_id != old.product_id:
            return self.env._(
                "%(name)s is another product in Odoo: %(product)s. Unlink it there first.",
                name=new.display_name,
                product=new.product_id.display_name,
            )
        if not old.product_id and not self.ignores:
            return self.env._("Its product was deleted or unlinked.")
        return False

    def _note_refused(self, error):
        self.write({"state": "refused", "reason": str(error)})

    def _switch(self):
        """Put the counterparts in the place of the sandbox's supplier products."""
        ready = self.browse()
        for line in self:
            if reason := line._refusal():
                line._note_refused(reason)
            else:
                ready += line
        ignoring = ready.filtered("ignores")
        ignoring.counterpart_id.filtered(lambda offer: not offer.product_id).write(
            {"ignored": True, "pending": False}
        )
        (ready - ignoring)._hand_over()
        ready.write({"state": "done", "reason": False})

    def _hand_over(self):
        makers = self._makers()
        edits = (self.supplier_product_id | self.counterpart_id)._vendor_edits()
        for line in self:
            old, new, maker = line.supplier_product_id, line.counterpart_id, makers[line]
            line.write({"maker_id": maker.id, "was_linked": bool(new.product_id)})
            mine, theirs = (
                edits[offer] if offer.vendor_line_id else offer._kept_edits(old.product_id)
                for offer in (old, new)
            )
            new.write(
                {
                    "product_id": old.product_id.id,
                    "matched": not maker,
                    "match_reason": False if maker else old.match_reason,
                    "applied": maker.applied or False,
                    "as_new": old.as_new,
                    # What production's own vendor line says stays.
                    "vendor_edits": mine | theirs or False,
                    "to_match": False,
                    "ignored": False,
                    "ignored_by_category": False,
                    # Prices that move too far wait for a person, as after every pass.
                    "pending": True,
                }
            )
        gave = self.maker_id
        gave.write({"matched": True, "match_reason": self.env._("went live"), "applied": False})
        gave._forget_edits()
        new = self.counterpart_id
        new._resolve_import_problem("match")
        new._update_vendor_lines()
        self._move_changes(
            {line.maker_id or line.supplier_product_id: line.counterpart_id for line in self}
        )
        self._plan_pictures_anew()

    def _makers(self):
        """Return {line: the sandbox's supplier product whose product it is, or none}.

        That of the line itself; or of another supplier of the sandbox that production has not.
        """
        old = self.supplier_product_id
        made = old.search(
            [
                ("connection_id", "in", old.connection_id.ids),
                ("product_id", "in", old.product_id.ids),
                ("matched", "=", False),
            ]
        )
        own = self.search(
            [
                ("go_live_id", "in", self.go_live_id.ids),
                ("supplier_product_id", "in", made.ids),
                ("how", "in", CERTAIN),
                ("state", "!=", "refused"),
            ]
        ).supplier_product_id
        free = (made - own).grouped("product_id")
        makers = {}
        for line in self:
            offer = line.supplier_product_id
            if not offer.matched:
                makers[line] = offer
            else:
                makers[line] = free.pop(offer.product_id, made.browse())[:1]
        return makers

    def _move_changes(self, places):
        """Have what waits for a person, and what he held, wait where it belongs now.

        :param dict places: {supplier product: the one that takes its place}
        """
        changes = self.env["inventory.source.change"].search(
            [("supplier_product_id", "in", [each.id for pair in places.items() for each in pair])]
        )
        there = {(change.supplier_product_id, change.kind) for change in changes}
        for change in changes.filtered(lambda change: change.supplier_product_id in places):
            new = places[change.supplier_product_id]
            if (new, change.kind) in there:
                change.unlink()
            else:
                change.supplier_product_id = new

    def _plan_pictures_anew(self):
        """Have the pictures that stand there become the other one's."""
        offers = self.supplier_product_id | self.counterpart_id
        offers.pictures_hash = False

    def _take_back(self):
        """Give the products back to the sandbox's supplier products."""
        for line in self.filtered("ignores"):
            line.counterpart_id.ignored = False
        # One that is gone, or another product's, has nothing to give back; what the sandbox had
        # made then follows nobody.
        back = self.filtered(
            lambda line: (
                not line.ignores
                and line.counterpart_id.product_id
                and line.counterpart_id.product_id == line.product_id
            )
        )
        self._move_changes(
            {line.counterpart_id: line.maker_id or line.supplier_product_id for line in back}
        )
        back.counterpart_id._forget_edits()
        edits = back.counterpart_id._vendor_edits()
        (back.counterpart_id | back.supplier_product_id).vendor_line_id.unlink()
        for line in back:
            new, maker = line.counterpart_id, line.maker_id
            line.supplier_product_id.vendor_edits = edits[new] or False
            if maker:
                maker.write({"matched": False, "match_reason": False, "applied": new.applied})
            new.write(
                {
                    "product_id": line.product_id.id if line.was_linked else False,
                    "matched": line.was_linked,
                    "applied": False,
                    "as_new": False,
                    "pending": False,
                    "vendor_edits": False,
                }
            )
        back.supplier_product_id._update_vendor_lines()
        (back.maker_id | back.supplier_product_id).pending = True
        self._plan_pictures_anew()
        self.write({"state": "planned", "maker_id": False})
