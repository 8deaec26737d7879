"""Protection rules of projects, and reserved prefixes of groups."""

from pyregistry.api.openapi.operations import GONE, Operation, Subject, creates, lists, shows
from pyregistry.api.openapi.parameters import PAGES, at_least_one_of, body
from pyregistry.api.openapi.schemas import (
    ID,
    MOMENT,
    TEXT,
    array,
    attributes,
    constant,
    nullable,
    record,
    words,
)
from pyregistry.api.openapi.sent import SENT_LIST, SENT_TEXT
from pyregistry.protection.levels import Level
from pyregistry.resources.api_protection import (
    ApiProtectionRule,
    ApiProtectionRules,
    ApiReservedPrefix,
    ApiReservedPrefixes,
)

_LEVEL = nullable(words(level.word for level in Level))
RULE = record(
    "ProtectionRule",
    "What a project asks for, to push or delete packages of certain names.",
    id=ID,
    project_id=ID,
    package_name_pattern=TEXT,
    package_type=constant("pypi"),
    minimum_access_level_for_push=_LEVEL,
    minimum_access_level_for_delete=_LEVEL,
)
PREFIX = record(
    "ReservedPrefix",
    "The beginning of package names that belong to some projects of a group.",
    id=ID,
    group_id=ID,
    prefix=TEXT,
    projects=array(attributes(id=ID, path_with_namespace=TEXT)),
    created_at=MOMENT,
)
_SENT_LEVEL = nullable(words(("", *(level.word for level in Level))))
_OF_RULES = {
    "package_name_pattern": SENT_TEXT,
    "package_type": nullable(words(("pypi",))),
    "minimum_access_level_for_push": _SENT_LEVEL,
    "minimum_access_level_for_delete": _SENT_LEVEL,
}
_PROJECTS = ("project_ids", "project_paths")
_OF_PREFIXES = {"prefix": SENT_TEXT, **dict.fromkeys(_PROJECTS, SENT_LIST)}
_RULE = "/projects/{id}/packages/protection/rules/{rule_id}"
_PREFIX = "/groups/{id}/reserved_prefixes/{prefix_id}"
_STRONGER = "Maintainer, and the roles that the rule asks for"

_RULES = Subject(
    "Protection rules",
    "Which packages of a project need a higher role.",
    (
        Operation(
            "GET",
            "/projects/{id}/packages/protection/rules",
            ApiProtectionRules,
            "List the protection rules of a project",
            who="Maintainer",
            query=PAGES,
            answer=lists(RULE, "Rules, oldest first."),
        ),
        Operation(
            "POST",
            "/projects/{id}/packages/protection/rules",
            ApiProtectionRules,
            "Protect names",
            who="Maintainer",
            body=body(("package_name_pattern",), **_OF_RULES),
            answer=creates(RULE),
        ),
        Operation(
            "PATCH",
            _RULE,
            ApiProtectionRule,
            "Change a protection rule",
            who=_STRONGER,
            body=body(**_OF_RULES),
            answer=shows(RULE, "The rule as it is now."),
        ),
        Operation(
            "DELETE",
            _RULE,
            ApiProtectionRule,
            "Remove a protection rule",
            who=_STRONGER,
            answer=GONE,
        ),
    ),
)
_PREFIXES = Subject(
    "Reserved prefixes",
    "Which names of packages belong to some projects of a group.",
    (
        Operation(
            "GET",
            "/groups/{id}/reserved_prefixes",
            ApiReservedPrefixes,
            "List the reserved prefixes of a group",
            who="Maintainer",
            query=PAGES,
            answer=lists(PREFIX, "Prefixes, oldest first."),
        ),
        Operation(
            "GET",
            _PREFIX,
            ApiReservedPrefix,
            "Show a reserved prefix",
            who="Maintainer",
            answer=shows(PREFIX),
        ),
        Operation(
            "POST",
            "/groups/{id}/reserved_prefixes",
            ApiReservedPrefixes,
            "Reserve a prefix",
            who="Maintainer",
            body=body(("prefix",), at_least_one_of(_PROJECTS), **_OF_PREFIXES),
            answer=creates(PREFIX),
            also=(422,),
        ),
        Operation(
            "PUT",
            _PREFIX,
            ApiReservedPrefix,
            "Change a reserved prefix",
            who="Maintainer",
            body=body(**_OF_PREFIXES),
            answer=shows(PREFIX, "The prefix as it is now."),
            also=(422,),
        ),
        Operation(
            "DELETE",
            _PREFIX,
            ApiReservedPrefix,
            "Give a reserved prefix up",
            who="Maintainer",
            answer=GONE,
        ),
    ),
)
SUBJECTS = (_RULES, _PREFIXES)
