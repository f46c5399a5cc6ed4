from collections import defaultdict

from odoo import models
from odoo.fields import Command

from .catalogue_policy import SOLD_OUT_FIELDS
from .product_import import FLAGS


class ProductWithdraw(models.AbstractModel):
    """Products nobody can deliver leave the sale, and come back when somebody can."""

    _name = "inventory.source.product.withdraw"
    _description = "Inventory Source Product Withdrawal"

    def _update_presence(self):
        """Archive, tag or revive the products of these, and take them off sale, as the policy says.

        Only what we took away ourselves is given back; what a person archived stays archived.
        """
        live = self.search(
            [("product_id", "in", self.product_id.ids), ("discontinued_at", "=", False)]
        ).product_id
        gone, policy = (self.product_id - live).filtered("active"), self.connection_id
        gone = gone.filtered(lambda product: not product.inventory_source_pinned)
        if policy.discontinued_policy != "keep":
            gone -= gone._inventory_source_on_order()
        if policy.discontinued_policy == "archive":
            self._write_grouped({p: {"inventory_source_withdrawn": True} for p in gone}, FLAGS)
            gone.with_context(**FLAGS).action_archive()
        elif policy.discontinued_policy == "tag":
            gone._inventory_source_set_tag(policy.discontinued_tag_id)
        back = live.filtered("inventory_source_withdrawn")
        back.with_context(**FLAGS).action_unarchive()
        self._write_grouped({p: {"inventory_source_withdrawn": False} for p in back}, FLAGS)
        live._inventory_source_set_tag(self.env["product.tag"])
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
        policy = catalog.connection_id.discontinued_policy
        if policy == "keep":
            return
        domain = [
            ("catalog_id", "=", catalog.id),
            ("state", "=", "discontinued"),
            ("product_id.active", "=", True),
            ("matched", "=", False),
            ("product_id.inventory_source_pinned", "=", False),
        ]
        if policy == "tag":
            domain.append(("product_id.inventory_source_discontinued_tag_id", "=", False))
        self.search(domain).pending = True


class ProductProduct(models.Model):
    _inherit = "product.product"

    def _inventory_source_set_tag(self, tag):
        """Give the products this tag of discontinued ones instead of what they have; none: take it.

        A variant has it beside the tags of its family, where Odoo keeps those of variants.
        """
        for product in self:
            old = product.inventory_source_discontinued_tag_id
            if old == tag:
                continue
            tags = [Command.unlink(each.id) for each in old] + [
                Command.link(each.id) for each in tag
            ]
            if product.attribute_line_ids:
                values = {"additional_product_tag_ids": tags}
            else:
                values = {"product_tag_ids": tags}
            values["inventory_source_discontinued_tag_id"] = tag.id
            product.with_context(**FLAGS).write(values)
