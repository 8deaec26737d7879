"""Usage counts, and why indexes show files or hide them."""

from pyregistry.api.openapi.operations import GONE, Operation, Subject, lists
from pyregistry.api.openapi.parameters import PAGES, Parameter, body, needed_query, query
from pyregistry.api.openapi.schemas import (
    COUNT,
    DAY,
    FLAG,
    ID,
    MOMENT,
    TEXT,
    array,
    attributes,
    digest,
    nullable,
    record,
    words,
)
from pyregistry.api.openapi.sent import SENT_FLAG, SENT_NUMBER, SENT_TEXT
from pyregistry.events.counted import COPIES, CountedAction
from pyregistry.explain.reasons import Code
from pyregistry.resources.api_explain import (
    ApiExplanation,
    ApiGroupExplanation,
    ApiProjectExplanation,
)
from pyregistry.resources.api_usage import ApiGroupUsage, ApiProjectUsage, ApiUsage
from pyregistry.usage.filters import Grouping

_ACTION = words(CountedAction)
USAGE = {
    "anyOf": [
        record(
            "UsageOfDay", "How often it was done on a day.", day=DAY, action=_ACTION, count=COUNT
        ),
        record(
            "UsageOfPackage",
            "How often with a package; null is none in particular. Of `project_id` and "
            "`group_id` the one is null that it was not: a group counts what was copied from its "
            "own page, and has no packages.",
            package=nullable(TEXT),
            project_id=nullable(ID),
            group_id=nullable(ID),
            action=_ACTION,
            count=COUNT,
        ),
        record("UsageInTotal", "How often in all.", action=_ACTION, count=COUNT),
    ]
}
EXPLANATION = record(
    "ExplainedFile",
    "A file: whether an index shows it, and why.",
    id=ID,
    file_name=TEXT,
    file_sha256=digest(64),
    version=TEXT,
    project=attributes(id=ID, path_with_namespace=TEXT),
    created_at=MOMENT,
    shown=FLAG,
    reasons=array(attributes(code=words(Code), message=TEXT)),
)
_PERIOD = (
    *PAGES,
    query("by", words(Grouping), "By day, by package, or added up."),
    query("from", TEXT, "The first day; 30 days in all without it."),
    query("to", TEXT, "The last day, in UTC; without it today."),
    query("package", TEXT, "Only of this package."),
    query("action", _ACTION, "Only this."),
)
_WHICH: tuple[Parameter, ...] = (
    *PAGES,
    needed_query("package", TEXT, "The package.", "demo-package"),
    query("version", TEXT, "Only files of this version."),
    query("filename", TEXT, "Only this file."),
    query("user_id", SENT_NUMBER, "Explain it to this user; for Maintainers."),
    query("anonymous", SENT_FLAG, "Explain it to nobody in particular; for Maintainers."),
)
_COUNTED = "What was counted, by day, by package, or added up."
_WHY = "The files of the package that the caller may know of."

SUBJECT = Subject(
    "Usage and explanations",
    "How often packages are pushed, pulled and deleted; and why an index shows a file or hides it.",
    (
        Operation(
            "GET",
            "/projects/{id}/usage",
            ApiProjectUsage,
            "Show the usage of a project",
            who="who may view packages",
            query=_PERIOD,
            answer=lists(USAGE, _COUNTED),
        ),
        Operation(
            "GET",
            "/groups/{id}/usage",
            ApiGroupUsage,
            "Show the usage of a group",
            who="whoever sees the group, for what they may view",
            query=_PERIOD,
            answer=lists(USAGE, _COUNTED),
        ),
        Operation(
            "GET",
            "/usage",
            ApiUsage,
            "Show the usage of the instance",
            who="administrator",
            query=_PERIOD,
            answer=lists(USAGE, _COUNTED),
        ),
        Operation(
            "POST",
            "/projects/{id}/usage",
            ApiProjectUsage,
            "Count that a command was copied",
            who="who may view packages",
            body=body(("action",), action=words(sorted(COPIES)), package=SENT_TEXT),
            answer=GONE,
        ),
        Operation(
            "GET",
            "/projects/{id}/explain",
            ApiProjectExplanation,
            "Explain the index of a project",
            who="who may read the index",
            query=_WHICH,
            answer=lists(EXPLANATION, _WHY),
        ),
        Operation(
            "GET",
            "/groups/{id}/explain",
            ApiGroupExplanation,
            "Explain the index of a group",
            who="who may read the index",
            query=_WHICH,
            answer=lists(EXPLANATION, _WHY),
        ),
        Operation(
            "GET",
            "/explain",
            ApiExplanation,
            "Explain the index of the instance",
            who="who may read the index",
            query=_WHICH,
            answer=lists(EXPLANATION, _WHY),
        ),
    ),
)
