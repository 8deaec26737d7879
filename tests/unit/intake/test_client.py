"""Asking another index over TLS, and one that fails for a moment."""

from pathlib import Path
from urllib.parse import urlsplit

import pytest

from pyregistry.intake.client import IndexClient, Login
from pyregistry.intake.errors import CannotFetch
from tests.factories.certificates import new_certificates
from tests.factories.index_servers import static
from tests.factories.tls_front import tls_front


def test_tls_is_verified_and_not_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    certificates = new_certificates(tmp_path)
    with static() as site, tls_front(certificates, urlsplit(site.address).port or 0) as host:
        site.add("/simple/", "<p>nothing")
        site.add("/simple/left/", status=302, Location=f"{site.address}/simple/")
        login = Login("alice", "secret")
        with pytest.raises(CannotFetch, match="cannot be fetched"):
            IndexClient(f"https://{host}/simple/", login, 1).page()
        assert site.asked == []
        monkeypatch.setenv("SSL_CERT_FILE", str(certificates.authority))
        client = IndexClient(f"https://{host}/simple/", login, 1)
        assert client.page().body == b"<p>nothing"
        with pytest.raises(CannotFetch, match="without https"):
            client.page("left/")
        assert site.logins("/simple/") == ["alice:secret"]
        client.close()


def test_the_password_is_shown_nowhere() -> None:
    assert "secret" not in repr(Login("alice", "secret"))


def test_a_failure_of_a_moment_is_passed_over() -> None:
    with static() as site:
        site.add("/simple/", "later", status=503)

        def mend() -> None:
            if len(site.asked) > 1:
                site.add("/simple/", "now")

        site.meanwhile["/simple/"] = mend
        client = IndexClient(f"{site.address}/simple/", None, 1)
        assert client.page().body == b"now"
        client.close()
