import logging
from unittest.mock import patch

from odoo.service.model import call_kw
from odoo.tests import BaseCase, HttpCase, tagged

from ...tools.log_privacy import hide_addresses
from ..common import InventorySourceCommon, InventorySourceMixin

CANARY = "log-canary-1"
# The number: Odoo gives the names of levels of its own.
DEBUG, INFO = logging.DEBUG, logging.INFO


@tagged("post_install", "-at_install")
class TestAddressesInLogs(BaseCase):
    """What a server logs of a request for our pages holds no code, no state and no link."""

    def test_however_the_address_of_the_callback_was_written(self):
        for path in (
            f"/inventory_source/callback?code={CANARY}",
            f"/inventory_source/callback/?code={CANARY}",
            f"/inventory_source//callback?code={CANARY}",
            f"//inventory_source/callback?code={CANARY}",
            f"/inventory_source/callback;x?code={CANARY}",
            f"/inventory_source;jsessionid=1/callback;y=2?code={CANARY}",
            f"/INVENTORY_SOURCE/Callback?code={CANARY}",
            f"/inventory_source/%63allback?code={CANARY}",
            f"/%69nventory%5Fsource/callback%3Fcode={CANARY}",
            f"/inventory%255Fsource/callback?code={CANARY}",
            f"/inventory_source/./callback?code={CANARY}",
            f"/inventory_source/x/../callback?code={CANARY}",
            f"\\inventory_source\\callback?code={CANARY}",
            f"/es/inventory_source/callback?code={CANARY}",
            f"/inventory_source/callback/{CANARY}",
            f"/inventory_source/callback#code={CANARY}",
            f"/inventory_source/callback?state=a code={CANARY}",
            f"http://shop.example/inventory_source/callback?code={CANARY}&state=b",
            f"/inventory_source/connect/{CANARY}",
            f"/inventory_source/connect/{CANARY}/",
            f"/inventory_source//connect//{CANARY}?x=1",
            f"/Inventory_Source/CONNECT/{CANARY}",
            f"/inventory_source/connect;a/{CANARY}",
            f"/inventory_source/connect%2F{CANARY}",
        ):
            with self.subTest(path), self.assertLogs("werkzeug", INFO) as log:
                # As the server does it, and as it complains of a request it does not understand.
                logger = logging.getLogger("werkzeug")
                logger.info('127.0.0.1 - - "%s" %s %s', f"GET {path} HTTP/1.1", "404", "-")
                logger.info("code %d, message %s", 400, f"Bad request syntax ('GET {path}')")
                logger.info(f"GET {path} HTTP/1.1")  # noqa: G004
                logger.info(ValueError(f"not found: {path}"))
                text = "\n".join(log.output)
                self.assertNotIn(CANARY, text)
                self.assertEqual(text.lower().count("/inventory_source/c"), 4)
                self.assertIn('HTTP/1.1" 404', text)

    def test_every_logger_that_prints_addresses_hides_them(self):
        path = f"/inventory_source/connect/{CANARY}"
        for name in ("odoo.http", "longpolling", "odoo.addons.http_routing.models.ir_http"):
            with self.subTest(name), self.assertLogs(name, DEBUG) as log:
                logging.getLogger(name).warning("CSRF validation failed on path '%s'", path)
                self.assertNotIn(CANARY, "\n".join(log.output))

    def test_what_is_no_address_of_ours_stays_as_it_is(self):
        for text in (
            "GET /inventory_source/static/description/icon.png?v=1 HTTP/1.1",
            "GET /odoo/inventory-source/5 HTTP/1.1",
            "GET /web/login?redirect=%2Fodoo HTTP/1.1",
            "100 % of  two words, each with its blanks ",
        ):
            self.assertEqual(hide_addresses(text), text)


@tagged("post_install", "-at_install")
class TestTypedSecretsInLogs(InventorySourceCommon):
    """Odoo logs every call of a client at `debug_rpc`; what is typed into secret fields is not."""

    def call(self, model, method, *args, **kwargs):
        with self.assertLogs("odoo.service.model", DEBUG) as log:
            call_kw(self.env[model], method, list(args), kwargs)
        return "\n".join(log.output)

    def test_what_is_typed_into_a_secret_field_is_not_logged(self):
        model = "inventory.source.connection"
        for name in ("client_secret", "refresh_token"):
            values = {"name": "Lakeside", name: CANARY}
            for method, args in (
                ("write", ([self.connection.id], values)),
                ("web_save", ([self.connection.id], values, {"name": {}})),
                ("onchange", ([], values, [name], {name: {}})),
                ("create", ([values | {"name": f"Of {name}"}],)),
                ("load", (["name", name], [[f"Loaded {name}", CANARY]])),
            ):
                with self.subTest(field=name, method=method):
                    said = self.call(model, method, *args)
                    self.assertIn(f"call {model}", said)
                    self.assertNotIn(CANARY, said)

    def test_neither_is_what_is_pasted(self):
        wizard = self.env["inventory.source.paste"].new({"connection_id": self.connection.id})
        said = self.call(wizard._name, "onchange", [], {"text": CANARY}, ["text"], {"text": {}})
        self.assertNotIn(CANARY, said)

    def test_all_the_rest_of_a_call_is_logged_and_it_gets_what_was_typed(self):
        values = {"client_id": "client-2", "client_secret": CANARY}
        said = self.call("inventory.source.connection", "write", [self.connection.id], values)
        self.assertIn("client-2", said)
        self.assertEqual(self.connection._secrets()._get("client_secret"), CANARY)
        partner = self.env["res.partner"].create({"name": "Ada"})
        self.assertIn("said", self.call("res.partner", "write", partner.ids, {"comment": "said"}))

    def test_a_statement_that_is_logged_holds_no_secret_of_a_server_without_a_key(self):
        with self.assertLogs("odoo.sql_db", DEBUG) as log:
            self.connection.refresh_token = CANARY
            self.env.flush_all()
        said = "\n".join(log.output)
        self.assertIn("UPDATE", said)
        self.assertNotIn(CANARY, said)


@tagged("post_install", "-at_install")
class TestServedSecretsInLogs(InventorySourceMixin, HttpCase):
    """The same over HTTP, with all that a server says at debug level."""

    def test_saving_the_form_and_coming_back_log_no_secret(self):
        self.create_user("inventory_source_manager", "manager")
        self.authenticate("inventory_source_manager", "inventory_source_manager")
        connection = self.create_connection()
        values = {"client_id": "client-3", "client_secret": CANARY}
        with self.assertLogs(level=DEBUG) as log:
            for name in ("odoo", "odoo.service.model"):
                self.startPatcher(patch.object(logging.getLogger(name), "level", DEBUG))
            logging.getLogger().manager._clear_cache()
            self.make_jsonrpc_request(
                "/web/dataset/call_kw",
                {
                    "model": connection._name,
                    "method": "web_save",
                    "args": [[connection.id], values],
                    "kwargs": {"specification": {"client_secret": {}}},
                },
            )
            self.url_open(f"/inventory_source/callback/?code={CANARY}&state=x")
            self.url_open(f"/inventory_source//connect/{CANARY}")
        # Without the browser's own: that is this test.
        told = zip(log.records, log.output, strict=True)
        said = "\n".join(line for record, line in told if "urllib3" not in record.name)
        self.assertIn("web_save", said)
        self.assertIn("client-3", said)
        self.assertIn("/inventory_source/callback?***", said)
        self.assertIn("/inventory_source/connect/***", said)
        self.assertNotIn(CANARY, said)
        connection.invalidate_recordset()
        self.assertEqual(connection._secrets()._get("client_secret"), CANARY)
