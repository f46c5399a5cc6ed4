import logging
import time
from collections import Counter
from datetime import timedelta

from odoo import fields, models

from ...client.errors import ApiError, ProtocolError, Throttled
from ..sync.record_mixin import ago, clock
from ..sync.transaction import is_passing
from .catalog import PAGE_SIZE
from .catalog_pass import concerns_catalog

_logger = logging.getLogger(__name__)

# Measured: below 500 the registry's cache, cleared by each create, costs too much.
BATCH = 1000


class CatalogLane(models.AbstractModel):
    """Reads catalogs page by page and brings the products of Odoo up to date in batches."""

    _name = "inventory.source.lane.catalog"
    _description = "Inventory Source Catalog Sync"
    _inherit = "inventory.source.lane"
    _lane = "catalog"
    _after_orders = True

    def _step(self, connection, client):
        """Bring a full batch of products up to date, else read a page, else the rest.

        What a person decided comes before the next page: it was decided on the figures of today.
        """
        pending = connection._transact(self._count_pending)
        if pending >= BATCH:
            return connection._transact(self._work_off)
        try:
            step = self._read_page(connection, client)
        except Throttled:
            # No request left: there may be work that needs none.
            if pending:
                return connection._transact(self._work_off)
            raise
        if step is None and pending:
            return connection._transact(self._work_off)
        return step

    def _nothing_due(self, connection):
        catalogs = connection.catalog_ids
        if not catalogs:
            return self.env._("There are no catalogs yet. Press “Load Channels & Catalogs” first.")
        wait = catalogs._seconds_to_next_pass(connection)
        if not wait:
            return self._out_of_calls()
        last = max(filter(None, catalogs.mapped("pass_started_at")), default=None)
        planned = clock(self.env, fields.Datetime.now() + timedelta(seconds=wait))
        if not last:
            return self.env._(
                "No catalog is due yet; the first update is at %(next)s.", next=planned
            )
        return self.env._(
            "The catalogs are up to date: updated %(ago)s, next update at %(next)s. To have one "
            "sooner, press “Update now” on the catalog.",
            ago=ago(self.env, last),
            next=planned,
        )

    def _moments(self, connections):
        """Of the catalogs: the lane looks at them more often than they are due."""
        return {
            connection: (
                max(filter(None, connection.catalog_ids.mapped("pass_started_at")), default=None),
                min(connection.catalog_ids._planned(), default=None),
            )
            for connection in connections
        }

    def _run(self, connection, **how):
        connection._transact(type(connection)._follow_price_basis)
        outcome = super()._run(connection, **how)
        # After a failure that only a person can mend the regular runs try again.
        if outcome.wait is None and not outcome.failure:
            return outcome._replace(wait=connection._transact(self._seconds_to_next_pass))
        return outcome

    def _run_for_person(self, connection):
        """Try also what fails and was put off; say what failed again."""
        connection._transact(self._try_failing)
        outcome = super()._run_for_person(connection)
        failed = connection._transact(self._failed_again)
        return outcome._replace(failure=outcome.failure or failed)

    @staticmethod
    def _try_failing(connection):
        connection.catalog_ids._try_now()

    @staticmethod
    def _failed_again(connection):
        """Return a sentence about the catalogs that were tried and wait now, or None."""
        failing = connection.catalog_ids.filtered(
            lambda catalog: catalog.next_try_at and catalog.next_try_at > fields.Datetime.now()
        )
        reasons = " ".join(f"{catalog.name}: {catalog.failure}" for catalog in failing)
        if not reasons:
            return None
        return connection.env._(
            "Not everything could be updated. %(reasons)s The other catalogs continue.",
            reasons=reasons,
        )

    # --- reading ---

    def _read_page(self, connection, client):
        """Read the next page of the catalog that is due; None when none is."""
        catalog = connection._transact(self._choose_catalog, client.products_way)
        if catalog is None:
            return self._load_account(connection, client)
        catalog_id, external_id, checkpoint, asked_at = catalog
        started = time.monotonic()
        try:
            page = client.products(external_id, checkpoint, PAGE_SIZE)
            seconds = time.monotonic() - started
            return connection._transact(
                self._apply_page, catalog_id, checkpoint, page, asked_at, seconds
            )
        except Exception as error:
            # Also what nobody foresaw: the other catalogs are read all the same.
            if is_passing(error) or not concerns_catalog(error):
                raise
            if not connection._transact(self._note_failed, catalog_id, checkpoint, error):
                raise
            self._warn(connection, error)
            if not isinstance(error, ApiError):
                _logger.exception("Catalog %s cannot be read", catalog_id)
        return Counter(pages=1)

    def _load_account(self, connection, client):
        """Load the channels and catalogs of an account of which nothing is known yet."""
        if connection._transact(self._is_loaded):
            return None
        remote = client.channels(), client.catalogs()
        connection._transact(type(connection)._apply_remote, *remote)
        return Counter() if any(remote) else None

    @staticmethod
    def _is_loaded(connection):
        return bool(connection.channel_ids or connection.catalog_ids)

    @staticmethod
    def _choose_catalog(connection, way):
        """Return (id, remote id, checkpoint, now) of the catalog to read from, its pass begun.

        :param way: how pages are asked for now; a pass that was begun another way begins anew
        """
        catalog = connection.env["inventory.source.catalog"]._due(connection)
        if not catalog:
            return None
        if catalog.pass_state != "running" or catalog.pass_way != way:
            catalog._begin_pass()
            catalog.pass_way = way
        now = connection.env.cr.now()
        return catalog.id, catalog.external_id, catalog.checkpoint or "", now

    @staticmethod
    def _note_failed(connection, catalog_id, checkpoint, error):
        """Note why a catalog could not be read; return whether that is its own affair."""
        catalog = connection.env["inventory.source.catalog"].browse(catalog_id)
        if isinstance(error, ProtocolError):
            CatalogLane._note_page(connection, catalog, checkpoint, str(error))
        if own := catalog._failed(error):
            message = f"{catalog.name}: {catalog.failure}"
            catalog.run_id.write({"state": "failed", "message": message})
            catalog._count_in_run({"requests": 1})
        return own

    @staticmethod
    def _note_page(connection, catalog, checkpoint, reason):
        """Name a page that leads nowhere; what was read before it stays as it is."""
        catalog._note_problem(
            "page",
            connection.env._(
                "The page of %(name)s after product %(id)s came twice, out of order or broken. "
                "Nothing was changed by it; the next update continues from there.",
                name=catalog.name,
                id=checkpoint or "0",
            ),
            reason,
        )

    @staticmethod
    def _apply_page(connection, catalog_id, checkpoint, page, asked_at, seconds):
        """Take in a page and move the checkpoint past it, in one transaction."""
        started = time.monotonic()
        catalog = connection.env["inventory.source.catalog"].browse(catalog_id)
        catalog.lock_for_update()
        catalog.fetch(["connection_id", "pass_state", "checkpoint", "run_id", "failing_since"])
        if catalog.pass_state != "running" or (catalog.checkpoint or "") != checkpoint:
            # Another worker took this page in while we were asking for it.
            return Counter()
        Offer = connection.env["inventory.source.product"]
        counts, met = Offer._apply_rows(catalog, page.rows, asked_at)
        if met:
            connection.env["inventory.source.page"].create(
                {"catalog_id": catalog.id, "supplier_product_ids": met}
            )
        # Nothing tracked is among it, but all that is would be read.
        catalog.with_context(tracking_disable=True).checkpoint = page.last_id
        seconds += time.monotonic() - started
        catalog._count_in_run({**counts, "requests": 1, "seconds": seconds})
        if catalog.failing_since:
            catalog._forget_failure()
            catalog.run_id.write({"state": "running", "message": catalog.name})
        if page.last or page.lost:
            catalog._end_pass(page.lost)
        return counts + Counter(pages=1)

    @staticmethod
    def _seconds_to_next_pass(connection):
        return connection.env["inventory.source.catalog"]._seconds_to_next_pass(connection)

    # --- products in Odoo ---

    # Read in a transaction of its own, like everything a lane decides by: the scheduler's cursor is
    # REPEATABLE READ and shows what was there when the slice began.
    @staticmethod
    def _count_pending(connection):
        """Return how many wait, up to a batch; a batch too when a person decided on some.

        Nothing where the connection does not count: what is to be imported waits until it does, and
        what is in Odoo is left to the watch (`models/availability/stock_watch.py`).
        """
        if not connection.is_counted:
            return 0
        Offer = connection.env["inventory.source.product"]
        waiting = [("connection_id", "=", connection.id), ("pending", "=", True)]
        count = Offer.search_count(waiting, limit=BATCH)
        if count and Offer.search_count([*waiting, ("bypass_limit", "=", True)], limit=1):
            return BATCH
        return count

    @staticmethod
    def _work_off(connection):
        """Import or update one batch of the products that wait for it."""
        started = time.monotonic()
        offers = connection.env["inventory.source.product"].search(
            [("connection_id", "=", connection.id), ("pending", "=", True)], limit=BATCH
        )
        if not offers:
            # A person or another worker was faster.
            return Counter()
        linked = offers.filtered("product_id")
        linked._update_now()
        importing = time.monotonic()
        created = (offers - linked)._import()
        counts = Counter(imported=created, refreshed=len(linked))
        now = time.monotonic()
        offers.catalog_id[:1]._count_in_run(
            {"seconds": now - started, "imported": created, "import_seconds": now - importing}
        )
        return counts

    # --- what is kept of a slice ---

    def _slice_values(self, counts, seconds, error):
        """Keep only failures: what a slice did is counted in the run of its pass."""
        if not error:
            return None
        requests = counts["requests"] - counts["pages"]
        return super()._slice_values(Counter(requests=requests), seconds, error)
