"""The pages of what protects the packages of a group or project."""

from typing import ClassVar

from pyregistry.resources.pages.base import NamespacePage, NumberedNamespacePage


class NewRule(NamespacePage):
    """Where a new protection rule is sent."""


class RuleChange(NamespacePage):
    """Where a changed protection rule is sent."""

    __parent__: "RulePage"


class RuleRemoval(NamespacePage):
    """Where a protection rule is removed."""

    __parent__: "RulePage"


class RulePage(NumberedNamespacePage):
    """One protection rule of a project that there is, or could be."""

    below: ClassVar[dict[str, type[NamespacePage]]] = {"change": RuleChange, "remove": RuleRemoval}


class RulesPage(NamespacePage):
    """The protection rules of a project."""

    below: ClassVar[dict[str, type[NamespacePage]]] = {"add": NewRule}
    numbered = RulePage


class NewPrefix(NamespacePage):
    """Where a new reserved prefix is sent."""


class PrefixChange(NamespacePage):
    """Where a changed reserved prefix is sent."""

    __parent__: "PrefixPage"


class PrefixRelease(NamespacePage):
    """Where a reserved prefix is given up."""

    __parent__: "PrefixPage"


class PrefixPage(NumberedNamespacePage):
    """One reserved prefix of a group that there is, or could be."""

    below: ClassVar[dict[str, type[NamespacePage]]] = {
        "change": PrefixChange,
        "remove": PrefixRelease,
    }


class PrefixesPage(NamespacePage):
    """The reserved prefixes of a group."""

    below: ClassVar[dict[str, type[NamespacePage]]] = {"add": NewPrefix}
    numbered = PrefixPage
