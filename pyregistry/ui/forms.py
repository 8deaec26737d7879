"""The forms that pages send."""

import re
from dataclasses import dataclass

from pyramid.request import Request

from pyregistry.http.parameters import read_body
from pyregistry.texts import check_text

# A path on this host and nothing that a browser could read as another host: it takes
# `//` and `/\` for the beginning of one, and drops tabs and line feeds first.
_LOCAL_PATH = re.compile(r"/(?!/)[\x21-\x5b\x5d-\x7e]*")
_MAXIMUM_PATH_LENGTH = 2000
_MAXIMUM_USERNAME_LENGTH = 255


@dataclass(frozen=True, slots=True)
class SignInForm:
    """What the sign-in page sends. `return_to` is a local path, or empty."""

    username: str
    password: str
    return_to: str

    @classmethod
    def read(cls, request: Request) -> "SignInForm":
        """The form in the request's body. Raises `Invalid` or `TooLarge`."""
        fields = read_body(request)
        return cls(
            username=str(fields.get("username", "")).strip()[:_MAXIMUM_USERNAME_LENGTH],
            password=str(fields.get("password", "")),
            return_to=local_path(str(fields.get("return_to", ""))),
        )


def query_text(request: Request, name: str) -> str:
    """A parameter of the query, empty where it is absent. Raises `Invalid`."""
    text: str = request.GET.get(name, "")
    check_text(name, text)
    return text


def local_path(address: str) -> str:
    """The address if it is a path on this host, safe to redirect to; else empty."""
    if len(address) > _MAXIMUM_PATH_LENGTH or "//" in address:
        return ""
    return address if _LOCAL_PATH.fullmatch(address) else ""
