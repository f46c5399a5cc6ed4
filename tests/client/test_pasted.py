"""What a person pastes at the end of an authorization."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client import oauth


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("abc-DEF_123", oauth.Pasted("abc-DEF_123", None, None)),
        ("  abc\n", oauth.Pasted("abc", None, None)),
        ("https://x.example/cb?code=a%2Bb&state=s", oauth.Pasted("a+b", "s", None)),
        ("<https://x.example/cb?state=s&code=\n a>", oauth.Pasted("a", "s", None)),
        ("x.example/cb?code=a", oauth.Pasted("a", None, None)),
        ("?code=a&state=s", oauth.Pasted("a", "s", None)),
        ("code=a&state=s", oauth.Pasted("a", "s", None)),
        (
            "https://x.example/cb?code=a&state=s&iss=https%3A%2F%2Fas.example%2F",
            oauth.Pasted("a", "s", None, "https://as.example/"),
        ),
        ("https://x/?error=access_denied&state=s", oauth.Pasted("", "s", "access_denied")),
        ("https://x/?error=%3Cscript%3E&code=a", oauth.Pasted("", None, "unknown_error")),
    ],
)
def test_a_code_or_an_address_can_be_pasted(text: str, expected: oauth.Pasted) -> None:
    assert oauth.parse_pasted(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n",
        "https://x.example/cb",
        "https://x.example/cb?state=s",
        "https://x.example/?code=",
        "https://x.example/?code=a&code=b",
        "https://x.example/?code=a&iss=https://a.example&iss=https://b.example",
        "https://[::1?code=a",
        "schöne Grüße",
        "x" * 10_001,
    ],
)
def test_anything_else_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(ValueError, match=r"^[A-Z].*\.$"):
        oauth.parse_pasted(text)


@given(st.text(alphabet="code=&?error:/#%\n x\u202e\ud800", max_size=80))
def test_whatever_is_pasted_gives_a_code_an_error_or_a_sentence(text: str) -> None:
    try:
        pasted = oauth.parse_pasted(text)
    except ValueError:
        return
    assert bool(pasted.code) != bool(pasted.error)


def test_what_was_pasted_is_hidden_when_printed() -> None:
    assert "canary" not in repr(oauth.parse_pasted("https://x/?code=canary&state=canary"))
