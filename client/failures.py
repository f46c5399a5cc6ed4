"""Turns an answer that is not 2xx into the error it means: statuses, codes, Retry-After."""

import re
from collections.abc import Mapping
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import Any

from .errors import (
    ApiError,
    Barred,
    Conflict,
    FieldProblem,
    Forbidden,
    Invalid,
    NotFound,
    ProtocolError,
    RateLimited,
    Redirected,
    ServerError,
    Unauthorized,
    error_class,
)
from .fields import clean_line
from .http import Response, strict_json

WAIT_MIN = 1.0
WAIT_MAX = 3600.0
_CODE = re.compile(r"[A-Za-z0-9_.:-]{1,64}")
_SENTENCES: dict[type[ApiError], str] = {
    Redirected: "the service points to another address, which is not followed",
    Unauthorized: "the access token is not valid any more",
    Forbidden: "the connection is not allowed to do this (scope)",
    NotFound: "the service knows nothing under this address",
    Barred: "the account or a gateway before the service lets nothing through",
    Conflict: "the service already has an order with this number",
    RateLimited: "too many requests, the service asks to wait",
    Invalid: "the service refused the request",
    ServerError: "the service or a gateway before it failed",
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
        return (moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).astimezone(
            timezone.utc
        )
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
        return strict_json(body)
    except ValueError:
        return None


def is_page(response: Response) -> bool:
    """Return whether it is a web page, as a gateway or firewall answers, not the service itself."""
    told = response.headers.get("content-type", "").lower()
    return "html" in told or response.body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")


def json_answer(what: str, response: Response) -> Any:
    """Read the body of a good answer; the ProtocolError says what is wrong and quotes nothing."""
    try:
        return strict_json(response.body)
    except ValueError as error:
        message = f"{what}: the answer cannot be read: {error}."
        raise ProtocolError(message, status=response.status) from None


def failure(what: str, response: Response, details: Mapping[str, Any]) -> ApiError:
    """Build the error for an answer that is not 2xx.

    `what` names the call by its path template; `details` is what the profile's `errors` expressions
    found in the body, unchecked: `code`, `message`, `fields`, `order_id`, `order_number`.
    """
    kind = error_class(response.status, is_page(response))
    common: dict[str, Any] = {
        "status": response.status,
        "code": safe_code(details.get("code")),
        "remote_message": safe_text(details.get("message")),
    }
    message = f"{what}: {_SENTENCES[kind]} (status {response.status})."
    if kind is Conflict:
        return Conflict(
            message,
            remote_id=_identifier(details.get("order_id")),
            order_number=_identifier(details.get("order_number")),
            **common,
        )
    if kind is Invalid:
        problems = _field_problems(details.get("fields"))
        if problems:
            message += " Not valid: " + ", ".join(problem.path for problem in problems[:5]) + "."
        return Invalid(message, fields=problems, **common)
    return kind(message, retry_after=retry_after(response.headers), **common)


def _identifier(value: Any) -> str | None:
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    text = clean_line(str(value)) if not isinstance(value, int) or abs(value) < 10**60 else ""
    return text if 0 < len(text) <= 128 else None


def _field_problems(value: Any) -> tuple[FieldProblem, ...]:
    if not isinstance(value, list):
        return ()
    entries = [entry for entry in value[:50] if isinstance(entry, dict)]
    # The path goes into the sentence people see: names only, never a piece of an address.
    return tuple(
        FieldProblem(path, safe_text(entry.get("message")))
        for entry in entries
        if isinstance(path := entry.get("path"), str)
        and re.fullmatch(r"[A-Za-z0-9_.\[\]-]{1,100}", path)
    )
