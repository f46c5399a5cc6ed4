from collections import defaultdict

from odoo import models

from .catalogue_policy import SOLD_OUT_FIELDS
from .product_import import FLAGS


class ProductWithdraw(models.AbstractModel):
    """Products nobody can deliver leave the sale, and come back when somebody can."""

    _name = "inventory.source.product.withdraw"
    _description = "Inventory Source Product Withdrawal"

    def _update_presence(self):
        """Archive or revive the products of these, and take them off sale, as the policy says.

        Only what we took away ourselves is given back; what a person archived stays archived.
        """
        live = self.search(
            [("product_id", "in", self.product_id.ids), ("discontinued_at", "=", False)]
        ).product_id
        gone, back = self.product_id - live, live.filtered("inventory_source_withdrawn")
        if self.connection_id.discontinued_policy == "archive":
            gone = gone.filtered("active") - gone._inventory_source_on_order()
            self._write_grouped({p: {"inventory_source_withdrawn": True} for p in gone}, FLAGS)
            gone.with_context(**FLAGS).action_archive()
        back.with_context(**FLAGS).action_unarchive()
        self._write_grouped({p: {"inventory_source_withdrawn": False} for p in back}, FLAGS)
        self._update_for_sale()

    def _update_for_sale(self):
        """Take templates off sale that no supplier has any of, as the connection says.

        Once: who puts one on sale again meanwhile has decided.
        """
        templates = self.product_id.product_tmpl_id
        offered = self.search(
            [
                ("product_id.product_tmpl_id", "in", templates.ids),
                ("discontinued_at", "=", False),
                ("available", ">", 0),
            ]
        ).product_id.product_tmpl_id
        policy, field = self.connection_id.sold_out_policy, self.connection_id._sold_out_field()
        changes = defaultdict(dict)
        for template in templates.filtered("inventory_source_sold_out"):
            done = template.inventory_source_sold_out
            if template in offered or done != policy:
                changes[template]["inventory_source_sold_out"] = False
                if SOLD_OUT_FIELDS[done] in template._fields:
                    changes[template][SOLD_OUT_FIELDS[done]] = True
        left = (templates - offered).filtered(lambda t: not t.inventory_source_pinned)
        for template in left if field else ():
            if template[field] and template.inventory_source_sold_out != policy:
                changes[template] |= {field: False, "inventory_source_sold_out": policy}
        self._write_grouped(changes, FLAGS)

    def _retry_withdrawal(self, catalog):
        """Have those looked at again that stayed because an order held them."""
        if catalog.connection_id.discontinued_policy == "archive":
            self.search(
                [
                    ("catalog_id", "=", catalog.id),
                    ("state", "=", "discontinued"),
                    ("product_id.active", "=", True),
                    ("matched", "=", False),
                ]
            ).pending = True
