import logging

from lxml import html

from odoo.tests import tagged

from ...controllers.inventory_source import COOKIE
from ..simulator.harness import BEN, query_of
from .connect_case import ConnectCase


@tagged("post_install", "-at_install")
class TestConnectLink(ConnectCase):
    """Connecting by a link that was sent to the retailer, who is nobody at this Odoo."""

    def test_opening_a_link_changes_nothing(self):
        action = self.connection.with_user(self.manager).action_send_link()
        self.authenticate(None, None)
        authorizations = self.connection._authorizations()
        for _visit in range(3):
            page = self.url_open(action["context"]["default_url"])
            self.assertEqual(page.status_code, 200)
            self.assert_closed(page)
        self.assertEqual(
            authorizations.search_count([("connection_id", "=", self.connection.id)]), 0
        )

    def test_the_account_of_a_link_waits_for_a_manager(self):
        url = self.begin_by_link()
        cookie = self.answer.headers["Set-Cookie"]
        for flag in ("HttpOnly", "SameSite=Lax", "Path=/inventory_source", "Max-Age=900"):
            self.assertIn(flag, cookie)
        self.assert_result(self.come_back(self.agree(url)), "to_confirm", status=200)
        self.assertEqual(self.connection.state, "to_confirm")
        self.assertEqual(self.connection.waiting_account_ref, self.account())
        self.assertTrue(self.connection.activity_ids, "somebody is asked")
        self.assertTrue(self.connection._blocked_reason())
        self.assertFalse(self.connection._secrets().refresh_token)
        connection = self.connection.with_user(self.manager)
        connection.action_confirm()
        self.assertEqual(connection.state, "connected")
        self.assertEqual(connection.account_ref, self.account())
        self.assertFalse(connection.activity_ids)
        connection.action_test()

    def test_a_refused_account_leaves_nothing(self):
        self.come_back(self.agree(self.begin_by_link()))
        self.connection.with_user(self.manager).action_refuse()
        self.assert_untouched()
        self.assertFalse(self.connection._authorizations()._waiting(self.connection))
        self.assertFalse(self.connection._authorizations().search([("refresh_token", "!=", False)]))

    def test_a_link_finished_in_another_browser_is_refused(self):
        address = self.agree(self.begin_by_link())
        self.opener.cookies.set(COOKIE, None)
        self.assert_result(self.come_back(address), "not_here", status=403)
        self.opener.cookies.set(COOKIE, "guessed")
        self.assert_result(self.come_back(address), "not_here", status=403)
        self.assertEqual(self.token_calls(), [])
        self.assert_untouched()

    def test_the_same_account_by_a_link_connects_again_without_a_question(self):
        self.come_back(self.agree(self.begin_here()))
        self.connection._set_reauth("revoked")
        self.assert_result(self.come_back(self.agree(self.begin_by_link())), "connected", 200)
        self.assertEqual(self.connection.state, "connected")

    def test_another_account_by_a_link_is_refused_and_a_manager_told(self):
        self.come_back(self.agree(self.begin_here()))
        kept = self.connection._secrets().refresh_token
        self.assert_result(self.come_back(self.agree(self.begin_by_link(), BEN)), "other_account")
        self.connection.invalidate_recordset()
        self.assertEqual(self.connection.state, "connected")
        self.assertEqual(self.connection._secrets().refresh_token, kept)
        self.assertTrue(self.connection.activity_ids)

    def test_only_the_newest_link_works_and_only_for_a_week(self):
        connection = self.connection.with_user(self.manager)
        old = connection.action_send_link()["context"]["default_url"]
        new = connection.action_send_link()["context"]["default_url"]
        self.assertEqual(self.url_open(old).status_code, 404)
        self.assertEqual(self.url_open(new).status_code, 200)
        self.connection._secrets().link_until = "2020-01-01 00:00:00"
        self.assertEqual(self.url_open(new).status_code, 404)

    def test_the_button_of_a_link_needs_its_own_page(self):
        action = self.connection.with_user(self.manager).action_send_link()
        answer = self.url_open(action["context"]["default_url"], data={"x": "y"})
        self.assertEqual(answer.status_code, 400)
        self.assertFalse(
            self.connection._authorizations().search([("connection_id", "=", self.connection.id)])
        )

    def test_neither_code_nor_state_nor_link_is_in_the_access_log(self):
        # The number: Odoo gives the name INFO to a level of its own.
        with self.assertLogs("werkzeug", logging.INFO) as log:
            url = self.begin_by_link()
            address = self.agree(url)
            self.come_back(address)
        text = "\n".join(log.output)
        self.assertIn("/inventory_source/callback?***", text)
        self.assertIn("/inventory_source/connect/***", text)
        for secret in query_of(address).values():
            self.assertNotIn(secret, text)

    def test_a_retailer_whose_browser_is_spanish_reads_spanish(self):
        self.env["res.lang"]._activate_lang("es_419")
        self.env["ir.module.module"]._load_module_terms(["inventory_source"], ["es_419"])
        action = self.connection.with_user(self.manager).action_send_link()
        self.authenticate(None, None)
        self.opener.headers["Accept-Language"] = "es-MX,es;q=0.9"
        page = self.url_open(action["context"]["default_url"])
        self.assertEqual(
            self.words(page),
            f"{self.env.company.name} solicita acceso a su cuenta de Inventory Source "
            "Usted inicia sesión en la propia página de Inventory Source y da allí su "
            "consentimiento. Con ello podrán: "
            "consultar los productos, los precios y las existencias de sus catálogos "
            "hacer pedidos para que los entreguen sus proveedores "
            "seguir los envíos de esos pedidos "
            "hacerlo sin que usted tenga que iniciar sesión cada vez "
            "Continuar a Inventory Source No se hará ningún pedido hasta que el administrador de "
            "la tienda haya confirmado su cuenta. Puede retirar el acceso en Inventory Source en "
            "cualquier momento.",
        )
        self.assertEqual(
            self.words(self.url_open("/inventory_source/result/to_confirm")),
            "✓ Gracias. El acceso se ha concedido; ahora lo confirmará el administrador de la "
            "tienda. Puede cerrar esta página.",
        )

    def words(self, page):
        main = html.fromstring(page.text).find(".//main")
        return " ".join(" ".join(main.itertext()).split())
