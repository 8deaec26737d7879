"""What is shipped in `deploy/` fits what it stands in front of."""

import configparser
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from pyregistry.http.parameters import MAXIMUM_BODY

DEPLOY = Path(__file__).parents[2] / "deploy"
UNITS = ("pyregistry.service", "pyregistry-worker.service")
SECONDS = {"": 1, "s": 1, "m": 60, "min": 60}


def duration(text: str) -> int:
    found = re.fullmatch(r"(\d+)(s|min|m|)", text)
    assert found is not None, text
    return int(found[1]) * SECONDS[found[2]]


@pytest.fixture
def nginx() -> str:
    return (DEPLOY / "nginx.conf").read_text()


@pytest.fixture
def server_section(repository: Path) -> configparser.SectionProxy:
    ini = configparser.ConfigParser(interpolation=None)
    ini.read(repository / "production.ini")
    return ini["server:main"]


def directive(text: str, name: str) -> str:
    """The value of the first directive of that name."""
    found = re.search(rf"^\s*{name}\s*[= ]\s*([^;\n]+);?$", text, re.MULTILINE)
    assert found is not None, name
    return found[1].strip()


def test_systemd_waits_for_longer_than_a_stop_takes(
    server_section: configparser.SectionProxy,
) -> None:
    unit = (DEPLOY / "pyregistry.service").read_text()
    # The workers write down what they have counted after their last request.
    assert duration(directive(unit, "TimeoutStopSec")) > int(server_section["stop_timeout"]) + 15
    assert directive(unit, "KillMode") == "mixed"


def test_nginx_closes_connections_before_the_registry_does(nginx: str) -> None:
    block = nginx[nginx.index("upstream pyregistry") :]
    assert duration(directive(block, "keepalive_timeout")) < 75


def test_nginx_holds_nothing_back(nginx: str) -> None:
    """Whatever the `http` block around it says, as Debian's does."""
    assert re.findall(r"^ +tcp_nopush (\w+);", nginx, re.MULTILINE) == ["off"]


def test_nginx_leaves_it_to_the_registry_to_say_what_is_too_large(nginx: str) -> None:
    assert directive(nginx, "client_max_body_size") == "1m"
    assert MAXIMUM_BODY < 1024**2
    uploads = nginx[nginx.index("location ~ (/-/legacy|/packages/pypi)") :]
    assert directive(uploads, "client_max_body_size") == "0"


def test_nginx_says_everywhere_who_asks(nginx: str) -> None:
    server = nginx[nginx.index("listen 443") :]
    said = set(re.findall(r"proxy_set_header (\S+)", server))
    assert {"X-Forwarded-For", "Forwarded", "X-Request-Id", "X-Page-Validator"} <= said
    # A location that says one thing by itself would take over nothing of the others.
    assert "proxy_set_header" not in server[server.index("location ") :]


def test_nginx_keeps_no_page_by_its_address_or_credentials(nginx: str) -> None:
    assert directive(nginx, "proxy_cache_key") == '"$request_method $host $pyregistry_validator"'
    assert directive(nginx, "proxy_no_cache") == "$pyregistry_is_another_page"


def test_nginx_asks_the_server_of_the_ini(
    nginx: str, server_section: configparser.SectionProxy
) -> None:
    assert f"server {server_section['host']}:{server_section['port']} " in nginx


@pytest.mark.parametrize("unit", UNITS)
def test_units_are_right(unit: str, tmp_path: Path) -> None:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("this machine has no systemd-analyze")
    text = (DEPLOY / unit).read_text()
    # What is not installed here.
    (tmp_path / unit).write_text(re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", text, flags=re.M))
    done = subprocess.run(
        [program, "verify", tmp_path / unit], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("setting", ["User", "ProtectSystem", "SystemCallFilter", "Restart"])
def test_both_units_are_shut_in_alike(setting: str) -> None:
    values = {directive((DEPLOY / unit).read_text(), setting) for unit in UNITS}
    assert len(values) == 1
