"""Five hundred orders of random shape: plans, and the shop that plays them in Odoo's shell."""
