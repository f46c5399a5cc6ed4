"""Late is what a supplier has of an order: it was noted for the whole order only.

All its lines count as late, as they did until now.
"""


def migrate(cr, version):
    # Raw SQL: our own tables, and nothing else is to follow this.
    cr.execute(
        """
        UPDATE inventory_source_order_line line SET late_at = late.late_at
          FROM inventory_source_order late
         WHERE late.id = line.order_id AND late.late_at IS NOT NULL
        """
    )
