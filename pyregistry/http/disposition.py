"""The `Content-Disposition` of a download (RFC 6266)."""

import re
from urllib.parse import quote

# What a file name must not hold on any system that saves it.
_HARMFUL_PATTERN = re.compile(r'[\x00-\x1f\x7f-\x9f/\\:*?"<>|]')
# What browsers read differently inside the quoted parameter (RFC 6266 appendix D).
_AMBIGUOUS_PATTERN = re.compile(r"[^\x20-\x7e]|%")


def attachment(filename: str) -> str:
    """The header value that makes a browser save the response as `filename`.

    Control characters, path separators and quotes become `_`. A name that
    ASCII cannot hold is given twice: as `filename` with `_` in the gaps, and
    whole as `filename*` (RFC 8187).
    """
    safe = _HARMFUL_PATTERN.sub("_", filename)
    plain = _AMBIGUOUS_PATTERN.sub("_", safe)
    value = f'attachment; filename="{plain}"'
    if plain == safe:
        return value
    return f"{value}; filename*=UTF-8''{quote(safe, safe='', errors='replace')}"
