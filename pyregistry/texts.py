"""Text that a database can keep."""

from pyregistry.errors import Invalid
from pyregistry.sentences import shown


def can_be_stored(text: str) -> bool:
    """Whether a text has neither NUL nor a lone surrogate, which no database takes."""
    has_surrogate = not text.isascii() and any("\ud800" <= letter <= "\udfff" for letter in text)
    return not has_surrogate and "\x00" not in text


def check_text(name: str, text: str) -> None:
    """Raise `Invalid` for a text that no database takes."""
    if not can_be_stored(text):
        raise Invalid(f"The parameter {shown(name)} holds a character that cannot be stored.")
