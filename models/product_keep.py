from odoo import fields, models
from odoo.tools import float_compare

from .keep_policy import SETTINGS
from .product_import import FLAGS

REMEMBERED = tuple(name for names in SETTINGS.values() for name in names)


class ProductKeep(models.AbstractModel):
    """Fields kept in step are followed until a person edits one; then a person is asked.

    What we wrote is remembered with the product of the shelf, so that an edit can be told from an
    old value. Facts of a template are remembered with the first of its products.
    """

    _name = "inventory.source.product.keep"
    _description = "Inventory Source Product Ownership"

    applied = fields.Json(readonly=True, help="What we wrote last on the product in Odoo.")
    edited = fields.Boolean(
        readonly=True, help="Somebody edited a field of the product that is kept in step."
    )

    def _remember(self):
        """Note what stands on the products that were just made."""
        for shelf in self:
            product = shelf.product_id
            applied = {
                # The description of the shop is there only where the shop is installed.
                name: product[name] or False
                for name in REMEMBERED
                if name in product._fields
            }
            # Assigned, it would be copied once more.
            shelf.write({"applied": applied})

    def _write_kept(self, values, context=None):
        """Write {product or template: values} where they may be written; remember what was.

        Left out: fields set once, pinned products, and what a person edited: a problem until that
        person says whose value stays.
        """
        if not values:
            return
        kept, owners = self.connection_id._kept_fields(), self._owners(values)
        changes, edited, applied = {}, {}, {}
        for record, wanted in values.items():
            owner = owners[record]
            template = record if record._name == "product.template" else record.product_tmpl_id
            if template.inventory_source_pinned:
                continue
            wanted = {name: value for name, value in wanted.items() if name in kept}
            for name, value in self._changes(record, wanted).items():
                if owner not in applied:
                    # A copy, each time it is read.
                    applied[owner] = owner.applied or {}
                known = applied[owner]
                if name in known and not _same(record[name], known[name]):
                    label = record._fields[name]._description_string(self.env)
                    edited.setdefault(owner, []).append((label, record[name], value))
                else:
                    changes.setdefault(record, {})[name] = value
        changes = self._hold_back(values, changes, owners)
        self._write_grouped(changes, FLAGS if context is None else context)
        for record, written in changes.items():
            owner = owners[record]
            applied[owner] |= {name: record[name] for name in written}
            owner.write({"applied": applied[owner]})
        self._ask_whose(edited)

    def _owners(self, records):
        """Return {product or template: the product of the shelf that remembers for it}."""
        products = self.product_id.product_tmpl_id.with_context(active_test=False)
        owners = {}
        for shelf in self.search(
            [
                ("product_id", "in", products.product_variant_ids.ids),
                ("matched", "=", False),
                ("connection_id", "=", self.connection_id.id),
            ],
            order="id",
        ):
            owners.setdefault(shelf.product_id, shelf)
            owners.setdefault(shelf.product_id.product_tmpl_id, shelf)
        return {record: owners[record] for record in records}

    def _ask_whose(self, edited):
        """Note a problem for each product a person edited: {owner: [(label, mine, theirs)]}."""
        if not edited:
            return

        def message(owner):
            told = [
                self.env._(
                    "%(field)s was changed here to %(mine)s; the supplier's would be %(theirs)s.",
                    field=label,
                    mine=mine,
                    theirs=theirs,
                )
                for label, mine, theirs in edited[owner]
            ]
            return " ".join([*told, self.env._("Say whose value stays.")])

        owners = self.browse([owner.id for owner in edited])
        owners.edited = True
        owners._note_import_problem("edited", message)

    def _resolve_edited(self):
        self.edited = False
        for shelf in self:
            self.env["inventory.source.problem"]._resolve(
                shelf.connection_id, "product", [shelf.external_id], "edited"
            )

    # --- buttons ---

    def action_take_theirs(self):
        """Let the supplier's values replace what was edited here."""
        self._check_may_decide()
        # sudo: the shelf is written by us only; who may decide was checked.
        owners = self.sudo().filtered("edited")
        owners.write({"applied": False, "let_through": True})
        owners.product_id.product_tmpl_id._inventory_source_release_facts()
        owners._resolve_edited()
        for connection, products in owners.grouped("connection_id").items():
            products.with_company(connection.company_id)._update_products()
        return True

    def action_keep_mine(self):
        """Pin the products: what is edited here stays, whatever the supplier changes."""
        self._check_may_decide()
        # sudo: see action_take_theirs; a manager of the connector need not manage products.
        owners = self.sudo().filtered("edited")
        owners.product_id.product_tmpl_id.inventory_source_pinned = True
        owners._resolve_edited()
        return True


def _same(one, other):
    if isinstance(one, float):
        return float_compare(one, other or 0.0, precision_digits=6) == 0
    return (one or False) == (other or False)
