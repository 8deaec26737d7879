"""Errors of the database, as clients see them."""

from collections.abc import Callable
from typing import Any

import pytest
from pyramid.request import Request
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from pyregistry import refusals


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
