import pytest

from pyregistry.errors import Invalid
from pyregistry.packaging.confined import render_confined
from pyregistry.packaging.descriptions import render_description

pytestmark = pytest.mark.thorough

LONG = "A *word* with an umlaut: Überblick.\n\n" * 200


@pytest.mark.parametrize("content_type", [None, "text/plain", "text/x-rst", "text/markdown"])
def test_long_and_short_texts_are_rendered_alike(content_type):
    for text in (LONG, LONG[:370]):
        assert render_confined(text, content_type) == render_description(text, content_type)


def test_what_is_refused_is_refused_with_the_same_sentence():
    with pytest.raises(Invalid) as expected:
        render_description(f"{LONG} `open", "text/x-rst")
    with pytest.raises(Invalid) as caught:
        render_confined(f"{LONG} `open", "text/x-rst")
    assert caught.value.sentence == expected.value.sentence


def test_references_that_fill_the_memory():
    target = "\n   ".join(["y" * 9000] * 10)
    text = "a_\n" * 20_000 + f"\n.. _a: http://x/{target}\n"
    with pytest.raises(Invalid, match=r"too much time or memory|MemoryError"):
        render_confined(text, "text/x-rst")


def test_substitutions_that_multiply():
    text = "|a|\n" * 3000 + f"\n.. |a| replace:: {'y' * 5000}\n"
    with pytest.raises(Invalid, match="renders to"):
        render_confined(text, "text/x-rst")


def test_patterns_that_take_too_long():
    with pytest.raises(Invalid, match="too much time or memory"):
        render_confined('<pre lang="x"><code></i></i>\n' * 9000, "text/markdown", seconds=1)
