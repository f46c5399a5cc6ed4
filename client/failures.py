"""Turns an answer that is no good one into the error it means: statuses, codes, Retry-After."""

import itertools
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import Any

from . import errors
from .http import Response, read_json
from .texts import clean_line

WAIT_MIN = 1.0
WAIT_MAX = 3600.0
_CODE = re.compile(r"[A-Za-z0-9_.:-]{1,64}")
_PATH = re.compile(r"[A-Za-z0-9_.\[\]-]{1,100}")
# Of a refusal: more reasons nobody reads, and deeper nothing stands that is one.
_MOST_REASONS = 50
_MOST_LEVELS = 6
_SENTENCES: dict[type[errors.ApiError], str] = {
    errors.Redirected: "the service points to another address, which is not followed",
    errors.Unauthorized: "the access token is not valid any more",
    errors.Forbidden: "the connection is not allowed to do this (scope)",
    errors.NotFound: "the service knows nothing under this address",
    errors.NothingYet: "the service has nothing to tell yet",
    errors.Barred: "the account or a gateway before the service lets nothing through",
    errors.Conflict: "the service already has an order with this number",
    errors.RateLimited: "too many requests, the service asks to wait",
    errors.Invalid: "the service refused the request",
    errors.ServerError: "the service or a gateway before it failed",
}


def parse_retry_after(value: str, now: datetime) -> float | None:
    """Read Retry-After, seconds or an HTTP date, as seconds between 1 and 3,600.

    What makes no sense (negative, a date gone by, anything else) is None: no advice.
    """
    text = value.strip()
    if re.fullmatch(r"[0-9]{1,9}", text):
        return min(max(float(text), WAIT_MIN), WAIT_MAX)
    moment = _http_date(text)
    if moment is None:
        return None
    seconds = (moment - now).total_seconds()
    return min(max(seconds, WAIT_MIN), WAIT_MAX) if seconds > 0 else None


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Read Retry-After of an answer; a date counts from the service's own clock if that is told."""
    now = _http_date(headers.get("date", "")) or datetime.now(timezone.utc)
    return parse_retry_after(headers.get("retry-after", ""), now)


def _http_date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text[:64])
        known = moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
        return known.astimezone(timezone.utc)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def safe_code(value: Any) -> str | None:
    """Take the service's word for an error if it looks like one; anything else is None."""
    return value if isinstance(value, str) and _CODE.fullmatch(value) else None


def safe_text(value: Any) -> str:
    """Take a sentence of the service: one line, printable, at most 200 characters."""
    return clean_line(value[:1000])[:200] if isinstance(value, str) else ""


def json_or_none(body: bytes) -> Any:
    """Read the body of an error answer, which may be HTML or nothing."""
    try:
        return read_json(body)
    except ValueError:
        return None


def is_page(response: Response) -> bool:
    """Return whether it is a web page, as a gateway or firewall answers, not the service itself."""
    told = response.headers.get("content-type", "").lower()
    return "html" in told or response.body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")


def json_answer(what: str, response: Response) -> Any:
    """Read the body of a good answer; the error says what is wrong and quotes nothing."""
    try:
        return read_json(response.body)
    except ValueError as error:
        message = f"{what}: the answer cannot be read: {error}."
        raise errors.ProtocolError(message, status=response.status) from None


def failure(
    what: str,
    response: Response,
    details: Mapping[str, Any],
    read_reason: Callable[[Any], Mapping[str, Any]] = dict,
    kind: type[errors.ApiError] | None = None,
) -> errors.ApiError:
    """Build the error for an answer that is none of what was asked for.

    `what` names the call by its path template; `details` is what the profile's `errors` expressions
    found in the body, unchecked: `code`, `message`, `fields`, `order_id`, `order_number`.
    `read_reason` finds `path` and `message` in one entry of `fields`, which may be a list of
    objects or texts, or an object of them by field. `kind` is the error where more is known than
    the status says.
    """
    page = is_page(response)
    kind = kind or errors.error_class(response.status, page)
    common: dict[str, Any] = {
        "status": response.status,
        "code": safe_code(details.get("code")),
        "remote_message": _sentence(details) or ("" if page else _plain_text(response)),
    }
    message = f"{what}: {_SENTENCES[kind]} (status {response.status})."
    # What was said of the whole may stand among the reasons again.
    said = errors.FieldProblem("", common["remote_message"])
    told = _reasons(details.get("fields"), "", read_reason, _MOST_LEVELS)
    found = dict.fromkeys(itertools.islice(told, _MOST_REASONS))
    problems = tuple(problem for problem in found if problem != said)
    if kind is errors.Conflict:
        return errors.Conflict(
            message,
            remote_id=_identifier(details.get("order_id")),
            order_number=_identifier(details.get("order_number")),
            fields=problems,
            **common,
        )
    if kind is errors.Invalid:
        if paths := dict.fromkeys(problem.path for problem in problems if problem.path):
            message += " Not valid: " + ", ".join([*paths][:5]) + "."
        return errors.Invalid(message, fields=problems, **common)
    return kind(message, retry_after=retry_after(response.headers), **common)


def _sentence(details: Mapping[str, Any]) -> str:
    """Return what is said of the whole request: a text or a list of them; a code is none."""
    told = details.get("message")
    texts = told if isinstance(told, list) else [told]
    said = safe_text(" ".join(text for text in texts[:10] if isinstance(text, str)))
    return "" if said == safe_code(details.get("code")) else said


def _plain_text(response: Response) -> str:
    """Return a body that is a sentence instead of a document, as text or as JSON."""
    document = json_or_none(response.body)
    if isinstance(document, str):
        return safe_text(document)
    told = response.headers.get("content-type", "").lower()
    text = response.body[:1000].decode(errors="replace")
    # Half a document, or no text at all, is nothing to show.
    if document is not None or "json" in told or text.lstrip().startswith(("{", "[")):
        return ""
    return "" if "\ufffd" in text or "\0" in text else safe_text(text)


def _identifier(value: Any) -> str | None:
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    text = clean_line(str(value)) if not isinstance(value, int) or abs(value) < 10**60 else ""
    return text if 0 < len(text) <= 128 else None


def _reasons(
    told: Any, path: str, read_reason: Callable[[Any], Mapping[str, Any]], levels: int
) -> Iterator[errors.FieldProblem]:
    """Yield the reasons in a text, a list or an object; `path` is that of the outer.

    Unless `path` and message of a reason can be read in an object, its keys are the fields.
    """
    if isinstance(told, str) and (said := safe_text(told)):
        yield errors.FieldProblem(path, said)
    elif isinstance(told, list) and levels:
        for entry in told[:_MOST_REASONS]:
            yield from _reasons(entry, path, read_reason, levels - 1)
    elif isinstance(told, dict) and levels:
        reason = read_reason(told)
        if said := _sentence(reason):
            own = _path(reason.get("path"))
            # Paths of the service begin at the root of the body.
            yield errors.FieldProblem(own or path, said)
            return
        for key, inner in itertools.islice(told.items(), _MOST_REASONS):
            inner_path = ".".join(filter(None, (path, _path(key))))
            yield from _reasons(inner, inner_path, read_reason, levels - 1)


def _path(value: Any) -> str:
    """Return a path as text; "" unless it is made of names, and no piece of an address.

    It goes into the sentence people see. It may come as a list of its parts or as a pointer.
    """
    if isinstance(value, list):
        value = ".".join(str(part) for part in value[:10] if isinstance(part, str | int))
    if not isinstance(value, str):
        return ""
    path = value.lstrip("#$./").rstrip("/").replace("/", ".")
    return path if _PATH.fullmatch(path) else ""
