from odoo import fields, models

from .keep_policy import SETTINGS

# Whoever changes one of these wants the prices of all imported products to follow.
PRICING = {"price_pricelist_id", "price_factor", "price_min_margin"}
FOLLOWED = PRICING | {"sold_out_policy", "facts_policy", "keep_facts", *SETTINGS}
# What a sold-out template no longer is, by policy; the second is a field of the online shop.
SOLD_OUT_FIELDS = {"unsold": "sale_ok", "website": "allow_out_of_stock_order"}


class CataloguePolicy(models.AbstractModel):
    """What the products of a connection are made with: category, price, units."""

    _name = "inventory.source.catalogue.policy"
    _description = "Inventory Source Catalogue Policy"

    category_id = fields.Many2one(
        "product.category",
        "Product Category",
        help="Of imported products. Empty: one named like the connection is made, with standard "
        "costs. Average costs make validating drop-ships slower with every delivery.",
    )
    match_mode = fields.Selection(
        [
            ("link", "Link by barcode, ask when in doubt"),
            ("ask", "Always ask"),
            ("never", "Always make new products"),
        ],
        "Products Already in Odoo",
        required=True,
        default="link",
        help="A product that is linked only gets a vendor line and is otherwise left as it is. The "
        "same product of several of your suppliers is always one product.",
    )
    facts_policy = fields.Selection(
        [
            ("table", "Table below the description"),
            ("attributes", "Attributes that make no variants"),
            ("none", "Leave them out"),
        ],
        "Plain Facts",
        required=True,
        default="table",
        help="What becomes in Odoo of the facts a supplier tells of a product, such as its "
        "material. A family has those that all its variants share.",
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
        "Price Formula",
        check_company=True,
        ondelete="restrict",
        help="The pricelist whose rules make the sales price. A rule that starts from the cost "
        "starts from the landed cost; one that starts from the sales price from the MSRP. Empty, "
        "or without a rule for a product: the cost is multiplied.",
    )
    price_factor = fields.Float(
        "Cost Times",
        default=1.5,
        help="Sales price = landed cost times this, where no rule of a formula makes it.",
    )
    price_min_margin = fields.Float(
        "Least Margin (%)",
        help="In percent of the landed cost, without the taxes that prices include; prices are "
        "raised to it. 0: never below cost. Negative: a formula may sell at a loss down to there.",
    )

    change_limit = fields.Float(
        "Decide Moves Above (%)",
        default=20.0,
        help="A sales price or cost that a supplier moves further than this waits in Changes until "
        "somebody accepts it. 0: all go through.",
    )
    change_stock_limit = fields.Float(
        "Tell of Stock Falling Above (%)",
        default=80.0,
        help="Of imported products; the new stock counts at once all the same. 0: never told.",
    )

    _change_limits_positive = models.Constraint(
        "CHECK(change_limit >= 0 AND change_stock_limit >= 0)",
        "The limits of changes have to be zero or more.",
    )
    _discontinued_tag_chosen = models.Constraint(
        "CHECK(discontinued_policy != 'tag' OR discontinued_tag_id IS NOT NULL)",
        "Choose the tag that discontinued products get.",
    )
    _price_min_margin_sold = models.Constraint(
        "CHECK(price_min_margin > -100)", "With a loss of 100 % products would be given away."
    )
    _price_factor_positive = models.Constraint(
        "CHECK(price_factor > 0)", "The cost has to be multiplied by more than zero."
    )

    def write(self, vals):
        changed = {connection: connection._really_changes(vals) for connection in self}
        result = super().write(vals)
        for connection, names in changed.items():
            if names:
                connection._imported_shelf().write(
                    {"pending": True} | ({"let_through": True} if names & PRICING else {})
                )
                connection._trigger_lane("catalogue")
        return result

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
