"""From the text of a setting to its value."""

from datetime import timedelta
from ipaddress import ip_network

import pytest

from pyregistry.settings import (
    DEFAULT_PORT,
    SettingsError,
    parsers,
    port_of,
)


class TestParsers:
    @pytest.mark.parametrize(
        ("text", "size"),
        [
            ("0", 0),
            ("500", 500),
            ("500 B", 500),
            ("2kB", 2000),
            ("100 MiB", 100 * 1024**2),
            ("2 GiB", 2 * 1024**3),
            ("2 gib", 2 * 1024**3),
            ("1 TB", 10**12),
        ],
    )
    def test_size(self, text, size):
        assert parsers.size(0)(text) == size

    @pytest.mark.parametrize(
        "text", ["-1", "1.5 GiB", "GiB", "1 GiBs", "1 parsec", "1  MiB", "9" * 16, "٣"]
    )
    def test_size_refuses(self, text):
        with pytest.raises(ValueError, match="'100 MiB'"):
            parsers.size(0)(text)

    def test_size_below_the_minimum(self):
        with pytest.raises(ValueError, match="1 bytes or more"):
            parsers.size(1)("0 MiB")

    @pytest.mark.parametrize(
        ("text", "duration"),
        [
            ("5", timedelta(seconds=5)),
            ("90 s", timedelta(seconds=90)),
            ("1 minute", timedelta(minutes=1)),
            ("12 Hours", timedelta(hours=12)),
            ("14d", timedelta(days=14)),
            ("2 weeks", timedelta(weeks=2)),
        ],
    )
    def test_duration(self, text, duration):
        assert parsers.duration("seconds")(text) == duration

    def test_duration_counts_in_the_unit_of_the_setting(self):
        assert parsers.duration("days")("5") == timedelta(days=5)

    @pytest.mark.parametrize("text", ["-1", "1.5 hours", "hours", "1 month", "1 hour 30 minutes"])
    def test_duration_refuses(self, text):
        with pytest.raises(ValueError, match="'12 hours'"):
            parsers.duration("seconds")(text)

    @pytest.mark.parametrize("text", ["0", "36501 days", "999999999999999 weeks"])
    def test_duration_out_of_range(self, text):
        with pytest.raises(ValueError, match="above zero and up to 36500 days"):
            parsers.duration("seconds")(text)

    @pytest.mark.parametrize("text", ["true", "YES", "on", "1"])
    def test_true(self, text):
        assert parsers.boolean(text) is True

    @pytest.mark.parametrize("text", ["false", "No", "off", "0"])
    def test_false(self, text):
        assert parsers.boolean(text) is False

    def test_boolean_refuses(self):
        with pytest.raises(ValueError, match="give true or false"):
            parsers.boolean("maybe")

    @pytest.mark.parametrize("text", ["0", "11", "-1", "1.0", "1e1", "9" * 5000])
    def test_whole_number_refuses(self, text):
        with pytest.raises(ValueError, match="from 1 to 10"):
            parsers.whole_number(1, 10)(text)

    @pytest.mark.parametrize("text", ["two\nlines", "x" * 101, "bell\x07"])
    def test_title_refuses(self, text):
        with pytest.raises(ValueError, match="one line"):
            parsers.title(text)

    @pytest.mark.parametrize(
        ("text", "rendered"),
        [
            ("postgres://u:p@h/d", "postgresql+psycopg://u:p@h/d"),
            ("postgresql://u:p@h/d", "postgresql+psycopg://u:p@h/d"),
            ("postgresql+psycopg://h:5433/d?a=b", "postgresql+psycopg://h:5433/d?a=b"),
            ("sqlite+pysqlite:////x", "sqlite:////x"),
        ],
    )
    def test_database_url(self, text, rendered):
        assert parsers.database_url(text).render_as_string(hide_password=False) == rendered

    @pytest.mark.parametrize("text", ["mysql://h/d", "postgresql+psycopg2://h/d", "x", "://"])
    def test_database_url_refuses(self, text):
        with pytest.raises(ValueError, match="sqlite:////folder"):
            parsers.database_url(text)

    def test_sqlite_address_with_too_few_slashes(self):
        with pytest.raises(ValueError, match="three slashes"):
            parsers.database_url("sqlite://file.sqlite3")

    @pytest.mark.parametrize("text", ["sqlite://", "sqlite:///", "sqlite:///:memory:"])
    def test_sqlite_in_memory_would_be_another_one_in_each_thread(self, text):
        with pytest.raises(ValueError, match="give a SQLite address with a file"):
            parsers.database_url(text)

    @pytest.mark.parametrize(
        ("text", "address"),
        [
            ("https://packages.example.org", "https://packages.example.org"),
            ("HTTPS://Packages.Example.org/", "https://packages.example.org"),
            ("http://localhost:6543", "http://localhost:6543"),
            ("https://example.org:443/a", "https://example.org/a"),
            ("http://example.org:80", "http://example.org"),
            ("https://[::1]:8443/a/b-c/", "https://[::1]:8443/a/b-c"),
        ],
    )
    def test_public_url(self, text, address):
        assert parsers.public_url(text) == address

    @pytest.mark.parametrize(
        "text",
        [
            "example.org",
            "//example.org",
            "ftp://example.org",
            "https://",
            "https://exa mple.org",
            "https://example.org:0",
            "https://example.org:99999",
            "https://example.org:",
            "https://example.org:x",
            "https://user:pw@example.org",
            "https://user@example.org",
            "https://example.org?x",
            "https://example.org/#",
            "https://example.org//a",
            "https://example.org/a/../b",
            "https://example.org/%41",
            "https://example.org/é",
            "https://[::1",
            "https://[fe80::1%25lo]",
            "https://-example.org",
            "https://example.org/a\nb",
        ],
    )
    def test_public_url_refuses(self, text):
        with pytest.raises(ValueError, match=r"give an (absolute )?address"):
            parsers.public_url(text)

    @pytest.mark.parametrize("text", ["/_/accel/", "/files/"])
    def test_internal_path(self, text):
        assert parsers.internal_path(text) == text

    @pytest.mark.parametrize("text", ["/", "files", "/files", "files/", "/a/../", "/a%2F/", "//"])
    def test_internal_path_refuses(self, text):
        with pytest.raises(ValueError, match="a slash at both ends"):
            parsers.internal_path(text)

    def test_peers(self):
        assert parsers.peers("127.0.0.1, 10.0.0.0/8\n::1 fd00::/8 unix") == (
            ip_network("127.0.0.1"),
            ip_network("10.0.0.0/8"),
            ip_network("::1"),
            ip_network("fd00::/8"),
            "unix",
        )

    @pytest.mark.parametrize("text", ["localhost", "10.0.0.1/8", "10.0.0", "*", "10.0.0.0/33"])
    def test_peers_refuses(self, text):
        with pytest.raises(ValueError, match="IP addresses and networks"):
            parsers.peers(f"127.0.0.1 {text}")


class TestPort:
    def test_environment_then_ini_then_default(self):
        assert port_of({"port": "81"}, {"PORT": "82"}) == 82
        assert port_of({"port": "81"}, {"PORT": ""}) == 81
        assert port_of({}, {}) == DEFAULT_PORT

    @pytest.mark.parametrize("text", ["http", "0", "65536", "-1", "80.0", "tcp://10.0.0.1:80"])
    def test_refuses(self, text):
        with pytest.raises(SettingsError, match=r"PORT = .* from 1 to 65535"):
            port_of({}, {"PORT": text})
