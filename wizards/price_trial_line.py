from odoo import api, fields, models

WHY = [
    # The price that is tried.
    ("markup", "Markup"),
    ("rule", "Pricelist rule"),
    ("margin", "Minimum margin"),
    ("map", "MAP"),
    ("family", "Like the dearest variant"),
    # The product keeps its own.
    ("own", "Your own product, keeps its price"),
    ("pinned", "Not synced, keeps its price"),
    ("once", "Sales prices are not kept in sync"),
    ("edited", "Edited by hand, keeps its price"),
    ("waits", "Waits in Changes for your decision"),
    ("unknown", "Cost not known, keeps its price"),
    ("free", "Neither cost nor MAP: no price"),
    ("sku", "Another product has its SKU: not imported"),
    ("uncounted", "Not offered, keeps its price"),
]
# These have no price to lose money with.
UNPRICED = ("free", "sku")
LOSES = [("margin", "<=", 0), ("why", "not in", UNPRICED)]


class PriceTrialLine(models.TransientModel):
    """One product and its price as tried; made in bulk (`price_trial_count.py`).

    Money is in the currency of sales prices.
    """

    _name = "inventory.source.price.trial.line"
    _description = "Inventory Source Price Trial Product"
    _inherit = ["inventory.source.guard"]
    _order = "sample_rank, id"
    _rec_name = "supplier_product_id"
    # They go with their trial, not before.
    _transient_max_hours = 0

    trial_id = fields.Many2one("inventory.source.price.trial", readonly=True, ondelete="cascade")
    supplier_product_id = fields.Many2one(
        "inventory.source.product", required=True, readonly=True, ondelete="cascade"
    )
    # Related and computed where that can be, not stored: of 100,000 rows each key is checked.
    product_id = fields.Many2one(
        "product.product",
        "Imported as",
        related="supplier_product_id.product_id",
        related_sudo=False,
    )
    image_128 = fields.Image(related="supplier_product_id.image_128", related_sudo=False)
    title = fields.Char("Product", related="supplier_product_id.title", related_sudo=False)
    sku = fields.Char(related="supplier_product_id.sku", related_sudo=False)
    supplier_id = fields.Many2one(related="supplier_product_id.supplier_id", related_sudo=False)
    currency_id = fields.Many2one("res.currency", compute="_compute_currency_id")
    cost = fields.Monetary("Supplier cost", readonly=True, help="With all fees of the supplier.")
    price_now = fields.Monetary(
        "Price today",
        readonly=True,
        help="Of what is not imported yet: what it would be imported at today.",
    )
    price_new = fields.Monetary("New price", readonly=True)
    moved = fields.Float("Change (%)", readonly=True, aggregator="avg")
    margin = fields.Monetary(
        readonly=True,
        help="What is left of the new price above the cost, without the taxes that it includes.",
    )
    margin_percent = fields.Float("Margin (%)", readonly=True, aggregator="avg")
    why = fields.Selection(WHY, "Reason", readonly=True)
    rule_name = fields.Char("Rule", readonly=True)
    why_text = fields.Char("Why", compute="_compute_why_text")
    changes = fields.Boolean(readonly=True)
    sample = fields.Selection(
        [
            ("cheapest", "Cheapest"),
            ("dearest", "Dearest"),
            ("map", "Stops at MAP"),
            ("loss", "Loses money"),
            ("largest", "Largest change"),
            ("typical", "Typical"),
        ],
        "Example",
        readonly=True,
    )
    sample_rank = fields.Integer(readonly=True)

    _order_index = models.Index("(trial_id, sample_rank, id)")

    @api.depends("trial_id")
    def _compute_currency_id(self):
        for line in self:
            line.currency_id = line.trial_id.connection_id._price_currency()

    @api.depends("why", "rule_name")
    @api.depends_context("lang")
    def _compute_why_text(self):
        words = dict(self._fields["why"]._description_selection(self.env))
        for line in self:
            line.why_text = words.get(line.why)
            if line.rule_name:
                line.why_text = f"{line.why_text}: {line.rule_name}"

    def action_open(self):
        """Open the supplier product."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "inventory.source.product",
            "res_id": self.supplier_product_id.id,
            "view_mode": "form",
        }
