"""What the chatter of a sale says of what suppliers ship: one line for each thing that happened.

Notes, which no customer sees. Functions of an order, called with the documents that follow it; what
was bought without a sale has them on its purchase order.
"""

from markupsafe import Markup

from odoo.tools import html2plaintext


def tell(order, text):
    """Note a line on the document an order was made for, if it still stands."""
    tell_together([(order, text)])


def tell_together(news):
    """Note many lines at once, those of one document one below the other.

    :param news: `[(order, text)]`
    """
    by_model = {}
    for order, text in news:
        document = order._document()
        by_model.setdefault(document._name, {}).setdefault(document, []).append(text)
    for bodies in by_model.values():
        documents = next(iter(bodies)).union(*bodies)
        documents._message_log_batch(
            {document.id: Markup("<br>").join(lines) for document, lines in bodies.items()}
        )


def tell_result(order):
    """Tell what became of an order that was sent."""
    env, names = order.env, _names(order)
    if order.state == "accepted":
        _tell_accepted(order, names)
    elif order.state == "sending":
        tell(
            order,
            env._("Sent to %(suppliers)s as %(order)s. Their number comes later.", **names),
        )
    elif order.state == "unknown":
        text = env._(
            "Sent to %(suppliers)s as %(order)s, but it is not known whether it arrived. It is not "
            "sent again until that is verified.",
            **names,
        )
        tell(order, text)
    elif order.state == "rejected":
        text = env._(
            "%(suppliers)s rejected %(order)s: %(reason)s",
            reason=order.reason or env._("no reason was given."),
            **names,
        )
        tell(order, text)


def _tell_accepted(order, names):
    env, number = order.env, order.remote_id
    text = env._(
        "Sent to %(suppliers)s as %(order)s, accepted as %(number)s.", number=number, **names
    )
    told = order._document().message_ids.mapped("body")
    if any(html2plaintext(body) == text for body in told):
        return  # its documents are brought in line more than once, it is accepted once
    tell(order, text)
    if short := order.line_ids.filtered(lambda line: line.accepted_quantity < line.quantity):
        text = env._(
            "%(order)s was partly rejected, this does not come: %(goods)s",
            goods="; ".join(map(_shortage, short)),
            **names,
        )
        tell(order, text)


def tell_canceled(order, goods):
    """Tell what the supplier canceled after it had taken it.

    :param str goods: what does not come
    """
    text = order.env._(
        "%(suppliers)s canceled this of %(order)s, it does not come: %(goods)s",
        goods=goods,
        **_names(order),
    )
    tell(order, text)


def tell_late(order, notes):
    """Tell that suppliers take longer than usual.

    :param notes: what is known of it, sentences
    """
    late = order.env._("%(order)s is late.", order=order.name)
    tell_together([(order, text) for text in (late, *notes)])


def _names(order):
    return {
        "order": order.name,
        "suppliers": ", ".join(order.line_ids.supplier_id.mapped("name")),
    }


def _shortage(line):
    text = f"{line.quantity - line.accepted_quantity:g} × {line.product_id.display_name}"
    return f"{text} ({line.reason})" if line.reason else text
