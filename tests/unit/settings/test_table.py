"""The table of settings, and where their values come from."""

from dataclasses import fields
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyregistry.settings import (
    SETTINGS,
    Setting,
    Settings,
    SettingsError,
)
from tests.unit.settings.support import parse, refusal


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

    @pytest.mark.parametrize("key", ["access_key", "secret_key"])
    def test_keys_of_object_storage_stand_in_no_ini_file(self, key):
        sentence = refusal({f"pyregistry.storage.s3.{key}": self.SECRET})
        assert f"give it in the environment, as PYREGISTRY_STORAGE_S3_{key.upper()}." in sentence
        assert self.SECRET not in sentence

    def test_keys_of_object_storage_are_not_in_repr(self):
        variables = ("PYREGISTRY_STORAGE_S3_ACCESS_KEY", "PYREGISTRY_STORAGE_S3_SECRET_KEY")
        settings = parse({}, dict.fromkeys(variables, self.SECRET))
        assert settings.storage_s3_secret_key == settings.storage_s3_access_key == self.SECRET
        assert self.SECRET not in repr(settings)

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
        assert sentence == "pyregistry.storage = 'tape' is not valid: give local or s3."

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
