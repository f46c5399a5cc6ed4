from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL, Query

# A list counts no further; a press on "1000+" does. To 10,000, as Odoo, the database would look at
# all there are twice.
COUNTED = 1001


class FoldMixin(models.AbstractModel):
    """Lists that show one record for all that belong together, where their context says so.

    Which one depends on what is looked for: the first of all may not be among it.
    """

    _name = "inventory.source.fold.mixin"
    _description = "Folded List"
    # Columns that say what belongs together; what has none of one belongs to nothing.
    _fold_by = ()

    def _is_folded(self):
        return bool(self.env.context.get("inventory_source_fold"))

    def _unfolded(self):
        """Return these for what is asked for with a domain that folds already."""
        return self.with_context(inventory_source_fold=False)

    @api.model
    def _first_of_each(self, domain, grouped=()):
        """Return the domain of those that meet one; of those that belong together, only the first.

        :param grouped: columns that a list is grouped by: in each group one is shown
        """
        domain = Domain(domain)

        def first(model, alias, query):
            earlier = Query(model.env, "earlier", model._table_sql)
            for name, compared in (
                ("id", SQL("<")),
                *((name, SQL("=")) for name in self._fold_by),
                *((name, SQL("IS NOT DISTINCT FROM")) for name in grouped),
            ):
                columns = [model._field_to_sql(each, name) for each in ("earlier", alias)]
                earlier.add_where(SQL("%s %s %s", columns[0], compared, columns[1]))
            wanted = domain.optimize_full(model)
            earlier.add_where(wanted._to_sql(model, "earlier", earlier))
            return SQL("NOT EXISTS (%s)", earlier.select(SQL("1")))

        return domain & Domain.custom(to_sql=first)

    # Not `_search`: what buttons look for is to be found whole.
    @api.model
    def web_search_read(self, domain, *args, **kwargs):
        if not self._is_folded():
            return super().web_search_read(domain, *args, **kwargs)
        kwargs["count_limit"] = min(kwargs.get("count_limit") or COUNTED, COUNTED)
        return super(FoldMixin, self._unfolded()).web_search_read(
            self._first_of_each(domain), *args, **kwargs
        )

    @api.model
    def search_count(self, domain, *args, **kwargs):
        if not self._is_folded():
            return super().search_count(domain, *args, **kwargs)
        return super(FoldMixin, self._unfolded()).search_count(
            self._first_of_each(domain), *args, **kwargs
        )

    @api.model
    def web_read_group(self, domain, groupby, *args, **kwargs):
        if not self._is_folded():
            return super().web_read_group(domain, groupby, *args, **kwargs)
        grouped = [name for name in groupby if name in self._fields and self._fields[name].store]
        return super(FoldMixin, self._unfolded()).web_read_group(
            self._first_of_each(domain, grouped), groupby, *args, **kwargs
        )
