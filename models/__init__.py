# First what the others inherit from.
from . import access, catalogue_policy, consent, schedule, sealing
from . import catalog_pass, product_family, product_import, product_update, product_upsert

# isort: split
from . import (
    authorization,
    catalog,
    channel,
    connection,
    lane,
    problem,
    product,
    product_product,
    product_template,
    profile,
    run,
    secret,
    supplier,
    throttle,
)

# isort: split
from . import catalogue_lane
