from collections import Counter, defaultdict

from odoo import models
from odoo.fields import Command

from ...tools.families import sort_members


class SupplierProduct(models.Model):
    """Families of supplier products become templates with only the variants that exist.

    Templates are made without variants, then attribute lines and values, then the combinations the
    supplier lists (docs/decisions/0016-products-are-made-in-batches.md). A member that does not fit
    its family becomes a product of its own, and a problem says so.
    """

    _inherit = "inventory.source.product"

    def _import_families(self):
        """Make the variants of those that belong to a family; return the others."""
        members = self.filtered(lambda offer: offer.options and offer.parent_external_id)
        members -= members._in_parent_loop()
        members._each("import", type(self)._create_variants)
        return self - members

    def _create_variants(self):
        """Create one variant each, joining the family's template or making it."""
        values, known = self._option_values(), self._known_templates()
        keys = {pair: (value.attribute_id, value) for pair, value in values.items()}
        fitting, twins = self._sort_members(keys, known)
        if fitting:
            fitting._create_fitting(values, known)
        if alone := self - fitting:
            alone._import_without_family(twins)

    def _sort_members(self, keys, known):
        """Return those that become variants, and those whose options another one has.

        :param dict keys: {(name, value): (attribute, value)}, as records or what stands for them
        :param dict known: {family: template} of the families that have one
        """
        families = defaultdict(dict)
        for offer in self:
            families[offer._family()][offer] = [keys[name, value] for name, value in offer.options]
        lines = {
            family: template._inventory_source_lines()
            for family, template in known.items()
            if family in families
        }
        return [self & self.browse().concat(*found) for found in sort_members(families, lines)]

    def _create_fitting(self, values, known):
        """Create one variant each, in the template of its family."""
        families = self._family_templates(values, known)
        templates = {offer: families[offer._family()] for offer in self}
        combinations = self._combinations(templates, values)
        Product = self._importing("product.product")
        own = self._prepare_own()
        defaults = Product._add_missing_default_values({"product_tmpl_id": False})
        products = Product.create(
            [
                {
                    **defaults,
                    **own[offer],
                    "product_tmpl_id": templates[offer].id,
                    "product_template_attribute_value_ids": [
                        Command.set(list(combinations[offer]))
                    ],
                }
                for offer in self
            ]
        )
        self._link(products)
        self._update_prices()
        self._update_attributes()

    def _import_without_family(self, twins):
        def message(offer):
            if offer in twins:
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

    # --- templates ---

    def _family_templates(self, values, known):
        """Return the templates of the families, made where missing: {family: template}."""
        families = defaultdict(self.browse)
        for offer in self:
            if offer._family() not in known:
                families[offer._family()] += offer
        return known | self._create_templates(families, values) if families else known

    def _known_templates(self):
        """Return the templates the families of these have already: {family: template}.

        A template is that of the family most of its variants belong to, the oldest of equals: one
        variant that the supplier moves elsewhere takes neither family with it.
        """
        relatives = self.search(
            [
                ("supplier_id", "in", self.supplier_id.ids),
                ("parent_external_id", "in", self.mapped("parent_external_id")),
                ("product_id.product_template_attribute_value_ids", "!=", False),
            ]
        )
        members = self.search(
            [("product_id.product_tmpl_id", "in", relatives.product_id.product_tmpl_id.ids)],
            order="id",
        )
        # Who is offered to nobody, as a sandbox that went live, has no say.
        members = members.filtered(
            lambda each: each.connection_id in self.connection_id or each.connection_id.is_counted
        )
        templates = {}
        for template, variants in members.grouped(lambda m: m.product_id.product_tmpl_id).items():
            families = Counter(variant._family() for variant in variants)
            templates.setdefault(families.most_common(1)[0][0], template)
        return templates

    def _create_templates(self, families, values):
        Template = self._importing("product.template").with_context(create_product_product=False)
        connection, shared = self.connection_id, self._prepare_shared()
        defaults = self._prepare_defaults(Template, shared)
        # First: see `_create_alone`.
        categories = self._prepare_categories()
        prices, compared = connection._planned_prices(self), connection._compare_prices(self)
        templates = Template.create(
            [
                {
                    **defaults,
                    **shared,
                    **self._prepare_described(members[0], members),
                    **categories[members[0]],
                    "list_price": max(prices[offer] for offer in members),
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
                for attribute, found in members._lines(values).items()
            ]
        )
        return made

    def _lines(self, values):
        """Return {attribute: values} of the options of these, which are variants of one family."""
        lines = defaultdict(self.env["product.attribute.value"].browse)
        for offer in self:
            for name, value in offer.options:
                found = values[name, value]
                lines[found.attribute_id] |= found
        return lines

    def _attributes_of(self, values):
        return frozenset(values[name, value].attribute_id for name, value in self.options or ())

    def _combinations(self, templates, values):
        """Return the combination of each: {record: ids of template attribute values}.

        Values that are new to a line are added; records whose options are other than the lines of
        their template are left out.

        :param dict templates: {record: the template it is or will be a variant of}
        """
        lines = {
            template: {
                line.attribute_id: line
                # Others are facts of all variants, of ours or of a person.
                for line in template.attribute_line_ids._without_no_variant_attributes()
            }
            for template in set(templates.values())
        }
        fitting = self.filtered(
            lambda offer: (
                len(offer.options or ()) == len(offer._attributes_of(values))
                and offer._attributes_of(values) == lines[templates[offer]].keys()
            )
        )
        pairs = {
            offer: [
                (lines[templates[offer]][found.attribute_id], found)
                for found in (values[name, value] for name, value in offer.options)
            ]
            for offer in fitting
        }
        template_values = self._ensure_on_lines(
            {pair for found in pairs.values() for pair in found}
        )
        return {
            offer: frozenset(template_values[pair].id for pair in found)
            for offer, found in pairs.items()
        }

    def _ensure_on_lines(self, pairs):
        """Return the template value of each (line, attribute value), made or revived if need be."""
        new = defaultdict(lambda: self.env["product.attribute.value"])
        for line, value in pairs:
            if value not in line.value_ids:
                new[line] |= value
        for line, found in new.items():
            # Without this context the line would make every combination a variant.
            line.with_context(update_product_template_attribute_values=False).write(
                {"value_ids": [Command.link(value.id) for value in found]}
            )
        template_values = {
            (
                template_value.attribute_line_id,
                template_value.product_attribute_value_id,
            ): template_value
            for template_value in self.env["product.template.attribute.value"].search(
                [("attribute_line_id", "in", [line.id for line, _value in pairs])]
            )
        }
        revived = [
            template_values[p]
            for p in pairs
            if p in template_values and not template_values[p].ptav_active
        ]
        for template_value in revived:
            template_value.ptav_active = True
        missing = sorted(pairs - template_values.keys(), key=lambda pair: (pair[0].id, pair[1].id))
        created = self.env["product.template.attribute.value"].create(
            [
                {"attribute_line_id": line.id, "product_attribute_value_id": value.id}
                for line, value in missing
            ]
        )
        return template_values | dict(zip(missing, created, strict=True))

    def _used_combinations(self, templates):
        """Return (variant, combination) of all variants of the templates, archived ones too."""
        variants = (
            self.env["product.product"]
            .with_context(active_test=False)
            .search([("product_tmpl_id", "in", [t.id for t in set(templates.values())])])
        )
        return [
            (variant, frozenset(variant.product_template_attribute_value_ids.ids))
            for variant in variants
        ]

    # --- variants follow corrected options; what does not fit stays and is named ---

    def _update_options(self):
        """Give the variants of these the combination that the supplier names now."""
        named = self.filtered(
            lambda offer: (
                (offer.options or offer.parent_external_id)
                and not offer.product_id.product_tmpl_id.inventory_source_pinned
            )
        )
        if not named:
            return
        moved = named.filtered(lambda offer: not offer._has_its_options())
        variants = moved.filtered("product_id.product_template_attribute_value_ids")
        (moved - variants)._note_joined_late()
        settled = named - moved
        if variants:
            settled += variants._move_variants()
        settled._resolve_import_problem("family")

    def _has_its_options(self):
        current = sorted(
            (same_text(value.attribute_id.name), same_text(value.name))
            for value in self.product_id.product_template_attribute_value_ids
        )
        return current == sorted(
            (same_text(name), same_text(value)) for name, value in self.options or ()
        )

    def _move_variants(self):
        """Move these and their relatives to where their options are; return those that are there.

        Relatives too: two may have exchanged theirs, in different pages.
        """
        templates = self.product_id.product_tmpl_id
        offers = self.search([("product_id.product_tmpl_id", "in", templates.ids)])
        movers = (self | offers._made()).filtered(
            lambda offer: not (offer.discontinued_at or offer._has_its_options())
        )
        values = movers._option_values()
        templates_of = {offer: offer.product_id.product_tmpl_id for offer in movers}
        combinations = movers._combinations(templates_of, values)
        movers_fitting = movers.filtered(lambda offer: offer in combinations)
        free = movers_fitting._with_free_combination(templates_of, combinations)
        free._take_combinations(combinations)
        (movers - movers_fitting)._note_import_problem(
            "family",
            lambda offer: self.env._(
                "Its options changed and are not those of its family any more. It was left as it "
                "is."
            ),
        )
        (movers_fitting - free)._note_import_problem(
            "family",
            lambda offer: self.env._(
                "Its options changed to the same options another product of its family has. It "
                "was left as it is."
            ),
        )
        return free

    def _with_free_combination(self, templates_of, combinations):
        """Return those whose combination nobody has who keeps the one it has."""
        current = self._used_combinations(templates_of)
        going = self
        while True:
            leaving = going.product_id
            taken = {combination for variant, combination in current if variant not in leaving}
            free = self.browse()
            for offer in going:
                if combinations[offer] not in taken:
                    taken.add(combinations[offer])
                    free += offer
            if free == going:
                return free
            going = free

    def _take_combinations(self, combinations):
        left = self.product_id.product_template_attribute_value_ids
        for variant in self.product_id:
            # Two that exchange theirs must not have the same combination for a moment.
            variant.combination_indices = f"moving {variant.id}"
        self.env.flush_all()
        for offer in self:
            offer.product_id.product_template_attribute_value_ids = [
                Command.set(list(combinations[offer]))
            ]
        self.env.flush_all()
        unused = left.filtered(lambda value: not value.ptav_product_variant_ids)
        for line, values in unused.grouped("attribute_line_id").items():
            line.value_ids = [
                Command.unlink(value.product_attribute_value_id.id) for value in values
            ]

    def _note_joined_late(self):
        """Name those that belong to a family only since they became products of their own."""
        noted = self.env["inventory.source.problem"].search(
            [
                ("connection_id", "in", self.connection_id.ids),
                ("kind", "=", "product"),
                ("code", "in", ("family", "parent")),
                ("reference", "in", self.mapped("external_id")),
            ]
        )
        known = set(noted.mapped("reference"))
        self.filtered(
            lambda offer: offer.options and offer.external_id not in known
        )._note_import_problem(
            "family",
            lambda offer: self.env._(
                "It belongs to a family now. Its product was made before and stays a product of "
                "its own. To have it join, archive that product, unlink it here and import it "
                "again."
            ),
        )

    # --- attributes and their values are shared by all products, whatever their letter case ---

    def _option_values(self):
        """Return the values of all options, made where missing: {(name, value): value}."""
        wanted = {(name, value) for offer in self for name, value in offer.options or ()}
        return self._shared_values(wanted)

    def _option_keys(self):
        """Return what options are the same by: {(name, value): (attribute, value)}; makes none.

        Records where there are such, else the text that both would share.
        """
        attributes = self._known_attributes(variants=True)
        wanted = {(name, value) for offer in self for name, value in offer.options or ()}
        keys = {
            (name, value): (attributes.get(same_text(name), same_text(name)), same_text(value))
            for name, value in wanted
        }
        known = self._known_values({attribute for attribute, _text in keys.values()})
        return {pair: (key[0], known.get(key, key[1])) for pair, key in keys.items()}

    def _shared_values(self, wanted, variants=True):
        """Return the values of these pairs, made where missing: {(name, value): value}.

        :param bool variants: of attributes that make variants; else of those that make none
        """
        attributes = self._shared_attributes({name for name, _value in wanted}, variants)
        known = self._known_values(attributes.values())
        keys = {(name, value): (attributes[name], same_text(value)) for name, value in wanted}
        missing = {}
        for name, value in sorted(wanted):
            if keys[name, value] not in known:
                missing.setdefault(keys[name, value], value)
        created = self.env["product.attribute.value"].create(
            [
                {"attribute_id": attribute.id, "name": value}
                for (attribute, _key), value in missing.items()
            ]
        )
        known |= dict(zip(missing, created, strict=True))
        return {pair: known[key] for pair, key in keys.items()}

    def _known_values(self, attributes):
        """Return {(attribute, text): value} of the values there are."""
        Attribute = self.env["product.attribute"]
        ids = [each.id for each in attributes if isinstance(each, type(Attribute))]
        found = self.env["product.attribute.value"].search(
            [("attribute_id", "in", ids)], order="id desc"
        )
        return {(value.attribute_id, same_text(value.name)): value for value in found}

    def _known_attributes(self, variants):
        """Return {text: attribute} of the attributes there are."""
        makes = "!=" if variants else "="
        found = self.env["product.attribute"].search(
            # Of several values one may tick, the product has them all: no fact, a choice.
            [("create_variant", makes, "no_variant"), ("display_type", "!=", "multi")],
            order="id desc",
        )
        return {same_text(attribute.name): attribute for attribute in found}

    def _shared_attributes(self, names, variants):
        """Return {name: attribute}, made where missing."""
        known = self._known_attributes(variants)
        missing = {}
        for name in sorted(names):
            if same_text(name) not in known:
                missing.setdefault(same_text(name), {"name": name})
        how = {} if variants else {"create_variant": "no_variant"}
        created = self.env["product.attribute"].create([{**v, **how} for v in missing.values()])
        known |= dict(zip(missing, created, strict=True))
        return {name: known[same_text(name)] for name in names}


def same_text(text):
    """Return what is equal for texts a person takes for the same, as they stand in Odoo."""
    return " ".join(text.split()).casefold()
