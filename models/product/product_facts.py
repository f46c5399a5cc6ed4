from markupsafe import Markup

from odoo import fields, models
from odoo.fields import Command

from .keep_policy import KEPT
from .product_attribute import same_text


class ProductFacts(models.AbstractModel):
    """Plain facts become attributes without variants, or a table below the description.

    A family has those that all its members share.
    """

    _name = "inventory.source.product.facts"
    _description = "Inventory Source Product Facts"

    def _facts(self):
        """Return {name: value} of the facts all of these share, in the supplier's order.

        What stands twice is one fact of several words; what makes the variants is none.
        """
        options = {same_text(name) for shelf in self for name, _value in shelf.options or ()}
        shared = None
        for shelf in self:
            told = {}
            for name, value in shelf.attributes or ():
                told.setdefault(same_text(name), (name, []))[1].append(value)
            if shared is None:
                shared = told
            else:
                shared = {key: fact for key, fact in shared.items() if told.get(key) == fact}
        return {
            name: ", ".join(dict.fromkeys(values))
            for key, (name, values) in (shared or {}).items()
            if key not in options
        }

    def _facts_table(self):
        """Return the facts as HTML, "" where there are none or they do not go there."""
        if self.connection_id.facts_policy != "table" or not any(s.attributes for s in self):
            return Markup("")
        row = Markup("<tr><th>%s</th><td>%s</td></tr>")
        rows = Markup("").join(row % fact for fact in self._facts().items())
        return rows and Markup("<table><tbody>%s</tbody></table>") % rows

    def _update_facts(self):
        """Give the products of these the attributes their suppliers tell.

        Attributes a person added stay as they are; about those changed or taken away a person is
        asked.
        """
        Value = self.env["product.attribute.value"]
        wanted = self._wanted_facts()
        owners = self._owners(wanted) if wanted else {}
        pairs = {pair for template in owners for pair in wanted[template].items()}
        values = self._shared_values(pairs, variants=False) if pairs else {}
        known = Value.union(
            *(Value.browse(t.inventory_source_facts or ()) for t in owners)
        ).exists()
        changed = {}
        for template, owner in owners.items():
            given = Value.browse(template.inventory_source_facts or ()) & known
            asked = Value.union(*(values[pair] for pair in wanted[template].items()))
            standing = template.attribute_line_ids.value_ids if given else given
            if owner.edits or given != asked or not given <= standing:
                changed[template] = given, asked
        self._write_facts(changed, owners)

    def _wanted_facts(self):
        """Return {template: facts} of those that may be written; nothing of what is not there."""
        policy, kept = self.connection_id.facts_policy, self.connection_id.keep_facts
        templates = self.product_id.product_tmpl_id.filtered(
            lambda template: (
                template.active
                and not template.inventory_source_pinned
                and (kept or not template.inventory_source_facts)
            )
        )
        if policy != "attributes":
            # Those that were given before the connection was set to something else.
            return {template: {} for template in templates if template.inventory_source_facts}
        return {
            template: members._facts()
            for template, members in self._live_members().items()
            if template in templates
        }

    def _write_facts(self, changed, owners):
        """Replace the values given to templates: {template: (given, asked)}."""
        lines = self.env["product.template.attribute.line"]
        new, places, found = [], set(), {}
        for template, (given, asked) in changed.items():
            had, want = given.grouped("attribute_id"), asked.grouped("attribute_id")
            standing = template.attribute_line_ids.grouped("attribute_id")
            remembered = asked.browse()
            owner = owners[template]
            told = found[owner] = {key: None for key in owner.edits or () if key not in KEPT}
            for attribute in given.attribute_id | asked.attribute_id:
                line = standing.get(attribute, lines)
                old, value = (side.get(attribute, asked.browse()) for side in (had, want))
                if line.value_ids != old:
                    # A person's by now, unless it is what the supplier tells.
                    remembered |= old and (value if value == line.value_ids else old)
                    if old and value and value != line.value_ids:
                        mine = self._readable(", ".join(line.value_ids.mapped("name")))
                        told[f"attribute {attribute.id}"] = [attribute.name, mine, value.name]
                    continue
                remembered |= value
                if not line:
                    new.append(
                        {
                            "product_tmpl_id": template.id,
                            "attribute_id": attribute.id,
                            "value_ids": [Command.set(value.ids)],
                        }
                    )
                elif not value:
                    line.unlink()
                elif value != old:
                    line.with_context(
                        update_product_template_attribute_values=False
                    ).value_ids = value
                    line.product_template_value_ids.filtered(
                        lambda slot, old=old: slot.product_attribute_value_id in old
                    ).unlink()
                    places.add((line, value))
            template.inventory_source_facts = sorted(remembered.ids)
        made = lines.with_context(create_product_product=False).create(new)
        self._ensure_on_lines(places | {(line, line.value_ids) for line in made})
        self._ask_whose(found)


class ProductTemplate(models.Model):
    _inherit = "product.template"

    # The attribute values we gave, so that what a person changed is known and kept.
    inventory_source_facts = fields.Json(readonly=True, copy=False, groups="base.group_user")

    def _inventory_source_release_facts(self):
        """Take what stands at the attributes we gave for ours: the supplier's replaces it."""
        for template in self.filtered("inventory_source_facts"):
            given = self.env["product.attribute.value"].browse(template.inventory_source_facts)
            ours = given.exists().attribute_id
            standing = template.attribute_line_ids.value_ids
            template.inventory_source_facts = sorted(
                value.id for value in standing if value.attribute_id in ours
            )
