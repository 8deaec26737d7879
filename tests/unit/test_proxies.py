"""Who is the client and what is the public address, behind proxies and without."""

from ipaddress import ip_address, ip_network
from wsgiref.util import setup_testing_defaults

import pytest
from hypothesis import given
from hypothesis import strategies as st
from webob import Request

from pyregistry.proxies import UNIX_SOCKET, TrustedProxies

PROXIES = (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))
PROXY = "10.0.0.1"
STRANGER = "203.0.113.9"
STREAMS = ("wsgi.input", "wsgi.errors")


FORGED = {
    "for_": "198.51.100.1",
    "proto": "https",
    "host": "evil.example",
    "port": "1",
    "prefix": "/evil",
    "server": "evil",
}


def seen(peer, path="/a", *, networks=PROXIES, public_url=None, **headers):
    """The environ that the application gets; a header is written for_, proto, host …"""
    environ = {"PATH_INFO": path, "SCRIPT_NAME": "", "REMOTE_ADDR": peer, "REMOTE_PORT": "1234"}
    for name, value in headers.items():
        environ[f"HTTP_X_FORWARDED_{name.rstrip('_').upper()}"] = value
    environ["HTTP_HOST"] = "inner:8080"
    setup_testing_defaults(environ)
    got = []

    def app(environ, start_response):
        got.append(environ)
        return []

    TrustedProxies(app, networks, public_url)(environ, lambda *_: None)
    # New objects for every request, the same in nothing.
    return {key: value for key, value in got[0].items() if key not in STREAMS}


def address(environ):
    return Request(environ).application_url


class TestStrangers:
    def test_their_headers_are_ignored_and_removed(self):
        environ = seen(STRANGER, **FORGED)
        assert environ == seen(STRANGER)
        assert address(environ) == "http://inner:8080"
        assert Request(environ).client_addr == STRANGER

    @pytest.mark.parametrize("header", ["HTTP_FORWARDED", "HTTP_X_REAL_IP"])
    @pytest.mark.parametrize("peer", [STRANGER, PROXY])
    def test_other_headers_of_that_kind_are_removed_too(self, header, peer):
        got = []
        app = TrustedProxies(lambda environ, _: got.append(environ) or [], PROXIES)
        environ = {"REMOTE_ADDR": peer, header: "for=198.51.100.1"}
        setup_testing_defaults(environ)
        app(environ, lambda *_: None)
        assert header not in got[0]

    def test_nobody_is_trusted_by_default(self):
        assert seen(PROXY, networks=(), **FORGED) == seen(PROXY, networks=())


class TestClient:
    @pytest.mark.parametrize(
        ("header", "client"),
        [
            ("198.51.100.1", "198.51.100.1"),
            ("198.51.100.1, 10.1.1.1", "198.51.100.1"),
            ("1.1.1.1, 198.51.100.1, 10.1.1.1, fd00::7", "198.51.100.1"),
            ("1.1.1.1,198.51.100.1", "198.51.100.1"),
            ("10.9.9.9, 10.1.1.1", "10.9.9.9"),
            ("2001:db8::1", "2001:db8::1"),
            ("2001:DB8:0::1", "2001:db8::1"),
            ("[2001:db8::1]:4711", "2001:db8::1"),
            ("[2001:db8::1]", "2001:db8::1"),
            ("198.51.100.1:4711", "198.51.100.1"),
            ("::ffff:198.51.100.1", "198.51.100.1"),
            ("198.51.100.1, ::ffff:10.1.1.1", "198.51.100.1"),
        ],
    )
    def test_first_untrusted_from_the_right(self, header, client):
        environ = seen(PROXY, for_=header)
        assert environ["REMOTE_ADDR"] == client
        assert "REMOTE_PORT" not in environ
        assert Request(environ).client_addr == client

    @pytest.mark.parametrize(
        "header", ["", ",", "unknown", "_hidden", "198.51.100.256", "fe80::1%lo", "[::1", "<b>"]
    )
    def test_malformed_is_ignored(self, header):
        assert seen(PROXY, for_=header)["REMOTE_ADDR"] == PROXY
        # What a stranger may have written left of the malformed value is not read.
        assert seen(PROXY, for_=f"198.51.100.1, {header}")["REMOTE_ADDR"] == PROXY

    def test_proxy_itself_keeps_its_port(self):
        assert seen(PROXY)["REMOTE_PORT"] == "1234"

    @pytest.mark.parametrize("peer", ["fd00::1", "fd00::1%eth0", "::ffff:10.0.0.1"])
    def test_ipv6_proxies(self, peer):
        assert seen(peer, for_="198.51.100.1")["REMOTE_ADDR"] == "198.51.100.1"

    @pytest.mark.parametrize("peer", ["", "localhost"])
    def test_unix_sockets_are_trusted_where_listed(self, peer):
        listed = (*PROXIES, UNIX_SOCKET)
        environ = seen(peer, networks=listed, for_="198.51.100.1", proto="https")
        assert environ["REMOTE_ADDR"] == "198.51.100.1"
        assert environ["wsgi.url_scheme"] == "https"
        environ = seen(peer, for_="198.51.100.1", proto="https")
        assert environ["REMOTE_ADDR"] == peer
        assert environ["wsgi.url_scheme"] == "http"

    def test_unix_trusts_no_address(self):
        environ = seen(STRANGER, networks=(UNIX_SOCKET,), for_="198.51.100.1")
        assert environ["REMOTE_ADDR"] == STRANGER


class TestAddress:
    @pytest.mark.parametrize(
        ("headers", "expected"),
        [
            ({}, "http://inner:8080"),
            ({"proto": "https"}, "https://inner:8080"),
            ({"proto": "HTTPS", "host": "example.org"}, "https://example.org"),
            ({"host": "example.org"}, "http://example.org"),
            ({"host": "example.org:81"}, "http://example.org:81"),
            ({"host": "example.org", "port": "81"}, "http://example.org:81"),
            ({"host": "example.org:82", "port": "81"}, "http://example.org:82"),
            ({"proto": "https", "host": "example.org", "port": "443"}, "https://example.org"),
            ({"proto": "https", "host": "example.org:443"}, "https://example.org"),
            ({"host": "[2001:db8::1]:81"}, "http://[2001:db8::1]:81"),
            ({"port": "81"}, "http://inner:81"),
        ],
    )
    def test_headers_of_a_proxy(self, headers, expected):
        assert address(seen(PROXY, **headers)) == expected

    @pytest.mark.parametrize(
        "headers",
        [
            {"proto": "javascript"},
            {"proto": "https:"},
            {"host": "exa mple.org"},
            {"host": 'a"><script>'},
            {"host": "a/b"},
            {"host": "user@a"},
            {"host": "a:0"},
            {"host": "a:65536"},
            {"host": "a:"},
            {"host": "[::zz]"},
            {"host": "[....]"},
            {"host": "a\r\nX: y"},
            {"host": "a" * 300},
            {"port": "0"},
            {"port": "99999"},
            {"port": "x"},
            {"port": "٣"},
            {"prefix": "evil"},
            {"prefix": "//evil.example"},
            {"prefix": "/a/../b"},
            {"prefix": "/a b"},
            {"prefix": "/%2e"},
            {"prefix": "/"},
        ],
    )
    def test_malformed_is_ignored(self, headers):
        assert seen(PROXY, **headers) == seen(PROXY)

    def test_server_name_and_port_follow(self):
        environ = seen(PROXY, proto="https", host="example.org")
        assert (environ["SERVER_NAME"], environ["SERVER_PORT"]) == ("example.org", "443")

    def test_without_a_host_only_the_scheme_changes(self):
        environ = {"REMOTE_ADDR": PROXY, "HTTP_X_FORWARDED_PROTO": "https"}
        setup_testing_defaults(environ)
        environ["HTTP_HOST"] = "not a host"
        got = []
        TrustedProxies(lambda environ, _: got.append(environ) or [], PROXIES)(environ, None)
        assert got[0]["wsgi.url_scheme"] == "https"
        assert got[0]["HTTP_HOST"] == "not a host"

    def test_value_of_the_trusted_proxy_nearest_to_the_client_counts(self):
        chain = {"for_": "198.51.100.1, 10.1.1.1", "host": "evil.example, outer.example, inner"}
        assert address(seen(PROXY, **chain)) == "http://outer.example"

    def test_value_left_of_one_proxy_is_a_strangers(self):
        chain = {"for_": "198.51.100.1", "host": "evil.example, outer.example"}
        assert address(seen(PROXY, **chain)) == "http://outer.example"

    def test_single_value_counts_behind_several_proxies(self):
        chain = {"for_": "198.51.100.1, 10.1.1.1", "proto": "https", "host": "example.org"}
        assert address(seen(PROXY, **chain)) == "https://example.org"


class TestPrefix:
    def test_prefix_that_the_proxy_has_taken_away(self):
        environ = seen(PROXY, "/a", prefix="/registry/")
        assert (environ["SCRIPT_NAME"], environ["PATH_INFO"]) == ("/registry", "/a")

    def test_group_called_as_the_prefix(self):
        environ = seen(PROXY, "/registry/a", prefix="/registry")
        assert (environ["SCRIPT_NAME"], environ["PATH_INFO"]) == ("/registry", "/registry/a")

    @pytest.mark.parametrize("peer", [PROXY, STRANGER])
    @pytest.mark.parametrize(
        ("path", "inner"),
        [
            ("/registry/a/b", "/a/b"),
            ("/registry/", "/"),
            ("/registry", ""),
            ("/registry-two/a", "/registry-two/a"),
            ("/a", "/a"),
        ],
    )
    def test_prefix_of_the_public_address(self, peer, path, inner):
        environ = seen(peer, path, public_url="https://example.org/registry")
        assert (environ["SCRIPT_NAME"], environ["PATH_INFO"]) == ("/registry", inner)

    def test_prefix_of_the_public_address_taken_away_by_the_proxy(self):
        environ = seen(
            PROXY, "/registry/a", public_url="https://example.org/registry", prefix="/registry"
        )
        assert (environ["SCRIPT_NAME"], environ["PATH_INFO"]) == ("/registry", "/registry/a")

    def test_prefix_from_a_stranger_does_not_keep_the_path(self):
        environ = seen(
            STRANGER, "/registry/a", public_url="https://example.org/registry", prefix="/registry"
        )
        assert (environ["SCRIPT_NAME"], environ["PATH_INFO"]) == ("/registry", "/a")


class TestPublicUrl:
    @pytest.mark.parametrize("peer", [PROXY, STRANGER])
    def test_decides_whatever_the_headers_say(self, peer):
        environ = seen(
            peer,
            public_url="https://packages.example.org:8443",
            proto="http",
            host="evil.example",
            prefix="/evil",
        )
        assert address(environ) == "https://packages.example.org:8443"
        assert Request(environ).url == "https://packages.example.org:8443/a"
        assert (environ["SERVER_NAME"], environ["SERVER_PORT"]) == ("packages.example.org", "8443")

    def test_client_still_comes_from_the_proxy(self):
        environ = seen(PROXY, public_url="https://example.org", for_="198.51.100.1")
        assert environ["REMOTE_ADDR"] == "198.51.100.1"

    def test_ipv6(self):
        environ = seen(STRANGER, public_url="http://[2001:db8::1]:81/r")
        assert address(environ) == "http://[2001:db8::1]:81/r"


header_text = st.one_of(
    st.text(st.characters(max_codepoint=255)),
    st.text("0123456789abcdef.:,[]/% ", max_size=60),
)


@given(
    peer=st.one_of(st.sampled_from([PROXY, STRANGER, "fd00::1", "", "localhost"]), header_text),
    headers=st.dictionaries(
        st.sampled_from(["for_", "proto", "host", "port", "prefix", "server"]), header_text
    ),
    public_url=st.sampled_from([None, "https://example.org/registry"]),
)
def test_no_header_breaks_or_injects(peer, headers, public_url):
    environ = seen(peer, networks=(*PROXIES, UNIX_SOCKET), public_url=public_url, **headers)
    assert not [key for key in environ if key.startswith("HTTP_X_FORWARDED")]
    assert environ["wsgi.url_scheme"] in {"http", "https"}
    if environ["REMOTE_ADDR"] != peer:
        ip_address(environ["REMOTE_ADDR"])
    for key in ("HTTP_HOST", "SCRIPT_NAME", "SERVER_NAME", "SERVER_PORT"):
        assert not set(environ[key]) & set("\r\n\"'<>@?#\\ ")
    assert environ["SCRIPT_NAME"] == "" or environ["SCRIPT_NAME"].startswith("/")
    assert not environ["SCRIPT_NAME"].startswith("//")


@given(st.lists(st.ip_addresses(v=4), max_size=5))
def test_client_is_the_last_untrusted_address(addresses):
    header = ", ".join(map(str, addresses))
    untrusted = [item for item in addresses if item not in PROXIES[0]]
    expected = untrusted[-1] if untrusted else (addresses[0] if addresses else PROXY)
    assert seen(PROXY, for_=header)["REMOTE_ADDR"] == str(expected)
