from odoo import models
from odoo.exceptions import UserError

from .importer import IMPORT_AT_ONCE


class ProductActions(models.AbstractModel):
    """What a person does with products of the shelf: have them imported, leave them out."""

    _name = "inventory.source.product.actions"
    _description = "Inventory Source Product Buttons"

    def action_import(self):
        """Make Odoo products of the selected ones: few at once, many by the catalogue's lane."""
        self._check_may_decide()
        # sudo: the shelf is written by us only; who may decide was checked.
        wanted = self.sudo().filtered(lambda shelf: shelf.state in ("new", "ignored"))
        if not wanted:
            raise UserError(self.env._("Nothing to import: choose products that are new."))
        wanted.write({"ignored": False, "pending": True})
        if len(wanted) <= IMPORT_AT_ONCE:
            for connection, products in wanted.grouped("connection_id").items():
                products.with_company(connection.company_id)._import()
        else:
            for connection in wanted.connection_id:
                connection._trigger_lane("catalogue")
        return wanted.connection_id[:1]._notify(wanted._import_told())

    def _import_told(self):
        """Return the sentence that says what became of these, which a person had imported."""
        done = self.filtered("product_id")
        if self == done:
            return self.env._("Imported: %(count)s.", count=len(done))
        if len(self) > IMPORT_AT_ONCE:
            reasons = [each._blocked_reason("catalogue") for each in self.connection_id]
            if reason := next(filter(None, reasons), None):
                return self.env._(
                    "%(count)s are imported as soon as the connection works again. %(reason)s",
                    count=len(self),
                    reason=reason,
                )
            return self.env._(
                "%(count)s are being imported now, in the background.", count=len(self)
            )
        return self.env._(
            "Imported: %(count)s. Not imported: %(left)s; the reasons stand under Reporting / "
            "Problems.",
            count=len(done),
            left=len(self - done),
        )

    def action_ignore(self):
        """Leave the selected ones out of every import."""
        self._check_may_decide()
        # sudo: see action_import
        unlinked = self.sudo().filtered(lambda shelf: not shelf.product_id)
        if not unlinked:
            raise UserError(self.env._("Nothing to ignore: these are imported. Unlink them first."))
        unlinked.write({"ignored": True, "pending": False})
        return True

    def action_view_product(self):
        """Open the product in Odoo."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "product.product",
            "res_id": self.product_id.id,
            "view_mode": "form",
        }

    def _check_may_decide(self):
        self.check_access("read")
        if not self.env.user.has_group("inventory_source.group_manager"):
            raise UserError(self.env._("Only Inventory Source managers decide what is imported."))
