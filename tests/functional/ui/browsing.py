"""What a person does in a browser, as WebTest does it."""

from webtest import TestResponse

from tests.factories.world import PASSWORD, World

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


def visit(world: World, address: str, status: int = 200) -> TestResponse:
    """Open an address as a browser asks for it."""
    return world.app.get(address, headers=BROWSER, status=status)


def sign_in(world: World, username: str, password: str = PASSWORD, **query: str) -> TestResponse:
    """Fill in the sign-in form and send it."""
    page = world.app.get("/-/login", params=query, headers=BROWSER)
    form = page.forms["sign-in"]
    form["username"] = username
    form["password"] = password
    return form.submit(headers=BROWSER, expect_errors=True)


def signed_in(world: World, username: str) -> None:
    """Sign in a user, who is created with the password where they are new."""
    if username not in world.users:
        world.user(username, password=PASSWORD)
    assert sign_in(world, username).status_int == 303


def main_text(page: TestResponse) -> str:
    """The text of the main part of a page, without its tabs, in one line."""
    main = page.html.main
    for tabs in main.find_all("nav", class_="tabs"):
        tabs.extract()
    return " ".join(main.get_text(" ").split())


def hrefs(page: TestResponse) -> set[str]:
    """Where the links of a page lead."""
    return {link["href"] for link in page.html.find_all("a", href=True)}


def beside(page: TestResponse, name: str) -> str:
    """The only alert of a page: it describes the input of that name, or is in its group."""
    (alert,) = page.html.main.find_all(role="alert")
    field = alert.find_parent(class_="field")
    control = (field or alert.find_parent("fieldset")).find(attrs={"name": name})
    assert control is not None, f"the alert is in {alert.parent}"
    (focused,) = page.html.main.find_all(autofocus=True)
    if field is None:
        assert focused is alert
    else:
        assert focused is control
        assert control["aria-invalid"] == "true"
        assert alert["id"] in control["aria-describedby"].split()
    return str(alert.get_text().strip())
