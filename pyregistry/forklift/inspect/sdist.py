"""What an sdist must hold (PEP 517, PEP 625 and the sdists before them)."""

from collections.abc import Iterable

from pyregistry.errors import Invalid
from pyregistry.forklift.inspect.members import Member, MemberKind
from pyregistry.packaging.filenames import ParsedFilename, is_stem_of
from pyregistry.sentences import shown

_METADATA = "PKG-INFO"


def read_sdist(members: Iterable[Member], parsed: ParsedFilename, max_metadata_size: int) -> bytes:
    """Check an sdist, reading it to its end, and return its PKG-INFO, byte for byte.

    Everything lies in one top-level folder, which is called like the filename
    without its extension, or by the same name and version in another spelling;
    PKG-INFO lies directly in it. `max_metadata_size` is in bytes. Raises
    `Invalid` for anything else.
    """
    top: str | None = None
    metadata: bytes | None = None
    for member in members:
        folder, _, inside = member.path.partition("/")
        if not inside and member.kind is not MemberKind.FOLDER:
            raise Invalid(
                f"The sdist has {shown(member.path)} outside of a folder: put everything into"
                f" the folder {parsed.stem}"
            )
        if top is None:
            top = folder
            _check_top(folder, parsed)
        if folder != top:
            raise Invalid(
                f"The sdist has two top-level folders, {shown(top)} and {shown(folder)}:"
                " put everything into the first"
            )
        if inside == _METADATA and member.kind is MemberKind.FILE:
            metadata = _read(member, max_metadata_size)
        elif inside.casefold() == _METADATA.casefold():
            raise Invalid(
                f"The sdist has {shown(member.path)}: keep PKG-INFO alone, as a usual file"
            )
    if metadata is None:
        raise Invalid(f"The sdist has no PKG-INFO in its folder {parsed.stem}: build it again")
    return metadata


def _check_top(folder: str, parsed: ParsedFilename) -> None:
    if folder != parsed.stem and not is_stem_of(folder, parsed.name, parsed.version):
        raise Invalid(
            f"The sdist has the top-level folder {shown(folder)}, but its filename is"
            f" {shown(parsed.filename)}: give both one name and version"
        )


def _read(member: Member, max_size: int) -> bytes:
    content = bytearray()
    for chunk in member.chunks:
        content += chunk
        if len(content) > max_size:
            raise Invalid(
                f"{shown(member.path)} in the archive has more than {max_size} bytes: shorten it"
            )
    return bytes(content)
