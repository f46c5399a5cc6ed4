"""Wire profiles: everything about the remote API that is a name rather than an idea.

A profile is one JSON document (docs/api.md#the-wire-profile): paths, parameter names, how a next
page is asked for, where lists stand, the JMESPath expression that reads each of our fields, the
body of an order, the shapes of errors and the words for states. `profiles/retailer_v1.json` is the
built-in one. Code elsewhere speaks of our fields only, so another wire format is another document.
"""

import json
import re
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass, field, fields, replace
from importlib import resources
from typing import Any, get_args
from urllib.parse import quote, unquote_plus, urlencode

from .errors import ApiError, ProfileError
from .expressions import PLACEHOLDER, Expression, RecordMap, Section, shape, texts
from .fields import truth
from .http import Request, Response, check_url, read_json
from .meanings import ANSWER_FIELDS, ANSWER_LINE, LINE, Answers
from .order_view import ADDRESS_WORDS, EXAMPLE, lost_line, order_view, values
from .paging import WHOLE, Paging
from .records import (
    LineMeaning,
    Order,
    OrderMeaning,
    Product,
    Shipment,
    ShipmentStatus,
)

SIZE_LIMIT = 100_000
Texts = Mapping[str, str]
# The thumbnail is a picture where there is no other.
_PRODUCT_FIELDS = {field.name for field in fields(Product)} - {"unread"} | {"thumbnail_url"}
_PRODUCT_REQUIRED = {"id", "sku", "title", "cost", "quantity"}
_SHIPMENT_REQUIRED = {"status", "tracking_number", "items"}
_OF_ORDER = {"channel_id", "order_id", "number"}
_SHIPMENT_OPTIONAL = {field.name for field in fields(Shipment)} - {"status_word", "unread"}
# Header names that are ours, or HTTP's own.
_OURS = re.compile(
    "(accept|access|content|cookie|if|proxy|sec|set-cookie|transfer|x-forwarded|x-http)(-.*|2)?"
    "|authorization|connection|date|expect|forwarded|host|keep-alive|origin|range|referer|te"
    "|trailer|upgrade|user-agent|via",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Call:
    """One call: its path, where its records stand (None: the answer is one), how to read one."""

    key: str
    path: str
    list: Expression | None
    record: RecordMap
    query: Mapping[str, Expression] = field(default_factory=dict)
    headers: Mapping[str, Expression] = field(default_factory=dict)
    paging: Paging = WHOLE

    @property
    def what(self) -> str:
        """Name the call for sentences."""
        return f"{'POST' if self.key == 'order' else 'GET'} {self.path}"

    def url_path(self, **ids: str) -> str:
        """Fill in the ids, quoted; refuse one that would change the path itself (ValueError)."""
        if not all(ids[name].strip(".") for name in PLACEHOLDER.findall(self.path)):
            raise ValueError("An id must not be empty or consist of dots.")
        return PLACEHOLDER.sub(lambda match: quote(ids[match[1]], safe=""), self.path)

    def request(
        self, base_url: str, view: Texts, query: Texts | None = None, body: bytes | None = None
    ) -> Request:
        """Build the request of what `view` holds, but for the authorization; a POST with a body."""
        url = base_url.rstrip("/") + self.url_path(**view)
        if asked := {**(query or {}), **texts(self.query, view)}:
            url += f"?{urlencode(asked)}"
        headers = {"Accept": "application/json"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        for name, text in texts(self.headers, view).items():
            if not re.fullmatch("[ -~]*", text):
                raise ProfileError(self.headers[name].where, "a header takes plain letters only")
            headers[name] = text
        return Request("GET" if body is None else "POST", url, headers, body)


@dataclass(frozen=True, slots=True)
class Profile:
    """A compiled wire profile. Immutable; may be shared by threads."""

    name: str
    api_url: str
    channels: Call
    catalogs: Call
    products: Call
    create_order: Call
    idempotency_header: str | None
    body: Callable[[Any], Any]
    lengths: Mapping[str, int]
    requests: Call | None  # None: what became of an acknowledged order cannot be asked
    shipments: Call
    order_status: Expression
    shipments_order_id: Expression
    answers: Answers
    order_words: Mapping[str, str]
    line_words: Mapping[str, str]
    shipment_words: Mapping[str, str]

    @classmethod
    def load(cls, text: str) -> "Profile":
        """Compile and check a profile document; raise ProfileError naming the place and why."""
        root = Section(_document(text))
        if root.get("format") != 1:
            raise ProfileError("format", "only format 1 is understood")
        order, shipments, statuses = (
            root.section(key) for key in ("create_order", "shipments", "statuses")
        )
        answers = Answers.load(root, order)
        profile = cls(
            name=root.text("name"),
            api_url=_checked_url(root),
            channels=_list_call(root, "channels", set(), {"id"}, {"name"}),
            catalogs=_list_call(
                root, "catalogs", set(), {"id"}, {"name", "supplier_id", "supplier_name"}
            ),
            products=_list_call(
                root, "products", {"catalog_id"}, _PRODUCT_REQUIRED, _PRODUCT_FIELDS
            ),
            create_order=Call(
                "order",
                order.path("path", set(), {"channel_id"}),
                None,
                answers.order,
                order.table("query"),
                _headers(order),
            ),
            idempotency_header=order.optional_text("idempotency_header"),
            body=shape(order.get("body"), order.at("body")),
            lengths=_lengths(order),
            requests=_list_call(root, "requests", {"request_id"}, {"id"}, ANSWER_FIELDS)
            if root.has("requests")
            else None,
            shipments=_list_call(
                *(root, "shipments", set(), _SHIPMENT_REQUIRED, _SHIPMENT_OPTIONAL),
                others=_OF_ORDER,
            ),
            order_status=shipments.expression("order_status", "`null`"),
            shipments_order_id=shipments.expression("record_order_id", "`null`"),
            answers=answers,
            order_words=statuses.words("order", set(get_args(OrderMeaning))),
            line_words=statuses.words("line", set(get_args(LineMeaning))),
            shipment_words=statuses.words("shipment", set(get_args(ShipmentStatus))),
        )
        profile._check_told_apart()
        profile._check_example(order)
        root.refuse_unknown()
        return profile

    def _check_told_apart(self) -> None:
        """Raise ProfileError where one order or record would be taken for another."""
        ask, ids = self.shipments, dict.fromkeys(_OF_ORDER, "1")
        if ask.request("", ids).url == ask.request("", {**ids, "order_id": "2", "number": "2"}).url:
            rule = "{order_id} or {number} has to stand in it, or one of them in the query"
            raise ProfileError("shipments.path", rule)
        names = ("id", "sku", "number", "tracking_number")
        calls = (self.products, self.create_order, ask)
        told = [call.record.fields.get(name) for call in calls for name in names]
        for found in filter(None, [*told, self.answers.request_id]):
            if found.tree["type"] == "literal" and found.tree["value"]:
                raise ProfileError(found.where, "it would be the same for every record")

    def judge(
        self, key: str, status: int, headers: Mapping[str, str], body: bytes
    ) -> ApiError | None:
        """Return what an answer to a call (a word of `meanings`) is taken for; None: a good one."""
        call = self.create_order if key == "order" else getattr(self, key)
        lowered = {name.lower(): value for name, value in headers.items()}
        try:
            self.answers.document(key, call.what, Response(status, lowered, body))
        except ApiError as error:
            return error
        return None

    def order_body(self, order: Order) -> bytes:
        """Build the body to post: canonical UTF-8 JSON, the same order gives the same bytes."""
        body, where = self.body(order_view(order)), "create_order.body"
        if line := lost_line(order, body):
            lost = f"{line.sku!r} × {line.quantity} of order {order.number} is lost"
            rule = "each line stands here once, with its SKU or product id and its quantity"
            raise ProfileError(where, f"{lost}; {rule}")
        try:
            return json.dumps(
                body, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
            ).encode()
        except ValueError:
            raise ProfileError(where, "the order cannot be written as JSON") from None

    def address_word(self, path: str) -> str:
        """Name the part of the address that stands at a path of the body; "" where none does.

        The service may leave out where a path begins, or begin further out.
        """
        names = path.lower().split(".")
        for place, value in values(self.body(order_view(EXAMPLE))):
            own = [name.lower() for name in place if isinstance(name, str)]
            if own[-len(names) :] == names or names[-len(own) :] == own:
                for part, word in ADDRESS_WORDS.items():
                    if getattr(EXAMPLE.address, part) == value:
                        return word
        return ""

    def order_request(self, order: Order) -> Request:
        """Build what an order posts, but for the authorization, or raise ProfileError."""
        view = {name: getattr(order, name) for name in ("channel_id", "idempotency_key", "number")}
        return self.create_order.request(self.api_url, view, body=self.order_body(order))

    def _check_example(self, order: Section) -> None:
        """Try an example order: what makes it an order, and this one, has to come through."""
        request = self.order_request(EXAMPLE)
        body = (request.body or b"").decode()
        for place, value in values(json.loads(body)):
            names, shape = [name for name in place if isinstance(name, str)], order.get("body")
            for name in names:
                shape = shape.get(name) if isinstance(shape, dict) else shape
            if value is None and "`null`" not in shape:
                leaf = ".".join([order.at("body"), *names])
                raise ProfileError(leaf, "it stays empty; write `null` where it has to be")
        sent = " ".join([body, unquote_plus(request.url), *request.headers.values()])
        to = EXAMPLE.address
        parts = (*to.name.split(), to.address1, to.address2, to.city, to.state, to.zip)
        wanted = dict.fromkeys((*parts, EXAMPLE.number), "body")
        if order.get("channel") is not False:
            wanted[EXAMPLE.channel_id] = "path"
        if self.idempotency_header or not order.has("idempotency_header"):
            wanted[EXAMPLE.idempotency_key] = "idempotency_header"
        for value, key in wanted.items():
            if value not in sent:
                rule = "is lost; it goes into the path, the query, a header or the body"
                raise ProfileError(order.at(key), f"{value!r} of an example order {rule}")


def builtin() -> Profile:
    """Load the profile of the Inventory Source retailer API."""
    return Profile.load(builtin_text())


def builtin_text() -> str:
    """Read the built-in profile document, the one an administrator copies."""
    folder = resources.files(__package__ or "client") / "profiles"
    return (folder / "retailer_v1.json").read_text(encoding="utf-8")


def _document(text: str) -> dict[str, Any]:
    if len(text) > SIZE_LIMIT:
        raise ProfileError("", f"A profile is at most {SIZE_LIMIT:,} characters long.")
    try:
        document = read_json(text.encode())
    except ValueError as error:
        raise ProfileError("", f"This is not a JSON document: {error}.") from None
    if not isinstance(document, dict):
        raise ProfileError("", "A profile is a JSON object.")
    return document


def _list_call(
    root: Section,
    key: str,
    names: set[str],
    required: set[str],
    optional: set[str],
    others: Set[str] = frozenset(),
) -> Call:
    section = root.section(key)
    found = None if key == "requests" else section.expression("list")
    if found and isinstance(found.told({}), list):
        rule = "it gives a list even where an answer has none; `entry && [entry]` does not"
        raise ProfileError(found.where, rule)
    return Call(
        key,
        section.path("path", names, others),
        found,
        section.record("record", required, optional, ANSWER_LINE if key == "requests" else LINE),
        section.table("query") if others else {},
        paging=_paging(section, key),
    )


def _paging(section: Section, key: str) -> Paging:
    """Read how a list is paged; shipments come at once unless the profile says otherwise."""
    if key == "products":
        pages = section.section("paging")
        return Paging.load(pages, _end(pages, "last"), (), "since_id", "page", "cursor")
    if key != "shipments":
        return WHOLE
    if not section.has("paging"):
        return replace(WHOLE, last=_end(section, "whole", "`true`"))
    whole, asked = _end(section, "whole"), section.table("query")
    return Paging.load(section.section("paging"), whole, asked, "page", "cursor")


def _end(section: Section, key: str, otherwise: str = "`null`") -> Expression:
    """Read what says that a list ends; of an answer that tells nothing it must not say so."""
    found = section.expression(key, otherwise)
    if section.has(key) and truth(found.told({})):
        raise ProfileError(found.where, "it says yes even of an answer that tells nothing")
    return found


def _headers(section: Section) -> dict[str, Expression]:
    """Read what goes into the headers of a posted order: the key under its own name, and others."""
    headers, place = section.table("headers"), section.at("idempotency_header")
    if name := section.optional_text("idempotency_header"):
        headers = {name: Expression("idempotency_key", place), **headers}
    for name, expression in headers.items():
        if not re.fullmatch(r"[A-Za-z0-9-]{1,64}", name) or _OURS.fullmatch(name):
            raise ProfileError(expression.where, f"{name!r} is not a header name that can be used")
        if [other.lower() for other in headers].count(name.lower()) > 1:
            raise ProfileError(expression.where, f"{name!r} stands here twice")
    return headers


def _lengths(section: Section) -> Mapping[str, int]:
    """Read how long each part of an address may be; what is not said is as in the built-in one."""
    own: dict[str, int] = json.loads(builtin_text())["create_order"]["lengths"]
    if section.get("lengths") is None:
        return own
    lengths = section.section("lengths")
    return {name: lengths.number(name, length) for name, length in own.items()}


def _checked_url(root: Section) -> str:
    url = root.text("api_url")
    try:
        check_url(url)
    except ValueError as error:
        raise ProfileError("api_url", str(error)) from None
    return url
