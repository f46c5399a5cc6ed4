"""What can go wrong between us and the service.

Two questions decide what a caller does, and each class answers both: may the call be repeated
later (`retryable`), and do we know whether the service did the work (`outcome_known`)? A read may
be repeated whatever the outcome; an order whose outcome is not known must not be sent again.

::

    ApiError                    retryable   outcome known
    ├── Throttled               yes         yes   our own throttle had no token, nothing was sent
    ├── NotSent                 yes         yes   no byte of the request left us (DNS, refused, TLS)
    ├── NoAnswer                yes         no    sent, but no whole answer came back
    ├── ProtocolError           no          no    an answer that is not what we understand
    ├── Redirected              no          no    3xx, never followed
    ├── ServerError             yes         no    5xx (and 408, 425)
    ├── RateLimited             yes         yes   429, or Auth0's "Global limit"
    ├── Unauthorized            no          yes   401, the access token
    ├── Forbidden               no          yes   403, the scope
    ├── NotFound                no          yes   404, 410
    ├── Barred                  no          yes   402, 405; also a web page as 400, 409, 422 …
    ├── Conflict                no          when it names our order number and the order's id (409)
    ├── Invalid                 no          yes   400, 422 and every other 4xx
    ├── GrantRefused            no          yes   token endpoint: code or refresh token is void
    └── ClientRefused           no          yes   token endpoint: client id or secret is wrong
    RecordError                 one record that cannot be used; the rest of the answer goes on
    ProfileError                a wire profile that does not compile or does not fit
"""

from dataclasses import dataclass
from typing import Any


class ApiError(Exception):
    """A call that did not give what was asked for.

    `str(error)` is a sentence that may be shown, logged and stored: it names the call by its path
    template and never holds a query, a header, a body or a token.
    """

    retryable: bool = False
    outcome_known: bool = False

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        code: str | None = None,
        retry_after: float | None = None,
        remote_message: str = "",
    ) -> None:
        """Keep the facts of the failure.

        `status` is the HTTP status when there was one, `code` the service's own word for the error,
        `retry_after` the seconds it asked us to wait. `remote_message` is the service's own
        sentence, cleaned and cut to 200 characters: it may quote what was sent, so show it on the
        record it belongs to and keep it out of logs.
        """
        super().__init__(message)
        self.status = status
        self.code = code
        self.retry_after = retry_after
        self.remote_message = remote_message


class Throttled(ApiError):
    """Our own throttle had no token left; nothing was sent. `wait` is in seconds."""

    retryable = True
    outcome_known = True

    def __init__(self, wait: float) -> None:
        """Return how long until the throttle grants a request again."""
        super().__init__(f"The request budget is used up for {wait:.0f} s; nothing was sent.")
        self.wait = wait


class NotSent(ApiError):
    """The request never left: name not found, connection refused or timed out, TLS failed."""

    retryable = True
    outcome_known = True


class NoAnswer(ApiError):
    """The request left, and no whole answer came: time-out, reset, cut body.

    `status` is set when at least the status line arrived: a 201 is evidence, not proof.
    """

    retryable = True


class ProtocolError(ApiError):
    """An answer came that is not the JSON we need: HTML, too large, wrong shape, another order."""


class OtherOrder(ProtocolError):
    """The service holds something under this number, and names another order than was sent."""


class Redirected(ApiError):
    """The service pointed elsewhere. Not followed: a POST would become a GET, or a second POST."""


class ServerError(ApiError):
    """The service or a gateway failed. A 500 may still hide an order that was created."""

    retryable = True


class RateLimited(ApiError):
    """The pool of requests is empty; the call was not processed. `retry_after`: seconds or None."""

    retryable = True
    outcome_known = True


class Unauthorized(ApiError):
    """The access token is not valid (any more); the call was not processed."""

    outcome_known = True


class Forbidden(ApiError):
    """The token lacks the scope for this call."""

    outcome_known = True


class NotFound(ApiError):
    """What the path names does not exist, or no longer."""

    outcome_known = True


class NothingYet(NotFound):
    """What was asked about has not happened yet: no shipment, no outcome of a request."""


class Barred(ApiError):
    """The account, or a gateway before the service, lets nothing through; nothing was processed.

    The service itself answers in JSON: a web page under 4xx comes from whoever stands before it.
    """

    outcome_known = True


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """One reason of a refusal, and the path in the body we sent it is about, "" when not told.

    `part` says in words which part of the address stands there, "" when another thing does.
    """

    path: str
    message: str
    part: str = ""

    def __str__(self) -> str:
        """Return the reason with what it is about in front."""
        return ": ".join(filter(None, (self.part or self.path, self.message)))


class Conflict(ApiError):
    """The service already holds something under this order number.

    `remote_id` and `order_number` are what the answer named, or None. Only when both are there
    is the outcome known (the order exists); otherwise a person has to look, also at the `fields`
    that were refused besides.
    """

    def __init__(
        self,
        message: str,
        *,
        remote_id: str | None = None,
        order_number: str | None = None,
        fields: tuple[FieldProblem, ...] = (),
        status: int | None = 409,
        **facts: Any,
    ) -> None:
        """Keep what the answer said about the order that is already there."""
        super().__init__(message, status=status, **facts)
        self.remote_id = remote_id
        self.order_number = order_number
        self.fields = fields
        self.outcome_known = remote_id is not None and order_number is not None


class Invalid(ApiError):
    """The service understood the request and refused it; `fields` says where, when it was told."""

    outcome_known = True

    def __init__(
        self, message: str, *, fields: tuple[FieldProblem, ...] = (), **facts: Any
    ) -> None:
        """Keep the refused fields beside the sentence."""
        super().__init__(message, **facts)
        self.fields = fields


class GrantRefused(ApiError):
    """`invalid_grant`: the code or refresh token is used up, expired or revoked."""

    outcome_known = True


class ClientRefused(ApiError):
    """The token endpoint does not accept this client id and secret, or not for this grant."""

    outcome_known = True


class RecordError(Exception):
    """One record that cannot be used, named so that a person can find it.

    `record_id` is the remote id ("" when even that is missing), `field` our name of the field,
    `message` the reason in plain words, `excerpt` the offending value, short and printable.
    """

    def __init__(self, record_id: str, field: str, message: str, excerpt: str) -> None:
        """Keep which record, which field, why, and what stood there."""
        super().__init__(message)
        self.record_id = record_id
        self.field = field
        self.message = message
        self.excerpt = excerpt


class ProfileError(ValueError):
    """A wire profile that cannot be used. `where` is the place in it: `products.record.cost`."""

    def __init__(self, where: str, message: str) -> None:
        """Name the place, then the reason."""
        super().__init__(f"{where}: {message}" if where else message)
        self.where = where


_BY_STATUS: dict[int, type[ApiError]] = {
    401: Unauthorized,
    402: Barred,
    403: Forbidden,
    404: NotFound,
    405: Barred,
    408: ServerError,
    409: Conflict,
    410: NotFound,
    425: ServerError,
    429: RateLimited,
}
_BY_HUNDRED: dict[int, type[ApiError]] = {3: Redirected, 4: Invalid}


def error_class(status: int, page: bool = False) -> type[ApiError]:
    """Choose the class for an HTTP status that is not 2xx; `page`: its body is a web page."""
    kind = _BY_STATUS.get(status) or _BY_HUNDRED.get(status // 100, ServerError)
    return Barred if page and kind in (Invalid, Conflict) else kind
