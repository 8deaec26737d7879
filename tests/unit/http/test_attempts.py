"""Marks of an attempt: the next one begins without them."""

from pyramid.request import Request

from pyregistry.http.attempts import forget_marks, is_marked, mark


def test_marks_are_of_one_attempt() -> None:
    first = Request.blank("/")
    assert not is_marked(first, "shown")
    mark(first, "shown")
    assert is_marked(first, "shown")
    assert not is_marked(first, "other")
    # As pyramid_retry does it: another request with the same environ.
    second = Request(first.environ)
    assert is_marked(second, "shown")
    forget_marks(second.environ)
    assert not is_marked(second, "shown")
    assert not is_marked(Request.blank("/"), "shown")
