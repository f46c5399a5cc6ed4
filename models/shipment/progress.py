"""How far what suppliers ship has come, in one word: of an order, and of a sale of several.

Worked out by the database from our own tables whenever somebody asks. Nothing is stored: each
state that changes would write the sale, and wait for, or throw out, whoever is just editing it.
"""

from odoo import fields
from odoo.tools import SQL

from ..connection.tiles import UNSENT_QUEUED
from ..sync.record_mixin import CALL
from ..sync.states import MAY_COME, NEEDS_PERSON

# The most urgent first: a sale is what its most urgent order is.
PROGRESS = [
    ("verify", "To verify"),
    ("action", "Action needed"),
    ("held", "On Hold"),
    ("late", "Late"),
    ("partly", "Partly shipped"),
    ("waiting", "Waiting"),
    ("shipped", "Shipped"),
    ("canceled", "Canceled"),
]
_KEYS = [key for key, _label in PROGRESS]
# What it goes by, to be flushed before it is asked for.
_ORDER_FIELDS = (
    "active", "documents_error", "late_at", "request_overdue", "rest_undecided", "sale_order_id",
    "state",
)  # fmt: skip


class ProgressField(fields.Selection):
    """A selection of `PROGRESS` on a sale, which sorts and groups as one with a column does."""

    def to_sql(self, model, alias):
        # A map of all sales, made once a statement: to ask for each sale takes 30 times as long.
        return SQL(
            "((SELECT jsonb_object_agg(sale_order_id, word) FROM (%s) told) ->> %s::text)",
            SQL(
                "SELECT sale_order_id, %s AS word FROM (%s) own GROUP BY sale_order_id",
                _of_sale(),
                _ranks(model.env, SQL("sale_order_id IS NOT NULL")),
            ),
            SQL.identifier(alias, "id"),
        )


def by_order(orders):
    """Return `{order id: word}`."""
    return dict(
        orders.env.execute_query(
            SQL(
                "SELECT id, %s FROM (%s) own",
                _word(SQL("rank")),
                _ranks(orders.env, SQL("id = ANY(%s)", orders.ids)),
            )
        )
    )


def by_sale(sales):
    """Return `{sale id: word}` of those that have orders."""
    return dict(
        sales.env.execute_query(
            SQL(
                "SELECT sale_order_id, %s FROM (%s) own GROUP BY sale_order_id",
                _of_sale(),
                _ranks(sales.env, SQL("sale_order_id = ANY(%s)", sales.ids)),
            )
        )
    )


def sales_with(env, words):
    """Return the query of the sales that are one of these words; of all that have orders: None."""
    return SQL(
        "(SELECT sale_order_id FROM (%s) own GROUP BY sale_order_id HAVING %s)",
        _ranks(env, SQL("sale_order_id IS NOT NULL")),
        SQL("TRUE") if words is None else SQL("%s = ANY(%s)", _of_sale(), list(words)),
    )


def _ranks(env, condition):
    """Return the query of `id, sale_order_id, rank`; 1 is the most urgent.

    Of orders, and of what was bought for a sale and is in none, which needs a person. So does one
    that somebody is asked to call the supplier about before it is shipped, such as to cancel it.
    """
    flushed = (
        ("inventory.source.order", _ORDER_FIELDS),
        ("inventory.source.shipment", ("order_id", "problem", "state")),
        ("mail.activity", ("active", "activity_type_id", "automated", "res_id", "res_model")),
        ("purchase.order.line", ("inventory_source_unsent_reason", "sale_line_id")),
        ("sale.order.line", ("order_id",)),
    )
    # Raw SQL: it has to sort and group sales, and to answer for a whole list at once.
    return SQL(
        """
        SELECT * FROM (
            SELECT o.id, o.sale_order_id,
                   CASE WHEN o.state = 'unknown' OR (o.state = 'sending' AND o.request_overdue)
                        THEN 1
                        WHEN %(calls_person)s
                        THEN 2
                        WHEN o.state = 'held' THEN 3
                        WHEN o.state = 'accepted' AND o.late_at IS NOT NULL THEN 4
                        WHEN o.state = 'accepted'
                             AND EXISTS (SELECT FROM inventory_source_shipment s
                                          WHERE s.order_id = o.id AND s.state = 'applied')
                        THEN 5
                        WHEN o.state IN %(may_come)s THEN 6
                        WHEN o.state = 'done' THEN 7
                        ELSE 8 END AS rank
              FROM inventory_source_order o
             WHERE o.active
             UNION ALL
            SELECT NULL, sale_line.order_id, 2
              FROM purchase_order_line line
              JOIN sale_order_line sale_line ON sale_line.id = line.sale_line_id
             WHERE line.inventory_source_unsent_reason <> %(queued)s
        ) each WHERE %(condition)s
        """,
        calls_person=_calls_person(),
        may_come=MAY_COME,
        queued=UNSENT_QUEUED,
        condition=condition,
        to_flush=[env[model]._fields[name] for model, names in flushed for name in names],
    )


def _calls_person():
    """Return the condition that an order `o` does not go on before somebody has done something."""
    module, _dot, call = CALL.partition(".")
    return SQL(
        """
        (o.state IN %(needs_person)s OR o.rest_undecided OR o.documents_error IS NOT NULL
         OR EXISTS (SELECT FROM inventory_source_shipment s
                     WHERE s.order_id = o.id AND (s.state = 'problem' OR s.problem = 'voided'))
         OR (o.state IN %(may_come)s
             AND EXISTS (SELECT FROM mail_activity asked
                          WHERE asked.res_model = 'inventory.source.order'
                            AND asked.res_id = o.id AND asked.active AND asked.automated
                            AND asked.activity_type_id = (
                                SELECT res_id FROM ir_model_data
                                 WHERE module = %(module)s AND name = %(call)s))))
        """,
        needs_person=NEEDS_PERSON,
        may_come=MAY_COME,
        module=module,
        call=call,
    )


def _of_sale():
    """Return the word for the orders of one sale: one waits and one has left, that is in part."""
    return _word(SQL("CASE WHEN min(rank) = 6 AND bool_or(rank = 7) THEN 5 ELSE min(rank) END"))


def _word(rank):
    return SQL("(%s::varchar[])[%s]", _KEYS, rank)
