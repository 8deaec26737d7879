"""Discovery, keys that roll over, and issuers that are down, slow, or not themselves."""

import logging
import socket
from collections.abc import Callable
from typing import Any

import pytest
from pyramid.registry import Registry
from sqlalchemy import URL

from pyregistry.settings import Settings, SettingsError
from pyregistry.trusted_publishing import documents
from pyregistry.trusted_publishing.keys import IssuerKeys
from tests.conftest import NewDatabase
from tests.factories.certificates import Certificates, new_certificates
from tests.factories.issuer import DISCOVERY, KEY_SET, Issuer, key_of, ok, running_issuer
from tests.functional.oidc.support import Trusting, trust

pytestmark = pytest.mark.thorough


@pytest.fixture
def database_url(new_sqlite: NewDatabase) -> URL:
    """Keys are fetched before the database is asked, whichever it is."""
    return new_sqlite()


def unavailable(trusting: Trusting, token: str | None = None) -> str:
    """Check that an ID token is refused for its issuer's sake; the sentence."""
    code, sentence = trusting.refused(token or trusting.token())
    assert code == "invalid-token"
    assert "cannot be fetched now" in sentence
    return sentence


class TestKeys:
    def test_they_are_fetched_once_an_hour(self, trusting: Trusting) -> None:
        for _ in range(3):
            trusting.mint(trusting.token())
        assert trusting.issuer.asked == [DISCOVERY, KEY_SET]
        trusting.world.clock.advance(minutes=59)
        trusting.mint(trusting.token())
        assert len(trusting.issuer.asked) == 2
        trusting.world.clock.advance(minutes=1)
        trusting.mint(trusting.token())
        assert trusting.issuer.asked == [DISCOVERY, KEY_SET] * 2

    def test_a_new_key_is_fetched_at_once(self, trusting: Trusting) -> None:
        trusting.mint(trusting.token())
        trusting.world.clock.advance(minutes=1)
        second = key_of("RS256", "second")
        trusting.issuer.keys.append(trusting.issuer.public(second))
        trusting.mint(trusting.issuer.id_token(trusting.claims(), key=second))
        trusting.mint(trusting.token())
        assert len(trusting.issuer.asked) == 4

    def test_a_key_that_was_withdrawn(self, trusting: Trusting) -> None:
        trusting.mint(trusting.token())
        second = key_of("RS256", "second")
        trusting.issuer.keys = [trusting.issuer.public(second)]
        trusting.world.clock.advance(minutes=60)
        code, sentence = trusting.refused(trusting.token())
        assert code == "invalid-token"
        assert "does not publish" in sentence

    def test_unknown_names_of_keys_ask_the_issuer_once_a_minute(self, trusting: Trusting) -> None:
        for number in range(5):
            header = {"kid": f"unknown-{number}"}
            token = trusting.issuer.id_token(trusting.claims(), header=header)
            assert trusting.refused(token)[0] == "invalid-token"
        assert trusting.issuer.asked == [DISCOVERY, KEY_SET]
        trusting.world.clock.advance(seconds=59)
        trusting.refused(trusting.issuer.id_token(trusting.claims(), header={"kid": "x"}))
        assert len(trusting.issuer.asked) == 2
        trusting.world.clock.advance(seconds=1)
        trusting.refused(trusting.issuer.id_token(trusting.claims(), header={"kid": "x"}))
        assert len(trusting.issuer.asked) == 4

    def test_a_clock_that_was_set_back(self, trusting: Trusting) -> None:
        trusting.mint(trusting.token())
        trusting.world.clock.advance(days=-400)
        trusting.mint(trusting.token())
        assert len(trusting.issuer.asked) == 4

    def test_keys_that_nobody_knows_are_passed_over(self, trusting: Trusting) -> None:
        strange: list[Any] = [
            {"kty": "LMS", "kid": "a"},
            {"kty": "RSA", "kid": "b"},
            {"kty": "RSA", "n": "!", "e": "AQAB"},
            {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"},
            {"kty": ["RSA"]},
            {"kid": 1},
            {},
            "key",
            None,
            {**key_of("ES512").as_dict(private=False)},
        ]
        trusting.issuer.keys = [*strange, *trusting.issuer.keys]
        trusting.mint(trusting.token())

    @pytest.mark.parametrize(
        "keys", [None, {}, "keys", [{"kty": "oct"}] * 101], ids=["none", "object", "text", "many"]
    )
    def test_what_is_no_key_set(self, trusting: Trusting, keys: Any) -> None:
        trusting.issuer.keys = keys
        unavailable(trusting)

    def test_an_empty_key_set(self, trusting: Trusting) -> None:
        trusting.issuer.keys = []
        assert "does not publish" in trusting.refused(trusting.token())[1]


class TestOutage:
    def test_keys_are_used_for_six_hours(self, trusting: Trusting) -> None:
        trusting.mint(trusting.token())
        trusting.issuer.replies[DISCOVERY] = (503, {}, b"")
        trusting.world.clock.advance(hours=5, minutes=59)
        trusting.mint(trusting.token())
        trusting.world.clock.advance(minutes=1)
        unavailable(trusting)

    def test_it_is_asked_once_a_minute(self, trusting: Trusting) -> None:
        trusting.issuer.replies[DISCOVERY] = (503, {}, b"")
        for _ in range(3):
            unavailable(trusting)
        assert trusting.issuer.asked == [DISCOVERY]
        trusting.issuer.replies.clear()
        unavailable(trusting)
        trusting.world.clock.advance(minutes=1)
        trusting.mint(trusting.token())

    def test_it_is_nobodys_failure(self, trusting: Trusting, limited: Any) -> None:
        trusting.issuer.replies[DISCOVERY] = (503, {}, b"")
        limited(token_failures_per_address="1 per day")
        for _ in range(3):
            unavailable(trusting)

    def test_nobody_listens(
        self, trusting: Trusting, application: tuple[object, Registry], certificates: Certificates
    ) -> None:
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            trusting.issuer.address = f"https://localhost:{closed.getsockname()[1]}"
            trust(trusting.world, application[1], certificates, [trusting.issuer.address])
            assert trusting.issuer.address in unavailable(trusting)

    def test_the_log_says_why(self, trusting: Trusting, caplog: pytest.LogCaptureFixture) -> None:
        trusting.issuer.replies[DISCOVERY] = (503, {}, b"")
        token = trusting.token()
        with caplog.at_level(logging.WARNING, "pyregistry"):
            unavailable(trusting, token)
        (message,) = [record.getMessage() for record in caplog.records]
        assert "503" in message
        assert trusting.issuer.address in message
        assert token not in caplog.text


def redirect(to: str) -> tuple[int, dict[str, str], bytes]:
    return 302, {"Location": to}, b""


WRONG: dict[str, Callable[[Issuer], Any]] = {
    "another issuer": lambda it: {
        "issuer": "https://x.example",
        "jwks_uri": it.server + KEY_SET,
    },
    "a slash more": lambda it: {"issuer": it.address + "/", "jwks_uri": it.server + KEY_SET},
    "no issuer": lambda it: {"jwks_uri": it.server + KEY_SET},
    "no keys": lambda it: {"issuer": it.address},
    "keys over http": lambda it: {
        "issuer": it.address,
        "jwks_uri": it.server.replace("https", "http") + KEY_SET,
    },
    "keys in a file": lambda it: {"issuer": it.address, "jwks_uri": "file:///etc/passwd"},
    "keys in data": lambda it: {"issuer": it.address, "jwks_uri": 'data:,{"keys":[]}'},
    "a malformed address": lambda it: {"issuer": it.address, "jwks_uri": "https://[x"},
    "an address with a line": lambda it: {
        "issuer": it.address,
        "jwks_uri": "https://x/?a\r\nb",
    },
    "an address beyond ASCII": lambda it: {"issuer": it.address, "jwks_uri": "https://x/?ü"},
    "a list of addresses": lambda it: {"issuer": it.address, "jwks_uri": [it.server + KEY_SET]},
    "an address with a user": lambda it: {
        "issuer": it.address,
        "jwks_uri": it.server.replace("https://", "https://a:b@") + KEY_SET,
    },
    "a list": lambda it: [it.address],
}


class TestDocuments:
    """Whatever an issuer answers, only its own documents over https are believed."""

    @pytest.mark.parametrize("which", WRONG)
    def test_a_wrong_discovery_document(self, trusting: Trusting, which: str) -> None:
        trusting.issuer.replies[DISCOVERY] = ok(WRONG[which](trusting.issuer))
        unavailable(trusting)
        assert trusting.issuer.asked == [DISCOVERY]

    @pytest.mark.parametrize("path", [DISCOVERY, KEY_SET])
    def test_redirects_are_not_followed(self, trusting: Trusting, path: str) -> None:
        good = trusting.issuer.reply(path)
        trusting.issuer.asked.clear()
        trusting.issuer.replies["/elsewhere"] = good
        trusting.issuer.replies[path] = redirect(f"{trusting.issuer.server}/elsewhere")
        unavailable(trusting)
        assert "/elsewhere" not in trusting.issuer.asked

    @pytest.mark.parametrize("path", [DISCOVERY, KEY_SET])
    @pytest.mark.parametrize(
        "body", [b"", b"<html>", b"[]", b"\xff", b"{" * 5000, b'{"a": 1, "a": 2}']
    )
    def test_what_is_no_document(self, trusting: Trusting, path: str, body: bytes) -> None:
        trusting.issuer.replies[path] = (200, {}, body)
        unavailable(trusting)

    @pytest.mark.parametrize("path", [DISCOVERY, KEY_SET])
    def test_fifty_megabytes(self, trusting: Trusting, path: str) -> None:
        status, headers, good = trusting.issuer.reply(path)
        trusting.issuer.replies[path] = (status, headers, good + b" " * 50_000_000)
        unavailable(trusting)

    def test_a_body_that_does_not_end(self, trusting: Trusting) -> None:
        trusting.issuer.replies[KEY_SET] = (200, {"Content-Length": "1000"}, b'{"keys": [')
        unavailable(trusting)

    def test_a_body_that_lasts_too_long(
        self, trusting: Trusting, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(documents, "_SECONDS_OF_ALL", -1)
        unavailable(trusting)

    def test_silence(self, trusting: Trusting, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(documents, "_SECONDS_OF_SILENCE", 0.2)
        with socket.create_server(("127.0.0.1", 0)) as silent:
            address = f"https://localhost:{silent.getsockname()[1]}/keys"
            configuration = {"issuer": trusting.issuer.address, "jwks_uri": address}
            trusting.issuer.replies[DISCOVERY] = ok(configuration)
            unavailable(trusting)

    def test_keys_may_be_at_another_address(
        self, trusting: Trusting, certificates: Certificates
    ) -> None:
        with running_issuer(certificates) as other:
            configuration = {
                "issuer": trusting.issuer.address,
                "jwks_uri": f"{other.server}/keys?a=b",
            }
            trusting.issuer.replies[DISCOVERY] = ok(configuration)
            other.replies["/keys?a=b"] = ok({"keys": trusting.issuer.keys})
            trusting.mint(trusting.token())

    def test_an_issuer_below_a_path(
        self, trusting: Trusting, application: tuple[object, Registry], certificates: Certificates
    ) -> None:
        issuer = trusting.issuer
        for address in (f"{issuer.server}/realms/acme", f"{issuer.server}/realms/acme/"):
            issuer.address = address
            trust(trusting.world, application[1], certificates, [address])
            issuer.replies["/realms/acme" + DISCOVERY] = issuer.reply(DISCOVERY)
            trusting.publisher(name=address)
            trusting.mint(trusting.token())


class TestCertificates:
    def test_an_authority_that_nobody_named(
        self,
        trusting: Trusting,
        application: tuple[object, Registry],
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        trust(trusting.world, application[1], None, [trusting.issuer.address])
        unavailable(trusting)
        assert "CERTIFICATE_VERIFY_FAILED" in caplog.text
        assert trusting.issuer.asked == []

    def test_another_authority(
        self,
        trusting: Trusting,
        application: tuple[object, Registry],
        tmp_path_factory: pytest.TempPathFactory,
    ) -> None:
        other = new_certificates(tmp_path_factory.mktemp("other"))
        trust(trusting.world, application[1], other, [trusting.issuer.address])
        unavailable(trusting)
        assert trusting.issuer.asked == []

    def test_the_certificate_of_another_host(
        self,
        trusting: Trusting,
        application: tuple[object, Registry],
        certificates: Certificates,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(socket, "getaddrinfo", _loopback(socket.getaddrinfo))
        trusting.issuer.address = trusting.issuer.server.replace("localhost", "issuer.example")
        trust(trusting.world, application[1], certificates, [trusting.issuer.address])
        unavailable(trusting)
        assert trusting.issuer.asked == []

    @pytest.mark.parametrize("content", [None, "", "no certificate"])
    def test_a_file_without_certificates(self, tmp_path: Any, content: str | None) -> None:
        file = tmp_path / "ca.pem"
        if content is not None:
            file.write_text(content)
        ini = {"here": str(tmp_path), "pyregistry.oidc.ca_file": "ca.pem"}
        with pytest.raises(SettingsError, match=r"pyregistry\.oidc\.ca_file .* PEM"):
            IssuerKeys.of(Settings.parse(ini, {}))


def _loopback(real: Callable[..., Any]) -> Callable[..., Any]:
    """Resolve every name to this machine."""
    return lambda _host, *arguments, **named: real("127.0.0.1", *arguments, **named)


def test_nothing_is_fetched_inside_a_transaction(trusting: Trusting) -> None:
    """SQLite has one writer: it must not wait for a stranger's server."""
    database = trusting.world.components.database

    def reply() -> Any:
        with database.writing() as session:
            session.connection()
        return ok({"keys": trusting.issuer.keys})

    trusting.issuer.replies[KEY_SET] = reply
    trusting.mint(trusting.token())
