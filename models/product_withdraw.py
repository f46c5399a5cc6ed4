from collections import defaultdict

from odoo import models
from odoo.fields import Command

from .catalogue_policy import SOLD_OUT_FIELDS
from .product_import import FLAGS

# Made when it is first needed; its name may be changed.
TAG = "inventory_source.product_tag_discontinued"


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
        self._update_tags()
        self._update_for_sale()

    def _update_tags(self):
        """Tag what no supplier lists any more where the connection says so, and nothing else.

        A template whose variants are all gone has the tag itself.
        """
        templates, wanted = self.product_id.product_tmpl_id, self.connection_id.discontinued_policy
        tag = self.env.ref(TAG, raise_if_not_found=False)
        if not tag and wanted != "tag":
            return
        offers = self.search([("product_id", "in", templates.product_variant_ids.ids)])
        listed = offers.filtered(lambda shelf: not shelf.discontinued_at)
        gone = offers.product_id - (listed if wanted == "tag" else offers).product_id
        if not (tag or gone):
            return
        tag = tag or self._make_tag()
        whole = templates.filtered(
            lambda template: template.product_variant_ids and template.product_variant_ids <= gone
        )
        parts = gone - whole.product_variant_ids
        for records, tagged, name in (
            (templates, whole, "product_tag_ids"),
            (templates.product_variant_ids, parts, "additional_product_tag_ids"),
        ):
            having = records.filtered(lambda record, name=name: tag in record[name])
            (tagged - having).with_context(**FLAGS).write({name: [Command.link(tag.id)]})
            (having - tagged).with_context(**FLAGS).write({name: [Command.unlink(tag.id)]})

    def _make_tag(self):
        name = self.env._("Discontinued by the supplier")
        same = self.env["product.tag"].search([("name", "=", name)], limit=1)
        values = {"name": name, "visible_to_customers": False}
        # A tag of this name that the shop had before stays the shop's.
        return same or self.env["product.tag"]._load_records(
            [{"xml_id": TAG, "values": values, "noupdate": True}]
        )

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
