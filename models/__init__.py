# First what the others inherit from.
from . import (
    access,
    catalog_pass,
    catalogue_policy,
    category_policy,
    category_shelf,
    consent,
    dashboard,
    keep_policy,
    picture_place,
    picture_plan,
    picture_policy,
    picture_shelf,
    product_family,
    product_import,
    product_keep,
    product_match,
    product_refresh,
    product_update,
    product_upsert,
    product_withdraw,
    schedule,
    sealing,
    standing,
)

# isort: split
from . import (
    authorization,
    catalog,
    category,
    category_template,
    channel,
    connection,
    lane,
    order,
    order_line,
    page,
    picture,
    picture_host,
    problem,
    product,
    product_product,
    product_template,
    profile,
    purchase_order,
    run,
    run_import,
    sale_order,
    secret,
    supplier,
    throttle,
)

# isort: split
# What else an order is made of.
from . import (
    catalogue_lane,
    dry_run,
    order_actions,
    order_contents,
    order_enqueue,
    order_finish,
    order_lane,
    order_policy,
    order_send,
    picture_lane,
    request_budget,
    shipping_method,
)

# isort: split
from . import (
    carrier,
    shipment,
    shipment_line,
)

# isort: split
from . import (
    account_move,
    late_order,
    order_line_shipments,
    order_money,
    order_shipments,
    order_stock,
    sale_order_light,
    sale_order_margin,
    sale_order_shipments,
    sale_order_stock,
    shipment_apply,
    shipment_lane,
    shipment_mail,
    shipment_plan,
    shipment_store,
    stock_freshness,
    stock_picking,
    stock_return,
    supplier_habits,
    supplier_report,
)
