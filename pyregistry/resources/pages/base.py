"""What the pages behind a `-` have in common: a table says what lies below each of them."""

from typing import ClassVar

from pyregistry.resources.base import OfNamespace, Resource, number_of


class NamespacePage(OfNamespace):
    """A page of a group or project, for people. Who may do what there, the namespace says.

    `below` are the pages below it, by segment; `numbered` is what an id below it names.
    """

    below: ClassVar[dict[str, type["NamespacePage"]]] = {}
    numbered: ClassVar[type["NumberedNamespacePage"] | None] = None

    def __getitem__(self, segment: str) -> Resource:
        kind = self.below.get(segment)
        if kind is None and self.numbered is not None and number_of(segment) is not None:
            kind = self.numbered
        if kind is None:
            raise KeyError(segment)
        return kind(self.request, self, segment, self.namespace)


class NumberedNamespacePage(NamespacePage):
    """A page of something that belongs to a group or project, by its id."""

    @property
    def number(self) -> int:
        """The id that the address names; whether anything has it, services say."""
        return int(self.__name__)


class InstancePage(Resource):
    """A page of the instance, for people.

    `below` are the pages below it, by segment; `numbered` is what an id below it names.
    """

    below: ClassVar[dict[str, type["InstancePage"]]] = {}
    numbered: ClassVar[type["NumberedInstancePage"] | None] = None

    def __getitem__(self, segment: str) -> Resource:
        kind = self.below.get(segment)
        if kind is None and self.numbered is not None and number_of(segment) is not None:
            kind = self.numbered
        if kind is None:
            raise KeyError(segment)
        return kind(self.request, self, segment)


class NumberedInstancePage(InstancePage):
    """A page of something of the instance, by its id."""

    @property
    def number(self) -> int:
        """The id that the address names; whether anything has it, services say."""
        return int(self.__name__)
