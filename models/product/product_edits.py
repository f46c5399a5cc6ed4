from textwrap import shorten

from odoo import api, fields, models

from ...tools.safe_text import plain_text
from .field_sync import held
from .importer import IMPORT_AT_ONCE
from .keep_policy import KEPT, OWN, SHARED

# What of a value a person is shown who has to decide.
SHOWN = 100
PIN = "inventory_source_pinned"


class ProductEdits(models.AbstractModel):
    """What a person edited that is kept in step is told, and that person says whose value stays."""

    _name = "inventory.source.product.edits"
    _description = "Inventory Source Product Edits"

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
                key: None for key in shelf.edits if not (key in kept if key in KEPT else keep_facts)
            }
        self._ask_whose(settled)

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
        text = shorten(plain_text(str(value or "")), SHOWN).rstrip(".")
        return text or self.env._("nothing")

    # --- buttons ---

    def action_take_theirs(self):
        """Let the supplier's values replace what was edited here."""
        self._check_may_decide()
        # sudo: the shelf is written by us only; who may decide was checked.
        owners = self.sudo().filtered("edited")
        refused = owners.browse()
        for connection, products in owners.grouped("connection_id").items():
            own = products.with_company(connection.company_id).with_context(lang=None)
            refused += own._give_in()
        return refused._refused_told()

    def _give_in(self):
        """Take what was edited for our own, and have it follow the supplier again.

        :return: those that Odoo refused
        """
        for shelf in self:
            product = shelf.product_id
            mine = {n: held(product, n, ()) for n in shelf.edits if n in product._fields}
            shelf.applied = {**(shelf.applied or {}), **mine}
            product.product_tmpl_id._inventory_source_drop_copies(mine)
        self.product_id.product_tmpl_id._inventory_source_release_facts()
        self.write({"let_through": True, "pending": True})
        self._forget_edits()
        if len(self) <= IMPORT_AT_ONCE:
            return self._update_now()
        self.connection_id._trigger_lane("catalogue")
        return self.browse()

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
        if vals.keys() & {*SHARED, "attribute_line_ids"}:
            # It may be the supplier's value by now.
            self._inventory_source_edited().pending = True
        return result

    def _inventory_source_drop_copies(self, names):
        """Drop translations that say what the field itself says; they would outlive its change.

        Where English is not active Odoo keeps each text twice.
        """
        for name in names:
            if name not in self._fields or self._fields[name].translate is not True:
                continue
            copies = [
                code
                for code, _name in self.env["res.lang"].get_installed()
                if code != "en_US" and self.with_context(lang=code)[name] == self[name]
            ]
            if copies:
                self.update_field_translations(name, dict.fromkeys(copies, False))

    def _inventory_source_edited(self):
        """Return what of the shelf somebody is asked about; while we write ourselves, nothing."""
        # sudo: whoever edits the product may not see the shelf.
        shelf = self.env["inventory.source.product"].sudo()
        if self.env.context.get("inventory_source_follows"):
            return shelf
        return shelf.search([("edited", "=", True), ("product_id.product_tmpl_id", "in", self.ids)])


class ProductProduct(models.Model):
    _inherit = "product.product"

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & OWN:
            self.product_tmpl_id._inventory_source_edited().pending = True
        return result
