"""What a person sends with the forms of pages, and what came of it."""

from typing import Any

from webtest import TestResponse
from webtest.forms import Select

from tests.factories.members import changes
from tests.factories.world import World
from tests.functional.ui.browsing import BROWSER, signed_in, visit


def instead(world: World, username: str) -> None:
    """Sign in as somebody else."""
    world.app.reset()
    signed_in(world, username)


def sent(world: World, address: str, form_id: str, status: int, **fields: str) -> TestResponse:
    """Fill in the form of a page and send it."""
    form = visit(world, address).forms[form_id]
    for name, value in fields.items():
        field = form[name]
        if isinstance(field, Select):
            field.force_value(value)
        else:
            field.value = value
    return form.submit(headers=BROWSER, status=status)


def confirmed(world: World, address: str, form_id: str, status: int = 303) -> TestResponse:
    """Press the button of a page that asks "really?"."""
    form = visit(world, address).forms[form_id]
    return form.submit("confirmed", headers=BROWSER, status=status)


def posted(world: World, address: str, fields: dict[str, str], status: int) -> TestResponse:
    """Send a form that no page of ours would send."""
    token = visit(world, "/").forms["sign-out"]["csrf_token"].value
    fields = {**fields, "csrf_token": token}
    return world.app.post(address, fields, headers=BROWSER, status=status)


def changed(world: World) -> list[tuple[str, str | None, str | None, dict[str, Any]]]:
    """What events tell of groups and projects, oldest first: not who signed in."""
    return [change for change in changes(world) if not change[0].startswith("user.")]
