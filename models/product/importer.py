import logging

import psycopg2

from odoo import fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tools import SQL, split_every

from ...tools.barcodes import article_of, barcode_of
from ...tools.safe_html import readable, safe_html
from ...tools.safe_text import display_name, plain_text
from ..catalog.lane import BATCH
from ..sync.problem import RETRIED
from ..sync.record_mixin import MANAGER
from ..sync.transaction import halve

# More than this and the lane imports, in slices; a person does not wait for it.
IMPORT_AT_ONCE = 200
# What Odoo would do per product and nobody reads after an import: chatter, mails, followers; and
# the revaluation of stock that a product which was just created cannot have.
FLAGS = {
    "tracking_disable": True,
    "mail_notrack": True,
    "mail_create_nolog": True,
    "mail_create_nosubscribe": True,
    "disable_auto_revaluation": True,
    # So that we are not taken for a person who edits (`field_sync.py`).
    "inventory_source_follows": True,
}

# Computed before a template is saved, from its type alone.
WORKED_OUT = ("invoice_policy", "purchase_method", "service_type")

_logger = logging.getLogger(__name__)


class SupplierProduct(models.Model):
    """Supplier products become products of Odoo, in batches.

    How and why: docs/decisions/0016-products-are-made-in-batches.md.
    """

    _inherit = "inventory.source.product"

    def _import(self):
        """Make the Odoo products of those that have none; return how many were made.

        The caller's company is the connection's. What cannot be made becomes a problem.
        """
        # No language: what the supplier sends is what a person may translate, whoever imports it.
        wanted = self.with_context(lang=None)
        made, refused = wanted._each("import", type(wanted)._import_together)
        refused.pending = False
        return sum(made)

    def _import_together(self):
        """Make the Odoo products of these; whatever one of them meets, all of it is undone."""
        offers = self._lock_unlinked()._set_aside_same_sku()._set_aside_unconfirmed()
        offers = offers._link_matches()._set_aside_free()
        first = offers and not self.search(
            [("connection_id", "=", offers.connection_id.id), ("product_id", "!=", False)], limit=1
        )
        made = 0
        later = self.browse().concat(*offers._later_offers())
        for batch in split_every(BATCH, (offers - later).ids, offers.browse):
            alone = batch._import_families()
            alone._each("import", type(alone)._create_alone)
            batch.pending = False
            self.env.flush_all()
            made += len(batch.filtered("product_id"))
            if first:
                self._analyze()
                first = False
        (self - offers).pending = False
        self._close_mended()
        made += later._import() if later else 0
        if self.connection_id._sold_out_field():
            # Some are sold out already, or the shop is to sell what is there.
            self._made()._update_for_sale()
        return made

    def _later_offers(self, first=None):
        """Return {record: the first one} of those that another supplier's is too, by its UPC.

        :param dict first: {article: the first one} of those before these; is added to
        """
        first, later = {} if first is None else first, {}
        for offer in self:
            code = article_of(barcode_of(offer.upc))
            if code and first.setdefault(code, offer).supplier_id != offer.supplier_id:
                later[offer] = first[code]
        return later

    def _lock_unlinked(self):
        """Return those without a product, locked, so that no two workers import the same one."""
        self.flush_recordset(["product_id"])
        # Raw SQL: `lock_for_update` fails where this has to wait for the other worker.
        rows = self.env.execute_query(
            SQL(
                "SELECT id FROM inventory_source_product WHERE id = ANY(%s) AND product_id IS NULL"
                " AND discontinued_at IS NULL ORDER BY id FOR NO KEY UPDATE",
                self.ids,
            )
        )
        return self.browse([row[0] for row in rows])

    def _set_aside_same_sku(self):
        """Return those whose SKU is theirs alone at their supplier; an order names only the SKU."""
        owners = self._owners_of_same_sku()
        ambiguous = self.browse().concat(*owners)
        ambiguous._note_import_problem(
            "same sku",
            lambda offer: self.env._(
                "Not imported: %(other)s of the same supplier has this SKU too, and an order could "
                "not tell them apart. Ask the supplier which one is right.",
                other=owners[offer].title,
            ),
        )
        return self - ambiguous

    def _owners_of_same_sku(self):
        """Return {record: another one of its supplier that has its SKU, and goes first}."""
        twins = self.search(
            [
                ("supplier_id", "in", self.supplier_id.ids),
                ("sku", "in", self.mapped("sku")),
                ("discontinued_at", "=", False),
            ]
        )
        owners = {}
        for offer in twins.sorted(lambda twin: (not twin.product_id, twin.id)):
            owners.setdefault((offer.supplier_id, offer.sku), offer)
        return {
            offer: owner
            for offer in self
            if (owner := owners[offer.supplier_id, offer.sku]) != offer
        }

    # --- products of their own ---

    def _create_alone(self):
        """Create one template with one variant each, through the variant (`_inherits`)."""
        Product = self._importing("product.product")
        connection, shared, own = self.connection_id, self._prepare_shared(), self._prepare_own()
        defaults = self._prepare_defaults(Product, shared)
        # First: a rule may be of a category that is found, or made, now.
        categories = self._prepare_categories()
        prices, compared = connection._planned_prices(self), connection._compare_prices(self)
        products = Product.create(
            [
                {
                    **defaults,
                    **shared,
                    **self._prepare_described(offer),
                    **categories[offer],
                    **own[offer],
                    "list_price": prices[offer],
                    **self._prepare_compared(compared, offer),
                }
                for offer in self
            ]
        )
        self._link(products)
        self._update_attributes()

    def _importing(self, model):
        return self.env[model].with_context(**FLAGS, inventory_source_just_created=True)

    def _prepare_defaults(self, model, shared):
        """Return the default values of products once, not per product: some cost queries.

        And what Odoo would work out for one product after the other, of what all of them share.
        """
        sample = self.env["product.template"].new(shared)
        worked_out = {name: sample[name] for name in WORKED_OUT}
        # A default of the settings goes before what Odoo would work out.
        return worked_out | model._add_missing_default_values({})

    def _prepare_shared(self):
        """Return the template values all products of a connection share."""
        field = self.connection_id._sold_out_field()
        return {
            # Whatever Odoo's default is: what a supplier has can be ordered.
            **({field: True} if field else {}),
            "type": "consu",
            "is_storable": True,
            "sale_ok": True,
            "purchase_ok": True,
            "route_ids": [Command.set(self.env.ref("stock_dropshipping.route_drop_shipping").ids)],
        }

    def _prepare_described(self, offer, members=None):
        """Return the template values that describe one product, or a family by its first member.

        Only a family has the family's name: what stands alone, whatever its options, has its own.
        """
        known = offer.product_id
        family = known.product_template_attribute_value_ids if known else members
        # The shop's own field where it is installed; else the one every product has.
        shop = "description_ecommerce" in self.env["product.template"]._fields
        return {
            "description_ecommerce" if shop else "description": (
                safe_html(offer.description) + (members or offer)._attributes_table()
            ),
            "name": display_name((family and offer.parent_title) or offer.title),
            "description_sale": plain_text(offer.short_description),
        }

    def _prepare_own(self):
        """Return what a variant has for itself: {record: values}. Barcodes only where free."""
        barcodes, factor = self._free_barcodes(), self.connection_id._weight_factor()
        return {
            offer: {
                "default_code": offer.sku,
                "barcode": barcodes.get(offer, False),
                "weight": offer.weight * factor,
            }
            for offer in self
        }

    def _link(self, products):
        """Join each record with its product, and give the product its vendor and its cost."""
        for offer, product in zip(self, products, strict=True):
            offer.write({"product_id": product.id, "imported_at": fields.Datetime.now()})
        self._counting()._create_vendor_lines()
        costs = self._costs()
        for offer in self:
            product = offer.product_id.with_context(**FLAGS)
            product.standard_price = costs[offer]
        self._remember()

    def _create_vendor_lines(self):
        Line = self._importing("product.supplierinfo")
        defaults = Line._add_missing_default_values({})
        lines = Line.create([defaults | self._prepare_vendor_line(offer) for offer in self])
        for offer, line in zip(self, lines, strict=True):
            offer.vendor_line_id = line

    def _prepare_vendor_line(self, offer):
        product = offer.product_id
        return {
            "partner_id": offer.supplier_id._vendor().id,
            "product_tmpl_id": product.product_tmpl_id.id,
            "product_id": product.id,
            "product_uom_id": product.uom_id.id,
            "company_id": offer.company_id.id,
            "delay": offer.supplier_id.lead_days,
            **self._prepare_vendor_facts(offer),
        }

    def _prepare_vendor_facts(self, offer):
        return {
            "price": offer.cost,
            "currency_id": offer.currency_id.id,
            "product_code": offer.sku,
            "product_name": display_name(offer.title),
        }

    def _costs(self):
        """Return the landed costs in the company's currency, rounded as Odoo shows prices."""
        factors = {connection: connection._cost_factor() for connection in self.connection_id}
        digits = self.env["decimal.precision"].precision_get("Product Price")
        return {
            offer: round(offer.landed_cost * factors[offer.connection_id], digits) for offer in self
        }

    def _analyze(self):
        # Raw SQL: after the first thousand products PostgreSQL still plans for empty tables; its
        # own analysis comes a minute late (610 against 770 products a second).
        self.env.cr.execute("ANALYZE product_template, product_product, product_supplierinfo")

    # --- what a person does with supplier products: have them imported, leave them out ---

    def action_import(self):
        """Make Odoo products of the selected ones: few at once, many by the catalog's lane."""
        self._check_may_decide()
        # sudo: supplier products are written by us only; who may decide was checked.
        wanted = self.sudo()._whole_families()
        wanted = wanted.filtered(lambda offer: offer.state in ("new", "ignored"))
        if not wanted:
            raise UserError(self.env._("Nothing to import: choose products that are new."))
        wanted.write({"ignored": False, "pending": True})
        if len(wanted) <= IMPORT_AT_ONCE:
            for connection, products in wanted.grouped("connection_id").items():
                products.with_company(connection.company_id)._import()
        else:
            works = self.env["inventory.source.work"]
            for connection, products in wanted.grouped("connection_id").items():
                works._wait_for(connection, "import", products.catalog_id)
                connection._trigger_lane("catalog")
        return wanted.connection_id[:1]._notify(wanted._import_summary())

    def _import_summary(self):
        """Return the sentence that says what became of these, which a person had imported."""
        done = self.filtered("product_id")
        if self == done:
            return self.env._("Imported: %(count)s.", count=len(done))
        if len(self) > IMPORT_AT_ONCE:
            reasons = [
                each._uncounted_reason() or each._blocked_reason("catalog")
                for each in self.connection_id
            ]
            if reason := next(filter(None, reasons), None):
                return self.env._(
                    "Imported once the connection works again: %(count)s. %(reason)s",
                    count=len(self),
                    reason=reason,
                )
            return self.env._(
                "Being imported in the background: %(count)s.", count=len(self)
            ) + self.env["inventory.source.work"]._announced(self.connection_id, "import")
        return self.env._(
            "Imported: %(count)s. Not imported: %(left)s; the reasons are under Reporting / "
            "Problems.",
            count=len(done),
            left=len(self - done),
        )

    def _announce_update(self):
        """Tell the person who saved what these follow how many they are, and how long they take.

        Nothing where it is nobody's decision, or done at once.
        """
        person = self.env.user
        if person._is_superuser() or len(self) <= IMPORT_AT_ONCE:
            return
        works = self.env["inventory.source.work"]
        works._wait_for(self.connection_id, "update", self.catalog_id)
        message = self.env._("Being updated in the background: %(count)s.", count=len(self))
        message += works._announced(self.connection_id, "update")
        # A form that is saved shows nothing a server returns.
        person._bus_send("simple_notification", {"type": "info", "message": message})

    def action_ignore(self):
        """Leave the selected ones out of every import."""
        self._check_may_decide()
        # sudo: see action_import
        unlinked = self.sudo()._whole_families().filtered(lambda offer: not offer.product_id)
        if not unlinked:
            raise UserError(self.env._("Nothing to ignore: these are imported. Unlink them first."))
        unlinked.write({"ignored": True, "pending": False})
        return unlinked.connection_id[:1]._notify(
            self.env._(
                "Ignored: %(count)s. They are left out of every import until you press Import.",
                count=len(unlinked),
            )
        )

    def action_view_product(self):
        """Open the product in Odoo."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "product.product",
            "res_id": self.product_id.id,
            "view_mode": "form",
        }

    def _check_may_decide(self):
        self.check_access("read")
        if not self.env.user.has_group(MANAGER):
            raise AccessError(self.env._("Only Inventory Source managers decide what is imported."))

    # What cannot be made of a supplier product in Odoo is named and stops none of the others.

    def _each(self, code, work):
        """Run `work(records)`; where it fails, find the record that makes it fail and name it.

        :return: what `work` returned, of each part that went well, and the records that were named
        """
        named = []

        def refuse(offer, error):
            named.append(offer.id)
            offer._note_refused(code, error)

        return halve(self.env, self, work, refuse), self.browse(named)

    def _update_now(self):
        """Bring these up to date; return those that Odoo refused, which wait no more."""
        _done, refused = self._each("update", type(self)._update_products)
        refused.pending = False
        return refused

    def _notify_refused(self):
        """Notify a person of those that `_update_now` returned; return True when there are none."""
        return not self or self.connection_id[:1]._notify(
            self.env._(
                "Not updated: %(count)s; the reasons are under Reporting / Problems.",
                count=len(self),
            )
        )

    def _note_refused(self, code, error):
        """Name what a record met: what Odoo or its database refuse, or what nobody foresaw."""
        if isinstance(error, UserError | psycopg2.Error):
            message = self.env._("Odoo refused the product: %(reason)s", reason=str(error))
        else:
            _logger.error("Product %s of the supplier catalog", self.id, exc_info=error)
            message = self.env._(
                "Odoo failed at the product (%(reason)s). The log says more.",
                reason=f"{type(error).__name__}: {error}"[:200],
            )
        # The reason may quote what made it fail.
        self._note_import_problem(code, lambda _offer: readable(message))

    def _set_aside_unconfirmed(self):
        """Return those whose cost is known; what is imported gets its first price from it."""
        unconfirmed = self.filtered("cost_unconfirmed")
        # Noted when it was read; here for who has put that away since.
        for offer in unconfirmed:
            problem = self._unread_problem(offer.external_id, offer.unread)
            self.env["inventory.source.problem"]._note(offer.connection_id, "product", [problem])
        return self - unconfirmed

    def _set_aside_free(self):
        """Return those that would cost something; nobody means to sell the others for nothing."""
        free = self._free_of(self.connection_id)
        free._note_import_problem(
            "price",
            lambda _offer: self.env._(
                "Not imported: the supplier names neither a cost nor a least price, so it would be "
                "sold for nothing. Ask the supplier, or link it to a product with a price of your "
                "own."
            ),
        )
        return self - free

    def _free_of(self, means):
        """Return those that would cost nothing.

        :param means: the connection whose values make prices
        """
        costless = self.filtered(lambda offer: offer.landed_cost <= 0)
        prices = means._planned_prices(costless) if costless else {}
        return costless.filtered(lambda offer: prices[offer] <= 0)

    def _note_free(self):
        """Note those in Odoo that would be sold for nothing now; they keep their price."""
        self._note_import_problem(
            "price",
            lambda _offer: self.env._(
                "The supplier names neither a cost nor a least price any more, so it would be sold "
                "for nothing. Its price was left as it is: ask the supplier."
            ),
        )

    def _close_mended(self):
        """Close what was noted of these when they were imported or updated, and is so no more."""
        problems = self.env["inventory.source.problem"].search(
            [
                ("connection_id", "in", self.connection_id.ids),
                ("kind", "=", "product"),
                ("reference", "in", self.mapped("external_id")),
                ("code", "in", (*RETRIED, "barcode")),
                ("resolved_at", "=", False),
            ]
        )
        if not problems:
            return
        offers = {(one.connection_id, one.external_id): one for one in self}
        problems.filtered(
            lambda problem: offers[problem.connection_id, problem.reference]._is_mended(
                problem.code
            )
        ).action_resolve()

    def _is_mended(self, code):
        if code == "barcode":
            return not self.upc or self.product_id.barcode == barcode_of(self.upc)
        if code == "price" and self.product_id and not self.matched:
            return bool(self.discontinued_at or not self._free_of(self.connection_id))
        # Nobody wants to import what is gone.
        return bool(self.product_id or self.discontinued_at)

    def _retry(self):
        """Import these or bring them up to date once more."""
        # sudo: whoever sees a problem may ask for another try of what was wanted before.
        self.sudo().filtered(lambda offer: offer.state in ("new", "linked")).pending = True
