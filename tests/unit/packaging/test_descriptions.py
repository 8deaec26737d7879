import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from pyregistry.errors import Invalid
from pyregistry.packaging import descriptions
from pyregistry.packaging.description_limits import check_markdown
from pyregistry.packaging.descriptions import MAX_DESCRIPTION_SIZE, render_description

TYPES = [None, "text/plain", "text/x-rst", "text/markdown", "text/markdown; variant=CommonMark"]


@pytest.mark.parametrize(
    ("text", "content_type", "html"),
    [
        ("**a**", "text/markdown", "<strong>a</strong>"),
        ("~~a~~", "text/markdown", "<del>a</del>"),
        ("~~a~~", "text/markdown; variant=GFM", "<del>a</del>"),
        ("~~a~~", "text/markdown; variant=CommonMark", "~~a~~"),
        ("**a**", "text/markdown; charset=UTF-8", "<strong>a</strong>"),
        ("**a**", 'TEXT/Markdown; charset="utf-8"', "<strong>a</strong>"),
        ("**a**", "text/x-rst", "<strong>a</strong>"),
        ("**a**", None, "<strong>a</strong>"),
        ("**a**", "", "<strong>a</strong>"),
        ("**a**\n<b>", "text/plain", "**a**<br>&lt;b&gt;"),
    ],
)
def test_rendered(text, content_type, html):
    assert html in render_description(text, content_type)


@pytest.mark.parametrize(
    ("text", "content_type"),
    [
        ("```python\nimport this\n```", "text/markdown"),
        ("    import this", "text/markdown; variant=CommonMark"),
        (".. code-block:: python\n\n   import this", "text/x-rst"),
        ("::\n\n   import this", None),
    ],
)
def test_code_is_reached_by_the_keyboard_and_is_in_no_language_of_people(text, content_type):
    html = render_description(text, content_type)
    (block,) = BeautifulSoup(html, "html.parser").find_all("pre")
    assert block["tabindex"] == "0"
    assert not block.has_attr("lang")
    assert block.get_text().strip() == "import this"


@pytest.mark.parametrize("content_type", TYPES)
@pytest.mark.parametrize("text", ["", " \n"])
def test_nothing(text, content_type):
    assert render_description(text, content_type) == ""


@pytest.mark.parametrize(
    ("text", "content_type"), [(".. a comment", "text/x-rst"), ("[a]: http://b", "text/markdown")]
)
def test_nothing_to_show(text, content_type):
    assert render_description(text, content_type) == ""


def test_what_is_no_rst_is_plain_where_nothing_is_declared():
    assert render_description("`open <b>", None) == "`open &lt;b&gt;"


@pytest.mark.parametrize(
    "text",
    [
        "`open",
        "Titles\n====",
        ".. nonsense::",
        ":nonsense:`a`",
        ".. include:: /etc/passwd",
        ".. raw:: html\n\n   <script>alert(1)</script>",
        ".. csv-table::\n   :file: /etc/passwd",
    ],
)
def test_rst_that_does_not_render(text):
    with pytest.raises(Invalid, match="does not render as text/x-rst") as caught:
        render_description(text, "text/x-rst")
    assert caught.value.sentence.isascii()


@pytest.mark.parametrize(
    "content_type",
    [
        "text/html",
        "nonsense",
        ";",
        "text/markdown; variant=Other",
        "text/markdown; charset=latin-1",
        "text/plain; charset=utf-16",
        "text/x-rst; charset*=x",
        "text/plain\r\nX: y",
        "text/plain; charset=\ud800",
    ],
)
def test_unknown_content_types(content_type):
    with pytest.raises(Invalid, match="Description-Content-Type") as caught:
        render_description("text", content_type)
    assert caught.value.sentence.isascii()


ATTACKS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[a](javascript:alert(1))",
    "<iframe src='http://x'></iframe>",
    "<a href='javascript:alert(1)'>a</a>",
    "<style>a{}</style>",
    "<form action='http://x'><input></form>",
    "`a <javascript:alert(1)>`__",
    ".. image:: javascript:alert(1)",
    "```<script>\nalert(1)\n```",
]


@pytest.mark.parametrize("content_type", TYPES)
@pytest.mark.parametrize("text", ATTACKS)
def test_safe_to_include(text, content_type):
    html = render_description(text, content_type)
    for part in ("<script", "<iframe", "<style", "<form", 'href="javascript', 'src="javascript'):
        assert part not in html
    assert "<img src=x onerror" not in html.replace('"', "")


def test_roles_of_one_description_are_not_those_of_another():
    render_description(".. role:: mine\n\n:mine:`a`", "text/x-rst")
    with pytest.raises(Invalid):
        render_description(":mine:`a`", "text/x-rst")


def test_descriptions_rendered_at_once():
    texts = [f".. default-role:: strong\n\n`{number}`" for number in range(20)]
    with ThreadPoolExecutor(4) as pool:
        rendered = list(pool.map(lambda text: render_description(text, "text/x-rst"), texts))
    assert all(f"<strong>{number}</strong>" in html for number, html in enumerate(rendered))


@pytest.mark.parametrize("content_type", TYPES)
def test_the_limit_of_the_size(content_type):
    with pytest.raises(Invalid, match="shorten"):
        render_description("x" * (MAX_DESCRIPTION_SIZE + 1), content_type)


def test_rst_nested_beyond_the_stack():
    text = "".join(" " * depth + "a\n\n" for depth in range(600))
    with pytest.raises(Invalid, match="does not render"):
        render_description(text, "text/x-rst")
    assert render_description(text, None).startswith("a<br>")


@pytest.mark.parametrize(
    "text",
    [
        ">" * 501,
        "> " * 501,
        "<div>" * 10_001,
        "|a" * 600 + "\n" + "|-" * 600 + "\n" + "|x\n" * 600,
    ],
)
def test_markdown_that_takes_too_long(text):
    with pytest.raises(Invalid, match="use at most"):
        check_markdown(text)
    with pytest.raises(Invalid, match="use at most"):
        render_description(text, "text/markdown")


@pytest.mark.parametrize(
    "text",
    [
        ">" * 100,
        "<div></div>" * 20_000,
        "<br>" * 20_000,
        "|a|b|c|\n|-|-|-|\n" + "|1|2|3|\n" * 5000,
        "if (a > b) { c >>= d }\n" * 2000,
    ],
)
def test_markdown_of_usual_kinds(text):
    check_markdown(text)


@given(st.text(), st.sampled_from(TYPES))
def test_any_text_is_rendered_or_refused(text, content_type):
    try:
        html = render_description(text, content_type)
    except Invalid as caught:
        caught.sentence.encode("ascii")
    else:
        assert isinstance(html, str)


@given(st.text())
def test_any_content_type_is_known_or_refused(content_type):
    try:
        render_description("text", content_type)
    except Invalid as caught:
        caught.sentence.encode("ascii")


@pytest.mark.parametrize(
    ("text", "content_type"),
    [
        ('<div class="notice danger">Moved</div>', "text/markdown"),
        ('<a href="https://a.b"><span class="button primary">Sign in</span></a>', "text/markdown"),
        ('<span class="danger button">Moved</span>', "text/markdown"),
        (".. class:: notice danger\n\nMoved", "text/x-rst"),
    ],
)
def test_a_description_does_not_look_like_a_part_of_the_page(text, content_type):
    assert not re.search(r'class="[^"]', render_description(text, content_type))


@pytest.mark.parametrize(
    ("text", "content_type"),
    [
        ("```python\nimport this\n```", "text/markdown"),
        (".. code:: python\n\n   import this", "text/x-rst"),
        ('<span class="kn button">import</span>', "text/markdown"),
    ],
)
def test_the_parts_of_code_keep_their_colours(text, content_type):
    html = render_description(text, content_type)
    assert '<span class="kn">import</span>' in html
    assert "button" not in html


def test_the_stylesheet_has_a_colour_for_each_part_of_code(repository):
    stylesheet = (repository / "pyregistry/ui/static/pyregistry.css").read_text()
    coloured = re.findall(r"^\.readme :is\((.*?)\)", stylesheet, re.MULTILINE)
    names = {name.strip(" .") for group in coloured for name in group.split(",")}
    assert names == descriptions._CODE_CLASSES["span"]
