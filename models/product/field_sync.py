from odoo import fields, models
from odoo.tools import float_compare

from .importer import FLAGS
from .keep_policy import KEPT, OWN, SHARED


class ProductKeep(models.AbstractModel):
    """Fields kept in step are followed until a person edits one (`product_edits.py`).

    What we wrote is remembered with the product of the shelf, so that an edit can be told from an
    old value. What the variants of a template share is remembered with one of them, and with none
    where the template was in Odoo before.
    """

    _name = "inventory.source.product.keep"
    _description = "Inventory Source Product Ownership"

    applied = fields.Json(readonly=True, help="What we wrote last on the product in Odoo.")

    # --- what we wrote ---

    def _remember(self):
        """Note what stands on the products that were just made."""
        templates = self.product_id.product_tmpl_id
        # Of one that is there for others, theirs or a person's, only the variant is ours.
        known = set(
            self.search(
                [("product_id.product_tmpl_id", "in", templates.ids), ("id", "not in", self.ids)]
            ).product_id.product_tmpl_id
        )
        for shelf in self:
            product, template = shelf.product_id, shelf.product_id.product_tmpl_id
            applied = {
                # Fields of the shop are there only where it is installed.
                name: held(product, name)
                for name in (OWN if template in known else KEPT)
                if name in product._fields
            }
            # Assigned, it would be copied once more.
            shelf.write({"applied": applied})
            known.add(template)

    def _owners(self, records):
        """Return {product or template: the product of the shelf that remembers for it}.

        Without templates that were in Odoo before, which are nobody's to change.
        """
        products = self.product_id.product_tmpl_id.with_context(active_test=False)
        owners = {}
        for shelf in self.search(
            [
                ("product_id", "in", products.product_variant_ids.ids),
                ("matched", "=", False),
                ("connection_id", "=", self.connection_id.id),
            ]
        ):
            owners[shelf.product_id] = shelf
            if "name" in (shelf.applied or {}):
                owners[shelf.product_id.product_tmpl_id] = shelf
        return {record: owners[record] for record in records if record in owners}

    def _forget_product(self):
        """Stand for no product any more, because a person took it away from these.

        Where the catalogue imports by itself they are ignored: it would bring it back. Another
        variant remembers what its template shares.
        """
        left = self.search(
            [
                ("product_id.product_tmpl_id", "in", self.product_id.product_tmpl_id.ids),
                ("matched", "=", False),
                ("id", "not in", self.ids),
            ]
        ).grouped(lambda shelf: shelf.product_id.product_tmpl_id)
        for shelf in self:
            shared = {n: v for n, v in (shelf.applied or {}).items() if n in SHARED}
            heirs = left.get(shelf.product_id.product_tmpl_id)
            if shared and heirs:
                heirs[0].applied = {**(heirs[0].applied or {}), **shared}
                heirs[0].pending = True
        self.write(
            {
                "product_id": False,
                "matched": False,
                "match_reason": False,
                "applied": False,
                "pending": False,
            }
        )
        self.filtered(lambda shelf: shelf.catalog_id.import_mode != "manual").ignored = True
        self._forget_edits()

    # --- writing it ---

    def _write_kept(self, values, context=None):
        """Write {product or template: values} where they may be written; remember what was.

        Left out: fields set once, pinned products, and what a person edited: a problem until that
        person says whose value stays.
        """
        if not values:
            return
        kept, owners = self.connection_id._kept_fields(), self._owners(values)
        values = {record: wanted for record, wanted in values.items() if record in owners}
        changes, settled, found = {}, {}, {}
        for record, wanted in values.items():
            template = record if record._name == "product.template" else record.product_tmpl_id
            if template.inventory_source_pinned:
                continue
            wanted = {name: value for name, value in wanted.items() if name in kept}
            changed, agreed, told = owners[record]._sort_out(record, wanted)
            if changed:
                changes[record] = changed
            if agreed:
                settled[record] = agreed
            if told:
                found.setdefault(owners[record], {}).update(told)
        changes = self._hold_back(values, changes, owners)
        self._write_grouped(changes, FLAGS if context is None else context)
        for written in (changes, settled):
            for record, names in written.items():
                owner, wanted = owners[record], values[record]
                noted = {name: held(record, name, wanted[name]) for name in names}
                owner.applied = {**(owner.applied or {}), **noted}
        self._ask_whose(found)

    def _sort_out(self, record, wanted):
        """Say what becomes of the values wanted for a record that this remembers for.

        :return: {name: value} to write; the names a person gave the supplier's own value; and
            {name: what to tell} of what a person edited, None where that is so no more
        """
        applied, asked = self.applied or {}, self.edits or {}
        wanted = {name: _beside(record, name, v, applied) for name, v in wanted.items()}
        changes, agreed, told = self._changes(record, wanted), [], {}
        for name, value in wanted.items():
            edited = name in applied and not _stands(record, name, applied[name])
            if edited and name in changes:
                del changes[name]
                told[name] = self._tell_field(record, name, value)
                continue
            if edited:
                agreed.append(name)
            if name in asked:
                told[name] = None
        return changes, agreed, told


def held(record, name, ours=None):
    """Return what stands in a field, as it is remembered; of many records only `ours`."""
    value = record[name]
    if not isinstance(value, models.BaseModel):
        return value or False
    if record._fields[name].type == "many2one":
        return value.id
    return value.ids if ours is None else [each.id for each in ours]


def _beside(record, name, theirs, applied):
    """Return what a field is to hold: of many records those a person added too."""
    if record._fields[name].type != "many2many":
        return theirs
    standing = record[name]
    return standing - standing.browse(applied.get(name) or ()) | theirs


def _stands(record, name, applied):
    """Return whether a field still holds what we wrote."""
    if record._fields[name].type == "many2many":
        return set(applied or ()) <= set(record[name].ids)
    value = held(record, name)
    if isinstance(value, float):
        return float_compare(value, applied or 0.0, precision_digits=6) == 0
    return value == (applied or False)
