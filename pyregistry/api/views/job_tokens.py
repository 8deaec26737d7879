"""Job tokens: how a continuous integration system lets its jobs in."""

from typing import Any

from pyramid.request import Request
from pyramid.view import view_config
from sqlalchemy.orm import Session

from pyregistry.api.presenters import present_time
from pyregistry.authnz.permissions import Permissions
from pyregistry.builds.services.record import BuildFacts
from pyregistry.http.caching import describe_secret
from pyregistry.http.parameters import (
    optional_label,
    optional_number,
    optional_text,
    read_parameters,
)
from pyregistry.resources.api_job_tokens import ApiJobTokens
from pyregistry.tokens.services.jobs import Minter, lifetime_of, mint_job_token


@view_config(
    context=ApiJobTokens,
    request_method="POST",
    permission=Permissions.JOB_TOKENS_CREATE,
    renderer="json",
)
def create(context: ApiJobTokens, request: Request) -> dict[str, Any]:
    """Create the token of one job, which carries the facts of its build."""
    parameters = read_parameters(request)
    project_id = context.project.id

    def still_permitted(session: Session) -> None:
        request.reauthorize(session, project_id, Permissions.JOB_TOKENS_CREATE)

    token, secret = mint_job_token(
        request.db,
        project_id,
        _facts(parameters),
        lifetime=lifetime_of(optional_number(parameters, "expires_in")),
        by=Minter(request.actor, request.identity.credential.id, still_permitted),
        now=request.now,
    )
    request.response.status_int = 201
    describe_secret(request)
    return {
        "id": token.id,
        "token": secret,
        "scopes": token.scopes,
        "expires_at": present_time(token.expires_at) if token.expires_at else None,
    }


def _facts(parameters: dict[str, Any]) -> BuildFacts:
    return BuildFacts(
        pipeline_id=optional_label(parameters, "pipeline_id"),
        pipeline_url=optional_text(parameters, "pipeline_url"),
        job_id=optional_label(parameters, "job_id"),
        ref=optional_text(parameters, "ref"),
        sha=optional_text(parameters, "sha"),
        started_by=optional_text(parameters, "user"),
        source_repository=optional_text(parameters, "source_repository"),
    )
