"""What a server publishes about itself: where it is looked for, and what is believed."""

from typing import Any

import pytest
from wire import Scripted, answer

from client.errors import NoAnswer, NotSent, ProtocolError, RateLimited, ServerError
from client.http import Request, Response
from client.metadata import Metadata, find_metadata

ROOT = "https://as.example"
AUTHORIZE = f"{ROOT}/authorize"
OPENID = ".well-known/openid-configuration"
OAUTH = ".well-known/oauth-authorization-server"
NOTHING = Response(404, {}, b"Not found")


class Published:
    """A transport to servers that publish these documents, and nothing else."""

    def __init__(self, documents: dict[str, Any], nothing: Response = NOTHING) -> None:
        self._answers = {url: answer(document) for url, document in documents.items()}
        self._nothing = nothing
        self.asked: list[str] = []

    def send(self, request: Request, *, deadline: float) -> Response:
        assert request.method == "GET" and 0 < deadline <= 10
        self.asked.append(request.url)
        return self._answers.get(request.url, self._nothing)


def about(issuer: str, authorize_url: str = AUTHORIZE, **more: Any) -> dict[str, Any]:
    return {"issuer": issuer, "authorization_endpoint": authorize_url, **more}


@pytest.mark.parametrize(
    ("authorize_url", "place", "issuer"),
    [
        (AUTHORIZE, f"{ROOT}/{OPENID}", f"{ROOT}/"),  # Auth0
        (AUTHORIZE, f"{ROOT}/{OAUTH}", ROOT),
        (f"{ROOT}/oauth2/default/v1/authorize", f"{ROOT}/oauth2/default/{OPENID}",
         f"{ROOT}/oauth2/default"),  # Okta
        (f"{ROOT}/realms/shop/protocol/openid-connect/auth", f"{ROOT}/realms/shop/{OPENID}",
         f"{ROOT}/realms/shop"),  # Keycloak
        (f"{ROOT}/tenant/authorize", f"{ROOT}/{OAUTH}/tenant", f"{ROOT}/tenant"),  # RFC 8414, 3.1
    ],
)  # fmt: skip
def test_the_issuer_is_found_above_the_authorize_address(
    authorize_url: str, place: str, issuer: str
) -> None:
    transport = Published({place: about(issuer, authorize_url)})
    assert find_metadata(transport, authorize_url) == Metadata(issuer, names_itself=False)
    assert transport.asked[-1] == place


def test_a_query_of_ours_is_no_part_of_the_authorize_address() -> None:
    transport = Published({f"{ROOT}/{OPENID}": about(ROOT)})
    assert find_metadata(transport, f"{AUTHORIZE}?connection=shop") == Metadata(ROOT, False)


@pytest.mark.parametrize(("word", "names_itself"), [(True, True), (False, False), ("true", False)])
def test_a_server_says_whether_it_names_itself(word: Any, names_itself: bool) -> None:
    document = about(ROOT, authorization_response_iss_parameter_supported=word)
    found = find_metadata(Published({f"{ROOT}/{OPENID}": document}), AUTHORIZE)
    assert found == Metadata(ROOT, names_itself)


@pytest.mark.parametrize(
    "document",
    [
        about("https://other.example"),
        about("https://as.example.evil.example"),
        about(f"{ROOT}/neighbour"),
        about(f"{ROOT}//"),
        about(ROOT, f"{ROOT}/neighbour/authorize"),
        {"issuer": ROOT},
        {"authorization_endpoint": AUTHORIZE},
        about(7),  # type: ignore[arg-type]
        [],
        "text",
    ],
)
def test_a_document_that_is_not_about_this_address_counts_for_nothing(document: Any) -> None:
    assert find_metadata(Published({f"{ROOT}/{OPENID}": document}), AUTHORIZE) is None


@pytest.mark.parametrize(
    "nothing",
    [
        NOTHING,
        Response(200, {}, b"<html>Our app</html>"),
        Response(302, {"location": "https://evil.example/"}, b""),
        Response(401, {}, b"{}"),
    ],
)
def test_a_server_that_publishes_nothing_is_asked_a_few_times_only(nothing: Response) -> None:
    transport = Published({}, nothing)
    assert find_metadata(transport, f"{ROOT}{'/deep' * 40}/authorize") is None
    assert len(transport.asked) == 12
    assert all(url.startswith(f"{ROOT}/") for url in transport.asked)


def test_a_folder_that_fails_does_not_hide_the_next_one() -> None:
    published = {f"{ROOT}/{OPENID}": about(ROOT, f"{ROOT}/a/authorize")}
    transport = Published(published, Response(502, {}, b""))
    assert find_metadata(transport, f"{ROOT}/a/authorize") == Metadata(ROOT, False)


@pytest.mark.parametrize(("status", "kind"), [(500, ServerError), (429, RateLimited)])
def test_a_server_that_fails_has_not_said_that_it_publishes_nothing(
    status: int, kind: type[Exception]
) -> None:
    with pytest.raises(kind):
        find_metadata(Published({}, Response(status, {}, b"")), AUTHORIZE)


@pytest.mark.parametrize("error", [NotSent("x"), NoAnswer("x")])
def test_a_server_that_is_not_reached_is_asked_once(error: Exception) -> None:
    transport = Scripted(error)
    with pytest.raises(type(error)):
        find_metadata(transport, AUTHORIZE)
    assert len(transport.requests) == 1


def test_an_answer_nobody_can_take_in_is_no_metadata() -> None:
    transport = Scripted(ProtocolError("too large"), answer(about(ROOT)))
    assert find_metadata(transport, AUTHORIZE) == Metadata(ROOT, names_itself=False)


def test_slow_answers_end_together(monkeypatch: pytest.MonkeyPatch) -> None:
    moments = iter([0.0, 1.0, 9.0, 11.0])
    monkeypatch.setattr("client.metadata.time.monotonic", lambda: next(moments))
    transport = Scripted(NOTHING, NOTHING)
    with pytest.raises(NoAnswer, match="10 s"):
        find_metadata(transport, f"{ROOT}/a/b/authorize")
    assert transport.deadlines == [9.0, 1.0]


def test_only_an_address_a_secret_may_go_to_is_asked() -> None:
    with pytest.raises(ValueError, match="https"):
        find_metadata(Scripted(), "http://as.example/authorize")
