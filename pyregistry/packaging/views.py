"""Downloads of files and of their core metadata."""

from http import HTTPStatus

from pyramid.config import Configurator
from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config

from pyregistry.authnz.permissions import CredentialKind, Permissions
from pyregistry.events.actions import Action
from pyregistry.events.services.record import Happening
from pyregistry.freshness.questions import FileSubject
from pyregistry.http.caching import (
    VARY_ON_CREDENTIALS,
    become_not_modified,
    carries_lasting_credentials,
    immutable,
)
from pyregistry.http.conditional import etag_matches, if_range_matches, strong_etag
from pyregistry.http.disposition import attachment
from pyregistry.http.observation import SENT, observation_of
from pyregistry.http.ranges import ByteRange, Unsatisfiable, parse_range
from pyregistry.http.sending import sent_by_server
from pyregistry.packaging.errors import PackageNotFound
from pyregistry.packaging.sent_again import ForNginx, LocalFile
from pyregistry.packaging.services.queries import StoredFile
from pyregistry.packaging.services.status import check_is_offered
from pyregistry.remembered.offers import NO_BYTES, Body, SameBytes, offer
from pyregistry.resources.indexes import FileDownload
from pyregistry.storage.interfaces import IFileStorage, Shown, TemporaryAddress
from pyregistry.storage.storages import LOCAL

_OCTETS = "application/octet-stream"

# nginx would judge these by what it knows of the file, which is not its entity-tag.
_JUDGED_BY_NGINX = ("If-Match", "If-Unmodified-Since")


@view_config(context=FileDownload, request_method="GET", permission=Permissions.PACKAGE_PULL)
def download(context: FileDownload, request: Request) -> Response:
    """A file, or its core metadata byte for byte as in the archive (PEP 658)."""
    file = context.file
    check_is_offered(file)
    if context.is_metadata:
        return _metadata(request, file)
    return _archive(request, file)


def _metadata(request: Request, file: StoredFile) -> Response:
    if file.metadata_content is None or file.metadata_sha256 is None:
        raise PackageNotFound("The metadata of this file is not served apart from it.")
    response = _described(request, strong_etag(file.metadata_sha256))
    _offer(request, file, SameBytes(file.metadata_content))
    if _is_known(request, response):
        return response
    response.content_type = _OCTETS
    response.body = file.metadata_content
    return response


def _archive(request: Request, file: StoredFile) -> Response:
    response = _described(request, strong_etag(file.sha256))
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["Content-Disposition"] = attachment(file.filename)
    if _is_known(request, response):
        _offer(request, file, NO_BYTES)
        return response
    part = _requested_part(request, file, response.headers["ETag"])
    if isinstance(part, Unsatisfiable):
        response.status = 416
        response.headers["Content-Range"] = part.content_range
        return response
    storage = request.components.storages.named(file.storage)
    body: Body = LocalFile(storage, file.sha256, file.size)
    address = _address_elsewhere(request, storage, file, response)
    if address is not None:
        response = _elsewhere(request, address)
    elif (internal := _internal_address(request, storage, file, part)) is not None:
        response.content_type = _OCTETS
        response.charset = None
        # nginx says by itself that it takes ranges.
        del response.headers["Accept-Ranges"]
        response.headers["X-Accel-Redirect"] = internal
        body = ForNginx(storage, file.sha256)
    else:
        _send(request, response, storage, file, part)
    pulled = None
    if request.method == "GET" and (part is None or part.first == 0):
        pulled = _pulled(request, file)
        request.note_once_answered(pulled)
        observation_of(request.environ).download = SENT if address is None else "redirected"
    if part is None and storage.name == LOCAL:
        _offer(request, file, body, pulled)
    return response


def _send(
    request: Request,
    response: Response,
    storage: IFileStorage,
    file: StoredFile,
    part: ByteRange | None,
) -> None:
    start, length = 0, file.size
    if part is not None:
        start, length = part.first, part.length
        response.status = 206
        response.headers["Content-Range"] = part.content_range
    response.content_type = _OCTETS
    response.charset = None
    if request.method == "GET":
        # Opened now, so that a missing object is a refusal and not half an answer.
        body = storage.open(file.sha256, start=start, length=length)
        response.app_iter = sent_by_server(request.environ, body)
    response.content_length = length


def _address_elsewhere(
    request: Request, storage: IFileStorage, file: StoredFile, response: Response
) -> TemporaryAddress | None:
    """Where the client shall fetch the file by itself; None where it gets it from here.

    Only a GET is led on: the address is signed for that method. Who names our entity-tag in
    `If-Range` gets the part from here, for the service knows the file by another one.
    """
    if request.method != "GET" or carries_lasting_credentials(request):
        return None
    if request.headers.get("If-Range", "").strip(" \t") == response.headers["ETag"]:
        return None
    shown = Shown(
        content_disposition=response.headers["Content-Disposition"],
        cache_control=response.headers["Cache-Control"],
        anyone=request.identity is None,
    )
    return storage.address(file.sha256, shown, request.now)


def _internal_address(
    request: Request, storage: IFileStorage, file: StoredFile, part: ByteRange | None
) -> str | None:
    """Where nginx, in front of us, finds the file; None where it gets it from here.

    nginx honours `Range` itself, but refuses some that we ignore.
    """
    settings = request.components.settings
    prefix: str | None = settings.storage_local_accel
    if prefix is None or request.method != "GET" or (part is None and "Range" in request.headers):
        return None
    if any(header in request.headers for header in _JUDGED_BY_NGINX):
        return None
    path = storage.local_path(file.sha256)
    if path is None:
        return None
    return prefix + path.relative_to(settings.storage_local_folder).as_posix()


def _elsewhere(request: Request, address: TemporaryAddress) -> Response:
    """302: whoever keeps it must not keep it for longer than its address works."""
    response = Response(status=int(HTTPStatus.FOUND), location=address.address)
    response.headers.pop("Content-Type", None)  # there is nothing that it would describe
    kind = "public" if request.identity is None else "private"
    response.headers["Cache-Control"] = f"{kind}, max-age={int(address.fresh_for.total_seconds())}"
    # The address is a key to the file: it goes to nobody as where somebody came from.
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Vary"] = f"{VARY_ON_CREDENTIALS}, If-Range"
    return response


def _described(request: Request, etag: str) -> Response:
    response = request.response
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = immutable(anyone=request.identity is None)
    response.headers["Vary"] = VARY_ON_CREDENTIALS
    response.headers["X-Content-Type-Options"] = "nosniff"
    # A file that a browser opens all the same runs nothing.
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def _is_known(request: Request, response: Response) -> bool:
    if not etag_matches(request.headers.get("If-None-Match"), response.headers["ETag"]):
        return False
    become_not_modified(response)
    return True


def _requested_part(
    request: Request, file: StoredFile, etag: str
) -> ByteRange | Unsatisfiable | None:
    header = request.headers.get("Range")
    if request.method != "GET":
        return None  # A range means nothing to any other method (RFC 9110 section 14.2).
    if header is None or not if_range_matches(request.headers.get("If-Range"), etag):
        return None
    return parse_range(header, file.size)


def _pulled(request: Request, file: StoredFile) -> Happening:
    return Happening(
        action=Action.FILE_PULLED,
        actor=request.actor,
        occurred_at=request.now,
        namespace_id=file.project_id,
        namespace_path=file.project_path,
        package=file.package,
        version=file.version,
        filename=file.filename,
    )


def _offer(request: Request, file: StoredFile, body: Body, pulled: Happening | None = None) -> None:
    """Say what the answer is, for whoever remembers it.

    Not where a job asks, which fetches a file once: nobody else has its token.
    """
    identity = request.identity
    if identity is None or identity.credential.kind is not CredentialKind.JOB_TOKEN:
        subject = FileSubject(file.sha256, file.filename)
        offer(request, subject, body, pulled=pulled)


def includeme(config: Configurator) -> None:
    """Register the views of this module."""
    config.scan(__name__)
