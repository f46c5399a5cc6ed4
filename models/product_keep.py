from textwrap import shorten

from odoo import api, fields, models
from odoo.tools import float_compare

from .keep_policy import SETTINGS
from .product_import import FLAGS
from .safe_text import plain_text

REMEMBERED = tuple(name for names in SETTINGS.values() for name in names)
# What of a value a person is shown who has to decide.
SHOWN = 100
PIN = "inventory_source_pinned"


class ProductKeep(models.AbstractModel):
    """Fields kept in step are followed until a person edits one; then a person is asked.

    What we wrote is remembered with the product of the shelf, so that an edit can be told from an
    old value. What the variants of a template share is remembered with one of them, and with none
    where the template was in Odoo before.
    """

    _name = "inventory.source.product.keep"
    _description = "Inventory Source Product Ownership"

    applied = fields.Json(readonly=True, help="What we wrote last on the product in Odoo.")
    edits = fields.Json(
        readonly=True,
        help="What a person edited that is kept in step: {key: [field, here, the supplier's]}.",
    )
    edited = fields.Boolean(
        compute="_compute_edited",
        store=True,
        help="Somebody edited a field of the product that is kept in step.",
    )
    edits_told = fields.Text("Edited Here", compute="_compute_edits_told")

    @api.depends("edits")
    def _compute_edited(self):
        for shelf in self:
            shelf.edited = bool(shelf.edits)

    @api.depends("edits")
    def _compute_edits_told(self):
        for shelf in self:
            shelf.edits_told = "\n".join(
                self.env._(
                    "%(field)s was changed here to %(mine)s; the supplier's would be %(theirs)s.",
                    field=label,
                    mine=mine,
                    theirs=theirs,
                )
                for label, mine, theirs in (shelf.edits or {}).values()
            )

    # --- what we wrote ---

    def _remember(self):
        """Note what stands on the products that were just made."""
        templates = self.product_id.product_tmpl_id
        # Of one that is there for others, theirs or a person's, only the variant is ours.
        known = self.search(
            [("product_id.product_tmpl_id", "in", templates.ids), ("id", "not in", self.ids)]
        ).product_id.product_tmpl_id
        for shelf in self:
            product, template = shelf.product_id, shelf.product_id.product_tmpl_id
            shelf.applied = {
                # Fields of the shop are there only where it is installed.
                name: _held(product, name)
                for name in REMEMBERED
                if name in product._fields and not (template in known and self._is_shared(name))
            }
            known |= template

    def _is_shared(self, name):
        """Return whether the variants of a template share a field."""
        # A field of the shop may be gone with it.
        field = self.env["product.product"]._fields.get(name)
        return field is not None and field.inherited

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
        """Part with the products in Odoo; another variant remembers what its template shares."""
        left = self.search(
            [
                ("product_id.product_tmpl_id", "in", self.product_id.product_tmpl_id.ids),
                ("matched", "=", False),
                ("id", "not in", self.ids),
            ]
        ).grouped(lambda shelf: shelf.product_id.product_tmpl_id)
        for shelf in self:
            shared = {n: v for n, v in (shelf.applied or {}).items() if self._is_shared(n)}
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
                noted = {name: _held(record, name, wanted[name]) for name in names}
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

    def _tell_field(self, record, name, value):
        """Return [label, mine, theirs] of a field, short enough to be read in a sentence."""
        field = record._fields[name]
        theirs = field.convert_to_record(field.convert_to_cache(value, record), record)
        return [
            field._description_string(self.env),
            self._readable(record[name]),
            self._readable(theirs),
        ]

    def _readable(self, value):
        if isinstance(value, models.BaseModel):
            value = ", ".join(value.mapped("display_name"))
        return shorten(plain_text(str(value or "")), SHOWN) or self.env._("nothing")

    # --- asking ---

    def _ask_whose(self, found):
        """Note what a person edited: {owner: {key: [label, mine, theirs], or None: no more}}."""
        changed = self.browse()
        for owner, told in found.items():
            before = owner.edits or {}
            after = {key: lines for key, lines in {**before, **told}.items() if lines}
            if after != before:
                owner.edits = after or False
                changed += owner
        changed._tell_edits()

    def _tell_edits(self):
        """Have one problem for each of these that a person edited, and none for the others."""
        asked = self.filtered("edits")
        asked._note_import_problem(
            "edited",
            lambda shelf: " ".join(
                [*shelf.edits_told.splitlines(), self.env._("Say whose values stay.")]
            ),
        )
        for connection, products in (self - asked).grouped("connection_id").items():
            self.env["inventory.source.problem"]._resolve(
                connection, "product", products.mapped("external_id"), "edited"
            )

    def _forget_edits(self):
        edited = self.filtered("edits")
        edited.edits = False
        edited._tell_edits()

    def _forget_edits_of_set_once(self):
        """Ask no more about fields that are not kept in step any longer."""
        settled = {}
        for shelf in self.filtered("edits"):
            kept, keep_facts = shelf.connection_id._kept_fields(), shelf.connection_id.keep_facts
            settled[shelf] = {
                key: None
                for key in shelf.edits
                if not (key in kept if key in REMEMBERED else keep_facts)
            }
        self._ask_whose(settled)

    # --- buttons ---

    def action_take_theirs(self):
        """Let the supplier's values replace what was edited here."""
        self._check_may_decide()
        # sudo: the shelf is written by us only; who may decide was checked.
        owners = self.sudo().filtered("edited")
        for connection, products in owners.grouped("connection_id").items():
            products.with_company(connection.company_id).with_context(lang=None)._give_in()
        return True

    def _give_in(self):
        """Take what was edited for our own, and have it follow the supplier again."""
        for shelf in self:
            product = shelf.product_id
            mine = {n: _held(product, n, ()) for n in shelf.edits if n in product._fields}
            shelf.applied = {**(shelf.applied or {}), **mine}
        self.product_id.product_tmpl_id._inventory_source_release_facts()
        self.let_through = True
        self._forget_edits()
        self._update_products()

    def action_keep_mine(self):
        """Pin the products: what is edited here stays, whatever the supplier changes."""
        self._check_may_decide()
        # sudo: see action_take_theirs; a manager of the connector need not manage products.
        owners = self.sudo().filtered("edited")
        owners.product_id.product_tmpl_id.inventory_source_pinned = True
        return True


class ProductTemplate(models.Model):
    _inherit = "product.template"

    def write(self, vals):
        pinned = self.filtered("inventory_source_pinned") if PIN in vals else self.browse()
        result = super().write(vals)
        if vals.get(PIN):
            self._inventory_source_edited()._forget_edits()
        elif pinned:
            # What the supplier changed meanwhile. sudo: whoever edits it may not see the shelf.
            shelf = self.env["inventory.source.product"].sudo()
            shelf.search([("product_id.product_tmpl_id", "in", pinned.ids)]).pending = True
        if vals.keys() & {*REMEMBERED, "attribute_line_ids"}:
            # It may be the supplier's value by now.
            self._inventory_source_edited().pending = True
        return result

    def _inventory_source_edited(self):
        """Return what of the shelf somebody is asked about; while we write ourselves, nothing."""
        # sudo: whoever edits the product may not see the shelf.
        shelf = self.env["inventory.source.product"].sudo()
        if self.env.context.get("inventory_source_follows"):
            return shelf
        return shelf.search(
            [("edited", "=", True), ("product_id.product_tmpl_id", "in", self.ids)]
        )


class ProductProduct(models.Model):
    _inherit = "product.product"

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & set(REMEMBERED):
            self.product_tmpl_id._inventory_source_edited().pending = True
        return result


def _held(record, name, ours=None):
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
    value = _held(record, name)
    if isinstance(value, float):
        return float_compare(value, applied or 0.0, precision_digits=6) == 0
    return value == (applied or False)
