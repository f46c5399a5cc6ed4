from . import go_live

# isort: split
from . import go_live_copy, go_live_match, go_live_product, go_live_run, go_live_supplier
