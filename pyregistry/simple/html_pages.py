"""Simple pages as HTML (PEP 503), one anchor a line.

Some clients read these pages with regular expressions: no attribute holds a
raw `<`, `>`, quote or line break.
"""

import re
from collections.abc import Iterable
from html import escape
from itertools import chain

from pyregistry.packaging.models import PackageStatus
from pyregistry.simple.pages import (
    API_VERSION,
    FileLink,
    IndexPage,
    PackagePage,
    index_link,
)
from pyregistry.simple.parts import encoded

# HTML has no way to write these, not even as a character reference.
_CONTROL_PATTERN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")

# Nothing in it is escaped, neither in an address nor in HTML; nearly every name is of this form.
_PLAIN_NAME = re.compile(r"[a-z0-9-]+")


def render_package_html(page: PackagePage) -> bytes:
    """The page of one package, valid HTML5."""
    return _document(
        title=f"Links for {page.name}",
        metas=_status_metas(page),
        links=(_file_anchor(file) for file in page.offered_files),
        serial=page.serial,
    )


def render_index_html(page: IndexPage) -> bytes:
    """The page of all names, valid HTML5."""
    return _document(
        title="Simple index",
        metas=[],
        links=(_name_anchor(name) for name, _ in page.projects),
        serial=page.serial,
    )


def _document(title: str, metas: list[str], links: Iterable[str], serial: int) -> bytes:
    before = (
        "<!DOCTYPE html>",
        '<html lang="en">',
        "<head>",
        '<meta charset="utf-8">',
        _meta("pypi:repository-version", API_VERSION),
        *metas,
        f"<title>{_escaped(title)}</title>",
        "</head>",
        "<body>",
        f"<h1>{_escaped(title)}</h1>",
    )
    after = ("</body>", "</html>", f"<!--SERIAL {serial}-->", "")
    return encoded(chain(before, links, after), "\n")


def _status_metas(page: PackagePage) -> list[str]:
    """Nothing for an active package: that is what readers assume (PEP 792)."""
    metas = []
    if page.status is not PackageStatus.ACTIVE or page.status_reason:
        metas.append(_meta("pypi:project-status", page.status))
    if page.status_reason:
        metas.append(_meta("pypi:project-status-reason", page.status_reason))
    return metas


def _meta(name: str, content: str) -> str:
    return f'<meta name="{name}" content="{_escaped(content)}">'


def _name_anchor(name: str) -> str:
    if _PLAIN_NAME.fullmatch(name):
        return f'<a href="{name}/">{name}</a><br>'
    return f'<a href="{_escaped(index_link(name))}">{_escaped(name)}</a><br>'


def _file_anchor(file: FileLink) -> str:
    attributes = [f'href="{_escaped(file.address)}#sha256={_escaped(file.sha256)}"']
    if file.requires_python:
        attributes.append(f'data-requires-python="{_escaped(file.requires_python)}"')
    if file.metadata_sha256:
        # Both names of one attribute: PEP 714 renamed it.
        digest = f"sha256={_escaped(file.metadata_sha256)}"
        attributes.append(f'data-core-metadata="{digest}" data-dist-info-metadata="{digest}"')
    if file.yanked:
        attributes.append(f'data-yanked="{_escaped(file.yanked_reason or "")}"')
    return f"<a {' '.join(attributes)}>{_escaped(file.filename)}</a><br>"


def _escaped(text: str) -> str:
    """Text that is safe in an attribute and between tags; control characters are replaced."""
    if text.isprintable():
        return escape(text)
    visible = _CONTROL_PATTERN.sub("\N{REPLACEMENT CHARACTER}", text)
    return escape(visible).replace("\n", "&#10;").replace("\r", "&#13;")
