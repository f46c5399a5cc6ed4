from . import picture

# isort: split
from . import lane, looked_at, picture_host, supplier_product
