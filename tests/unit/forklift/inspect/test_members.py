import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyregistry.errors import Invalid
from pyregistry.forklift.inspect.members import (
    MAX_PATH_SIZE,
    MemberKind,
    MemberNames,
    check_link,
    check_path,
    decode_path,
)


@pytest.mark.parametrize("path", ["a", "a/b", "a/..b", "a/b..", "a/.b", "é/ü", "a b", "a/c:d"])
def test_safe_paths(path):
    check_path(path)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/a",
        "//a",
        "a//b",
        "./a",
        "a/./b",
        "..",
        "../a",
        "a/..",
        "a/../b",
        "a/",
        "C:/a",
        "c:a",
        "a\\b",
        "..\\a",
        "a\nb",
        "a\x7f",
        "a\x85",
        "a\u2028b",
    ],
)
def test_unsafe_paths(path):
    with pytest.raises(Invalid):
        check_path(path)


@given(st.text(max_size=30))
def test_a_safe_path_never_leaves_its_folder(path):
    try:
        check_path(path)
    except Invalid:
        return
    assert not path.startswith("/")
    assert ".." not in path.split("/")


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("top/a", "b"),
        ("top/a", "b/c"),
        ("top/x/a", "../b"),
        ("top/x/y/a", "../../b"),
        ("top/x/a", ".."),
        ("top/a", "x/"),
    ],
)
def test_links_that_stay(path, target):
    check_link(path, target)


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("top/a", "../b"),
        ("top/x/a", "../../b"),
        ("top/a", ".."),
        ("top", "a"),
        ("top/a", "/etc/passwd"),
        ("top/a", ""),
        ("top/a", "b//c"),
        ("top/x/a", "b/../c"),
        ("top/x/y/a", "link/../../../c"),
        ("top/a", "C:/b"),
        ("top/a", "..\\b"),
        ("top/a", "b\0c"),
    ],
)
def test_links_that_leave(path, target):
    with pytest.raises(Invalid):
        check_link(path, target)


def names(*members: tuple[str, MemberKind]) -> MemberNames:
    collected = MemberNames()
    for path, kind in members:
        collected.add(path, kind)
    collected.finish()
    return collected


FILE, FOLDER, LINK = MemberKind.FILE, MemberKind.FOLDER, MemberKind.LINK


def test_names_that_fit_together():
    names(("a", FOLDER), ("a/b", FILE), ("a", FOLDER), ("a/b.c", FILE), ("a/b-c/d", FILE))
    names(("a/README", FILE), ("a/readme", FILE))


@pytest.mark.parametrize(
    "members",
    [
        [("a", FILE), ("a", FILE)],
        [("a", FILE), ("a", FOLDER)],
        [("a", FOLDER), ("a", LINK)],
        [("a", LINK), ("a", LINK)],
        [("\xe9", FILE), ("e\u0301", FILE)],
        [("a", FILE), ("a/b", FILE)],
        [("a/b", FILE), ("a", FILE)],
        [("a/b/c", FILE), ("a-b", FILE), ("a.b", FILE), ("a", LINK)],
        [("x/a", LINK), ("x/a.b", FILE), ("x/a/b/c", FOLDER)],
    ],
)
def test_names_that_do_not(members):
    with pytest.raises(Invalid):
        names(*members)


def test_hard_links_lead_to_a_file_before_them():
    collected = names(("a/file", FILE), ("a/folder", FOLDER), ("a/link", LINK))
    collected.add_hard_link("a/same", "a/file")
    for target in ("a/folder", "a/link", "a/other", "a/same"):
        with pytest.raises(Invalid, match="hard link"):
            collected.add_hard_link(f"{target}-again", target)


def test_names_are_utf8_and_bounded():
    assert decode_path("é".encode()) == "é"
    with pytest.raises(Invalid, match="UTF-8"):
        decode_path(b"\xe9")
    with pytest.raises(Invalid, match="bytes"):
        decode_path(b"a" * (MAX_PATH_SIZE + 1))
