"""Marks that what answers a request leaves for later, in the same attempt at answering it.

They are in the environ, which all attempts share: so whoever begins another one forgets them.
"""

from collections.abc import MutableMapping
from typing import Any, Final

from pyramid.request import Request

_MARKS: Final = "pyregistry.marks_of_the_attempt"


def mark(request: Request, name: str) -> None:
    """Leave a mark."""
    request.environ.setdefault(_MARKS, set()).add(name)


def is_marked(request: Request, name: str) -> bool:
    """Whether the mark was left in this attempt."""
    return name in request.environ.get(_MARKS, ())


def forget_marks(environ: MutableMapping[str, Any]) -> None:
    """Begin another attempt without marks."""
    environ.pop(_MARKS, None)
