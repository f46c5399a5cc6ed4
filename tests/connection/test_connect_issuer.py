from odoo.exceptions import UserError
from odoo.tests import tagged

from .connect_case import ConnectCase

AUTH0 = "https://inventorysource.auth0.com"


@tagged("post_install", "-at_install")
class TestConnectIssuer(ConnectCase):
    """Who an answer to the callback has to come from (RFC 9207)."""

    def publish(self, **published):
        """Make the service publish something else, or answer that question otherwise."""
        self.simulator.fault(call="other", count=None, **published)
        self.addCleanup(self.simulator.delete, "/faults")

    def publish_itself(self, **more):
        document = {
            "issuer": self.simulator.url,
            "authorization_endpoint": f"{self.simulator.url}/authorize",
            **more,
        }
        self.publish(kind="body", body=document)

    def authorize_and_return(self, more=""):
        """Go to the service, agree, and come back with more in the address."""
        return self.come_back(self.agree(self.begin_here()) + more)

    def asked_for_metadata(self):
        return len(self.simulator.journal("other", after=self.before))

    # --- which issuer ---

    def test_the_issuer_is_auth0s_as_long_as_the_authorize_page_is(self):
        connections = self.env["inventory.source.connection"]
        connection = connections.create({"name": "Fresh"})
        self.assertEqual(connection.issuer, f"{AUTH0}/")
        connection.authorize_url = "https://as.example/authorize"
        self.assertFalse(connection.issuer, "that service has not said yet what it is called")
        connection.authorize_url = f"{AUTH0}/authorize"
        self.assertEqual(connection.issuer, f"{AUTH0}/")

    def test_an_issuer_that_was_entered_stays(self):
        connection = self.env["inventory.source.connection"].create(
            {
                "name": "By hand",
                "authorize_url": "https://as.example/authorize",
                "issuer": "https://as.example/shop",
            }
        )
        self.assertEqual(connection.issuer, "https://as.example/shop")
        connection.write(
            {"authorize_url": connection.authorize_url, "token_url": "https://as.example/token"}
        )
        self.assertEqual(connection.issuer, "https://as.example/shop")
        with self.assertRaisesRegex(UserError, "Issuer.*https"), self.env.cr.savepoint():
            connection.issuer = "http://as.example"

    def test_the_issuer_is_learnt_when_somebody_connects_and_changes_nothing_else(self):
        self.assertFalse(self.connection.issuer)
        self.authorize_and_return()
        self.connection.invalidate_recordset()
        self.assertEqual(self.connection.issuer, f"{self.simulator.url}/")
        self.assertEqual(self.connection.state, "connected")
        self.assertTrue(self.connection._secrets().refresh_token)
        self.assertEqual(self.asked_for_metadata(), 1)
        self.connection.issuer = "https://as.example"
        self.assertEqual(self.connection.state, "draft")

    def test_an_issuer_that_is_known_is_compared_without_asking(self):
        self.connection.issuer = "https://as.example/shop"
        for issuer in (
            "https://as.example/shop/",
            "https://as.example",
            "https://AS.example/shop",
            "https://as.example:443/shop",
        ):
            with self.subTest(issuer=issuer):
                self.assert_returned(self.authorize_and_return(f"&iss={issuer}"), "foreign")
        self.assertEqual(self.token_calls(), [])
        self.authorize_and_return("&iss=https://as.example/shop")
        self.assertEqual(self.connection.state, "connected")
        self.assertEqual(self.asked_for_metadata(), 0)

    def test_an_issuer_found_for_an_address_is_not_kept_for_another(self):
        self.connection._learn_issuer("https://as.example/authorize", "https://as.example")
        self.assertFalse(self.connection.issuer)
        self.connection.issuer = "https://as.example/by-hand"
        self.connection._learn_issuer(self.connection.authorize_url, "https://as.example")
        self.assertEqual(self.connection.issuer, "https://as.example/by-hand")

    # --- what the answer leaves open ---

    def test_an_answer_without_issuer_is_refused_where_the_service_always_names_itself(self):
        self.publish_itself(authorization_response_iss_parameter_supported=True)
        for more in ("", "&iss="):
            self.assert_returned(self.authorize_and_return(more), "issuer_missing")
        self.assertEqual(self.token_calls(), [])
        self.assert_untouched()
        self.authorize_and_return(f"&iss={self.simulator.url}")
        self.assertEqual(self.connection.state, "connected")

    def test_where_nothing_is_published_an_answer_may_not_name_anybody(self):
        self.publish(kind="status", status=404)
        self.assert_returned(
            self.authorize_and_return(f"&iss={self.simulator.url}/"), "issuer_unknown"
        )
        self.assertEqual(self.token_calls(), [])
        self.assert_untouched()
        self.authorize_and_return()
        self.assertEqual(self.connection.state, "connected")
        self.assertFalse(self.connection.issuer)

    def test_a_service_that_cannot_be_asked_is_not_believed(self):
        self.publish(kind="status", status=502)
        for more in ("", f"&iss={self.simulator.url}/"):
            self.assert_returned(self.authorize_and_return(more), "unreachable")
        self.assertEqual(self.token_calls(), [])
        self.assert_untouched()

    def test_an_error_of_another_issuer_is_no_refusal_of_ours(self):
        answer = self.come_back(
            self.agree(self.begin_here(), decision="no") + "&iss=https://evil.example/"
        )
        self.assert_returned(answer, "foreign")

    def test_a_pasted_address_is_compared_as_well_and_a_bare_code_is_not_enough(self):
        self.publish_itself(authorization_response_iss_parameter_supported=True)
        own = self.connection.with_user(self.manager)
        for more, words in (("&iss=https://evil.example", "expected service"), ("", "whole")):
            address = self.agree(self.begin_here()) + more
            with self.subTest(more=more), self.assertRaisesRegex(UserError, words):
                own._paste(address)
        self.assertEqual(self.token_calls(), [])
        own._paste(f"{self.agree(self.begin_here())}&iss={self.simulator.url}")
        self.assertEqual(self.connection.state, "connected")
