"""What Prometheus reads."""

from pyramid.config import Configurator
from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config

from pyregistry.authnz.permissions import Permissions
from pyregistry.components import Components
from pyregistry.resources.metrics import Metrics
from pyregistry.watching.scrape import Scrape


@view_config(context=Metrics, request_method="GET", permission=Permissions.HEALTH_READ)
def show_metrics(_context: Metrics, request: Request) -> Response:
    """The metrics, as text or as OpenMetrics. That a part fails is no failure to tell it."""
    components: Components = request.components
    scrape = Scrape(
        components.metrics,
        components.health,
        components.database,
        components.clock,
        # As many again are opened while those are in use that are kept.
        connections_limit=2 * components.settings.database_pool_size,
    )
    body, content_type = scrape.encoded(request.headers.get("Accept"))
    response = Response(body)
    response.headers["Content-Type"] = content_type
    response.headers["Cache-Control"] = "no-store"
    return response


def includeme(config: Configurator) -> None:
    """Register the views of this module."""
    config.scan(__name__)
