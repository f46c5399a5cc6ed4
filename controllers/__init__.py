from . import inventory_source
