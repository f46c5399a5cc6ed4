from odoo import fields, models


class PicturePolicy(models.AbstractModel):
    """Whether a connection brings its suppliers' pictures into Odoo."""

    _name = "inventory.source.picture.policy"
    _description = "Inventory Source Picture Policy"

    pictures = fields.Boolean(
        default=True,
        help="Fetch the pictures of imported products from the suppliers' web servers, slowly and "
        "beside everything else; no request to Inventory Source is spent. Pictures that you set "
        "yourself stay.",
    )
