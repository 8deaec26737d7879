"""What pages refuse that the API has no word for."""

from typing import Final

from pyregistry.errors import Invalid

_SENTENCE: Final = "This part of the list is not there: begin again with its first page."


class NoSuchPart(Invalid):
    """No page of a list leads to the part that begins at `after`. Its page leads to the first."""

    def __init__(self, after: str) -> None:
        super().__init__(_SENTENCE)
        self.after = after
