"""Core metadata as a page shows it: safe links, people, fields of any shape."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyregistry.ui.metadata import (
    MAXIMUM_REQUIREMENTS,
    MAXIMUM_REQUIREMENTS_LENGTH,
    Dependency,
    Person,
    ReleaseDetails,
    safe_href,
)


@pytest.mark.parametrize(
    "address", ["https://a.example/b?c#d", "http://a.example", "mailto:a@b.example", "HTTPS://a.b/"]
)
def test_links_to_the_web_and_to_mailboxes(address: str) -> None:
    assert safe_href(f" {address} ") == address


@pytest.mark.parametrize(
    "address",
    [
        "",
        "javascript:alert(1)",
        "JAVASCRIPT:alert(1)",
        "java\tscript:alert(1)",
        "\x01javascript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
        "//evil.example/",
        "/-/logout",
        "page",
        "https:",
        "https:///path",
        "https://[broken",
        "https://a.example/\"onclick='x'",
        "https://a.example/a b",
        "mailto:",
        "http\n://a.example",
    ],
)
def test_no_other_links(address: str) -> None:
    assert safe_href(address) is None


@given(st.text())
def test_a_link_is_to_the_web_or_to_a_mailbox(address: str) -> None:
    href = safe_href(address)
    assert href is None or href.lower().startswith(("http://", "https://", "mailto:"))


@pytest.mark.parametrize(
    ("metadata", "people"),
    [
        ({"author": "Ann"}, [Person("Ann", None)]),
        ({"author_email": "a@b.c"}, [Person("a@b.c", "mailto:a@b.c")]),
        ({"author": "Ann", "author_email": "a@b.c"}, [Person("Ann", "mailto:a@b.c")]),
        ({"author": "Ann", "author_email": "Ann <a@b.c>"}, [Person("Ann", "mailto:a@b.c")]),
        (
            {"author_email": "Ann <a@b.c>, Bob <b@b.c>"},
            [Person("Ann", "mailto:a@b.c"), Person("Bob", "mailto:b@b.c")],
        ),
        (
            {"author": "Ann", "author_email": "Bob <b@b.c>"},
            [Person("Ann", None), Person("Bob", "mailto:b@b.c")],
        ),
        ({"author": "UNKNOWN", "author_email": "UNKNOWN"}, []),
        ({"author_email": "a@b.c?subject=x"}, [Person("a@b.c?subject=x", None)]),
    ],
)
def test_people(metadata: dict[str, str], people: list[Person]) -> None:
    assert ReleaseDetails.of(metadata).authors == people


def test_metadata_of_any_shape_is_read() -> None:
    odd = {
        "summary": None,
        "keywords": "not a list",
        "classifiers": [1, "A :: B", "A :: C", "Alone"],
        "project_urls": ["not", "a", "mapping"],
        "requires_dist": ["attrs>=23 ; extra == 'x'", "not a !! requirement"],
        "license": "UNKNOWN",
    }
    details = ReleaseDetails.of(odd)
    assert (details.summary, details.keywords, details.links, details.license) == ("", [], [], "")
    assert details.classifiers == {"A": ["B", "C"], "Alone": ["Alone"]}
    assert details.dependencies == [
        Dependency("attrs>=23", 'extra == "x"', "attrs"),
        Dependency("not a !! requirement", ""),
    ]


def test_the_licence_expression_counts_before_the_older_field() -> None:
    details = ReleaseDetails.of({"license": "old", "license_expression": "MIT"})
    assert details.license == "MIT"


@pytest.mark.parametrize(
    ("requirements", "read"),
    [
        ([f"p{number}" for number in range(MAXIMUM_REQUIREMENTS + 3)], MAXIMUM_REQUIREMENTS),
        (["p" * 250] * 4 + ["x" * MAXIMUM_REQUIREMENTS_LENGTH, "p"], 4),
    ],
)
def test_a_page_reads_only_so_many_requirements(requirements: list[str], read: int) -> None:
    """What takes seconds to read would do so for everyone who opens the page."""
    details = ReleaseDetails.of({"requires_dist": requirements})
    assert details.requirements == requirements[:read]
    assert len(details.dependencies) == read
    assert details.requirements_left_out == len(requirements) - read


def test_a_requirement_nested_without_end_is_shown_as_text() -> None:
    text = "x; " + "(" * 3000 + "python_version < '3'" + ")" * 3000
    (dependency,) = ReleaseDetails.of({"requires_dist": [text]}).dependencies
    assert (dependency.requirement, dependency.name) == (text, "")
