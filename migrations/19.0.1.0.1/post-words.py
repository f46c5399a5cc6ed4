"""What Odoo never updates gets the words of this version, where they stand as they were shipped.

Records that are `noupdate` and the scheduled actions of each connection: what people wrote there
stays, and so do translations.
"""

from odoo import SUPERUSER_ID, api

OF_RECORDS = {
    "ir_cron_orders": {
        "Look for what was bought and not sent": "Find what was bought and not sent"
    },
    "ir_cron_stock": {"Judge stock by its age": "Check the age of stock data"},
    "ir_cron_tokens": {"Look after access": "Renew access"},
    "mail_template_late": {
        "object._lines_untold()": "object._lines_to_ask()",
        "object.late_supplier_ids": "object._supplier_to_ask()",
    },
    "mail_template_shipment": {
        "Parcels on Their Way": "Shipments on Their Way",
        "once for every parcel": "once for every shipment",
        "A parcel of your order ": "A shipment of your order ",
        "</t> parcels of your order ": "</t> shipments of your order ",
        "A tracking number we told you before ": "A tracking number we sent you before ",
    },
}
OF_CONNECTIONS = {"Inventory Source: Import catalog (": "Inventory Source: Update catalog ("}
FIELDS = ("name", "description", "body_html", "partner_to", "lang")


def migrate(cr, version):
    # In the language that translations start from.
    env = api.Environment(cr, SUPERUSER_ID, {"lang": "en_US", "active_test": False})
    for name, words in OF_RECORDS.items():
        if record := env.ref(f"inventory_source.{name}", raise_if_not_found=False):
            _replace(record, words)
    for cron in env["inventory.source.connection"].search([]).cron_ids:
        _replace(cron, OF_CONNECTIONS)


def _replace(record, words):
    for field in FIELDS:
        # As a plain text: `Markup` would escape what is looked for.
        before = after = str((field in record._fields and record[field]) or "")
        for old, new in words.items():
            after = after.replace(old, new)
        if after != before:
            record[field] = after
