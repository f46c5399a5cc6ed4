from . import order, order_line

# isort: split
from . import lane

# isort: split
from . import (
    account_move,
    added_charge,
    connection,
    order_checks,
    order_documents,
    order_intake,
    order_list,
    order_send,
    order_watch,
    purchase_notice,
    purchase_order,
    purchase_order_line,
    purchase_order_till,
    res_partner,
    sale_order,
    sale_order_line,
    shipping_method,
    sold_share,
    stock_move,
    stock_return_picking,
    stock_rule,
)
