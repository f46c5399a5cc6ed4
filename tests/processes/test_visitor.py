"""The visitor of the walks is not misled by a web client that is still about something else."""

import pytest
from walk.person import Visitor

from workbench.browser import chromium

URL = "http://shop.example"
LATER_MS = 400
NAVBAR = '<nav class="o_main_navbar" style="height: 9px"></nav>'
CLOSING = """
<main class="o_action_manager"><button onclick="this.after('pressed')">Go On</button></main>
<div class="modal o_technical_modal"><div class="modal-content">Question</div></div>
"""
EMPTY = f"""{NAVBAR}
<main class="o_action_manager"><header class="o_control_panel">Empty</header></main>
"""
LIST = f"""{NAVBAR}
<main class="o_action_manager"><div class="o_action">Orders</div></main>
<ul class="o_menu_sections"><button onclick="leave()">Dashboard</button></ul>
<b class="o_breadcrumb"><i class="o_last_breadcrumb_item">Orders</i></b>
"""
HIDDEN = """
<form hidden><input name="login"><input name="password"></form>
"""
FORM = f"""{NAVBAR}
<input name="login"><input name="password"><button>Log in</button>
<main class="o_action_manager"><div class="o_action">Apps</div></main>
"""


@pytest.fixture(scope="module")
def someone():
    with chromium() as page:
        page.set_default_timeout(5_000)
        yield Visitor(page, URL)


def show(someone, html, leaving):
    """Show a page, and leave it: a moment later that script is run."""
    page = someone.page
    page.unroute(f"{URL}/**")
    page.route(f"{URL}/**", lambda route: route.fulfill(body=html, content_type="text/html"))
    page.goto(f"{URL}/odoo/orders")
    page.evaluate(f"() => {{ window.leave = () => setTimeout(() => {{ {leaving} }}, {LATER_MS}) }}")


def test_what_is_in_front_is_no_dialog_that_just_closes(someone):
    show(someone, CLOSING, "document.querySelector('.modal').remove()")
    someone.page.evaluate("leave()")
    assert someone.front().inner_text() == "Question"
    someone.press("Go On")
    assert "pressed" in someone.front().inner_text()


def test_a_screen_is_there_when_something_is_in_it(someone):
    come = "document.querySelector('main').innerHTML = '<div class=o_action>Orders</div>'"
    show(someone, EMPTY, come)
    someone.page.evaluate("leave()")
    someone.screen_is_there()
    assert someone.front().inner_text() == "Orders"


def test_a_menu_was_used_when_the_other_screen_is_there(someone):
    show(
        someone,
        LIST,
        "document.querySelector('.o_action').innerText = 'Dashboard';"
        "history.pushState({}, '', '/odoo/dashboard')",
    )
    someone.menu("Dashboard")
    assert someone.front().inner_text() == "Dashboard"


def test_a_form_to_log_in_that_never_shows_is_loaded_once_more(someone, monkeypatch):
    monkeypatch.setattr("walk.person.LOGIN_MS", 500)
    pages = iter([HIDDEN, HIDDEN])
    page = someone.page
    page.unroute(f"{URL}/**")
    page.route(
        f"{URL}/web/login",
        lambda route: route.fulfill(body=next(pages, FORM), content_type="text/html"),
    )
    someone.log_in("ann", "her password")
    assert page.locator("input[name=login]").input_value() == "ann"
    assert next(pages, None) is None
