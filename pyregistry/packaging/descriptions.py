"""Descriptions: text in a markup, rendered into HTML that is safe to include."""

import io
import threading
from email.message import Message
from typing import Any

import nh3
from docutils.parsers.rst import roles
from readme_renderer import clean, markdown, rst, txt

from pyregistry.errors import Invalid
from pyregistry.packaging.description_limits import check_markdown
from pyregistry.sentences import shown

MAX_DESCRIPTION_SIZE = 1024 * 1024
"""In characters."""

_MARKDOWN = "text/markdown"
_RST = "text/x-rst"
_PLAIN = "text/plain"

_NOTHING_TO_SAY = "No content rendered from RST source."

# With the classes of our own pages a description would draw our buttons and notices. The language
# of a code block (`lang`) is none that people speak.
_ATTRIBUTES = {
    tag: names - {"class"} for tag, names in {**clean.ALLOWED_ATTRIBUTES, "pre": set()}.items()
}
# Parts of code, by Pygments' names: those that the stylesheet has a colour for.
_CODE_CLASSES = {
    "span": {
        *("k", "kn", "kd", "kc", "kr", "kt", "ow", "nt"),
        *("s", "s1", "s2", "sa", "sb", "sd", "se", "sh", "si", "sx"),
        *("c", "c1", "ch", "cm", "cp", "cs", "gp", "go"),
        *("nd", "mi", "mf", "mh", "mb", "l", "m"),
        *("nf", "nc", "fm"),
    }
}
# Lines of code may be longer than their box is wide: the keyboard scrolls what has the focus.
_ADDED = {"pre": {"tabindex": "0"}, "input": {"disabled": ""}}
_SCHEMES = {"http", "https", "mailto"}

# docutils keeps the roles that a document defines for the whole process.
_rst_lock = threading.Lock()


def render_description(text: str, content_type: str | None) -> str:
    """The description as HTML without scripts, frames, forms or foreign attributes.

    `content_type` is the Description-Content-Type: `text/markdown` (with
    `variant=GFM`, which is the default, or `variant=CommonMark`), `text/x-rst`
    or `text/plain`, each in UTF-8. Where none is declared, the text is taken
    for reStructuredText and, where it is none, for plain text. Raises
    `Invalid` when the text does not render as the declared type, when the type
    is none of these, and when the text is longer than `MAX_DESCRIPTION_SIZE`.
    """
    if len(text) > MAX_DESCRIPTION_SIZE:
        raise Invalid(
            f"The description has {len(text)} characters, more than the limit of"
            f" {MAX_DESCRIPTION_SIZE}: shorten it"
        )
    if content_type is None or not content_type.strip():
        return _rendered_undeclared(text)
    markup, variant = _read_content_type(content_type)
    if not text.strip():
        return ""
    if markup == _MARKDOWN:
        check_markdown(text)
        return _accessible(markdown.render(text, variant=variant) or "")
    if markup == _RST:
        html, problem = _rendered_rst(text)
        if html is None:
            raise Invalid(
                "The description does not render as text/x-rst, correct it or declare"
                f" another Description-Content-Type: {problem}"
            )
        return _accessible(html)
    return txt.render(text) or ""


def _rendered_undeclared(text: str) -> str:
    if not text.strip():
        return ""
    html, _ = _rendered_rst(text)
    return _accessible(html) if html is not None else txt.render(text) or ""


def _accessible(html: str) -> str:
    """HTML that was cleaned, with blocks of code that the keyboard and screen readers can use,
    and without classes but those of parts of code."""
    return nh3.clean(
        html,
        tags=clean.ALLOWED_TAGS,
        attributes=_ATTRIBUTES,
        allowed_classes=_CODE_CLASSES,
        link_rel="nofollow",
        url_schemes=_SCHEMES,
        set_tag_attribute_values=_ADDED,
    )


def _read_content_type(content_type: str) -> tuple[str, str]:
    """The markup and, for Markdown, its variant."""
    message = Message()
    message["Content-Type"] = " ".join(content_type.split())
    markup = content_type.partition(";")[0].strip().lower()
    charset = _parameter(message, "charset", "UTF-8")
    variant = _parameter(message, "variant", "GFM")
    if (
        markup not in (_MARKDOWN, _RST, _PLAIN)
        or charset.upper() != "UTF-8"
        or (markup == _MARKDOWN and variant not in ("GFM", "CommonMark"))
    ):
        raise Invalid(
            f"The Description-Content-Type {shown(content_type)} is not known: declare"
            " text/markdown, text/x-rst or text/plain, in UTF-8, Markdown as GFM or CommonMark"
        )
    return markup, variant


def _parameter(message: Message, name: str, default: str) -> str:
    """A parameter of the content type; an empty text where it cannot be read."""
    try:
        value: Any = message.get_param(name, default)
    except (ValueError, IndexError, LookupError):
        return ""
    return value if isinstance(value, str) else ""


def _rendered_rst(text: str) -> tuple[str | None, str]:
    """The HTML, or None with the reason in ASCII."""
    messages = io.StringIO()
    with _rst_lock:
        vars(roles)["_roles"].clear()
        try:
            html = rst.render(text, stream=messages)
        except Exception as error:  # noqa: BLE001 - docutils fails in any way on odd input, deep nesting included
            return None, type(error).__name__
    said = messages.getvalue().strip()
    if html is None and said == _NOTHING_TO_SAY:
        return "", ""
    first_line = said.partition("\n")[0].removeprefix("<string>:")
    return html, ascii(first_line[:200])[1:-1]
