"""What the dashboard counts: each number once, with its list and whether it needs a person."""

from typing import NamedTuple

from odoo.fields import Domain
from odoo.tools.translate import LazyTranslate

from ..sync.states import LEAVING, WAITS_FOR_PERSON

_lt = LazyTranslate(__name__)

# An order that does not go on before somebody has decided.
NEEDS_YOU = [
    *("|", "|", "|", ("rest_undecided", "=", True), ("cause", "=", "request")),
    *(("state", "in", WAITS_FOR_PERSON), ("documents_error", "!=", False)),
]
# A shipment that could not be recorded, or was voided after it was.
SHIPMENT_NEEDS_YOU = list(Domain("state", "=", "problem") | Domain("problem", "=", "voided"))
# Why what was bought is in no order, as long as it leaves by itself and nobody is called.
UNSENT_QUEUED = "queued"
# The same, and what is in orders.
NOT_UNSENT = (False, UNSENT_QUEUED)


class Tile(NamedTuple):
    """A number of the dashboard; `<key>_count` of the connection.

    The filters of the search view say the same as the domain, so that the list that opens holds
    what was counted (tests/addon/test_counts.py). `person`: nothing goes on there without one, so
    it is colored, in the `tone` it has in its list. `by`: what tells whose they are, by an index
    where there are many. What is Odoo's own has no connection; it is counted for the connection's
    company and its branches, and for companies that have no connection at all.
    """

    key: str
    label: str
    model: str
    domain: list
    filters: tuple
    person: bool = False
    tone: str = "danger"
    by: str = "connection_id"
    action: str = ""

    @property
    def field(self):
        """The field of the connection that holds the number."""
        return f"{self.key}_count"

    @property
    def list_action(self):
        """The XML id of the action whose list it opens."""
        return self.action or f"{self.model.replace('.', '_')}_action"


# Connections that call a person themselves. The card of one says so in words; of several together
# each is a number, before all others.
TROUBLES = {
    tile.key: tile
    for tile in (
        Tile(
            key="lost",
            label=_lt("Connections lost"),
            model="inventory.source.connection",
            domain=[("state", "=", "reauth")],
            filters=("lost",),
            person=True,
            by="id",
            action="action_connection",
        ),
        Tile(
            key="to_confirm",
            label=_lt("Accounts to confirm"),
            model="inventory.source.connection",
            domain=[("state", "=", "to_confirm")],
            filters=("to_confirm",),
            person=True,
            tone="warning",
            by="id",
            action="action_connection",
        ),
        Tile(
            key="blocked",
            label=_lt("Connections blocked"),
            model="inventory.source.connection",
            domain=[("blocked_reason", "!=", False)],
            filters=("blocked",),
            person=True,
            by="id",
            action="action_connection",
        ),
        Tile(
            key="orders_wait",
            label=_lt("Connections where orders wait"),
            model="inventory.source.connection",
            domain=["|", ("orders_wait_until", "!=", False), ("outbox_trouble", "=", "slow")],
            filters=("orders_wait",),
            person=True,
            by="id",
            action="action_connection",
        ),
    )
}
# In the order in which they are shown: what is to be seen first stands first.
DASHBOARD = {
    tile.key: tile
    for tile in (
        Tile(
            key="unsent",
            label="Bought but not sent",
            model="purchase.order.line",
            domain=[("inventory_source_unsent_reason", "not in", NOT_UNSENT)],
            filters=("unsent",),
            person=True,
            by="company_id",
            action="inventory_source_purchase_order_line_unsent_action",
        ),
        Tile(
            key="needs_you",
            label="Orders: action needed",
            model="inventory.source.order",
            domain=NEEDS_YOU,
            filters=("needs_you",),
            person=True,
        ),
        Tile(
            key="held",
            label="On hold",
            model="inventory.source.order",
            domain=[("state", "=", "held")],
            filters=("held",),
            person=True,
            tone="warning",
        ),
        Tile(
            key="unknown",
            label="To verify",
            model="inventory.source.order",
            domain=[("state", "=", "unknown")],
            filters=("unknown",),
            person=True,
        ),
        Tile(
            key="rest",
            label="Partly accepted",
            model="inventory.source.order",
            domain=[("rest_undecided", "=", True)],
            filters=("rest",),
            person=True,
        ),
        Tile(
            key="late",
            label="Late orders",
            model="inventory.source.order",
            domain=[("state", "=", "accepted"), ("late_at", "!=", False)],
            filters=("late",),
            person=True,
            tone="warning",
        ),
        Tile(
            key="to_call",
            label="Suppliers to call",
            model="inventory.source.order",
            # Such as to cancel it; nobody but a person can.
            domain=[("to_call", "=", True)],
            filters=("to_call",),
            person=True,
        ),
        Tile(
            key="problem_shipment",
            label="Shipments: action needed",
            model="inventory.source.shipment",
            domain=SHIPMENT_NEEDS_YOU,
            filters=("needs_you",),
            person=True,
        ),
        Tile(
            key="change",
            label="Changes to decide",
            model="inventory.source.change",
            # Once for each product, as the list shows it.
            domain=[("state", "=", "waiting"), ("product_id", "!=", False), ("leads", "=", True)],
            filters=("to_decide",),
            person=True,
            tone="warning",
        ),
        Tile(
            key="match",
            label="Products to match",
            model="inventory.source.product",
            domain=[("to_match", "=", True), ("state", "=", "new")],
            filters=("to_match", "new"),
            person=True,
            tone="warning",
        ),
        Tile(
            key="problem",
            label="Problems",
            model="inventory.source.problem",
            domain=[("resolved_at", "=", False), ("severity", "=", "action")],
            filters=("needs_you",),
            person=True,
        ),
        Tile(
            key="category",
            label="Categories to map",
            model="inventory.source.category",
            # Until then their products go where the connection says.
            domain=[("action", "=", False), ("product_count", ">", 0)],
            filters=("to_map", "used"),
        ),
        Tile(
            key="discontinued",
            label="Imported, now discontinued",
            model="inventory.source.product",
            # What becomes of them the connection says.
            domain=[("state", "=", "discontinued"), ("product_id", "!=", False)],
            filters=("discontinued_here",),
        ),
        Tile(
            key="picture",
            label="Pictures failed",
            model="inventory.source.picture",
            # They are tried again. One that was only looked at alarms nobody.
            domain=[("state", "=", "failed"), ("product_tmpl_id", "!=", False)],
            filters=("failed",),
        ),
        Tile(
            key="queued",
            label="Queued orders",
            model="inventory.source.order",
            domain=[("state", "in", LEAVING)],
            filters=("queued",),
        ),
        Tile(
            key="accepted",
            label="Open orders",
            model="inventory.source.order",
            domain=[("state", "=", "accepted")],
            filters=("accepted",),
        ),
        Tile(
            key="waiting_shipment",
            label="Shipments to record",
            model="inventory.source.shipment",
            domain=[("state", "=", "pending")],
            filters=("pending",),
        ),
        Tile(
            key="new",
            label="New in the supplier catalog",
            model="inventory.source.product",
            domain=[("state", "=", "new")],
            filters=("new",),
            by="catalog_id",
        ),
        Tile(
            key="product",
            label="Imported products",
            model="inventory.source.product",
            domain=[("state", "=", "linked")],
            filters=("linked",),
            by="catalog_id",
        ),
    )
}
