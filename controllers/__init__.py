from . import export, inventory_source
