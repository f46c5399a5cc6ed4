"""What was bought of a supplier product and is in no order, and why.

Only facts are asked for, and no hook: whoever bought it and whatever was changed since, by whatever
way. Whose purchase it is: docs/decisions/0020-what-was-bought-is-watched.md.
"""

from odoo.tools import SQL

from ..connection.connection import IN_USE
from ..connection.tiles import NOT_UNSENT
from ..sync.odoo_states import PURCHASE_TO_CONFIRM
from ..sync.states import UNSENT

# Why a purchase line is in no order: the nearest first, when there are several.
UNSENT_REASONS = [
    ("queued", "It was just put into the queue"),
    ("sandbox", "Its connection is a sandbox beside a production connection"),
    ("draft", "Its connection is not connected"),
    ("disabled", "Its connection is switched off"),
    ("archived", "Its connection is archived"),
    ("company", "Its connection belongs to another company"),
    ("vendor", "Its vendor does not sell it through a connection"),
    ("canceled", "The sale it was bought for is not confirmed"),
    ("unlinked", "Its product is linked with no supplier product"),
    ("unexplained", "No order was made"),
]
_NEAREST = [code for code, _label in UNSENT_REASONS]

# Goods that are still to come, by Odoo's own indexes on states: what was received costs nothing.
_TO_COME = ("draft", "waiting", "confirmed", "partially_available", "assigned")
# Of what `_compared` returns.
_SHORT = SQL("(wanted - held > 0.0000005 OR stuck_on IS NOT NULL)")


# --- which lines: what misses something, then whose that is ---


def short_lines(purchase_id=None):
    """Return the query of the ids of the open lines of which more is bought than is in orders.

    Or an order of which cannot leave. Whose they are, `unsent_lines` says of these few: PostgreSQL
    takes a while to plan that, and mostly there are none.

    :param int purchase_id: only of this purchase order
    """
    compared = _compared(_to_come(purchase_id))
    return SQL("SELECT id FROM (%s OFFSET 0) compared WHERE %s", compared, _SHORT)


def unsent_lines(env, line_ids):
    """Return the query of the purchase lines to be sent of which more is bought than is in orders.

    Rows: `line_id, told, stuck_on, waiting`. `told` is the reason that is noted; `stuck_on` the
    connection over which an order of it cannot leave, when it has one; `waiting` the connections on
    which a placeholder may stand for it.

    Row by row (OFFSET 0), and what is cheapest to know first: PostgreSQL would rather read whole
    tables of what was received long ago.

    :param line_ids: of these only: what `short_lines` found
    """
    return SQL(
        """
        SELECT compared.id, told, CASE WHEN held >= wanted THEN stuck_on END, %(waiting)s
          FROM (%(compared)s OFFSET 0) compared
         CROSS JOIN LATERAL (%(bought)s OFFSET 0) bought
         WHERE %(short)s
        """,
        compared=_compared(SQL("SELECT unnest(%s) AS id", [*line_ids])),
        bought=env["inventory.source.order"]._bought(
            SQL("line.id = compared.id"),
            canceled=SQL("purchase.state = 'purchase'"),
            ours=_ours(),
        ),
        waiting=_waiting(),
        short=_SHORT,
    )


def _compared(to_come):
    """Return the query of the open lines with the pieces that are wanted and held of each.

    :param to_come: the query of the ids of the lines of which goods are to come
    """
    return SQL(
        """
        SELECT open_line.id, open_line.product_id,
               open_line.inventory_source_unsent_reason AS told,
               held.pieces AS held, open_line.product_qty * piece.share AS wanted, held.stuck_on
          FROM (%(to_come)s) to_come
         CROSS JOIN LATERAL (
               SELECT * FROM purchase_order_line WHERE id = to_come.id OFFSET 0) open_line
         CROSS JOIN LATERAL (%(held)s OFFSET 0) held
         CROSS JOIN LATERAL (%(piece)s) piece
         WHERE open_line.product_qty > COALESCE(open_line.qty_received, 0)
        """,
        to_come=to_come,
        held=_held(),
        piece=_piece(),
    )


def _to_come(purchase_id):
    """Return the query of the drop-ship purchase lines of which goods are to come.

    In their order: what is then looked up line by line lies side by side.
    """
    this = of_this = SQL()
    if purchase_id:
        this = SQL("AND purchase.id = %s", purchase_id)
        of_this = SQL(
            "AND purchase_line_id IN (SELECT id FROM purchase_order_line WHERE order_id = %s)",
            purchase_id,
        )
    return SQL(
        """
        WITH operation AS MATERIALIZED (
            SELECT id FROM stock_picking_type WHERE code = 'dropship')
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
         ORDER BY 1
        """,
        to_confirm=PURCHASE_TO_CONFIRM,
        to_come=_TO_COME,
        this=this,
        of_this=of_this,
    )


def _held():
    """Return the query of the pieces orders hold of a line, or that people know do not come.

    What does not come counts until it is taken off the purchase line as well. `offer_id` is what
    they are pieces of. (Asked by `to_come`: by `open_line` PostgreSQL would keep each answer in
    memory, though none is asked for again.)
    """
    return SQL(
        """
        SELECT COALESCE(sum(held.quantity - COALESCE(held.taken_off, 0)), 0) AS pieces,
               max(held.supplier_product_id) AS offer_id,
               max(sent.connection_id) FILTER (
                   WHERE sent.state IN %s AND sent.is_test IS NOT TRUE
                     AND sent.connection_id NOT IN (
                         SELECT id FROM inventory_source_connection WHERE is_counted)) AS stuck_on
          FROM inventory_source_order_line held
          JOIN inventory_source_order sent ON sent.id = held.order_id
         WHERE held.purchase_line_id = to_come.id
           AND (sent.state <> 'cancelled' OR sent.cancelled_by_user
                OR sent.remote_id IS NOT NULL)
        """,
        UNSENT,
    )


def _piece():
    """Return the query of the share of a piece that one unit of a line is.

    As `order_line.units_per_piece` counts, by the vendor line; whatever it is while none is held.
    """
    return SQL(
        """
        SELECT unit.factor / piece.factor AS share
          FROM product_product product
          JOIN product_template template ON template.id = product.product_tmpl_id
          JOIN uom_uom unit ON unit.id = open_line.product_uom_id
          LEFT JOIN inventory_source_product offer ON offer.id = held.offer_id
          LEFT JOIN inventory_source_supplier supplier ON supplier.id = offer.supplier_id
          LEFT JOIN product_supplierinfo seller
            ON seller.product_tmpl_id = template.id
           AND (seller.product_id IS NULL OR seller.product_id = product.id)
           AND (seller.partner_id = supplier.partner_id OR seller.id = offer.vendor_line_id
                OR EXISTS (
                SELECT FROM inventory_source_supplier_former_partner_rel former
                 WHERE former.inventory_source_supplier_id = supplier.id
                   AND former.res_partner_id = seller.partner_id))
          LEFT JOIN uom_uom kept
            ON kept.id = (offer.vendor_edits ->> 'product_uom_id')::int
           AND COALESCE((offer.vendor_edits ->> 'product_id')::int, product.id) = product.id
          JOIN uom_uom piece ON piece.id = COALESCE(seller.product_uom_id, kept.id, template.uom_id)
         WHERE product.id = open_line.product_id
         ORDER BY seller.partner_id = supplier.partner_id DESC NULLS LAST,
                  seller.id = offer.vendor_line_id DESC NULLS LAST,
                  seller.sequence, seller.min_qty DESC, seller.price, seller.id
         LIMIT 1
        """
    )


def _ours():
    """Return whether a line is our business: its product is linked, or only its vendor is ours.

    That vendor is expected to receive it, unless he sold it to us himself before the purchase.
    Who has left the service is meant no more. (Not EXISTS: in place of asking for one line,
    PostgreSQL might read all products.)
    """
    return SQL(
        """
        COALESCE(
            (SELECT TRUE FROM inventory_source_product offer
              WHERE offer.product_id = line.product_id LIMIT 1),
            purchase.partner_id IN (
                SELECT contact.id
                  FROM inventory_source_connection connection
                  JOIN inventory_source_supplier supplier ON supplier.connection_id = connection.id
                  LEFT JOIN inventory_source_supplier_former_partner_rel former
                    ON former.inventory_source_supplier_id = supplier.id
                  JOIN res_partner vendor
                    ON vendor.id IN (supplier.partner_id, former.res_partner_id)
                  JOIN res_partner contact
                    ON contact.commercial_partner_id = vendor.commercial_partner_id
                 WHERE connection.is_counted)
            AND NOT EXISTS (
                SELECT FROM product_product product
                  JOIN product_supplierinfo seller
                    ON seller.product_tmpl_id = product.product_tmpl_id
                  JOIN res_partner vendor ON vendor.id = purchase.partner_id
                 WHERE product.id = line.product_id
                   AND (seller.product_id IS NULL OR seller.product_id = product.id)
                   AND seller.partner_id IN (vendor.id, vendor.commercial_partner_id)
                   AND (seller.company_id IS NULL OR seller.company_id = purchase.company_id)
                   AND seller.create_date < purchase.create_date))
        """
    )


def _waiting():
    """Return the connections on which a placeholder of its document stands, an array or NULL.

    That some lane will follow, and that can be about this line: they offer its product.
    """
    return SQL(
        """
        (SELECT array_agg(DISTINCT placeholder.connection_id)
           FROM inventory_source_order placeholder
           JOIN inventory_source_connection connection
             ON connection.id = placeholder.connection_id
          WHERE placeholder.is_placeholder AND connection.is_counted
            AND CASE WHEN bought.sale_order_id IS NULL
                     THEN placeholder.purchase_order_id = bought.purchase_order_id
                     ELSE placeholder.sale_order_id = bought.sale_order_id END
            AND EXISTS (
                SELECT FROM inventory_source_product offer
                 WHERE offer.product_id = compared.product_id
                   AND offer.connection_id = placeholder.connection_id))
        """
    )


# --- why: what is known of the few lines found ---


def is_waiting(line, connection_ids):
    """Return whether one of these connections, on which a placeholder stands, is the line's own.

    :param connection_ids: `waiting` of `unsent_lines`, or None
    """
    if not connection_ids:
        return False
    # Mostly there is one only: a lost connection may have many that wait.
    offering = line.product_id.inventory_source_product_ids.connection_id
    return len(offering) == 1 or line._inventory_source_offer().connection_id.id in connection_ids


def why_unsent(line, stuck_on):
    """Return `(reason, connection it concerns)` of a line of which not all is in orders.

    `(False, none)` when it is none of our business.

    :param stuck_on: the connection over which an order of it cannot leave, or none
    """
    reason, connection = _why_nobody(line, stuck_on)
    if reason and line.sale_order_id and line.sale_order_id.state != "sale":
        # Whatever else stands in the way, and when that is gone: nobody sells it.
        return "canceled", connection
    return reason, connection


def _why_nobody(line, stuck_on):
    """Return what `why_unsent` does, whatever became of the sale behind the line."""
    company, vendor = line.order_id.company_id, line.order_id.partner_id
    if stuck_on:
        return _why_not(stuck_on, company), stuck_on
    if offer := line._inventory_source_offer():
        return "queued", offer.connection_id
    if not line.product_id.inventory_source_product_ids:
        return _why_unlinked(line)
    offers = line.product_id.inventory_source_product_ids.grouped("connection_id")
    why = {
        connection: _why_not(connection, company)
        for connection, own in offers.items()
        if own._bought_of(vendor)
    }
    if _is_explained(line):
        why = {connection: reason for connection, reason in why.items() if reason != "company"}
    if why:
        nearest = min(why, key=lambda connection: _NEAREST.index(why[connection]))
        return why[nearest], nearest
    found = _why_vendor(line, [each for each in offers if _why_not(each, company) == "queued"])
    # What others offer, as a sandbox does, does not make him a vendor of it.
    return found if found[0] or _is_explained(line) else _why_unlinked(line)


def is_stuck(line):
    """Return whether a line could not be sent at this moment, for a reason people are told."""
    waiting = line.inventory_source_line_ids.order_id.filtered(
        lambda order: (
            order.state in UNSENT and not (order.is_test or order.connection_id.is_counted)
        )
    )
    return why_unsent(line, waiting.connection_id[:1])[0] not in NOT_UNSENT


def _why_not(connection, company):
    """Return why nothing that a company buys leaves over a connection; "queued" when it does."""
    if connection.company_id not in company.parent_ids:
        return "company"
    if connection.is_counted:
        return "queued"
    if not connection.active:
        return "archived"
    if connection.state == "disabled":
        return "disabled"
    return "sandbox" if connection.state in IN_USE else "draft"


def _why_unlinked(line):
    """Return `(reason, connection)` of a line whose vendor is ours, but not its product."""
    suppliers = line.env["inventory.source.supplier"]
    vendor = line.order_id.partner_id.commercial_partner_id
    connections = line.env["inventory.source.connection"].search(
        [("is_counted", "=", True), ("company_id", "in", line.order_id.company_id.parent_ids.ids)]
    )
    for connection in connections:
        if line.product_id.type == "consu" and suppliers._are_vendors_of(connection, vendor):
            return "unlinked", connection
    return False, connections.browse()


def _why_vendor(line, connections):
    """Return `(reason, connection)` of a line whose vendor sells the product over none of these.

    It is ours when the vendor is one of a connection, or while nothing else explains it.
    """
    purchase, suppliers = line.order_id, line.env["inventory.source.supplier"]
    unexplained = purchase.state in ("draft", "to approve") and not _is_explained(line)
    for connection in connections:
        vendor = purchase.partner_id.commercial_partner_id
        if unexplained or suppliers._are_vendors_of(connection, vendor):
            return "vendor", connection
    return False, line.env["inventory.source.connection"]


def _is_explained(line):
    """Return whether a vendor line of somebody else's was there before the purchase.

    Odoo itself adds one when a purchase order is confirmed.
    """
    purchase, product = line.order_id, line.product_id
    vendors = purchase.partner_id | purchase.partner_id.commercial_partner_id
    ours = product.inventory_source_product_ids.vendor_line_id
    return any(
        seller.partner_id in vendors
        and seller.product_id in (product, product.browse())
        and seller.company_id in (purchase.company_id, purchase.company_id.browse())
        and seller.create_date < purchase.create_date
        for seller in product.seller_ids - ours
    )
