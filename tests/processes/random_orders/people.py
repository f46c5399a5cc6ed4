"""What people do beside selling: bills, own deliveries, returns, calls to the supplier."""

from odoo import fields

from .accounts import Accounts, delivered, units_per_piece


class People:
    def __init__(self, env, service):
        self.env, self.service = env, service

    def bill(self, games):
        """Enter the vendor bills of everything received and not billed yet."""
        lines = self.env["purchase.order.line"].union(*(each.purchase_lines for each in games))
        purchases = lines.order_id.filtered(
            lambda order: (
                order.state == "purchase" and any(line.qty_to_invoice for line in order.order_line)
            )
        )
        for company, own in purchases.grouped("company_id").items():
            before = own.invoice_ids
            own.with_company(company).action_create_invoice()
            bills = own.invoice_ids - before
            bills.invoice_date = fields.Date.today()
            bills.action_post()
        self.env.cr.commit()

    def deliver(self, played, pieces):
        """Do the transfers of what left, `{line id as sent: pieces}`, as far as they are open."""
        lines = played.orders.line_ids.filtered(lambda line: str(line.id) in pieces)
        moves = lines.purchase_line_id.move_ids.filtered(lambda move: move.state == "assigned")
        moves.picking_id.move_ids.picked = False
        for line in lines:
            left = pieces[str(line.id)] * units_per_piece(line.product_id)
            for move in moves & line.purchase_line_id.move_ids:
                move.quantity = min(left, move.product_qty)
                move.picked = move.quantity > 0
                left -= move.quantity
        done = moves.filtered("picked").picking_id
        done.with_context(skip_backorder=True, skip_sms=True).button_validate()

    def answer_unknown(self, played):
        """Ask the supplier by phone for an order nobody knows the fate of."""
        for order in played.orders.filtered(lambda order: order.state == "unknown"):
            (known,) = (
                known
                for known in self.service.orders([order.name])
                if not self.service.is_foreign(known)
                and str(known["channelId"]) == order.connection_id.channel_id.external_id
            )
            resolve = self.env["inventory.source.order.resolve"].create(
                {"order_id": order.id, "remote_id": str(known["id"]), "note": "They said so."}
            )
            has = {
                item["lineId"]: item["quantity"]
                for item in known["items"]
                if item["status"] == "accepted"
            }
            for line in resolve.line_ids:
                line.quantity = has.get(str(line.order_line_id.id), 0)
            if not has:
                resolve.outcome = "cancel"
            resolve.action_apply()

    def answer_taken(self, played):
        """Say that the order of that number there is somebody else's; return whether one was."""
        taken = played.orders.filtered("number_taken")
        for order in taken:
            self.env["inventory.source.order.resolve"].create(
                {"order_id": order.id, "taken_outcome": "next", "note": "That is not ours."}
            ).action_apply()
        return bool(taken)

    def tidy_up(self, games):
        """Do what the activities ask for."""
        accounts = Accounts(self.env, self.service)
        for played in games:
            self._deliver_own(played.document)
            self._return_voided(played, accounts)
            self._take_off_rejected(played)
            if played.is_cancelled:
                self._cancel_at_supplier(played)
            elif played.refused:
                self._lower_refused(played)
            self.env.cr.commit()
        self.bill(games)

    def _deliver_own(self, sale):
        if sale._name != "sale.order":
            return
        pickings = sale.picking_ids.filtered(
            lambda picking: picking.picking_type_code == "outgoing" and picking.state != "cancel"
        )
        for move in pickings.move_ids:
            move.quantity = move.product_uom_qty
            move.picked = True
        if pickings:
            pickings.with_context(skip_sms=True).button_validate()

    def _return_voided(self, played, accounts):
        """Return what a voided shipment had moved and no other shipment has taken the place of."""
        voided = played.orders.shipment_ids.filtered(lambda shipment: shipment.state == "voided")
        if not voided.picking_ids:
            return
        surplus = delivered(played)
        surplus.subtract(accounts.at_service(played)[1])
        for picking in voided.picking_ids:
            wizard = self.env["stock.return.picking"].create({"picking_id": picking.id})
            for line in wizard.product_return_moves:
                size = units_per_piece(line.product_id)
                size = line.product_id.uom_id._compute_quantity(size, line.uom_id, round=False)
                back = max(0, min(surplus[line.product_id], line.move_quantity / size))
                line.write({"quantity": back * size})
                surplus[line.product_id] -= back
            if any(wizard.product_return_moves.mapped("quantity")):
                back = self.env["stock.picking"].browse(wizard.action_create_returns()["res_id"])
                back.move_ids.picked = True
                back.with_context(skip_sms=True).button_validate()

    def _take_off_rejected(self, played):
        """Take off a purchase that a purchaser confirmed what its supplier took nothing of.

        A draft is taken off by itself, and what was taken in part; the whole may be sent again.
        """
        for order in played.orders.filtered(lambda order: order.state == "rejected"):
            lines = order.line_ids.purchase_line_id
            for line in lines.filtered(lambda line: line.state == "purchase"):
                assert order.activity_ids, f"{order.name} of plan {played.plan['number']}"
                live = line.inventory_source_line_ids.filtered(lambda own: own._is_live())
                units = sum(own._pieces() * own._units_per_piece() for own in live)
                line.product_qty = line.product_id.uom_id._compute_quantity(
                    units, line.product_uom_id, round=False
                )

    def _cancel_at_supplier(self, played):
        """The supplier has agreed by phone: nothing more leaves, and nothing more is expected."""
        for order in self.service.orders_of(played):
            self.service.call(f"/orders/{order['id']}/cancel", {})
        for purchase in played.orders.purchase_order_ids:
            lines = purchase.order_line
            # Odoo cancels nothing that was billed; what was returned since is refunded.
            if not any(lines.mapped("qty_received")) and not purchase.invoice_ids:
                purchase.button_cancel()
                continue
            for line in lines:
                line.product_qty = line.qty_received

    def _lower_refused(self, played):
        """Take off what the supplier canceled after its goods had been moved by a voided shipment.

        Odoo lowers nothing that somebody has to send back first, and asks for it.
        """
        for order in played.orders.filtered(lambda order: order.state in ("cancelled", "done")):
            voided = order.shipment_ids.filtered(lambda each: each.state == "voided")
            lines = order.line_ids.purchase_line_id
            # Another shipment may have taken the place of the one that was voided.
            missing = lines.filtered(lambda line: line.product_qty > line.qty_received)
            if not (voided and missing):
                continue
            # A shipment that was voided asks for its return where it was voided. Once all of it
            # is back, the next check learns that nothing takes its place.
            if not (order.activity_ids | played.document.activity_ids | voided.activity_ids):
                # The lane looks in a transaction of its own.
                self.env.cr.commit()
                order.action_check_shipments()
                # A new snapshot, to see what the lane committed.
                self.env.cr.commit()
                self.env.invalidate_all()
            called = order.activity_ids | played.document.activity_ids | voided.activity_ids
            assert called, f"{order.name} of plan {played.plan['number']}"
            for line in missing:
                line.product_qty = line.qty_received
