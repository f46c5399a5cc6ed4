"""Shipments that were voided after they were recorded ask for a person as long as nobody answered.

Until now only their activity said so: who has closed it, or whose replacement has, settled it.
"""


def migrate(cr, version):
    # Raw SQL: our own table, and nothing else is to follow this.
    cr.execute(
        """
        UPDATE inventory_source_shipment shipment SET problem = 'voided'
         WHERE state = 'voided' AND reason IS NOT NULL
           AND EXISTS (SELECT FROM mail_activity
                        WHERE res_model = 'inventory.source.shipment' AND res_id = shipment.id
                          AND active)
        """
    )
