"""Groups and projects."""

from pyregistry.api.openapi.operations import Operation, Subject, shows
from pyregistry.api.openapi.parameters import at_least_one_of, body
from pyregistry.api.openapi.schemas import (
    FLAG,
    ID,
    MOMENT,
    TEXT,
    nullable,
    record,
    words,
)
from pyregistry.api.openapi.sent import SENT_FLAG, SENT_TEXT, sent_word
from pyregistry.api.namespace_presenters import AccessLevel
from pyregistry.namespaces.models import Visibility
from pyregistry.resources.api import ApiGroup, ApiProject

GROUP = record(
    "Group",
    "A group.",
    id=ID,
    name=TEXT,
    path=TEXT,
    full_path=TEXT,
    parent_id=nullable(ID),
    description=nullable(TEXT),
    visibility=words(Visibility),
    packages_enabled=FLAG,
    created_at=MOMENT,
)
PROJECT = record(
    "Project",
    "A project.",
    id=ID,
    name=TEXT,
    path=TEXT,
    path_with_namespace=TEXT,
    description=nullable(TEXT),
    visibility=words(Visibility),
    packages_enabled=FLAG,
    package_registry_access_level=words(AccessLevel),
    created_at=MOMENT,
)
_OF_GROUPS = {
    "path": SENT_TEXT,
    "visibility": sent_word(Visibility),
    "packages_enabled": SENT_FLAG,
}
_OF_PROJECTS = {**_OF_GROUPS, "package_registry_access_level": sent_word(AccessLevel)}

SUBJECT = Subject(
    "Groups and projects",
    "What holds packages, and who may see it.",
    (
        Operation(
            "GET",
            "/groups/{id}",
            ApiGroup,
            "Show a group",
            who="whoever sees the group",
            answer=shows(GROUP),
        ),
        Operation(
            "PUT",
            "/groups/{id}",
            ApiGroup,
            "Change the settings of a group",
            who="Owner",
            body=body(rules=at_least_one_of(_OF_GROUPS), **_OF_GROUPS),
            answer=shows(GROUP, "The group as it is now."),
        ),
        Operation(
            "GET",
            "/projects/{id}",
            ApiProject,
            "Show a project",
            who="whoever sees the project",
            answer=shows(PROJECT),
        ),
        Operation(
            "PUT",
            "/projects/{id}",
            ApiProject,
            "Change the settings of a project",
            who="Owner",
            body=body(rules=at_least_one_of(_OF_PROJECTS), **_OF_PROJECTS),
            answer=shows(PROJECT, "The project as it is now."),
        ),
    ),
)
