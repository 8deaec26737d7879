"""Which requests may be answered from memory, and what they ask for: by the request alone."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from pyregistry.freshness.questions import FileSubject, Subject
from pyregistry.http.page_validators import WHICH_HALF
from pyregistry.packaging.filenames import METADATA_SUFFIX
from pyregistry.packaging.names import valid_package_name

_SIMPLE: Final = "simple"
_INDEX: Final = f"/{_SIMPLE}/"
_METHODS: Final = ("GET", "HEAD")
_PATHS: Final = 512
"""Which are asked for again and again. One may have 8 KB."""
_FORMAT: Final = re.compile(r"(?:format=[A-Za-z0-9./+%]{1,60})?")
_FILE: Final = re.compile(
    r"/(?:files|packages)/(?P<sha256>[0-9a-f]{64})/(?P<filename>[A-Za-z0-9._+!-]{1,264})\Z",
    re.ASCII,
)
_NEVER_OF_FILES: Final = (
    # Parts, and the conditions that would be nginx's.
    *("HTTP_RANGE", "HTTP_IF_RANGE", "HTTP_IF_MATCH", "HTTP_IF_UNMODIFIED_SINCE"),
    # A proxy asks about pages only.
    WHICH_HALF,
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request asks for."""

    subject: Subject


def asked_by(environ: Mapping[str, Any]) -> Asked | None:
    """What a request for a simple page or for a file asks for.

    None where it may not be remembered: it asks for something else, or says what nobody looks at
    who remembers. A request with a cookie is never remembered.
    """
    asked, is_file = _asked_at(environ.get("PATH_INFO", ""))
    if (
        asked is None
        or environ.get("REQUEST_METHOD") not in _METHODS
        or "HTTP_COOKIE" in environ
        or environ.get("CONTENT_LENGTH") not in (None, "", "0")
        or "HTTP_TRANSFER_ENCODING" in environ
    ):
        return None
    # Nobody fills the memory with queries that say nothing.
    query = environ.get("QUERY_STRING", "")
    if not is_file:
        return asked if _FORMAT.fullmatch(query) is not None else None
    if query or any(header in environ for header in _NEVER_OF_FILES):
        return None
    return asked


@lru_cache(maxsize=_PATHS)
def _asked_at(path: str) -> tuple[Asked | None, bool]:
    """What is asked for at a path, and whether it is a file; None for anything else."""
    if (found := _FILE.search(path)) is not None:
        filename = found["filename"].removesuffix(METADATA_SUFFIX)
        return Asked(FileSubject(found["sha256"], filename)), True
    return (Asked(_name_in(path)) if _INDEX in path else None), False


def _name_in(path: str) -> str | None:
    """The package that a path asks for, as the path spells it; None for the list of names.

    What is no name is None as well: its answer is not one with a page.
    """
    above, _, name = path.rstrip("/").rpartition("/")
    is_list = name == _SIMPLE and not above.endswith(f"/{_SIMPLE}")
    return None if is_list or not valid_package_name(name) else name
