import logging
from datetime import timedelta
from typing import NamedTuple

from odoo import SUPERUSER_ID, api, fields, models
from odoo.tools import SQL, split_every

from ..connection.tiles import NOT_UNSENT
from ..sync import time_left
from ..sync.record_mixin import activities_about, raise_activity
from ..sync.transaction import halve, transact
from .till_watch import look_at_till, till_news
from .unsent import is_waiting, short_lines, unsent_lines, why_unsent

_logger = logging.getLogger(__name__)

# A placeholder older than this should be an order, whatever the lane was busy with.
LATEST = timedelta(minutes=10)
# What the sales of so many orders earn is worked out in one transaction.
MARGINS = 50


class Unsent(NamedTuple):
    """A line of which not all is in orders, in plain values; `to_note` is the reason to note."""

    line_id: int
    told: str | bool
    to_note: str | bool
    connection_id: int | bool


class OrderWatch(models.AbstractModel):
    """Looks for what was bought and is in no order: puts it into the outbox, or tells why not.

    And works out what the sales of new orders earn, which nothing that is sent waits for.

    It goes by what is in the database and by no hook, so nothing that forgets to leave a
    placeholder blinds it (docs/decisions/0020-what-was-bought-is-watched.md). Run by each run of
    the order lane, and by a scheduled action of its own, because the lane's may be off.
    """

    _name = "inventory.source.order.watch"
    _description = "Inventory Source Order Watch"

    @api.model
    def _cron_run(self):
        """Look once for the scheduler."""
        self.env["ir.cron"]._run_slice(self._run)

    @api.model
    def _run(self):
        """Look once; return at how many documents something was new.

        Nothing that fails here stops the lane: it is for the log.
        """
        system, done = self.env(user=SUPERUSER_ID), 0
        for look, record_id in _attempt(system, _to_look_at) or ():
            if not time_left.for_work():
                break
            # Asked once more in its own transaction: what one meets stops none of the others, and
            # where another server was faster nothing is new any more.
            _attempt(system, look, record_id)
            done += 1
        return done

    @api.model
    def _look_again(self, purchase):
        """Look at one purchase order in the transaction of whoever just settled it."""
        _look_at_purchase(self.env, purchase.id)


def _attempt(env, look, *record_ids):
    try:
        return transact(env, look, *record_ids)
    except Exception:
        _logger.exception("The watch over what was bought: %s %s", look.__name__, record_ids)
        return None


# What runs in transactions of its own (`transact`).


def _to_look_at(env):
    """Return `(function, id)` of the purchase orders and connections of which something is new."""
    news = _news(env, _unsent(env))
    purchases = env["purchase.order.line"].browse(news).order_id
    return [
        *((_look_at_purchase, purchase_id) for purchase_id in purchases.ids),
        *((_look_at_connection, connection.id) for connection, _trouble in _troubles(env)),
        *((look_at_till, order_id) for order_id in till_news(env)),
        *((_update_margins, order_ids) for order_ids in _margins_pending(env)),
    ]


def _margins_pending(env):
    """Return the ids of the orders whose sales' margins are to be worked out, in batches."""
    changed = env["sale.order"].search([("inventory_source_price_changed", "=", True)])
    pending = env["inventory.source.order"].search([("margin_pending", "=", True)])
    orders = pending | changed.inventory_source_order_ids
    # A placeholder is the lane's alone.
    return split_every(MARGINS, orders.filtered(lambda order: not order.is_placeholder).ids)


def _update_margins(env, order_ids):
    """Work out what the sales of these orders earn; where that fails, it is a problem."""

    def refuse(order, error):
        _logger.error("What is earned with order %s is not known", order.id, exc_info=error)
        # Whatever happens to it next tries once more.
        order.margin_pending = order.sale_order_id.inventory_source_price_changed = False
        _note_margin_problem(order)

    orders = env["inventory.source.order"].browse(order_ids).exists()
    for company, own in orders.grouped("company_id").items():
        halve(env, own.with_company(company), type(own)._update_pending_margins, refuse)


def _note_margin_problem(order):
    message = order.env._(
        "What is earned with %(sale)s could not be worked out; its margin may be an old one. "
        "The server's log says why: ask whoever looks after it, then choose “Retry”.",
        sale=order.sale_order_id.name or order.name,
    )
    problem = {"reference": order.name, "code": "margin", "message": message}
    order.env["inventory.source.problem"]._note(order.connection_id, "order", [problem])


def _look_at_purchase(env, purchase_id):
    """Put what can be ordered into the outbox, note what cannot, and call a person for it."""
    purchase = env["purchase.order"].browse(purchase_id)
    purchase = purchase.with_company(purchase.company_id)
    unsent = _unsent(env, purchase_id)
    news = _news(env, unsent, purchase_id)
    lines = purchase.order_line.browse(news)
    for line in lines:
        line.inventory_source_unsent_reason = news[line.id]
    lines.filtered(lambda line: news[line.id] == "queued")._inventory_source_enqueue()
    if news:
        is_news = any(reason not in NOT_UNSENT for reason in news.values())
        _tell(purchase, {row.line_id: row.connection_id for row in unsent}, is_news)


def _unsent(env, purchase_id=None):
    """Return the `Unsent` lines: all of them, or those of a purchase order."""
    env.flush_all()
    # Compiling the question would take longer than answering it.
    env.cr.execute("SET LOCAL jit = off")
    if not (short := [line_id for (line_id,) in env.execute_query(short_lines(purchase_id))]):
        return []
    rows = env.execute_query(unsent_lines(env, short))
    lines = env["purchase.order.line"].browse([line_id for line_id, *_rest in rows])
    return [_judge(line, *facts) for line, (_id, *facts) in zip(lines, rows, strict=True)]


def _judge(line, told, stuck_on, waiting):
    """Return the `Unsent` of a line; what a placeholder stands for is left as it is."""
    told = told or False
    if not stuck_on and is_waiting(line, waiting):
        return Unsent(line.id, told, told, False)
    stuck = line.env["inventory.source.connection"].browse(stuck_on)
    reason, connection = why_unsent(line, stuck)
    if reason == "queued" and told in ("queued", "unexplained"):
        # It was in the outbox, and the lane has made nothing of it.
        reason = "unexplained"
    return Unsent(line.id, told, reason, connection.id)


def _news(env, unsent, purchase_id=None):
    """Return `{line id: reason}` where something else is noted than there is; False: none.

    :param unsent: what `_unsent` returned for the same purchase order, or for all
    """
    domain = [("inventory_source_unsent_reason", "!=", False)]
    if purchase_id:
        domain.append(("order_id", "=", purchase_id))
    noted = dict.fromkeys(env["purchase.order.line"].search(domain).ids, False)
    noted |= {row.line_id: row.to_note for row in unsent}
    told = {row.line_id: row.told for row in unsent}
    return {line: reason for line, reason in noted.items() if reason != told.get(line)}


def _tell(purchase, connection_ids, is_news):
    """Call a person for what no supplier receives, once; or dismiss that when it is settled.

    :param dict connection_ids: by line, the connection it concerns
    """
    env, lines = purchase.env, purchase.order_line
    sales = lines.sale_order_id
    summary = env._("No supplier will receive %(purchase)s", purchase=purchase.name)
    unsent = lines._inventory_source_told()
    if not unsent:
        for document in (purchase, *sales):
            activities_about(document, summary).unlink()
    elif is_news:
        # Whoever sold it has canceled it; who confirmed the purchase does not know.
        sale = sales if len(sales) == 1 and sales.state == "sale" else sales.browse()
        connections = env["inventory.source.connection"].browse(
            [connection_ids.get(line.id) for line in unsent]
        )
        own = sale.user_id.filtered("active") or purchase.user_id.filtered("active")
        users = own or connections[:1]._responsible("orders")
        alike = {}
        for line, connection in zip(unsent, connections, strict=True):
            key = (line.inventory_source_unsent_reason, connection)
            alike[key] = alike.get(key, unsent.browse()) | line
        note = "\n".join(_sentence(lines, *key) for key, lines in alike.items())
        raise_activity(sale or purchase, summary, note, users)


def _sentence(lines, reason, connection):
    """Return in words why no supplier receives lines of a purchase order, and what to do."""
    env, purchase = lines.env, lines.order_id
    values = {
        "products": ", ".join(lines.product_id.mapped("display_name")),
        "purchase": purchase.name,
        "vendor": purchase.partner_id.display_name,
        "why": _why(lines, reason, connection),
    }
    if reason == "canceled":
        return env._(
            "%(products)s on %(purchase)s: no supplier will receive this. %(why)s", **values
        )
    if reason == "unexplained" or purchase.state == "purchase":
        # Confirming it once more has it put into the outbox, or is no news.
        return env._(
            "%(products)s on %(purchase)s: no supplier will receive this. %(why)s Or order it of "
            "%(vendor)s yourself and choose “Ordered by Hand” on the purchase order, so that it is "
            "not sent later as well.",
            **values,
        )
    return env._(
        "%(products)s on %(purchase)s: no supplier will receive this. %(why)s Or order it of "
        "%(vendor)s yourself and confirm the purchase order: then it is not sent later as well.",
        **values,
    )


def _why(lines, reason, connection):
    """Return in words why no supplier receives lines, and how that is put right."""
    env, purchase = lines.env, lines.order_id
    values = {
        "connection": connection.name,
        "vendor": purchase.partner_id.display_name,
        "company": purchase.company_id.name,
        "owner": connection.company_id.name,
    }
    return {
        "company": env._(
            "%(connection)s belongs to %(owner)s, this purchase order to %(company)s.", **values
        ),
        "vendor": env._(
            "%(vendor)s does not sell it through %(connection)s. Choose the supplier that does as "
            "the vendor.",
            **values,
        ),
        "unlinked": env._(
            "It is linked with no product of %(vendor)s in %(connection)s. Link it with one.",
            **values,
        ),
        "unexplained": _unexplained(lines, connection),
        "canceled": env._(
            "%(sale)s, for which it was bought, is not confirmed. Cancel the purchase order. If it "
            "is wanted all the same, confirm %(sale)s, or duplicate the purchase order and confirm "
            "the copy.",
            sale=", ".join(lines.sale_order_id.mapped("name")),
        ),
    }.get(reason) or connection._uncounted_reason()


def _unexplained(lines, connection):
    """Return in words that nothing was made of what was queued, and what to do then."""
    env, purchase = lines.env, lines.order_id
    if lines.sale_order_id:
        return env._(
            "It was queued for %(connection)s, but no order was made. Choose “Send to Inventory "
            "Source” on the sale order, or ask whoever looks after the server.",
            connection=connection.name,
        )
    return env._(
        "It was queued for %(connection)s, but no order was made. Cancel %(purchase)s, set it to "
        "draft and confirm it again, or ask whoever looks after the server.",
        connection=connection.name,
        purchase=purchase.name,
    )


# --- connections whose lane does not run ---


def _troubles(env):
    """Return `[(connection, what keeps its orders from being prepared)]` where that is new."""
    Connection = env["inventory.source.connection"].with_context(active_test=False)
    oldest = _oldest_placeholders(env)
    connections = Connection.search(
        ["|", ("state", "=", "connected"), ("outbox_trouble", "!=", False)]
    )
    found = [(connection, _trouble(connection, oldest)) for connection in connections]
    return [each for each in found if each[1] != each[0].outbox_trouble]


def _oldest_placeholders(env):
    """Return `{connection id: when its oldest placeholder was left}`."""
    # Raw SQL: the ORM groups by no moment. An index of its own holds just the placeholders.
    return dict(
        env.execute_query(
            SQL(
                "SELECT connection_id, min(create_date) FROM inventory_source_order"
                " WHERE is_placeholder GROUP BY connection_id"
            )
        )
    )


def _trouble(connection, oldest):
    """Return what keeps the orders of a connection from being prepared, a code, or False."""
    if not connection.active or connection.state != "connected":
        return False
    if not connection._lane_cron("order").active:
        return "off"
    if connection._blocked_reason("order"):
        return not connection._copied_reason() and _has_waiting(connection) and "blocked"
    left_at = oldest.get(connection.id)
    return bool(left_at and left_at < fields.Datetime.now() - LATEST) and "slow"


def _has_waiting(connection):
    """Return whether anything waits to leave, placeholders included."""
    waiting = [("connection_id", "=", connection.id), ("state", "=", "queued")]
    orders = connection.env["inventory.source.order"].with_context(active_test=False)
    return bool(orders.search_count(waiting, limit=1))


def _look_at_connection(env, connection_id):
    """Note what keeps the orders of a connection from being prepared, and call a person for it."""
    for connection, trouble in _troubles(env):
        if connection.id != connection_id:
            continue
        connection.outbox_trouble = trouble
        summary = env._("Orders of %(connection)s do not leave", connection=connection.name)
        if trouble:
            note = _trouble_note(connection, trouble)
            raise_activity(connection, summary, note, connection._responsible("technical"))
        else:
            connection._activities_about(summary).unlink()


def _trouble_note(connection, trouble):
    env, action = connection.env, connection._lane_cron("order")
    return {
        "off": env._(
            "The scheduled action “%(action)s” is switched off, so nothing that is sold is sent. "
            "Switch it on under Settings / Technical / Scheduled Actions.",
            action=action.name,
        ),
        "blocked": env._(
            "What is sold waits and is not sent: %(reason)s",
            reason=connection._blocked_reason("order") or "",
        ),
        "slow": env._(
            "An order has been waiting for more than ten minutes to be prepared, though nothing "
            "stands in its way. Look whether the server runs scheduled actions: “%(action)s” ran "
            "last on %(when)s (UTC).",
            action=action.name,
            when=action.lastcall or "-",
        ),
    }[trouble]
