from odoo import fields, models
from odoo.tools import SQL

from .category_target import PUBLIC
from .importer import FLAGS

# A change of category may change how stock of ours is valued: that is for Odoo to work out.
QUIET = {name: flag for name, flag in FLAGS.items() if name != "disable_auto_revaluation"}


class CategoryShelf(models.AbstractModel):
    """Products of the shelf go where their supplier category is mapped to."""

    _name = "inventory.source.category.shelf"
    _description = "Inventory Source Category of a Supplier Product"

    ignored_by_category = fields.Boolean(
        readonly=True, help="Ignored with its category; comes back when that is mapped."
    )

    def _category_path(self):
        self.ensure_one()
        return self.category or False, self.subcategory or False

    def _category_rows(self):
        """Return {record: row of the mapping}; rows that are missing are made."""
        Category = self.env["inventory.source.category"]
        found = {}
        for connection, products in self.grouped("connection_id").items():
            rows = {row._path(): row for row in connection.category_map_ids}
            if any(shelf._category_path() not in rows for shelf in products):
                Category._refresh(connection)
                rows = {row._path(): row for row in connection.category_map_ids}
            found |= {shelf: rows[shelf._category_path()] for shelf in products}
        return found

    # --- products in Odoo ---

    def _planned_categories(self):
        """Return {record: category of Odoo} as mapped now; makes none, so it may be empty."""
        rows = {
            (row.connection_id, row._path()): row.categ_id
            for row in self.connection_id.category_map_ids
        }
        return {
            shelf: rows.get((shelf.connection_id, shelf._category_path()))
            or shelf.connection_id.category_id
            for shelf in self
        }

    def _prepare_categories(self):
        """Return the template values of new products: {record: values}."""
        prepared = {}
        rows = self._category_rows()
        for row in set(rows.values()):
            prepared[row] = {"categ_id": row._product_category().id}
            if PUBLIC in self.env:
                prepared[row]["public_categ_ids"] = row._public_category()
        return {shelf: prepared[row] for shelf, row in rows.items()}

    def _update_categories(self):
        """Move the products made of these to where their supplier category is mapped now.

        A template with several follows the oldest that is live.
        """
        first = {template: members[0] for template, members in self._live_members().items()}
        values = self.concat(*first.values())._prepare_categories()
        self._write_kept({template: values[shelf] for template, shelf in first.items()}, QUIET)

    def _follow_category(self):
        """Follow a decision about the categories of these."""
        self._update_categories()
        # Rules of a formula may be of a category.
        self._update_prices()

    # --- ignored categories ---

    def _ignore_by_category(self, connection):
        """Ignore the new ones of ignored categories, and take back those that moved out of one.

        What waits for its import was chosen by a person, and is left alone. The connection is
        given: to ask each product for it would read a page of descriptions.
        """
        actions = {row._path(): row.action for row in connection.category_map_ids if row.action}
        rule = connection.category_rule
        if "ignore" not in {*actions.values(), rule}:
            return
        left_out = self.filtered(
            lambda shelf: actions.get(shelf._category_path(), rule) == "ignore"
        )
        left_out.filtered(lambda shelf: shelf.state == "new" and not shelf.pending)._leave_out()
        (self - left_out).filtered("ignored_by_category")._take_back(connection)

    def _leave_out(self):
        """Ignore these, which are new."""
        self._set_ignored_by_category(True)

    def _take_back(self, connection):
        """Make those new again that were ignored with their category; have wanted ones imported."""
        self._set_ignored_by_category(False)
        for catalog in connection.catalog_ids:
            self._mark_wanted(catalog, self)

    def _set_ignored_by_category(self, ignored):
        names = ["ignored", "ignored_by_category", "pending", "state"]
        self.flush_model(names)
        # Raw SQL: a decision may concern 100,000 products, half a minute through the ORM. What is
        # neither new nor ignored was imported or is discontinued, and keeps its state.
        self.env.execute_query(
            SQL(
                """
                UPDATE inventory_source_product
                SET ignored = %(ignored)s, ignored_by_category = %(ignored)s,
                    pending = pending AND NOT %(ignored)s,
                    state = CASE WHEN state = %(before)s THEN %(after)s ELSE state END
                WHERE id = ANY(%(ids)s)
                RETURNING 1
                """,
                ignored=ignored,
                before="new" if ignored else "ignored",
                after="ignored" if ignored else "new",
                ids=self.ids,
            )
        )
        self.invalidate_recordset(names, flush=False)
