"""Where credentials are looked for, whatever a client sends."""

from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyramid.request import Request

from pyregistry.authnz.credentials import (
    MAXIMUM_LENGTH,
    SESSION_COOKIE,
    MalformedCredentials,
    presented_credentials,
    session_secret,
)

# What a WSGI server can hand on: bytes, as latin-1.
header_text = st.text(st.characters(codec="latin-1"), max_size=200)
encoded = st.binary(max_size=100).map(lambda data: b64encode(data).decode())


def request(**headers: str) -> Request:
    made = Request.blank("/")
    for name, value in headers.items():
        made.environ[f"HTTP_{name.upper()}"] = value
    return made


def tokens(**headers: str) -> list[str]:
    return [presented.secret for presented in presented_credentials(request(**headers))]


def basic(text: str | bytes) -> str:
    data = text if isinstance(text, bytes) else text.encode()
    return "Basic " + b64encode(data).decode()


def test_no_credentials() -> None:
    assert tokens() == []


@pytest.mark.parametrize("username", ["__token__", "alice", "", "gitlab-ci-token", "é"])
def test_basic_with_any_user_name(username: str) -> None:
    assert tokens(authorization=basic(f"{username}:secret")) == ["secret"]


@pytest.mark.parametrize("scheme", ["Basic", "basic", "BASIC"])
def test_schemes_in_any_case(scheme: str) -> None:
    assert tokens(authorization=basic("a:secret").replace("Basic", scheme)) == ["secret"]
    assert tokens(authorization="bEaReR secret") == ["secret"]


def test_password_with_colons() -> None:
    assert tokens(authorization=basic("a:b:c")) == ["b:c"]


def test_bearer() -> None:
    assert tokens(authorization="Bearer  secret ") == ["secret"]


def test_private_token() -> None:
    assert tokens(private_token="secret") == ["secret"]


def test_all_that_are_sent_count() -> None:
    assert tokens(authorization="Bearer one", private_token="two") == ["one", "two"]


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Basic",
        "Basic !!!",
        "Basic YQ",
        "Basic YTpi YTpi",
        "Basic é",
        basic("no colon"),
        basic(b"\xff\xfe:secret"),
        "Digest username=a",
        "secret",
        "Basic\tYTpi",
        "Bearer " + "x" * MAXIMUM_LENGTH,
    ],
)
def test_malformed(header: str) -> None:
    with pytest.raises(MalformedCredentials):
        tokens(authorization=header)


def test_errors_do_not_repeat_the_secret() -> None:
    with pytest.raises(MalformedCredentials) as caught:
        tokens(authorization="Basic hidden-secret!")
    assert "hidden" not in str(caught.value)


@given(
    st.one_of(
        header_text,
        header_text.map("Basic {}".format),
        encoded.map("Basic {}".format),
        header_text.map("Bearer {}".format),
    )
)
def test_any_header_gives_tokens_or_is_malformed(header: str) -> None:
    try:
        found = tokens(authorization=header)
    except MalformedCredentials:
        return
    assert len(found) == 1
    assert isinstance(found[0], str)


@given(st.text(max_size=50).filter(lambda text: ":" not in text), st.text(max_size=100))
def test_basic_round_trip(username: str, password: str) -> None:
    try:
        header = basic(f"{username}:{password}")
    except UnicodeEncodeError:
        return
    assert tokens(authorization=header) == [password]


def test_session_secret() -> None:
    assert session_secret(request(cookie=f"{SESSION_COOKIE}=secret")) == "secret"
    assert session_secret(request(cookie="other=secret")) is None
    assert session_secret(request(cookie=f"{SESSION_COOKIE}=")) is None
    assert session_secret(request()) is None


@given(st.one_of(header_text, header_text.map(f"{SESSION_COOKIE}={{}}".format)))
def test_any_cookie_gives_a_secret_or_none(header: str) -> None:
    secret = session_secret(request(cookie=header))
    assert secret is None or secret
