from datetime import timedelta

from odoo import fields, models

from ...client.errors import Barred, Forbidden, NotFound

# Minutes until an order is tried again; the last one from then on.
PAUSES = (1, 2, 4, 8, 16, 30)
# What the answer to an order says about the connection: no order was taken, and none would be.
TO_MEND = (Forbidden, NotFound, Barred)
# Who changes one of these wants to see at once whether orders leave now.
_MENDING = {"channel_id", "api_url", "profile_id"}


class OrderPause(models.AbstractModel):
    """The queue of a connection waits while the service does not take orders as it should.

    After an answer that leaves open whether an order was taken, the next one would be as doubtful;
    after one that concerns the connection, the next would be refused as well. Until when, how often
    it was tried and why is kept here only. A try is taken before it is made and committed, so that
    one of several processes makes it, and the next comes later whatever ends that one.
    """

    _name = "inventory.source.order.pause"
    _description = "Inventory Source Order Pause"

    orders_wait_until = fields.Datetime(
        readonly=True,
        copy=False,
        help="Then the service is asked for its channels, and one order is sent if it answers.",
    )
    orders_wait_tries = fields.Integer(readonly=True, copy=False)
    orders_wait_reason = fields.Text("Why Orders Wait", readonly=True, copy=False)

    # --- waiting ---

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

    def _give_order_try_back(self):
        """Undo that: nothing was tried, there was no request to spend."""
        self.ensure_one()
        self.orders_wait_tries = max(self.orders_wait_tries - 1, 0)
        self.orders_wait_until = self.env.cr.now()

    def _pause_orders(self, reason, to_mend=False):
        """Let the queue wait.

        :param str reason: why, in plain words
        :param bool to_mend: only a person can mend it, who is told once
        """
        self.ensure_one()
        if not self._order_pause_left():
            self._take_order_try()
        self.orders_wait_reason = reason
        if not to_mend:
            return
        if task := self._order_pause_activities():
            task.note = reason
            return
        reader = self._in_reader_language()
        self.message_post(body=reason)
        reader._ask_manager(reader._order_pause_summary(), reason)

    def _resume_orders(self):
        """Let the queue go on: the service took or refused an order as it should."""
        self.ensure_one()
        if not self.orders_wait_until:
            return
        self.write(
            {"orders_wait_until": False, "orders_wait_tries": 0, "orders_wait_reason": False}
        )
        if task := self._order_pause_activities():
            task.action_feedback(feedback=self.env._("Orders are sent again."))

    def _try_orders_now(self):
        """Have a waiting queue tried with the lane's next run, as a person who mended it wants."""
        # sudo: whoever may let an order go or change the connection may have that looked at.
        for connection in self.sudo().filtered("orders_wait_until"):
            connection.orders_wait_until = self.env.cr.now()
            connection._trigger_lane("order")

    # --- what is said ---

    def _in_reader_language(self):
        """Return this connection in the language of who is told, whoever causes it."""
        return self.with_context(lang=(self.user_id or self.env.user).lang)

    def _order_pause_summary(self):
        return self.env._("Orders of %(name)s wait", name=self.name)

    def _order_pause_activities(self):
        summary = self._in_reader_language()._order_pause_summary()
        return self.activity_search(
            ["mail.mail_activity_data_warning"], additional_domain=[("summary", "=", summary)]
        )

    def _order_obstacle(self, error):
        """Say in plain words why no order is taken over this connection, and what to do next.

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
                "paths of the wire profile with the service's reference."
            ),
        }
        status = 404 if isinstance(error, NotFound) else error.status
        advice = said.get(status) or own.env._(
            "A web page came instead of an answer, so something stands between this server and the "
            "service: a firewall, a proxy or a page about maintenance. Have your network and the "
            "status of Inventory Source looked at."
        )
        return own.env._(
            "%(advice)s Queued orders wait, nothing is lost; they leave by themselves once it is "
            "mended, or press “Send Orders” to try at once. (%(error)s)",
            advice=advice,
            error=error,
        )

    def _channel_gone_text(self):
        return self.env._(
            "The service does not know the channel “%(channel)s” any more. Press “Load Channels & "
            "Catalogues” and choose the channel orders are placed on.",
            channel=self.channel_id.name or "-",
        )

    # --- a person's hand ---

    def write(self, vals):
        """Try at once what a person has mended."""
        result = super().write(vals)
        if _MENDING & vals.keys():
            self._try_orders_now()
        return result

    def _set_connected(self, retailer, scopes):
        """Try at once what connecting again may have mended."""
        result = super()._set_connected(retailer, scopes)
        self._try_orders_now()
        return result

    def _run_lane_now(self, lane):
        """Also while the queue waits."""
        if lane == "order":
            # The lane works in transactions of its own: it has to see this, and not to wait for it.
            self._transact(type(self)._try_orders_now)
        return super()._run_lane_now(lane)
