"""Looking for words among the texts of packages."""

from sqlalchemy import ColumnElement, or_

from pyregistry.packaging.models import PackageText
from pyregistry.packaging.search_texts import spellings


def holds(word: str) -> ColumnElement[bool]:
    """The condition that a word, folded, is somewhere in the text of a package."""
    text = PackageText.search_text
    return or_(*(text.contains(spelling, autoescape=True) for spelling in spellings(word)))
