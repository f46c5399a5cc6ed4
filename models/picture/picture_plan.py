from odoo import models


class PicturePlan(models.AbstractModel):
    """Brings the pictures of one product in line with those that are wanted."""

    _name = "inventory.source.picture.plan"
    _description = "Inventory Source Picture Plan"

    def _follow(self, wanted, hosts, main):
        """Keep of these what is wanted still, reuse the rest; return the values of new ones.

        A row that is reused keeps its place in Odoo: the old picture stands until the new is there.
        """
        same = {(row.product_id, row.url): row for row in self}
        values, new = [], []
        for item in wanted:
            row = same.pop((item.variant, item.url), None)
            if row:
                row._update_place(item)
            else:
                new.append(item)
        spare = list(same.values())
        for item in new:
            row = next((row for row in spare if row.product_id == item.variant), None)
            if row:
                spare.remove(row)
                row._update_place(item)
                row._readdress(item.url, hosts[item.url])
            else:
                values.append(self._prepare_new(item, hosts[item.url]))
        # A product keeps its main picture when the supplier shows none any more; a variant gives up
        # its own when it looks like the rest of its family.
        gone = [row.id for row in spare if not main or (wanted and row.product_id)]
        self.browse(gone)._take_away()
        return values

    def _update_place(self, item):
        changes = {"shelf_id": item.shelf.id, "sequence": item.sequence}
        if self.gallery_ref and self.sequence != item.sequence:
            self._move_in_gallery(item.sequence)
        if (self.shelf_id.id, self.sequence) != tuple(changes.values()):
            self.write(changes)

    def _prepare_new(self, item, host):
        draft = self.new({"main": item.main})
        return {
            "shelf_id": item.shelf.id,
            "product_tmpl_id": item.shelf.product_id.product_tmpl_id.id,
            "product_id": item.variant.id,
            "url": item.url,
            "host_id": host.id,
            "main": item.main,
            "sequence": item.sequence,
            "due_at": draft._when_new(),
        }
