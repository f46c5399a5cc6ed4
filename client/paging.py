"""Where a page of products leads: to the next one, to the end, or nowhere, which is an error."""

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from .errors import ProfileError, ProtocolError
from .profile import Paging
from .records import record_id

_WHOLE = re.compile(r"[0-9]{1,30}")


@dataclass(frozen=True, slots=True)
class Page:
    """One page of products as mapped rows: flat dicts with our field names, values unchecked.

    `last_id` is what to ask the next page with. `last` says that the pass is complete: an empty
    page (with cursor paging: no further cursor, and then there may be rows too).
    """

    rows: list[dict[str, Any]]
    last_id: str
    last: bool


def is_whole(identifier: str) -> bool:
    """Return whether an id is a whole number, so that ids have an order we can check."""
    return _WHOLE.fullmatch(identifier) is not None


def row_ids(rows: list[dict[str, Any]]) -> list[str]:
    """Collect the ids that can be read, in the order of the page."""
    return [identifier for row in rows if (identifier := record_id(row))]


def next_page(
    what: str, paging: Paging, document: Any, rows: list[dict[str, Any]], position: str
) -> Page:
    """Decide where the page asked for with `position` leads; ProtocolError if it leads nowhere."""
    if paging.kind == "cursor":
        return _by_cursor(what, paging, document, rows, position)
    if not rows:
        return Page(rows, position, True)
    if paging.kind == "page":
        return Page(rows, str(int(position) + 1), False)
    ids = row_ids(rows)
    if not ids:
        raise ProtocolError(f"{what}: no record of the page has an id, the pass cannot go on.")
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
        cursor = paging.next(document) if paging.next else None
    except ProfileError as error:
        raise ProtocolError(f"{what}: {error}") from None
    if cursor is None or cursor == "":
        return Page(rows, position, True)
    if isinstance(cursor, bool) or not isinstance(cursor, str | int) or str(cursor) == position:
        raise ProtocolError(f"{what}: the cursor of the page repeats or is none.")
    return Page(rows, str(cursor), False)
