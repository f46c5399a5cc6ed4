from . import catalog, supplier, supplier_product

# isort: split
from . import catalog_pass, lane, page, supplier_product_ingest
