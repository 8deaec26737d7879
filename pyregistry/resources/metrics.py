"""Where Prometheus reads the metrics, and who may."""

import hmac
from typing import Final

from pyramid.authorization import Allow, Everyone
from pyramid.request import Request

from pyregistry.authnz.permissions import Permissions
from pyregistry.components import Components
from pyregistry.namespaces.acl import AccessControlList
from pyregistry.resources.base import Resource

_PROVED: Final = "pyregistry.metrics_token_proved"
_HEADER: Final = "HTTP_AUTHORIZATION"
_SCHEME: Final = "bearer "


class Metrics(Resource):
    """The metrics of the instance: for administrators, and for whoever sends the metrics token.

    That token is nobody's and opens nothing else. So it is looked at here, and nothing is asked of
    the database, which may be what does not work.
    """

    def __init__(self, request: Request, parent: Resource, name: str) -> None:
        super().__init__(request, parent, name)
        if _bears_token(request):
            # The policy knows it not, and would refuse it.
            del request.environ[_HEADER]
            request.environ[_PROVED] = True

    def __acl__(self) -> AccessControlList:
        if _PROVED in self.request.environ:
            return [(Allow, Everyone, {Permissions.HEALTH_READ})]
        return []


def _bears_token(request: Request) -> bool:
    components: Components = request.components
    token = components.settings.metrics_token
    header: str = request.environ.get(_HEADER, "")
    if token is None or not header.lower().startswith(_SCHEME):
        return False
    sent = header[len(_SCHEME) :].strip()
    return hmac.compare_digest(sent.encode("utf-8", "replace"), token.encode())
