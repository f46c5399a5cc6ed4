import logging

from odoo import fields, models

from ...client.errors import (
    ApiError,
    ClientRefused,
    GrantRefused,
    NoAnswer,
    NotSent,
    Throttled,
    Unauthorized,
)

_logger = logging.getLogger(__name__)


class Connection(models.Model):
    """What to do when the suppliers may not have what is about to be ordered."""

    _inherit = "inventory.source.connection"

    short_stock_policy = fields.Selection(
        [
            ("send", "Send it all the same"),
            ("hold", "Hold the order"),
            ("ask", "Hold it and ask the salesperson"),
        ],
        "When There Is Not Enough",
        default="hold",
        required=True,
        tracking=True,
    )


class Order(models.Model):
    """The stock of what is ordered is looked at again right before the order leaves."""

    _inherit = "inventory.source.order"

    def _stale_goods(self):
        """Return the supplier products to read before this order leaves: one request for each.

        None where no policy holds it for its stock, or when the figures are fresh.
        """
        hours = self.connection_id.hold_stale_hours
        if not hours or self.released or self.may_exist:
            return self.env["inventory.source.product"]
        return self.line_ids.shelf_id.filtered(
            lambda shelf: (
                not shelf.discontinued_at
                and not (shelf._is_fresh(hours) and self._is_covered(shelf))
            )
        )

    def _is_covered(self, shelf):
        """Say whether what a figure tells is enough for this order whatever others took since.

        A figure that is not enough by itself leaves no doubt.
        """
        wanted = self._wanted_of(shelf)
        return not shelf._left_for(self) < wanted <= shelf.available

    def _wanted_of(self, shelf):
        """Return the pieces this order asks for of a supplier product, on all its lines."""
        lines = self.line_ids.filtered(lambda line: line.shelf_id == shelf)
        return sum(lines.mapped("quantity"))

    def _judge_stock(self, leaving):
        """Return the reasons to hold the order for its stock, as the policy says.

        :param bool leaving: it was looked at just now; before, an old figure is no reason yet
        """
        found = (reason for line in self.line_ids for reason in line._stock_reasons(leaving))
        # Each once: lines of the same product have the same one.
        reasons = list(dict.fromkeys(found))
        policy = self.connection_id.short_stock_policy
        if policy == "send" and leaving and reasons:
            self.message_post(
                body=self.env._("Sent all the same: %(reasons)s", reasons=" ".join(reasons))
            )
        return [] if policy == "send" else reasons

    def _ask_about_stock(self, leaving):
        """Ask the salesperson what to do with a held order, when its stock is why and policy."""
        policy = self.connection_id.short_stock_policy
        if policy == "ask" and (reasons := self._judge_stock(leaving)):
            self._call_person(
                self.env._("%(order)s: the supplier may not have enough", order=self.name),
                " ".join([*reasons, self.env._("Release the order, or cancel it.")]),
            )


class OrderLine(models.Model):
    _inherit = "inventory.source.order.line"

    def _stock_reasons(self, leaving):
        """Say why the stock of this line lets the policy hold its order."""
        self.ensure_one()
        shelf, hours = self.shelf_id, self.connection_id.hold_stale_hours
        if not hours:
            return []
        values = {"sku": self.sku, "supplier": shelf.supplier_id.name}
        if shelf.discontinued_at:
            return [self.env._("%(supplier)s no longer lists %(sku)s.", **values)]
        if not shelf._is_fresh(hours):
            return leaving * [
                self.env._(
                    "The stock of %(sku)s is older than %(hours)s hours, and it could not be "
                    "looked at now.",
                    hours=hours,
                    **values,
                )
            ]
        wanted = self.order_id._wanted_of(shelf)
        values |= {"stock": shelf.available, "wanted": wanted}
        if shelf.available < wanted:
            return [
                self.env._(
                    "%(supplier)s has %(stock)g of %(sku)s, %(wanted)g are ordered.", **values
                )
            ]
        if not self.order_id._is_covered(shelf):
            return leaving * [
                self.env._(
                    "%(supplier)s had %(stock)g of %(sku)s, but other orders took %(taken)g since "
                    "that was told; %(wanted)g are ordered.",
                    taken=shelf.available - shelf._left_for(self.order_id),
                    **values,
                )
            ]
        return []


class OrderLane(models.AbstractModel):
    _inherit = "inventory.source.lane.order"

    def _look_at_stock(self, connection, client, goods, asked_at):
        """Read these products and take in what is told, with no transaction open meanwhile.

        A product that cannot be read keeps its old figure, which holds the order.

        :param goods: `(id, remote id of the catalogue, remote id)` of each, plain values
        :param datetime asked_at: the database's moment before
        :raise ApiError: when the order would fare the same, or there is no request to spend
        """
        for shelf_id, catalog, external_id in goods:
            try:
                row = client.product(catalog, external_id)
            except (Throttled, Unauthorized, GrantRefused, ClientRefused):
                raise
            except (ApiError, ValueError) as error:
                _logger.info("Stock of product %s could not be looked at: %s", shelf_id, error)
                if isinstance(error, NoAnswer | NotSent):
                    # Each of the others might take its whole time-out as well.
                    break
                continue
            connection._transact(
                self.env["inventory.source.product"]._take_in, shelf_id, row, asked_at
            )
