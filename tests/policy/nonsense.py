"""Nonsense for every endpoint: bodies, values of parameters, queries and segments."""

import re
from typing import Any, Final, NamedTuple
from urllib.parse import quote

from pyregistry.api.openapi.document import all_operations
from tests.policy.endpoints import Endpoint

JSON_TYPE: Final = "application/json"
FORM: Final = "application/x-www-form-urlencoded"
MULTIPART: Final = "multipart/form-data"


class Body(NamedTuple):
    """A body that no endpoint can take, its type, and the statuses that say so."""

    content_type: str
    content: bytes
    statuses: tuple[int, ...] = (400,)


BODIES: Final[dict[str, Body]] = {
    "no JSON": Body(JSON_TYPE, b"{"),
    "a list": Body(JSON_TYPE, b"[]"),
    "null": Body(JSON_TYPE, b"null"),
    "a text": Body(JSON_TYPE, b'"name"'),
    "two objects": Body(JSON_TYPE, b"{} {}"),
    "JSON that is not UTF-8": Body(JSON_TYPE, b'{"name": "\xff"}'),
    "JSON in UTF-16": Body(JSON_TYPE, '{"name": "x"}'.encode("utf-16")),
    "10 MB of brackets": Body(JSON_TYPE, b"[" * 10_000_000, (413,)),
    "64 KiB of brackets": Body(JSON_TYPE, b"[" * 65_536),
    "nested objects": Body(JSON_TYPE, b'{"a":' * 10_000 + b"1" + b"}" * 10_000),
    "nested as deep as can be read": Body(
        JSON_TYPE, b'{"name":' + b"[" * 300 + b'"\\u0000"' + b"]" * 300 + b"}"
    ),
    "a name twice": Body(JSON_TYPE, b'{"name": "x", "name": "y"}'),
    "a name twice, spelt otherwise": Body(JSON_TYPE, b'{"name": "x", "\\u006eame": "y"}'),
    "NaN": Body(JSON_TYPE, b'{"name": NaN}'),
    "infinity": Body(JSON_TYPE, b'{"name": -Infinity}'),
    "a number beyond floats": Body(JSON_TYPE, b'{"name": 1e400}'),
    "a number of 9,999 digits": Body(JSON_TYPE, b'{"name": ' + b"9" * 9999 + b"}"),
    "NUL in a name": Body(JSON_TYPE, rb'{"na\u0000me": "x"}'),
    "half a surrogate as a name": Body(JSON_TYPE, rb'{"\ud800": "x"}'),
    "half a surrogate in a list in an object": Body(JSON_TYPE, rb'{"a": {"b": ["\udfff"]}}'),
    "half a surrogate as a name in an object": Body(JSON_TYPE, rb'{"a": {"\udfff": 1}}'),
    "another type": Body("text/plain", b"name=x"),
    "XML": Body("application/xml", b"<name>x</name>"),
    "no type that can be": Body("nonsense", b"name=x"),
    "a form with NUL": Body(FORM, b"name=%00"),
    "a form with NUL in a name": Body(FORM, b"na%00me=x"),
    "a form that is not UTF-8": Body(FORM, b"name=%FF"),
    "a form with raw bytes": Body(FORM, b"name=\xff\xfe"),
    "a form with half a surrogate": Body(FORM, b"name=%ED%A0%80"),
    "a form in another encoding": Body(f"{FORM}; charset=utf-16", b"name=x"),
    "a form in no encoding": Body(f"{FORM}; charset=nonsense", b"name=x"),
    "10 MB of a form": Body(FORM, b"name=" + b"x" * 10_000_000, (413,)),
    "multipart without a boundary": Body(MULTIPART, b"--x\r\nnonsense"),
    "multipart with another boundary": Body(f"{MULTIPART}; boundary=y", b"--x\r\nnonsense"),
    "broken multipart": Body(f"{MULTIPART}; boundary=x", b"--x\r\nnonsense"),
    "multipart with half a surrogate": Body(
        f"{MULTIPART}; boundary=x",
        b'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\n\xed\xa0\x80\r\n--x--\r\n',
    ),
}

_LONG = "x" * 50_000

NO_PARAMETER_IS: Final[dict[str, str]] = {
    # Written as JSON. Of these the answer is 400 or 422, and names the parameter.
    "NUL": r'"a\u0000b"',
    "half a surrogate": r'"\ud800"',
    "the other half": r'"x\udc00"',
    "NUL in a list": r'["a\u0000b"]',
    "half a surrogate in an object": r'{"name": ["\ud800"]}',
    "half a surrogate as a name": r'{"\ud800": 1}',
    "a long number": "1" + "0" * 400,
    "a fraction": "1.5",
    "an object": '{"a": {"b": [1]}}',
    "a list of lists": "[[1], [2]]",
    "a list of objects": '[{"a": 1}]',
    "a list with null": "[null]",
}
SOME_PARAMETERS_ARE: Final[dict[str, str]] = {
    # Here and there one of these makes sense.
    "null": "null",
    "no text": '""',
    "white space": r'" \t\n\u2028"',
    "a long text": f'"{_LONG}"',
    "a text that goes left": r'"\u202egnp.exe"',
    "a negative number": "-1",
    "zero": "0",
    "2**31": str(2**31),
    "2**63": str(2**63),
    "2**64": str(2**64),
    "2**64 as text": f'"{2**64}"',
    "minus 2**63": str(-(2**63)),
    "minus zero": "-0.0",
    "true": "true",
    "digits of another script": r'"\u0661"',
    "an empty list": "[]",
    "an empty object": "{}",
    "a long list": "[" + ",".join(["1"] * 20_000) + "]",
    "a date that never was": '"2030-02-30"',
    "the end of days": '"9999-12-31"',
    "after the end of days": '"9999-12-31T23:59:59-23:59"',
    "a path": '"../../etc/passwd"',
    "percent": '"%s%n%00%ED%A0%80"',
}

PAGING: Final = ("page", "per_page")
NO_PAGE_IS: Final = (
    "0",
    "-1",
    "1" + "0" * 30,
    "9" * 400,
    "a",
    "%EF%BC%91",
    "%D9%A1",
    "1.5",
    "1e1",
    "",
    "%2B1",
    "%201",
    "0x1",
    "true",
    "1&{name}=x",
)


def query_parameters(row: Endpoint) -> list[str]:
    """The parameters of the query that an endpoint has by the OpenAPI document, and none of it."""
    path = _shape(row.address.removeprefix("/api/v4"))
    known = {
        parameter.name
        for operation in all_operations()
        if operation.method == row.method and _shape(operation.path) == path
        for parameter in operation.query
        if parameter.place == "query"
    }
    return ["with_shared", *(quote(name) for name in sorted(known))]


def _shape(path: str) -> str:
    """A path whose parameters have no names: each list calls them its own way."""
    return re.sub(r"\{\w+\}|acme%2Fteam%2Fcore|acme%2Fteam", "*", path)


QUERY_VALUES: Final = (
    "",
    "-1",
    "9" * 30,
    "x" * 3000,
    "%25%5F%5C%27%22%3B--%zz",
    "9999-12-31T23:59:59-23:59",
    "%EF%BC%91%F0%9F%98%80",
    "a&{name}=b",
)
NO_QUERY_IS: Final = ("%FF", "%ED%A0%80", "a%00b", "%C0%80")
CURSORS: Final = (
    "x",
    "====",
    "W10",  # []
    "WzFd",  # [1]
    "e30",  # {}
    "bnVsbA",  # null
    "WzFlNDAwXQ",  # [1e400]
    "W05hTl0",  # [NaN]
    "WyJcdWQ4MDAiXQ",  # ["\ud800"]
    "WyJcdTAwMDAiLDFd",  # ["\u0000",1]
    "WzEsIngiXQ",  # [1,"x"]
    "WyJ4IiwxXQ",  # ["x",1]
    "Wzk5OTk5OTk5OTk5OTk5OTk5OTk5XQ",  # [99999999999999999999]
    "W1tb" * 500,  # brackets
    "%C3%A9",
    "WyIyMDMwLTAyLTMwIiwxXQ",  # ["2030-02-30",1]
    "WyI5OTk5LTEyLTMxVDIzOjU5OjU5LTIzOjU5IiwxXQ",  # ["9999-12-31T23:59:59-23:59",1]
)
NO_KEY_IS: Final = (
    # Put in the place of each value that a real cursor holds, as JSON.
    "null",
    "{}",
    "[[1]]",
    "true",
    "1e400",
    "NaN",
    str(2**63),
    "9" * 400,
    r'"\u0000"',
    r'"\ud800"',
    '"2030-02-30"',
    '"9999-12-31T23:59:59-23:59"',
    '"0001-01-01T00:00:00+23:59"',
    '"2030-01-01T00:00:00"',
    "-1",
    '"x"',
)
SEGMENTS: Final = (
    "9" * 400,
    "9" * 18,
    "9" * 19,
    str(2**63),
    "-1",
    "1.5",
    "%EF%BC%91",
    "%D9%A1",
    "%00",
    "x%00",
    "%ED%A0%80",
    "%FF",
    "%25zz",
    "%zz",
    "..",
    ".",
    "%2e%2e",
    "%2F%2F",
    "..%2F..",
    "%2F..%2F",
    "@@x",
    "%20",
    "x" * 3000,
    "%0d%0aX-Y:z",
)

VALID: Final[dict[tuple[str, str], dict[str, Any]]] = {
    # By method and the end of the address: what the endpoint takes, each parameter of it.
    ("POST", "/members"): {
        "username": "newcomer",
        "access_level": 30,
        "expires_at": "2030-01-01",
    },
    ("PUT", "/members/{member}"): {"access_level": 30, "expires_at": "2030-01-01"},
    ("PUT", "/packages/{release}"): {"yanked": True, "yanked_reason": "wrong"},
    ("PUT", "/status/demo-package"): {"status": "archived", "reason": "old"},
    ("PUT", "/projects/{project}"): {
        "name": "Core",
        "path": "core",
        "description": "what everything needs",
        "visibility": "private",
        "packages_enabled": True,
        "package_registry_access_level": "private",
        "pypi_max_file_size": 2**20,
        "storage_size_limit": 2**30,
        "admin_pypi_max_file_size": 2**20,
        "admin_storage_size_limit": 2**30,
    },
    ("PUT", "/projects/{project}/transfer"): {"namespace": "acme/team"},
    ("PUT", "/groups/{group}"): {
        "name": "Team",
        "path": "team",
        "description": "who makes it",
        "visibility": "private",
        "packages_enabled": True,
        "pypi_max_file_size": 2**20,
        "storage_size_limit": 2**30,
        "admin_pypi_max_file_size": None,
        "admin_storage_size_limit": None,
    },
    ("POST", "/api/v4/groups"): {
        "name": "New",
        "path": "new",
        "description": "new",
        "visibility": "private",
        "packages_enabled": True,
        "parent_id": "acme",
    },
    ("POST", "/api/v4/projects"): {
        "name": "New",
        "path": "new-project",
        "description": "new",
        "visibility": "private",
        "packages_enabled": True,
        "package_registry_access_level": "private",
        "namespace_id": "acme",
    },
    ("POST", "/projects/{project}/usage"): {
        "action": "command.install_copied",
        "package": "demo-package",
    },
    ("POST", "/api/v4/admin/token"): {"token": "pyrpat_unknown"},
    ("POST", "/api/v4/users"): {
        "username": "another",
        "email": "another@example.org",
        "name": "Another",
        "password": "correct horse battery staple",
        "admin": False,
        "external": True,
        "reset_password": False,
    },
    ("PUT", "/api/v4/users/{member}"): {
        "username": "resident",
        "email": "resident@example.org",
        "name": "Resident",
        "password": "correct horse battery staple",
        "admin": False,
        "external": False,
    },
    ("POST", "/users/{member}/personal_access_tokens"): {
        "name": "for somebody",
        "scopes": ["api"],
        "expires_at": "2030-01-01",
    },
    ("POST", "/job_tokens"): {
        "pipeline_id": "1",
        "pipeline_url": "https://ci.example/1",
        "job_id": 2,
        "ref": "main",
        "sha": "0" * 40,
        "user": "ann",
        "source_repository": "https://git.example/acme/core",
        "expires_in": 60,
    },
    ("POST", "/packages/protection/rules"): {
        "package_type": "pypi",
        "package_name_pattern": "secret-*",
        "minimum_access_level_for_push": "maintainer",
        "minimum_access_level_for_delete": "owner",
    },
    ("PATCH", "/packages/protection/rules/{missing}"): {
        "package_type": "pypi",
        "package_name_pattern": "secret-*",
        "minimum_access_level_for_push": "maintainer",
        "minimum_access_level_for_delete": "owner",
    },
    ("POST", "/access_tokens"): {
        "name": "robot",
        "description": "does it",
        "scopes": ["api"],
        "access_level": 30,
        "expires_at": "2030-01-01",
    },
    ("POST", "/deploy_tokens"): {
        "name": "deploy",
        "scopes": ["read_package_registry"],
        "username": "deployer",
        "expires_at": "2030-01-01T12:00:00Z",
    },
    ("POST", "/rotate"): {"expires_at": "2030-01-01"},
    ("POST", "/trusted_publishers"): {
        "name": "releases",
        "issuer": "https://issuer.example",
        "claims": {"project_path": "acme/core"},
    },
    ("POST", "/reserved_prefixes"): {
        "prefix": "reserved",
        "project_ids": [],
        "project_paths": ["acme/team/core"],
    },
    ("PUT", "/reserved_prefixes/{missing}"): {
        "prefix": "reserved",
        "project_ids": [],
        "project_paths": [],
    },
    ("PUT", "/application/settings"): {
        "packages_enabled": True,
        "package_registry_allow_anyone_to_pull_option": True,
        "can_create_group": False,
        "pypi_max_file_size": 2**20,
        "storage_size_limit": None,
    },
    ("POST", "/storage_migrations"): {"destination_storage_name": "local"},
}
"""A new endpoint that takes parameters is one row here; a test fails for one without."""

TAKES_NOTHING: Final = ("/block", "/unblock", "/cancel")
"""The ends of addresses whose endpoints read no body."""
NAME_A_GROUP: Final = ("namespace", "namespace_id", "parent_id")
"""Parameters with the id or path of a group: a number of any length is one that is not there."""
MOVES: Final = ("path", "namespace")
"""Parameters that change the addresses which the cases ask: they get nonsense only."""
