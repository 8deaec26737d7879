"""Which section of an ini file holds the settings of the registry."""

from collections.abc import Callable, Collection, Mapping
from typing import Final

APPLICATION: Final = "app:main"
_PIPELINE: Final = "pipeline:main"
_PARTS: Final = "pipeline"


def application_section(
    sections: Collection[str], settings_of: Callable[[str], Mapping[str, str]]
) -> str:
    """The name of the application's section: `app:main`, or the one that a pipeline ends in.

    `[pipeline:main]` puts filters around an application, whose section has another name then.
    """
    if APPLICATION in sections or _PIPELINE not in sections:
        return APPLICATION
    parts = settings_of(_PIPELINE).get(_PARTS, "").split()
    return f"app:{parts[-1]}" if parts else APPLICATION
