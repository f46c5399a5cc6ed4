"""What the tests of the addon share: a connected connection and a service that follows a script."""

import json
from contextlib import contextmanager
from pathlib import Path
from unittest import SkipTest
from unittest.mock import patch
from urllib.parse import parse_qsl, urlsplit

from odoo.tests import Form, new_test_user
from odoo.tests.test_cursor import TestCursor

from odoo.addons.base.tests.common import BaseCommon

from ..client.http import Response
from ..client.oauth import SCOPES, Grant
from ..models.sync.throttle import used_pool

ACCOUNT = "auth0|riverside"
API = "http://127.0.0.1:1"


def text_of_repository(name):
    """Return the text of a file that the repository has and an installed addon need not have.

    :raise SkipTest: it is not there
    """
    path = Path(__file__).parents[1] / name
    if not path.is_file():
        raise SkipTest(f"it needs {name} of the repository of inventory_source")
    return path.read_text(encoding="utf-8")


class ScriptedTransport:
    """Answers what a test expects, in order per method and path; `done()` tells what did not fit.

    What was sent is in `sent`, as `(method, path, query, body)` with the body as JSON where it is.
    """

    def __init__(self):
        self.sent = []
        self._script = []
        self._unexpected = []

    def expect(self, method, path, answer=None, *, status=200, headers=None, error=None):
        """Expect one call: answer JSON (a dict), text or bytes, or raise `error`.

        `answer` may also be a function of the request's JSON body or query that returns it.
        """
        self._script.append((method, path, answer, status, headers or {}, error))

    def send(self, request, *, deadline):
        parts = urlsplit(request.url)
        query, body = dict(parse_qsl(parts.query)), _read(request.body)
        call = (request.method, parts.path)
        self.sent.append((*call, query, body))
        for number, expected in enumerate(self._script):
            if expected[:2] == call:
                _method, _path, answer, status, headers, error = self._script.pop(number)
                if error:
                    raise error
                if callable(answer):
                    answer = answer(query if body is None else body)
                return Response(status, {k.lower(): v for k, v in headers.items()}, _bytes(answer))
        self._unexpected.append(" ".join(call))
        raise AssertionError(f"No test expects {' '.join(call)} {query or ''}")

    def calls(self, path_end=""):
        """Return the calls so far whose path ends so."""
        return [call for call in self.sent if call[1].endswith(path_end)]

    def check(self):
        """Fail when a call came that no test expected, or one that was expected did not."""
        missing = [f"{method} {path}" for method, path, *_rest in self._script]
        assert not self._unexpected, f"Unexpected calls: {self._unexpected}"
        assert not missing, f"Expected calls that were not made: {missing}"


def _read(body):
    if body is None:
        return None
    try:
        return json.loads(body)
    except ValueError:
        return dict(parse_qsl(body.decode()))


def _bytes(answer):
    if isinstance(answer, bytes):
        return answer
    if isinstance(answer, str):
        return answer.encode()
    return json.dumps(answer if answer is not None else {}).encode()


def grant(**changes):
    """Build what the token endpoint gives (`client.oauth.Grant`)."""
    values = {
        "access_token": "access-canary-1",
        "refresh_token": "refresh-canary-1",
        "expires_in": 86400,
        "scopes": frozenset(SCOPES),
        "subject": ACCOUNT,
    }
    return Grant(**values | changes)


class InventorySourceMixin:
    """Builders, and the scripted transport in place of the real one; for any Odoo test case."""

    @classmethod
    def _request_handler(cls, s, r, /, **kw):
        """Odoo's guard of the network takes one time-out, ours are two (connecting, reading)."""
        if isinstance(kw.get("timeout"), tuple):
            kw["timeout"] = max(kw["timeout"])
        return super()._request_handler(s, r, **kw)

    @classmethod
    def create_connection(cls, **values):
        """Build a connection that was not connected yet."""
        defaults = {
            "name": f"Connection {cls.env['inventory.source.connection'].search_count([])}",
            "environment": "production",
            "client_id": "client-1",
            "client_secret": "secret-canary-1",
            "authorize_url": f"{API}/authorize",
            "token_url": f"{API}/oauth/token",
            "api_url": API,
        }
        return cls.env["inventory.source.connection"].create(defaults | values)

    @classmethod
    def connect(cls, connection, **changes):
        """Connect a connection, as a way to the authorize page and back leaves it."""
        given = grant(**changes)
        connection._secrets()._store_grant(given)
        connection._set_connected(given.subject, given.scopes)
        return connection

    @classmethod
    def create_connected(cls, **values):
        """Build a connected connection with a channel and a full pool of requests."""
        connection = cls.connect(cls.create_connection(**values))
        connection.channel_id = cls.env["inventory.source.channel"].create(
            {"name": "Odoo", "external_id": "501", "connection_id": connection.id}
        )
        return connection

    @classmethod
    def create_user(cls, login, *groups, **values):
        """Build an internal user with the addon's groups ("user", "manager") or any XML id."""
        names = [name if "." in name else f"inventory_source.group_{name}" for name in groups]
        return new_test_user(cls.env, login, groups=",".join(["base.group_user", *names]), **values)

    @classmethod
    def create_customer(cls):
        """Build a customer whose address every rule of the service accepts."""
        return cls.env["res.partner"].create(
            {
                "name": "Ada Byron",
                "email": "ada@example.com",
                "street": "12 Bay Street",
                "city": "Jacksonville",
                "zip": "32202",
                "state_id": cls.env.ref("base.state_us_10").id,
                "country_id": cls.env.ref("base.us").id,
                "phone": "+19045550100",
            }
        )

    def script_service(self):
        """Make every connection speak to a script; it is checked when the test ends."""
        self.service = ScriptedTransport()
        self.startPatcher(
            patch.object(
                type(self.env["inventory.source.connection"]),
                "_transport",
                lambda _connection: self.service,
            )
        )
        self.addCleanup(self.service.check)

    def expect_channels(self, *ids):
        """Expect the question that comes before an order while the queue waits."""
        told = [{"id": channel, "name": "Odoo"} for channel in ids or (501,)]
        self.service.expect("GET", "/v1/channels", {"data": {"channels": told}})

    def raised(self, kind, call, *args):
        """Return the exception a call ends with.

        Unlike `assertRaises` of Odoo it keeps what was written before: code that commits in a
        transaction of its own and then raises has to be seen doing both.
        """
        try:
            call(*args)
        except kind as error:
            return error
        raise AssertionError(f"{kind.__name__} was not raised")

    def fewest_queries(self, call):
        """Return how many statements a call takes that finds all that Odoo caches for good.

        Three times with an empty cache of records: what was cached may just have been pushed out,
        by what other tests cached.
        """
        counts = []
        for _turn in range(3):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            call()
            counts.append(self.env.cr.sql_log_count - before)
        return min(counts)

    def fill_pool(self, connection, tokens=None):
        """Set how many requests the throttle would grant now; full without `tokens`."""
        throttle = self.env["inventory.source.throttle"].sudo()._of(connection)
        capacity, seconds = used_pool(connection.environment)
        missing = 0 if tokens is None else (capacity - tokens) * seconds
        self.env.flush_all()
        self.env.cr.execute(
            """
            UPDATE inventory_source_throttle
               SET blocked_until = NULL,
                   tat = (clock_timestamp() AT TIME ZONE 'UTC') + %s * interval '1 second'
             WHERE id = %s
            """,
            [missing - 0.01, throttle.id],
        )
        self.env.invalidate_all()
        return throttle

    def send_back(self, picking, quantity):
        """Make a return of so much of a transfer's one line, and return its transfer, not done."""
        wizard = Form(
            self.env["stock.return.picking"].with_context(
                active_id=picking.id, active_ids=picking.ids, active_model="stock.picking"
            )
        ).save()
        wizard.product_return_moves.quantity = quantity
        back = self.env["stock.picking"].browse(wizard.action_create_returns()["res_id"])
        back.move_ids.picked = True
        return back


class InventorySourceCommon(InventorySourceMixin, BaseCommon):
    """A connected connection whose service follows a script.

    Cursors the code opens for itself (`_transact`, tokens, throttle) work on the test's own
    transaction: they see what the test wrote, and the test sees what they wrote. So nothing about
    concurrency can be shown here; that is in `tests/processes`.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.registry_enter_test_mode_cls()
        cls.user_user = cls.create_user("inventory_source_user", "user")
        cls.user_manager = cls.create_user("inventory_source_manager", "manager")
        cls.connection = cls.create_connected(name="Riverside")

    def setUp(self):
        super().setUp()
        self.script_service()
        self.fill_pool(self.connection)

    @classmethod
    def _registry_test_mode_patches(cls, *, cr, registry):
        patches = super()._registry_test_mode_patches(cr=cr, registry=registry)
        cursor = patches[0].new

        def fresh(readonly=False):
            cls.env.flush_all()
            return cursor(readonly)

        close = TestCursor.close

        def closing(self):
            close(self)
            cls.env.invalidate_all()

        return [
            patch.object(registry, "cursor", fresh),
            patch.object(TestCursor, "close", closing),
            *patches[1:],
        ]

    @contextmanager
    def enter_registry_test_mode(self):
        """Do nothing: the whole class is in that mode."""
        yield

    def run_lane(self, lane, connection=None):
        """Run a lane's scheduled action as the scheduler does."""
        (connection or self.connection)._lane_cron(lane).method_direct_trigger()
