"""What a person does in Odoo's back office, by the words on the screen."""

import contextlib
import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Locator, Page, TimeoutError, expect

# How long one try may take before it is done again, and how many there are.
TRY_MS, TRIES = 5_000, 12


class Visitor:
    """Somebody at the back office; takes pictures of what they see when told where to."""

    def __init__(self, page: Page, url: str, pictures: Path | None = None):
        self.page = page
        self.url = url
        self.pictures = pictures

    def log_in(self, login: str, password: str) -> None:
        self.page.goto(f"{self.url}/web/login")
        self.page.locator("input[name=login]").fill(login)
        self.page.locator("input[name=password]").fill(password)
        self.page.get_by_role("button", name="Log in", exact=True).click()
        expect(self.page.locator(".o_main_navbar")).to_be_visible()

    def open(self, path: str) -> None:
        """Open a screen by its friendly address, e.g. `inventory-source`."""
        self.page.goto(f"{self.url}/odoo/{path}")
        screen = self.page.locator(".o_action_manager > .o_action, .o_view_controller")
        expect(screen.first).to_be_visible()

    def press(self, name: str) -> None:
        """Press the button or link of that name in what is in front (a dialog, else the screen)."""
        self.front().get_by_role("button", name=name, exact=True).first.click()

    def front(self) -> Locator:
        dialogs = self.page.locator(".modal.o_technical_modal:visible .modal-content")
        return dialogs.last if dialogs.count() else self.page.locator(".o_action_manager")

    def field(self, name: str) -> Locator:
        return self.front().locator(f".o_field_widget[name={name}]").first

    def fill(self, name: str, value: str) -> None:
        self.field(name).locator("input, textarea").first.fill(value)

    def choose(self, name: str, value: str) -> None:
        """Type into a many2one field and take the suggestion of that text."""
        self.take_suggestion(self.field(name).locator("input").first, value)

    def take_suggestion(self, field: Locator, value: str) -> None:
        """Type into a field that suggests, until it suggests that text, and take it."""
        option = self.page.locator(".o-autocomplete--dropdown-menu li:visible", has_text=value)
        self.insist(lambda: field.fill(value, timeout=TRY_MS), option.first)
        option.first.click()

    def insist(self, act: Callable[[], None], seen: Locator) -> None:
        """Do something until it is seen to have worked: under load a click or a key can be lost."""
        for _try in range(TRIES):
            with contextlib.suppress(TimeoutError):
                act()
                seen.wait_for(timeout=TRY_MS)
                return
        expect(seen).to_be_visible()

    def tab(self, name: str) -> None:
        self.front().get_by_role("tab", name=name, exact=True).click()

    def save(self) -> None:
        self.page.locator(".o_form_button_save:visible").click()
        expect(self.page.locator(".o_form_status_indicator_buttons.invisible")).to_have_count(1)

    def status(self) -> Locator:
        """Return the current stage of the status bar."""
        return self.page.locator(".o_statusbar_status .o_arrow_button_current")

    def sees(self, text: str | re.Pattern[str]) -> None:
        expect(self.page.get_by_text(text).first).to_be_visible()

    def picture(self, name: str) -> None:
        if self.pictures is None:
            return
        for close in self.page.locator(".o_notification_close").all():
            close.click()
        self.page.mouse.move(0, 0)
        self.page.wait_for_timeout(600)
        self.page.screenshot(path=str(self.pictures / f"{name}.png"))
