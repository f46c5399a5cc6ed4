from . import shipment, shipment_line

# isort: split
from . import lane

# isort: split
from . import (
    carrier,
    connection,
    order,
    order_line,
    product,
    purchase_order,
    sale_order,
    sales_report,
    shipment_apply,
    shipment_notify,
    shipment_store,
    stock_picking,
    supplier,
    supplier_report,
)
