"""Whom an ID token is made out to: this registry, or one index of it."""

from dataclasses import dataclass
from typing import Final

from pyregistry.namespaces.names import path_keys
from pyregistry.sentences import shown
from pyregistry.settings import Settings
from pyregistry.trusted_publishing.errors import InvalidIDToken

_ENDPOINTS: Final = ("/-/simple", "/-/legacy")


@dataclass(frozen=True, slots=True)
class Audiences:
    """The audiences that this registry takes for its own.

    The address in a request is none of them: who holds an ID token for another service could
    send it here and name that service as the host.
    """

    own: str
    public_url: str | None = None

    @classmethod
    def of(cls, settings: Settings) -> "Audiences":
        """The audiences that the settings give."""
        return cls(settings.oidc_audience, settings.public_url)

    def named_project(self, audience: str) -> str | None:
        """The key of the project path that an audience names; None where it names none.

        A path follows the registry's own audience, or its public address, which may go on
        to the project's index or upload address. Raises `InvalidIDToken` for any other audience.
        """
        if audience == self.own:
            return None
        for base in (self.own, self.public_url):
            if base is not None and audience.startswith(f"{base}/"):
                path = audience[len(base) + 1 :].removesuffix("/")
                if base == self.public_url:
                    path = _without_endpoint(path)
                segments = path.split("/")
                keys = path_keys(segments)
                if len(keys) == len(segments):
                    return keys[-1]
        raise InvalidIDToken(
            f"The ID token is made out to {shown(audience)}: its audience must be {self.own},"
            f" or {self.own}/ and the path of a project."
        )


def _without_endpoint(path: str) -> str:
    for endpoint in _ENDPOINTS:
        if path.endswith(endpoint):
            return path.removesuffix(endpoint)
    return path
