"""Text that a database can keep."""

from pyregistry.errors import Invalid
from pyregistry.sentences import shown


def check_text(name: str, text: str) -> None:
    """Raise `Invalid` for a text with NUL or a lone surrogate, which no database takes."""
    if "\x00" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise Invalid(f"The parameter {shown(name)} holds a character that cannot be stored.")
