from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ...tools import barcodes
from ...tools.barcodes import article_of, barcode_of, spellings

# What of a supplier product is found in Odoo too; `_candidates` says of those which it may be.
SKU_KNOWN = """%(offer)s.sku IN (
    SELECT product.default_code FROM product_product AS product
    JOIN product_template AS template ON template.id = product.product_tmpl_id
    WHERE product.active AND product.default_code IS NOT NULL
      AND (template.company_id IS NULL OR template.company_id IN %(companies)s))"""
UPC_KNOWN = """lpad(translate(%(offer)s.upc, ' -', ''), 14, '0') IN (
    SELECT lpad(barcode, 14, '0') FROM product_product WHERE length(barcode) <= 14
    UNION SELECT lpad(barcode, 14, '0') FROM product_uom WHERE length(barcode) <= 14)"""

# The same as `_candidates`, but for the check digit of the barcode, which is there to be judged.
FOUND = """
    WITH undecided AS (
        SELECT id, sku, translate(upc, ' -', '') AS code, supplier_id, company_id
        FROM inventory_source_product WHERE product_id IS NULL AND as_new IS NOT TRUE
    ), product AS (
        SELECT product.id, product.default_code, template.company_id,
            lpad(product.barcode, 14, '0') AS article, length(product.barcode) AS digits
        FROM product_product AS product
        JOIN product_template AS template ON template.id = product.product_tmpl_id
        WHERE product.active
    ), offer AS (
        SELECT product_id, supplier_id, company_id
        FROM inventory_source_product WHERE product_id IS NOT NULL
    )
    SELECT undecided.id, undecided.code FROM undecided
    JOIN product ON product.article = lpad(undecided.code, 14, '0')
        AND product.digits IN (8, 12, 13, 14)
        AND (product.company_id IS NULL OR product.company_id = undecided.company_id)
    WHERE NOT EXISTS (
        SELECT FROM offer WHERE offer.product_id = product.id AND (
            offer.supplier_id = undecided.supplier_id
            OR offer.company_id <> undecided.company_id))
    UNION ALL
    SELECT undecided.id, NULL FROM undecided
    JOIN product ON product.default_code = undecided.sku
        AND (product.company_id IS NULL OR product.company_id = undecided.company_id)
    WHERE NOT EXISTS (SELECT FROM offer WHERE offer.product_id = product.id)"""


class SupplierProduct(models.Model):
    """Supplier products find the product that is in Odoo already, by barcode and by SKU.

    A product that was there before stays as it is: it only gets a vendor line. Whoever unlinks it
    gets it back untouched.
    """

    _inherit = "inventory.source.product"

    matched = fields.Boolean(
        readonly=True, help="The product was in Odoo before; only its vendor line is ours."
    )
    match_reason = fields.Char("Matched By", readonly=True)
    to_match = fields.Boolean(
        readonly=True, help="Waits for a person to say which product of Odoo it is."
    )
    imported_at = fields.Datetime(
        "Imported On", readonly=True, copy=False, help="When it got its product in Odoo."
    )
    # The dashboard counts them: few, among all there are.
    _to_match_index = models.Index("(connection_id) WHERE to_match IS TRUE")
    # These too, which become more over the years: with all that the rule of companies asks.
    _discontinued_here_index = models.Index(
        "(connection_id, company_id) WHERE state = 'discontinued' AND product_id IS NOT NULL"
    )
    # Whether a change is of a product in Odoo: without reading the rows of all that are.
    _linked_index = models.Index("(id) WHERE product_id IS NOT NULL")
    as_new = fields.Boolean(
        readonly=True, help="A person said that it is none of the products in Odoo."
    )
    candidate_ids = fields.Many2many(
        "product.product", string="May Be", compute="_compute_candidates"
    )
    candidate_reason = fields.Text("Because", compute="_compute_candidates")
    in_odoo = fields.Boolean(
        "In Odoo Already",
        compute="_compute_candidates",
        search="_search_in_odoo",
        help="A product of Odoo has its barcode or SKU, and it is not linked to it.",
    )

    upc_refusal = fields.Char(
        "Why It Is No Barcode",
        compute="_compute_upc_refusal",
        help="Why the supplier's UPC cannot be the barcode of a product.",
    )

    match_plan = fields.Selection(
        [("link", "Linked"), ("ask", "Waits for you"), ("never", "Imported as new")],
        "On Import",
        compute="_compute_candidates",
        help="What the import does with what may be in Odoo already.",
    )

    def _compute_candidates(self):
        self.candidate_ids = self.candidate_reason = self.in_odoo = self.match_plan = False
        candidates = self._undecided()._candidates()
        certain = self._certain_matches(candidates)
        for offer, found in candidates.items():
            never = offer.connection_id.match_mode == "never"
            offer.match_plan = "never" if never else "link" if offer in certain else "ask"
            offer.in_odoo = True
            offer.candidate_ids = offer.candidate_ids.concat(*found)
            offer.candidate_reason = "\n".join(
                f"{product.display_name}: {reason}" for product, reason in found.items()
            )

    @api.depends("upc")
    @api.depends_context("lang")
    def _compute_upc_refusal(self):
        for offer in self:
            offer.upc_refusal = offer._upc_refusal_text(barcodes.refusal_of(offer.upc))

    def _upc_refusal_text(self, refusal):
        values = {"upc": self.upc}
        if refusal == barcodes.SHORTENED:
            return self.env._(
                "A spreadsheet shortened the UPC %(upc)s: its last digits are lost. Ask the "
                "supplier for the whole number.",
                **values,
            )
        if refusal == barcodes.LENGTH:
            return self.env._(
                "The UPC %(upc)s is not valid: a barcode has 8, 12, 13 or 14 digits.", **values
            )
        if refusal == barcodes.FORMAT:
            return self.env._(
                "The UPC %(upc)s is not valid: there is more than digits in it.", **values
            )
        if refusal == barcodes.CHECK_DIGIT:
            return self.env._(
                "The UPC %(upc)s is not valid: its check digit does not fit, so one of its digits "
                "is wrong.",
                **values,
            )
        return refusal and self.env._("The UPC is nothing but zeros.")

    def _search_in_odoo(self, operator, value):
        if operator != "in":
            return NotImplemented
        self.env.flush_all()
        # Raw SQL, reading only: `_candidates` takes seconds where thousands share their SKUs.
        found = self.env.execute_query(SQL(FOUND))
        known = [
            supplier_product_id
            for supplier_product_id, code in found
            if code is None or barcode_of(code)
        ]
        return Domain("id", "in", known)

    def _undecided(self):
        """Return those of which nobody said yet which product of Odoo they are, or that none."""
        return self.filtered(lambda offer: not offer.product_id and not offer.as_new)

    def _candidates(self):
        """Return {record: {product: reason}} of the products in Odoo each may be.

        Another product of the same supplier is none: then one of the UPCs or SKUs is wrong. By SKU
        only products no supplier offers count: suppliers use the same SKUs for different things.
        """
        codes = {offer: barcode_of(offer.upc) for offer in self}
        Product = self.env["product.product"].with_context(active_test=True)
        known = Product.search(
            [
                "|",
                ("barcode", "in", [same for code in codes.values() for same in spellings(code)]),
                ("default_code", "in", self.mapped("sku")),
                ("company_id", "in", (False, *self.company_id.ids)),
            ]
        )
        by_code, by_sku = defaultdict(list), defaultdict(list)
        for product in known:
            by_code[article_of(product.barcode)].append(product)
            by_sku[product.default_code].append(product)
        offers = defaultdict(self.browse)
        # sudo: another company's offers count too; its products are not ours to share.
        for offer in self.sudo().search([("product_id", "in", known.ids)]):
            offers[offer.product_id] += offer
        found = defaultdict(dict)
        for offer, code in codes.items():
            for product in by_code[article_of(code)] if code else ():
                if self._may_be(offer, product) and self._may_share(offer, offers[product]):
                    found[offer][product] = self.env._("same barcode %(code)s", code=code)
            for product in by_sku[offer.sku]:
                if self._may_be(offer, product) and not offers[product]:
                    reason = self.env._("same SKU %(sku)s", sku=offer.sku)
                    known_reason = found[offer].get(product)
                    found[offer][product] = f"{known_reason}, {reason}" if known_reason else reason
        return {offer: products for offer, products in found.items() if products}

    @staticmethod
    def _may_be(offer, product):
        return not product.company_id or product.company_id == offer.company_id

    @staticmethod
    def _may_share(offer, offers):
        return offer.supplier_id not in offers.supplier_id and offers.company_id <= offer.company_id

    def _link_matches(self):
        """Link those whose barcode says which product they are; return those to be made.

        What only the SKU says, or what may be several products, waits for a person.
        """
        if not self:
            return self
        never = self.connection_id.match_mode == "never"
        found, certain = ({}, {}) if never else self._decide_matches()
        for offer, product in certain.items():
            offer._link_existing(product, found[offer][product])
        joined = self.browse().concat(*certain)
        waiting = self.browse().concat(*found) - joined
        joined._makers()._update_money()
        waiting.to_match = True
        waiting._note_import_problem(
            "match",
            lambda offer: self.env._(
                "Not imported: it may be %(names)s. Open it and link it, or import it as new.",
                names=", ".join(product.display_name for product in found[offer]),
            ),
        )
        # Of these somebody was asked, while that was so.
        settled = (self - waiting).filtered("to_match")
        settled.to_match = False
        settled._resolve_import_problem("match")
        return self - joined - waiting

    def _decide_matches(self, taken=None):
        """Return what the import does with those that may be in Odoo already; nothing is written.

        A product is one of each supplier: the next one that has its barcode is another.

        :param set taken: (supplier, product) of those before these; what is linked is added
        :return: the `_candidates` that are left, and {record: product} of those that are linked;
            about the others a person is asked
        """
        taken = set() if taken is None else taken
        found, certain = self._undecided()._candidates(), {}
        for offer, product in self._certain_matches(found).items():
            if (offer.supplier_id, product) not in taken:
                certain[offer] = product
                taken.add((offer.supplier_id, product))
        left = {
            offer: {
                product: reason
                for product, reason in candidates.items()
                if certain.get(offer) == product or (offer.supplier_id, product) not in taken
            }
            for offer, candidates in found.items()
        }
        return {offer: candidates for offer, candidates in left.items() if candidates}, certain

    def _certain_matches(self, found):
        """Return {record: product} of the `_candidates` that are linked without asking anybody.

        Where people want to be asked, only those join that other suppliers offer already.
        """
        sure = {}
        for offer, candidates in found.items():
            product = next(iter(candidates))
            code = article_of(barcode_of(offer.upc))
            if len(candidates) == 1 and code and article_of(product.barcode) == code:
                sure[offer] = product
        ids = [product.id for product in sure.values()]
        shared = self.search([("product_id", "in", ids)]).product_id
        return {
            offer: product
            for offer, product in sure.items()
            if offer.connection_id.match_mode == "link" or product in shared
        }

    def _link_existing(self, product, reason):
        """Make a product that is in Odoo already this one's; it only gets a vendor line."""
        self.ensure_one()
        self.write(
            {
                "product_id": product.id,
                "imported_at": fields.Datetime.now(),
                "matched": True,
                "match_reason": reason,
                "to_match": False,
                "ignored": False,
            }
        )
        self._update_vendor_lines()
        # Another supplier's product may have been withdrawn for want of this offer.
        self._update_presence()
        self._resolve_import_problem("match")

    # --- the barcodes of products that are made ---

    def _free_barcodes(self):
        """Return {record: barcode} of those whose UPC is valid and nobody's; the rest is noted."""
        codes, free, used = self._sort_barcodes()
        invalid = self.browse([offer.id for offer, code in codes.items() if not code])
        invalid._note_import_problem(
            "barcode",
            lambda offer: self.env._(
                "%(reason)s The barcode was left empty.", reason=offer.upc_refusal
            ),
        )
        self.browse([offer.id for offer in used])._note_import_problem(
            "barcode",
            lambda offer: self.env._(
                "The UPC is the barcode of %(other)s already; it was left empty here.",
                other=used[offer],
            ),
        )
        return free

    def _sort_barcodes(self):
        """Return {record: barcode or ""} of all UPCs, of those free, and {record: who has it}."""
        codes = {offer: barcode_of(offer.upc) for offer in self if offer.upc}
        wanted = [same for code in codes.values() for same in spellings(code)]
        everyone = self.env["product.product"].sudo().with_context(active_test=False)
        taken = {
            article_of(product.barcode): product.display_name
            for product in everyone.search([("barcode", "in", wanted)])
        }
        # sudo: packagings may belong to companies this connection does not see.
        packagings = self.env["product.uom"].sudo().search([("barcode", "in", wanted)])
        taken |= {article_of(each.barcode): each.display_name for each in packagings}
        free, used = {}, {}
        for offer, code in codes.items():
            article = article_of(code)
            if code and article not in taken:
                free[offer] = code
                taken[article] = offer.display_name
            elif code:
                used[offer] = taken[article]
        return codes, free, used

    # --- buttons ---

    def action_import_as_new(self):
        """Import products as new ones, whatever is in Odoo that they may be."""
        self._check_may_decide()
        # sudo: supplier products are written by us only; who may decide was checked.
        decided = self.sudo()
        decided.write({"as_new": True, "to_match": False})
        decided._resolve_import_problem("match")
        return self.action_import()

    def _check_may_link(self):
        self._check_may_decide()
        if len(self) != 1 or self.product_id:
            raise UserError(self.env._("Choose one supplier product that is not linked yet."))

    def action_link(self):
        """Ask which product of Odoo this is."""
        self._check_may_link()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Link to an Existing Product"),
            "res_model": "inventory.source.match",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_supplier_product_id": self.id,
                "default_product_id": self.candidate_ids[:1].id,
            },
        }

    def action_unlink(self):
        """Give the product in Odoo back: without our vendor line, and on sale as it was before."""
        self._check_may_decide()
        # sudo: see action_import_as_new
        linked = self.sudo().filtered("product_id")
        if not linked:
            raise UserError(self.env._("This is linked to no product."))
        products = linked.product_id
        others = self.sudo().search(
            [("product_id", "in", products.ids), ("id", "not in", linked.ids)]
        )
        linked._forget_product()
        others._update_presence()
        linked._restore(products)
        return self.connection_id[:1]._notify(
            self.env._(
                "Unlinked: %(count)s. The products stay in Odoo, without this supplier's vendor "
                "line.",
                count=len(linked),
            ),
            "success",
        )
