"""What a walk costs a person: clicks, pages, dialogs and fields, counted for each step.

A *click* is a press of the mouse anywhere, as the browser itself sees it; the browser's own reload
button is one, too. A *page* is a screen that fills the window and was not there before the press:
a document of a server, or a screen of the back office with an address of its own. Who goes back
along the path above the title opens none: that screen was left open; nor does a reload, a filter
or a record that is saved. A *dialog* lies over its page and is counted apart, as are the *fields*
that are typed into.
"""

import contextlib
import dataclasses
import re
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

from playwright.sync_api import Frame, Page

from .patience import patiently

# In every document, before its own scripts. A dialog is in the way as soon as it is there.
WATCH = """
let dialogs = 0;
addEventListener("pointerdown", () => window.walkClicked(), true);
new MutationObserver(() => {
    const there = document.querySelectorAll(".modal").length;
    if (there > dialogs) {
        window.walkDialog();
    }
    dialogs = there;
}).observe(document, { childList: true, subtree: true });
"""
COLUMNS = ("clicks", "pages", "dialogs", "fields", "seconds")


@dataclasses.dataclass
class Step:
    """What one step took."""

    name: str
    clicks: int = 0
    pages: int = 0
    dialogs: int = 0
    fields: int = 0
    seconds: float = 0.0


def screen(url: str) -> str:
    """Return which screen an address is; of a record that is made and saved it is the same."""
    # What is no page of a server, e.g. of a tab that is just opened, is no screen.
    path = re.sub(r"(?<=/)(new|\d+)(?=/|$)", "…", urlsplit(url).path.rstrip("/"))
    # The web client goes on by itself to the first screen, which then has an address.
    return "" if path in ("", "/odoo", "/web", "blank") else path


class Counter:
    """Counts what happens in a browser, by steps: in a page, and in the tabs opened from it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.steps: list[Step] = []
        self._screens: dict[Page, str] = {}
        context = page.context
        context.expose_function("walkClicked", lambda: self.add("clicks"))
        context.expose_function("walkDialog", lambda: self.add("dialogs"))
        context.add_init_script(WATCH)
        context.on("page", self._watch)
        self._watch(page)

    def add(self, name: str) -> None:
        if self.steps:
            setattr(self.steps[-1], name, getattr(self.steps[-1], name) + 1)

    def _watch(self, page: Page) -> None:
        page.on("framenavigated", lambda frame: self._navigated(page, frame))

    def _navigated(self, page: Page, frame: Frame) -> None:
        opened, before = screen(frame.url), self._screens.get(page, "")
        if frame != page.main_frame or opened in ("", before):
            return
        self._screens[page] = opened
        # An address holds the screens that were left open.
        if not before.startswith(f"{opened}/"):
            self.add("pages")

    @contextlib.contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Count what happens meanwhile as one step."""
        self.steps.append(Step(name))
        begun = time.monotonic()
        yield
        # What the browser has still to tell of the last click.
        patiently(self.page, lambda: self.page.evaluate("1"))
        self.steps[-1].seconds = time.monotonic() - begun

    def total(self) -> Step:
        sums = {name: sum(getattr(step, name) for step in self.steps) for name in COLUMNS}
        return Step("in all", **sums)

    def table(self) -> str:
        """Return the steps as a table, a line each."""
        lines = [f"{'step':<44}" + "".join(f"{name:>9}" for name in COLUMNS)]
        for step in (*self.steps, self.total()):
            figures = "".join(f"{getattr(step, name):>9}" for name in COLUMNS[:-1])
            lines.append(f"{step.name:<44}{figures}{step.seconds:>9.1f}")
        return "\n".join(lines)
