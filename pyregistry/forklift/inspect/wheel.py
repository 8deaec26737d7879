"""What a wheel must hold (PEP 427)."""

import re
from email.parser import BytesHeaderParser

from packaging.tags import InvalidTag, parse_tag

from pyregistry.errors import Invalid
from pyregistry.forklift.inspect.record import check_record
from pyregistry.forklift.inspect.zip_members import ZipArchive
from pyregistry.packaging.filenames import ParsedFilename, is_stem_of
from pyregistry.sentences import shown

_INFO = ".dist-info"
_REQUIRED_FILES = ("METADATA", "WHEEL", "RECORD")
_MAX_WHEEL_FILE_SIZE = 64 * 1024
_MAX_TAG_LENGTH = 500
_WHEEL_VERSION = re.compile(r"1\.[0-9]{1,9}", re.ASCII)


def read_wheel(archive: ZipArchive, parsed: ParsedFilename, max_metadata_size: int) -> bytes:
    """Check a wheel and return its METADATA, byte for byte.

    There is one `.dist-info` folder, that of the filename's name and version,
    with METADATA, WHEEL and RECORD; WHEEL is of version 1 and made for a
    Python of the filename; RECORD matches every file; there are no links,
    which PEP 427 does not know. `max_metadata_size` is in bytes. Raises
    `Invalid` for anything else.
    """
    for path in archive.links:
        raise Invalid(f"The wheel has the link {shown(path)}: put the file itself there")
    info = _find_info(archive, parsed)
    _check_required_files(archive, info)
    check_wheel_file(archive.read(f"{info}/WHEEL", _MAX_WHEEL_FILE_SIZE), parsed)
    metadata = archive.read(f"{info}/METADATA", max_metadata_size)
    check_record(archive, info)
    return metadata


def check_wheel_file(content: bytes, parsed: ParsedFilename) -> None:
    """Check the content of WHEEL. Raises `Invalid` unless it fits the filename.

    Its version is 1.x, and at least one of its tags has a Python tag of the
    filename. More is not asked for: wheels that were repaired or renamed for
    another platform keep the tags of their build, some have no tags at all,
    and installers heed those of the filename alone.
    """
    headers = BytesHeaderParser().parsebytes(content)
    versions = [str(value).strip() for value in headers.get_all("Wheel-Version", [])]
    if len(versions) != 1 or not _WHEEL_VERSION.fullmatch(versions[0]):
        raise Invalid("The file WHEEL has no Wheel-Version 1.x: build the wheel again")
    interpreters: set[str] = set()
    for value in headers.get_all("Tag", []):
        tag = str(value).strip()
        try:
            if len(tag) > _MAX_TAG_LENGTH:
                raise _bad_tag(tag)
            interpreters.update(single.interpreter for single in parse_tag(tag))
        except (InvalidTag, ValueError):
            raise _bad_tag(tag) from None
    if interpreters and interpreters.isdisjoint(tag.interpreter for tag in parsed.tags):
        raise Invalid(
            f"The filename is for {shown(parsed.python_version)}, but the file WHEEL for"
            f" {shown('.'.join(sorted(interpreters)))}: give the wheel the filename it was built"
            " with"
        )


def _bad_tag(tag: str) -> Invalid:
    return Invalid(f"The file WHEEL has the malformed tag {shown(tag)}: build the wheel again")


def _find_info(archive: ZipArchive, parsed: ParsedFilename) -> str:
    folders = {path.partition("/")[0] for path in archive.paths if "/" in path}
    found = sorted(folder for folder in folders if folder.casefold().endswith(_INFO))
    if len(found) != 1:
        raise Invalid(
            f"The wheel has {len(found)} top-level folders that end in .dist-info: build it"
            " again with one"
        )
    if not is_stem_of(found[0].removesuffix(_INFO), parsed.name, parsed.version):
        raise Invalid(
            f"The wheel has the folder {shown(found[0])}, but its filename is"
            f" {shown(parsed.filename)}: give both one name and version"
        )
    return found[0]


def _check_required_files(archive: ZipArchive, info: str) -> None:
    files = set(archive.files)
    for name in _REQUIRED_FILES:
        if f"{info}/{name}" not in files:
            raise Invalid(f"The wheel has no {name} in its folder {info}: build it again")
    required = {f"{info}/{name}".casefold() for name in _REQUIRED_FILES}
    spelled = sum(1 for path in archive.paths if path.casefold() in required)
    if spelled != len(required):
        raise Invalid(
            f"The wheel has METADATA, WHEEL or RECORD in two spellings in its folder {info}:"
            " keep the one in capitals"
        )
