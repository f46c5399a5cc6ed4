"""Real Chromium, driven by Playwright, as the machine has it (no download)."""

import contextlib
from collections.abc import Iterator

from playwright.sync_api import Page, expect, sync_playwright

OPTIONS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
]
PATIENCE_MS = 30_000


@contextlib.contextmanager
def chromium(width: int = 1440, height: int = 900) -> Iterator[Page]:
    """Yield a page of a new, empty Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=OPTIONS)
        page = browser.new_page(viewport={"width": width, "height": height}, locale="en-US")
        page.set_default_timeout(PATIENCE_MS)
        expect.set_options(timeout=PATIENCE_MS)
        try:
            yield page
        finally:
            browser.close()
