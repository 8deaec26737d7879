"""The first step of an upload: take the form and the file off the wire.

The body is read once. The file goes to the storage as a pending object while
it is hashed; nothing else is written, and memory does not grow with the file.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from multipart import (
    MultipartError,
    MultipartSegment,
    ParserLimitReached,
    PushMultipartParser,
)

from pyregistry.errors import Invalid
from pyregistry.forklift.body import Body, Readable, broken_off, read_boundary
from pyregistry.forklift.declared import check_digests
from pyregistry.forklift.form import UploadForm
from pyregistry.forklift.limits import CheckSize, ReceiveLimits, check_declared_length
from pyregistry.forklift.parts import FilePart, FormBudget, IgnoredPart, Part, TextPart
from pyregistry.forklift.register import has_bare_line_feeds, read_form
from pyregistry.sentences import shown
from pyregistry.storage.digests import Digests
from pyregistry.storage.interfaces import IFileStorage, PendingObject
from pyregistry.texts import check_text

FILE_FIELD = "content"
FILE_UPLOAD = "file_upload"

_MAX_HEADER_SIZE = 1024
_PLAIN_ENCODINGS = frozenset({"binary", "8bit", "7bit"})

OnField = Callable[[str, str], None]
OnFile = Callable[[str], CheckSize | None]
"""Takes the name of the file before any of its bytes; gives what checks how many they are."""


@dataclass(frozen=True, slots=True)
class ReceivedUpload:
    """A form that arrived whole.

    With the action 'file_upload' it has a file: `filename` is the text that
    the client sent, not a path and not checked, `pending` the bytes, not
    stored yet, and `digests` agree with those in the form. Any other action
    has none of the three.

    As a context manager it discards the bytes on leaving, unless they were
    stored.
    """

    fields: UploadForm
    action: str
    filename: str | None = None
    pending: PendingObject | None = None
    digests: Digests | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self.pending is not None:
            self.pending.discard()


def receive(
    stream: Readable,
    content_type: str,
    content_length: int | None,
    *,
    storage: IFileStorage,
    limits: ReceiveLimits,
    on_field: OnField | None = None,
    on_file: OnFile | None = None,
) -> ReceivedUpload:
    """Receive an upload as every client sends it (the legacy upload API).

    `content_length` is in bytes, None where the body ends with the stream.
    `on_field` gets the name and the raw value of each field as soon as it is
    complete, in the order of the form, and may refuse the upload; the file
    may come before or after. `on_file` gets the name of the file before its bytes, and gives
    a check of their number, which is asked before anything is kept and as they arrive.

    Raises `Invalid` when the form is broken or contradicts itself, `TooLarge`
    beyond a limit, `StorageFull` and `StorageUnavailable` when the file cannot
    be kept, and whatever `on_field` and `on_file` raise. Then nothing is left behind.

    RFC 7578 (multipart/form-data), with what the clients make of it.
    """
    check_declared_length(content_length, limits)
    boundary = read_boundary(content_type)
    body = Body(stream, content_length, limits)
    start = body.peek(len(b"\r\n--\r\n") + len(boundary))
    if has_bare_line_feeds(start, boundary):
        return _receive_text(read_form(body, boundary, limits), on_field)
    if not start.removeprefix(b"\r\n").startswith(b"--" + boundary):
        raise Invalid("The body does not begin with the boundary that its Content-Type names")
    with ExitStack() as undo:
        opening = _Opening(storage, limits, limits.least_file_size(content_length), on_file)
        receiver = _Receiver(opening, on_field, undo)
        for event in _events(body, boundary):
            receiver.take(event)
        received = receiver.received()
        if received.pending is not None:
            undo.pop_all()  # from here on the caller discards or stores it
        return received


def _receive_text(form: UploadForm, on_field: OnField | None) -> ReceivedUpload:
    """The result for a form that cannot hold a file."""
    action = _action(form)
    if action == FILE_UPLOAD:
        raise _no_file()
    if on_field is not None:
        for name in form:
            for value in form.raw(name):
                on_field(name, value)
    return ReceivedUpload(form, action)


@dataclass(frozen=True, slots=True)
class _Opening:
    """How the file of a form begins; it will have `least_size` bytes or more."""

    storage: IFileStorage
    limits: ReceiveLimits
    least_size: int
    on_file: OnFile | None

    def part(self, filename: str, undo: ExitStack) -> tuple[PendingObject, FilePart]:
        check_size = self.on_file(filename) if self.on_file is not None else None
        if check_size is not None:
            check_size(self.least_size)
        pending = undo.enter_context(self.storage.begin())
        return pending, FilePart(pending, self.limits, check_size)


class _Receiver:
    """Sorts what the parser finds: the file to the storage, the fields into the form."""

    def __init__(self, opening: _Opening, on_field: OnField | None, undo: ExitStack) -> None:
        self._opening = opening
        self._limits = opening.limits
        self._on_field = on_field
        self._undo = undo
        self._budget = FormBudget(opening.limits)
        self._form = UploadForm()
        self._part: Part = IgnoredPart(self._budget)
        self._pending: PendingObject | None = None
        self._filename: str | None = None

    def take(self, event: MultipartSegment | bytes | None) -> None:
        """Take the head of a part, some of its bytes, or (None) its end."""
        if event is None:
            self._part.end()
        elif isinstance(event, MultipartSegment):
            self._budget.spend_part(sum(len(key) + len(text) for key, text in event.headerlist))
            self._part = self._open(event)
        else:
            self._part.write(event)

    def received(self) -> ReceivedUpload:
        """What arrived, after the last event."""
        action = _action(self._form)
        if action != FILE_UPLOAD:
            return ReceivedUpload(self._form, action)
        if self._pending is None:
            raise _no_file()
        digests = self._pending.finish()
        check_digests(self._form, digests)
        return ReceivedUpload(self._form, action, self._filename, self._pending, digests)

    def _open(self, segment: MultipartSegment) -> Part:
        # The parser sees a bare line feed only where it ends a piece of the body.
        if any("\n" in text for _, text in segment.headerlist):
            raise Invalid("A header of a part has a bare line feed: end its lines in CRLF")
        if not segment.name:
            raise Invalid("A part of the form has no name")
        if segment.name == FILE_FIELD:
            return self._open_file(segment)
        if segment.filename is not None:
            return IgnoredPart(self._budget)
        limit = self._limits.of_field(segment.name)
        return TextPart(segment.name, limit, self._budget, self._accept)

    def _open_file(self, segment: MultipartSegment) -> Part:
        if self._pending is not None:
            raise Invalid("The form has more than one file: send one part named content")
        if not segment.filename:
            raise Invalid("The part named content has no filename: send the name of the file")
        # The project is asked for a file of that name.
        check_text("filename", segment.filename)
        encoding = segment.header("Content-Transfer-Encoding", "binary")
        if encoding.strip().lower() not in _PLAIN_ENCODINGS:
            raise Invalid(f"The file is sent as {shown(encoding)}: send its bytes as they are")
        self._filename = segment.filename
        self._pending, part = self._opening.part(segment.filename, self._undo)
        return part

    def _accept(self, name: str, value: str) -> None:
        self._form.add(name, value)
        if self._on_field is not None:
            self._on_field(name, value)


def _events(body: Body, boundary: bytes) -> Iterator[MultipartSegment | bytes | None]:
    """What the parser finds in a body.

    Raises `Invalid` where it finds something that is no multipart form.
    """
    parser = PushMultipartParser(boundary, max_header_size=_MAX_HEADER_SIZE)
    try:
        while piece := body.read():
            yield from parser.parse(piece)
    except ParserLimitReached as error:
        raise Invalid("A part of the form has too long a header, or too many of them") from error
    except MultipartError as error:
        raise Invalid(f"The upload is not a well-formed form: {error.args[0]}") from error
    try:
        parser.close()
    except MultipartError as error:
        raise broken_off() from error


def _action(form: UploadForm) -> str:
    """What the form asks for; clients that people write themselves may not say it."""
    return form.one(":action") or FILE_UPLOAD


def _no_file() -> Invalid:
    return Invalid("The form has no file: send it as a part named content")
