"""What was bought of a supplier product and is in no order, and why: one question to the database.

Only facts are asked for, and no hook: whoever bought it and whatever was changed since, by whatever
way. What counts as ours: docs/decisions/0020-what-was-bought-is-watched.md.
"""

from odoo.tools import SQL

from ..sync.states import UNSENT

# Why a purchase line is in no order. A code the query gives, except the last one.
UNSENT_REASONS = [
    ("queued", "It was just put into the queue"),
    ("sandbox", "Its connection is a sandbox beside a production connection"),
    ("draft", "Its connection is not connected"),
    ("disabled", "Its connection is switched off"),
    ("archived", "Its connection is archived"),
    ("company", "Its connection belongs to another company"),
    ("vendor", "Its vendor does not sell it through a connection"),
    ("unexplained", "No order was made of it"),
]

# Goods that are still to come, by Odoo's own indexes on states: what was received costs nothing.
_TO_COME = ("draft", "waiting", "confirmed", "partially_available", "assigned")
_TO_CONFIRM = ("draft", "sent", "to approve")

# Whether the company of a purchase order buys over a connection: its own, or its parent's.
_FITS = SQL("buyer.parent_path LIKE owner.parent_path || '%%'")
# Why nothing leaves over a connection; 'queued' when it does.
_CONNECTION_REASON = SQL(
    """
    CASE WHEN NOT (%s) THEN 'company'
         WHEN connection.is_counted THEN 'queued'
         WHEN connection.active IS NOT TRUE THEN 'archived'
         WHEN connection.state = 'disabled' THEN 'disabled'
         WHEN connection.state NOT IN ('connected', 'reauth') THEN 'draft'
         ELSE 'sandbox' END
    """,
    _FITS,
)


def unsent_lines(purchase_id=None):
    """Return the query of the drop-ship purchase lines whose goods no supplier was asked for.

    Rows: `line_id, purchase_id, told, reason, connection_id, waits`. `told` is the reason that is
    noted already; `reason` the one there is, 'queued' where an order can be made; `waits` whether
    a placeholder stands for it.

    :param int purchase_id: only of this purchase order
    """
    return SQL(
        """
        SELECT line_id, purchase_id, told, reason, connection_id, waits
          FROM (%(lacking)s) lacking
         CROSS JOIN LATERAL (%(reason)s) why
         CROSS JOIN LATERAL (%(waits)s) stands
         WHERE reason IS NOT NULL
        """,
        lacking=_lacking(purchase_id),
        reason=_reason(),
        waits=_waits(),
    )


def _lacking(purchase_id):
    """Return the query of lines to be sent of which more was bought than orders hold.

    Row by row (OFFSET 0), and what is cheapest to know first: PostgreSQL would rather read whole
    tables of what was received long ago.
    """
    return SQL(
        """
        WITH operation AS MATERIALIZED (
            SELECT id FROM stock_picking_type WHERE code = 'dropship')
        SELECT line.id AS line_id, line.order_id AS purchase_id, line.product_id, line.partner_id,
               line.inventory_source_unsent_reason AS told, held.stuck_on,
               held.stuck_on IS NOT NULL AND held.pieces >= line.product_qty * piece.share
               AS is_stuck,
               document.*
          FROM (%(to_come)s) to_come
         CROSS JOIN LATERAL (
               SELECT * FROM purchase_order_line WHERE id = to_come.id OFFSET 0) line
         CROSS JOIN LATERAL (%(held)s OFFSET 0) held
         CROSS JOIN LATERAL (%(piece)s) piece
         CROSS JOIN LATERAL (%(document)s OFFSET 0) document
         WHERE line.product_qty > COALESCE(line.qty_received, 0)
           AND (line.product_qty * piece.share - held.pieces > 0.0000005
                OR held.stuck_on IS NOT NULL)
        OFFSET 0
        """,
        to_come=_to_come(purchase_id),
        held=_held(),
        piece=_piece(),
        document=_document(),
    )


def _to_come(purchase_id):
    return SQL(
        """
        SELECT line.id
          FROM purchase_order purchase
         CROSS JOIN LATERAL (
               SELECT id FROM purchase_order_line WHERE order_id = purchase.id OFFSET 0) line
         WHERE purchase.state IN %(to_confirm)s %(this)s
           AND purchase.picking_type_id IN (SELECT id FROM operation)
         UNION
        SELECT purchase_line_id
          FROM stock_move
         WHERE state IN %(to_come)s AND purchase_line_id IS NOT NULL %(of_this)s
           AND picking_type_id IN (SELECT id FROM operation)
        """,
        to_confirm=_TO_CONFIRM,
        to_come=_TO_COME,
        this=SQL("AND purchase.id = %s", purchase_id) if purchase_id else SQL(),
        of_this=SQL(
            "AND purchase_line_id IN (SELECT id FROM purchase_order_line WHERE order_id = %s)",
            purchase_id,
        )
        if purchase_id
        else SQL(),
    )


def _held():
    """Return the query of the pieces orders hold of a line, or that people know do not come.

    `stuck_on` is a connection over which an order of it cannot leave.
    """
    return SQL(
        """
        SELECT COALESCE(sum(CASE WHEN held.shortage_taken_off THEN held.accepted_quantity
                                 ELSE held.quantity END), 0) AS pieces,
               max(sent.connection_id) FILTER (
                   WHERE sent.state IN %s AND sent.is_test IS NOT TRUE
                     AND sent.connection_id NOT IN (
                         SELECT id FROM inventory_source_connection WHERE is_counted)) AS stuck_on
          FROM inventory_source_order_line held
          JOIN inventory_source_order sent ON sent.id = held.order_id
         WHERE held.purchase_line_id = line.id
           AND (sent.state <> 'cancelled' OR sent.cancelled_by_user
                OR sent.remote_id IS NOT NULL)
        """,
        UNSENT,
    )


def _piece():
    """Return the query of the share of a piece that one unit of a line is.

    As `order_line.units_per_piece` counts: by the vendor line.
    """
    return SQL(
        """
        SELECT unit.factor / piece.factor AS share
          FROM product_product product
          JOIN product_template template ON template.id = product.product_tmpl_id
          JOIN uom_uom unit ON unit.id = line.product_uom_id
          LEFT JOIN product_supplierinfo seller
            ON seller.product_tmpl_id = template.id AND seller.partner_id = line.partner_id
           AND (seller.product_id IS NULL OR seller.product_id = product.id)
          JOIN uom_uom piece ON piece.id = COALESCE(seller.product_uom_id, template.uom_id)
         WHERE product.id = line.product_id
         ORDER BY seller.sequence, seller.min_qty DESC, seller.price, seller.id
         LIMIT 1
        """
    )


def _document():
    """Return the query of the purchase order of a line, when it is to be sent: for a sale that is
    confirmed, or confirmed itself.
    """
    return SQL(
        """
        SELECT purchase.company_id, purchase.state, purchase.create_date,
               sale.id AS sale_id
          FROM purchase_order purchase
          LEFT JOIN sale_order_line sale_line ON sale_line.id = line.sale_line_id
          LEFT JOIN sale_order sale ON sale.id = sale_line.order_id
         WHERE purchase.id = line.order_id AND purchase.state IN %s
           AND purchase.picking_type_id IN (SELECT id FROM operation)
           AND CASE WHEN sale.id IS NULL THEN purchase.state = 'purchase'
                    ELSE sale.state = 'sale' END
           AND EXISTS (SELECT FROM inventory_source_product offer
                        WHERE offer.product_id = line.product_id)
        """,
        (*_TO_CONFIRM, "purchase"),
    )


def _reason():
    """Return the query of why a line that is lacking is in no order; NULL: it is not ours."""
    return SQL(
        """
        SELECT COALESCE(stuck.reason, sold.reason, given.reason) AS reason,
               COALESCE(stuck.connection_id, sold.connection_id, given.connection_id)
               AS connection_id
          FROM res_company buyer
          LEFT JOIN LATERAL (%(stuck)s) stuck ON lacking.is_stuck
          LEFT JOIN LATERAL (%(sold)s) sold ON stuck.reason IS NULL
          LEFT JOIN LATERAL (%(given)s) given ON sold.reason IS NULL
         WHERE buyer.id = lacking.company_id
        """,
        stuck=_stuck(),
        sold=_sold(),
        given=_given(),
    )


def _stuck():
    return SQL(
        """
        SELECT %s AS reason, connection.id AS connection_id
          FROM inventory_source_connection connection
          JOIN res_company owner ON owner.id = connection.company_id
         WHERE connection.id = lacking.stuck_on
        """,
        _CONNECTION_REASON,
    )


def _sold():
    """Return the query of what keeps the vendor's own offers from being ordered, nearest first.

    Of another company's connection they concern us only when the buyer has no vendor line of its
    own.
    """
    return SQL(
        """
        SELECT reason, connection_id
          FROM (SELECT %(reason)s AS reason, connection.id AS connection_id
                  FROM inventory_source_product offer
                  JOIN inventory_source_supplier supplier ON supplier.id = offer.supplier_id
                  JOIN inventory_source_connection connection
                    ON connection.id = offer.connection_id
                  JOIN res_company owner ON owner.id = connection.company_id
                 WHERE offer.product_id = lacking.product_id
                   AND supplier.partner_id = lacking.partner_id) sold
         WHERE reason <> 'company' OR NOT %(explained)s
         ORDER BY array_position(%(order)s, reason), connection_id
         LIMIT 1
        """,
        reason=_CONNECTION_REASON,
        explained=_explained(),
        order=[code for code, _label in UNSENT_REASONS],
    )


def _given():
    """Return the query of a vendor that does not sell the product through a connection.

    It concerns us when the vendor is one of a connection all the same, or when nothing explains why
    the line is with it and nobody has sent or confirmed the purchase order yet.
    """
    return SQL(
        """
        SELECT 'vendor' AS reason, connection.id AS connection_id
          FROM inventory_source_product offer
          JOIN inventory_source_connection connection ON connection.id = offer.connection_id
          JOIN res_company owner ON owner.id = connection.company_id
         WHERE offer.product_id = lacking.product_id AND connection.is_counted AND %(fits)s
           AND (EXISTS (SELECT FROM inventory_source_supplier supplier
                         WHERE supplier.connection_id = connection.id
                           AND supplier.partner_id = lacking.partner_id)
                OR lacking.state IN ('draft', 'to approve') AND NOT %(explained)s)
         ORDER BY connection.id
         LIMIT 1
        """,
        fits=_FITS,
        explained=_explained(),
    )


def _explained():
    """Return the condition that a vendor line of somebody else's was there before the purchase.

    Odoo itself adds one when a purchase order is confirmed.
    """
    return SQL(
        """
        EXISTS (
            SELECT FROM product_product product
              JOIN product_supplierinfo seller
                ON seller.product_tmpl_id = product.product_tmpl_id
              JOIN res_partner vendor ON vendor.id = lacking.partner_id
             WHERE product.id = lacking.product_id
               AND (seller.product_id IS NULL OR seller.product_id = product.id)
               AND seller.partner_id IN (vendor.id, vendor.commercial_partner_id)
               AND (seller.company_id IS NULL OR seller.company_id = lacking.company_id)
               AND seller.create_date < lacking.create_date
               AND NOT EXISTS (
                   SELECT FROM inventory_source_product ours
                    WHERE ours.product_id = lacking.product_id
                      AND ours.vendor_line_id = seller.id))
        """
    )


def _waits():
    return SQL(
        """
        SELECT EXISTS (
            SELECT FROM inventory_source_order placeholder
              JOIN inventory_source_connection connection
                ON connection.id = placeholder.connection_id
             WHERE placeholder.is_placeholder AND connection.is_counted
               AND placeholder.sale_order_id = lacking.sale_id) AS waits
        """
    )
