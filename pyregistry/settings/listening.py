"""The port that the server listens on.

It belongs to the ini file's server section, not to the application's; the
server and the commands that print addresses both ask here.
"""

from collections.abc import Mapping
from typing import Final

from pyregistry.settings.errors import not_accepted
from pyregistry.settings.parsers import whole_number

DEFAULT_PORT: Final = 6543

_parse_port = whole_number(1, 65535)


def port_of(server_section: Mapping[str, str], environ: Mapping[str, str]) -> int:
    """The TCP port: the environment's `PORT`, else the section's `port`, else 6543.

    An empty value is no value. Raises `SettingsError`.
    """
    for source, text in (("PORT", environ.get("PORT")), ("port", server_section.get("port"))):
        if text and text.strip():
            try:
                return _parse_port(text.strip())
            except ValueError as error:
                raise not_accepted(source, text.strip(), str(error)) from None
    return DEFAULT_PORT
