from odoo import models

from ...tools.safe_text import display_text


class ProductAttribute(models.AbstractModel):
    """Attributes and their values are shared by all products, whatever their letter case."""

    _name = "inventory.source.product.attribute"
    _description = "Inventory Source Product Attributes"

    def _option_values(self):
        """Return the values of all options, made where missing: {(name, value): value}."""
        wanted = {(name, value) for shelf in self for name, value in shelf.options or ()}
        return self._shared_values(wanted)

    def _shared_values(self, wanted, variants=True):
        """Return the values of these pairs, made where missing: {(name, value): value}.

        :param bool variants: of attributes that make variants; else of those that make none
        """
        attributes = self._shared_attributes({name for name, _value in wanted}, variants)
        known = {
            (value.attribute_id, same_text(value.name)): value
            for value in self.env["product.attribute.value"].search(
                [("attribute_id", "in", [attribute.id for attribute in attributes.values()])],
                order="id desc",
            )
        }
        places = {(name, value): (attributes[name], same_text(value)) for name, value in wanted}
        missing = {}
        for name, value in sorted(wanted):
            if places[name, value] not in known:
                missing.setdefault(places[name, value], display_text(value))
        created = self.env["product.attribute.value"].create(
            [
                {"attribute_id": attribute.id, "name": value}
                for (attribute, _key), value in missing.items()
            ]
        )
        known |= dict(zip(missing, created, strict=True))
        return {pair: known[place] for pair, place in places.items()}

    def _shared_attributes(self, names, variants):
        """Return {name: attribute}, made where missing."""
        makes = "!=" if variants else "="
        known = {
            same_text(attribute.name): attribute
            for attribute in self.env["product.attribute"].search(
                # Of several values one may tick, the product has them all: no fact, a choice.
                [("create_variant", makes, "no_variant"), ("display_type", "!=", "multi")],
                order="id desc",
            )
        }
        missing = {}
        for name in sorted(names):
            if same_text(name) not in known:
                missing.setdefault(same_text(name), {"name": display_text(name)})
        how = {} if variants else {"create_variant": "no_variant"}
        created = self.env["product.attribute"].create([{**v, **how} for v in missing.values()])
        known |= dict(zip(missing, created, strict=True))
        return {name: known[same_text(name)] for name in names}


def same_text(text):
    """Return what is equal for texts a person takes for the same, as they stand in Odoo."""
    return " ".join(display_text(text).split()).casefold()
