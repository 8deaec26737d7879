"""Rendering descriptions in a process that may take only so much time and memory.

Markup multiplies: every reference repeats its target and every table of contents all
titles, and some patterns take time with the square of the text. A process of its own
takes neither the server's memory nor its interpreter.
"""

import json
import logging
import resource
import subprocess
import sys

from pyregistry.errors import Invalid

_HARMLESS_LENGTH = 2048
"""In characters; the worst of so short texts take less than a second."""
_SECONDS = 20
_MEMORY = 1024 * 1024 * 1024
_MAX_HTML_LENGTH = 10 * 1024 * 1024

logger = logging.getLogger(__name__)


def render_confined(text: str, content_type: str | None, *, seconds: int = _SECONDS) -> str:
    """What `render_description` gives.

    Raises `Invalid` as it does, and where rendering takes more than `seconds` of the
    processor, twice as many of the clock or 1 GiB, or gives more than 10 MiB characters.
    """
    if len(text) <= _HARMLESS_LENGTH:
        from pyregistry.packaging.descriptions import render_description

        return render_description(text, content_type)
    command = (sys.executable, "-P", "-m", __name__)
    question = json.dumps([text, content_type, seconds]).encode()
    try:
        child = subprocess.run(  # noqa: S603 -- nothing of a client is in the command
            command,
            input=question,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=2 * seconds,
            check=True,
        )
    except subprocess.SubprocessError as error:
        logger.warning("a description was not rendered: %s", error)
        raise Invalid(
            "The description takes too much time or memory to render: shorten it, or use"
            " simpler markup"
        ) from None
    html, refusal = json.loads(child.stdout)
    if refusal is not None:
        raise Invalid(refusal)
    return str(html)


def _answer() -> None:
    """Render what standard input asks for; on standard output the HTML, or why not."""
    from pyregistry.packaging.descriptions import render_description

    text, content_type, seconds = json.load(sys.stdin)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    html, refusal = "", None
    try:
        html = render_description(text, content_type)
    except Invalid as error:
        refusal = error.sentence
    if len(html) > _MAX_HTML_LENGTH:
        html, refusal = "", f"The description renders to {len(html)} characters: shorten it"
    json.dump([html, refusal], sys.stdout)


if __name__ == "__main__":
    _answer()
