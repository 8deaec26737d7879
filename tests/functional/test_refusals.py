"""Errors of the database, as clients see them."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from pyramid.request import Request
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from pyregistry import refusals
from tests.factories.world import World


@pytest.mark.parametrize(
    ("refuse", "error", "status"),
    [
        (refusals.conflicting, IntegrityError, 409),
        (refusals.unavailable, OperationalError, 503),
    ],
)
def test_errors_of_the_database_tell_no_values(
    refuse: Callable[[Any, Request], Any], error: type[DBAPIError], status: int
) -> None:
    request = Request.blank("/api/v4/projects/1/packages")
    secret = "a value"
    response = refuse(error("INSERT", {"name": secret}, Exception("broken")), request)
    assert response.status_int == status
    assert secret not in response.text
    assert "INSERT" not in response.text


@pytest.mark.parametrize(
    ("path", "kind", "expected"),
    [
        ("/-/login", "application/x-www-form-urlencoded", 400),
        ("/_/oidc/mint-token", "application/json", 400),
        ("/api/v4/groups", "application/json", 400),
        ("/nothing", "application/json", 404),
    ],
)
def test_a_body_that_breaks_off_is_no_failure(
    world: World, path: str, kind: str, expected: int
) -> None:
    world.user("root", is_admin=True)
    body = {"CONTENT_TYPE": kind, "CONTENT_LENGTH": "10", "wsgi.input": BytesIO(b"a=b")}
    asked = Request.blank(path, method="POST", environ=body, headers=world.as_("root"))
    asked.environ.update(body)
    answer = asked.get_response(world.app.app)
    assert answer.status_int == expected
