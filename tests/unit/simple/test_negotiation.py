import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyregistry.simple.negotiation import MediaType, NotAcceptable, negotiate

JSON = "application/vnd.pypi.simple.v1+json"
HTML = "application/vnd.pypi.simple.v1+html"
LATEST_JSON = "application/vnd.pypi.simple.latest+json"
LATEST_HTML = "application/vnd.pypi.simple.latest+html"


@pytest.mark.parametrize(
    "accept",
    [
        f"{JSON}, {HTML}; q=0.1, text/html; q=0.01",  # pip, pdm
        f"{JSON}, {HTML};q=0.2, text/html;q=0.01",  # uv
        f"{JSON}, */*;q=0.1",  # poetry
    ],
)
def test_installers_get_json(accept):
    assert negotiate(accept, None) is MediaType.JSON


@pytest.mark.parametrize(
    "accept",
    [
        None,
        "",
        "  ",
        "*/*",
        "text/*",
        "text/html",
        "TEXT/HTML",
        "text/html;charset=UTF-8",
        "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
        "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2",
        "application/json, text/plain, */*",
        "application/json, */*;q=0.5",
    ],
)
def test_browsers_and_those_without_a_preference_get_text_html(accept):
    assert negotiate(accept, None) is MediaType.TEXT_HTML


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (JSON, MediaType.JSON),
        (HTML, MediaType.HTML),
        (LATEST_JSON, MediaType.JSON),
        (LATEST_HTML, MediaType.HTML),
        (f"{LATEST_HTML};q=0.5, text/html;q=0.4", MediaType.HTML),
    ],
)
def test_each_type_can_be_asked_for_and_latest_gives_the_concrete_one(accept, media_type):
    assert negotiate(accept, None) is media_type


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        # The quality decides, not the order.
        (f"{JSON};q=0.1, {HTML};q=0.2, text/html;q=0.3", MediaType.TEXT_HTML),
        (f"text/html;q=0.9, {JSON};q=0.901", MediaType.JSON),
        # The most exact range decides about a type.
        (f"*/*, {JSON};q=0.1, text/html;q=0.2, {HTML};q=0.3", MediaType.HTML),
        (f"application/*;q=0.1, {JSON};q=0.3, text/html;q=0.2", MediaType.JSON),
        ("*/*;q=0.5, text/*;q=0.1", MediaType.JSON),
        (f"{LATEST_JSON}, {JSON};q=0.1, text/html;q=0.5", MediaType.TEXT_HTML),
        (f"text/html;charset=utf-8;q=0.1, text/html, {HTML};q=0.5", MediaType.HTML),
        ("text/html;level=1;q=0.9, text/html;q=0.1", MediaType.TEXT_HTML),
        # 0 excludes.
        (f"{JSON};q=0, */*;q=0.1", MediaType.TEXT_HTML),
        ("text/html;q=0, */*", MediaType.JSON),
        (f"text/html;q=0, {JSON};q=0, */*", MediaType.HTML),
        ("application/*;q=0, */*;q=0.1", MediaType.TEXT_HTML),
        (f"{LATEST_JSON}, {JSON};q=0, text/html;q=0.1", MediaType.TEXT_HTML),
    ],
)
def test_quality_and_precision(accept, media_type):
    assert negotiate(accept, None) is media_type


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (f"text/html, {HTML}, {JSON}", MediaType.JSON),
        (f"text/html, {LATEST_JSON}", MediaType.JSON),
        (f"{LATEST_JSON}, {HTML}", MediaType.JSON),
        (f"text/html, {HTML}", MediaType.HTML),
        ("application/*", MediaType.JSON),
        ("text/*, application/*", MediaType.JSON),
        ("text/html, application/*", MediaType.TEXT_HTML),
        (f"*/*, {HTML}", MediaType.HTML),
        ("text/*, */*", MediaType.TEXT_HTML),
    ],
)
def test_ties_go_to_the_type_that_is_named_then_to_json(accept, media_type):
    assert negotiate(accept, None) is media_type


@pytest.mark.parametrize(
    "accept",
    [
        "application/json",
        "application/json, text/plain;q=0.5",
        "image/*",
        "*/*;q=0",
        f"{JSON};q=0",
        "application/vnd.pypi.simple.v2+json",
        "text/html;level=1",
        pytest.param("a/b," * 1000 + JSON, id="too many"),
    ],
)
def test_refuses_what_it_cannot_give(accept):
    with pytest.raises(NotAcceptable) as refusal:
        negotiate(accept, None)
    assert refusal.value.status == 406
    for media_type in MediaType:
        assert media_type in refusal.value.sentence


@pytest.mark.parametrize("accept", ["garbage", "*", ";;;", ",,,", "text/html;q=7", "*/html", '"'])
def test_a_header_without_any_valid_part_counts_as_none(accept):
    assert negotiate(accept, None) is MediaType.TEXT_HTML


def test_ignores_the_malformed_parts():
    assert negotiate(f"gar bage, {JSON};q=0.2, text/html;q=x", None) is MediaType.JSON


@pytest.mark.parametrize(
    ("format_parameter", "media_type"),
    [
        (JSON, MediaType.JSON),
        (JSON.replace("+", " "), MediaType.JSON),
        (HTML, MediaType.HTML),
        ("Text/HTML", MediaType.TEXT_HTML),
        (LATEST_JSON, MediaType.JSON),
        (LATEST_HTML, MediaType.HTML),
    ],
)
def test_format_overrides_accept(format_parameter, media_type):
    for accept in (None, "text/html", JSON, "application/json"):
        assert negotiate(accept, format_parameter) is media_type


@pytest.mark.parametrize(
    "format_parameter",
    [
        "",
        "json",
        "*/*",
        "application/json",
        f"{JSON}, text/html",
        f"{JSON};q=1",
        "text/html\r\nX: y",
    ],
)
def test_format_must_be_exactly_one_known_type(format_parameter):
    with pytest.raises(NotAcceptable) as refusal:
        negotiate("*/*", format_parameter)
    assert refusal.value.status == 406
    assert "text/html" in refusal.value.sentence


def test_content_type_of_json_carries_no_charset():
    assert MediaType.JSON.content_type == JSON
    assert MediaType.TEXT_HTML.content_type == "text/html; charset=utf-8"
    assert MediaType.HTML.content_type == f"{HTML}; charset=utf-8"


weights = st.sampled_from(["", ";q=0", ";q=0.5", ";q=1", ";q=", ";q=2", "; q = 1", ';a="b,c"'])
names = st.sampled_from([JSON, HTML, LATEST_JSON, "text/html", "*/*", "application/*", "", "x"])
plausible = st.lists(st.builds("".join, st.tuples(names, weights)), max_size=6).map(", ".join)


@given(st.none() | plausible | st.text(), st.none() | names | st.text())
def test_never_raises_anything_but_not_acceptable(accept, format_parameter):
    try:
        media_type = negotiate(accept, format_parameter)
    except NotAcceptable as refusal:
        refusal.sentence.encode("ascii")
    else:
        assert isinstance(media_type, MediaType)


@given(st.sampled_from(list(MediaType)), st.sampled_from(["*/*", "application/*, text/*"]))
def test_a_type_excluded_by_name_is_never_given(excluded, wildcards):
    assert negotiate(f"{wildcards}, {excluded};q=0", None) is not excluded


@given(st.permutations([f"{JSON};q=0.7", f"{HTML};q=0.9", "text/html;q=0.8", "*/*", "x;;=", "a/b"]))
def test_the_order_of_the_header_does_not_matter(parts):
    assert negotiate(",".join(parts), None) is MediaType.HTML
