from textwrap import shorten

from odoo import api, fields, models
from odoo.tools import float_compare
from odoo.tools.misc import formatLang

from ...tools.safe_text import plain_text
from .connection import OWN, SHARED, SYNCED
from .importer import FLAGS, IMPORT_AT_ONCE

# What of a value a person is shown who has to decide.
SHOWN = 100
PIN = "inventory_source_pinned"


class SupplierProduct(models.Model):
    """Fields kept in step are followed until a person edits one: then that person is asked.

    What we wrote is remembered with the supplier product, so that an edit differs from an
    old value. What the variants of a template share is remembered with one of them, and with none
    where the template was in Odoo before.
    """

    _inherit = "inventory.source.product"

    applied = fields.Json(
        "Written to Odoo", readonly=True, help="What we wrote last on the product in Odoo."
    )

    edits = fields.Json(
        readonly=True,
        help="What a person edited that is kept in sync: {key: [field, here, the supplier's]}.",
    )
    vendor_edits = fields.Json(
        readonly=True,
        copy=False,
        help="What a person changed on the vendor line that was taken away, for the next one.",
    )
    edited = fields.Boolean(
        compute="_compute_edited",
        store=True,
        help="A user edited a field of the product that is kept in sync.",
    )
    edits_summary = fields.Text("Edited Here", compute="_compute_edits_summary")

    def _kept_edits(self, product):
        """Return what was kept of the last vendor line for one of this product.

        Of another product it was another pack.
        """
        edits = dict(self.vendor_edits or {})
        if edits.pop("product_id", product.id) != product.id:
            del edits["product_uom_id"]
        return edits

    def _kept_unit(self, product):
        """Return the unit a person chose on the vendor line that was taken away, or its own."""
        kept = self._kept_edits(product).get("product_uom_id", ())
        return self.env["uom.uom"].browse(kept).exists() or product.uom_id

    def _prepare_kept_unit(self):
        """Return what stays known of the product a person takes away: what a piece of it is.

        Some may be on its way, and who links the same product once more means the same pack.
        """
        product = self.product_id
        unit = self.vendor_line_id.product_uom_id or self._kept_unit(product)
        return unit != product.uom_id and {"product_id": product.id, "product_uom_id": unit.id}

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
        for offer in self:
            product, template = offer.product_id, offer.product_id.product_tmpl_id
            applied = {
                # Fields of the shop are there only where it is installed.
                name: held(product, name)
                for name in (OWN if template in known else SYNCED)
                if name in product._fields
            }
            # Assigned, it would be copied once more.
            offer.write({"applied": applied})
            known.add(template)

    def _owners(self, records):
        """Return {product or template: the supplier product that remembers for it}.

        Without templates that were in Odoo before, which are nobody's to change.
        """
        products = self.product_id.product_tmpl_id.with_context(active_test=False)
        owners = {}
        for offer in self.search(
            [
                ("product_id", "in", products.product_variant_ids.ids),
                ("matched", "=", False),
                ("connection_id", "=", self.connection_id.id),
            ]
        ):
            owners[offer.product_id] = offer
            if "name" in (offer.applied or {}):
                owners[offer.product_id.product_tmpl_id] = offer
        return {record: owners[record] for record in records if record in owners}

    def _forget_product(self):
        """Stand for no product any more, because a person took it away from these.

        Where the catalog imports by itself they are ignored: it would bring it back. Another
        variant remembers what its template shares.
        """
        left = self.search(
            [
                ("product_id.product_tmpl_id", "in", self.product_id.product_tmpl_id.ids),
                ("matched", "=", False),
                ("id", "not in", self.ids),
            ]
        ).grouped(lambda offer: offer.product_id.product_tmpl_id)
        for offer in self:
            shared = {n: v for n, v in (offer.applied or {}).items() if n in SHARED}
            heirs = left.get(offer.product_id.product_tmpl_id)
            if shared and heirs:
                heirs[0].applied = {**(heirs[0].applied or {}), **shared}
                heirs[0].pending = True
            offer.vendor_edits = offer._prepare_kept_unit()
        self.vendor_line_id.unlink()
        self.write(
            {
                "product_id": False,
                "matched": False,
                "match_reason": False,
                "applied": False,
                "pending": False,
            }
        )
        self.filtered(lambda offer: offer.catalog_id.import_mode != "manual").ignored = True
        self._forget_edits()

    # --- writing it ---

    def _write_synced(self, values, context=None):
        """Write {product or template: values} where they may be written; remember what was.

        Left out: fields set once, pinned products, and what a person edited: a problem until that
        person says whose value stays.
        """
        if not values:
            return
        owners = self._owners(values)
        values = {record: wanted for record, wanted in values.items() if record in owners}
        changes, settled, found = self._sort_out_together(values, owners)
        changes = self._hold_back(values, changes, owners)
        self._write_grouped(changes, FLAGS if context is None else context)
        for written in (changes, settled):
            for record, names in written.items():
                owner, wanted = owners[record], values[record]
                noted = {name: held(record, name, wanted[name]) for name in names}
                owner.applied = {**(owner.applied or {}), **noted}
        self._ask_whose(found)

    def _sort_out_together(self, values, owners):
        """Return what becomes of {product or template: values}: see `_sort_out`, by record.

        Nothing of what is pinned or set once. What to report is by owner.
        """
        kept, changes, settled, found = self.connection_id._synced_fields(), {}, {}, {}
        for record, wanted in values.items():
            template = record if record._name == "product.template" else record.product_tmpl_id
            if template.inventory_source_pinned:
                continue
            wanted = {name: value for name, value in wanted.items() if name in kept}
            changed, agreed, edits = owners[record]._sort_out(record, wanted)
            if changed:
                changes[record] = changed
            if agreed:
                settled[record] = agreed
            if edits:
                found.setdefault(owners[record], {}).update(edits)
        return changes, settled, found

    def _sort_out(self, record, wanted):
        """Return what becomes of the values wanted for a record that this remembers for.

        :return: {name: value} to write; the names a person gave the supplier's own value; and
            {name: what to report} of what a person edited, None where that is so no more
        """
        applied, asked = self.applied or {}, self.edits or {}
        wanted = {name: _beside(record, name, v, applied) for name, v in wanted.items()}
        changes, agreed, edits = self._changes(record, wanted), [], {}
        for name, value in wanted.items():
            edited = name in applied and not _stands(record, name, applied[name])
            if edited and name in changes:
                del changes[name]
                edits[name] = self._report_field(record, name, value)
                continue
            if edited:
                agreed.append(name)
            if name in asked:
                edits[name] = None
        return changes, agreed, edits

    # --- what a person edited that is kept in step: reported, and that person says whose stays ---

    @api.depends("edits")
    def _compute_edited(self):
        for offer in self:
            offer.edited = bool(offer.edits)

    @api.depends("edits")
    def _compute_edits_summary(self):
        for offer in self:
            offer.edits_summary = "\n".join(
                self.env._(
                    "%(field)s was changed here to %(mine)s; the supplier's would be %(theirs)s.",
                    field=label,
                    mine=mine,
                    theirs=theirs,
                )
                for label, mine, theirs in (offer.edits or {}).values()
            )

    # --- asking ---

    def _ask_whose(self, found):
        """Note what a person edited: {owner: {key: [label, mine, theirs], or None: no more}}."""
        changed = self.browse()
        for owner, edits in found.items():
            before = owner.edits or {}
            after = {key: lines for key, lines in {**before, **edits}.items() if lines}
            if after != before:
                owner.edits = after or False
                changed += owner
        changed._report_edits()

    def _report_edits(self):
        """Ensure one problem for each of these that a person edited, and none for the others."""
        asked = self.filtered("edits")
        asked._note_import_problem(
            "edited",
            lambda offer: " ".join(
                [*offer.edits_summary.splitlines(), self.env._("Say whose values stay.")]
            ),
        )
        (self - asked)._resolve_import_problem("edited")

    def _forget_edits(self):
        edited = self.filtered("edits")
        edited.edits = False
        edited._report_edits()

    def _forget_edits_of_set_once(self):
        """Ask no more about fields that are not kept in step any longer."""
        settled = {}
        for offer in self.filtered("edits"):
            connection = offer.connection_id
            kept, sync_attributes = connection._synced_fields(), connection.sync_attributes
            settled[offer] = {
                key: None
                for key in offer.edits
                if not (key in kept if key in SYNCED else sync_attributes)
            }
        self._ask_whose(settled)

    def _report_field(self, record, name, value):
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
        elif isinstance(value, float) and value:
            # As many decimals as tell it from the other: a weight of 0.004 is not 0.00.
            decimals = len(f"{value:.6f}".rstrip("0").partition(".")[2])
            value = formatLang(self.env, value, digits=max(decimals, 2))
        text = shorten(plain_text(str(value or "")), SHOWN).rstrip(".")
        return text or self.env._("nothing")

    # --- buttons ---

    def action_accept_theirs(self):
        """Replace what was edited here by the supplier's values."""
        self._check_may_decide()
        # sudo: supplier products are written by us only; who may decide was checked.
        owners = self.sudo().filtered("edited")
        refused = owners.browse()
        for connection, products in owners.grouped("connection_id").items():
            own = products.with_company(connection.company_id).with_context(lang=None)
            refused += own._accept_theirs()
        if refused:
            return refused._notify_refused()
        return self.connection_id[:1]._notify(
            self.env._("Back to the supplier's values: %(count)s products.", count=len(owners)),
            "success",
        )

    def _accept_theirs(self):
        """Take what was edited for our own, and have it follow the supplier again.

        :return: those that Odoo refused
        """
        for offer in self:
            product = offer.product_id
            mine = {n: held(product, n, ()) for n in offer.edits if n in product._fields}
            offer.applied = {**(offer.applied or {}), **mine}
            product.product_tmpl_id._inventory_source_drop_copies(mine)
        self.product_id.product_tmpl_id._inventory_source_release_attributes()
        self.write({"bypass_limit": True, "pending": True})
        self._forget_edits()
        if len(self) <= IMPORT_AT_ONCE:
            return self._update_now()
        self.connection_id._trigger_lane("catalog")
        return self.browse()

    def action_pin(self):
        """Pin the products: what is edited here stays, whatever the supplier changes."""
        self._check_may_decide()
        # sudo: see action_accept_theirs; a manager of the connector need not manage products.
        owners = self.sudo().filtered("edited")
        owners.product_id.product_tmpl_id.inventory_source_pinned = True
        return self.connection_id[:1]._notify(
            self.env._(
                "Your values stay: %(count)s products do not follow the supplier any more.",
                count=len(owners),
            ),
            "success",
        )


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
    current = record[name]
    return current - current.browse(applied.get(name) or ()) | theirs


def _stands(record, name, applied):
    """Return whether a field still holds what we wrote."""
    if record._fields[name].type == "many2many":
        return set(applied or ()) <= set(record[name].ids)
    value = held(record, name)
    if isinstance(value, float):
        return float_compare(value, applied or 0.0, precision_digits=6) == 0
    return value == (applied or False)
