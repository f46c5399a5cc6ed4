from odoo import http


class InventorySource(http.Controller):
    """Pages of the way to Inventory Source and back."""
