"""What the till has settled with the customer, and a supplier was asked for all the same.

A sale order that is paid at the till without *Ship Later* counts as handed over there, and what is
refunded there as given back; Odoo keeps what it bought. It may be right to send it: the till was
used to take the money only. So people are asked, once: before it is sent the order is held, after
that whoever sold it is told.

By facts, and by no hook (docs/decisions/0020-what-was-bought-is-watched.md): the models of the till
need not be there.
"""

from typing import NamedTuple

from odoo.tools import SQL

from ...tools.safe_html import text_html
from ..sync.record_mixin import CALL
from ..sync.states import AT_SERVICE
from .asked import units_held
from .holds import BY_POLICY, BY_TILL, Hold, hold


class Settled(NamedTuple):
    """What the till has settled of what an order line is sold as, in the till's units."""

    line_id: int
    order_id: int
    sold: float
    handed: float
    refunded: float
    receipts: str

    @property
    def all(self):
        """Return what people are to know of."""
        return self.handed + self.refunded


def till_holds(order):
    """Return why the till keeps an order that has not left: `Hold` values."""
    if not order._origin:
        return []  # a quotation: Odoo confirms it once it is paid
    return [_hold(line, *risk) for line, risk in _at_risk(order).items()]


def note_till_decided(order):
    """Note that a person, who was asked, has it sent all the same."""
    for settled in _settled(order.env, SQL("sent.id = %s", order.id)):
        order.line_ids.browse(settled.line_id).till_seen = settled.all


def hold_and_note(order, holds):
    """Hold an order as `hold` does; note what of the till people are asked about with that.

    Who approves it knows of that, and of no more.
    """
    hold(order, holds)
    if holds[0].code not in BY_TILL:
        return
    risk = _at_risk(order)
    for line in order.line_ids:
        asked = risk[line][1].all if line in risk else 0
        if line.till_asked != asked:
            line.till_asked = asked


def is_till_asked(order):
    """Return whether people were asked about all that the till has settled of a held order."""
    return all(
        line.product_id.uom_id.compare(settled.all, line.till_asked) <= 0
        for line, (_pieces, settled) in _at_risk(order).items()
    )


def note_till_known(lines):
    """Note of new order lines what people know of the till by now: what is sold more leaves."""
    for line in lines:
        line.till_seen = max(_sold_together(line).mapped("till_seen"), default=0)


def till_news(env):
    """Return the ids of the orders of which the till has settled something nobody knows of.

    And of those that are held for it, and do not say what it has settled by now.
    """
    orders = env["inventory.source.order"]
    if not orders._has_till():
        return []
    # What misses something, or a person holds, is asked about once it may leave.
    touched = _touched(
        env,
        SQL(
            "sent.is_placeholder IS NOT TRUE AND sent.is_test IS NOT TRUE AND (sent.state IN %s"
            " AND (sent.state <> 'sending' OR sent.request_ref IS NOT NULL)"
            " OR sent.state = 'queued' OR sent.state = 'held' AND sent.cause IN %s)",
            # What is on its way only may come back, and is asked about then.
            AT_SERVICE,
            tuple(set(BY_POLICY) - set(BY_TILL)),
        ),
    )
    rows = _settled(env, SQL("held.id IN %s", touched)) if touched else []
    found = orders.browse(dict.fromkeys(row.order_id for row in rows))
    asked = orders.search([("state", "=", "held"), ("cause", "in", BY_TILL)])
    return [
        *(order.id for order in found if _at_risk(order)),
        *(order.id for order in asked if _is_outdated(order)),
    ]


def _is_outdated(order):
    """Return whether a held order says something else of the till than is so by now."""
    texts = [each.message for each in till_holds(order)]
    told = (order.reason or "").split("\n")[: len(texts)]
    return not texts or told != texts or len(order.line_ids.filtered("till_asked")) != len(texts)


def look_at_till(env, order_id):
    """Hold an order of which the till has settled something, or tell who sold it; once."""
    order = env["inventory.source.order"].browse(order_id)
    order = order.with_company(order.company_id)
    if order._follows():
        order._touch_unsent(SQL("id = %s", order.id))
        order._decide()
    elif risk := _at_risk(order):
        _tell(order, risk)


def _tell(order, risk):
    """Tell who sold it that the supplier has what the till has settled."""
    env, lines = order.env, order.line_ids.browse([line.id for line in risk])
    goods = [f"{pieces:g} × {line.product_id.display_name}" for line, (pieces, _s) in risk.items()]
    summary = env._("%(order)s was settled at the till", order=order.name)
    note = env._(
        "%(reasons)s The supplier has the order already, and the service cannot take it back. "
        "Unless the customer still waits for it, ask %(suppliers)s to take back %(goods)s: "
        "order %(order)s, their number %(number)s.",
        reasons=" ".join(_text(line, *what) for line, what in risk.items()),
        suppliers=", ".join(lines.supplier_id.mapped("name")),
        goods=", ".join(goods),
        order=order.name,
        number=order.remote_id or "-",
    )
    # What is still to settle of what was told before.
    before = order._activities_about(summary, CALL)[:1].note
    order._call_person(summary, (before or "") + text_html(note), CALL)
    note_till_decided(order)
    # Odoo has taken its deliveries away; as long as the supplier has the order, they may come.
    lines.purchase_line_id._inventory_source_expect_again()


def _hold(line, pieces, settled):
    text = _text(line, pieces, settled)
    return Hold("till.refunded", text) if settled.refunded else Hold("till.handed", text)


def _text(line, pieces, settled):
    values = {
        "pieces": pieces,
        "product": line.product_id.display_name,
        "receipts": settled.receipts,
    }
    if settled.refunded:
        return line.env._(
            "%(pieces)g × %(product)s: refunded at the till (%(receipts)s), so the customer may "
            "not want this any more.",
            **values,
        )
    return line.env._(
        "%(pieces)g × %(product)s: paid at the till without “Ship Later” (%(receipts)s), which "
        "counts as handed over there, so the customer may have this already.",
        **values,
    )


# --- how much of an order is settled at the till as well ---


def _at_risk(order):
    """Return `{order line: (pieces, Settled)}` of what nobody was asked or told about.

    Of a sale line some may have been handed over and the others ordered: settled is what both
    together are more than what is sold. What has not left is what need not.
    """
    risk = {}
    for settled in _settled(order.env, SQL("sent.id = %s", order.id)):
        line = order.line_ids.browse(settled.line_id)
        alike = _sold_together(line)
        sold, share = _sold(line, settled)
        new = settled.all - line.till_seen
        ordered = units_held(alike)
        left = min(new * share, settled.all * share + ordered - sold)
        for each in alike.sorted(_reach):
            units = min(units_held(each), left)
            if line.product_id.uom_id.compare(units, 0) <= 0:
                break
            left -= units
            if each == line and line.order_id.state != "done":
                risk[line] = (units / line._units_per_piece(), settled)
    return risk


def _reach(line):
    """Return how an order line is sorted: first what can still be kept from being sent."""
    order = line.order_id
    return (not order._follows(), order.state == "done", -line.id)


def _sold_together(line):
    """Return the live order lines of the same product for the same sale line, or till orders."""
    bought = line.purchase_line_id
    if sold := bought.sale_line_id or line.sale_line_id:
        found = sold.inventory_source_line_ids | sold.purchase_line_ids.inventory_source_line_ids
    else:
        purchases = bought.order_id.reference_ids.pos_order_ids.stock_reference_ids.purchase_ids
        purchases = purchases.order_line.filtered(lambda each: not each.sale_line_id)
        found = purchases.inventory_source_line_ids
    return found.filtered(
        lambda each: (
            each.product_id == line.product_id
            and each._is_live()
            and not each.purchase_line_id.inventory_source_exchange
        )
    )


def _sold(line, settled):
    """Return how much of a line's product is sold, and how much of it is in a unit at the till.

    A kit is sold as one there.
    """
    sold = line.purchase_line_id.sale_line_id or line.sale_line_id
    if not sold:
        return settled.sold, 1.0
    return _needed(sold, line.product_id)


def _needed(sold, product):
    needed = sold._inventory_source_needs().get(product, 0)
    units = sold.product_uom_id._compute_quantity(
        sold.product_uom_qty, sold.product_id.uom_id, round=False
    )
    return needed, needed / units if units else 1.0


def handed_over(sold, product):
    """Return how much of a product the till handed over for a sale line, in the product's unit."""
    if "pos_order_line_ids" not in sold._fields:
        return 0.0
    # sudo: who buys need not see the till.
    paid = sold.sudo().pos_order_line_ids.filtered(
        lambda line: (
            line.qty > 0
            and line.order_id.state not in ("draft", "cancel")
            and not line.order_id.shipping_date
        )
    )
    return sum(paid.mapped("qty")) * _needed(sold, product)[1] if paid else 0.0


def _flush(env):
    """Write what the questions to the database are about."""
    names = {
        "inventory.source.order": ["state", "cause", "is_test", "is_placeholder", "request_ref"],
        "inventory.source.order.line": ["sale_line_id", "purchase_line_id", "till_seen"],
        "purchase.order.line": ["sale_line_id", "product_id", "order_id"],
        "pos.order": ["state", "shipping_date"],
        "pos.order.line": ["order_id", "product_id", "qty", "refunded_orderline_id"],
        "stock.reference": ["pos_order_ids", "purchase_ids"],
    }
    if _settles_sales(env):
        names["pos.order.line"].append("sale_order_line_id")
    for model, fields_read in names.items():
        env[model].flush_model(fields_read)


def _settles_sales(env):
    """Return whether sale orders can be paid at the till."""
    return "sale_order_line_id" in env["pos.order.line"]._fields


def _touched(env, condition):
    """Return the ids of the order lines of which the till may have settled something, a tuple.

    What it did not say *Ship Later* of, or took back: how much that is and what people know of it
    takes twice as long to ask, and `_settled` answers it of these few.

    :param condition: SQL over the order, `sent`
    """
    _flush(env)
    of_sale = SQL("sold.sale_order_line_id = held.sale_line_id")
    # Raw SQL: asked of all open orders at once. Line by line (OFFSET 0), by the indexes on what is
    # looked for: PostgreSQL would rather read all that was ever ordered.
    rows = env.execute_query(
        SQL(
            """
            SELECT held.id
              FROM (SELECT line.id, COALESCE(
                           (SELECT sale_line_id FROM purchase_order_line
                             WHERE id = line.purchase_line_id),
                           line.sale_line_id) AS sale_line_id
                      FROM inventory_source_order sent
                     CROSS JOIN LATERAL (
                           SELECT * FROM inventory_source_order_line
                            WHERE order_id = sent.id OFFSET 0) line
                     WHERE %s
                    OFFSET 0) held
             WHERE held.sale_line_id IS NULL
                OR EXISTS (
                   SELECT FROM pos_order_line sold
                     JOIN pos_order receipt ON receipt.id = sold.order_id
                    WHERE %s
                      AND (receipt.shipping_date IS NULL OR EXISTS (
                          SELECT FROM pos_order_line back
                           WHERE back.refunded_orderline_id = sold.id))
                   OFFSET 0)
            """,
            condition,
            of_sale if _settles_sales(env) else SQL("FALSE"),
        )
    )
    return tuple(line_id for (line_id,) in rows)


def _settled(env, condition):
    """Return `Settled` of lines of which the till has settled something people do not know of.

    :param condition: SQL over the order, `sent`
    """
    _flush(env)
    # Raw SQL: asked of many orders at once, by the indexes of Odoo on what is looked for.
    rows = env.execute_query(
        SQL(
            """
            SELECT held.id, held.order_id, till.sold, till.handed, till.refunded, till.receipts
              FROM inventory_source_order sent
              JOIN inventory_source_order_line held ON held.order_id = sent.id
              LEFT JOIN purchase_order_line bought ON bought.id = held.purchase_line_id
             CROSS JOIN LATERAL (%s) till
             WHERE %s AND till.handed + till.refunded - COALESCE(held.till_seen, 0) > 0.0000005
             ORDER BY held.id
            """,
            _at_till(env),
            condition,
        )
    )
    return [Settled(*row) for row in rows]


def _at_till(env):
    """Return the query of what the till has settled of an ordered line: one row."""
    of_sale = SQL("FALSE")
    if _settles_sales(env):
        of_sale = SQL("sale_order_line_id = COALESCE(bought.sale_line_id, held.sale_line_id)")
    return SQL(
        """
        SELECT COALESCE(sum(sold.qty), 0) AS sold,
               COALESCE(sum(sold.qty) FILTER (WHERE receipt.shipping_date IS NULL), 0) AS handed,
               COALESCE(sum(back.qty) FILTER (WHERE receipt.shipping_date IS NOT NULL), 0)
                   AS refunded,
               string_agg(DISTINCT CASE WHEN receipt.shipping_date IS NULL THEN receipt.name
                                        ELSE back.receipts END, ', ') AS receipts
          FROM (SELECT id, order_id, qty FROM pos_order_line WHERE %s
                 UNION
                SELECT line.id, line.order_id, line.qty
                  FROM stock_reference_purchase_rel made
                  JOIN stock_reference_pos_order_rel shown
                    ON shown.reference_id = made.reference_id
                  JOIN pos_order_line line
                    ON line.order_id = shown.pos_order_id AND line.product_id = bought.product_id
                 WHERE COALESCE(bought.sale_line_id, held.sale_line_id) IS NULL
                   AND made.purchase_id = bought.order_id) sold
          JOIN pos_order receipt
            ON receipt.id = sold.order_id AND receipt.state NOT IN ('draft', 'cancel')
         CROSS JOIN LATERAL (
               SELECT -sum(line.qty) AS qty,
                      string_agg(refund.name, ', ' ORDER BY refund.id) AS receipts
                 FROM pos_order_line line
                 JOIN pos_order refund
                   ON refund.id = line.order_id AND refund.state NOT IN ('draft', 'cancel')
                WHERE line.refunded_orderline_id = sold.id) back
         WHERE sold.qty > 0
        """,
        of_sale,
    )
