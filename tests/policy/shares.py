"""Which endpoints a case asks: each action at some of its endpoints, by turns.

What an endpoint asks for does not depend on who asks, and what a caller may depends on the
action alone. So each case asks for every action, and the cases that follow ask for it at the
other endpoints; some ask at all of them. With CASES=all every case asks at every endpoint.
"""

import os
from collections.abc import Sequence
from zlib import crc32

from tests.policy.endpoints import ENDPOINTS, Endpoint

TURNS = 4
"""Every fourth endpoint of an action is asked in one turn, and at least one."""


def turn_of(*case: object) -> int:
    """The turn of a case, the same in every run."""
    return crc32(repr(case).encode())


def share(turn: int) -> Sequence[Endpoint]:
    """The endpoints of a turn."""
    return ENDPOINTS if os.environ.get("CASES") == "all" else _SHARES[turn % len(_SHARES)]


def _shares() -> list[list[Endpoint]]:
    by_action: dict[tuple[str, str], list[Endpoint]] = {}
    for endpoint in ENDPOINTS:
        by_action.setdefault((endpoint.place, endpoint.action), []).append(endpoint)
    return [
        [
            endpoint
            for alike in by_action.values()
            for number, endpoint in enumerate(alike)
            if number % min(TURNS, len(alike)) == turn % min(TURNS, len(alike))
        ]
        # As many as give each of two, three or four its turn equally often.
        for turn in range(12)
    ]


_SHARES = _shares()
