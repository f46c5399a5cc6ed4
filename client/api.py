"""The five calls of the retailer API, with our fields in and out.

One request per method, and none is repeated here but after a 401: retrying is the caller's, at one
layer only. Every method raises the classes of `errors`; which of them may be tried again, and
whether the service did the work, they say themselves.
"""

import contextlib
import hashlib
import json
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Protocol, TypeVar

from . import errors
from .answers import order_meaning, parse_order_answer
from .fields import RowReader
from .http import Request, Response, Transport, check_url
from .paging import Page, is_whole, next_page, row_ids
from .profile import Call, Profile
from .records import (
    Catalog,
    Channel,
    Order,
    OrderAnswer,
    ShipmentsAnswer,
    parse_shipments,
    record_id,
)

DEADLINE = 45.0
# Ten times as many as are asked for; each takes 2 kB as a row, however short it came.
MOST_RECORDS = 5_000
# Of the shipments of an order.
PAGE_SIZE, MOST_PAGES = 100, 50
# The answers after which a person has to connect again.
_REFUSED = (errors.Unauthorized, errors.GrantRefused, errors.ClientRefused)
LEAST_TIME = 5.0  # with less than this left a request is not begun
_logger = logging.getLogger(__name__)
_T = TypeVar("_T")


class Tokens(Protocol):
    """Where the access token comes from."""

    def get(self) -> str:
        """Return an access token that should be valid."""

    def renew(self, stale: str) -> str:
        """Return another token than `stale`, which the service has just refused."""


class Throttle(Protocol):
    """The request budget of the retailer, shared with whoever else uses it."""

    def take(self) -> float:
        """Take one request: 0 when granted, else the seconds to wait."""

    def limited(self, retry_after: float | None) -> None:
        """Learn that the service answered 429, and how long it asked to wait."""


def row_hash(row: Mapping[str, Any]) -> bytes:
    """Return 16 bytes that change when anything in a mapped row does.

    Also when this package reads the same row in another way than it did, or what was stored of it
    would stay so. Of the names as a profile orders them, then of the values: sorting and writing
    out every name with its value takes twice as long, for every product of every pass.
    """
    canonical = f"{_READING},{','.join(row)}{_canonical(list(row.values()))}"
    return hashlib.blake2b(canonical.encode(), digest_size=16).digest()


# To be raised with every change of what a record is made of.
_READING = 2
# What the service sends inside a field may change its order from one answer to the next.
_canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":"), check_circular=False).encode


class Api:
    """One retailer's account in one environment, for one kind of work: `throttle` says which."""

    def __init__(
        self,
        profile: Profile,
        base_url: str,
        transport: Transport,
        tokens: Tokens,
        throttle: Throttle,
        clock: Callable[[], float] = time.monotonic,
        deadline: float = DEADLINE,
    ) -> None:
        """Join the parts; ValueError when `base_url` is not one we would send a token to.

        `deadline` is how long a call may take, in seconds. `throttle` stays readable, for who wants
        to know what a slice of work has used.
        """
        check_url(base_url)
        self._profile = profile
        self._base_url = base_url.rstrip("/")
        self._transport = transport
        self._tokens = tokens
        self.throttle = throttle
        self._clock = clock
        self._deadline = deadline
        self._page_before: tuple[list[str], str] = ([], "")

    def channels(self) -> tuple[Channel, ...]:
        """List the channels orders can be placed on. One without an id is left out and logged."""

        def build(read: RowReader) -> Channel:
            remote_id = read.identifier("id")
            return Channel(remote_id, read.told(read.line, "name", "") or remote_id)

        return self._short_list(self._profile.channels, build)

    def catalogs(self) -> tuple[Catalog, ...]:
        """List the catalogs of this retailer. One without an id is left out and logged."""

        def build(read: RowReader) -> Catalog:
            remote_id = read.identifier("id")
            return Catalog(
                id=remote_id,
                name=read.told(read.line, "name", "") or remote_id,
                supplier_id=read.told(read.optional_identifier, "supplier_id", None),
                supplier_name=read.told(read.line, "supplier_name", "") or None,
            )

        return self._short_list(self._profile.catalogs, build)

    @property
    def products_way(self) -> str:
        """Name how pages of products are asked for; a place in a list belongs to one way."""
        call = self._profile.products
        return f"{call.path} {call.paging.kind} {call.paging.parameter}"

    def products(self, catalog_id: str, since_id: str, page_size: int) -> Page:
        """Read one page of a catalog: what comes after `since_id` ("" for the first page).

        With the other kinds of paging `since_id` is the page number or the cursor, opaque to the
        caller all the same: the `last_id` of the page before. ProtocolError when the page does not
        lead on (ids that repeat or fall), which would otherwise make a pass endless.
        """
        call, paging = self._profile.products, self._profile.products.paging
        position = since_id or paging.start or ""
        query = paging.query(position, page_size)
        try:
            _response, document = self._call(call, {"catalog_id": catalog_id}, query)
        except errors.NotFound as error:
            if paging.kind == "since_id" or position == (paging.start or ""):
                raise
            return Page([], position, False, str(error))
        rows = call.record.rows(_records(call, document))
        page = next_page(call.what, paging, document, rows, position)
        # The page before under another number: a service may ignore what we ask with.
        before, self._page_before = self._page_before, ([catalog_id, *row_ids(rows)], position)
        if rows and before[0] == self._page_before[0] and before[1] != position:
            message = f"{call.what}: the service sends the same page again and again."
            raise errors.ProtocolError(message)
        return page

    def product(self, catalog_id: str, product_id: str) -> dict[str, Any] | None:
        """Read one product as a mapped row; None when the catalog does not hold it any more.

        Asks for the page of one that begins after the id before, so it works only where ids are
        whole numbers and pages go by id: ValueError otherwise.
        """
        if self._profile.products.paging.kind != "since_id" or not is_whole(product_id):
            raise ValueError(
                "A single product can be read only where ids are whole numbers and pages go by id."
            )
        page = self.products(catalog_id, str(int(product_id) - 1), 1)
        return next((row for row in page.rows if record_id(row) == product_id), None)

    def order_body(self, order: Order) -> bytes:
        """Build the bytes to freeze and to post; the same order always gives the same bytes."""
        return self._profile.order_body(order)

    def create_order(
        self, channel_id: str, body: bytes, idempotency_key: str, order_number: str
    ) -> OrderAnswer:
        """Post a frozen order once.

        When the error's `outcome_known` is false the order may be there: never send it again on a
        guess. ProtocolError when the answer is about another order, Conflict when the number is
        taken. An answer without an id acknowledges the order: `request` tells what becomes of it.
        """
        call = self._profile.create_order
        view = {"channel_id": channel_id, "number": order_number}
        view["idempotency_key"] = idempotency_key
        response, document = self._about(order_number, call, view, None, body)
        row = self._profile.answers.order_row(response, document, order_number)
        return self._order_answer(call, row, order_number)

    def request(self, request_id: str, order_number: str) -> OrderAnswer | None:
        """Ask what became of an acknowledged order; None where a service cannot be asked that.

        An answer without an id says that nothing did, unless by its `meaning`. Invalid and Conflict
        are about the order; any other error says nothing of it.
        """
        if (call := self._profile.requests) is None:
            return None
        row: dict[str, Any] = {}
        with contextlib.suppress(errors.NothingYet):
            _response, document = self._about(order_number, call, {"request_id": request_id})
            row = call.record.row(document)
        return self._order_answer(call, {**row, "request_id": request_id}, order_number)

    def _order_answer(self, call: Call, row: Mapping[str, Any], number: str) -> OrderAnswer:
        words = self._profile.order_words, self._profile.line_words
        return parse_order_answer(call.what, row, number, *words)

    def _about(self, number: str, call: Call, *args: Any) -> tuple[Response, Any]:
        """Make a call about an order; another error when it is about another one than ours."""
        try:
            return self._call(call, *args)
        except (errors.Conflict, errors.Invalid) as error:
            error.fields = tuple(
                replace(problem, part=self._profile.address_word(problem.path))
                for problem in error.fields
            )
            there = getattr(error, "order_number", None)
            if there in (None, number):
                raise
            message = f"{call.what}: the answer is about another order than {number}."
            raise errors.OtherOrder(message, status=error.status) from None

    def shipments(
        self, channel_id: str, order_id: str | None, number: str, so_far: str = ""
    ) -> ShipmentsAnswer:
        """Read all shipments of one order so far; unreadable ones are in `problems`.

        Without an `order_id` our number stands in its place. While the answer has a `so_far`, the
        list goes on: call again with that, now or later. The last answer is about the whole list.
        """
        profile, call = self._profile, self._profile.shipments
        view = {"channel_id": channel_id, "number": number}
        positions, before, status, there = json.loads(so_far or '[[""], [], "", ""]')
        query = call.paging.query(positions[-1], PAGE_SIZE)
        try:
            _response, document = self._call(call, {**view, "order_id": order_id or number}, query)
        except errors.NotFound as error:
            if not so_far and not isinstance(error, errors.NothingYet):
                raise
            lost = "" if isinstance(error, errors.NothingYet) else str(error)
            return self._shipments_answer(before, status, there, lost)
        told = {"status": profile.order_status.told(document)}
        status = RowReader(told, lenient=True).line("status") or status
        there = record_id({"id": profile.shipments_order_id.told(document)}) or there
        # No list beside a known state: nothing was shipped yet. Neither of both: not our answer.
        shipped = order_meaning(status, profile.order_words) == "shipped"
        nothing_yet: Any = [] if status and not shipped else None
        rows = call.record.rows(_records(call, document, nothing_yet))
        again = rows and json.dumps(rows) == json.dumps(before[-len(rows) :])
        position = positions[-1] or call.paging.start or ""
        before += [] if again else rows
        page = Page(rows, "", True)
        try:
            if rows or call.paging.kind != "page":
                page = next_page(call.what, call.paging, document, rows, position)
        except errors.ProtocolError as error:
            page = Page(rows, "", False, str(error))
        many = len(before) > MOST_RECORDS or len(positions) >= MOST_PAGES
        endless = many or again or page.last_id in positions
        if page.last or page.lost or endless:
            lost = "" if page.last else f"{call.what}: the pages do not come to an end."
            return self._shipments_answer(before, status, there, page.lost or lost)
        so_far = json.dumps([[*positions, page.last_id], before, status, there])
        return ShipmentsAnswer(None, (), (), so_far=so_far)

    def _shipments_answer(
        self, rows: list[dict[str, Any]], status: str, order_id: str, lost: str
    ) -> ShipmentsAnswer:
        answer = parse_shipments(rows, status, self._profile.shipment_words)
        meaning = order_meaning(answer.order_status, self._profile.order_words)
        return replace(answer, meaning=meaning, order_id=order_id, lost=lost)

    def _short_list(self, call: Call, build: Callable[[RowReader], _T]) -> tuple[_T, ...]:
        _response, document = self._call(call, {})
        found = []
        for row in call.record.rows(_records(call, document)):
            try:
                found.append(build(RowReader(row)))
            except errors.RecordError as error:
                _logger.warning("%s: one entry was left out: %s", call.what, error)
        return tuple(found)

    def _call(
        self,
        call: Call,
        view: Mapping[str, str],
        query: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> tuple[Response, Any]:
        """Send, once more with a renewed token where it was refused; return answer and document."""
        try:
            request = call.request(self._base_url, view, query, body)
        except ValueError as error:
            raise errors.NotSent(f"The request cannot be built: {error}") from None
        end = self._clock() + self._deadline
        token = self._tokens.get()
        try:
            return self._try(call, request, token, end)
        except errors.Unauthorized:
            token = self._renew(token)
        return self._try(call, request, token, end)

    def _renew(self, stale: str) -> str:
        """Return another token after a 401, which proved that the call was not processed.

        What goes wrong here says nothing about the call: NotSent, unless the error already means
        that nothing was done and what to do about it.
        """
        try:
            return self._tokens.renew(stale)
        except (*_REFUSED, errors.RateLimited, errors.NotSent):
            raise
        except Exception as error:
            # Also what a token store may raise: its answer is missing, not the service's.
            said = str(error) if isinstance(error, errors.ApiError) else type(error).__name__
            raise errors.NotSent(f"No new access token after a refused one: {said}") from error

    def _try(self, call: Call, request: Request, token: str, end: float) -> tuple[Response, Any]:
        """Send when the throttle allows it, and tell it when we were too fast."""
        wait = self.throttle.take()
        if wait > 0:
            raise errors.Throttled(wait)
        left = end - self._clock()
        if left < LEAST_TIME:
            raise errors.NotSent("The time for this call was used up before it could be sent.")
        headers = {**request.headers, "Authorization": f"Bearer {token}"}
        response = self._transport.send(replace(request, headers=headers), deadline=left)
        try:
            return response, self._profile.answers.document(call.key, call.what, response)
        except errors.RateLimited as error:
            self.throttle.limited(error.retry_after)
            raise


def _records(call: Call, document: Any, default: list[Any] | None = None) -> list[Any]:
    """Find the list of records in an answer, or take the default."""
    if call.list is None:
        return [document]
    try:
        found = call.list(document)
    except errors.ProfileError as error:
        raise errors.ProtocolError(f"{call.what}: {error}") from None
    if found is None and default is not None:
        return default
    if not isinstance(found, list):
        raise errors.ProtocolError(f"{call.what}: the answer has no list at {call.list.text!r}.")
    if len(found) > MOST_RECORDS:
        many = f"the answer has {len(found):,} records; {MOST_RECORDS:,} is the most."
        raise errors.ProtocolError(f"{call.what}: {many}")
    return found
