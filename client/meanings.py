"""What the answers of a service are taken for: good, or which error."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from . import errors
from .expressions import Expression, RecordMap, Section
from .failures import failure, is_page, json_answer
from .fields import is_empty, truth
from .http import Response
from .records import record_id

ANSWER_FIELDS = {"id", "number", "status", "items"}
# Of a line in `items`: of a shipment, and of the answer to an order.
LINE = {"line_id", "line_ref", "product_id", "sku", "quantity"}
ANSWER_LINE = {*LINE, "status", "reason", "cost"}
_ERROR_FIELDS = {"code", "message", "fields", "order_id", "order_number"}
# How one reason of a refusal is found, where a profile does not say.
_ERROR_REASON = {"path": "path", "message": "message"}

_CALLS = ("order", "requests", "shipments", "products", "catalogs", "channels")
_ERRORS: dict[str, type[errors.ApiError]] = {
    "conflict": errors.Conflict,
    "invalid": errors.Invalid,
    "rate_limited": errors.RateLimited,
    "unauthorized": errors.Unauthorized,
    "forbidden": errors.Forbidden,
    "temporary": errors.ServerError,
    "nothing_yet": errors.NothingYet,
}


@dataclass(frozen=True, slots=True)
class Meaning:
    """A row of `meanings`: which answers it is about (None, empty: any), and the error they are."""

    call: str | None
    statuses: frozenset[int]
    condition: Expression
    texts: tuple[str, ...]
    error: type[errors.ApiError]

    def fits(self, call: str, response: Response, document: Any, failed: bool) -> bool:
        """Return whether an answer is meant; of 2xx one that `failed` or whose status is named.

        A web page is a gateway's: its status alone means nothing that the service says.
        """
        named = response.status in self.statuses
        return (
            self.call in (None, call)
            and (named or (not self.statuses and (failed or not 200 <= response.status < 300)))
            and (self._stands_in(response.body) if self.texts else not is_page(response))
            and says_yes(self.condition.told(document))
        )

    def _stands_in(self, body: bytes) -> bool:
        said = body.decode(errors="replace").lower()
        return any(text in said for text in self.texts)


# What stands where an error is told when there is none.
_ALL_IS_WELL = frozenset(("no error", "no errors"))


def says_yes(value: Any) -> bool:
    """Return whether anything in a value says yes.

    `{"code": 0, "message": null}` does not, nor does a text that all is well.
    """
    if isinstance(value, dict | list):
        return any(map(says_yes, value.values() if isinstance(value, dict) else value))
    if isinstance(value, str) and value.strip(" .!").lower() in _ALL_IS_WELL:
        return False
    return not is_empty(value) and truth(value) is not False


def read_meaning(row: Section) -> Meaning:
    """Read a row; ProfileError where it does not say of which answers."""
    means = row.choice("means", _ERRORS)
    call = row.choice("call", _CALLS) if row.has("call") else None
    if means == "nothing_yet" and call not in ("shipments", "requests"):
        raise errors.ProfileError(row.at("call"), "nothing yet is for shipments and requests only")
    if not any(map(row.has, ("status", "if", "text"))):
        raise errors.ProfileError(row.at("means"), "say of which answers: status, if or text")
    texts = tuple(text.lower() for text in row.texts("text")) if row.has("text") else ()
    condition = row.expression("if", "`true`")
    statuses = row.statuses("status") if row.has("status") else frozenset[int]()
    return Meaning(call, statuses, condition, texts, _ERRORS[means])


@dataclass(frozen=True, slots=True)
class Answers:
    """What a profile says of answers; the one place where an answer is judged.

    `acknowledged` are the statuses that only acknowledge an order, under its `request_id`.
    """

    meanings: tuple[Meaning, ...]
    failed: Expression
    errors: RecordMap
    reason: RecordMap
    order: RecordMap
    path: str
    id_from: str
    acknowledged: frozenset[int]
    request_id: Expression | None

    @classmethod
    def load(cls, root: Section, order: Section) -> "Answers":
        """Read what a profile and its section of orders say of answers."""
        id_from = "answer"
        if order.has("id_from"):
            id_from = order.choice("id_from", ("answer", "number", "location"))
        required = {"id"} if id_from == "answer" else set[str]()
        record = order.record("record", required, ANSWER_FIELDS, ANSWER_LINE)
        if id_from == "number" and not (record.fields or root.has("failed")):
            message = "say what tells a good answer: fields of the record, or failed"
            raise errors.ProfileError(order.at("id_from"), message)
        reasons = root if root.has("error_reason") else Section({"error_reason": _ERROR_REASON})
        late = order.section("acknowledged") if order.has("acknowledged") else None
        return cls(
            meanings=tuple(map(read_meaning, root.sections("meanings"))),
            failed=root.expression("failed", "`false`"),
            errors=root.record("errors", set(), _ERROR_FIELDS),
            reason=reasons.record("error_reason", {"path", "message"}, set()),
            order=record,
            path=order.text("path"),
            id_from=id_from,
            acknowledged=late.statuses("status", 299) if late else frozenset(),
            request_id=late.expression("request_id") if late else None,
        )

    def document(self, call: str, what: str, response: Response) -> Any:
        """Return the document of a good answer; raise the error any other means.

        First come `meanings`, then `failed`, then the status. An order's answer that tells an error
        and the order's id leaves the outcome open.
        """
        document = unread = None
        try:
            document = json_answer(what, response)
        except errors.ProtocolError as error:
            unread = error
        good = 200 <= response.status < 300
        failed = good and says_yes(self.failed.told(document))
        rows = (row for row in self.meanings if row.fits(call, response, document, failed))
        kind = next((row.error for row in rows), errors.Invalid if failed else None)
        if good and not kind:
            if unread and (call != "order" or self.id_from == "answer" or response.body.strip()):
                raise unread
            return document
        if good and call == "order" and kind is not errors.Conflict:
            row = self.order_row(response, document, "")
            if there := record_id(row) or record_id({"id": row.get("request_id")}):
                message = f"{what}: the answer tells an error, and the order {there} as well."
                raise errors.ProtocolError(message, status=response.status)
        raise failure(what, response, self.errors.row(document), self.reason.row, kind)

    def order_row(self, response: Response, document: Any, number: str) -> Mapping[str, Any]:
        """Map the answer to a posted order, its id from where this service tells it."""
        row = self.order.row(document)
        if self.request_id and response.status in self.acknowledged:
            late = RecordMap({"request_id": self.request_id}, "").row(document)
            return {**row, **late, "id": None}
        if self.id_from == "number" and (not row or not all(map(is_empty, row.values()))):
            row["id"] = number
        elif self.id_from == "location":
            location = urlsplit(response.headers.get("location", "")).path
            *_parents, last = location.rstrip("/").split("/")
            # Where orders are posted is the address of none of them.
            row["id"] = None if self.path.rstrip("/").endswith(f"/{last}") else unquote(last)
        return row
