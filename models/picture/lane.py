import logging
import time
from collections import Counter
from typing import NamedTuple

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...client.picture_errors import PictureError, PictureRefused, PictureUnavailable
from ...client.picture_fetch import Fetcher
from ...client.picture_urls import loopback_origin
from ...client.pictures import render
from ..connection.credentials import USER_AGENT, route
from ..sync import time_left
from ..sync.lane import SLICE_SECONDS, TELL_SECONDS, tell
from ..sync.transaction import is_passing, transact

_logger = logging.getLogger(__name__)
# Seconds between two requests to one host. There is one lane for all, so never two at a time.
SPACING = 0.2
PLAN_BATCH = 200


class Job(NamedTuple):
    """A picture to fetch, in plain values: no transaction is open while it is fetched."""

    picture_id: int
    connection_id: int
    host_id: int
    url: str
    etag: str
    last_modified: str
    sha256: str


class PictureLane(models.AbstractModel):
    """Fetches pictures: one scheduled action for all connections, slower than everything else.

    It spends no request of Inventory Source, so it is none of the lanes of a connection. It stops
    after each picture when one of those is due, so that data never waits for more than one picture.
    """

    _name = "inventory.source.picture.lane"
    _description = "Inventory Source Picture Sync"

    @api.model
    def _cron_run(self):
        """Run one slice for the scheduler."""
        self.env["ir.cron"]._run_slice(self._run_and_go_on)

    @api.model
    def _run_and_go_on(self):
        counts, more = self._run()
        if more:
            self._trigger()
        return counts.total()

    @api.model
    def _trigger(self):
        self.env.ref("inventory_source.ir_cron_pictures")._trigger()

    @api.model
    def _run(self, seconds=SLICE_SECONDS):
        """Work until nothing is due, the slice is over or data waits.

        :return: a Counter (planned, done, unchanged, kept, failed; waiting: another address is
            tried), and whether there is more to do
        """
        lane = self.with_env(api.Environment(self.env.cr, SUPERUSER_ID, {}))
        counts, asked = Counter(), {}
        started = told = time.monotonic()
        fetchers = transact(lane.env, lane._fetchers)
        more = bool(fetchers)
        while more:
            step = lane._step(fetchers, asked)
            if step is None:
                more = False
                break
            counts += step
            if time.monotonic() - told >= TELL_SECONDS:
                lane._tell(fetchers)
                told = time.monotonic()
            over = time.monotonic() - started >= seconds or not time_left.for_a_request()
            if over or transact(lane.env, lane._data_waits):
                break
        lane._tell(fetchers)
        if counts:
            _logger.info("Pictures: %s in %.1f s", dict(counts), time.monotonic() - started)
        return counts, more

    def _tell(self, connection_ids):
        for connection in self.env["inventory.source.connection"].browse(connection_ids):
            tell(connection, "picture")

    @staticmethod
    def _fetchers(env):
        """Return who fetches for the connections that want pictures and may work: {id: fetcher}."""
        env["inventory.source.picture"]._wake_parked()
        # The address of the API is a system administrator's to set: see `loopback_origin`.
        return {
            connection.id: Fetcher(
                USER_AGENT, local=loopback_origin(connection.sudo().api_url), route=route
            )
            for connection in env["inventory.source.picture.lane"]._connections()
        }

    @api.model
    def _connections(self):
        """Return the connections that want pictures and may work."""
        connections = self.env["inventory.source.connection"].search(
            [("pictures", "=", True), ("state", "=", "connected")]
        )
        return connections.filtered(lambda connection: not connection._blocked_reason())

    @staticmethod
    def _data_waits(env):
        """Return whether a scheduled action of a connection is due.

        True also while it is running on another worker. That costs only the way through the
        scheduler: this lane triggers itself again, after one picture.
        """
        connected = env["inventory.source.connection"].search([("state", "=", "connected")])
        # Raw SQL: the scheduler's own condition, of which the ORM knows nothing.
        return bool(
            env.execute_query(
                SQL(
                    "SELECT 1 FROM ir_cron WHERE id = ANY(%s) AND %s LIMIT 1",
                    connected.cron_ids.ids,
                    env["ir.cron"]._get_ready_sql_condition(env.cr),
                )
            )
        )

    # --- one picture ---

    @api.model
    def _step(self, fetchers, asked):
        """Fetch a picture that is due, else plan; return a Counter, or None: nothing to do.

        :param dict asked: when each host was asked last (monotonic seconds), by id
        """
        job = transact(self.env, self._choose, list(fetchers))
        if isinstance(job, Counter):
            return job
        if job is None:
            planned = transact(self.env, self._plan, list(fetchers))
            return Counter(planned=planned) if planned else None
        pause = asked.get(job.host_id, 0.0) + SPACING - time.monotonic()
        if pause > 0:
            time.sleep(pause)
        asked[job.host_id] = time.monotonic()
        fetched = rendered = error = None
        try:
            fetched = fetchers[job.connection_id].fetch(job.url, job.etag, job.last_modified)
            if fetched and fetched.sha256 != job.sha256:
                rendered = render(fetched.body)
        except PictureError as picture_error:
            error = picture_error
        connection = self.env["inventory.source.connection"].browse(job.connection_id)
        return connection._transact(self._record, job, fetched, rendered, error)

    @staticmethod
    def _plan(env, connection_ids):
        connections = env["inventory.source.connection"].browse(connection_ids)
        return env["inventory.source.product"]._plan_stale_pictures(connections, PLAN_BATCH)

    @staticmethod
    def _choose(env, connection_ids):
        """Return the job that is due longest, hosts in trouble after all others; or None.

        A Counter when the picture was settled without asking anybody.
        """
        # Raw SQL: one look into the index per host and connection, however many pictures wait
        # for a host that is left alone at the moment.
        rows = env.execute_query(
            SQL(
                """
                SELECT due.id
                  FROM inventory_source_picture_host host
            CROSS JOIN unnest(%(connections)s) AS connection(id)
    CROSS JOIN LATERAL (
                       SELECT id, due_at
                         FROM inventory_source_picture
                        WHERE host_id = host.id
                          AND connection_id = connection.id
                          AND due_at <= %(now)s
                     ORDER BY due_at
                        LIMIT 1
                       ) AS due
                 WHERE host.next_at <= %(now)s
              ORDER BY host.failures > 0, due.due_at, due.id
                 LIMIT 1
                """,
                connections=connection_ids,
                now=fields.Datetime.now(),
            )
        )
        if not rows:
            return None
        picture = env["inventory.source.picture"].browse(rows[0])
        if picture.supplier_product_id.product_id.product_tmpl_id != picture.product_tmpl_id:
            picture.due_at = False  # linked or unlinked meanwhile
            return Counter(kept=1)
        if picture._is_theirs():
            picture._note_kept()
            return Counter(kept=1)
        # Conditions only for what is there: an unchanged picture comes without its bytes.
        there = bool(picture.checksum)
        return Job(
            picture.id,
            picture.connection_id.id,
            picture.host_id.id,
            picture.url,
            (there and picture.etag) or "",
            (there and picture.last_modified) or "",
            (there and picture.sha256) or "",
        )

    @staticmethod
    def _record(connection, job, fetched, rendered, error):
        """Keep what came of a job, on all pictures of the product that have this address."""
        picture = connection.env["inventory.source.picture"].browse(job.picture_id).exists()
        if not picture or picture.url != job.url:
            return Counter()
        if isinstance(error, PictureUnavailable):
            picture.host_id._failed(error.retry_after)
        else:
            picture.host_id._delivered()
        counts, pictures = Counter(), picture._of_same_address()
        for same in pictures:
            if error:
                same._note_failed(str(error), isinstance(error, PictureRefused))
            elif rendered:
                PictureLane._store(same, fetched, rendered)
            elif same == picture:
                same._note_fetched(fetched) if fetched else same._note_unchanged()
            else:
                continue  # it has not the bytes that were not sent again
            counts["unchanged" if same.state == "done" and not rendered else same.state] += 1
        pictures._tell_who_looks()
        return counts

    @staticmethod
    def _store(picture, fetched, rendered):
        if picture._is_theirs():
            picture._note_kept()
            return
        try:
            with picture.env.cr.savepoint():
                picture._put(rendered.content)
        except Exception as refusal:  # whatever a module raises, the other pictures go on
            if is_passing(refusal):
                raise
            if not isinstance(refusal, UserError | ValueError):
                _logger.exception("Picture %s could not be kept", picture.id)
            reason = picture.env._("Odoo refused the picture: %(reason)s", reason=str(refusal))
            picture._note_failed(reason, refused=True)
            return
        picture._note_fetched(fetched)
