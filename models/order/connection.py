from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ...client.errors import Barred, Forbidden, NotFound
from ..sync.states import CLOSED
from ..sync.transaction import halve
from .holds import BY_POLICY, POLICIES
from .order_line import units_per_piece
from .trial import cheapest_in_stock, least_pieces

# Minutes until an order is tried again; the last one from then on.
PAUSES = (1, 2, 4, 8, 16, 30)
# What the answer to an order says about the connection: no order was taken, and none would be.
TO_MEND = (Forbidden, NotFound, Barred)
# Who changes one of these wants to see at once whether orders leave now.
_MENDING = {"channel_id", "api_url", "profile_id"}

# A wizard still open after this long is not waited for any more.
ABANDONED_MINUTES = 10
# How the stand-in for the company's own address is found again.
STAND_IN = "TEST-ORDER"


class Connection(models.Model):
    """When and how orders leave over a connection: policies, the waiting queue, test orders."""

    _inherit = "inventory.source.connection"

    order_ids = fields.One2many("inventory.source.order", "connection_id")
    order_policy = fields.Selection(
        [
            ("at_once", "Immediately"),
            ("delay", "After a while"),
            ("release", "After approval"),
        ],
        "Send orders",
        default="at_once",
        required=True,
        tracking=True,
    )
    order_delay = fields.Integer(
        "Minutes to Wait",
        default=30,
        tracking=True,
        help="For changes of mind: until then a canceled sale is simply not sent.",
    )
    hold_amount = fields.Monetary(
        "Hold if total over",
        currency_field="company_currency_id",
        tracking=True,
        help="Sale orders with a larger total wait for approval. 0: none.",
    )
    hold_margin = fields.Float(
        "Hold if margin below (%)",
        tracking=True,
        help="In percent of what the customer pays, with delivery, after the supplier's fees and "
        "freight. 0: none.",
    )
    hold_new_customers = fields.Boolean(tracking=True, help="The first order of a customer waits.")
    hold_restricted = fields.Boolean(
        "Hold Restricted Goods", default=True, tracking=True, help="Firearms wait for approval."
    )
    hold_stale_hours = fields.Integer(
        "Hold if stock is older than (hours)",
        tracking=True,
        help="It is checked again right before the order is sent, with one request for each "
        "product; the order is held if there is not enough, or if the stock cannot be "
        "checked. 0: none.",
    )
    po_box_allowed = fields.Boolean(
        "Deliver to PO Boxes", tracking=True, help="Most carriers do not; the postal service does."
    )
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company Currency"
    )
    _order_delay_positive = models.Constraint(
        "CHECK(order_delay >= 0)", "Orders cannot leave before they were made."
    )
    # Not a number is more than any number, for PostgreSQL, infinity included.
    _hold_margin_finite = models.Constraint(
        "CHECK(hold_margin > '-Infinity' AND hold_margin < 'Infinity')",
        "The margin to hold orders below has to be a number.",
    )
    _hold_stale_hours_year = models.Constraint(
        "CHECK(hold_stale_hours BETWEEN 0 AND 8760)", "Stock can be 0 to 8760 hours (a year) old."
    )

    short_stock_policy = fields.Selection(
        [
            ("send", "Send it all the same"),
            ("hold", "Hold the order"),
            ("ask", "Hold it and ask the salesperson"),
        ],
        "When There Is Not Enough",
        default="hold",
        required=True,
        tracking=True,
    )

    orders_wait_until = fields.Datetime(
        readonly=True,
        copy=False,
        help="Then the service is asked for its channels, and one order is sent if it answers.",
    )
    orders_wait_tries = fields.Integer(readonly=True, copy=False)
    orders_wait_reason = fields.Text("Why Orders Wait", readonly=True, copy=False)
    outbox_trouble = fields.Selection(
        [
            ("off", "Its schedule is switched off"),
            ("slow", "Its schedule does not run"),
            ("blocked", "It may not send orders"),
        ],
        "Why Orders Do Not Leave",
        readonly=True,
        copy=False,
        help="What was last reported about orders that are not sent.",
    )

    default_shipping_method = fields.Char(
        default="Ground",
        tracking=True,
        help="How the supplier ships when the sale names no delivery method; the service's word.",
    )
    shipping_method_ids = fields.One2many("inventory.source.shipping.method", "connection_id")

    fee_product_id = fields.Many2one(
        "product.product",
        "Product for fees",
        check_company=True,
        tracking=True,
        domain="[('type', '=', 'service'), ('purchase_method', '=', 'purchase')]",
        help="A service product. Drop-ship fees and surcharges then get a line with it on the "
        "purchase order. The price of the goods never contains them. Empty: no line.",
    )
    freight_product_id = fields.Many2one(
        "product.product",
        "Product for freight",
        check_company=True,
        tracking=True,
        domain="[('type', '=', 'service'), ('purchase_method', '=', 'purchase')]",
        help="A service product. Freight then gets a line with it on the purchase order: what the "
        "catalog says, then what the supplier says a shipment cost. Empty: no line.",
    )

    # --- the queue of a connection waits while the service does not take orders as it should ---
    # After an answer that leaves open whether an order was taken, the next one would be as
    # uncertain; after one that concerns the connection, the next would be refused as well. Until
    # when, how often it was tried and why is kept here only. A try is taken before it is made and
    # committed, so that one of several processes makes it, and the next comes later whatever ends
    # that one.

    def _order_pause_left(self):
        """Return the seconds the queue still waits: 0 when a try is due, None when it does not."""
        self.ensure_one()
        if not self.orders_wait_until:
            return None
        return max((self.orders_wait_until - self.env.cr.now()).total_seconds(), 0.0)

    def _take_order_try(self):
        """Put the next try off, a little longer each time: the one that is due is the caller's."""
        self.ensure_one()
        minutes = PAUSES[min(self.orders_wait_tries, len(PAUSES) - 1)]
        self.write(
            {
                "orders_wait_tries": self.orders_wait_tries + 1,
                "orders_wait_until": self.env.cr.now() + timedelta(minutes=minutes),
            }
        )

    def _restore_order_try(self):
        """Undo that: nothing was tried, there was no request to spend."""
        self.ensure_one()
        self.orders_wait_tries = max(self.orders_wait_tries - 1, 0)
        self.orders_wait_until = self.env.cr.now()

    def _pause_orders(self, reason, to_mend=False):
        """Make the queue wait.

        :param str reason: why, in plain words
        :param bool to_mend: only a person can mend it, who is notified once
        """
        self.ensure_one()
        if not self._order_pause_left():
            self._take_order_try()
        self.orders_wait_reason = reason
        if not to_mend:
            return
        if not self._order_pause_activities():
            self.message_post(body=reason)
        reader = self._in_reader_language()
        reader._ask_manager(reader._order_pause_summary(), reason)

    def _resume_orders(self):
        """Resume the queue: the service took or refused an order as it should."""
        self.ensure_one()
        if not self.orders_wait_until:
            return
        self.write(
            {"orders_wait_until": False, "orders_wait_tries": 0, "orders_wait_reason": False}
        )
        if task := self._order_pause_activities():
            task.action_feedback(feedback=self.env._("Orders are sent again."))

    def _try_orders_now(self):
        """Try a waiting queue with the lane's next run, as a person who mended it wants."""
        # sudo: whoever may release an order or change the connection may have that tried.
        for connection in self.sudo().filtered("orders_wait_until"):
            connection.orders_wait_until = self.env.cr.now()
            connection._trigger_lane("order")

    # --- what people read about it ---

    def _order_pause_summary(self):
        return self.env._("Orders of %(name)s wait", name=self.name)

    def _order_pause_activities(self):
        summary = self._in_reader_language()._order_pause_summary()
        return self._activities_about(summary)

    def _order_obstacle(self, error):
        """Return in plain words why no order is taken over this connection, and what to do next.

        :param error: one of `TO_MEND`, from an order's post or the question before it
        """
        own = self._in_reader_language()
        said = {
            402: own.env._(
                "The service asks for a payment before it takes orders. Look after the plan and "
                "the invoices of the account in the Inventory Source app."
            ),
            403: own.env._(
                "The service does not let this connection place orders. See in the Inventory "
                "Source app whether the account may order, then connect again. If a firewall "
                "stands between this server and the service, have it let orders through."
            ),
            404: own._channel_gone_text(),
            405: own.env._(
                "The service takes no orders at this address. Compare the API address and the "
                "paths of the API field mapping with the service's reference."
            ),
        }
        status = 404 if isinstance(error, NotFound) else error.status
        advice = said.get(status) or own.env._(
            "A web page came instead of an answer, so something stands between this server and "
            "the service: a firewall, a proxy or a maintenance page. Have your network and the "
            "status of Inventory Source checked."
        )
        return own.env._(
            "%(advice)s Queued orders wait, nothing is lost. They are sent automatically once "
            "this is fixed; press “Send Orders” to try now. (%(error)s)",
            advice=advice,
            error=error,
        )

    def _channel_gone_text(self):
        return self.env._(
            "The service does not know the channel “%(channel)s” any more. Press “Load Channels & "
            "Catalogs” on the page Account and choose the channel orders are placed on.",
            channel=self.channel_id.name or "-",
        )

    # --- what a person mends ---

    def write(self, vals):
        """Try at once what a person has mended."""
        result = super().write(vals)
        if _MENDING & vals.keys():
            self._try_orders_now()
        if POLICIES & vals.keys():
            self._judge_orders_again()
        return result

    def _judge_orders_again(self):
        """Have the lane judge what waits for a policy; what a person holds, stays with them."""
        # sudo: whoever may write policies may not write orders.
        waiting = (
            self.env["inventory.source.order"]
            .sudo()
            .search([("connection_id", "in", self.ids), ("cause", "in", BY_POLICY)])
            .filtered(lambda order: order._follows())
        )
        # One statement, however many wait; the lane takes them one by one.
        waiting.write({"to_judge": True})
        waiting.connection_id._trigger_lane("order")

    def _set_connected(self, account_ref, scopes):
        """Try at once what connecting again may have mended."""
        result = super()._set_connected(account_ref, scopes)
        self._try_orders_now()
        return result

    def _run_lane_now(self, lane):
        """Also while the queue waits."""
        if lane == "order":
            # The lane works in transactions of its own: it has to see this, and not to wait for it.
            self._transact(type(self)._try_orders_now)
        return super()._run_lane_now(lane)

    # --- a test order: the way of every order, with a product, an address and a name of its own ---
    # These run in transactions of their own (`_transact`), because the lane works in others.

    def action_trial_order(self):
        """Open the guided test order."""
        self.ensure_one()
        self.check_access("write")
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "inventory_source.inventory_source_trial_order_action"
            ),
            "context": {"default_connection_id": self.id},
        }

    def _cheapest_in_stock(self):
        """Return the imported product a test order costs least with; none when nothing fits.

        One that costs something: of one without a cost the purchase has no price, and waits.
        """
        return cheapest_in_stock(self)

    def _test_address(self, partner):
        """Return where a test is sent: the address, or a stand-in for it.

        The company is no customer of its own: Odoo takes what is sold to it into transit, where
        nothing is drop-shipped. An archived contact, always the same, has its address instead.
        """
        partner = partner.with_company(self.company_id)
        if partner.property_stock_customer.usage == "customer":
            return partner
        names = (*partner._address_fields(), "phone", "email")
        values = partner._convert_to_write({name: partner[name] for name in names})
        known = [("parent_id", "=", partner.id), ("ref", "=", STAND_IN)]
        stand_in = partner.with_context(active_test=False).search(known, limit=1)
        if not stand_in:
            return partner.create(
                {
                    **values,
                    "name": self.env._("Test Order"),
                    "parent_id": partner.id,
                    "type": "delivery",
                    "ref": STAND_IN,
                    "active": False,
                }
            )
        stand_in.write(values)
        return stand_in

    def _place_trial_order(self, supplier_product_id, partner_id, user_id, trial_order_id):
        """Sell as little as can be to an address and put it in the outbox, past what could hold it.

        :param int trial_order_id: the wizard that asks for it, and may look at it afterwards
        :return: `(the order's id or False, the sale order's name)`
        """
        # Bought of this connection whatever others offer, and where its offers count for nothing,
        # for which the product has a vendor line as long as this takes.
        self = self.with_context(inventory_source_tested_id=supplier_product_id)
        offer = self.env["inventory.source.product"].browse(supplier_product_id)
        product, lent = offer.product_id, self.env["product.supplierinfo"]
        pieces = least_pieces(product, offer)  # as it was said, before it has another vendor line
        if not offer.vendor_line_id:
            offer._create_vendor_lines()
            lent = offer.vendor_line_id
            lent.product_uom_id = offer._kept_unit(product)
        sale = self.env["sale.order"]._inventory_source_create_test(
            product,
            units_per_piece(product, offer) * pieces,
            partner_id=partner_id,
            partner_shipping_id=self._test_address(self.env["res.partner"].browse(partner_id)).id,
            company_id=self.company_id.id,
            user_id=user_id,
        )
        sale.action_confirm()
        Order = self.env["inventory.source.order"]
        placeholders = Order.search(
            [("sale_order_id", "=", sale.id), ("is_placeholder", "=", True)]
        )
        placeholder = placeholders.filtered(lambda order: order.connection_id == self)
        placeholder = placeholder or Order.create(
            {"connection_id": self.id, "sale_order_id": sale.id, "is_placeholder": True}
        )
        (placeholders - placeholder).unlink()
        placeholder.write({"is_test": True, "trial_order_id": trial_order_id})
        placeholder._build_from_placeholder()
        lent.unlink()
        orders = sale.inventory_source_order_ids
        order = orders.filtered(lambda order: order.connection_id == self)
        if order and orders == order:
            order._release()
            return order.id, sale.name
        sale._inventory_source_close_test()
        return False, sale.name

    def _left_trial_orders(self, minutes=0):
        """Return the test orders that are older and that nobody has cleaned up."""
        return self.env["inventory.source.order"].search(
            [
                ("connection_id", "=", self.id),
                ("is_test", "=", True),
                ("create_date", "<=", fields.Datetime.now() - timedelta(minutes=minutes)),
                ("state", "not in", CLOSED),
                *("|", ("state", "!=", "sending"), ("request_ref", "!=", False)),
                # What could not be closed is a person's, as its activity says.
                ("documents_error", "=", False),
            ]
        )

    def _clean_trial_orders(self, minutes=0):
        """Close the test orders left over; return their numbers."""
        # Skipping what a lane holds at this moment.
        left = self._left_trial_orders(minutes).try_lock_for_update()
        left = left.filtered(lambda order: not order._is_real_purchase())
        note = type(left)._note_documents_error
        closed = halve(
            self.env, left, type(left)._close_test, lambda order, error: note(order, str(error))
        )
        return [name for names in closed for name in names]

    def _trial_order(self, trial_order_id):
        """Return the test order a wizard has made over this connection, or none."""
        if not trial_order_id:  # a form not saved yet; nothing would find what no wizard has made
            return self.env["inventory.source.order"]
        return self.env["inventory.source.order"].search(
            [
                ("trial_order_id", "=", trial_order_id),
                ("connection_id", "=", self.id),
                ("is_test", "=", True),
            ],
            limit=1,
        )

    def _trial_order_of(self, trial_order_id):
        """Return `(state, reason, their number, purchase orders)` of a test order as it is now."""
        order = self._trial_order(trial_order_id)
        if not order:
            raise UserError(self.env._("No test order was made here yet. Send one first."))
        purchases = ", ".join(
            f"{purchase.name} ({purchase.partner_ref or '-'})"
            for purchase in order.purchase_order_ids
        )
        number = order.remote_id or order.request_ref
        return order.state, order.documents_error or order.reason or "", number, purchases

    def _close_trial_order(self, trial_order_id):
        """Close a test order with its documents; return whether it was one that may be closed."""
        order = self._trial_order(trial_order_id)
        order.lock_for_update()
        if order.state == "sending" or order._is_real_purchase():
            return False
        order._close_test()
        return True

    # --- whether the supplier's charges stand on purchase orders as lines of their own ---

    @api.constrains("fee_product_id", "freight_product_id")
    def _check_charge_products(self):
        for connection in self:
            products = connection.fee_product_id | connection.freight_product_id
            for product in products:
                if product.type != "service" or product.purchase_method != "purchase":
                    raise ValidationError(
                        self.env._(
                            "%(product)s cannot stand for fees or freight: it has to be a service "
                            "that is billed on ordered quantities.",
                            product=product.display_name,
                        )
                    )
            if connection.fee_product_id and connection.fee_product_id == (
                connection.freight_product_id
            ):
                raise ValidationError(
                    self.env._("Choose two different services for fees and for freight.")
                )

    def _charge_product(self, kind):
        return self.fee_product_id if kind == "fee" else self.freight_product_id
