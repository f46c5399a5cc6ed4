import time

from markupsafe import Markup

from odoo import api, models
from odoo.fields import Domain

from ..catalog.lane import BATCH
from ..sync import time_left
from ..sync.lane import SLICE_SECONDS
from ..sync.odoo_states import PURCHASE_ALIVE
from ..sync.states import AT_SERVICE, UNSENT
from ..sync.transaction import transact

# How many documents of a kind are named; of the others it is said how many there are.
NAMED = 20


class StockWatch(models.AbstractModel):
    """Takes off sale what has only figures that grew too old, and puts it back.

    A figure ages without anybody writing it, also while a connection is lost and its lanes are
    off: so this is one scheduled action for all connections, and it calls nobody. Products of
    connections that do not count, or are lost, follow here, too: no lane works for them.
    """

    _name = "inventory.source.stock.watch"
    _description = "Inventory Source Stock Watch"

    @api.model
    def _cron_run(self):
        """Run one slice for the scheduler."""
        self.env["ir.cron"]._run_slice(self._run)

    @api.model
    def _run(self):
        """Work until nothing is due or the slice is over; return how many were judged."""
        started, done = time.monotonic(), 0
        transact(self.env, self._judge_connections)
        for work in (self._catch_up, self._judge):
            last = 0
            while batch := transact(self.env, work, last):
                last, done = batch[-1], done + len(batch)
                if time.monotonic() - started >= SLICE_SECONDS or not time_left.for_work():
                    self._trigger()
                    return done
        return done

    @staticmethod
    def _judge_connections(env):
        """Judge which connections count: of two changed at one moment neither saw the other."""
        with env["inventory.source.connection"]._judge_counted():
            pass

    @staticmethod
    def _catch_up(env, after):
        """Bring a batch of the products up to date that no lane would; return what was."""
        offers = env["inventory.source.product"]._left_behind(after, BATCH)
        for connection, own in offers.grouped("connection_id").items():
            own.with_company(connection.company_id)._update_now()
        return offers.ids

    @staticmethod
    def _judge(env, after):
        """Judge a batch of the products that have to leave or come; return what was judged."""
        offers = env["inventory.source.product"]._to_judge(after, BATCH)
        offers._each("update", type(offers)._update_for_sale)
        return offers.ids

    @api.model
    def _trigger(self):
        # sudo: scheduled actions belong to the system; whoever sets the limit may have it applied.
        self.env.ref("inventory_source.ir_cron_stock").sudo()._trigger()

    # --- a connection stopped counting: documents may have wanted its vendor lines ---

    @api.model
    def _report_wanted(self, connections):
        """Call who is responsible to look after what wanted the offers of these, one by one."""
        # sudo: quotations and purchases of every colleague.
        for connection in connections.sudo():
            own = connection._in_reader_language("orders")
            if wanted := self.with_env(own.env)._wanted_texts(own):
                own._raise_activity(
                    self._wanted_summary(own),
                    Markup("<p>%s</p>") % own._uncounted_reason()
                    + Markup("").join(Markup("<p>%s</p>") % text for text in wanted),
                    own._responsible("orders"),
                )

    @api.model
    def _forget_wanted(self, connections):
        """Take that call back: what these offer can be bought again."""
        for connection in connections.sudo():
            summary = self._wanted_summary(connection._in_reader_language("orders"))
            connection._activities_about(summary).unlink()

    @staticmethod
    def _wanted_summary(connection):
        return connection.env._(
            "Check what was to be bought through %(name)s", name=connection.name
        )

    def _wanted_texts(self, connection):
        """Return sentences that name the open documents with products of a connection."""
        offers = self.env["inventory.source.product"]._search(
            [("connection_id", "=", connection.id), ("product_id", "!=", False)]
        )
        offered = Domain("product_id", "in", offers.subselect("product_id"))
        # What a branch buys leaves over the connections of its parents, too.
        companies = Domain("company_id", "child_of", connection.company_id.id)
        quoted = self.env["sale.order.line"].search(
            (offered | self._sells_kit_of(offered))
            & companies
            & Domain("state", "in", ("draft", "sent"))
        )
        left = quoted.filtered(lambda line: not _has_sellers(line, connection)).order_id
        texts = []
        if left:
            texts.append(
                self.env._(
                    "Quotations with products that no supplier has now: %(names)s.",
                    names=self._names(left),
                )
            )
        if others := quoted.order_id - left:
            texts.append(
                self.env._(
                    "Quotations that the next supplier delivers now: %(names)s.",
                    names=self._names(others),
                )
            )
        if purchases := self._unsent_purchases(connection, offered & companies):
            texts.append(
                self.env._(
                    "Purchase orders that were not sent: %(names)s. Cancel them and buy elsewhere, "
                    "or leave them until the connection is back.",
                    names=self._names(purchases),
                )
            )
        if coming := self._still_coming(connection):
            texts.append(
                self.env._(
                    "Orders that are still to be shipped: %(names)s. Their shipments are not "
                    "recorded until the connection is back: ask the supplier for the tracking "
                    "numbers.",
                    names=self._names(coming),
                )
            )
        return texts

    def _still_coming(self, connection):
        """Return the orders at the service whose shipments no lane asks for: it is out of use."""
        orders = self.env["inventory.source.order"]
        if connection._is_in_use():
            return orders
        return orders.search(
            [("connection_id", "=", connection.id), ("state", "in", AT_SERVICE)], order="id"
        )

    def _sells_kit_of(self, offered):
        """Return the condition that a line sells a kit with one of these components in it."""
        kits = self.env["product.template"]
        if "mrp.bom.line" in self.env:
            parts = self.env["mrp.bom.line"]
            in_kit = Domain("bom_id.type", "=", "phantom")
            found = parts.search(offered & in_kit).bom_id.product_tmpl_id
            while found:
                kits |= found
                parts = parts.search(Domain("product_tmpl_id", "in", found.ids) & in_kit)
                found = parts.bom_id.product_tmpl_id - kits
        return Domain("product_id.product_tmpl_id", "in", kits.ids)

    def _unsent_purchases(self, connection, domain):
        """Return what was bought of a connection's vendors and is not at the service."""
        suppliers = connection.supplier_ids
        vendors = (suppliers.partner_id | suppliers.former_partner_ids).commercial_partner_id
        lines = self.env["purchase.order.line"].search(
            domain
            & Domain("order_id.partner_id.commercial_partner_id", "in", vendors.ids)
            & Domain("order_id.state", "in", PURCHASE_ALIVE)
        )
        waiting = lines.filtered(
            lambda line: (
                line.order_id.state != "purchase"
                or set(line.inventory_source_line_ids.order_id.mapped("state")) & set(UNSENT)
            )
        )
        return waiting.order_id

    def _names(self, records):
        names = Markup(", ").join(record._get_html_link() for record in records[:NAMED])
        more = len(records) - NAMED
        if more <= 0:
            return names
        return self.env._("%(names)s and %(more)s more", names=names, more=more)


def _has_sellers(line, connection):
    """Return whether all that a connection offered of what this line sells has a vendor now."""
    return all(
        product.with_company(line.company_id)._prepare_sellers()
        for product in line._inventory_source_needs()
        if connection in product.inventory_source_product_ids.connection_id
    )
