from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ...tools import counterparts
from .go_live_match import named

# What is said of a supplier. Production keeps what differs from what a new one has.
_OF_SUPPLIER = (
    "partner_id", "safety_buffer", "lead_days", "price_pricelist_id", "return_policy",
)  # fmt: skip
_OF_CATALOG = ("refresh_hours", "active", "import_mode")


class GoLive(models.Model):
    """What was set up in the sandbox is set up in production: policies, maps, suppliers, catalogs.

    Nothing is said anew that was said in production: only what is missing there is filled in.
    """

    _inherit = "inventory.source.go.live"

    def _make_production(self):
        """Make the production connection with the sandbox's policies, or take the chosen one."""
        if self.production_id:
            self.production_id.active = True
        else:
            sandbox = self.connection_id
            self.production_id = sandbox.with_company(sandbox.company_id).copy(
                {"environment": "production", "redirect_uri": sandbox.redirect_uri}
            )
            # A copy is named as one.
            self.production_id.name = self.production_name
            if sandbox.profile_id:
                self.production_id.profile_id = sandbox.profile_id
        self._copy_maps()

    def _copy_maps(self):
        """Map in production what is mapped in the sandbox, and is not there."""
        self._copy_categories()
        sandbox, production = self.connection_id, self.production_id
        carriers = {carrier.name.lower(): carrier for carrier in production.carrier_ids}
        for carrier in sandbox.carrier_ids:
            known = carriers.get(carrier.name.lower())
            delivery = carrier.delivery_carrier_id
            if not known:
                carrier.copy({"connection_id": production.id})
            elif delivery and not known.delivery_carrier_id:
                known.delivery_carrier_id = delivery
        methods = production.shipping_method_ids.grouped("carrier_id")
        for method in sandbox.shipping_method_ids:
            known = methods.get(method.carrier_id)
            if not known:
                method.copy({"connection_id": production.id})
            elif method.name and not known.name:
                known.name = method.name

    def _copy_categories(self):
        production = self.production_id
        known = {row._key(): row for row in production.category_map_ids}
        new = []
        for key, row in self.connection_id.category_map_ids._by_key().items():
            if not row._is_decided():
                continue
            values = row._decision()
            if key not in known:
                category, subcategory = key
                new.append({**values, "category": category, "subcategory": subcategory})
            elif not known[key]._is_decided():
                known[key].write(values)
        production.category_map_ids.create(
            [{**values, "connection_id": production.id} for values in new]
        )

    def _copy_suppliers(self):
        """Say of each supplier what is said of it in the sandbox: its vendor first of all."""
        for line in self.supplier_line_ids.filtered("counterpart_id"):
            old, new = line.supplier_id, line.counterpart_id
            if self.done_at and new.partner_id:
                continue  # It is live already: what is said of it since stays.
            if values := _unsaid(old, new, _OF_SUPPLIER):
                new.write(values)
            # What was bought of them before is found by it.
            former = old.former_partner_ids - new.partner_id - new.former_partner_ids
            if former:
                new.former_partner_ids += former

    def _catalogs(self):
        """Return {catalog of the sandbox: catalog of production}."""
        old, new = (
            each.with_context(active_test=False).catalog_ids
            for each in (self.connection_id, self.production_id)
        )
        found = counterparts.pair_named(named(old), named(new))
        return {old.browse(ours): new.browse(theirs) for ours, theirs in found.items()}

    def _copy_catalogs(self):
        """Have the catalogs import by themselves as those of the sandbox did; last of all.

        :return: those of the sandbox whose way of importing was not taken over
        """
        found, done = self._catalogs(), {}
        left = self.connection_id.catalog_ids.filtered(
            lambda catalog: catalog.import_mode != "manual" and catalog not in found
        )
        for old, new in found.items():
            if old.gone or new.gone:
                continue
            values = _unsaid(old, new, _OF_CATALOG)
            if "import_mode" in values and not _has_conditions(new):
                conditions = self._translate(old, {each.id: its.id for each, its in found.items()})
                if conditions is None:
                    left += old
                    del values["import_mode"]
                elif not conditions.is_true():
                    values["import_domain"] = repr(list(conditions))
            if values:
                new.write(values)
                done[new.id] = values
        self.catalogs_set = done
        return left

    def _translate(self, catalog, catalogs):
        """Return the conditions of a catalog, as production has them; None where it has not."""
        try:
            conditions = catalog._conditions()
        except UserError:
            return None
        ids = {
            "supplier_id": self._suppliers(),
            "catalog_id": catalogs,
            "connection_id": {self.connection_id.id: self.production_id.id},
        }
        complete = True

        def translated(condition):
            nonlocal complete
            known = ids.get(condition.field_expr)
            value = condition.value
            several = not isinstance(value, int | str)
            values = list(value) if several else [value]
            if known is None or not all(isinstance(one, int) and one for one in values):
                return condition
            complete = complete and all(one in known for one in values)
            values = [known.get(one, 0) for one in values]
            return Domain(
                condition.field_expr, condition.operator, values if several else values[0]
            )

        conditions = conditions.map_conditions(translated)
        return conditions if complete else None

    def _reset_catalogs(self):
        """Take back what going live set on the catalogs; what was said otherwise since stays.

        Those it had import by themselves do not, whatever of: begun again, production would bring
        in as new what is to be re-linked.
        """
        catalogs = self.env["inventory.source.catalog"]
        for key, values in (self.catalogs_set or {}).items():
            catalog = catalogs.browse(int(key)).exists()
            usual = catalog.default_get(list(values))
            catalog.write(
                {
                    name: usual[name]
                    for name, value in values.items()
                    if name == "import_mode" or catalog[name] == value
                }
            )
        self.catalogs_set = False


def _unsaid(old, new, names):
    """Return what is said of the one, and not of the other: that has what a new one has."""
    usual = new.default_get(list(names))
    return {
        name: old._fields[name].convert_to_write(old[name], old)
        for name in names
        if old[name] != new[name] and (new[name] or False) == (usual.get(name) or False)
    }


def _has_conditions(catalog):
    return (catalog.import_domain or "[]") != "[]"
