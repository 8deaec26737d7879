import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyregistry.http.preferences import (
    MAX_ELEMENTS,
    Preference,
    accepts_any_of,
    parse_preferences,
)


def test_reads_values_parameters_and_weights_in_order():
    assert parse_preferences('Text/HTML ; Level="a,\\"b" ; Q=0.25;ext=1 , gzip,*/*;q=0') == [
        Preference("text/html", (("level", 'a,"b'),), 250),
        Preference("gzip", (), 1000),
        Preference("*/*", (), 0),
    ]


@pytest.mark.parametrize(
    ("weight", "quality"),
    [("0", 0), ("0.", 0), ("0.5", 500), ("0.001", 1), ("1", 1000), ("1.000", 1000)],
)
def test_weights_are_thousandths(weight, quality):
    assert parse_preferences(f"gzip;q={weight}") == [Preference("gzip", (), quality)]


@pytest.mark.parametrize("weight", ["2", "1.001", "0.1234", ".5", "-1", "nan", "", "0,5", "\u0660"])
def test_leaves_out_an_element_with_a_malformed_weight(weight):
    assert Preference("gzip", (), 1000) not in parse_preferences(f"gzip;q={weight}")
    assert parse_preferences(f"br, gzip;q={weight}")[0] == Preference("br", (), 1000)


@pytest.mark.parametrize(
    "malformed", ["", " ", ";q=1", "a b", "text/html;q", "a/b/c", 'x;y="', '"', "é", "text/ html"]
)
def test_leaves_out_what_it_cannot_parse_and_goes_on(malformed):
    assert parse_preferences(f"br,{malformed}")[:1] == [Preference("br", (), 1000)]
    if '"' not in malformed:
        assert parse_preferences(f"{malformed},br") == [Preference("br", (), 1000)]


def test_an_unterminated_quote_ends_the_list():
    assert parse_preferences('br, x;y="a, gzip') == [Preference("br", (), 1000)]


def test_looks_at_a_bounded_number_of_elements():
    assert len(parse_preferences("a," * 10_000)) == MAX_ELEMENTS
    assert parse_preferences("," * MAX_ELEMENTS + "gzip") == []


@pytest.mark.parametrize(
    "piece", ['"', '\\"', ";", " ; ", "a", "a/", '"\\', ";a=", ' ;a="b', "\t", "=", "/"]
)
def test_a_long_hostile_header_takes_one_pass(piece):
    # With quadratic backtracking this would not end within the suite.
    parse_preferences(piece * 200_000)


@given(st.text(st.sampled_from('ab/*;=q01."\\, \té\n') | st.characters()))
def test_never_raises(header):
    for preference in parse_preferences(header):
        assert 0 <= preference.quality <= 1000
        assert preference.value == preference.value.lower()


JSON = "application/json"
OWN = "application/vnd.own+json"


@pytest.mark.parametrize(
    ("accept", "taken"),
    [
        (None, True),
        ("", True),
        (" , ", True),
        ("*/*", True),
        ("application/*", True),
        (JSON, True),
        ("Application/JSON", True),
        (f"text/html, {OWN};q=0.001", True),
        (f"*/*;q=0, {JSON}", True),
        (f"{JSON};q=0, {OWN}", True),
        (f"{JSON};q=0, {JSON};q=0.5", True),
        ("text/html", False),
        ("text/*", False),
        ("*/*;q=0", False),
        ("application/*;q=0, */*", False),
        (f"{JSON};q=0", False),
        (f"{JSON};q=0, {OWN};q=0, */*", False),
        (f"{JSON};version=2", False),
        ("json", False),
        ("*", False),
        (f"{JSON};q=2", False),
    ],
)
def test_whether_one_of_several_types_is_taken(accept, taken):
    assert accepts_any_of(accept, (OWN, JSON)) is taken


@given(st.text())
def test_any_header_says_whether_a_type_is_taken(accept):
    assert accepts_any_of(accept, (JSON,)) in (True, False)
