"""Groups and projects: listing and creating them, and their settings."""

from pyregistry.api.limits import OF_NAMESPACES as LIMITS
from pyregistry.api.namespace_filters import GroupOrder, ProjectOrder
from pyregistry.api.namespace_presenters import AccessLevel
from pyregistry.api.openapi.operations import Operation, Subject, creates, lists, shows
from pyregistry.api.openapi.parameters import PAGES, at_least_one_of, body, query
from pyregistry.api.openapi.schemas import (
    COUNT,
    FLAG,
    ID,
    MOMENT,
    TEXT,
    AnySchema,
    attributes,
    constant,
    nullable,
    record,
    words,
)
from pyregistry.api.openapi.sent import (
    SENT_FLAG,
    SENT_LABEL,
    SENT_LIST,
    SENT_NUMBER,
    SENT_ROLE,
    SENT_SIZE,
    SENT_TEXT,
    sent_word,
)
from pyregistry.api.openapi.subjects.members import ACCESS_LEVEL
from pyregistry.api.sorting import Direction
from pyregistry.namespaces.models import Visibility
from pyregistry.resources.api import ApiGroup, ApiGroups, ApiProject, ApiProjects
from pyregistry.resources.api_namespaces import (
    ApiDescendantGroups,
    ApiGroupProjects,
    ApiSubgroups,
)

_ACCESS = nullable(attributes(access_level=ACCESS_LEVEL))
_LIMITS: dict[str, AnySchema] = {
    "pypi_max_file_size": nullable(COUNT),
    "storage_size_limit": nullable(COUNT),
    "admin_pypi_max_file_size": nullable(COUNT),
    "admin_storage_size_limit": nullable(COUNT),
    "effective_limits": attributes(
        pypi_max_file_size=COUNT,
        storage_size_limit=nullable(COUNT),
        storage_size_left=nullable(COUNT),
    ),
    "statistics": attributes(storage_size=COUNT, packages_size=COUNT),
}
"""In bytes; only where one group or project is asked for, by who sets limits or publishes."""
GROUP = record(
    "Group",
    "A group; its limits only to who asks for this one and is an Owner.",
    _LIMITS,
    **_LIMITS,
    id=ID,
    name=TEXT,
    path=TEXT,
    full_name=TEXT,
    full_path=TEXT,
    parent_id=nullable(ID),
    description=nullable(TEXT),
    visibility=words(Visibility),
    web_url=TEXT,
    avatar_url=constant(None),
    packages_enabled=FLAG,
    created_at=MOMENT,
)
_BRIEFLY: dict[str, AnySchema] = {
    "id": ID,
    "name": TEXT,
    "path": TEXT,
    "name_with_namespace": TEXT,
    "path_with_namespace": TEXT,
    "description": nullable(TEXT),
    "namespace": attributes(
        id=ID,
        name=TEXT,
        path=TEXT,
        kind=constant("group"),
        full_path=TEXT,
        parent_id=nullable(ID),
        avatar_url=constant(None),
        web_url=TEXT,
    ),
    "web_url": TEXT,
    "avatar_url": constant(None),
    "created_at": MOMENT,
}
PROJECT = record(
    "Project",
    "A project; `permissions` are those of the caller, and not there for nobody. Its limits only "
    "to who asks for this one and publishes into it.",
    ("permissions", *_LIMITS),
    **_BRIEFLY,
    **_LIMITS,
    visibility=words(Visibility),
    archived=constant(False),
    creator_id=nullable(ID),
    packages_enabled=FLAG,
    package_registry_access_level=words(AccessLevel),
    _links=attributes(self=TEXT, members=TEXT),
    permissions=attributes(project_access=_ACCESS, group_access=_ACCESS),
)
SIMPLE_PROJECT = record("SimpleProject", "As much of a project as `simple` asks for.", **_BRIEFLY)

_OF_GROUPS: dict[str, AnySchema] = {
    "name": SENT_TEXT,
    "description": SENT_TEXT,
    "visibility": sent_word(Visibility),
    "packages_enabled": SENT_FLAG,
}
_OF_PROJECTS = {**_OF_GROUPS, "package_registry_access_level": sent_word(AccessLevel)}
_PATH = {"path": SENT_TEXT}
_CHANGED: dict[str, AnySchema] = {
    **_PATH,
    **dict.fromkeys(LIMITS, SENT_SIZE),
}
"""What only those have that are there."""
_STATISTICS = (
    query("statistics", SENT_FLAG, "Say how much is stored, to who may see the limits."),
)
_SOME_TEXT = {"type": "string", "minLength": 1}
_LIST = (
    *PAGES,
    query("search", TEXT, "Only those with these words in their name or path."),
    query("visibility", words(Visibility), "Only those with this visibility."),
    query("owned", SENT_FLAG, "Only those of which the caller is an Owner."),
    query("min_access_level", SENT_ROLE, "Only those where the caller has at least this role."),
    query("sort", words(Direction), "Which way."),
)
_GROUP_LIST = (
    *_LIST,
    query("all_available", SENT_FLAG, "All that the caller may see, not only their own."),
    query("top_level_only", SENT_FLAG, "Only those that are in no other."),
    query("skip_groups", SENT_LIST, "None of these, by their numbers."),
    query("order_by", words(GroupOrder), "By what they are sorted."),
)
_PROJECT_LIST = (
    *_LIST,
    query("membership", SENT_FLAG, "Only those where the caller is a member."),
    query("simple", SENT_FLAG, "Say less of each."),
    query("search_namespaces", SENT_FLAG, "Search in full paths, too."),
    query("id_after", SENT_NUMBER, "Only those whose number is higher."),
    query("id_before", SENT_NUMBER, "Only those whose number is lower."),
    query("order_by", words(ProjectOrder), "By what they are sorted."),
)
_PROJECTS = {"anyOf": [PROJECT, SIMPLE_PROJECT]}
_SEERS = "any account, for what they may see"

SUBJECT = Subject(
    "Groups and projects",
    "What holds packages, and who may see it.",
    (
        Operation(
            "GET",
            "/groups",
            ApiGroups,
            "List groups",
            who=_SEERS,
            query=_GROUP_LIST,
            answer=lists(GROUP),
        ),
        Operation(
            "POST",
            "/groups",
            ApiGroups,
            "Create a group",
            who="Maintainer of the group that it goes into; administrator at the top level, or "
            "anybody where the instance lets them",
            body=body(
                ("name", "path"),
                **{**_OF_GROUPS, "name": _SOME_TEXT, "path": _SOME_TEXT},
                parent_id={
                    **SENT_LABEL,
                    "description": "The group that it will be in: its number or its path. Without "
                    "it, the top level.",
                },
            ),
            answer=creates(GROUP),
        ),
        Operation(
            "GET",
            "/groups/{id}",
            ApiGroup,
            "Show a group",
            who="whoever sees the group",
            query=_STATISTICS,
            answer=shows(GROUP),
        ),
        Operation(
            "PUT",
            "/groups/{id}",
            ApiGroup,
            "Change a group",
            who="Owner",
            body=body((), at_least_one_of({**_OF_GROUPS, **_CHANGED}), **_OF_GROUPS, **_CHANGED),
            answer=shows(GROUP, "The group as it is now."),
        ),
        Operation(
            "GET",
            "/groups/{id}/subgroups",
            ApiSubgroups,
            "List the groups directly in a group",
            who="whoever sees the group, for what they may see",
            query=_GROUP_LIST,
            answer=lists(GROUP),
        ),
        Operation(
            "GET",
            "/groups/{id}/descendant_groups",
            ApiDescendantGroups,
            "List the groups in a group, however deep",
            who="whoever sees the group, for what they may see",
            query=_GROUP_LIST,
            answer=lists(GROUP),
        ),
        Operation(
            "GET",
            "/groups/{id}/projects",
            ApiGroupProjects,
            "List the projects in a group",
            who="whoever sees the group, for what they may see",
            query=(
                *_PROJECT_LIST,
                query("include_subgroups", SENT_FLAG, "Those of its subgroups, too."),
            ),
            answer=lists(_PROJECTS),
        ),
        Operation(
            "GET",
            "/projects",
            ApiProjects,
            "List projects",
            who=_SEERS,
            query=_PROJECT_LIST,
            answer=lists(_PROJECTS),
        ),
        Operation(
            "POST",
            "/projects",
            ApiProjects,
            "Create a project",
            who="Maintainer of the group that it goes into",
            description="Without `path` it is made from the name.",
            body=body(
                ("namespace_id",),
                at_least_one_of(("name", "path")),
                **{**_OF_PROJECTS, **_PATH},
                namespace_id={
                    "type": ["integer", "string"],
                    "minLength": 1,
                    "description": "The group that it will be in: its number or its path.",
                },
            ),
            answer=creates(PROJECT),
        ),
        Operation(
            "GET",
            "/projects/{id}",
            ApiProject,
            "Show a project",
            who="whoever sees the project",
            query=_STATISTICS,
            answer=shows(PROJECT),
        ),
        Operation(
            "PUT",
            "/projects/{id}",
            ApiProject,
            "Change a project",
            who="Owner",
            body=body(
                (), at_least_one_of({**_OF_PROJECTS, **_CHANGED}), **_OF_PROJECTS, **_CHANGED
            ),
            answer=shows(PROJECT, "The project as it is now."),
        ),
    ),
)
