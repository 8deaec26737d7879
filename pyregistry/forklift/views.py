"""The upload addresses: PyPI's legacy upload API, and the same in GitLab's layout."""

from io import BytesIO

from pyramid.config import Configurator
from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config
from sqlalchemy.orm import Session

from pyregistry.authnz.identity import Authority
from pyregistry.authnz.permissions import Permissions
from pyregistry.components import Components
from pyregistry.csrf import check_site
from pyregistry.forklift.body import Readable
from pyregistry.forklift.inspect import ArchiveLimits
from pyregistry.forklift.limits import ReceiveLimits, check_declared_length
from pyregistry.forklift.publish import Outcome, Publisher, Upload
from pyregistry.http.observation import observation_of
from pyregistry.resources.namespaces import LegacyUpload, authority_at, seen_above

_SENTENCES = {
    Outcome.PUBLISHED: "Published.",
    Outcome.UNCHANGED: "This very file was published already; nothing has changed.",
    Outcome.NOTHING_TO_DO: "There is no need to register: publishing the first file does it.",
}


@view_config(
    context=LegacyUpload,
    request_method="POST",
    permission=Permissions.PACKAGE_PUBLISH,
    # The check would read the whole body: `check_site` is enough where a token is needed.
    require_csrf=False,
)
def upload(context: LegacyUpload, request: Request) -> Response:
    """Take a file, and answer 200: distutils takes nothing else for success."""
    check_site(request)
    components: Components = request.components
    publisher = publisher_of(components)
    check_declared_length(request.content_length, publisher.receive_limits)
    # Everything that reads the request's session has been done: the reading transaction
    # must not stay open for as long as a slow client sends.
    actor, authority, seen = request.actor, authority_at(context), seen_above(context)
    request.db.close()

    def reauthorize(session: Session) -> Authority:
        found: Authority = request.reauthorize(
            session, context.project.id, Permissions.PACKAGE_PUBLISH
        )
        return found

    outcome = publisher.publish(
        Upload(
            stream=_body_of(request),
            content_type=request.headers.get("Content-Type", ""),
            content_length=request.content_length,
            project_id=context.project.id,
            actor=actor,
            authority=authority,
            seen=seen,
        ),
        reauthorize,
    )
    observation_of(request.environ).upload = outcome.value
    return Response(_SENTENCES[outcome] + "\n", content_type="text/plain", charset="utf-8")


def _body_of(request: Request) -> Readable:
    """The body as the server gives it.

    WebOb's own `body_file` takes a read that returns less than was asked for, which slow
    clients cause, for the end of the connection.
    """
    # Without a length, a server that does not end the stream would let us wait for ever.
    return request.body_file_raw if request.is_body_readable else BytesIO()


def publisher_of(components: Components) -> Publisher:
    """The publisher that the settings describe."""
    settings = components.settings
    return Publisher(
        database=components.database,
        storage=components.storage,
        receive_limits=ReceiveLimits(max_file_size=settings.upload_max_file_size),
        archive_limits=ArchiveLimits(
            max_expanded_size=settings.archive_max_expanded_size,
            max_ratio=settings.archive_max_ratio,
            max_members=settings.archive_max_members,
        ),
        clock=components.clock,
    )


def includeme(config: Configurator) -> None:
    """Register the views of this module."""
    config.scan(__name__)
