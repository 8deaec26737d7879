"""Tables as CSV (RFC 4180), which a spreadsheet opens without doing what a cell says."""

import csv
from collections.abc import Iterable, Iterator
from io import StringIO
from typing import Final

from pyramid.request import Request
from pyramid.response import Response

from pyregistry.http.disposition import attachment

Row = Iterable[str | int]

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a spreadsheet takes for the beginning of a formula, or looks past to find one."""
_ROWS: Final = 1000


def safe_cell(value: str | int) -> str:
    """The text of a cell. What a spreadsheet would calculate begins with an apostrophe.

    Numbers stay numbers, negative ones as well.
    """
    if isinstance(value, int):
        return str(value)
    return f"'{value}" if value.lstrip(" ").startswith(_FORMULA) else value


def csv_pieces(rows: Iterable[Row]) -> Iterator[bytes]:
    """The rows in UTF-8, a piece for each thousand, as they are read."""
    text = StringIO()
    writer = csv.writer(text)
    for number, row in enumerate(rows, 1):
        writer.writerow([safe_cell(value) for value in row])
        if number % _ROWS == 0:
            yield _taken(text)
    yield _taken(text)


def csv_response(request: Request, filename: str, rows: Iterable[Row]) -> Response:
    """The rows as a download. They are read after the request's transaction has ended."""
    response: Response = request.response
    response.content_type = "text/csv"
    response.charset = "utf-8"
    response.headers["Content-Disposition"] = attachment(filename)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    response.app_iter = csv_pieces(rows)
    return response


def _taken(text: StringIO) -> bytes:
    piece = text.getvalue().encode("utf-8")
    text.seek(0)
    text.truncate()
    return piece
