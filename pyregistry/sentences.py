"""Text, sizes and counts as sentences show them to people."""

_SHOWN_LENGTH = 80
_UNITS = ("KiB", "MiB", "GiB", "TiB", "PiB")
_STEP = 1024
_WHOLE_NUMBERS_FROM = 100


def shown(text: str) -> str:
    """Text of a client, quoted, in ASCII and on one line, cut at 80 characters.

    A sentence becomes a reason phrase: what a client sent must not end its
    line, nor hold a character that a header cannot carry, nor be so long, escapes
    and all, that the advice behind it is cut off.
    """
    quoted = ascii(text[: _SHOWN_LENGTH + 1])
    quote = quoted[0]
    if len(quoted) <= len(quote) + _SHOWN_LENGTH + len(quote):
        return quoted
    return f"{quoted[: len(quote) + _SHOWN_LENGTH]}...{quote}"


def shown_size(size: int) -> str:
    """A number of bytes in a unit that reads well: `512 bytes`, `1.5 KiB`, `120 MiB`."""
    if size < _STEP:
        return plural(size, "byte")
    amount = float(size)
    for unit in _UNITS:
        amount /= _STEP
        digits = 0 if amount >= _WHOLE_NUMBERS_FROM else 1
        if round(amount, digits) < _STEP or unit == _UNITS[-1]:
            break
    return f"{amount:.{digits}f} {unit}"


def typed_size(size: int) -> str:
    """A number of bytes, exactly, as people type it: `512 B`, `1536 MiB`, `5 GiB`."""
    unit = "B"
    for larger in _UNITS:
        if size == 0 or size % _STEP:
            break
        size, unit = size // _STEP, larger
    return f"{size} {unit}"


def plural(count: int, noun: str) -> str:
    """A count and its noun: `1 file`, `12,000 files`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
