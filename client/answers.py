"""Reads the answers about orders: mapped rows in, records out."""

from collections.abc import Mapping
from typing import Any, Literal, cast

from .errors import ProtocolError, RecordError
from .expressions import FAILED
from .fields import RowReader, Unreadable, excerpt
from .records import AnswerItem, OrderAnswer, OrderMeaning, Words


def parse_order_answer(
    what: str, row: Mapping[str, Any], order_number: str, order_words: Words, line_words: Words
) -> OrderAnswer:
    """Build the answer to a posted order; ProtocolError unless it proves that *this* order is in.

    Order and lines are taken unless the service's word for them means that they are not: a word we
    do not know keeps the line, so that nobody strikes out what may well be shipped, and stands in
    `unknown_word`, so that somebody is asked. A word that says more than *accepted* or *rejected*
    stands in `reason` where nothing else does.
    """
    try:
        read = RowReader(row)
        if read.given("request_id") and not read.given("id"):
            word, request_id = read.told(read.line, "status", ""), read.identifier("request_id")
            meaning = order_meaning(word, order_words)
            return OrderAnswer("", order_number, word, meaning, (), False, request_id=request_id)
        remote_id = read.identifier("id")
        # What an expression could not read counts as not told.
        told = dict(row)
        for name, value in row.items():
            if isinstance(value, Unreadable) and value.reason == FAILED:
                read.leave_out(name, read.refuse(name, "").message, excerpt(value))
                del told[name]
        rest = RowReader(told)
        number = rest.line("number") or order_number
    except RecordError as error:
        raise ProtocolError(f"{what}: the answer names no order: {error.message}") from None
    if number != order_number:
        raise ProtocolError(f"{what}: the answer is about another order than {order_number}.")
    try:
        items = tuple(_answer_item(item, line_words) for item in rest.rows("items"))
        status = rest.line("status", limit=100)
    except RecordError as error:
        message = f"{what}: the order is there under the id {remote_id}, but {error.message}"
        raise ProtocolError(message) from None
    return OrderAnswer(
        id=remote_id,
        number=number,
        status=status,
        meaning=order_meaning(status, order_words),
        items=items,
        items_given=bool(items),
        unread=tuple(read.unread),
    )


def order_meaning(status: str | None, words: Words) -> OrderMeaning | Literal[""]:
    """Return what the service's word for a whole order means, "" for one we do not know."""
    # Profile.load admits no other word.
    return cast(OrderMeaning | Literal[""], words.get((status or "").lower(), ""))


def _answer_item(read: RowReader, words: Words) -> AnswerItem:
    word = read.line("status", limit=100)
    meaning = words.get(word.lower())
    reason = read.told(read.line, "reason", "")
    if word and meaning != "accepted" and word.lower() != "rejected":
        reason = reason or f"The service calls this line {word!r}."
    return AnswerItem(
        line_id=read.optional_identifier("line_id"),
        sku=read.code("sku"),
        quantity=read.quantity("quantity"),
        accepted=meaning != "rejected",
        reason=reason,
        cost=read.told(read.amount, "cost", None),  # no reason to doubt the order itself
        backordered=meaning == "backordered",
        line_ref=read.told(read.optional_identifier, "line_ref", None),
        product_id=read.told(read.optional_identifier, "product_id", None),
        unknown_word="" if meaning else word,
    )


def unknown_words(
    row: Mapping[str, Any], order_words: Words, line_words: Words
) -> tuple[list[str], list[str]]:
    """Return the words for the order and for its lines that the profile does not know."""
    read = RowReader(row)
    order = read.told(read.line, "status", "")
    lines = [line.told(line.line, "status", "") for line in read.told(read.rows, "items", [])]
    return (
        [word for word in [order] if word and not order_meaning(word, order_words)],
        [word for word in dict.fromkeys(lines) if word and not line_words.get(word.lower())],
    )
