"""What sales earn is worked out for the orders there are, by the watch over what was bought.

After the update and in slices, each order in a transaction of its own: whatever stops it goes on
with the next run. Not here: a shop with many orders would wait for it.
"""


def migrate(cr, version):
    # Raw SQL: our own table, and nothing else is to follow this.
    cr.execute(
        "UPDATE inventory_source_order SET margin_pending = TRUE"
        " WHERE sale_order_id IS NOT NULL AND is_placeholder IS NOT TRUE AND is_test IS NOT TRUE"
    )
