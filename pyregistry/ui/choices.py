"""What people choose from in the forms of groups and projects."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from pyregistry.errors import Invalid
from pyregistry.namespaces.models import Visibility
from pyregistry.namespaces.records import NamespaceRecord
from pyregistry.ui.submissions import Sent

_MEANINGS: Final = {
    Visibility.PRIVATE: "Only members can see it.",
    Visibility.INTERNAL: "Everyone who is signed in can see it, except external users.",
    Visibility.PUBLIC: "Anyone can see it, without signing in.",
}


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several. Where it cannot be chosen, `why_not` says so."""

    value: str
    label: str
    meaning: str
    why_not: str = ""


def visibilities(group: NamespaceRecord | None) -> list[Choice]:
    """Who may see something in a group; None: something at the top."""
    return [
        Choice(each.value, each.value.capitalize(), _MEANINGS[each], _why_not(each, group))
        for each in Visibility
    ]


def chosen_visibility(sent: Sent) -> Visibility:
    """The visibility that a form says. Raises `Invalid`."""
    return Visibility(chosen(sent, "visibility", Visibility, "Choose who can see it."))


def chosen(sent: Sent, name: str, values: Iterable[str], otherwise: str) -> str:
    """Which of some values a form says. Raises `Invalid` with the sentence `otherwise`."""
    text = sent.text(name)
    if text not in list(values):
        raise Invalid(otherwise, about=name)
    return text


def written(sent: Sent, name: str) -> str:
    """A text of several lines, which browsers end with two characters each."""
    return sent.text(name).replace("\r\n", "\n")


def _why_not(visibility: Visibility, group: NamespaceRecord | None) -> str:
    if group is None or visibility.rank <= group.visibility.rank:
        return ""
    return f"Not possible: the group {group.full_path} is {group.visibility}."
