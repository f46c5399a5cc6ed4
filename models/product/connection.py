from odoo import fields, models

# Which setting says whether a field of the product follows the supplier after the import.
SETTINGS = {
    "sync_name": ("name",),
    "sync_description": ("description_sale", "description", "description_ecommerce"),
    "sync_category": ("categ_id", "public_categ_ids"),
    "sync_price": ("list_price", "compare_list_price"),
    "sync_cost": ("standard_price",),
    "sync_weight": ("weight",),
    "sync_sku": ("default_code",),
}
SYNCED = {name for names in SETTINGS.values() for name in names}
# Each variant has its own of these; the others are their template's.
OWN = {"standard_price", "weight", "default_code"}
SHARED = SYNCED - OWN

# Whoever changes one of these wants the prices of all imported products to follow.
PRICING = {"price_pricelist_id", "price_factor", "price_min_margin"}
FOLLOWED = PRICING | {"sold_out_policy", "attributes_policy", "sync_attributes", *SETTINGS}
# What a sold-out template no longer is, by policy; the second is a field of the online shop.
SOLD_OUT_FIELDS = {"unsold": "sale_ok", "website": "allow_out_of_stock_order"}

CATEGORY_ACTIONS = [
    ("category", "Existing category"),
    ("create", "Create it"),
    ("ignore", "Ignore its products"),
]


class Connection(models.Model):
    """The policies for the products of a connection: how they are made, what stays in step."""

    _inherit = "inventory.source.connection"

    category_id = fields.Many2one(
        "product.category",
        "Product Category",
        help="Of imported products. Empty: one named like the connection is made, with standard "
        "costs. Average costs make validating drop-ships slower with every delivery.",
    )
    match_mode = fields.Selection(
        [
            ("link", "Link by barcode, or ask"),
            ("ask", "Always ask"),
            ("never", "Always make new products"),
        ],
        "Products Already in Odoo",
        required=True,
        default="link",
        help="Linked where the barcode is the same; you are asked when in doubt. A product that is "
        "linked only gets a vendor line and is otherwise left as it is. The "
        "same product of several of your suppliers is always one product.",
    )
    attributes_policy = fields.Selection(
        [
            ("table", "Table below the description"),
            ("attributes", "Attributes that make no variants"),
            ("none", "Leave them out"),
        ],
        "Specifications",
        required=True,
        default="table",
        help="What the specifications a supplier gives for a product, such as its material, "
        "become in Odoo. A family has those that all its variants share.",
    )
    discontinued_policy = fields.Selection(
        [("keep", "Leave them as they are"), ("archive", "Archive them"), ("tag", "Tag them")],
        "Discontinued Products",
        required=True,
        default="archive",
        help="Never while they stand on an open order. They come back when a supplier lists them "
        "again.",
    )
    discontinued_tag_id = fields.Many2one(
        "product.tag",
        ondelete="restrict",
        help="The tag of discontinued products; taken off when they come back.",
    )
    sold_out_policy = fields.Selection(
        "_sold_out_policies",
        "Sold Out Products",
        required=True,
        default="keep",
        help="Sold out: no supplier has any, safety buffers taken off. Out of stock in the online "
        "shop: of each variant no more can be ordered there than your own stock and the suppliers "
        "have together; quotations go on.",
    )
    price_pricelist_id = fields.Many2one(
        "product.pricelist",
        "Pricelist rule",
        check_company=True,
        ondelete="restrict",
        help="The pricelist whose rules make the sales price. A rule that starts from the cost "
        "starts from the landed cost; one that starts from the sales price from the MSRP. Empty, "
        "or without a rule for a product: the cost is multiplied.",
    )
    price_factor = fields.Float(
        "Markup (× cost)",
        default=1.5,
        help="Sales price = landed cost times this, where no pricelist rule sets it.",
    )
    price_min_margin = fields.Float(
        "Minimum margin (%)",
        help="In percent of the landed cost, without the taxes that prices include; prices are "
        "raised to it. 0: never below cost. Negative: a pricelist rule may sell at a loss "
        "down to there.",
    )

    change_limit = fields.Float(
        "Ask me about price changes over (%)",
        default=20.0,
        help="A sales price or cost that a supplier changes by more than this waits in Changes "
        "until you accept it. 0: every change goes through.",
    )
    change_stock_limit = fields.Float(
        "Warn about stock drops over (%)",
        default=80.0,
        help="Of imported products; the new stock counts at once all the same. 0: no warnings.",
    )

    # Not a number is more than any number, for PostgreSQL, infinity included.
    _change_limits_positive = models.Constraint(
        "CHECK(change_limit >= 0 AND change_limit < 'Infinity'"
        " AND change_stock_limit >= 0 AND change_stock_limit < 'Infinity')",
        "The limits of changes have to be numbers, zero or more.",
    )
    _discontinued_tag_chosen = models.Constraint(
        "CHECK(discontinued_policy != 'tag' OR discontinued_tag_id IS NOT NULL)",
        "Choose the tag that discontinued products get.",
    )
    _price_min_margin_sold = models.Constraint(
        "CHECK(price_min_margin > -100 AND price_min_margin < 'Infinity')",
        "The minimum margin has to be a number above -100: at that, products are given away.",
    )
    _price_factor_positive = models.Constraint(
        "CHECK(price_factor > 0 AND price_factor < 'Infinity')",
        "The cost has to be multiplied by more than zero.",
    )

    sync_name = fields.Boolean("Product Name")
    sync_description = fields.Boolean("Sales Description")
    sync_category = fields.Boolean(
        "Categories",
        default=True,
        help="Products follow their supplier category and where it is mapped, in the online shop "
        "too; categories a person adds there stay.",
    )
    sync_attributes = fields.Boolean(
        "Attributes",
        default=True,
        help="Specifications that became attributes; those in a table follow with the description.",
    )
    sync_price = fields.Boolean(
        "Sales Price",
        default=True,
        help="And the MSRP, as the price that the online shop compares it with.",
    )
    sync_cost = fields.Boolean("Cost", default=True)
    sync_weight = fields.Boolean("Weight", default=True)
    sync_sku = fields.Boolean("SKU", default=True)

    category_map_ids = fields.One2many(
        "inventory.source.category", "connection_id", "Supplier Categories"
    )
    category_rule = fields.Selection(
        [
            ("category", "Into the product category above"),
            ("create", "Create a category of the supplier's name below it"),
            ("ignore", "Ignore its products until it is mapped"),
        ],
        "Unmapped categories",
        required=True,
        default="category",
        help="What the categories of suppliers become in Odoo that were not mapped one by one.",
    )

    pictures = fields.Boolean(
        default=True,
        help="Fetch the pictures of imported products, and of other supplier products when you "
        "look at them, from the suppliers' web servers, slowly and beside everything else; no "
        "request to Inventory Source is spent. Pictures that you set yourself stay.",
    )

    stock_fresh_hours = fields.Integer(
        "Stop selling when stock data is older than (hours)",
        tracking=True,
        help="Stock that was not reported or confirmed for longer counts as none: in the supplier "
        "quantity, where one of several suppliers is chosen, and for what is sold out; also "
        "while the connection is lost. 0: every figure counts.",
    )

    _fresh_hours_positive = models.Constraint(
        "CHECK(stock_fresh_hours BETWEEN 0 AND 8760)", "Stock can be 0 to 8760 hours (a year) old."
    )

    def write(self, vals):
        changed = {connection: connection._really_changes(vals) for connection in self}
        remapped = self._remapped_by(vals)
        mode = vals.get("match_mode")
        rematched = self.filtered(lambda connection: mode and connection.match_mode != mode)
        result = super().write(vals)
        for connection, names in changed.items():
            if names:
                products = connection._imported_products()
                products.write(
                    {"pending": True} | ({"bypass_limit": True} if names & PRICING else {})
                )
                products._announce_update()
                connection._trigger_lane("catalog")
        remapped.category_map_ids.filtered(lambda row: not row.categ_id)._apply_mapping()
        if "stock_fresh_hours" in vals:
            self.env["inventory.source.stock.watch"]._trigger()
        rematched._match_again()
        return result

    def _match_again(self):
        """Have what waits for a person to say which product it is follow what is said now."""
        for connection in self:
            # sudo: supplier products are written by us only; whoever decides how they are matched
            # may have that follow.
            Offer = self.env["inventory.source.product"].sudo()
            waiting = Offer.search([("connection_id", "=", connection.id), ("to_match", "=", True)])
            waiting.pending = True
            if waiting:
                connection._trigger_lane("catalog")

    def unlink(self):
        self._take_vendor_lines()
        return super().unlink()

    # --- whose offers count is decided elsewhere (`is_counted`); this is what follows ---
    # Figures ask for it wherever they are made. Only who is bought from is kept, as vendor lines:
    # those go at once. Costs, prices and what is on sale follow in batches.

    def _stop_counting(self):
        self._take_vendor_lines()
        self.env["inventory.source.stock.watch"]._report_wanted(self)
        return super()._stop_counting()

    def _start_counting(self):
        self.env["inventory.source.stock.watch"]._forget_wanted(self)
        for connection in self:
            connection._imported_products().pending = True
            connection._trigger_lane("catalog")
            # What waited for it.
            connection._trigger_lane("order")
        self.env["inventory.source.stock.watch"]._trigger()
        return super()._start_counting()

    def _take_vendor_lines(self):
        """Unlink the vendor lines of what these offer; whoever offers the same comes next."""
        # sudo: supplier products and their vendor lines are written by us only; who may end a
        # connection may have that follow.
        Offer = self.env["inventory.source.product"].sudo()
        offers = Offer._search([("connection_id", "in", self.ids), ("product_id", "!=", False)])
        same = Offer.search([("product_id", "in", offers.subselect("product_id"))])
        same.pending = True
        with_line = [("connection_id", "in", self.ids), ("vendor_line_id", "!=", False)]
        Offer.search(with_line)._take_vendor_lines()
        for (connection,) in Offer._read_group([("id", "in", same.ids)], ["connection_id"]):
            connection._trigger_lane("catalog")
        self.env["inventory.source.stock.watch"]._trigger()

    def _remapped_by(self, vals):
        """Return those whose categories are to be mapped anew when `vals` are written."""
        if "category_rule" in vals:
            return self
        if "category_id" in vals:
            # The first one is made by the first import, which follows it anyway.
            return self.filtered("category_id")
        return self.browse()

    def _really_changes(self, vals):
        """Return the names of the fields whose value `vals` changes."""
        return {
            name
            for name in FOLLOWED & vals.keys()
            if self._fields[name].convert_to_write(self[name], self) != vals[name]
        }

    def _sold_out_policies(self):
        """Return the choices; the online shop's where it is installed with stock."""
        policies = {
            "keep": self.env._("Leave them as they are"),
            "unsold": self.env._("Take them off sale"),
        }
        if SOLD_OUT_FIELDS["website"] in self.env["product.template"]._fields:
            policies["website"] = self.env._("Out of stock in the online shop")
        return list(policies.items())

    def _sold_out_field(self):
        """Return the field of templates that the policy for sold-out products unsets, or None."""
        name = SOLD_OUT_FIELDS.get(self.sold_out_policy)
        # The shop may have been uninstalled since.
        return name if name in self.env["product.template"]._fields else None

    def _product_category(self):
        """Return the category of imported products, made when there is none yet."""
        self.ensure_one()
        if not self.category_id:
            self.category_id = self._make_product_category(self.name)
        return self.category_id

    def _weight_factor(self):
        """Return what a weight in lb is multiplied by to be in the database's unit."""
        to_uom = self.env["product.template"]._get_weight_uom_id_from_ir_config_parameter()
        return self.env.ref("uom.product_uom_lb")._compute_quantity(1.0, to_uom, round=False)

    # --- which fields of imported products stay in step; the others are set once, at the import ---

    def _synced_fields(self):
        """Return the names of the product fields that follow the supplier."""
        self.ensure_one()
        return {name for setting, names in SETTINGS.items() if self[setting] for name in names}

    # --- what becomes of products whose supplier category nobody has mapped ---

    def action_view_category_map(self):
        """Open the supplier categories of the connection."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "inventory_source.inventory_source_category_action"
        )
        return {**action, "domain": [("connection_id", "in", self.ids)]}

    def _make_product_category(self, name, parent=None):
        """Create a category fit for drop-ships.

        Standard costs: with average costs validating a drop-ship takes longer with every delivery,
        45 ms at first and 504 ms after 600 of one product. No automated valuation: the goods are
        never in stock of ours.
        """
        self.ensure_one()
        # The two are kept per company: that of the connection.
        return (
            self.env["product.category"]
            .with_company(self.company_id)
            .create(
                {
                    "name": name,
                    "parent_id": parent and parent.id,
                    "property_cost_method": "standard",
                    "property_valuation": "periodic",
                }
            )
        )
