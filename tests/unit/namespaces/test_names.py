"""Which names groups and projects may have."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyregistry.namespaces.errors import InvalidPath
from pyregistry.namespaces.names import (
    MAXIMUM_DEPTH,
    RESERVED_SEGMENTS,
    check_segment,
    path_key,
    path_keys,
    split_path,
)

ALPHABET = string.ascii_letters + string.digits + "_.-"
segments = st.from_regex(r"\A[A-Za-z0-9][A-Za-z0-9_.-]{0,30}\Z").filter(
    lambda text: (
        text.lower() not in RESERVED_SEGMENTS and not text.lower().endswith((".git", ".atom"))
    )
)


@pytest.mark.parametrize("segment", ["a", "9lives", "Acme", "a.b-c_d", "x" * 255, "git", "a.gita"])
def test_valid_names(segment: str) -> None:
    check_segment(segment)


@pytest.mark.parametrize(
    "segment",
    [
        "",
        ".",
        "..",
        "_a",
        "-a",
        ".a",
        "x" * 256,
        "a b",
        "a/b",
        "a\n",
        "é",
        "a\0",
        "\uff11",
        "a%2Fb",
        "@@a",
    ],
)
def test_invalid_names(segment: str) -> None:
    with pytest.raises(InvalidPath, match="is not a valid path"):
        check_segment(segment)


@pytest.mark.parametrize("segment", ["a.git", "a.GIT", "a.atom", "a.Atom", "a.atom.git"])
def test_refused_endings(segment: str) -> None:
    with pytest.raises(InvalidPath, match="may not end in"):
        check_segment(segment)


@pytest.mark.parametrize("word", sorted(RESERVED_SEGMENTS))
@pytest.mark.parametrize("path", ["{}", "acme/{}", "acme/{}/core", "a/b/c/{}"])
def test_reserved_words_at_every_level(word: str, path: str) -> None:
    with pytest.raises(InvalidPath):
        split_path(path.format(word))


@pytest.mark.parametrize("word", sorted(RESERVED_SEGMENTS - {"-", "_"}))
def test_reserved_words_in_any_case(word: str) -> None:
    with pytest.raises(InvalidPath, match="reserved word"):
        split_path(f"acme/{word.upper()}")


@pytest.mark.parametrize(
    "word",
    [
        *("-", "_", "api", "static"),
        *("packages", "projects", "subgroups", "members", "access_tokens", "deploy_tokens"),
        *("job_tokens", "trusted_publishers", "audit_events", "package_files", "groups"),
    ],
)
def test_words_that_addresses_need_are_reserved(word: str) -> None:
    assert word in RESERVED_SEGMENTS


@pytest.mark.parametrize("word", ["simple", "settings", "legacy", "files", "login"])
def test_words_behind_the_dash_are_free(word: str) -> None:
    assert split_path(word) == [word]


@pytest.mark.parametrize("path", ["1", "007", "42/core"])
def test_a_top_level_name_of_digits_would_be_an_id(path: str) -> None:
    with pytest.raises(InvalidPath, match="all digits"):
        split_path(path)


@pytest.mark.parametrize("path", ["robots.txt", "Robots.TXT/core", "favicon.ico"])
def test_files_of_the_registry_are_no_groups(path: str) -> None:
    with pytest.raises(InvalidPath, match="file of the registry"):
        split_path(path)


def test_files_of_the_registry_below_the_top_are_names() -> None:
    assert split_path("acme/robots.txt") == ["acme", "robots.txt"]


def test_digits_below_the_top_are_a_name() -> None:
    assert split_path("acme/42") == ["acme", "42"]


def test_twenty_groups_and_a_project_in_them() -> None:
    assert MAXIMUM_DEPTH == 21
    assert len(split_path("/".join("a" * 21))) == 21


def test_a_deeper_path_is_refused() -> None:
    with pytest.raises(InvalidPath, match="22 levels"):
        split_path("/".join("a" * 22))


@pytest.mark.parametrize("path", ["", "/", "a//b", "a/./b", "a/../b"])
def test_empty_and_dotted_segments(path: str) -> None:
    with pytest.raises(InvalidPath):
        split_path(path)


@pytest.mark.parametrize("path", ["/acme/core", "acme/core/", "/acme/core/"])
def test_slashes_around_a_path_are_nothing(path: str) -> None:
    assert split_path(path) == ["acme", "core"]


@given(st.lists(segments, min_size=1, max_size=20).filter(lambda found: not found[0].isdigit()))
def test_a_path_of_valid_names_comes_apart_as_it_was(names: list[str]) -> None:
    assert split_path("/".join(names)) == names


@given(st.text(max_size=300))
def test_any_text_is_a_name_or_refused_in_one_printable_line(text: str) -> None:
    sentence = ""
    try:
        split_path(text)
    except InvalidPath as refusal:
        sentence = refusal.sentence
    assert sentence or set(text) <= set(ALPHABET + "/")
    assert sentence.isprintable()
    assert sentence.isascii()
    assert len(sentence) < 500


@given(segments)
def test_paths_are_the_same_in_any_case(segment: str) -> None:
    assert path_key(segment) == path_key(segment.upper()) == path_key(segment.swapcase())


def test_keys_of_every_prefix_of_a_path() -> None:
    assert path_keys(["Acme", "Core", "Lib"]) == ["acme", "acme/core", "acme/core/lib"]


def test_keys_end_where_namespaces_end() -> None:
    assert len(path_keys(["a"] * 1000)) == MAXIMUM_DEPTH


@pytest.mark.parametrize("segment", ["a\0", "é", "-", "", "x" * 256])
def test_keys_end_before_what_names_nothing(segment: str) -> None:
    assert path_keys(["acme", segment, "core"]) == ["acme"]


def test_longest_path() -> None:
    path = "/".join([*["x" * 255] * 3, "x" * 254, "x"])
    assert len(path) == 1024
    assert split_path(path)
    with pytest.raises(InvalidPath, match="1025 characters: at most 1024"):
        split_path(path + "x")
