"""Settings of throttling: rates, and where failures are counted.

These raise `ValueError` as the parsers in `parsers` do.
"""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from pyregistry.settings import parsers

_RATE: Final = re.compile(r"([0-9]{1,15}) per (?:([0-9]{1,15}) )?([A-Za-z]{1,20})")
_LARGEST_AMOUNT: Final = 100_000
# Every failure is kept for as long as its window.
_LONGEST_WINDOW: Final = timedelta(days=366)
_STORAGE_ADDRESS: Final = re.compile(r"(?!async)[a-z][a-z0-9+]*://[!-~]*")


@dataclass(frozen=True, slots=True)
class Rate:
    """So many times in any period of this length, and no more."""

    amount: int
    window: timedelta


def rate(text: str) -> Rate | None:
    """A rate, such as `10 per 10 minutes` or `300 per minute`; None for `off`."""
    if text.lower() == "off":
        return None
    match = _RATE.fullmatch(text)
    if match is None:
        raise ValueError("give a rate such as '10 per 10 minutes', or 'off'")
    amount, number, unit = match.groups()
    window = parsers.duration("seconds")(f"{number or 1} {unit}")
    if not 1 <= int(amount) <= _LARGEST_AMOUNT or window > _LONGEST_WINDOW:
        raise ValueError(
            f"give a rate of 1 to {_LARGEST_AMOUNT} in up to {_LONGEST_WINDOW.days} days, or 'off'"
        )
    return Rate(int(amount), window)


def storage_address(text: str) -> str:
    """An address with a scheme; only opening it tells whether there is such a storage."""
    if not _STORAGE_ADDRESS.fullmatch(text):
        raise ValueError("give 'memory://' or an address such as 'redis://host:6379/0'")
    return text
