"""Simple pages as JSON (PEP 691).

Neither `yanked`, `size`, `upload-time` nor `project-status` is ever null, and
sha256 is the only digest: anything else makes uv or pip refuse the whole page.
"""

import json
from typing import Any

from pyregistry.simple.pages import API_VERSION, FileLink, IndexPage, PackagePage


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
    projects = [{"_last-serial": serial, "name": name} for name, serial in page.projects]
    return _encoded({"meta": _meta(page.serial), "projects": projects})


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


def _encoded(document: dict[str, Any]) -> bytes:
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    # Half a surrogate pair is not text; strict parsers refuse a page with one.
    return text.encode("utf-8", "replace")
