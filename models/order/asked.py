"""What suppliers were asked for of what purchase lines buy, whatever those say by now."""


def buying(lines):
    """Return those of our drop-ship lines that buy what is sold, confirmed or not.

    Not what came in exchange, which no sale says.
    """
    return lines.filtered(
        lambda line: (
            line.state in ("draft", "sent", "to approve", "purchase")
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
    return sum(own._pieces() * own._units_per_piece() for own in asked(lines))
