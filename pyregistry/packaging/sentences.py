"""Text of a client inside the sentence of a refusal."""

_SHOWN_LENGTH = 80


def shown(text: str) -> str:
    """The text quoted, in ASCII and on one line, cut at 80 characters.

    A sentence becomes a reason phrase: what a client sent must not end its
    line, nor hold a character that a header cannot carry.
    """
    return ascii(text if len(text) <= _SHOWN_LENGTH else text[:_SHOWN_LENGTH] + "...")
