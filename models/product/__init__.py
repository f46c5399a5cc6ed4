from . import pricelist, quantity_mixin

# isort: split
# Before `change`, whose `_update_products` wraps this one.
from . import updater

# isort: split
from . import (
    browsing,
    category,
    connection,
    connection_pricing,
    families,
    field_sync,
    importer,
    matching,
    price_check,
    problem,
    product_product,
    product_template,
    supplier,
)

# isort: split
from . import change
