# The order of loading, and the only direction of imports.
# isort: off
from . import sync
from . import connection
from . import catalog
from . import product
from . import picture
from . import order
from . import shipment
from . import availability
from . import go_live
from . import setup
from . import progress
