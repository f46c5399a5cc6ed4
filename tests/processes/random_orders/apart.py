"""What happens to one plan while no other acts, because it would happen to the others as well."""

from .shop import in_production

# What the service answers to the orders of one plan.
_FAULTS = {
    "lose answer": {"kind": "close_after"},
    "pause": {"kind": "status", "status": 403, "html": True, "count": None},
}


class Apart:
    """Spoils something, has the lanes work, and mends it; what is wrong with that is noted."""

    EVENTS = {*_FAULTS, "taken", "lost", "unlink", "by hand"}

    def __init__(self, game):
        self.game, self.env = game, game.env

    def meet(self, played, name, *values):
        if name in _FAULTS:
            self._meet_fault(played, name)
        else:
            getattr(self, f"_{name.replace(' ', '_')}")(played, *values)

    def _meet_fault(self, played, name):
        """Have the service spoil its next answers to orders, and mend it afterwards."""
        game = self.game
        game.service.call("/faults", [{"call": "order", **_FAULTS[name]}])
        if name == "lose answer":
            game.run_orders(lost=True)
        else:
            game.run_once(game.connections, "order")
            waiting = played.orders.mapped("state")
            assert set(waiting) <= {"queued"}, waiting
        game.service.call("/faults", method="DELETE")

    def _taken(self, played):
        """Somebody else has used the number of its next order."""
        self.game.service.take_number(played)
        self.game.run_orders()

    def _lost(self, played):
        """One connection is lost for a while, and no hook saw what was bought over the other.

        Only of this plan: what the watch queued for another, nobody takes out of the queue.
        """
        lost, other = self.game.connections
        lost._set_reauth("The account was lost.")
        orders = self.env["inventory.source.order"].with_context(active_test=False)
        bought = played.purchase_lines
        orders.search(
            [
                *(("is_placeholder", "=", True), ("connection_id", "=", other.id)),
                *("|", ("sale_order_id", "in", bought.sale_order_id.ids)),
                ("purchase_order_id", "in", bought.order_id.ids),
            ]
        ).unlink()
        self.env.cr.commit()
        self.game.watch()
        self.game.run_orders(connections=other)
        self.game.watch()
        for line in played.purchase_lines:
            orders = line.inventory_source_line_ids.order_id
            left = bool(orders) and not any(order.state == "queued" for order in orders)
            played.complain_unless(
                left == (in_production(line.product_id).connection_id == other),
                f"{line.product_id.default_code} has left: {left}, with {lost.name} lost",
            )
        lost._set_connected(lost.account_ref, lost.scopes.split())
        self.env.cr.commit()

    def _unlink(self, played, place):
        """Somebody takes a product from its supplier product, is told of it and links it again."""
        self._without_link(played, place, lambda: None)

    def _by_hand(self, played, place):
        """A purchaser orders by hand what he was told no supplier receives."""

        def order():
            for purchase in played.bought_for(place).order_id:
                purchase.button_confirm()
            played.note_by_hand()

        self._without_link(played, place, order)

    def _without_link(self, played, place, act):
        """Do something while the product of a line is linked with no supplier product."""
        lines = played.bought_for(place)[:1]
        offer, product = in_production(lines.product_id), lines.product_id
        if not offer or product.seller_ids - offer.vendor_line_id:
            # Odoo made a vendor line when what was bought then was confirmed while it was not
            # linked: by that the vendor sells it himself, and nobody is told any more.
            return
        unit = offer.vendor_line_id.product_uom_id
        offer.action_unlink()
        self.game.run_orders()
        self.game.watch()
        told = lines.inventory_source_unsent_reason
        played.complain_unless(
            told == "unlinked", f"{product.default_code} is not linked, and was told: {told}"
        )
        act()
        self.env["inventory.source.match"].create(
            {"supplier_product_id": offer.id, "product_id": product.id}
        ).action_apply()
        offer.vendor_line_id.product_uom_id = unit
        self.env.cr.commit()
        self.game.watch()
