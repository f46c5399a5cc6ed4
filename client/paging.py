"""Where a page of a list leads: to the next one, to the end, or nowhere, which is an error."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from .errors import ProfileError, ProtocolError
from .expressions import Expression, Section
from .fields import truth
from .records import record_id

# With any other start products are passed over.
_STARTS = {"since_id": (None, "0"), "page": ("0", "1")}


@dataclass(frozen=True, slots=True)
class Paging:
    """How the next page is asked for.

    `since_id`: the last id seen; `page`: a number that goes up; `cursor`: a text read by `next`
    from the page before; "": not at all. `start` is sent for the first page, if it is there. `last`
    is true where the list ends, if that is told in another way than these.
    """

    kind: str
    parameter: str | None
    start: str | None
    size_parameter: str | None
    next: Expression
    last: Expression

    @classmethod
    def load(
        cls, section: Section, last: Expression, asked: Iterable[str], *kinds: str
    ) -> "Paging":
        """Read how a list is paged; `asked`: the parameters its call has besides."""
        kind, start = section.choice("kind", kinds), section.optional_text("start")
        if start not in _STARTS.get(kind, [start]):
            raise ProfileError(section.at("start"), "the first page is expected: 0, or 1 of pages")
        names = [section.text("parameter"), section.optional_text("size_parameter"), *asked]
        if len(set(names)) < len(names):
            raise ProfileError(section.at("parameter"), "two parameters have the same name")
        following = section.expression("next") if kind == "cursor" else last
        return cls(kind, names[0], start, names[1], following, last)

    def query(self, position: str, size: int) -> dict[str, str]:
        """Return what asks for the page at a position, "" for the first."""
        asked = {self.size_parameter: str(size), self.parameter: position or self.start or ""}
        return {name: value for name, value in asked.items() if name and value}


# A list that is there at once.
WHOLE = Paging("", None, None, None, *[Expression("`true`", "")] * 2)


@dataclass(frozen=True, slots=True)
class Page:
    """One page of products as mapped rows: flat dicts with our field names, values unchecked.

    `last_id` is what to ask the next page with. `last` says that the pass is complete: an empty
    page (with cursor paging: no further cursor, and then there may be rows too). `lost` says why a
    pass ends here although more may follow.
    """

    rows: list[dict[str, Any]]
    last_id: str
    last: bool
    lost: str = ""


def is_whole(identifier: str) -> bool:
    """Return whether an id is a whole number, so that ids have an order we can check."""
    return identifier.isascii() and identifier.isdecimal() and len(identifier) <= 30


def row_ids(rows: list[dict[str, Any]]) -> list[str]:
    """Collect the ids that can be read, in the order of the page."""
    return [identifier for row in rows if (identifier := record_id(row))]


def next_page(
    what: str, paging: Paging, document: Any, rows: list[dict[str, Any]], position: str
) -> Page:
    """Decide where the page asked for with `position` leads; ProtocolError if it leads nowhere."""
    if truth(paging.last.told(document)):
        return Page(rows, position, True)
    if not paging.kind:
        return Page(rows, position, False, f"{what}: {paging.last.where} does not say it is whole.")
    if paging.kind == "cursor":
        return _by_cursor(what, paging, document, rows, position)
    if not rows:
        first = paging.kind == "page" and position == paging.start
        lost = f"{what}: the first page is empty; see paging.start." if first else ""
        return Page(rows, position, not lost, lost)
    if paging.kind == "page":
        return Page(rows, str(int(position) + 1), False)
    ids = row_ids(rows)
    if not ids:
        raise ProtocolError(f"{what}: no record of the page has an id, the update cannot go on.")
    steps = [position, *ids] if position else ids
    if all(map(is_whole, steps)):
        rising = all(int(left) < int(right) for left, right in pairwise(steps))
    else:
        rising = len(set(steps)) == len(steps)  # ids without an order: at least none comes twice
    if not rising:
        raise ProtocolError(f"{what}: the ids of the page repeat or do not rise after {position}.")
    return Page(rows, ids[-1], False)


def _by_cursor(
    what: str, paging: Paging, document: Any, rows: list[dict[str, Any]], position: str
) -> Page:
    try:
        cursor = paging.next(document)
    except ProfileError as error:
        raise ProtocolError(f"{what}: {error}") from None
    if cursor is None or cursor == "":
        if paging.next.is_told(document) and truth(paging.last.told(document)) is None:
            return Page(rows, position, True)
        lost = f"{what}: {paging.next.where} finds no other page, and nothing tells that the list "
        return Page(rows, position, False, f"{lost}ends here. See {paging.last.where} as well.")
    if isinstance(cursor, bool) or not isinstance(cursor, str | int) or str(cursor) == position:
        raise ProtocolError(f"{what}: the cursor of the page repeats or is none.")
    return Page(rows, str(cursor), False)
