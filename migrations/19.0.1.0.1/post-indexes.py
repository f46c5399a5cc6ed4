"""An index that another one took the place of goes: Odoo keeps it and only logs that it does."""


def migrate(cr, version):
    # Raw SQL: our own table. (catalog_id, state) serves what asked for the catalog alone.
    cr.execute("DROP INDEX IF EXISTS inventory_source_product__catalog_id_index")
