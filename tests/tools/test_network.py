import os
import tempfile
from unittest.mock import patch

from odoo.tests import BaseCase, tagged
from odoo.tools import config

from ...tools import network

VARIABLES = ("https_proxy", "HTTPS_PROXY", "no_proxy", "NO_PROXY")


@tagged("post_install", "-at_install")
class TestNetwork(BaseCase):
    """What odoo.conf and the environment say of a proxy and of certificates."""

    def proxy(self, setting, host="api.example", **environment):
        names = {name: value for name, value in os.environ.items() if name not in VARIABLES}
        with (
            patch.dict(config.options, {network.PROXY: setting}),
            patch.dict(os.environ, names | environment, clear=True),
        ):
            return network.proxy(host, 443)

    def test_the_proxy_is_the_one_of_odoo_conf(self):
        self.assertEqual(self.proxy("http://proxy.example:3128"), (("proxy.example", 3128), ""))
        self.assertEqual(self.proxy(" proxy.example:3128 "), (("proxy.example", 3128), ""))
        self.assertEqual(self.proxy("http://[::1]/"), (("::1", 80), ""))

    def test_who_asks_is_said_in_the_header(self):
        _address, header = self.proxy("http://shop:let%20me%3A@proxy.example:3128")
        self.assertEqual(header, "Proxy-Authorization: Basic c2hvcDpsZXQgbWU6\r\n")

    def test_the_environment_counts_only_when_odoo_conf_says_so(self):
        variables = {"HTTPS_PROXY": "http://of.environment:1", "NO_PROXY": "intern.example"}
        for unset in (None, "", False, " "):
            self.assertEqual(self.proxy(unset, **variables), (None, ""))
        own = self.proxy("http://proxy.example:3128", "a.intern.example", **variables)
        self.assertEqual(own, (("proxy.example", 3128), ""), "nor is NO_PROXY read then")
        by_environment = (("of.environment", 1), "")
        self.assertEqual(self.proxy("environment", **variables), by_environment)
        self.assertEqual(self.proxy("environment", "a.intern.example", **variables), (None, ""))
        self.assertEqual(self.proxy("environment"), (None, ""))

    def test_what_is_no_proxy_is_said_without_quoting_it(self):
        for setting in (
            *("https://proxy.example:3128", "socks5://proxy.example:1080", "http://", "http://:1"),
            *("http://u:canary@proxy.example:port", "http://u:canary@proxy.example:99999"),
            *("http://u:canary@proxy.example/path", "http://proxy.example:1?canary", "a b\n:1"),
        ):
            with self.subTest(setting):
                with self.assertRaisesRegex(ValueError, "inventory_source_proxy") as caught:
                    self.proxy(setting)
                self.assertNotIn("canary", str(caught.exception))
                self.assertIsNone(caught.exception.__cause__)
                with self.assertRaisesRegex(ValueError, "HTTPS_PROXY"):
                    self.proxy("environment", HTTPS_PROXY=setting)

    def test_a_bundle_that_holds_no_certificates_is_said(self):
        with tempfile.NamedTemporaryFile("w") as file:
            file.write("no certificate")
            file.flush()
            for path in (file.name, file.name + ".missing", "/"):
                with (
                    self.subTest(path),
                    patch.dict(config.options, {network.CA_BUNDLE: path}),
                    self.assertRaisesRegex(ValueError, "inventory_source_ca_bundle"),
                ):
                    network.ca_bundle()
        with patch.dict(config.options, {network.CA_BUNDLE: ""}):
            self.assertEqual(network.ca_bundle(), "")
