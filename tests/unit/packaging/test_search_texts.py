"""What packages are found by."""

from pyregistry.packaging.search_texts import MAXIMUM_TEXT_LENGTH, folded, search_text


def test_names_people_keywords_and_summary() -> None:
    text = search_text(
        "Zope.Interface",
        "zope-interface",
        {
            "author": "Ada Lovelace",
            "author_email": "Grace Hopper <grace@example.org>, nobody@example.org",
            "maintainer_email": '"Turing, Alan" <alan@example.org>',
            "keywords": ["Contracts", "types"],
            "summary": "Interfaces for Python",
        },
    )
    assert text.split("\n") == [
        "zope.interface",
        "zope-interface",
        "ada lovelace",
        "grace hopper",
        "turing, alan",
        "contracts",
        "types",
        "interfaces for python",
    ]


def test_addresses_are_not_searched() -> None:
    text = search_text("demo", "demo", {"author_email": "Ada <ada@example.org>"})
    assert "example.org" not in text


def test_addresses_that_are_nested_without_end() -> None:
    text = search_text("demo", "demo", {"author_email": "(" * 20_000, "summary": "Text"})
    assert text == "demo\ntext"


def test_no_metadata() -> None:
    assert search_text("Demo", "demo", {}) == "demo"


def test_keywords_of_old_tools_are_one_text() -> None:
    assert search_text("demo", "demo", {"keywords": "one two"}) == "demo\none two"


def test_it_is_no_longer_than_a_search_reads() -> None:
    text = search_text("demo", "demo", {"summary": "ﬃ" * 20_000, "keywords": ["word"] * 9})
    assert len(text) == MAXIMUM_TEXT_LENGTH
    assert text.startswith("demo\nword\nffiffi")


def test_letters_that_are_written_in_several_ways_are_one() -> None:
    assert folded("STRASSE") == folded("straße")
    assert folded("\N{LATIN SMALL LIGATURE FI}x Ä") == folded("fix A\N{COMBINING DIAERESIS}")
