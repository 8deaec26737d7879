"""Tokens of every kind: made, shown once and copied, rotated and revoked."""

import pytest
from playwright.sync_api import expect

from tests.browser.journeys import BOTH_WAYS, Journey, Travel, Way
from tests.factories.world import World, basic

pytestmark = pytest.mark.browser


@BOTH_WAYS
def test_a_personal_access_token(travel: Travel, way: Way) -> None:
    ada = travel.somebody("ada")
    journey = travel.begin(way, ada)
    journey.page.get_by_role("banner").get_by_role("link", name="Your profile").click()
    journey.follow("Access tokens", "New token")
    journey.fill("Name", "my laptop")
    journey.input("read_api", "checkbox").uncheck()
    journey.press("Create the token")
    journey.refused("Choose what the token may be used for.")
    expect(journey.input("Name")).to_have_value("my laptop")
    expect(journey.input("read_api", "checkbox")).not_to_be_checked()
    journey.after("token-refused")
    journey.input("read_api", "checkbox").check()
    journey.press("Create the token")
    first = shown_once(journey, "my laptop", "token-created")
    assert opens(travel.world, first)
    journey.follow("Rotate my laptop")
    journey.press("Rotate")
    second = shown_once(journey, "my laptop", "token-rotated")
    assert [opens(travel.world, secret) for secret in (first, second)] == [False, True]
    journey.follow("Revoke my laptop")
    journey.press("Revoke")
    journey.told("my laptop")
    journey.after("token-revoked")
    assert not opens(travel.world, second)
    journey.follow("Revoked and expired tokens")
    expect(journey.page.get_by_text("my laptop")).to_have_count(2)


@BOTH_WAYS
@pytest.mark.parametrize(
    ("kind", "scope"),
    [("access token", "read_api"), ("deploy token", "read_package_registry")],
    ids=["access", "deploy"],
)
def test_a_token_of_a_project(travel: Travel, way: Way, kind: str, scope: str) -> None:
    olga = travel.somebody("olga")
    group = travel.group(olga)
    travel.registry().project(f"{group}/core")
    journey = travel.begin(way, olga)
    name = kind.replace(" ", "-")
    journey.to_place(group)
    journey.follow("core", "Tokens", f"New {kind}")
    journey.fill("Name", "nightly builds")
    journey.press("Create the token")
    journey.refused(f"Choose what the {kind} may be used for.")
    expect(journey.input("Name")).to_have_value("nightly builds")
    journey.after(f"{name}-refused")
    journey.input(scope, "checkbox").check()
    journey.press("Create the token")
    first = shown_once(journey, "nightly builds", f"{name}-created")
    index = f"/{group}/core/-/simple/"
    assert opens(travel.world, first, index)
    journey.follow("Rotate nightly builds")
    journey.press("Rotate")
    second = shown_once(journey, "nightly builds", f"{name}-rotated")
    assert [opens(travel.world, each, index) for each in (first, second)] == [False, True]
    journey.follow("Revoke nightly builds")
    journey.press("Revoke")
    journey.told("nightly builds")
    journey.after(f"{name}-revoked")
    assert not opens(travel.world, second, index)


def shown_once(journey: Journey, name: str, what: str) -> str:
    """Copy the token that the page shows, look at the page, and lose it; leads to the list."""
    page = journey.page
    code = page.get_by_role("group", name="The new token")
    secret = code.inner_text()
    journey.after(what)
    if journey.way.javascript:
        page.get_by_role("button", name="Copy: The new token").click()
        expect(page.get_by_role("button", name="Copy: The new token")).to_have_text("Copied")
        assert page.evaluate("navigator.clipboard.readText()") == secret
    with journey.sends_nothing():
        page.reload()
        assert secret not in page.content()
        page.go_back()
        assert secret not in page.content()
        page.go_forward()
        assert secret not in page.content()
    expect(page.get_by_role("link", name=f"Revoke {name}", exact=True)).to_have_count(1)
    return secret


def opens(world: World, secret: str, address: str = "/api/v4/user") -> bool:
    """Whether a token is let in."""
    return bool(world.app.get(address, headers=basic(secret), status="*").status_int == 200)
