"""The settings: their table, their document, their parsers and where they come from."""

import re
from dataclasses import fields
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path

import plaster
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyregistry import server
from pyregistry.settings import (
    DEFAULT_PORT,
    SETTINGS,
    Rate,
    Setting,
    Settings,
    SettingsError,
    parsers,
    port_of,
    throttling,
)

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "docs" / "settings.md"
INI_FILES = sorted(ROOT.glob("*.ini"))


def parse(ini=None, environ=None):
    return Settings.parse({"here": "/srv", **(ini or {})}, environ or {})


def refusal(ini=None, environ=None):
    with pytest.raises(SettingsError) as caught:
        parse(ini, environ)
    assert "\n" not in caught.value.sentence
    return caught.value.sentence


class TestTable:
    def test_attributes_are_keys_with_underscores(self):
        for row in fields(Settings):
            key = row.metadata["setting"].key
            assert key.replace(".", "_") == f"pyregistry_{row.name}"

    def test_every_setting_has_its_own_variables(self):
        variables = [name for row in SETTINGS for name in row.environment]
        assert len(variables) == len(set(variables))

    def test_every_setting_says_its_unit_and_meaning(self):
        assert all(row.unit and row.meaning.endswith(".") for row in SETTINGS)

    def test_defaults(self):
        settings = parse()
        assert settings.data == Path("/srv/var")
        assert settings.storage_local_folder == Path("/srv/var/files")
        assert settings.database_url.drivername == "sqlite"
        assert settings.database_url.database == "/srv/var/pyregistry.sqlite3"
        assert settings.upload_max_file_size == 2 * 1024**3
        assert settings.archive_max_expanded_size == 4 * 1024**3
        assert settings.public_url is None
        assert settings.trusted_proxies == ()
        assert settings.tokens_max_lifetime is None
        assert settings.events_flush_interval == timedelta(seconds=5)

    @pytest.mark.parametrize(
        "row", [row for row in SETTINGS if row.default and not row.derive], ids=lambda row: row.key
    )
    def test_a_written_default_means_the_default(self, row: Setting):
        assert parse({row.key: row.default}) == parse()

    def test_what_depends_on_data_follows_it(self):
        settings = parse({"pyregistry.data": "/big disk/?#%"})
        assert settings.storage_local_folder == Path("/big disk/?#%/files")
        assert settings.database_url.database == "/big disk/?#%/pyregistry.sqlite3"

    def test_expanded_size_follows_the_file_size(self):
        settings = parse({"pyregistry.upload.max_file_size": "3 MiB"})
        assert settings.archive_max_expanded_size == 6 * 1024**2

    def test_expanded_size_below_the_file_size_is_refused(self):
        sentence = refusal({"pyregistry.archive.max_expanded_size": "1 GiB"})
        assert "smaller than pyregistry.upload.max_file_size" in sentence


class TestDocument:
    def documented(self, heading):
        text = DOCUMENT.read_text(encoding="utf-8")
        section = text.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
        rows = re.findall(r"^\| `([^`]+)` \| (.*?) \| (.*?) \| (.*?) \|$", section, re.MULTILINE)
        return {key: (default, unit, meaning) for key, default, unit, meaning in rows}

    def test_lists_exactly_the_table(self):
        def shown(default):
            if not default:
                return "none"
            return default if "`" in default else f"`{default}`"

        assert self.documented("The table") == {
            row.key: (shown(row.default), row.unit, row.meaning) for row in SETTINGS
        }

    def test_lists_what_the_server_sets(self):
        documented = self.documented("The server")
        for key, default in server.DEFAULTS.items():
            assert documented[key][0] == f"`{default}`"
        assert documented["port"][0] == f"`{DEFAULT_PORT}`"
        assert f"{server.FORM_FIELDS_SIZE // 1024**2} MiB" in documented["max_request_body_size"][0]


class TestSources:
    def test_unknown_key_is_an_error_with_advice(self):
        sentence = refusal({"pyregistry.upload.max_filesize": "1 MiB"})
        assert "'pyregistry.upload.max_filesize'" in sentence
        assert "did you mean pyregistry.upload.max_file_size?" in sentence

    def test_unknown_key_like_no_other_points_to_the_document(self):
        assert "docs/settings.md" in refusal({"pyregistry.zzzzzz": "1"})

    def test_keys_of_other_packages_are_left_alone(self):
        keys = ("pyramid.reload_templates", "jinja2.trim_blocks", "sqlalchemy.echo", "__file__")
        assert parse(dict.fromkeys(keys, "?")) == parse()

    def test_every_setting_can_be_given_in_the_environment(self):
        for row in SETTINGS:
            with pytest.raises(SettingsError, match=row.environment[0]):
                # A zero byte is valid nowhere.
                parse({}, {row.environment[0]: "\0 no"})

    def test_environment_comes_before_the_ini(self):
        ini = {"pyregistry.database.pool_size": "3"}
        assert parse(ini).database_pool_size == 3
        environ = {"PYREGISTRY_DATABASE_POOL_SIZE": "4"}
        assert parse(ini, environ).database_pool_size == 4

    def test_data_variable(self):
        ini = {"pyregistry.data": "/ini"}
        assert parse(ini, {"DATA": "/short"}).data == Path("/short")
        both = {"DATA": "/short", "PYREGISTRY_DATA": "/long"}
        assert parse(ini, both).data == Path("/long")

    @pytest.mark.parametrize("blank", ["", "  "])
    def test_empty_is_not_given(self, blank):
        assert parse({"pyregistry.data": blank}, {"DATA": blank}) == parse()

    def test_relative_folders_start_where_they_are_written(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        ini = {"pyregistry.data": "d", "pyregistry.database.url": "sqlite:///x.sqlite3"}
        assert parse(ini).data == Path("/srv/d")
        assert parse(ini).database_url.database == "/srv/x.sqlite3"
        assert parse(ini, {"DATA": "e"}).data == tmp_path / "e"

    def test_without_here_folders_start_at_the_current_folder(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        assert Settings.parse({}, {}).data == tmp_path / "var"

    def test_other_variables_with_the_same_beginning_are_ignored(self):
        # Kubernetes sets such variables for a service named pyregistry.
        assert parse({}, {"PYREGISTRY_SERVICE_HOST": "10.0.0.1"}) == parse()


class TestSecrets:
    SECRET = "s3cr3t"

    def test_not_in_repr(self):
        url = f"postgresql://registry:{self.SECRET}@db/registry?sslpassword={self.SECRET}"
        settings = parse({}, {"PYREGISTRY_DATABASE_URL": url})
        assert settings.database_url.password == self.SECRET
        assert self.SECRET not in repr(settings)

    def test_the_storage_of_throttling_is_secret(self):
        key = "pyregistry.throttle.storage"
        assert self.SECRET not in repr(parse({key: f"redis://:{self.SECRET}@host/0"}))
        assert self.SECRET not in refusal({key: f"redis://:{self.SECRET}@ host/0"})

    @pytest.mark.parametrize(
        "url",
        [
            "mysql://registry:{}@db/registry",
            "postgresql://registry:{}@db:port/registry",
            "postgresql//registry:{}@db",
            "sqlite://registry:{}@db/x",
        ],
    )
    def test_not_in_errors(self, url):
        for sources in (
            ({"pyregistry.database.url": url.format(self.SECRET)}, {}),
            ({}, {"PYREGISTRY_DATABASE_URL": url.format(self.SECRET)}),
        ):
            with pytest.raises(SettingsError) as caught:
                parse(*sources)
            error: BaseException | None = caught.value
            assert "database" in str(error).lower()
            while error is not None:
                assert self.SECRET not in str(error)
                error = error.__context__


class TestErrors:
    def test_names_the_key_the_value_and_what_is_accepted(self):
        sentence = refusal({"pyregistry.storage": "tape"})
        assert sentence == "pyregistry.storage = 'tape' is not valid: give local."

    def test_names_the_variable_where_it_comes_from_one(self):
        sentence = refusal({}, {"PYREGISTRY_STORAGE": "tape"})
        assert sentence.startswith("PYREGISTRY_STORAGE = 'tape'")

    def test_long_values_are_cut(self):
        assert len(refusal({"pyregistry.storage": "x" * 10_000})) < 300

    @given(st.sampled_from(SETTINGS), st.text())
    def test_any_text_is_taken_or_refused(self, row, text):
        try:
            parse({row.key: text})
        except SettingsError as error:
            sentence = error.sentence
        else:
            return
        assert len(sentence.splitlines()) == 1


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

    @pytest.mark.parametrize(
        ("text", "rate"),
        [
            ("10 per 10 minutes", Rate(10, timedelta(minutes=10))),
            ("300 per minute", Rate(300, timedelta(minutes=1))),
            ("1 per 1 Day", Rate(1, timedelta(days=1))),
            ("100000 per 366 days", Rate(100_000, timedelta(days=366))),
            ("off", None),
            ("OFF", None),
        ],
    )
    def test_rate(self, text, rate):
        assert throttling.rate(text) == rate

    @pytest.mark.parametrize(
        "text",
        ["10", "10/minute", "per minute", "-1 per minute", "x", "1 per 1.5 hours", "٣ per day"],
    )
    def test_rate_refuses(self, text):
        with pytest.raises(ValueError, match="give a rate such as '10 per 10 minutes', or 'off'"):
            throttling.rate(text)

    @pytest.mark.parametrize("text", ["0 per minute", "100001 per minute", "1 per 367 days"])
    def test_rate_out_of_range(self, text):
        with pytest.raises(ValueError, match="1 to 100000 in up to 366 days"):
            throttling.rate(text)

    def test_rate_of_a_strange_unit(self):
        with pytest.raises(ValueError, match="seconds, minutes"):
            throttling.rate("10 per fortnight")

    @pytest.mark.parametrize("text", ["memory", "host:6379", "async+redis://h", "redis://a b", ""])
    def test_storage_address_refuses(self, text):
        with pytest.raises(ValueError, match="'memory://' or an address"):
            throttling.storage_address(text)

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


class TestIniFiles:
    def test_there_are_two(self):
        assert [file.name for file in INI_FILES] == ["development.ini", "production.ini"]

    @pytest.mark.parametrize("file", INI_FILES, ids=lambda file: file.name)
    def test_the_settings_are_valid(self, file):
        section = plaster.get_settings(str(file), "app:main")
        assert section.pop("use") == "egg:pyregistry-server"
        settings = Settings.parse({"here": str(file.parent), **section}, {})
        assert settings.storage == "local"

    @pytest.mark.parametrize("file", INI_FILES, ids=lambda file: file.name)
    def test_every_key_that_is_commented_out_exists(self, file):
        keys = re.findall(r"^#(pyregistry\.\S+) = (.*)$", file.read_text(), re.MULTILINE)
        for key, value in keys:
            parse({key: value})

    def test_development_keeps_its_data_beside_the_file(self):
        file = ROOT / "development.ini"
        section = plaster.get_settings(str(file), "app:main")
        assert Settings.parse(section, {}).data == ROOT / "var"
