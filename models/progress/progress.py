from math import ceil

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import formatLang

from ..catalog.catalog import PAGE_SIZE
from ..connection.request_budget import polls_wanted, to_send
from ..sync.lane import LANES
from ..sync.record_mixin import clock, duration
from ..sync.throttle import used_pool
from .work import KINDS, OF_PRODUCTS


class Work(models.Model):
    """How far long works are, in figures and in words: the only place that says it."""

    _inherit = "inventory.source.work"

    @api.model
    def _of_connections(self, connections):
        """Return how far the works of each of these are: {connection: value of a `progress`}."""
        # sudo: nobody's table; figures of the connections that the caller may read.
        works = self.sudo()
        own = works.search([("connection_id", "in", connections.ids)]).grouped("connection_id")
        return works._values(connections, own, lambda connection: connection)

    @api.model
    def _of_catalogs(self, catalogs):
        """Return the same of catalogs."""
        # sudo: see `_of_connections`.
        works = self.sudo()
        own = works.search([("catalog_id", "in", catalogs.ids)]).grouped("catalog_id")
        return works._values(catalogs, own, lambda catalog: catalog.connection_id)

    @api.model
    def _values(self, records, own, connection_of):
        """Return the value of a field `progress` for each record: a dict, as the client shows it.

        `connection_ids` says which messages concern it. Each of `works` has its `kind`, what it
        comes to as `text`, and in figures `done`, `total` and `seconds`, the last two False where
        nobody can know. Where many rows stand in a list, `row` is added: what each shows beside it.
        """
        works = self.concat(*own.values())
        # Asked once for all of them.
        left = self._left(works.connection_id, sorted(set(works.mapped("kind"))))
        values = {}
        for record in records:
            kinds = own.get(record._origin.sudo(), works.browse()).grouped("kind")
            items = (kinds[kind]._item(left) for kind in KINDS if kind in kinds)
            values[record] = {
                "connection_ids": connection_of(record)._origin.ids,
                "works": [item for item in items if item],
            }
        return values

    def _item(self, left):
        """Return how far these are, of one kind and connection, or None: nothing is left."""
        counts = [left.get(work._key(), 0) for work in self]
        if not any(counts):
            return None
        kind = self[0].kind
        if kind == "download":
            done, total = self._downloaded()
        else:
            total = sum(work._total(count) for work, count in zip(self, counts, strict=True))
            done = total - sum(counts)
        reason = self._stop_reason()
        seconds = False if reason else self._seconds(done, total)
        return {
            "kind": kind,
            "lane": KINDS[kind].lane,
            "done": done,
            "total": total,
            "seconds": seconds,
            "text": self._in_words(done, total, seconds, reason),
        }

    def _downloaded(self):
        """Return how many products were read, and of how many; False where that is not known."""
        done, totals = sum(work._read_so_far() for work in self), self.mapped("total")
        return done, max(sum(totals), done) if all(totals) else False

    def _read_so_far(self):
        """Return how many products the pass has read; none as long as it has not begun."""
        catalog = self.catalog_id
        waits = catalog.pass_state != "running" and catalog._is_downloading()
        return 0 if waits else catalog.run_id.seen

    def _stop_reason(self):
        """Return in a sentence why it does not go on at the moment, or False."""
        kind, connection = self[0].kind, self.connection_id
        if kind == "order" and connection.orders_wait_until:
            when = clock(self.env, connection.orders_wait_until)
            return self.env._("Orders wait; the next try is at %(time)s.", time=when)
        if kind == "go_live":
            return False  # nobody is asked for anything
        lane = KINDS[kind].lane
        blocked = connection._blocked_reason(lane if lane in LANES else None)
        if blocked or (kind in OF_PRODUCTS and not connection.is_counted):
            return self.env._("It continues once the connection works again.")
        failing = self.catalog_id.filtered("failing_since") if kind == "download" else ()
        if failing and failing == self.catalog_id.filtered(lambda each: each._is_downloading()):
            reasons = " ".join(catalog._not_downloaded_reason() for catalog in failing)
            return self.env._("%(reasons)s It is tried again automatically.", reasons=reasons)
        return False

    # --- how long it still takes, in seconds; False where nobody can know ---

    def _seconds(self, done, total):
        if not total:
            return False
        left = total - done
        return getattr(self, f"_seconds_{self[0].kind}", self._seconds_at_this_pace)(done, left)

    def _seconds_download(self, _done, _left):
        """Return what the requests that are left take: the budget of the account decides."""
        requests = seconds = 0
        for work in self.filtered(lambda work: work.catalog_id._is_downloading()):
            run = work.catalog_id.run_id
            rows = run.seen / run.requests if run.requests and run.seen else PAGE_SIZE
            # The last one brings nothing.
            wanted = ceil(max(work.total - work._read_so_far(), 0) / rows) + 1
            requests += wanted
            seconds += wanted * run.seconds / run.requests if run.requests else 0
        return max(seconds, self._seconds_for(requests, "catalog"))

    def _seconds_order(self, _done, left):
        return self._seconds_for(left, "order")

    def _seconds_for(self, requests, lane):
        """Return the seconds until so many requests of a lane are granted.

        Queued orders go before a catalog, and orders that wait for shipments have their share.
        """
        connection = self.connection_id
        if lane == "catalog":
            orders = self.env["inventory.source.order"]
            mine = Domain("connection_id", "=", connection.id)
            first = orders.search_count(mine & Domain(to_send(fields.Datetime.now())))
            hourly = 3600 / used_pool(connection.environment)[1]
            accepted = orders.search_count(mine & Domain("state", "=", "accepted"))
            share = polls_wanted(accepted, hourly) / hourly
            requests = ceil(requests / (1 - share)) + first
        throttle = self.env["inventory.source.throttle"]._of(connection)
        return throttle._seconds_for(requests, LANES[lane].floor)

    def _seconds_import(self, _done, left):
        return left / self.env["inventory.source.run"]._products_a_second()[0]

    # Nothing is measured of updates; they take less.
    _seconds_update = _seconds_import

    def _seconds_at_this_pace(self, done, left):
        """Return what the rest takes if it goes on as it went so far."""
        spent = (fields.Datetime.now() - min(self.mapped("begun_at"))).total_seconds()
        return spent * left / done if done else False

    # --- in words ---

    @api.model
    def _announced(self, connections, kind):
        """Return how long what a person just started takes, as a sentence to add to another.

        Empty where nobody can know. As long as the slowest of these connections takes.
        """
        # sudo: see `_of_connections`.
        works = self.sudo().search([("connection_id", "in", connections.ids), ("kind", "=", kind)])
        left = self.sudo()._left(connections.sudo(), kind)
        items = [own._item(left) for own in works.grouped("connection_id").values()]
        seconds = [item["seconds"] for item in items if item]
        if not seconds or False in seconds:
            return ""
        time = duration(self.env, max(seconds))
        return " " + self.env._(
            "It takes about %(time)s; you get a message when it is done.", time=time
        )

    def _in_words(self, done, total, seconds, reason):
        said = self._how_far(done, total)
        if reason:
            return self.env._("%(how_far)s. %(reason)s", how_far=said, reason=reason)
        if seconds is False:
            return said
        if seconds < 60:
            return self.env._("%(how_far)s, less than a minute left", how_far=said)
        # Nobody counts on seconds of an estimate.
        time = duration(self.env, 60 * ceil(seconds / 60))
        return self.env._("%(how_far)s, about %(time)s left", how_far=said, time=time)

    def _how_far(self, done, total):
        figures = {
            "done": formatLang(self.env, done, digits=0),
            "total": formatLang(self.env, total, digits=0),
        }
        if not total:
            if not done:
                return self.env._("Waits to be downloaded")
            return self.env._("%(done)s products downloaded", **figures)
        return {
            "download": self.env._("%(done)s of %(total)s products downloaded", **figures),
            "import": self.env._("%(done)s of %(total)s products imported", **figures),
            "update": self.env._("%(done)s of %(total)s products updated", **figures),
            "order": self.env._("%(done)s of %(total)s queued orders processed", **figures),
            "picture": self.env._("%(done)s of %(total)s pictures fetched", **figures),
            "go_live": self.env._("%(done)s of %(total)s products re-linked", **figures),
        }[self[0].kind]
