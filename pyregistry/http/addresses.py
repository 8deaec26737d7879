"""Who asks at an address: people or programs.

This is read from the address alone, and never from what was found there: a hidden thing
and a missing one must be answered alike.
"""

from functools import lru_cache
from itertools import pairwise
from typing import Final

_TOP_LEVEL_FOR_TOOLS: Final = frozenset({"api", "packages", "_"})
_PACKAGE_ENDPOINTS: Final = frozenset({"simple", "files", "legacy", "pypi", "integrity"})
_PROBES: Final = frozenset({"liveness", "readiness", "health", "metrics"})
_ENDPOINTS_FOR_TOOLS: Final = _PACKAGE_ENDPOINTS | _PROBES
_PYPI_APIS: Final = frozenset({"pypi", "integrity"})
_ENDPOINTS: Final = "-"
_PACKAGE_PROTOCOL: Final = ("packages", "pypi")
_COPIED: Final = "copied"
_STATUS: Final = ("pypi", "status")
_FILES: Final = "packages"
_PAGE_OF_A_FILE: Final = ("files", "delete")
_API_ROOT: Final = "api/v4"
_PATHS: Final = 512
"""Which are asked for again and again. One may have 8 KB."""


def is_for_tools(path_info: str) -> bool:
    """Whether programs ask here: indexes, files, uploads and the JSON API.

    They get a refusal as an answer, and never a redirect to the sign-in page.
    """
    segments = _segments(path_info)
    if segments and segments[0] in _TOP_LEVEL_FOR_TOOLS:
        return True
    return _endpoint(segments) in _ENDPOINTS_FOR_TOOLS


@lru_cache(maxsize=_PATHS)
def is_json_api(path_info: str) -> bool:
    """Whether the address is of the JSON API, and not of an index or upload mounted in it."""
    segments = _segments(path_info)
    if not segments or segments[0] != "api":
        return False
    pairs = set(pairwise(segments))
    return _PACKAGE_PROTOCOL not in pairs or _STATUS in pairs


def without_gaps(path_info: str) -> str:
    """The path as the tree reads it: without empty segments, and without its last slash."""
    return "/" + "/".join(_segments(path_info))


def names_nothing(path_info: str) -> bool:
    """Whether a segment of an address of the JSON API is empty, as `//` makes one.

    A script whose variable is empty must not reach something else. Slashes that come of
    joining two parts of an address do no harm: before and after `/api/v4`, and one at the end.
    """
    if not is_json_api(path_info):
        return False
    return "//" in path_info.lstrip("/").removeprefix(_API_ROOT).lstrip("/")


@lru_cache(maxsize=_PATHS)
def is_package_traffic(path_info: str) -> bool:
    """Whether clients pull or publish here, or ask about packages as PyPI lets them."""
    segments = _segments(path_info)
    if not segments:
        return False
    if segments[0] == "api":
        return not is_json_api(path_info)
    return segments[0] == _FILES or _endpoint(segments) in _PACKAGE_ENDPOINTS


def is_note_of_a_copy(path_info: str) -> bool:
    """Whether a page tells here that somebody copied a command."""
    segments = _segments(path_info)
    return segments[-2:] == [_ENDPOINTS, _COPIED]


def is_pypi_api(path_info: str) -> bool:
    """Whether the address is of PyPI's JSON API or of its Integrity API."""
    segments = _segments(path_info)
    return bool(segments) and segments[0] != "api" and _endpoint(segments) in _PYPI_APIS


def _endpoint(segments: list[str]) -> str | None:
    """The segment after the first `-`; None for the page `-/files/<filename>/delete`."""
    if _ENDPOINTS not in segments[:-1]:
        return None
    below = segments[segments.index(_ENDPOINTS) + 1 :]
    if tuple(below[::2]) == _PAGE_OF_A_FILE and len(below) == len(_PAGE_OF_A_FILE) + 1:
        return None
    return below[0]


def _segments(path_info: str) -> list[str]:
    return [segment for segment in path_info.split("/") if segment]
