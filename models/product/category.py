import re

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ...client.texts import clean_line
from ...tools.safe_text import literal
from ..sync.record_mixin import notification
from .connection import CATEGORY_ACTIONS
from .importer import FLAGS

# As many products are moved while a person waits; more follow by the catalog's lane.
MOVE_AT_ONCE = 200

# What a person says of a category.
_DECISION = ("action", "categ_id", "public_category_id", "split_path", "price_pricelist_id")

MAPPING = "inventory.source.category"
PUBLIC = "product.public.category"  # of website_sale, which may not be installed

# What suppliers write between the levels of a path. A "/" without blanks is part of a name.
LEVELS = re.compile(r"\s*(?:-*>+|\||»|›|→|\\+)\s*|\s+/\s+")

# A change of category may change how stock of ours is valued: that is for Odoo to work out.
QUIET = {name: flag for name, flag in FLAGS.items() if name != "disable_auto_revaluation"}


class Category(models.Model):
    """A category as the suppliers name it, and the category of Odoo its products go into.

    The rows make themselves from the supplier products, and are kept: a decision is
    remembered even while no product has the category.
    """

    _name = "inventory.source.category"
    _description = "Inventory Source Category"
    _inherit = ["inventory.source.guard", "inventory.source.price.formula"]
    _order = "product_count desc, category, subcategory, id"
    _rec_names_search = ["category", "subcategory"]
    _check_company_auto = True

    connection_id = fields.Many2one(
        "inventory.source.connection", required=True, ondelete="cascade", readonly=True
    )
    company_id = fields.Many2one(related="connection_id.company_id", store=True, index=True)
    category = fields.Char("Supplier Category", readonly=True)
    subcategory = fields.Char("Supplier Subcategory", readonly=True)
    product_count = fields.Integer(
        "Products", readonly=True, help="Supplier products at the end of the last update."
    )
    action = fields.Selection(
        CATEGORY_ACTIONS,
        compute="_compute_action",
        store=True,
        readonly=False,
        index=True,
        help="Empty: what the connection says about unmapped categories.",
    )
    split_path = fields.Boolean(
        help="What stands between the levels of a path separates categories of Odoo.",
    )
    levels = fields.Char(
        "As a Path", compute="_compute_levels", help="The categories of Odoo when it is split."
    )
    categ_id = fields.Many2one(
        "product.category",
        "Odoo Category",
        ondelete="restrict",
        index="btree_not_null",
        help="Where its products go. You are asked about those whose category was changed by hand.",
    )
    public_category_model = fields.Char(compute="_compute_public_category_model")
    public_category_id = fields.Many2oneReference(
        "eCommerce Category",
        model_field="public_category_model",
        help="Where its products are shown in the web shop.",
    )

    _path_uniq = models.UniqueIndex(
        "(connection_id, COALESCE(category, ''), COALESCE(subcategory, ''))",
        "This category of the connection is already there.",
    )

    @api.depends("category", "subcategory")
    def _compute_display_name(self):
        for row in self:
            row.display_name = " / ".join(row._names()) or self.env._("Without a category")

    @api.depends("category", "subcategory")
    def _compute_levels(self):
        for row in self:
            levels = row._split_levels()
            row.levels = " / ".join(levels) if levels != row._names() else False

    @api.depends("categ_id")
    def _compute_action(self):
        for row in self:
            if row.categ_id:
                row.action = "category"
            elif row.action == "category":
                row.action = False

    def _compute_public_category_model(self):
        self.public_category_model = PUBLIC

    @api.constrains("action", "categ_id")
    def _check_categ_id(self):
        for row in self:
            if row.action == "category" and not row.categ_id:
                raise ValidationError(
                    self.env._("Choose the Odoo category for %(name)s.", name=row.display_name)
                )

    def write(self, vals):
        result = super().write(vals)
        if {"action", "categ_id", "public_category_id"} & vals.keys():
            self._apply_mapping()
        return result

    @api.model
    def _get_view(self, view_id=None, view_type="form", **options):
        arch, view = super()._get_view(view_id, view_type, **options)
        if PUBLIC not in self.env:
            for node in arch.xpath("//field[@name='public_category_id']"):
                node.getparent().remove(node)
        return arch, view

    # --- rows come from the supplier products ---

    @api.model
    def _refresh(self, connection):
        """Ensure a row for each category of the supplier products, with their number."""
        self._adopt_old_names(connection)
        self.env["inventory.source.product"].flush_model(
            ["category", "subcategory", "discontinued_at", "connection_id"]
        )
        self.flush_model()
        # Raw SQL: one statement counts all supplier products, and adding a row that another
        # worker has just added is no error.
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO inventory_source_category AS known
                    (connection_id, company_id, category, subcategory, product_count,
                     create_uid, create_date, write_uid, write_date)
                SELECT %(connection)s, %(company)s, category, subcategory, SUM(live),
                    %(user)s, %(now)s, %(user)s, %(now)s
                FROM (
                    SELECT category, subcategory, 1 AS live FROM inventory_source_product
                    WHERE connection_id = %(connection)s AND discontinued_at IS NULL
                    UNION ALL
                    SELECT category, subcategory, 0 FROM inventory_source_category
                    WHERE connection_id = %(connection)s
                ) AS counted
                GROUP BY category, subcategory
                ON CONFLICT (connection_id, COALESCE(category, ''), COALESCE(subcategory, ''))
                DO UPDATE SET product_count = EXCLUDED.product_count
                WHERE known.product_count IS DISTINCT FROM EXCLUDED.product_count
                """,
                connection=connection.id,
                company=connection.company_id.id,
                user=self.env.uid,
                now=fields.Datetime.now(),
            )
        )
        self.invalidate_model(flush=False)
        connection.invalidate_recordset(["category_map_ids"], flush=False)

    @api.model
    def _adopt_old_names(self, connection):
        """Move decisions about names as they were read once to the names as they are read now.

        "Health &amp; Beauty" was another category than "Health & Beauty" and is not any more.
        """
        # sudo: names and numbers are ours, whoever's import finds that a row is missing.
        rows = self.sudo().search([("connection_id", "=", connection.id)])
        known = {row._path(): row for row in rows}
        for path, row in known.items():
            clean = row._key()
            if clean == path:
                continue
            heir = known.get(clean)
            if not heir:
                row.write({"category": clean[0], "subcategory": clean[1]})
                continue
            if not heir._is_decided():
                heir.write(row._decision())
            row.unlink()

    def _path(self):
        self.ensure_one()
        return self.category or False, self.subcategory or False

    def _key(self):
        """Return what products know their row by: its names as they would be read now."""
        return _key(*self._path())

    def _is_decided(self):
        return any(self[name] for name in _DECISION)

    def _decision(self):
        """Return what a person said of it, as values to write."""
        self.ensure_one()
        return self._convert_to_write({name: self[name] for name in _DECISION if self[name]})

    def _by_key(self):
        """Return {key: row}; of names that were read in two ways the row somebody decided on."""
        return {row._key(): row for row in self.sorted(Category._is_decided)}

    def _split_levels(self):
        """Return the names of the categories of Odoo, from the top, that the two names mean.

        Where one of the two repeats the other, that is said once.
        """
        upper, lower = (
            [level for level in LEVELS.split(name or "") if level] for name in self._path()
        )
        if lower[: len(upper)] == upper:
            return lower
        if lower and upper[-len(lower) :] == lower:
            return upper
        return upper + lower

    def _names(self):
        return [name for name in self._path() if name]

    def _supplier_products(self, domain):
        """Return the supplier products that have these categories and meet a domain."""
        Offer = self.env["inventory.source.product"].with_context(prefetch_fields=False)
        Offer.flush_model(["category", "subcategory"])
        self.flush_recordset()
        # Raw SQL: thousands of pairs of names would make a domain no planner can use.
        named = SQL(
            """(
                SELECT offer.id FROM inventory_source_product AS offer
                JOIN inventory_source_category AS named
                  ON named.connection_id = offer.connection_id
                 AND COALESCE(named.category, '') = COALESCE(offer.category, '')
                 AND COALESCE(named.subcategory, '') = COALESCE(offer.subcategory, '')
                WHERE named.id = ANY(%s)
            )""",
            self.ids,
        )
        return Offer.search(Domain(domain) & Domain("id", "in", named))

    def _priced_products(self):
        return self._supplier_products([("product_id", "!=", False)])

    # --- what follows a decision ---

    def _apply_mapping(self):
        """Apply the decisions to the supplier products and to their products in Odoo."""
        # sudo: supplier products and products are written by us; who may decide is who may write
        # here. No language: what is made has the supplier's names, whoever decides.
        decided = self.sudo().with_context(lang=None)
        for connection, rows in decided.grouped("connection_id").items():
            ignored = rows.filtered(lambda row: row._effective_action() == "ignore")
            ignored._supplier_products([("state", "=", "new")])._leave_out()
            back = (rows - ignored)._supplier_products([("ignored_by_category", "=", True)])
            back._take_back(connection)
            linked = rows._supplier_products([("product_id", "!=", False)])
            if len(linked) <= MOVE_AT_ONCE:
                made = linked.with_company(connection.company_id)._made()
                made._each("update", type(made)._follow_category)
            else:
                linked.pending = True
            if back or len(linked) > MOVE_AT_ONCE:
                connection._trigger_lane("catalog")

    # --- buttons ---

    def action_create_categories(self):
        """Make a category of the supplier's name for each of the selected ones."""
        self.write({"categ_id": False, "action": "create", "split_path": False})
        return self._answer_decided()

    def action_split_paths(self):
        """Make the categories of the selected ones, a level of each path below the other."""
        self.write({"categ_id": False, "action": "create", "split_path": True})
        return self._answer_decided()

    def action_ignore_products(self):
        """Leave the products of the selected ones out of every import."""
        self.write({"action": "ignore"})
        return self._answer_decided()

    def action_reset(self):
        """Forget the decision: what the connection says of unmapped categories counts again."""
        self.write(
            {
                "categ_id": False,
                "action": False,
                "public_category_id": False,
                "split_path": False,
            }
        )
        return self._answer_decided()

    def _answer_decided(self):
        return notification(
            self.env._(
                "Categories decided: %(count)s. Their products follow at once, many of them in the "
                "background.",
                count=len(self),
            ),
            "success",
        )

    def action_view_products(self):
        """Open the products of the category in the supplier catalog."""
        self.ensure_one()
        category, subcategory = self._path()
        return self.env["inventory.source.product"]._open(
            [
                ("connection_id", "=", self.connection_id.id),
                ("category", "=", category),
                ("subcategory", "=", subcategory),
            ]
        )

    # --- which category of Odoo a category of the suppliers means; made where that is decided ---

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

    def _planned_category(self):
        """Return the same as far as it is there; of what would be made, what that would be below.

        Which rules of pricelists count is the same for both.
        """
        found = self.categ_id or self.connection_id.category_id
        if self.categ_id or self._effective_action() != "create":
            return found
        for name in self._level_names():
            below = found.child_id and _child(found, name)
            if not below:
                break
            found = below
        return found

    def _level_names(self):
        return self._split_levels() if self.split_path else self._names()

    def _find_or_make(self, model):
        """Return the category of this row's names, each level made where there is none."""
        connection = self.connection_id
        found = self.env[model]
        if model != PUBLIC:
            found = connection._product_category()
        for name in self._level_names():
            parent = found
            found = _child(parent, name)
            if not found and model == PUBLIC:
                found = parent.create({"name": name, "parent_id": parent.id})
            elif not found:
                found = connection._make_product_category(name, parent)
        return found

    def _public_category(self):
        """Return the eCommerce category; none where none was chosen or it is gone."""
        self.ensure_one()
        return self.env[PUBLIC].browse(self.public_category_id or ()).exists()


class SupplierProduct(models.Model):
    """Supplier products go where their category is mapped to, or are ignored with it."""

    _inherit = "inventory.source.product"

    ignored_by_category = fields.Boolean(
        readonly=True, help="Ignored with its category; comes back when that is mapped."
    )

    def _category_path(self):
        self.ensure_one()
        return _key(self.category, self.subcategory)

    def _category_rows(self):
        """Return {record: row of the mapping}; rows that are missing are made."""
        Category = self.env[MAPPING]
        found = {}
        for connection, products in self.grouped("connection_id").items():
            rows = connection.category_map_ids._by_key()
            if any(offer._category_path() not in rows for offer in products):
                Category._refresh(connection)
                rows = connection.category_map_ids._by_key()
            found |= {offer: rows[offer._category_path()] for offer in products}
        return found

    # --- products in Odoo ---

    def _prepare_categories(self):
        """Return the template values of new products: {record: values}."""
        prepared = {}
        rows = self._category_rows()
        for row in set(rows.values()):
            prepared[row] = {"categ_id": row._product_category().id}
            if PUBLIC in self.env:
                prepared[row]["public_categ_ids"] = row._public_category()
        return {offer: prepared[row] for offer, row in rows.items()}

    def _update_categories(self):
        """Move the products made of these to where their supplier category is mapped now.

        A template with several follows the oldest that is live.
        """
        first = {template: members[0] for template, members in self._live_members().items()}
        values = self.concat(*first.values())._prepare_categories()
        self._write_synced({template: values[offer] for template, offer in first.items()}, QUIET)

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
        actions = {row._key(): row.action for row in connection.category_map_ids if row.action}
        rule = connection.category_rule
        if "ignore" not in {*actions.values(), rule}:
            return
        left_out = self.filtered(
            lambda offer: actions.get(offer._category_path(), rule) == "ignore"
        )
        left_out.filtered(lambda offer: offer.state == "new" and not offer.pending)._leave_out()
        (self - left_out).filtered("ignored_by_category")._take_back(connection)

    def _leave_out(self):
        """Ignore these, which are new."""
        self._set_ignored_by_category(True)

    def _take_back(self, connection):
        """Make those new again that were ignored with their category; have wanted ones imported."""
        self._set_ignored_by_category(False)
        for catalog in connection.catalog_ids:
            self._set_pending(catalog, self)

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


def _key(category, subcategory):
    return clean_line(category or "") or False, clean_line(subcategory or "") or False


def _child(parent, name):
    """Return the category of this name below another one, or none."""
    return parent.search(
        [("parent_id", "=", parent.id), ("name", "=ilike", literal(name))], limit=1
    )
