from odoo import models

from ...tools.safe_text import display_text

PUBLIC = "product.public.category"  # of website_sale, which may not be installed


class CategoryTarget(models.AbstractModel):
    """Which category of Odoo a category of the suppliers means; made where that is the decision."""

    _name = "inventory.source.category.target"
    _description = "Inventory Source Category in Odoo"

    def _effective_action(self):
        self.ensure_one()
        return self.action or self.connection_id.category_rule

    def _product_category(self):
        """Return the category of Odoo for products imported now, made if that is the decision."""
        self.ensure_one()
        if not self.categ_id and self._names() and self._effective_action() == "create":
            values = {"categ_id": self._find_or_make("product.category").id}
            if PUBLIC in self.env and not self.public_category_id:
                values["public_category_id"] = self._find_or_make(PUBLIC).id
            # Not our own write: it would have all products follow, and they are about to.
            super().write(values)  # pylint: disable=super-method-mismatch
        return self.categ_id or self.connection_id._product_category()

    def _find_or_make(self, model):
        """Return the category of this row's names, each level made where there is none."""
        connection = self.connection_id
        found = self.env[model]
        if model != PUBLIC:
            found = connection._product_category()
        for name in map(display_text, self._names()):
            parent = found
            found = parent.search(
                [("parent_id", "=", parent.id), ("name", "=ilike", _literal(name))], limit=1
            )
            if not found and model == PUBLIC:
                found = parent.create({"name": name, "parent_id": parent.id})
            elif not found:
                found = connection._make_product_category(name, parent)
        return found

    def _public_category(self):
        """Return the eCommerce category; none where none was chosen or it is gone."""
        self.ensure_one()
        return self.env[PUBLIC].browse(self.public_category_id or ()).exists()


def _literal(text):
    """Return a pattern that matches only this text, whatever its letter case."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
