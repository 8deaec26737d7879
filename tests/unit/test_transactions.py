"""Which requests have one transaction around them."""

import pytest
from pyramid.request import Request

from pyregistry.transactions import within_transaction


@pytest.mark.parametrize(
    "path",
    [
        "/acme/core/-/legacy",
        "/acme/core/-/legacy/",
        "/acme/core/-//legacy//",
        "/api/v4/projects/1/packages/pypi",
        "//api/v4/projects/1/packages//pypi",
        "/-/login",
        "/-//login",
        "/-/profile/password",
        "/_//oidc/mint-token/",
    ],
)
def test_what_takes_long_has_none(path: str) -> None:
    request = Request.blank("/", method="POST")
    request.environ["PATH_INFO"] = path
    assert not within_transaction(request)
    request.method = "GET"
    assert within_transaction(request)


@pytest.mark.parametrize("path", ["/", "", "/api/v4/projects/1/members", "/acme/legacy", "/login"])
def test_everything_else_has_one(path: str) -> None:
    request = Request.blank("/", method="POST")
    request.environ["PATH_INFO"] = path
    assert within_transaction(request)
