"""What a page is asked at once, and cannot answer while it is going elsewhere."""

from collections.abc import Callable
from typing import TypeVar

from playwright.sync_api import Error, Page

# How often something is tried, and how long a page is left alone in between.
TRIES, PAUSE_MS = 12, 1_000

_Answer = TypeVar("_Answer")


def patiently(page: Page, ask: Callable[[], _Answer]) -> _Answer:
    """Return what a page answers. A page that is going elsewhere, e.g. a tab that was just opened,
    answers with an error where Playwright waits for no element (`count`, `evaluate`, `is_visible`):
    it is asked again once it may be there.

    :raises Error: what it answered to the last question
    """
    for _try in range(TRIES - 1):
        try:
            return ask()
        except Error:
            page.wait_for_timeout(PAUSE_MS)
    return ask()
