import logging

import psycopg2

from odoo import models
from odoo.exceptions import UserError

from ...tools.barcodes import barcode_of
from ...tools.safe_html import readable
from ..sync.transaction import halve

_logger = logging.getLogger(__name__)
# What a person may have mended in Odoo, so that it is worth another try.
RETRIED = ("import", "same sku", "update", "price")


class ProductProblems(models.AbstractModel):
    """What cannot be made of a supplier product in Odoo is named and stops none of the others."""

    _name = "inventory.source.product.problems"
    _description = "Inventory Source Product Problems"

    def _each(self, code, work):
        """Run `work(records)`; where it fails, find the record that makes it fail and name it.

        :return: what `work` returned, of each part that went well, and the records that were named
        """
        named = []

        def refuse(shelf, error):
            named.append(shelf.id)
            shelf._note_refused(code, error)

        return halve(self.env, self, work, refuse), self.browse(named)

    def _update_now(self):
        """Bring these up to date; return those that Odoo refused, which wait no more."""
        _done, refused = self._each("update", type(self)._update_products)
        refused.pending = False
        return refused

    def _refused_told(self):
        """Return what a person is told after `_update_now`, of what that returned; or True."""
        return not self or self.connection_id[:1]._notify(
            self.env._(
                "%(count)s could not be brought up to date; the reasons stand under Reporting / "
                "Problems.",
                count=len(self),
            )
        )

    def _note_refused(self, code, error):
        """Name what a record met: what Odoo or its database refuse, or what nobody foresaw."""
        if isinstance(error, UserError | psycopg2.Error):
            message = self.env._("Odoo refused the product: %(reason)s", reason=str(error))
        else:
            _logger.error("Product %s of the shelf", self.id, exc_info=error)
            message = self.env._(
                "Odoo failed at the product (%(reason)s). The log says more.",
                reason=f"{type(error).__name__}: {error}"[:200],
            )
        # The reason may quote what made it fail.
        self._note_import_problem(code, lambda _shelf: readable(message))

    def _set_aside_free(self):
        """Return those that would cost something; nobody means to sell the others for nothing."""
        doubtful = self.filtered(lambda shelf: shelf.landed_cost <= 0)
        if not doubtful:
            return self
        prices = self.connection_id._planned_prices(doubtful)
        free = doubtful.filtered(lambda shelf: prices[shelf] <= 0)
        free._note_import_problem(
            "price",
            lambda _shelf: self.env._(
                "Not imported: the supplier names neither a cost nor a least price, so it would be "
                "sold for nothing. Ask the supplier, or link it to a product with a price of your "
                "own."
            ),
        )
        return self - free

    def _note_free(self):
        """Note those in Odoo that would be sold for nothing now; they keep their price."""
        self._note_import_problem(
            "price",
            lambda _shelf: self.env._(
                "The supplier names neither a cost nor a least price any more, so it would be sold "
                "for nothing. Its price was left as it is: ask the supplier."
            ),
        )

    def _note_import_problem(self, code, message):
        """Note a problem of each record; `message(record)` says it."""
        for connection, products in self.grouped("connection_id").items():
            self.env["inventory.source.problem"]._note(
                connection,
                "product",
                [
                    {
                        "reference": shelf.external_id,
                        "code": code,
                        "message": message(shelf),
                        "excerpt": shelf.upc if code == "barcode" else shelf.display_name[:200],
                    }
                    for shelf in products
                ],
            )

    def _close_mended(self):
        """Close what was noted of these when they were imported or updated, and is so no more."""
        problems = self.env["inventory.source.problem"].search(
            [
                ("connection_id", "in", self.connection_id.ids),
                ("kind", "=", "product"),
                ("reference", "in", self.mapped("external_id")),
                ("code", "in", (*RETRIED, "barcode")),
                ("resolved_at", "=", False),
            ]
        )
        if not problems:
            return
        shelf = {(one.connection_id, one.external_id): one for one in self}
        problems.filtered(
            lambda problem: shelf[problem.connection_id, problem.reference]._is_mended(problem.code)
        ).action_resolve()

    def _is_mended(self, code):
        if code == "barcode":
            return not self.upc or self.product_id.barcode == barcode_of(self.upc)
        if code == "price" and self.product_id and not self.matched:
            return bool(self.landed_cost > 0 or self.map > 0 or self.discontinued_at)
        # Nobody wants to import what is gone.
        return bool(self.product_id or self.discontinued_at)

    def _retry(self):
        """Have these imported or brought up to date once more."""
        # sudo: whoever sees a problem may ask for another try of what was wanted before.
        self.sudo().filtered(lambda shelf: shelf.state in ("new", "linked")).pending = True
