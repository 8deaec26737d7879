"""Who asks is read from the address alone."""

import pytest

from pyregistry.http.addresses import (
    is_for_tools,
    is_json_api,
    is_package_traffic,
    is_pypi_api,
    names_nothing,
)

INDEX = "/api/v4/projects/1/packages/pypi"


@pytest.mark.parametrize(
    "path",
    [
        "/acme/core/-/simple/",
        "/acme/core/-/simple/demo",
        "/acme/-/files/0/1",
        "/acme/core/-/legacy",
        "/acme/core/-/pypi/demo/json",
        "/-/integrity/demo/1.0/demo-1.0.tar.gz/provenance",
        "/-/simple/",
        "/packages/0/1",
        "/api",
        "/api/v4/projects/1/packages",
        "/_/oidc/audience",
        "/-/readiness",
        "//acme//-//simple",
    ],
)
def test_for_tools(path: str) -> None:
    assert is_for_tools(path)


@pytest.mark.parametrize(
    "path",
    ["", "/", "/acme", "/acme/core/simple/1.0/", "/-/login", "/acme/-/", "/acme/-", "/apis/api"],
)
def test_for_people(path: str) -> None:
    assert not is_for_tools(path)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/api/v4/projects/1/packages", True),
        ("/api/v4/projects/acme/core/packages/1/package_files/2", True),
        (f"{INDEX}/status/demo", True),
        (INDEX, False),
        (f"{INDEX}/simple/status/", False),
        ("/api/v4/groups/acme/-/packages/pypi/simple/", False),
        ("/acme/core/-/simple/", False),
        ("/acme/api/v4", False),
        ("", False),
    ],
)
def test_the_json_api(path: str, expected: bool) -> None:
    assert is_json_api(path) is expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/acme/core/-/pypi/demo/json", True),
        ("/-/pypi", True),
        ("//acme//-//integrity//demo", True),
        ("/acme/core/pypi/json", False),
        ("/acme/pypi/-/simple/demo", False),
        ("/acme/-/files/-/pypi", False),
        ("/api/v4/groups/acme/-/pypi", False),
        ("/acme/-", False),
        ("", False),
    ],
)
def test_the_apis_of_pypi(path: str, expected: bool) -> None:
    assert is_pypi_api(path) is expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (INDEX, True),
        (f"{INDEX}/simple/demo/", True),
        (f"{INDEX}/files/0/1", True),
        ("/api/v4/groups/acme/-/packages/pypi/simple/", True),
        ("/acme/core/-/simple/", True),
        ("/acme/core/-/legacy/", True),
        ("/-/pypi/demo/json", True),
        ("/packages/0/1", True),
        (f"{INDEX}/status/demo", False),
        ("/api/v4/projects/1/packages", False),
        ("/_/oidc/mint-token", False),
        ("/-/login", False),
        ("/-/health", False),
        ("/-/liveness", False),
        ("/-/readiness", False),
        ("/-/static/style.css", False),
        ("/acme/core/", False),
        ("/", False),
        ("", False),
    ],
)
def test_package_traffic(path: str, expected: bool) -> None:
    assert is_package_traffic(path) is expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/api/v4/user", False),
        ("//api/v4/user/", False),
        ("/api/v4//user", False),
        ("/api/v4/projects//packages", True),
        ("/api/v4/projects/1//", True),
        (f"{INDEX}//simple", False),
        ("/acme//core", False),
        ("", False),
    ],
)
def test_an_empty_segment_of_the_api(path: str, expected: bool) -> None:
    assert names_nothing(path) is expected
