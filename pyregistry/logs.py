"""How lines of the log look.

An ini file can name a formatter's class, but no filter: so it is the formatter that knows
which request a line belongs to.
"""

import logging

from pyregistry.http.request_ids import current_request_id


class RequestFormatter(logging.Formatter):
    """A formatter whose format may hold `%(request_id)s`: `-` in lines that are of no request."""

    def format(self, record: logging.LogRecord) -> str:
        """The line; made by the thread that answers the request."""
        record.request_id = current_request_id()
        return super().format(record)
