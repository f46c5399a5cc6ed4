"""Tries a wire profile: its document, a pasted answer, an example order."""

import json
from dataclasses import dataclass

from ...client.answers import unknown_words
from ...client.errors import ProfileError, ProtocolError, RecordError
from ...client.http import read_json
from ...client.order_view import EXAMPLE
from ...client.paging import Page, next_page
from ...client.profile import Profile, builtin_text
from ...client.records import parse_product, parse_shipments, record_id

_MOST_PROBLEMS = 10
_PAGE_SIZE = 100
# What can be pasted, and whose answer it is.
KINDS = {
    **{name: name for name in ("channels", "catalogs", "products")},
    "order": "create_order",
    "shipments": "shipments",
}


@dataclass(frozen=True, slots=True)
class Sample:
    """What a profile made of a sample: the mapped rows, and what is wrong in whole sentences."""

    rows: tuple
    problems: tuple
    next: str | None = None  # the address that would be asked after it, as after a first page


def check(text):
    """Return what is wrong with a document: of each of its sections what is found first."""
    found, good = [], json.loads(builtin_text())
    for _section in good:
        try:
            Profile.load(text)
            break
        except ProfileError as error:
            found.append(error)
            key = error.where.partition(".")[0]
            if not key:
                break
            document = {**read_json(text.encode()), key: good.get(key)}
            text = json.dumps({name: document[name] for name in document if document[name]})
    return tuple(found)


def example_request(profile):
    """Build what an example order would post, but for the authorization."""
    return profile.order_request(EXAMPLE)


def addresses(profile):
    """Return how each call is asked, by the name of its section: method and address."""
    return {name: _address(profile, getattr(profile, name)) for name in KINDS.values()}


def _address(profile, call, position=""):
    asked = call.paging.query(position, _PAGE_SIZE)
    asked |= {key: f"{{{expression.text}}}" for key, expression in call.query.items()}
    query = "&".join("=".join(pair) for pair in asked.items())
    method, _space, path = call.what.partition(" ")
    return f"{method} {profile.api_url.rstrip('/')}{path}?{query}".removesuffix("?")


def check_sample(profile, kind, text):
    """Map a pasted sample answer and say what stayed empty or cannot be used.

    `kind`: channels, catalogs, products, order (the answer to a posted one) or shipments;
    ValueError for any other. A required field counts as empty when no record fills it.
    """
    if kind not in KINDS:
        raise ValueError(f"There is no sample of kind {kind!r}.")
    call = getattr(profile, KINDS[kind])
    try:
        document = read_json(text.encode())
        records = call.list(document) if call.list else [document]
    except ValueError as error:
        return Sample((), (f"The sample cannot be read: {error}.",))
    if not isinstance(records, list) or not records:
        where = f"at {call.list.text!r}" if call.list else ""
        return Sample((), (f"The sample has no records {where}.",))
    rows = call.record.rows(records)
    page = _page(call, document, rows)
    following = None if page.last or page.lost else _address(profile, call, page.last_id)
    lost = [page.lost] if page.lost else []
    problems = [*_empty_fields(call, rows), *lost, *_record_problems(profile, kind, rows)]
    return Sample(tuple(rows), tuple(problems), following)


def _page(call, document, rows):
    try:
        return next_page(call.what, call.paging, document, rows, call.paging.start or "")
    except ProtocolError as error:
        return Page(rows, "", True, str(error))


def _empty_fields(call, rows):
    return [
        f"{call.record.where}.{name} stayed empty; "
        f"its expression is {call.record.fields[name].text!r}."
        for name in sorted(call.record.required)
        if all(row.get(name) in (None, "", []) for row in rows)
    ]


def _unknown_words(profile, row):
    try:
        order, lines = unknown_words(row, profile.order_words, profile.line_words)
    except RecordError as error:
        return [error]
    told = [f"The state of the order, {word!r}, is a word we do not know." for word in order]
    told += [f"The state of a line, {word!r}, is a word we do not know." for word in lines]
    return [RecordError(record_id(row), "status", message, "") for message in told]


def _record_problems(profile, kind, rows):
    problems, read = [], []
    if kind == "shipments":
        answer = parse_shipments(rows, "", profile.shipment_words)
        problems += answer.problems
        read += answer.shipments
        for shipment in answer.shipments:
            if word := shipment.status_word:
                message = f"The state of the shipment, {word!r}, is a word we do not know."
                problems.append(RecordError(shipment.id, "status", message, word))
    for row in rows if kind == "products" else ():
        try:
            read.append(parse_product(row))
        except RecordError as error:
            problems.append(error)
    for row in rows if kind == "order" else ():
        problems += _unknown_words(profile, row)
    problems += [
        RecordError(record.id, unread.field, unread.message, unread.excerpt)
        for record in read
        for unread in record.unread
    ]
    told = problems[:_MOST_PROBLEMS]
    return [f"Record {error.record_id or '?'}: {error.message}" for error in told]
