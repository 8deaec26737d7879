"""Issuers, the audience, and authorities of one's own."""

from pathlib import Path

import pytest

from pyregistry.settings import oidc
from tests.unit.settings.support import parse, refusal


class TestIssuers:
    def test_there_are_none_by_default(self):
        assert parse().oidc_issuers == ()

    def test_they_are_kept_as_they_are_written(self):
        text = (
            "https://gitlab.example.org\n https://id.example.org/realms/Acme/,"
            "https://gitlab.example.org https://[::1]:8443 https://127.0.0.1:1"
        )
        assert parse({"pyregistry.oidc.issuers": text}).oidc_issuers == (
            "https://gitlab.example.org",
            "https://id.example.org/realms/Acme/",
            "https://[::1]:8443",
            "https://127.0.0.1:1",
        )

    @pytest.mark.parametrize(
        "text",
        [
            "http://gitlab.example.org",
            "HTTPS://gitlab.example.org",
            "gitlab.example.org",
            "https://",
            "https:///path",
            "https://user@gitlab.example.org",
            "https://gitlab.example.org?a",
            "https://gitlab.example.org#a",
            "https://gitlab.example.org:0",
            "https://gitlab.example.org:x",
            "https://gitlab.example.org:99999",
            "https://[::1",
            "https://gitlab_.example.org",
            "https://ü.example.org",
            "https://a\\b",
            "https://" + "x" * 3000,
            "https://good.example http://bad.example",
        ],
    )
    def test_what_is_none(self, text):
        assert "https addresses" in refusal({"pyregistry.oidc.issuers": text})


@pytest.mark.parametrize(
    "text", ["pyregistry", "https://registry.example", "a", "urn:x:y", "x" * 255]
)
def test_audience(text):
    assert parse({"pyregistry.oidc.audience": text}).oidc_audience == text


@pytest.mark.parametrize("text", ["a b", "a/", "ü", "x" * 256, "a\nb", 'a"b', "a,b"])
def test_what_is_no_audience(text):
    with pytest.raises(ValueError, match="1 to 255 letters"):
        oidc.audience(text)


def test_the_file_of_authorities_starts_at_the_ini_file():
    assert parse().oidc_ca_file is None
    assert parse({"pyregistry.oidc.ca_file": "ca.pem"}).oidc_ca_file == Path("/srv/ca.pem")


def test_a_file_cannot_be_nul():
    with pytest.raises(ValueError, match="path of a file"):
        oidc.file("a\0b")
