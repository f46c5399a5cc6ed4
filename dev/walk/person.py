"""What a person does in Odoo's back office, by the words on the screen."""

import contextlib
import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Error, Locator, Page, TimeoutError, expect

from .counting import Counter
from .patience import PAUSE_MS, TRIES, patiently

# How long one try may take before it is done again.
TRY_MS = 5_000
# How long the server may take for what it does by itself: its scheduler looks once a minute.
PATIENCE_SECONDS = 240
# How long the page to log in may take: its scripts are made when it is opened for the first time.
LOGIN_MS = 20_000
# How long a screen is watched before the person looks again.
WATCH_MS = 2_000
DIALOG = ".modal.o_technical_modal"


class Visitor:
    """Somebody at the back office; takes pictures of what they see when told where to."""

    def __init__(self, page: Page, url: str, pictures: Path | None = None):
        self.page = page
        self.url = url
        self.pictures = pictures
        self.counter = Counter(page)

    def log_in(self, login: str, password: str) -> None:
        field = self.page.locator("input[name=login]")
        # Odoo hides its form until its scripts have come, and on a busy machine they may not.
        self.insist(lambda: self.page.goto(f"{self.url}/web/login"), field, answer_ms=LOGIN_MS)
        self.write(field, login)
        self.write(self.page.locator("input[name=password]"), password)
        self.page.get_by_role("button", name="Log in", exact=True).click()
        self.screen_is_there()

    # --- ways to a screen ---

    def open(self, path: str) -> None:
        """Open a screen by its friendly address, e.g. `inventory-source`; a walk by clicks does
        not.
        """
        self.page.goto(f"{self.url}/odoo/{path}")
        self.screen_is_there()

    def screen_is_there(self) -> None:
        expect(self.page.locator(".o_main_navbar")).to_be_visible()
        # Until the screen has come, the web client shows its head without anything in it.
        screen = self.page.locator(".o_action_manager > :not(.o_control_panel)")
        expect(screen.first).to_be_visible()

    def app(self, name: str) -> None:
        """Go to an app by the menu of all apps."""
        before = self.page.url
        item = self.page.get_by_role("menuitem", name=name, exact=True)
        self.insist(
            lambda: self.page.locator(".o_navbar_apps_menu button").click(timeout=TRY_MS), item
        )
        item.click()
        expect(self.page.locator(".o_menu_brand", has_text=name)).to_be_visible()
        expect(self.page).not_to_have_url(before)

    def menu(self, *names: str) -> None:
        """Go to another screen by the menus of the app: the name of each, from the top."""
        before = self.page.url
        bar = self.page.locator(".o_menu_sections")
        first = bar.get_by_role("button", name=names[0], exact=True).or_(
            bar.get_by_role("menuitem", name=names[0], exact=True)
        )
        if names[1:]:
            item = self.page.get_by_role("menuitem", name=names[1], exact=True)
            self.insist(lambda: first.click(timeout=TRY_MS), item)
            first = item
        first.click()
        # What is pressed on the screen before is lost when the other one comes. It has an address
        # as soon as it is there.
        expect(self.page).not_to_have_url(before)

    def back(self, title: str) -> None:
        """Go back to a screen whose title stands above this one's."""
        link = self.page.locator(".o_breadcrumb, .breadcrumb").get_by_role("link", name=title)
        link.first.click()
        self.sees_title(title)

    def sees_title(self, title: str) -> None:
        expect(self.page.locator(".o_last_breadcrumb_item").first).to_contain_text(title)

    # --- what is in front: a dialog, else the screen ---

    def front(self) -> Locator:
        # Found anew for each thing that is done in it: a dialog that is just closing is not kept.
        return self.page.locator(
            f"{DIALOG} .modal-content, body:not(:has({DIALOG})) .o_action_manager"
        ).last

    def dialog(self) -> Locator:
        """Return the dialog that is to be there."""
        dialog = self.page.locator(f"{DIALOG} .modal-content")
        expect(dialog.last).to_be_visible()
        return dialog.last

    def dialog_is_gone(self) -> None:
        expect(self.page.locator(".modal")).to_have_count(0)

    def press(self, name: str) -> None:
        """Press the button or link of that name in what is in front."""
        # A window's own cross is named as the button may be.
        buttons = self.front().get_by_role("button", name=name, exact=True)
        buttons.and_(self.page.locator(":not(.btn-close)")).first.click()

    def tab(self, name: str) -> None:
        self.front().get_by_role("tab", name=name, exact=True).click()

    def row(self, text: str | re.Pattern[str]) -> Locator:
        return self.front().locator(".o_data_row", has_text=text).first

    def open_row(self, text: str | re.Pattern[str], column: str) -> None:
        self.row(text).locator(f"td[name={column}]").click()

    # --- typing ---

    def field(self, name: str) -> Locator:
        return self.front().locator(f".o_field_widget[name={name}]").first

    def write(self, field: Locator, value: str) -> None:
        field.fill(value, timeout=TRY_MS * TRIES)
        self.counter.add("fields")

    def fill(self, name: str, value: str) -> None:
        self.write(self.field(name).locator("input, textarea").first, value)

    def choose(self, name: str, value: str) -> None:
        """Type into a many2one field and take the suggestion of that text."""
        self.take_suggestion(self.field(name).locator("input").first, value)

    def take_suggestion(self, field: Locator, value: str) -> None:
        """Type into a field that suggests, until it suggests that text, and take it."""
        option = self.page.locator(".o-autocomplete--dropdown-menu li:visible", has_text=value)
        self.insist(lambda: field.fill(value, timeout=TRY_MS), option.first)
        self.counter.add("fields")
        option.first.click()

    def save(self) -> None:
        self.page.locator(".o_form_button_save:visible").click()
        expect(self.page.locator(".o_form_status_indicator_buttons.invisible")).to_have_count(1)

    # --- seeing ---

    def insist(self, act: Callable[[], None], seen: Locator, answer_ms: int = TRY_MS) -> None:
        """Do something until it is seen to have worked: under load a click or a key can be lost,
        and a page that is still to open answers with an error.

        :param answer_ms: how long that may take; where the server answers, it may be slow
        """
        for _try in range(TRIES):
            try:
                act()
                seen.first.wait_for(timeout=answer_ms)
                return
            except Error as error:
                if not isinstance(error, TimeoutError):
                    seen.page.wait_for_timeout(PAUSE_MS)
        expect(seen.first).to_be_visible()

    def status(self) -> Locator:
        """Return the current stage of the status bar."""
        return self.page.locator(".o_statusbar_status .o_arrow_button_current")

    def sees(self, text: str | re.Pattern[str]) -> None:
        expect(self.page.get_by_text(text).first).to_be_visible()

    def waits_for(self, seen: Locator, done: Callable[[], bool]) -> None:
        """Wait for what the server does by itself, then see it; look again if the screen is old.

        :param done: whether the server has done it, asked beside the browser
        """
        tries = range(PATIENCE_SECONDS)
        for _try in tries:
            if done():
                break
            self.page.wait_for_timeout(1000)
        else:
            raise AssertionError(f"not done within {PATIENCE_SECONDS} s: waited for {seen}")
        for _try in range(TRIES):
            with contextlib.suppress(TimeoutError):
                seen.first.wait_for(timeout=WATCH_MS)
                return
            self.look_again()
        expect(seen.first).to_be_visible()

    def look_again(self) -> None:
        """Press the browser's own button that loads a page anew."""
        self.counter.add("clicks")
        self.page.reload()
        self.screen_is_there()

    def picture(self, name: str) -> None:
        if self.pictures is None:
            return
        # By no press of the mouse: it is not the visitor who does it.
        closes = self.page.locator(".o_notification_close")
        patiently(
            self.page, lambda: closes.evaluate_all("all => all.forEach((each) => each.click())")
        )
        self.page.mouse.move(0, 0)
        self.page.wait_for_timeout(600)
        self.page.screenshot(path=str(self.pictures / f"{name}.png"))
