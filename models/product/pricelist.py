from hashlib import sha256

from odoo import fields, models
from odoo.models import LOG_ACCESS_COLUMNS

# Of the users of a pricelist these stand for all.
FEW = 3
# With these the customers of the online shop may have it.
SHOPS_CHOICE = {"selectable", "code"}
# Fields that name the pricelist of what is a part of it, or who made it.
BELONGS = {
    ("product.pricelist.item", "pricelist_id"),
    ("inventory.source.connection", "made_pricelist_ids"),
}


class PricelistItem(models.Model):
    _inherit = "product.pricelist.item"

    def _inventory_source_digest(self):
        """Return a short text that is another one when anything these rules say changes."""
        names = [
            name
            for name, field in self._fields.items()
            if field.store and field.column_type and name not in LOG_ACCESS_COLUMNS
        ]
        return sha256(repr(self.read(names, load=None)).encode()).hexdigest()


class PriceFormula(models.AbstractModel):
    """A price formula of its own for what has one supplier or one category.

    That of the category comes first, then that of the supplier, then the connection's.
    """

    _name = "inventory.source.price.formula"
    _description = "Inventory Source Pricelist Rule"

    price_pricelist_id = fields.Many2one(
        "product.pricelist",
        "Pricelist rule",
        check_company=True,
        ondelete="restrict",
        help="The pricelist whose rules make the sales price of these products. The one of a "
        "supplier category goes before the one of a supplier. Empty: as the connection says.",
    )

    def write(self, vals):
        changing = self.browse()
        if "price_pricelist_id" in vals:
            wanted = self._fields["price_pricelist_id"].convert_to_cache(
                vals["price_pricelist_id"], self
            )
            changing = self.filtered(lambda record: record.price_pricelist_id.id != wanted)
        result = super().write(vals)
        # sudo: supplier products are written by us only; who may set the rule may have it applied.
        for connection, records in changing.sudo().grouped("connection_id").items():
            products = records._priced_products()
            products.write({"pending": True, "bypass_limit": True})
            products._announce_update()
            connection._trigger_lane("catalog")
        return result

    def _priced_products(self):
        """Return the imported supplier products whose price this says."""
        raise NotImplementedError


class Pricelist(models.Model):
    _inherit = "product.pricelist"

    def _used_besides(self, *others):
        """Return {model: records} of what takes its prices from this pricelist.

        Of every app that is installed; archived ones, quotations and what was sold count too. In
        each model a few stand for all.

        :param others: records that do not count
        """
        self.ensure_one()
        # sudo: who uses it counts, whether the person may see that or not.
        pricelist, found = self.sudo().with_context(active_test=False), {}
        left_out = {records._name: records.ids for records in others}
        for field in pricelist._fields_that_choose_it():
            domain = [(field.name, "in", pricelist.ids)]
            domain.append(("id", "not in", left_out.get(field.model_name, [])))
            users = self._search_users(pricelist.env[field.model_name], field, domain)
            if field.model_name == "product.pricelist.item":
                users = users.pricelist_id - self
            if users:
                found[users._name] = found.get(users._name, users.browse()) | users
        return found

    def _shared_text(self, connection):
        """Return in words who sells by this pricelist beside the products of a connection."""
        texts = [self._users_text(self._used_besides(connection))]
        if self._is_for_everybody():
            texts.append(self.env._("customers without a pricelist of their own"))
        # Fields of the online shop. sudo: promotional codes are not everybody's to read.
        if any(self.sudo()[name] for name in SHOPS_CHOICE & self._fields.keys()):
            texts.append(self.env._("customers of the online shop"))
        return "; ".join(filter(None, texts))

    def _is_for_everybody(self):
        """Return whether a customer has this pricelist for whom no other was chosen."""
        if not self.env["res.groups"]._is_feature_enabled("product.group_product_pricelist"):
            return False
        # sudo: of companies that the person does not see, too.
        pricelist = self.sudo()
        companies = pricelist.company_id or pricelist.env["res.company"].search(
            [("active", "=", True)]
        )
        return any(
            pricelist.with_company(company)._get_country_pricelist_multi([])[False] == pricelist
            for company in companies
        )

    def _users_text(self, found):
        """Return in words who is `found` to use a pricelist, with the names the person may read."""
        texts = []
        for name, users in found.items():
            kind = self.env["ir.model"]._get(name).name
            names = users.with_env(self.env)._filtered_access("read").mapped("display_name")
            texts.append(f"{kind}: {', '.join(names)}" if names else kind)
        return "; ".join(texts)

    def _fields_that_choose_it(self):
        """Return the fields, of whatever model, that name a pricelist to take prices from."""
        known = self.env["ir.model.fields"].search(
            [
                ("relation", "=", self._name),
                ("ttype", "in", ("many2one", "many2many")),
                ("store", "=", True),
            ]
        )
        models_ = {field.model: self.env.get(field.model) for field in known}
        return [
            models_[field.model]._fields[field.name]
            for field in known.sorted("id")
            if models_[field.model] is not None
            and models_[field.model]._auto
            and not models_[field.model]._transient
            and (field.model, field.name) not in BELONGS
        ]

    @staticmethod
    def _search_users(model, field, domain):
        if not field.company_dependent:
            return model.search(domain, limit=FEW)
        companies = model.env["res.company"].search([("active", "in", (True, False))])
        return model.concat(
            *(model.with_company(company).search(domain, limit=FEW) for company in companies)
        )

    def _get_applicable_rules(self, products, date, **kwargs):
        """Look the rules up once for products that differ in their figures only.

        Odoo does for each product what a pricelist is based on, and each time asks the database.
        """
        known = kwargs.get("inventory_source_known_rules")
        if known is None:
            return super()._get_applicable_rules(products, date, **kwargs)
        if self not in known:
            known[self] = super()._get_applicable_rules(products, date, **kwargs)
        return known[self]
