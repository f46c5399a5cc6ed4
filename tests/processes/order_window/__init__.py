"""A person changes a sale order while a lane follows it; runs in Odoo's shell."""
