"""What is written about settings: the document and the ini files."""

import re
from datetime import timedelta
from pathlib import Path

import plaster
import pytest

from pyregistry import server
from pyregistry.settings import (
    DEFAULT_PORT,
    SETTINGS,
    Rate,
    Settings,
)
from tests.unit.settings.support import parse

ROOT = Path(__file__).parents[3]
DOCUMENT = ROOT / "docs" / "settings.md"
INI_FILES = sorted(ROOT.glob("*.ini"))


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


class TestIniFiles:
    def test_there_are_two(self):
        assert [file.name for file in INI_FILES] == ["development.ini", "production.ini"]

    @pytest.mark.parametrize("file", INI_FILES, ids=lambda file: file.name)
    def test_the_settings_are_valid(self, file):
        section = plaster.get_settings(str(file), "app:main")
        assert section.pop("use") == "egg:pyregistry-server"
        settings = Settings.parse({"here": str(file.parent), **section}, {})
        assert settings.storage == "local"

    def test_requests_are_limited_in_production(self):
        section = plaster.get_settings(str(ROOT / "production.ini"), "app:main")
        section.pop("use")
        settings = Settings.parse({"here": str(ROOT), **section}, {})
        assert settings.throttle_api_per_identity == Rate(2000, timedelta(minutes=1))
        assert settings.throttle_api_per_address is not None
        assert settings.throttle_packages_per_identity == Rate(6000, timedelta(minutes=1))
        assert settings.throttle_packages_per_address is not None

    def test_slow_queries_are_logged_in_production_alone(self):
        found = {}
        for file in INI_FILES:
            section = plaster.get_settings(str(file), "app:main")
            section.pop("use")
            settings = Settings.parse({"here": str(ROOT), **section}, {})
            found[file.name] = settings.database_slow_query
        assert found == {"development.ini": None, "production.ini": timedelta(seconds=1)}

    def test_production_shows_every_setting_of_connections(self):
        text = (ROOT / "production.ini").read_text()
        shown = set(re.findall(r"^#?(pyregistry\.database\.\S+) = ", text, re.MULTILINE))
        assert shown == {row.key for row in SETTINGS if ".database." in row.key}

    @pytest.mark.parametrize("file", INI_FILES, ids=lambda file: file.name)
    def test_every_key_that_is_commented_out_exists(self, file):
        keys = re.findall(r"^#(pyregistry\.\S+) = (.*)$", file.read_text(), re.MULTILINE)
        for key, value in keys:
            parse({key: value})

    def test_development_keeps_its_data_beside_the_file(self):
        file = ROOT / "development.ini"
        section = plaster.get_settings(str(file), "app:main")
        assert Settings.parse(section, {}).data == ROOT / "var"
