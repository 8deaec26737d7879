"""What becomes of a form that was sent: it is done, or the page shows it again and says why."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.response import Response

from pyregistry.errors import Invalid, Refusal, TooManyRequests
from pyregistry.http.parameters import read_body
from pyregistry.ui.errors import NoSuchPart
from pyregistry.ui.flashes import flash

T = TypeVar("T")

_SECRET: Final = ("password", "token", "secret")


@dataclass(frozen=True, slots=True)
class Sent:
    """A form as it was sent: one text for each field, and several where a name ends in `[]`."""

    texts: Mapping[str, str] = field(default_factory=dict, repr=False)
    lists: Mapping[str, list[str]] = field(default_factory=dict, repr=False)

    def text(self, name: str) -> str:
        """A field, without blanks around it; empty where it is absent."""
        return self.texts.get(name, "").strip()

    def given(self, name: str) -> str | None:
        """A field; None where it is absent or empty."""
        return self.text(name) or None

    def checked(self, name: str) -> bool:
        """Whether a box was ticked."""
        return name in self.texts

    def chosen(self, name: str) -> list[str]:
        """The values that were chosen of `name[]`."""
        return self.lists.get(name, [])

    def secret(self, name: str) -> str:
        """A field just as it was typed, blanks and all: a password."""
        return self.texts.get(name, "")

    def shown(self) -> dict[str, str]:
        """What may stand in the form again: no password, no token."""
        return {
            name: text
            for name, text in self.texts.items()
            if not any(word in name for word in _SECRET)
        }


NOTHING_SENT: Final = Sent()
"""For the page before anything was sent."""


@dataclass(frozen=True, slots=True)
class Attempt(Generic[T]):
    """What came of a change: its `result`, or the `refusal`."""

    result: T | None = None
    refusal: Refusal | None = None


def read_form(request: Request) -> Sent:
    """The form in the request's body. Raises `Invalid` or `TooLarge` for what is none."""
    texts: dict[str, str] = {}
    lists: dict[str, list[str]] = {}
    for name, value in read_body(request).items():
        if isinstance(value, str):
            texts[name] = value
        elif isinstance(value, list) and all(isinstance(each, str) for each in value):
            lists[name] = value
        else:
            raise Invalid(f"The field {name} is not one that a page sends.")
    return Sent(texts, lists)


def attempt(request: Request, change: Callable[[], T]) -> Attempt[T]:
    """Try a change in the request's transaction; where it is refused nothing of it is kept.

    The status of the page that shows the form again is that of the refusal. The browser may keep
    that page: the way back would send the form once more otherwise. Who has to wait gets no form,
    and neither does who asks for a part of a list that is not there, which no form asks for:
    raises `TooManyRequests` and `NoSuchPart`.
    """
    try:
        with request.db.begin_nested():
            return Attempt(result=change())
    except (TooManyRequests, NoSuchPart):
        raise
    except Refusal as refusal:
        request.response.status = int(refusal.status)
        return Attempt(refusal=refusal)


def check_confirmed(sent: Sent, what: str, *, name: str = "confirm") -> None:
    """Raise `Invalid` unless the visitor typed `what`: it cannot be undone."""
    if sent.text(name) != what:
        raise Invalid(f"Type “{what}” to confirm.", about=name)


def done(request: Request, address: str, sentence: str) -> Response:
    """On to the page `address` (a path), which says once what was done."""
    response = HTTPSeeOther(request.host_url + address)
    response.headers["Cache-Control"] = "no-store"
    flash(request, response, sentence)
    return response
