from collections import Counter, defaultdict

from odoo import models
from odoo.fields import Command

from .safe_text import display_text


class ProductFamily(models.AbstractModel):
    """Families of the shelf become templates with only the variants that exist.

    Templates are made without variants, then attribute lines and values, then the combinations the
    supplier lists (performance.md, Families). A member that does not fit its family becomes a
    product of its own, and a problem says so.
    """

    _name = "inventory.source.product.family"
    _description = "Inventory Source Product Family"

    def _import_families(self):
        """Make the variants of those that belong to a family; return the others."""
        members = self.filtered(lambda shelf: shelf.options and shelf.parent_external_id)
        members -= members._in_parent_loop()
        members._create_each(type(self)._create_variants)
        return self - members

    def _create_variants(self):
        """Create one variant each, joining the family's template or making it."""
        values = self._shared_values()
        templates = self._family_templates(values)
        slots = self._template_values(templates, values)
        fitting, twins, taken = self.browse(), self.browse(), self._taken_slots(templates)
        for shelf, slot in slots.items():
            if slot in taken:
                twins += shelf
            else:
                fitting += shelf
                taken.add(slot)
        Product = self._importing("product.product")
        own = fitting._prepare_own()
        defaults = Product._add_missing_default_values({"product_tmpl_id": False})
        products = Product.create(
            [
                {
                    **defaults,
                    **own[shelf],
                    "product_tmpl_id": templates[shelf._family()].id,
                    "product_template_attribute_value_ids": [Command.set(list(slots[shelf]))],
                }
                for shelf in fitting
            ]
        )
        if fitting:
            fitting._link(products)
            fitting._update_prices()
        if alone := self - fitting:
            alone._import_without_family(twins)

    def _import_without_family(self, twins):
        def message(shelf):
            if shelf in twins:
                return self.env._(
                    "Another product of the family has the same options. It was imported as a "
                    "product of its own."
                )
            return self.env._(
                "Its options are not those of its family. It was imported as a product of its own."
            )

        self._note_import_problem("family", message)
        self._create_alone()

    def _family(self):
        self.ensure_one()
        return self.supplier_id, self.parent_external_id

    # --- attributes, shared by all products whatever their letter case ---

    def _shared_values(self):
        """Return the values of all options, made where missing: {(name, value): value}."""
        wanted = {(name, value) for shelf in self for name, value in shelf.options}
        attributes = self._shared_attributes({name for name, _value in wanted})
        known = {
            (value.attribute_id, _same(value.name)): value
            for value in self.env["product.attribute.value"].search(
                [("attribute_id", "in", [attribute.id for attribute in attributes.values()])],
                order="id desc",
            )
        }
        missing = {}
        for name, value in sorted(wanted):
            key = attributes[_same(name)], _same(value)
            if key not in known:
                missing.setdefault(key, display_text(value))
        created = self.env["product.attribute.value"].create(
            [
                {"attribute_id": attribute.id, "name": value}
                for (attribute, _key), value in missing.items()
            ]
        )
        known |= dict(zip(missing, created, strict=True))
        return {
            (name, value): known[attributes[_same(name)], _same(value)] for name, value in wanted
        }

    def _shared_attributes(self, names):
        """Return {name in lower case: attribute}; one that makes no variants is not shared."""
        known = {
            _same(attribute.name): attribute
            for attribute in self.env["product.attribute"].search(
                [("create_variant", "!=", "no_variant")], order="id desc"
            )
        }
        missing = {}
        for name in sorted(names):
            if _same(name) not in known:
                missing.setdefault(_same(name), {"name": display_text(name)})
        created = self.env["product.attribute"].create(list(missing.values()))
        return known | dict(zip(missing, created, strict=True))

    # --- templates ---

    def _family_templates(self, values):
        """Return the templates of the families, made where missing: {family: template}."""
        relatives = self.search(
            [
                ("supplier_id", "in", self.supplier_id.ids),
                ("parent_external_id", "in", self.mapped("parent_external_id")),
                ("product_id", "!=", False),
            ]
        )
        templates = {
            relative._family(): relative.product_id.product_tmpl_id
            for relative in relatives
            if relative.product_id.product_template_attribute_value_ids
        }
        families = defaultdict(self.browse)
        for shelf in self:
            if shelf._family() not in templates:
                families[shelf._family()] += shelf
        if families:
            templates |= self._create_templates(families, values)
        return templates

    def _create_templates(self, families, values):
        Template = self._importing("product.template").with_context(create_product_product=False)
        defaults = Template._add_missing_default_values({})
        connection, shared = self.connection_id, self._prepare_shared()
        prices, compared = connection._planned_prices(self), connection._compare_prices(self)
        categories = self._prepare_categories()
        templates = Template.create(
            [
                {
                    **defaults,
                    **shared,
                    **self._prepare_described(members[0]),
                    **categories[members[0]],
                    "list_price": max(prices[shelf] for shelf in members),
                    **self._prepare_compared(compared, members),
                }
                for members in families.values()
            ]
        )
        made = dict(zip(families, templates, strict=True))
        self.env["product.template.attribute.line"].with_context(
            create_product_product=False
        ).create(
            [
                {
                    "product_tmpl_id": made[family].id,
                    "attribute_id": attribute.id,
                    "value_ids": [Command.set(found.ids)],
                }
                for family, members in families.items()
                for attribute, found in members._usual_lines(values).items()
            ]
        )
        return made

    def _usual_lines(self, values):
        """Return {attribute: values} of the options most members of one family have."""
        kinds = Counter(shelf._attributes_of(values) for shelf in self)
        usual = kinds.most_common(1)[0][0]
        lines = {attribute: attribute.value_ids.browse() for attribute in usual}
        for shelf in self:
            if shelf._attributes_of(values) == usual:
                for name, value in shelf.options:
                    found = values[name, value]
                    lines[found.attribute_id] |= found
        return lines

    def _attributes_of(self, values):
        return frozenset(values[name, value].attribute_id for name, value in self.options)

    def _template_values(self, templates, values):
        """Return the place of each in its template: {record: ids of template attribute values}.

        Values that are new to a line are added; records whose options are other than the lines of
        their template are left out.
        """
        lines = {
            template: {line.attribute_id: line for line in template.attribute_line_ids}
            for template in templates.values()
        }
        fitting = self.filtered(
            lambda shelf: (
                len(shelf.options) == len(shelf._attributes_of(values))
                and shelf._attributes_of(values) == lines[templates[shelf._family()]].keys()
            )
        )
        places = {
            shelf: [
                (lines[templates[shelf._family()]][found.attribute_id], found)
                for found in (values[name, value] for name, value in shelf.options)
            ]
            for shelf in fitting
        }
        slots = self._ensure_on_lines({place for found in places.values() for place in found})
        return {
            shelf: frozenset(slots[place].id for place in found) for shelf, found in places.items()
        }

    def _ensure_on_lines(self, places):
        """Return the template value of each (line, attribute value), made or revived if need be."""
        new = defaultdict(lambda: self.env["product.attribute.value"])
        for line, value in places:
            if value not in line.value_ids:
                new[line] |= value
        for line, found in new.items():
            # Without this context the line would make every combination a variant.
            line.with_context(update_product_template_attribute_values=False).write(
                {"value_ids": [Command.link(value.id) for value in found]}
            )
        slots = {
            (slot.attribute_line_id, slot.product_attribute_value_id): slot
            for slot in self.env["product.template.attribute.value"].search(
                [("attribute_line_id", "in", [line.id for line, _value in places])]
            )
        }
        revived = [slots[p] for p in places if p in slots and not slots[p].ptav_active]
        for slot in revived:
            slot.ptav_active = True
        missing = sorted(places - slots.keys(), key=lambda place: (place[0].id, place[1].id))
        created = self.env["product.template.attribute.value"].create(
            [
                {"attribute_line_id": line.id, "product_attribute_value_id": value.id}
                for line, value in missing
            ]
        )
        return slots | dict(zip(missing, created, strict=True))

    def _taken_slots(self, templates):
        """Return the combinations that variants of the templates have, archived ones too."""
        variants = (
            self.env["product.product"]
            .with_context(active_test=False)
            .search([("product_tmpl_id", "in", [t.id for t in templates.values()])])
        )
        return {frozenset(variant.product_template_attribute_value_ids.ids) for variant in variants}


def _same(text):
    return " ".join(text.split()).casefold()
