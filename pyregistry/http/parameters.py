"""The parameters of a request to the API: JSON or a form, bounded and checked."""

import re
from collections.abc import Collection, Iterable
from datetime import date
from enum import StrEnum
from typing import Any, Final, TypeVar

from pyramid.request import Request

from pyregistry.errors import Invalid, NotAllowed, TooLarge
from pyregistry.http.forms import MULTIPART, URL_ENCODED, read_fields
from pyregistry.http.objects import NotPlain, read_object, texts_in
from pyregistry.texts import check_text

MAXIMUM_BODY: Final = 64 * 1024
LONGEST_SEARCH: Final = 255
"""In characters. SQLite refuses to look for texts of more than 50,000 bytes."""

_MAXIMUM_DIGITS: Final = 18
_FORMS: Final = (URL_ENCODED, MULTIPART, "")
_LIST: Final = "[]"
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
SUDO: Final = "sudo"
"""GitLab's parameter with which an administrator acts as another user. Here nobody can."""
_SECRETS: Final = ("password", "token")
_Option = TypeVar("_Option", bound=StrEnum)


def read_parameters(request: Request) -> dict[str, Any]:
    """The parameters of a request to the API by name: those of the body, then of the query.

    GitLab takes them from both, and its manual sends many in the query: ignored there, a group
    that is to be moved into another would go to the top, and a token would never end. Raises as
    `read_body` does.
    """
    for name in _SECRETS:
        if name in request.GET:
            raise Invalid(f"Send the parameter {name} in the body: addresses are kept in logs.")
    return _by_name(request.GET.items()) | read_body(request)


def read_body(request: Request) -> dict[str, Any]:
    """The body's parameters by name: JSON values, or the texts of a form.

    A parameter of a form that comes twice has its last value; in JSON it is refused. A form
    spells a list as several parameters whose names end in `[]`.
    Raises `TooLarge` above 64 KiB, and `Invalid` for what is neither a JSON object nor a
    form, or holds, at any depth, text that no database takes; `NotAllowed` for `sudo`.
    """
    check_body_size(request)
    if not request.body:
        # GitLab's client for Go, among others, calls nothing at all JSON.
        parameters: dict[str, Any] = {}
    elif request.content_type == "application/json":
        parameters = _json_object(request.body)
    elif request.content_type in _FORMS:
        if request.body.lstrip().startswith(b"{"):
            # curl calls what --data sends a form. Read as one, it would be a single odd name.
            raise Invalid("The body looks like JSON: say so with Content-Type: application/json.")
        parameters = _by_name(_fields(request))
    else:
        raise Invalid("Send the parameters as application/json or as a form.")
    for name, value in parameters.items():
        check_text(name, name)
        for text in texts_in(value):
            check_text(name, text)
    check_no_sudo(parameters)
    return parameters


def check_no_sudo(parameters: Collection[str]) -> None:
    """Raise `NotAllowed` where the names of parameters or headers ask to act as another user.

    Ignored, they would do with all that an administrator may what was meant to be done with
    what the other may, and in the wrong name.
    """
    if SUDO in parameters:
        raise NotAllowed("The parameter sudo cannot be used: nobody acts as another user here.")


def check_body_size(request: Request) -> None:
    """Raise `TooLarge` for a body that holds more than parameters."""
    if request.content_length is None and request.is_body_readable:
        _hold_body(request)
    if (request.content_length or 0) > MAXIMUM_BODY:
        raise TooLarge(f"The body is larger than {MAXIMUM_BODY} bytes.")


def _hold_body(request: Request) -> None:
    """Read a body that comes in chunks: some servers pass it on without a length, or an end."""
    body = bytearray()
    while piece := request.body_file_raw.read(MAXIMUM_BODY + 1 - len(body)):
        body += piece
    request.body = bytes(body)


def boolean(parameters: dict[str, Any], name: str) -> bool:
    """A required truth value, as JSON or as a form spells it. Raises `Invalid`."""
    value = parameters.get(name)
    if value is True or (isinstance(value, str) and value.lower() in {"true", "1"}):
        return True
    if value is False or (isinstance(value, str) and value.lower() in {"false", "0"}):
        return False
    raise Invalid(f"The parameter {name} is missing or wrong: send true or false.")


def optional_boolean(parameters: dict[str, Any], name: str) -> bool | None:
    """A truth value, or None where it is absent. Raises `Invalid`."""
    return boolean(parameters, name) if name in parameters else None


def optional_text(parameters: dict[str, Any], name: str) -> str | None:
    """A text, or None where it is absent or null. Raises `Invalid` for anything else."""
    value = parameters.get(name)
    if value is None or isinstance(value, str):
        return value
    raise Invalid(f"The parameter {name} must be a text.")


def choice(parameters: dict[str, Any], name: str, options: type[_Option]) -> _Option:
    """One of the texts that an enumeration has. Raises `Invalid` for anything else."""
    try:
        return options(optional_text(parameters, name) or "")
    except ValueError:
        raise Invalid(f"The parameter {name} must be one of: {', '.join(options)}.") from None


def optional_choice(
    parameters: dict[str, Any], name: str, options: type[_Option]
) -> _Option | None:
    """As `choice`; None where it is absent. Raises `Invalid`, for null as well."""
    return choice(parameters, name, options) if name in parameters else None


def optional_day(parameters: dict[str, Any], name: str) -> date | None:
    """A day such as 2030-12-31; None where it is absent or empty. Raises `Invalid`."""
    text = optional_text(parameters, name)
    if not text:
        return None
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass  # the 31st of February
    raise Invalid(f"The parameter {name} must be a date such as 2030-12-31.")


def optional_number(parameters: dict[str, Any], name: str) -> int | None:
    """A whole number of up to 18 digits, as JSON or as a form spells it; None where absent.

    Raises `Invalid` for anything else.
    """
    value = parameters.get(name)
    if value is None:
        return None
    # True is an int to Python.
    text = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    if not (text.isascii() and text.isdecimal() and len(text) <= _MAXIMUM_DIGITS):
        raise Invalid(f"The parameter {name} must be a whole number.")
    return int(text)


def optional_list(parameters: dict[str, Any], name: str) -> list[str] | None:
    """Texts: a JSON list of texts and whole numbers, or a text with commas; None where absent.

    Raises `Invalid` for anything else.
    """
    value = parameters.get(name)
    if value is None:
        return None
    if isinstance(value, str):
        return [each.strip() for each in value.split(",") if each.strip()]
    if isinstance(value, list) and all(type(each) in (int, str) for each in value):
        return [str(each) for each in value]
    raise Invalid(f"The parameter {name} must be a list.")


def optional_label(parameters: dict[str, Any], name: str) -> str | None:
    """A text, or a whole number as the text of its digits; None where absent or null.

    Other systems number some things and name others. Raises `Invalid` for anything else.
    """
    value = parameters.get(name)
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return str(value)
    if value is None or isinstance(value, str):
        return value
    raise Invalid(f"The parameter {name} must be a text or a whole number.")


def whole_number(request: Request, name: str, *, default: int, least: int, most: int) -> int:
    """A number in the query, within bounds. Raises `Invalid`."""
    text: str | None = request.GET.get(name)
    if text is None:
        return default
    is_number = text.isascii() and text.isdecimal() and len(text) <= len(str(most))
    if not is_number or not least <= int(text) <= most:
        # A bound that is only what a column holds helps nobody.
        bounds = (
            f"from {least} on" if len(str(most)) >= _MAXIMUM_DIGITS else f"from {least} to {most}"
        )
        raise Invalid(f"The parameter {name} must be a whole number {bounds}.")
    return int(text)


def searched(request: Request, name: str) -> str:
    """A part of a text that the query asks for; empty where it asks for none.

    Raises `Invalid` for one that is longer than what it could be a part of.
    """
    text: str = request.GET.get(name, "")
    check_text(name, text)
    if len(text) > LONGEST_SEARCH:
        raise Invalid(f"The parameter {name} may have {LONGEST_SEARCH} characters at most.")
    return text


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        return read_object(body)
    except NotPlain as error:
        raise Invalid(f"The body is not valid JSON for parameters: {error}.") from None
    except ValueError:
        raise Invalid("The body is not valid JSON in UTF-8.") from None


def check_form(request: Request) -> None:
    """Raise `Invalid` for a form that cannot be read; a body that is no form passes."""
    if request.content_type in _FORMS:
        _fields(request)
    try:
        request.POST  # noqa: B018 -- parsed here, once, for those who read it by that name
    except (ValueError, LookupError, DeprecationWarning):
        # The warning is raised by WebOb, for a form in another encoding than UTF-8.
        raise Invalid("The body is not a valid form.") from None


def _by_name(fields: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Fields by name; those of one that ends in `[]` are a list, as Rails spells lists."""
    parameters: dict[str, Any] = {}
    lists: dict[str, list[str]] = {}
    for name, value in fields:
        if name.endswith(_LIST):
            lists.setdefault(name.removesuffix(_LIST), []).append(value)
        else:
            parameters[name] = value
    return parameters | lists


def _fields(request: Request) -> list[tuple[str, str]]:
    return read_fields(request.headers.get("Content-Type", ""), request.body)
