"""What suppliers were asked for of what purchase lines buy, whatever those say by now."""

from ..sync.odoo_states import PURCHASE_ALIVE


def buying(lines):
    """Return those of our drop-ship lines that buy what is sold, confirmed or not.

    Not what came in exchange, which no sale says.
    """
    return lines.filtered(
        lambda line: (
            line.state in PURCHASE_ALIVE
            and not line.inventory_source_exchange
            and line.order_id._is_dropshipped()
            and line._inventory_source_is_ours()
        )
    )


def asked(lines):
    """Return the live order lines of purchase lines whose orders do not follow these any more."""
    return lines.inventory_source_line_ids.filtered(
        lambda own: own._is_live() and not own.order_id._follows()
    )


def units_asked(lines):
    """Return how much that is, in the product's unit."""
    return units_held(asked(lines))


def units_held(order_lines):
    """Return how much order lines hold, in the product's unit."""
    return sum(own._pieces() * own._units_per_piece() for own in order_lines)


def stranded(lines):
    """Return those of order lines whose purchase line is gone, and that are ordered all the same.

    Or it was lowered to nothing, while nobody knows whether the supplier has them. Not where it was
    canceled: somebody is asked to cancel them there as well.
    """
    return lines.filtered(
        lambda own: (
            own._is_live()
            and (
                not own.purchase_line_id
                or (
                    own.order_id.outcome_unknown
                    and own.purchase_line_id.state != "cancel"
                    and own.purchase_line_id.product_qty <= 0
                )
            )
        )
    )


def given_back_before(line):
    """Return the pieces whose suppliers are asked to take some back before that of an order line.

    Of what is too much, who was asked last gives back first: each would be asked for all of it.
    """
    later = buying(line.sale_line_id.purchase_line_ids).filtered(
        lambda other: (
            other.id > line.purchase_line_id.id
            and other.product_id == line.product_id
            # Of a connection that does not count nobody is asked.
            and any(asked(other).order_id.connection_id.mapped("is_counted"))
        )
    )
    return sum(max(other._inventory_source_pieces(line.supplier_product_id), 0) for other in later)
