"""Simple pages as JSON (PEP 691).

Neither `yanked`, `size`, `upload-time` nor `project-status` is ever null, and
sha256 is the only digest: anything else makes uv or pip refuse the whole page.
"""

import json
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import Any

from pyregistry.simple.pages import API_VERSION, FileLink, IndexPage, PackagePage
from pyregistry.simple.parts import encoded


def render_package_json(page: PackagePage) -> bytes:
    """The page of one package, as `application/vnd.pypi.simple.v1+json`."""
    status: dict[str, str] = {"status": page.status}
    if page.status_reason:
        status["reason"] = page.status_reason
    return _encoded(
        {
            "meta": _meta(page.serial),
            "name": page.name,
            "project-status": status,
            "versions": list(page.versions),
            "files": [_file(file) for file in page.offered_files],
        }
    )


def render_index_json(page: IndexPage) -> bytes:
    """The page of all names, as `application/vnd.pypi.simple.v1+json`.

    Mirroring clients read `_last-serial` on every name.
    """
    projects = (
        f'{{"_last-serial":{serial},"name":{_text(name)}}}' for name, serial in page.projects
    )
    before = f'{{"meta":{_json(_meta(page.serial))},"projects":['
    return encoded(chain((before,), _separated(projects), ("]}",)))


def _meta(serial: int) -> dict[str, Any]:
    return {"api-version": API_VERSION, "_last-serial": serial}


def _file(file: FileLink) -> dict[str, Any]:
    # Not under its former name dist-info-metadata as well: pip before 23.2, Debian 12's among
    # them, expects a string there in JSON, and ends with a traceback (PEP 714).
    metadata = {"sha256": file.metadata_sha256} if file.metadata_sha256 else False
    shown: dict[str, Any] = {
        "filename": file.filename,
        "url": file.address,
        "hashes": {"sha256": file.sha256},
        "size": file.size,
        "upload-time": file.upload_time,
        "yanked": (file.yanked_reason or True) if file.yanked else False,
        "core-metadata": metadata,
        "provenance": None,
    }
    if file.requires_python:
        shown["requires-python"] = file.requires_python
    return shown


def _separated(items: Iterable[str]) -> Iterator[str]:
    rest = iter(items)
    yield from islice(rest, 1)
    for item in rest:
        yield f",{item}"


def _json(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


_text = json.JSONEncoder(ensure_ascii=False).encode


def _encoded(document: dict[str, Any]) -> bytes:
    # Strict parsers refuse a page with half a surrogate pair.
    return encoded((_json(document),))
