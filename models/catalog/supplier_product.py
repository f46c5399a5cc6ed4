from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ...tools.barcodes import stored_upc
from ...tools.pricing import available, landed_cost

# As `_compute_seen_at` has it, in SQL: of an `offer` that is joined with its `catalog`.
SEEN_AT = """GREATEST(offer.reported_at, CASE
    WHEN offer.reported_at IS NOT NULL AND offer.unconfirmed IS NOT TRUE
        AND offer.discontinued_at IS NULL
    THEN catalog.confirmed_at END)"""

# How the key of a family begins that is known by a SKU only: no remote ID has a blank.
SKU_FAMILY = "SKU "

# Facts that stand on the product in Odoo too: when one changes, the product is brought up to date.
# Quantity is not among them: it lives in the supplier catalog, so the most frequent change writes
# no product.
PRODUCT_FACTS = (
    "sku", "upc", "title", "description", "short_description", "weight", "supplier_id",
    "cost", "dropship_fee", "surcharge_fee", "shipping_cost", "map", "msrp", "images",
    "brand", "category", "subcategory", "attributes", "options", "parent_title",
    "cost_unconfirmed",
)  # fmt: skip
FACTS = PRODUCT_FACTS + (
    "catalog_id", "mpn", "asin", "isbn", "landed_cost", "quantity", "available", "length", "width",
    "height", "parent_external_id", "marketplaces", "firearm", "stock_untold", "unread",
    "content_hash", "reported_at", "unconfirmed",
)  # fmt: skip
# Written for new products only.
FIRST = (
    "connection_id", "company_id", "external_id", "ignored", "pending", "state",
    "create_uid", "create_date",
)  # fmt: skip
LATER = ("discontinued_at", "write_uid", "write_date")


class SupplierProduct(models.Model):
    """A product as a supplier offers it, last seen: all together are the supplier catalog.

    Facts are as the service sent them: money in the connection's currency, weight in lb, lengths
    in inches. They are written by `_apply_rows` only.
    """

    _name = "inventory.source.product"
    _description = "Inventory Source Product"
    _order = "id"
    _rec_name = "title"
    _rec_names_search = ["title", "sku", "upc"]
    _check_company_auto = True

    connection_id = fields.Many2one(
        "inventory.source.connection", required=True, ondelete="cascade", readonly=True
    )
    company_id = fields.Many2one(related="connection_id.company_id", store=True)
    is_counted = fields.Boolean(related="connection_id.is_counted")
    currency_id = fields.Many2one(related="connection_id.currency_id")
    catalog_id = fields.Many2one(
        "inventory.source.catalog",
        required=True,
        ondelete="cascade",
        readonly=True,
    )
    supplier_id = fields.Many2one(
        "inventory.source.supplier", required=True, ondelete="restrict", readonly=True
    )
    external_id = fields.Char("Inventory Source ID", required=True, readonly=True)

    # --- facts ---
    sku = fields.Char("SKU", required=True, readonly=True)
    upc = fields.Char(
        "UPC",
        index="btree_not_null",
        readonly=True,
        help="Its digits, however they were written; as it came where it is no barcode.",
    )
    mpn = fields.Char("MPN", readonly=True)
    asin = fields.Char("ASIN", readonly=True, help="Amazon's number of the product.")
    isbn = fields.Char("ISBN", readonly=True)
    brand = fields.Char(readonly=True)
    title = fields.Char(required=True, index="trigram", readonly=True)
    description = fields.Text(readonly=True)
    short_description = fields.Text(readonly=True)
    category = fields.Char(readonly=True)
    subcategory = fields.Char(readonly=True)
    cost = fields.Monetary(readonly=True, aggregator="avg")
    dropship_fee = fields.Monetary("Drop-ship Fee", readonly=True, aggregator="avg")
    surcharge_fee = fields.Monetary("Surcharge", readonly=True, aggregator="avg")
    shipping_cost = fields.Monetary(readonly=True, aggregator="avg")
    landed_cost = fields.Monetary(
        compute="_compute_landed_cost",
        store=True,
        aggregator="avg",
        help="Cost, drop-ship fee, surcharge and shipping together.",
    )
    map = fields.Monetary(
        "MAP", readonly=True, aggregator="avg", help="The lowest price that may be advertised."
    )
    msrp = fields.Monetary("MSRP", readonly=True, aggregator="avg", help="The list price.")
    quantity = fields.Integer(
        readonly=True, help="None also where the supplier does not report it."
    )
    available = fields.Integer(
        compute="_compute_available",
        store=True,
        help="The supplier's quantity less the safety buffer.",
    )
    weight = fields.Float("Weight (lb)", readonly=True, aggregator=None)
    length = fields.Float("Length (in)", readonly=True, aggregator=None)
    width = fields.Float("Width (in)", readonly=True, aggregator=None)
    height = fields.Float("Height (in)", readonly=True, aggregator=None)
    parent_external_id = fields.Char(
        "Family", readonly=True, help="The remote ID of the family; its SKU where that is all."
    )
    parent_title = fields.Char("Family Name", readonly=True)
    options = fields.Json(readonly=True, help="What makes this one variant: [[name, value], …].")
    attributes = fields.Json(readonly=True, help="Specifications: [[name, value], …].")
    images = fields.Json(readonly=True, help="Addresses of pictures; not checked.")
    marketplaces = fields.Json(readonly=True, help="Where it may be sold.")
    firearm = fields.Boolean(readonly=True)

    # --- what we know about the facts ---
    unread = fields.Json(
        readonly=True, help="What came and cannot be read: [[field, why, as it came], …]."
    )
    unread_text = fields.Text("Not Read", compute="_compute_unread_text")
    cost_unconfirmed = fields.Boolean(
        "Cost Not Confirmed",
        readonly=True,
        help="The cost that came cannot be read; the last one known is kept, and not used for "
        "prices.",
    )
    stock_untold = fields.Boolean(
        "Stock not reported", readonly=True, help="No stock that can be read came; none counts."
    )
    content_hash = fields.Char(readonly=True)
    reported_at = fields.Datetime(
        readonly=True, help="When the service reported these facts first."
    )
    unconfirmed = fields.Boolean(
        readonly=True,
        help="The last update could not confirm the facts: unreadable, or not listed.",
    )
    seen_at = fields.Datetime(
        "As Of",
        compute="_compute_seen_at",
        help="When the service last reported or confirmed these facts; not earlier than shown.",
    )
    discontinued_at = fields.Datetime("Discontinued", readonly=True)

    # --- what became of it here ---
    ignored = fields.Boolean(readonly=True)
    product_id = fields.Many2one(
        "product.product",
        "Odoo Product",
        ondelete="set null",
        index="btree_not_null",
        readonly=True,
        copy=False,
    )
    vendor_line_id = fields.Many2one(
        "product.supplierinfo",
        ondelete="set null",
        # Thousands go at once with a connection.
        index="btree_not_null",
        readonly=True,
        copy=False,
    )
    state = fields.Selection(
        [
            ("new", "New"),
            ("linked", "Imported"),
            ("ignored", "Ignored"),
            ("discontinued", "Discontinued"),
        ],
        compute="_compute_state",
        store=True,
    )
    pending = fields.Boolean(
        readonly=True, help="Waits to be imported, or its product in Odoo to be brought up to date."
    )
    restricted = fields.Boolean(
        compute="_compute_restricted",
        search="_search_restricted",
        help="A firearm, or a product no marketplace may carry.",
    )

    _external_id_uniq = models.Constraint(
        "UNIQUE(connection_id, external_id)", "This product is already in the supplier catalog."
    )
    _family_index = models.Index(
        "(supplier_id, parent_external_id) WHERE parent_external_id IS NOT NULL"
    )
    # As Odoo asks for it: PostgreSQL 15 does not see that what IS TRUE is in an index WHERE it is.
    _edited_index = models.Index("(product_id) WHERE edited IS TRUE")
    _pending_index = models.Index("(connection_id, id) WHERE pending IS TRUE")
    _catalog_state_index = models.Index("(catalog_id, state)")
    _supplier_sku_index = models.Index("(supplier_id, sku)")
    _supplier_linked_index = models.Index("(supplier_id) WHERE state = 'linked'")

    variant = fields.Char(
        compute="_compute_shown", help="What makes this one variant of its family."
    )
    specifications = fields.Text(compute="_compute_shown")
    sold_on = fields.Char(
        "May Be Sold On", compute="_compute_shown", help="The marketplaces that may carry it."
    )

    @api.depends("title", "sku")
    def _compute_display_name(self):
        for offer in self:
            offer.display_name = f"[{offer.sku}] {offer.title}"

    # Not on `catalog_id.confirmed_at`: writing it would look up every product of the catalog.
    @api.depends("reported_at", "unconfirmed", "discontinued_at")
    def _compute_seen_at(self):
        """Take the last complete pass as confirmation of all it did not write down as uncertain.

        So a product that did not change is not written in every pass.
        """
        for offer in self:
            confirmed = offer.catalog_id.confirmed_at
            certain = (
                confirmed and offer.reported_at and not (offer.unconfirmed or offer.discontinued_at)
            )
            offer.seen_at = max(offer.reported_at, confirmed) if certain else offer.reported_at

    @api.model
    def _seen_since(self, moment):
        """Return the domain of those whose `seen_at` is not before that moment."""
        confirmed = Domain(
            [
                ("reported_at", "!=", False),
                ("unconfirmed", "=", False),
                ("discontinued_at", "=", False),
                ("catalog_id.confirmed_at", ">=", moment),
            ]
        )
        return Domain("reported_at", ">=", moment) | confirmed

    @api.depends("cost", "dropship_fee", "surcharge_fee", "shipping_cost")
    def _compute_landed_cost(self):
        for offer in self:
            offer.landed_cost = landed_cost(offer)

    @api.depends("quantity", "supplier_id.safety_buffer")
    def _compute_available(self):
        for offer in self:
            offer.available = available(offer.quantity, offer.supplier_id.safety_buffer)

    @api.depends("product_id", "ignored", "discontinued_at")
    def _compute_state(self):
        for offer in self:
            offer.state = (
                "discontinued"
                if offer.discontinued_at
                else "linked"
                if offer.product_id
                else "ignored"
                if offer.ignored
                else "new"
            )

    @api.depends("firearm", "marketplaces")
    def _compute_restricted(self):
        for offer in self:
            offer.restricted = offer.firearm or not offer.marketplaces

    def _search_restricted(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain("firearm", "=", True) | Domain("marketplaces", "=", False)

    @api.model
    def _search(self, domain, *args, **kwargs):
        # Odoo's editor of conditions counts and shows what matches them anywhere in the supplier
        # catalog; on the form of a catalog that is what it would import.
        if catalog_ids := self.env.context.get("inventory_source_new_of"):
            domain = self._new_domain(catalog_ids) & Domain(domain)
        return super()._search(domain, *args, **kwargs)

    @api.model
    def _new_domain(self, catalog_ids):
        """Return the domain of what catalogs have to import; a first price needs a cost."""
        return Domain(
            [
                ("catalog_id", "in", catalog_ids),
                ("state", "=", "new"),
                ("cost_unconfirmed", "=", False),
            ]
        )

    @staticmethod
    def _prepare_facts(product, supplier, now):
        """Return the columns of a `client.records.Product`."""
        return {
            "supplier_id": supplier.id,
            "external_id": product.id,
            "sku": product.sku,
            "upc": stored_upc(product.upc) or None,
            "mpn": product.mpn or None,
            "asin": product.asin or None,
            "isbn": product.isbn or None,
            "brand": product.brand or None,
            "title": product.title,
            "description": product.description or None,
            "short_description": product.short_description or None,
            "category": product.category or None,
            "subcategory": product.subcategory or None,
            "cost": product.cost,
            "dropship_fee": product.dropship_fee,
            "surcharge_fee": product.surcharge_fee,
            "shipping_cost": product.shipping_cost,
            "landed_cost": landed_cost(product),
            "map": product.map or 0,
            "msrp": product.msrp or 0,
            "quantity": product.quantity or 0,
            "available": available(product.quantity or 0, supplier.safety_buffer),
            "weight": product.weight_lb,
            "length": product.length_in,
            "width": product.width_in,
            "height": product.height_in,
            "parent_external_id": product.parent_id
            or (f"{SKU_FAMILY}{product.parent_sku}" if product.parent_sku else None),
            "parent_title": product.parent_title or None,
            "options": product.options or None,
            "attributes": product.attributes or None,
            "images": product.image_urls or None,
            "marketplaces": product.marketplaces or None,
            "firearm": product.firearm,
            "stock_untold": product.quantity is None,
            "cost_unconfirmed": product.cost is None,
            "unread": [[each.field, each.message, each.excerpt] for each in product.unread] or None,
            "discontinued_at": None if product.active else now,
            "state": "new" if product.active else "discontinued",
        }

    def _discontinue(self):
        """Mark products as gone; they come back when the service lists them again."""
        now = fields.Datetime.now()
        linked = self.filtered("product_id")
        linked.write({"discontinued_at": now, "pending": True})
        (self - linked).write({"discontinued_at": now, "pending": False})

    # --- which offer a purchase order buys ---

    def _bought_of(self, vendor, held=None):
        """Return which of these, the offers of one product on one connection, a vendor sells.

        That of the supplier whose vendor it is or was, by the company when a contact of it was
        chosen. Where no supplier of them is that vendor's (the service has given the product to
        another supplier), the only one, if the vendor is one of the connection's.

        :param held: the one that an order asks for already, which is no less right
        """
        company = vendor.commercial_partner_id
        for sells in (
            lambda supplier: supplier.partner_id == vendor,
            lambda supplier: supplier.partner_id.commercial_partner_id == company,
            lambda supplier: company in supplier.former_partner_ids.commercial_partner_id,
        ):
            if found := self.filtered(lambda offer, sells=sells: sells(offer.supplier_id)):
                return held if held and held in found else found[:1]
        one = held or (self if len(self) == 1 else self.browse())
        if one and self.supplier_id._are_vendors_of(self.connection_id, company):
            return one
        return self.browse()

    def _of_company(self, company, counted=True):
        """Return those of `_offered_to` that count, or, where `counted` is false, do not."""
        offered = self._offered_to(company)
        return offered.filtered(lambda offer: offer.connection_id.is_counted == counted)

    def _offered_to(self, companies):
        """Return those offered to companies: over their own connections, or their parents'."""
        return self.filtered(lambda offer: offer.company_id in companies.parent_ids)

    def _nearest_bought_of(self, vendor, company, counted=True):
        """Return which of these offers of one product a company buys of a vendor, or none.

        Over its own connection, else over that of its nearest parent; production comes first. What
        is tested is bought of whose test order it is, also where that does not count.

        :param counted: false to look among those that do not count
        """
        tested = self.browse(self.env.context.get("inventory_source_tested_id")) & self
        if tested and tested._bought_of(vendor):
            return tested
        parents = company.parent_ids
        for own in sorted(
            self._of_company(company, counted).grouped("connection_id").items(),
            key=lambda item: (
                -parents.ids.index(item[0].company_id.id),
                item[0].environment != "production",
                min(item[1].ids),
            ),
        ):
            if found := own[1]._bought_of(vendor):
                return found
        return self.browse()

    def _is_bought_of(self, vendor):
        """Return whether a purchase order of this vendor may ask for it."""
        self.ensure_one()
        # sudo: whoever buys or sells may not read the supplier catalog.
        alike = self.sudo().product_id.inventory_source_product_ids.filtered(
            lambda offer: offer.connection_id == self.connection_id
        )
        return alike._bought_of(vendor, held=self) == self

    # --- what could not be read, in words ---

    @api.depends("unread")
    @api.depends_context("lang")
    def _compute_unread_text(self):
        for offer in self:
            offer.unread_text = self._unread_text(offer.unread or ())

    @api.model
    def _unread_text(self, unread):
        """Return what was not read, with the value as it came, and what follows from that."""
        follows = {
            "cost": self.env._(
                "The last cost known is kept as not confirmed: it is not used for prices, and "
                "what is not imported yet has to wait."
            ),
            "map": self.env._("There is no lowest price now: ask the supplier."),
            "quantity": self.env._("No stock counts until the supplier reports it."),
            "firearm": self.env._("It is held as a firearm."),
            "active": self.env._("It is not sold."),
        }
        return "\n".join(
            " ".join(filter(None, (f"{message} ({excerpt})", follows.get(field))))
            for field, message, excerpt in unread
        )

    # --- what is kept as JSON, in words, so that people can choose by it ---

    @api.depends("options", "attributes", "marketplaces")
    def _compute_shown(self):
        for offer in self:
            offer.variant = ", ".join(map(": ".join, offer.options or ()))
            offer.specifications = "\n".join(map(": ".join, offer.attributes or ()))
            offer.sold_on = ", ".join(offer.marketplaces or ())

    # --- one product read on its own, for one request: by a button, or before an order leaves ---

    def _read(self, client):
        """Return the product as a mapped row, None when it is not listed any more; one request.

        :raise ApiError: what the service did
        :raise ValueError: this service cannot be asked for one product
        """
        self.ensure_one()
        return client.product(self.catalog_id.external_id, self.external_id)

    def _apply_read(self, row, asked_at):
        """Store what `_read` returned; the product in Odoo follows at once.

        :param datetime asked_at: the database's moment before it was asked for
        """
        self.ensure_one()
        if row is None:
            self._discontinue()
        else:
            self._apply_rows(self.catalog_id, [row], asked_at)
            # Reported just now, also where nothing changed and so nothing was written.
            self.write({"reported_at": asked_at, "unconfirmed": False})
        if self.product_id and self.pending:
            self._update_now()
        else:
            # The same figure, but fresh again.
            self._each("update", type(self)._update_presence)

    @staticmethod
    def _store_read(connection, supplier_product_id, row, asked_at):
        """Store what was read of one product, in the connection's own transaction."""
        connection.env["inventory.source.product"].browse(supplier_product_id)._apply_read(
            row, asked_at
        )

    def action_refresh(self):
        """Ask the service for this product now."""
        self.ensure_one()
        self.check_access("read")
        connection = self.connection_id
        connection._refuse_blocked("catalog")
        asked_at = self.env.cr.now()
        try:
            with connection._answering():
                row = self._read(connection._client("order"))
        except ValueError as error:
            raise UserError(str(error)) from None
        connection._transact(self._store_read, self.id, row, asked_at)
        return connection._notify(self.env._("Asked just now: this is what the supplier reports."))
