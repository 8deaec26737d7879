"""The forms that say whose jobs may publish: which claims their ID tokens must have."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

from pyregistry.errors import Invalid
from pyregistry.http.objects import NotPlain, read_object
from pyregistry.trusted_publishing.facts import is_github
from pyregistry.ui.submissions import Sent


@dataclass(frozen=True, slots=True)
class Whose:
    """A claim that tells whose job it is, as a field of a form."""

    claim: str
    label: str
    hint: str


@dataclass(frozen=True, slots=True)
class CISystem:
    """A system for continuous integration, whose jobs can be trusted."""

    segment: str
    name: str
    whose: tuple[Whose, ...] = ()
    """The claims that tell whose job it is; none where the visitor writes all claims."""
    ref_hint: str = ""
    names_workflows: bool = False
    """Whether its ID tokens tell which file of the repository the job comes from."""


GITLAB: Final = CISystem(
    "gitlab",
    "GitLab CI",
    (
        Whose(
            "project_id",
            "Project ID",
            "The number that GitLab shows for the project: it stays when the project is renamed.",
        ),
        Whose("project_path", "Path of the project in GitLab", "Such as acme/core."),
    ),
    "The name of the branch or tag, such as main.",
)
GITHUB: Final = CISystem(
    "github",
    "GitHub Actions",
    (
        Whose(
            "repository_id",
            "Repository ID",
            "The number that GitHub's API gives the repository: it stays when it is renamed.",
        ),
        Whose("repository", "Repository", "The owner and the name, such as acme/core."),
    ),
    "The whole reference, such as refs/heads/main.",
    names_workflows=True,
)
OTHER: Final = CISystem("other", "another system")
SYSTEMS: Final = {system.segment: system for system in (GITLAB, GITHUB, OTHER)}

_WORKFLOW_FILE: Final = re.compile(r"[^/@]+\.ya?ml")
_REPOSITORY: Final = re.compile(r"[^/@]+/[^/@]+")

REF_TYPES: Final = (("", "Both"), ("tag", "Tags only"), ("branch", "Branches only"))


def issuers_for(system: CISystem, issuers: Collection[str]) -> list[str]:
    """Those of the trusted issuers that can sign for jobs of a system."""
    if system is OTHER:
        return list(issuers)
    return [issuer for issuer in issuers if is_github(issuer) is (system is GITHUB)]


def claims_in(system: CISystem, sent: Sent) -> dict[str, Any]:
    """The claims that a form demands. Raises `Invalid` for a form that names nobody's jobs."""
    if system is OTHER:
        return _written(sent)
    claims = _given(sent, [whose.claim for whose in system.whose])
    if not claims:
        fields = " or ".join(whose.label for whose in system.whose)
        raise Invalid(f"Say whose jobs may publish: fill in {fields}, or both.", about="whose")
    if system.names_workflows:
        claims |= _workflow(sent)
    claims |= _given(sent, ["ref_type", "ref", "environment"])
    if sent.checked("ref_protected"):
        # Both systems write truth values as texts.
        claims["ref_protected"] = "true"
    return claims


def _given(sent: Sent, names: Collection[str]) -> dict[str, Any]:
    return {name: sent.text(name) for name in names if sent.text(name)}


def _workflow(sent: Sent) -> dict[str, Any]:
    """The claim with the file of the workflow, at whichever branch or tag the job runs for."""
    file = sent.given("workflow")
    if file is None:
        return {}
    if not _WORKFLOW_FILE.fullmatch(file):
        raise Invalid(
            "Name the workflow by its file in .github/workflows, without the folder: such as "
            "release.yml.",
            about="workflow",
        )
    repository = sent.text("repository")
    if not _REPOSITORY.fullmatch(repository):
        raise Invalid(
            "To name the workflow, fill in Repository as well, such as acme/core: GitHub names "
            "the workflow with it.",
            about="workflow",
        )
    return {"workflow_ref": f"{repository}/.github/workflows/{file}"}


def _written(sent: Sent) -> dict[str, Any]:
    try:
        return read_object(sent.text("claims").encode())
    except NotPlain as error:
        raise Invalid(
            f"The claims are not JSON that can be used: {error}.", about="claims"
        ) from None
    except ValueError:
        raise Invalid(
            'Write the claims as JSON, such as {"project_path": "acme/core"}.', about="claims"
        ) from None
