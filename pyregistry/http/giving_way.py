"""How an application tells its server that an answer takes longer than a look into memory.

A server may let one thread answer what is answered at once, one request after the other: several
would only take the interpreter's lock from each other. That thread gives way to another one before
it waits for anything, or works for long.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

GIVE_WAY: Final = "pyregistry.give_way"
"""Where the environ has what to call; servers put it there for applications that call it."""
GIVES_WAY: Final = "gives_way"
"""What says so of an application: it is true. Others count as slow in everything."""


def give_way(environ: Mapping[str, Any]) -> None:
    """Let other requests pass; called as often as one likes."""
    told: Callable[[], None] | None = environ.get(GIVE_WAY)
    if told is not None:
        told()
