"""When a request came, as its server says it.

Several that have come may wait for the same thread. What is asked of the database for the first of
them is asked after all of them had come, so it is an answer for all of them: none of them was sent
after a change that it does not know of.
"""

import time
from collections.abc import Mapping
from typing import Any, Final

ARRIVED_AT: Final = "pyregistry.arrived_at"
"""Where the environ has the moment; servers that read several requests together put it there."""


def arrived_at(environ: Mapping[str, Any]) -> int:
    """A moment at which the whole head of the request had come: nanoseconds of `monotonic_ns`.

    Now, where the server does not say it.
    """
    told: int | None = environ.get(ARRIVED_AT)
    return time.monotonic_ns() if told is None else told
