"""Reading pages of the simple repository API as others write them."""

import json
from typing import Any

import pytest

from pyregistry.intake.errors import CannotFetch
from pyregistry.intake.pages import ListedFile, Page, files_on, names_on

ADDRESS = "https://index.example.org/simple/demo/"
JSON = "application/vnd.pypi.simple.v1+json"


def html(body: str) -> Page:
    return Page(ADDRESS, "text/html; charset=utf-8", body.encode())


def document(**parts: Any) -> Page:
    return Page(ADDRESS, JSON, json.dumps({"meta": {"api-version": "1.3"}, **parts}).encode())


def test_links_are_relative_to_the_page() -> None:
    [file] = files_on(html('<A HREF="../../f/demo-1.0%2Bx.zip#sha256=AB">demo</A>'))
    assert file == ListedFile(
        "demo-1.0+x.zip", "https://index.example.org/f/demo-1.0%2Bx.zip", {"sha256": "AB"}
    )


@pytest.mark.parametrize(
    ("attribute", "yanked"),
    [("", None), ("data-yanked", ""), ('data-yanked=""', ""), ('data-yanked="a &amp; b"', "a & b")],
)
def test_yanked_in_html(attribute: str, yanked: str | None) -> None:
    [file] = files_on(html(f'<a href="demo-1.0.zip" {attribute}>x</a>'))
    assert file.yanked == yanked


@pytest.mark.parametrize(
    ("value", "yanked"), [(False, None), (None, None), (True, ""), ("", ""), ("broken", "broken")]
)
def test_yanked_in_json(value: object, yanked: str | None) -> None:
    row = {"filename": "demo-1.0.zip", "url": "demo-1.0.zip", "hashes": {"md5": "ab", "x": 1}}
    [file] = files_on(document(files=[{**row, "yanked": value, "size": 7}]))
    wanted = ListedFile("demo-1.0.zip", f"{ADDRESS}demo-1.0.zip", {"md5": "ab"}, yanked, 7)
    assert file == wanted


def test_names() -> None:
    assert names_on(document(projects=[{"name": "Demo"}, {"name": 1}])) == ["Demo"]
    page = html('<a href="/simple/demo/">Demo &amp; <b>more</b></a><a href="other/"></a>')
    assert names_on(page) == ["Demo & more", "other"]


@pytest.mark.parametrize(
    "page",
    [
        Page(ADDRESS, JSON, b"{"),
        Page(ADDRESS, JSON, b"[]"),
        Page(ADDRESS, JSON, b"[" * 100_000),
        document(),
        document(files={}),
        document(files=[1]),
        document(files=[{"filename": 1, "url": "x"}]),
        html('<a href="http://[x/">x</a>'),
        html('<meta name="pypi:repository-version" content="2.0"><a href="x">x</a>'),
    ],
)
def test_what_is_no_page(page: Page) -> None:
    with pytest.raises(CannotFetch):
        files_on(page)


def test_markup_that_is_broken_is_read_as_far_as_it_goes() -> None:
    assert files_on(html('<a href="demo-1.0.zip')) == []
    assert len(files_on(html('<a href="demo-1.0.zip">x<a href=demo-2.0.zip>y'))) == 2
