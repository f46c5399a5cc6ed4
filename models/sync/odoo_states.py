"""The sets of states of Odoo's own documents that decide something here; ours: `states.py`."""

# A purchase order nobody has confirmed yet.
PURCHASE_TO_CONFIRM = ("draft", "sent", "to approve")
# The same, and what is confirmed: it can still be given to the service.
PURCHASE_ALIVE = (*PURCHASE_TO_CONFIRM, "purchase")
# Nothing more happens to a transfer, or to a move of one.
TRANSFER_OVER = ("done", "cancel")
