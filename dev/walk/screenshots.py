"""`make screenshots`: a picture of every screen at both sizes, into a folder of one's own."""

import sys
from pathlib import Path

from demo import scene
from workbench.browser import chromium

from . import screens
from .person import Visitor

# So far an area that scrolls is taller than it shows; a picture has no scroll bar.
HIDDEN = """() => Math.max(0, ...[...document.querySelectorAll("body *")]
    .filter((one) => ["auto", "scroll"].includes(getComputedStyle(one).overflowY))
    .map((one) => one.scrollHeight - one.clientHeight))"""
TALLEST = 3000
# Graphs draw themselves.
SETTLE_MS = 500


def main(folder: Path) -> None:
    with screens.showing() as admin, chromium() as page:
        visitor = Visitor(page, admin.url)
        visitor.log_in(scene.ADMIN_LOGIN, scene.ADMIN_PASSWORD)
        client, public = screens.every(admin), screens.pages(admin)
        taken = 0
        for size in (screens.DESKTOP, screens.PHONE):
            place = folder / str(size["width"])
            place.mkdir(parents=True, exist_ok=True)
            screens.enter(visitor, size)
            seen: set[str] = set()
            for screen in (*client, *public):
                if screen.is_for(size):
                    for name in screen.faces(visitor, seen):
                        _picture(visitor, size, place / f"{name}.png")
                        taken += 1
        print(f"{taken} pictures are in {folder}")


def _picture(visitor: Visitor, size: dict[str, int], path: Path) -> None:
    """Take a picture of all there is, also of what one has to scroll to."""
    page = visitor.page
    page.mouse.move(0, 0)
    page.wait_for_timeout(SETTLE_MS)
    hidden = page.evaluate(HIDDEN)
    page.set_viewport_size({**size, "height": min(TALLEST, size["height"] + hidden)})
    page.screenshot(path=str(path), full_page=True)
    page.set_viewport_size(size)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
