"""Everybody can use every screen, at a desk and on a phone, whoever has it read aloud, too."""

import concurrent.futures
from collections.abc import Iterator

import pytest
from walk import access, screens
from walk.person import Visitor

from demo import scene
from workbench.browser import chromium

WIDTH = "document.documentElement.scrollWidth"
# What a desk shows only in part: headers, what stands in a field, and badges of a list.
CUT = """() => {
    const shown = (one) => one.getClientRects().length && one.clientWidth;
    const texts = "th[data-name] .text-truncate, .o_field_selection input, .o_field_char input";
    const cut = [...document.querySelectorAll(texts)]
        .filter((one) => shown(one) && one.scrollWidth > one.clientWidth);
    const over = [...document.querySelectorAll(".o_list_renderer td .badge")].filter((one) => {
        const end = one.getBoundingClientRect().right;
        const rooms = [one.closest("td"), one.closest(".o_list_renderer")];
        return shown(one) && rooms.some((room) => room.getBoundingClientRect().right < end - 1);
    });
    return [...cut, ...over].map((one) => (one.value || one.textContent).trim());
}"""
# Screens of ours at both sizes, with the tabs of forms.
LEAST = 180
# What nothing is in the demo data for; their screens say so.
EMPTY = {"purchase-order-line-unsent-list", "go-live-product-list"}


class Seen:
    """What is found on one way through all screens at both sizes."""

    def __init__(self) -> None:
        self.judge = access.Judge()
        self.faces: list[str] = []
        self.too_wide: list[str] = []
        self.cut: list[str] = []
        # On a phone: where a list is shown, and which lists are cards there.
        self.lists: list[str] = []
        self.cards: set[str] = set()

    def look(self, visitor: Visitor, screen: screens.Screen, size: dict, name: str) -> None:
        face = f"{name} at {size['width']}"
        self.judge.look(visitor, screen, face)
        if screen.is_of_odoo:
            return
        self.faces.append(face)
        page = visitor.page
        if page.evaluate(WIDTH) > size["width"]:
            self.too_wide.append(face)
        if size == screens.DESKTOP and not screen.address:
            self.cut += [f"{name}: {words}" for words in page.evaluate(CUT)]
        if size == screens.PHONE:
            if page.locator(".o_list_renderer:visible").count():
                self.lists.append(face)
            if screen.view == "list" and page.locator("article.o_kanban_record").count():
                self.cards.add(name)


def go_through(url: str, every: list[screens.Screen], size: dict[str, int], seen: Seen) -> None:
    """Look at all screens at that size; of forms that differ by a state, on a phone at one."""
    with chromium() as page:
        visitor = Visitor(page, url)
        visitor.log_in(scene.ADMIN_LOGIN, scene.ADMIN_PASSWORD)
        screens.enter(visitor, size)
        tabs: set[str] = set()
        for screen in every:
            if screen.is_for(size) and not (size == screens.PHONE and screen.is_variant):
                for name in screen.faces(visitor, tabs):
                    seen.look(visitor, screen, size, name)


@pytest.fixture(scope="module")
def shown() -> Iterator[tuple[list[screens.Screen], Seen]]:
    """Go through all screens once, at both sizes at a time; the tests tell what was found."""
    seen = Seen()
    with screens.showing() as admin, concurrent.futures.ThreadPoolExecutor() as pool:
        every = [*screens.of_odoo_alone(admin), *screens.every(admin), *screens.pages(admin)]
        ways = [
            pool.submit(go_through, admin.url, every, size, seen)
            for size in (screens.DESKTOP, screens.PHONE)
        ]
        for way in ways:
            way.result()
    yield every, seen


def test_nothing_of_ours_keeps_anybody_from_using_it(shown):
    _every, seen = shown
    assert len(seen.faces) >= LEAST
    assert not seen.judge.faults, "\n".join(map(str, seen.judge.faults))


def test_what_is_laid_to_odoo_is_broken_on_screens_of_odoo_and_found_on_ours(shown):
    _every, seen = shown
    assert seen.judge.unfounded() == set()
    assert seen.judge.needless() == set()


def test_each_list_is_cards_on_a_phone_and_no_screen_is_wider_than_it(shown):
    every, seen = shown
    lists = {one.name for one in every if one.view == "list" and not one.is_of_odoo}
    assert len(lists) >= 15
    assert lists - seen.cards == EMPTY
    assert seen.lists == []
    assert seen.too_wide == []


def test_a_desk_shows_headers_badges_and_choices_whole(shown):
    _every, seen = shown
    assert seen.cut == []
