"""What transfers await once some of what came was returned: Odoo has them bring as much again."""

from ..sync.odoo_states import TRANSFER_OVER


def await_no_more(lines):
    """Have transfers await no more than what is still to come of these order lines.

    A purchase line that is lowered by what was canceled there keeps as much open as was returned.
    """
    for bought in lines.purchase_line_id:
        same = bought.inventory_source_line_ids
        moves = same._moves()
        awaiting = moves.filtered(lambda move: move.state not in TRANSFER_OVER)
        back = sum(
            move.product_qty
            for move in moves.returned_move_ids
            if move.state == "done" and move.to_refund
        )
        to_come = sum(max(line._pieces_to_come(), 0) * line._units_per_piece() for line in same)
        _take_off(awaiting, min(sum(awaiting.mapped("product_qty")) - to_come, back))


def _take_off(moves, units):
    """Cancel so many units, in the product's own unit, of moves that are not done."""
    for move in moves.sorted("id", reverse=True):
        unit = move.product_id.uom_id
        if unit.compare(units, 0) <= 0:
            return
        less = min(units, move.product_qty)
        units -= less
        if unit.compare(less, move.product_qty) == 0:
            move._action_cancel()
            continue
        move._do_unreserve()
        move.product_uom_qty -= unit._compute_quantity(less, move.product_uom, round=False)
        move._action_assign()
