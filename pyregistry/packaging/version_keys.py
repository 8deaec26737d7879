"""Versions as texts that sort as PEP 440 orders them, so that a database can."""

from typing import Final

from packaging.version import Version

_PHASES: Final = {"a": "1", "b": "2", "rc": "3"}
_NOT_EVEN_ALPHA: Final = "0"
_FINAL: Final = "4"


def version_key(version: str | Version) -> str:
    """A text that sorts among others as the version does; equal for versions that are equal.

    It has digits alone: those every collation of every database sorts alike. Raises
    `packaging.version.InvalidVersion`.
    """
    parsed = version if isinstance(version, Version) else Version(version)
    return "".join(
        (
            _number(parsed.epoch),
            _release(parsed.release),
            _phase(parsed),
            "0" if parsed.post is None else "1" + _number(parsed.post),
            "1" if parsed.dev is None else "0" + _number(parsed.dev),
            _local(parsed.local),
        )
    )


def _number(number: int) -> str:
    """Shorter numbers are smaller; no number in a version has more than 255 digits."""
    digits = str(number)
    return f"{len(digits):03}{digits}"


def _release(numbers: tuple[int, ...]) -> str:
    significant = list(numbers)
    while significant and significant[-1] == 0:  # 1.0 is 1
        significant.pop()
    return "".join("1" + _number(number) for number in significant) + "0"


def _phase(version: Version) -> str:
    """1.0.dev1 comes before 1.0a1, and 1.0a1 before 1.0."""
    if version.pre is not None:
        letter, number = version.pre
        return _PHASES[letter] + _number(number)
    if version.post is None and version.dev is not None:
        return _NOT_EVEN_ALPHA
    return _FINAL


def _local(local: str | None) -> str:
    """Words come before numbers, and less before more."""
    if local is None:
        return "0"
    return "1" + "".join(_segment(segment) for segment in local.split(".")) + "0"


def _segment(segment: str) -> str:
    if segment.isdigit():
        return "2" + _number(int(segment))
    # The letters and digits of ASCII, in two digits each from 10 on.
    return "1" + "".join(str(ord(letter) - 38) for letter in segment) + "00"
