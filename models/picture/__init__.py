from . import picture

# isort: split
from . import lane, picture_host, supplier_product
