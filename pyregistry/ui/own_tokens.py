"""What the pages of one's own access tokens say: what they are for, and where to put them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from urllib.parse import urlsplit

from pyramid.request import Request

from pyregistry.authnz.permissions import TOKENS_OF_USERS, Scope
from pyregistry.errors import Invalid
from pyregistry.tokens.errors import TokenNotFound
from pyregistry.tokens.services.selection import Selection
from pyregistry.ui.addresses import Addresses
from pyregistry.ui.commands import TOKEN_USER
from pyregistry.ui.grants import day_in
from pyregistry.ui.submissions import Sent

SCOPES: Final = (
    (Scope.READ_API, "Read: install packages and ask the API, without changing anything."),
    (Scope.API, "Everything that you may do: publish packages, too, for instance."),
)
_SCOPES_BY_NAME: Final = {scope.value: scope for scope, _ in SCOPES}

USUAL_LIFETIME: Final = timedelta(days=90)
"""What the form proposes, or less where the settings permit less. People forget their tokens."""


@dataclass(frozen=True, slots=True)
class TokenUse:
    """A text to copy: what it is for, and where it goes."""

    title: str
    where: str
    text: str


def own_selection(request: Request) -> Selection:
    """The visitor's own tokens, those of an administrator as well. Raises `TokenNotFound`."""
    user_id = request.identity.user_id
    if user_id is None:
        raise TokenNotFound  # Without a user everybody's would be selected.
    return Selection(TOKENS_OF_USERS, user_id=user_id)


def longest_lifetime(request: Request) -> timedelta | None:
    """The longest time for which the settings let a token be valid; None: for ever."""
    longest: timedelta | None = request.components.settings.tokens_max_lifetime
    return longest


def usual_end(request: Request) -> date:
    """The day on which a new token ends, unless the visitor chooses another."""
    longest = longest_lifetime(request)
    lifetime = USUAL_LIFETIME if longest is None else min(USUAL_LIFETIME, longest)
    end: datetime = request.now + lifetime
    return end.date()


def end_in(sent: Sent) -> datetime | None:
    """The moment at which the chosen day begins, in UTC; None without. Raises `Invalid`."""
    day = day_in(sent, "ends_on")
    return None if day is None else datetime.combine(day, time(), UTC)


def scopes_in(sent: Sent) -> list[Scope]:
    """What the token shall be used for. Raises `Invalid` for nothing, and for what is no scope."""
    chosen = sent.chosen("scopes")
    if not chosen or not _SCOPES_BY_NAME.keys() >= set(chosen):
        raise Invalid("Choose what the token may be used for.")
    return [_SCOPES_BY_NAME[name] for name in chosen]


def uses_of(addresses: Addresses, scopes: Collection[str], secret: str) -> list[TokenUse]:
    """What makes pip, uv and twine use a token, as far as its scopes go.

    No address holds the secret: addresses end up in logs, lock files and bug reports.
    """
    index = addresses.instance_index
    host = urlsplit(index).hostname or ""
    uses = [
        TokenUse(
            "Install packages with pip and uv",
            "In the file .netrc of your home folder (_netrc on Windows). Let nobody else read it. "
            "Then every install command on the pages here works without the token in it.",
            f"machine {host}\nlogin {TOKEN_USER}\npassword {secret}\n",
        ),
        TokenUse(
            "Tell pip where to look",
            "In the file pip.conf (pip.ini on Windows) of a virtual environment. This index has "
            "every package here that you may install. It is the only one then: pip finds nothing "
            "that is on a public index alone, and nobody there can slip you a package of the same "
            "name.",
            f"[global]\nindex-url = {index}\n",
        ),
    ]
    if Scope.API in scopes:
        upload = addresses.upload("GROUP/PROJECT")
        uses.append(
            TokenUse(
                "Publish packages with twine",
                "In the file .pypirc of your home folder. Let nobody else read it. Put the path "
                "of your project in the place of GROUP/PROJECT: its page shows the whole "
                "address. Then: twine upload --repository pyregistry dist/*",
                "[distutils]\nindex-servers = pyregistry\n\n[pyregistry]\n"
                f"repository = {upload}\nusername = {TOKEN_USER}\npassword = {secret}\n",
            )
        )
    return uses
