"""The pages of the members of a group or project.

/<group or project>/-/members[/add, /leave, /<user id>[/remove]]
"""

from typing import ClassVar

from pyregistry.resources.pages.base import NamespacePage, NumberedNamespacePage


class NewMemberPage(NamespacePage):
    """`…/members/add`: gives somebody a role."""


class LeavePage(NamespacePage):
    """`…/members/leave`: gives up one's own role."""


class MemberRemovalPage(NamespacePage):
    """`…/members/<user id>/remove`: takes a role away."""

    __parent__: "MemberPage"


class MemberPage(NumberedNamespacePage):
    """`…/members/<user id>`: one member's role and its end."""

    below: ClassVar[dict[str, type[NamespacePage]]] = {"remove": MemberRemovalPage}


class MembersPage(NamespacePage):
    """`…/members`: who is a member, and with which role."""

    below: ClassVar[dict[str, type[NamespacePage]]] = {"add": NewMemberPage, "leave": LeavePage}
    numbered = MemberPage
