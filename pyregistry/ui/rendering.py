"""The templates' environment, and what every template can use."""

from jinja2 import Environment, StrictUndefined
from pyramid.config import Configurator
from pyramid.events import BeforeRender
from pyramid.httpexceptions import HTTPException
from pyramid.request import Request
from sqlalchemy.exc import SQLAlchemyError

from pyregistry.authnz.identity import Identity
from pyregistry.components import Components
from pyregistry.errors import Refusal
from pyregistry.http.attempts import is_marked, mark
from pyregistry.ui.addresses import Addresses
from pyregistry.ui.filters import FILTERS
from pyregistry.ui.flashes import take_flash

_TEMPLATES = ".jinja2"
_ASKS_NOBODY = "pyregistry.asks_nobody"


def add_globals(event: BeforeRender) -> None:
    """Give a template `address`, `site_title`, `user` (an `Identity`, or None) and `flash`."""
    request = event.get("request")
    if request is None or not str(event.get("renderer_name")).endswith(_TEMPLATES):
        return
    components: Components = request.components
    event["address"] = Addresses(request)
    event["site_title"] = components.settings.title
    event["user"] = known_identity(request)
    event["flash"] = take_flash(request)


def ask_nobody(request: Request) -> None:
    """Have the pages of a request show nobody as signed in.

    Who it is may be just what cannot be found out, and to try once more can take long.
    """
    mark(request, _ASKS_NOBODY)


def known_identity(request: Request) -> Identity | None:
    """The caller; None, too, where that cannot be found out.

    The page that tells of wrong credentials, or of a database that does not answer, must
    not fail for the same reason.
    """
    if is_marked(request, _ASKS_NOBODY):
        return None
    try:
        identity: Identity | None = request.identity
    except (HTTPException, Refusal, SQLAlchemyError):
        return None
    return identity


def includeme(config: Configurator) -> None:
    """Set up Jinja2 for the templates of this package."""
    config.add_jinja2_search_path("pyregistry:ui/templates")

    def prepare() -> None:
        environment: Environment = config.get_jinja2_environment()
        environment.filters.update(FILTERS)
        # A misspelt name in a template is an error, not an empty place on a page.
        environment.undefined = StrictUndefined
        environment.trim_blocks = True
        environment.lstrip_blocks = True

    # The environment is made by an action of pyramid_jinja2: this one comes after it.
    config.action("pyregistry.ui.templates", prepare, order=1)
    config.add_subscriber(add_globals, BeforeRender)
