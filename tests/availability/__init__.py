from . import (
    test_environments,
    test_product_withdraw,
    test_shop,
    test_stock_freshness,
    test_stock_reserved,
    test_stock_watch,
)
