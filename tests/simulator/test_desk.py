"""The pages for people: orders are seen and shipped with the buttons on them."""

import re
from html.parser import HTMLParser

import pytest
from harness import order_body

VOID = {"meta", "input", "br", "hr", "link", "img"}


class Page(HTMLParser):
    """Reads a page strictly enough to notice unclosed elements, and collects its forms."""

    def __init__(self, text):
        super().__init__()
        self.open, self.forms, self.problems = [], [], []
        self.feed(text)
        self.close()
        assert not self.open, f"not closed: {self.open}"
        assert not self.problems, self.problems

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag not in VOID:
            self.open.append(tag)
        if tag == "form":
            if "form" in self.open[:-1]:
                self.problems.append("form within form")
            self.forms.append({"action": attrs["action"], "fields": {}, "buttons": []})
        if tag == "input" and self.forms:
            self.forms[-1]["fields"][attrs["name"]] = attrs.get("value", "")
        if tag == "button":
            self.forms[-1]["buttons"].append((attrs.get("name"), attrs.get("value")))
        if tag in ("script", "iframe") or "onclick" in attrs:
            self.problems.append(f"active content: {tag}")

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.problems.append(f"</{tag}> out of place")


@pytest.fixture
def order(simulator, bearer):
    one, two = simulator.in_stock(bearer, count=2)
    simulator.patch(f"/products/{two['id']}", {"title": "<script>alert(1)</script> & Sons"})
    body = order_body((one, 2), (two, 3), (one | {"sku": "NOSUCH-1"}, 1))
    return simulator.order(bearer, body).json()["data"]["order"]


def read(simulator, path):
    answer = simulator.get(path)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/html")
    return answer.text, Page(answer.text)


def press(simulator, page, button, **typed):
    """Press a button as a browser does, and return the order's page after it."""
    form = next(form for form in page.forms if button in form["buttons"])
    fields = form["fields"] | typed
    if button[0]:
        fields |= dict([button])
    answer = simulator.post(form["action"], data=fields)
    assert answer.status_code == 303, answer.text
    return read(simulator, answer.headers["location"])


def test_the_home_page_shows_what_is_needed_to_connect(simulator):
    text, _page = read(simulator, "/")
    assert simulator.client["client_id"] in text
    assert simulator.credentials["retailers"][2]["vip_refresh_token"] in text


def test_the_list_leads_to_the_order(simulator, order):
    text, _page = read(simulator, "/orders")
    assert f'<a href="/orders/{order["id"]}">' in text
    assert order["orderNumber"] in text
    text, _page = read(simulator, f"/orders/{order['id']}")
    assert "418 Bay Street" in text
    assert "Unknown SKU NOSUCH-1." in text
    assert "&lt;script&gt;" in text


def test_ship_all(simulator, order):
    _text, page = read(simulator, f"/orders/{order['id']}")
    text, page = press(simulator, page, ("shipments", "1"))
    assert "Shipped" in text
    assert ("shipments", "1") not in [button for form in page.forms for button in form["buttons"]]


def test_ship_in_several_shipments(simulator, order):
    _text, page = read(simulator, f"/orders/{order['id']}")
    text, _page = press(simulator, page, ("shipments", "2"))
    assert len(re.findall(r"Tracking number of s-", text)) == 2


def test_ship_a_part_then_correct_deliver_and_void_it(simulator, bearer, order):
    _text, page = read(simulator, f"/orders/{order['id']}")
    text, page = press(simulator, page, (None, None), **{"quantity-2": "1"})
    assert "Processed" in text
    (shipment,) = simulator.shipments(bearer, order["id"]).json()["data"]["shipments"]
    assert [(item["lineId"], item["quantity"]) for item in shipment["items"]] == [("2", 1)]
    correct = {"tracking_number": "1ZTYPED"}
    answer = simulator.post(f"/orders/{order['id']}/shipments/{shipment['id']}", data=correct)
    assert answer.status_code == 303
    text, page = read(simulator, f"/orders/{order['id']}")
    assert 'value="1ZTYPED"' in text
    _text, page = press(simulator, page, ("status", "delivered"))
    _text, page = press(simulator, page, ("status", "voided"))
    (shipment,) = simulator.shipments(bearer, order["id"]).json()["data"]["shipments"]
    assert (shipment["status"], shipment["trackingNumber"]) == ("voided", "1ZTYPED")


@pytest.mark.parametrize("typed", [{"quantity-1": "3"}, {"quantity-1": "some"}, {}])
def test_what_cannot_ship_is_said_on_the_page(simulator, bearer, order, typed):
    answer = simulator.post(f"/orders/{order['id']}/ship", data=typed)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    Page(answer.text)
    assert simulator.shipments(bearer, order["id"]).json()["data"]["shipments"] == []


def test_cancel(simulator, order):
    assert simulator.post(f"/orders/{order['id']}/cancel").status_code == 303
    text, _page = read(simulator, f"/orders/{order['id']}")
    assert "Canceled" in text


def test_any_word_can_be_said_for_an_order(simulator, order):
    path = f"/orders/{order['id']}"
    for word, shown in (("Completed", "Completed"), ("", "Processed")):
        assert simulator.post(f"{path}/status", data={"status": word}).status_code == 303
        text, _page = read(simulator, path)
        assert f", {shown})" in text


def test_login_and_consent_are_sound_pages_without_scripts(simulator):
    path = simulator.authorize().headers["location"]
    _text, login = read(simulator, path)
    fields = login.forms[0]["fields"] | {
        "email": "cara@canyon.example",
        "password": "juniper-mesa-31",
    }
    after = simulator.post(login.forms[0]["action"], data=fields)
    _text, consent = read(simulator, after.headers["location"])
    assert consent.forms[0]["buttons"] == [("decision", "accept"), ("decision", "decline")]


def test_an_order_that_is_not_there(simulator):
    assert simulator.get("/orders/1").status_code == 404
