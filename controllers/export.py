import json

from odoo import http
from odoo.http import request

from odoo.addons.web.controllers.export import ExcelExport
from odoo.addons.web.controllers.pivot import TableExporter

from ..tools.safe_text import LIVE_STARTS, spreadsheet_text


class GroupExport(ExcelExport):
    """Writes the titles of groups as text where a supplier's may stand there."""

    def from_group_data(self, fields, columns_headers, groups):
        """Write the groups to a spreadsheet; the titles of ours as text."""
        self._inventory_source_guard(groups, 0)
        return super().from_group_data(fields, columns_headers, groups)

    def _inventory_source_guard(self, groups, depth):
        if depth == len(groups._groupby):
            return
        path = groups._groupby[depth].partition(":")[0].split(".")
        if groups._model._inventory_source_text_at(path):
            # As the name of a record: two texts that become the same stay two groups.
            groups.children = {
                (title, spreadsheet_text(title[1] if isinstance(title, tuple) else title)): group
                for title, group in groups.children.items()
            }
        for group in groups.children.values():
            self._inventory_source_guard(group, depth + 1)


class PivotExport(TableExporter):
    """Writes the titles of a pivot as text: the browser sends them without saying whose they are.

    Of our own records all that may be one; of others only what would be run here and now.
    """

    @http.route()
    def export_xlsx(self, data, **kw):
        """Write a pivot to a spreadsheet."""
        table = json.loads(data if isinstance(data, str) else data.read())
        if table:
            ours = request.env[table["model"]]._is_inventory_source()
            headers = [title for row in table["col_group_headers"] for title in row]
            for cell in headers + table["rows"]:
                if ours or str(cell["title"]).startswith(LIVE_STARTS):
                    cell["title"] = spreadsheet_text(str(cell["title"]))
        return super().export_xlsx(json.dumps(table), **kw)
