"""A mail to a supplier about what it has not shipped: one for each, with nothing of another."""

from odoo.exceptions import RedirectWarning

# In the context: the supplier that a person chose to ask.
CHOSEN = "inventory_source_asked"


def mail_to(order, supplier):
    """Return the action that opens the ready-made mail to one supplier of an order."""
    _check_reachable(supplier)
    env = order.env
    template = env.ref("inventory_source.mail_template_late", raise_if_not_found=False)
    return {
        "type": "ir.actions.act_window",
        "name": env._("Ask %(supplier)s", supplier=supplier.name),
        "res_model": "mail.compose.message",
        "view_mode": "form",
        "target": "new",
        "context": {
            "default_model": order._name,
            "default_res_ids": order.ids,
            "default_template_id": template.id if template else False,
            "default_partner_ids": supplier.partner_id.ids,
            "default_composition_mode": "comment",
            "force_email": True,
            CHOSEN: supplier.id,
        },
    }


def _check_reachable(supplier):
    """Lead whoever writes to a supplier to where its address is missing."""
    env, vendor = supplier.env, supplier.partner_id
    if vendor.email:
        return
    if vendor:
        reason = env._(
            "%(vendor)s has no email address. Enter it on the vendor, then try again.",
            vendor=vendor.name,
        )
    else:
        reason = env._(
            "%(supplier)s has no vendor to write to. Choose it on the supplier, then try again.",
            supplier=supplier.name,
        )
    place = vendor or supplier
    raise RedirectWarning(
        reason,
        place.get_formview_action(),
        env._("Open %(vendor)s", vendor=place.name),
    )


def choice(order):
    """Return the action that lets a person choose which supplier of an order to ask."""
    env = order.env
    view = env.ref("inventory_source.inventory_source_order_view_form_ask")
    return {
        "type": "ir.actions.act_window",
        "name": env._("Ask the Supplier"),
        "res_model": order._name,
        "res_id": order.id,
        "views": [(view.id, "form")],
        "target": "new",
    }
