import logging
from unittest.mock import patch

from lxml import html

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools.translate import code_translations

from ...controllers.inventory_source import COOKIE
from ...models.connection.authorization import OPEN_AT_MOST
from ...models.connection.connect import LINK_TRIES
from ..common import grant
from ..simulator.harness import BEN, query_of
from .connect_case import WHO, ConnectCase


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
        self.assertEqual(len(self.connection.activity_ids), 1, "somebody is asked")
        asked = html.fragment_fromstring(self.connection.activity_ids.note, "root").text_content()
        for word in (*WHO.values(), self.account()):
            self.assertIn(word, asked)
        self.assertEqual(self.connection.waiting_company, WHO["company_name"])
        self.assertEqual(self.connection.waiting_email, WHO["email"])
        self.assertEqual(self.connection.waiting_channels, "Odoo")
        self.assertTrue(self.connection._blocked_reason())
        self.assertFalse(self.connection._secrets().refresh_token)
        connection = self.connection.with_user(self.manager)
        connection.action_confirm()
        self.assertEqual(connection.state, "connected")
        self.assertEqual(connection.account_ref, self.account())
        self.assertFalse(connection.activity_ids)
        connection.action_test()

    def test_a_link_followed_twice_asks_one_person_once_in_their_language(self):
        self.env["res.lang"]._activate_lang("es_419")
        term = {"Confirm the account of %(name)s": "Confirme la cuenta de %(name)s"}
        known = code_translations.python_translations
        self.startPatcher(patch.dict(known, {("inventory_source", "es_419"): term}))
        for language in ("en_US", "es_419"):
            self.begin_by_link()
            attempt = self.attempts(used_at=False)[:1]
            asked = self.connection.with_context(lang=language)
            outcome = asked._apply_authorization(attempt.id, grant(subject=language), None)
            self.assertEqual(outcome, "to_confirm")
        self.assertEqual(len(self.connection.activity_ids), 1)
        self.assertIn("es_419", self.connection.activity_ids.note, "it names the newest")

    def test_an_account_whose_channels_are_not_told_waits_all_the_same(self):
        self.simulator.fault(kind="status", call="channels", status=503)
        self.assert_result(self.come_back(self.agree(self.begin_by_link())), "to_confirm", 200)
        self.assertFalse(self.connection.waiting_channels)
        self.connection.with_user(self.manager).action_confirm()
        self.assertEqual(self.connection.state, "connected")

    def test_only_the_account_that_was_looked_at_is_confirmed_or_refused(self):
        self.come_back(self.agree(self.begin_by_link()))
        connection = self.connection.with_user(self.manager)
        seen = connection.with_context(waiting_number=connection.waiting_number)
        self.authenticate("inventory_source_manager", "inventory_source_manager")
        self.come_back(self.agree(self.begin_by_link(), BEN))
        for decide in (seen.action_confirm, seen.action_refuse):
            self.assertIn("Another account", str(self.raised(UserError, decide)))
        self.assertEqual(self.connection.state, "to_confirm")
        self.connection.invalidate_recordset()
        seen.with_context(waiting_number=connection.waiting_number).action_confirm()
        self.assertEqual(self.connection.account_ref, self.account(BEN))

    def test_the_form_of_a_link_asks_who_it_is(self):
        link = self.send_link()
        for answers, words in (
            ({"company_name": " \n "}, "name of your company"),
            ({"email": ""}, "email address"),
            ({"email": "rosa"}, "email address"),
            ({"csrf_token": "old"}, "open for too long"),
            ({"csrf_token": "\xe9o9999999999"}, "open for too long"),
        ):
            page = self.follow_link(link, **answers)
            self.assertEqual(page.status_code, 400)
            self.assert_closed(page)
            shown = html.fromstring(page.text)
            self.assertIn(words, shown.find_class("problem")[0].text)
            kept = {name: shown.get_element_by_id(name).get("value", "") for name in WHO}
            self.assertEqual(kept, {name: answers.get(name, WHO[name]).strip() for name in WHO})
        for name in (*WHO, "csrf_token"):
            page = self.url_open(link, data=WHO, files={name: ("t.txt", b"x")})
            self.assertEqual(page.status_code, 400)
            self.assert_closed(page)
        self.assertFalse(self.attempts())
        answer = self.follow_link(link, company_name="x" * 9999, more="ignored")
        self.assertEqual(answer.status_code, 303)
        self.assertEqual(self.attempts().company_name, "x" * 100)

    def test_who_holds_a_link_leaves_the_managers_own_attempt_alone(self):
        mine = self.agree(self.begin_here())
        link = self.send_link()
        for _time in range(OPEN_AT_MOST + 2):
            self.assertEqual(self.follow_link(link).status_code, 303)
        attempts = self.connection._authorizations()._open_of(self.connection)
        self.assertEqual(len(attempts.filtered(lambda one: one.how == "link")), OPEN_AT_MOST)
        self.authenticate("inventory_source_manager", "inventory_source_manager")
        self.come_back(mine)
        self.assertEqual(self.connection.state, "connected")

    def test_a_link_begins_so_many_times_and_then_somebody_is_told(self):
        link = self.send_link()
        for _time in range(LINK_TRIES):
            self.assertEqual(self.follow_link(link).status_code, 303)
        self.assertEqual(len(self.attempts(how="link")), LINK_TRIES)
        self.assertEqual(len(self.connection.activity_ids), 1)
        self.assertIn("is closed", self.connection.activity_ids.summary)
        self.assertEqual(self.url_open(link).status_code, 404)
        self.assertEqual(self.url_open(link, data=WHO).status_code, 404)
        with self.assertRaises(UserError):
            self.connection._begin_by_link("cookie")
        self.assertEqual(len(self.attempts(how="link")), LINK_TRIES)
        self.assertEqual(self.follow_link(self.send_link()).status_code, 303, "a new one works")

    def test_a_browser_that_asks_what_it_may_do_does_nothing(self):
        address = self.agree(self.begin_by_link())
        link = self.send_link()
        for place in (link, address, "/inventory_source/result/connected"):
            answer = self.url_open(place, method="OPTIONS", allow_redirects=False)
            self.assertEqual(answer.status_code, 204)
            self.assertFalse(answer.headers.get("Set-Cookie"))
            self.assert_closed(answer)
        self.assertEqual(len(self.attempts()), 1)
        self.assertEqual(self.token_calls(), [])
        self.assert_result(self.come_back(address), "to_confirm", status=200)

    def test_every_wrong_token_gets_one_page_and_no_session(self):
        old = self.send_link()
        self.begin_by_link()
        self.authenticate(None, None)
        self.opener.cookies.clear()
        pages = set()
        for place in (
            old,
            f"{old}%00%ff",
            "/inventory_source/connect",
            "/inventory_source/connect/guessed",
            "/inventory_source/connect/guessed/../%2e%2e/more",
            "/inventory_source/callback?code=x&state=%00%ff",
            "/inventory_source/result/guessed",
        ):
            answers = [self.url_open(place)]
            if "/connect" in place:
                answers.append(self.url_open(place, data={"csrf_token": "x"}))
                answers.append(self.url_open(place, files={"token": ("t.txt", b"x")}))
            for answer in answers:
                self.assertEqual(answer.status_code, 404, place)
                self.assertNotIn("Set-Cookie", answer.headers)
                self.assert_closed(answer)
                self.assertLess(len(answer.content), 2000)
                pages.add(answer.text)
        self.assertEqual(len(pages), 1)
        self.assertIn("ask who sent it for a new one", pages.pop())
        self.assertFalse(self.opener.cookies)

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
        answer = self.url_open(self.send_link(), data=WHO)
        self.assertEqual(answer.status_code, 400)
        self.assert_closed(answer)
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
            "Indique quién es usted, para que sepan de quién es la cuenta: "
            "Su empresa Su correo electrónico "
            "Continuar a Inventory Source No se hará ningún pedido hasta que el administrador de "
            "la tienda haya confirmado su cuenta. Puede retirar el acceso en Inventory Source en "
            "cualquier momento.",
        )
        self.assertEqual(
            self.words(self.url_open("/inventory_source/result/to_confirm")),
            "✓ Gracias. El acceso se ha concedido; ahora lo confirmará el administrador de la "
            "tienda. Puede cerrar esta página.",
        )
        self.assertEqual(
            self.words(self.url_open("/inventory_source/connect/guessed")),
            "! Este enlace no funciona Puede que haya llegado incompleto, que tenga más de una "
            "semana o que se haya sustituido por uno más nuevo. No se ha cambiado nada. Abra la "
            "dirección completa del mensaje que recibió o pida un enlace nuevo a quien se la "
            "envió.",
        )

    def words(self, page):
        main = html.fromstring(page.text).find(".//main")
        texts = main.xpath(".//text()[not(parent::style)]")
        return " ".join(" ".join(texts).split())
