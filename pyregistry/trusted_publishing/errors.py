"""What trusted publishing refuses.

The codes are those of PyPI's exchange, which clients and their users know.
"""

from http import HTTPStatus
from typing import ClassVar

from pyregistry.errors import Conflict, NotFound, Refusal


class ExchangeRefused(Refusal):
    """An ID token is not exchanged."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code: ClassVar[str]
    is_failure: ClassVar[bool] = True
    """Whether it is counted against the caller's address."""


class InvalidPayload(ExchangeRefused):
    """The body of the request is not the JSON object that it must be."""

    code = "invalid-payload"


class InvalidIDToken(ExchangeRefused):
    """The ID token is malformed, forged, out of date, or not for this registry."""

    code = "invalid-token"


class IssuerUnavailable(InvalidIDToken):
    """Nobody can tell now: the keys of the issuer cannot be fetched."""

    is_failure = False


class ReusedIDToken(ExchangeRefused):
    """The ID token was exchanged before."""

    code = "invalid-reuse-token"

    def __init__(self) -> None:
        super().__init__("The ID token was exchanged before: get a new one for each exchange.")


class InvalidPublisher(ExchangeRefused):
    """No trusted publisher fits the ID token, or those of several projects do."""

    code = "invalid-publisher"


class NotEnabled(ExchangeRefused):
    """The registry trusts no issuer."""

    code = "not-enabled"
    is_failure = False

    def __init__(self) -> None:
        super().__init__(
            "Trusted publishing is off: an administrator turns it on by naming issuers in the"
            " setting pyregistry.oidc.issuers."
        )


class PublisherExists(Conflict):
    """The project has a trusted publisher of that name."""

    about = "name"

    def __init__(self) -> None:
        super().__init__("A trusted publisher of that name already exists in the project.")


class PublisherNotFound(NotFound):
    """The project has no such trusted publisher."""

    def __init__(self) -> None:
        super().__init__("Not found: the project has no such trusted publisher.")
