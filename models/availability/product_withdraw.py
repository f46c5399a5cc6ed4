from collections import defaultdict

from odoo import api, models
from odoo.fields import Command, Domain

from ..product.connection import SOLD_OUT_FIELDS
from ..product.importer import FLAGS


class ProductWithdraw(models.AbstractModel):
    """Products nobody can deliver leave the sale, and come back when somebody can."""

    _name = "inventory.source.product.withdraw"
    _description = "Inventory Source Product Withdrawal"

    def _update_presence(self):
        """Archive, tag or revive the products of these, and take them off sale, as the policy says.

        Whether a product is offered is asked of every connection; what becomes of it is said by the
        one it was made by. Products that were in Odoo before were made by none.
        """
        shelf = self.search([("product_id", "in", self.product_id.ids)])
        made = shelf.filtered(lambda each: not each.matched)
        live = shelf.filtered(lambda each: not each.discontinued_at).product_id & made.product_id
        for connection, own in made.grouped("connection_id").items():
            own._withdraw((own.product_id - live).filtered("active"), connection)
        self._revive(live)
        made._update_for_sale()

    def _give_back(self, products):
        """Undo what was done to these products if no supplier product stands for them any more."""
        makers = self.search(
            [
                ("product_id.product_tmpl_id", "in", products.product_tmpl_id.ids),
                ("matched", "=", False),
            ]
        )
        self._revive(products - makers.product_id)
        free = products.product_tmpl_id - makers.product_id.product_tmpl_id
        self._sell(dict.fromkeys(free, False))
        makers._update_for_sale()

    def _revive(self, products):
        """Take back archiving and tags; what a person archived stays archived."""
        back = products.filtered("inventory_source_withdrawn")
        back.with_context(**FLAGS).action_unarchive()
        self._write_grouped({p: {"inventory_source_withdrawn": False} for p in back}, FLAGS)
        products._inventory_source_set_tag(self.env["product.tag"])

    def _withdraw(self, gone, policy):
        """Archive or tag products that nobody lists any more, as the policy of a connection says.

        Pinned ones stay, and those on an open order for now, see `_retry_withdrawal`.
        """
        gone = gone.filtered(lambda product: not product.inventory_source_pinned)
        if policy.discontinued_policy != "keep":
            gone -= gone._inventory_source_on_order()
        if policy.discontinued_policy == "archive":
            self._write_grouped({p: {"inventory_source_withdrawn": True} for p in gone}, FLAGS)
            gone.with_context(**FLAGS).action_archive()
        elif policy.discontinued_policy == "tag":
            gone._inventory_source_set_tag(policy.discontinued_tag_id)

    def _update_for_sale(self):
        """Have the templates made from these sold as far as suppliers have any.

        Off sale while nobody has any of a template; or in the online shop up to what is there,
        which the shop asks for itself (`shop_stock.py`). Once: who changes it meanwhile has
        decided.
        """
        wanted = {}
        for connection, own in self.grouped("connection_id").items():
            policy = connection.sold_out_policy if connection._sold_out_field() else False
            wanted |= dict.fromkeys(own.product_id.product_tmpl_id, policy)
        templates = self.product_id.product_tmpl_id
        if "unsold" in wanted.values():
            offered = self.search(
                self._counted_domain() & Domain("product_id.product_tmpl_id", "in", templates.ids)
            ).product_id.product_tmpl_id
            wanted |= {each: False for each in offered if wanted[each] == "unsold"}
        self._sell(wanted)

    def _sell(self, wanted):
        """Have templates sold as policies for sold-out ones say: {template: policy or False}."""
        changes = defaultdict(dict)
        for template, policy in wanted.items():
            done = template.inventory_source_sold_out
            if done == policy:
                continue
            if done:
                changes[template]["inventory_source_sold_out"] = False
                if SOLD_OUT_FIELDS[done] in template._fields:
                    changes[template][SOLD_OUT_FIELDS[done]] = True
            if policy and not template.inventory_source_pinned:
                field = SOLD_OUT_FIELDS[policy]
                if template[field]:
                    changes[template] |= {field: False, "inventory_source_sold_out": policy}
        self._write_grouped(changes, FLAGS)

    @api.model
    def _to_judge(self, after, limit):
        """Return made products, from an id on, that are on sale or not against what now counts."""
        # Archived variants too, as in `_update_for_sale`.
        shelf = self.with_context(active_test=False)
        template = "product_id.product_tmpl_id"
        offers = f"{template}.product_variant_ids.inventory_source_product_ids"
        some = Domain(offers, "in", shelf._search(self._counted_domain()))
        connections = self.env["inventory.source.connection"].with_context(active_test=False)
        unselling = connections.search([("sold_out_policy", "=", "unsold")])
        # By ids: without any, the database need not look.
        leaving = (
            Domain("connection_id", "in", unselling.ids)
            & Domain(f"{template}.sale_ok", "=", True)
            & Domain(f"{template}.inventory_source_sold_out", "=", False)
            & Domain(f"{template}.inventory_source_pinned", "=", False)
            & ~some
        )
        coming = Domain(f"{template}.inventory_source_sold_out", "=", "unsold") & some
        made = Domain("matched", "=", False) & Domain("product_id", "!=", False)
        due = made & Domain("id", ">", after) & (leaving | coming)
        return shelf.search(due, order="id", limit=limit)

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
