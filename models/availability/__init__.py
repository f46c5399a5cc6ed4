from . import (
    product_product,
    purchase_order_line,
    sale_order_line,
    shop_stock,
    stock_forecasted,
    stock_watch,
    supplier_product,
)
