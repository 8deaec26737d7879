"""Forms that were sent: tried, and shown again without a trace where they are refused."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from pyramid.request import Request
from pyramid.response import Response

from pyregistry.accounts.models import User
from pyregistry.errors import Conflict, Invalid, TooManyRequests
from pyregistry.http.parameters import MAXIMUM_BODY
from pyregistry.ui.submissions import Sent, attempt, check_confirmed, read_form
from tests.factories.world import World


@pytest.fixture
def request_in(world: World) -> Iterator[Any]:
    """A request with a transaction that writes."""
    world.user("ada")
    with world.components.database.writing() as session:
        yield SimpleNamespace(db=session, response=Response())


def rename(request: Any, name: str, refusal: Exception | None = None) -> str:
    user = request.db.query(User).filter_by(username="ada").one()
    user.name = name
    request.db.flush()
    if refusal is not None:
        raise refusal
    return name


def test_what_is_not_refused_is_kept(request_in: Any, world: World) -> None:
    outcome = attempt(request_in, lambda: rename(request_in, "Ada L."))
    assert (outcome.result, outcome.refusal) == ("Ada L.", None)
    assert request_in.db.query(User).filter_by(name="Ada L.").count() == 1
    assert request_in.response.status_int == 200


def test_of_what_is_refused_nothing_is_kept(request_in: Any, world: World) -> None:
    refusal = Conflict("There is one.")
    outcome = attempt(request_in, lambda: rename(request_in, "Ada L.", refusal))
    assert (outcome.result, outcome.refusal) == (None, refusal)
    assert request_in.response.status_int == 409
    # A browser that may not keep the page sends the form again on the way back to it.
    assert "Cache-Control" not in request_in.response.headers
    # The page that shows the form again goes on reading.
    assert request_in.db.query(User).filter_by(name="Ada L.").count() == 0
    assert request_in.db.query(User).filter_by(username="ada").one().name != "Ada L."


def test_who_has_to_wait_gets_no_form(request_in: Any, world: World) -> None:
    with pytest.raises(TooManyRequests):
        attempt(request_in, lambda: rename(request_in, "x", TooManyRequests("Wait.", 60)))


def form_of(body: str, kind: str = "application/x-www-form-urlencoded") -> Sent:
    request = Request.blank("/", method="POST", body=body.encode(), content_type=kind)
    return read_form(request)


def test_fields() -> None:
    sent = form_of("name=+Core+&scopes[]=api&scopes[]=read_api&on=1&empty=+&password=+x+")
    assert sent.text("name") == "Core"
    assert sent.given("name") == "Core"
    assert sent.given("empty") is None
    assert sent.given("missing") is None
    assert sent.chosen("scopes") == ["api", "read_api"]
    assert sent.chosen("name") == []
    assert sent.checked("on")
    assert not sent.checked("off")
    assert sent.secret("password") == " x "


def test_no_secret_is_shown_again_or_printed() -> None:
    sent = form_of("name=Core&password=x1&new_password=x2&token=x3&client_secret=x4")
    assert sent.shown() == {"name": "Core"}
    assert "x1" not in repr(sent)


@pytest.mark.parametrize("body", ['{"name": 1}', '{"name": {"a": "b"}}', '{"name": [1]}'])
def test_no_page_sends_such_a_field(body: str) -> None:
    with pytest.raises(Invalid, match="name"):
        form_of(body, "application/json")


def test_a_form_has_an_end() -> None:
    with pytest.raises(Exception, match="larger"):
        form_of("x" * (MAXIMUM_BODY + 1))


def test_what_cannot_be_undone_is_typed() -> None:
    check_confirmed(form_of("confirm=+acme/core+"), "acme/core")
    for typed in ("", "confirm=", "confirm=acme", "confirm=ACME/core"):
        with pytest.raises(Invalid, match="Type “acme/core”"):
            check_confirmed(form_of(typed), "acme/core")
