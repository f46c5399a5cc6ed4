import socket
import tempfile
import threading
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

from requests.utils import DEFAULT_CA_BUNDLE_PATH

from odoo.exceptions import UserError
from odoo.tools import config

from ...client.connection import Way
from ...client.picture_errors import PictureUnavailable
from ...models.connection.credentials import Connection, route
from ...tools import network
from ..common import InventorySourceCommon


@contextmanager
def closed_proxy():
    """Run a proxy that lets nobody through; yield its port and what it was asked."""
    asked = []

    def serve():
        while True:
            try:
                connection, _address = listener.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(5)
                asked.append(connection.recv(65536).decode())
                connection.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield listener.getsockname()[1], asked
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(5)


class TestProxy(InventorySourceCommon):
    """The server's configuration decides how the outside is reached; shown by who is asked."""

    def setUp(self):
        super().setUp()
        self.startPatcher(patch.object(type(self.connection), "_transport", Connection._transport))
        self.connection.write(
            {
                "token_url": "https://access.example/oauth/token",
                "api_url": "https://api.example",
                "pictures": True,
            }
        )
        self.connect(self.connection)

    def set(self, name, value):
        self.startPatcher(patch.dict(config.options, {name: value}))

    def test_the_service_the_token_endpoint_and_pictures_go_through_it(self):
        with closed_proxy() as (port, asked):
            self.set(network.PROXY, f"http://shop:canary@127.0.0.1:{port}")
            with self.assertRaisesRegex(
                UserError, r"^api\.example could not be .* 127\.0\.0\.1 refused .* \(status 403\)"
            ):
                self.connection.action_load_remote()
            self.connection._secrets().access_token = False
            with self.assertRaisesRegex(UserError, r"^access\.example could not be reached"):
                self.connection.action_load_remote()
            fetchers = self.env["inventory.source.picture.lane"]._fetchers(self.env)
            with self.assertRaisesRegex(PictureUnavailable, r"refused .* \(status 403\)"):
                fetchers[self.connection.id].fetch("https://93.184.216.34/a.png")
        self.assertEqual(
            [request.partition("\r\n")[0] for request in asked],
            [
                "CONNECT api.example:443 HTTP/1.1",
                "CONNECT access.example:443 HTTP/1.1",
                "CONNECT 93.184.216.34:443 HTTP/1.1",
            ],
        )
        for request in asked:
            self.assertIn("Proxy-Authorization: Basic c2hvcDpjYW5hcnk=\r\n", request)

    def test_the_service_on_this_machine_is_reached_without_it(self):
        with closed_proxy() as (port, asked):
            self.set(network.PROXY, f"http://127.0.0.1:{port}")
            self.connection.api_url = "http://127.0.0.1:9"
            self.connect(self.connection)
            with self.assertRaisesRegex(UserError, "refused or broken off"):
                self.connection.action_load_remote()
        self.assertEqual(asked, [])

    def test_whoever_presses_a_button_reads_what_is_set_wrong(self):
        self.set(network.PROXY, "socks5://u:canary@proxy.example:1080")
        with self.assertRaisesRegex(UserError, "inventory_source_proxy in odoo.conf has to read"):
            self.connection.action_load_remote()
        self.set(network.PROXY, "")
        self.set(network.CA_BUNDLE, "/nowhere/authorities.pem")
        with self.assertRaisesRegex(UserError, "inventory_source_ca_bundle in odoo.conf names"):
            self.connection.action_load_remote()

    def test_the_certificates_that_are_trusted_are_those_of_odoo_conf(self):
        self.assertEqual(route("api.example", 443).ca_bundle, DEFAULT_CA_BUNDLE_PATH)
        with tempfile.NamedTemporaryFile("wb") as file:
            file.write(Path(DEFAULT_CA_BUNDLE_PATH).read_bytes())
            file.flush()
            self.set(network.CA_BUNDLE, file.name)
            self.assertEqual(route("api.example", 443), Way(ca_bundle=file.name))
