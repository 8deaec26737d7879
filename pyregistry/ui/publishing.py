"""How a package gets into a project: what people copy into a terminal or a file, for each tool."""

import json
import re
import shlex
from dataclasses import dataclass
from textwrap import dedent, indent
from typing import Final

from pyregistry.namespaces.records import NamespaceRecord
from pyregistry.settings import Settings
from pyregistry.trusted_publishing.facts import is_github
from pyregistry.ui.addresses import Addresses
from pyregistry.ui.commands import (
    PYPIRC_SECTION,
    TOKEN_PLACEHOLDER,
    TOKEN_USER,
    publish_commands,
    pypirc,
)

TOKEN_VARIABLE: Final = "REGISTRY_TOKEN"  # noqa: S105 -- the name of a variable
ACCESS_TOKEN_VARIABLE: Final = "REGISTRY_ACCESS_TOKEN"  # noqa: S105

_JOB_FACTS: Final = {
    "pipeline_id": "CI_PIPELINE_ID",
    "pipeline_url": "CI_PIPELINE_URL",
    "job_id": "CI_JOB_ID",
    "ref": "CI_COMMIT_REF_NAME",
    "sha": "CI_COMMIT_SHA",
    "user": "GITLAB_USER_LOGIN",
    "source_repository": "CI_PROJECT_URL",
}
"""What a job of GitLab tells of itself when it asks for a job token: docs/builds.md."""

_GITLAB_JOB: Final = """\
publish:
  image: python:3.13
  rules:
    - if: $CI_COMMIT_TAG
"""
_GITHUB_JOB: Final = """\
name: Publish
on:
  push:
    tags: ["*"]
jobs:
  publish:
    runs-on: ubuntu-latest
"""
_GITHUB_STEPS: Final = """\
    steps:
      - uses: actions/checkout@v4
      - uses: astral-sh/setup-uv@v6
      - run: uv build
"""


@dataclass(frozen=True, slots=True)
class Publishing:
    """What publishes to one project, in each of the usual ways.

    `gitlab_ci` and `github` are whole files. Where an issuer is named in the settings, their
    jobs prove by an ID token who they are; else they have a token in a variable.
    """

    twine: str
    uv: str
    pypirc: str
    setup_py: str
    gitlab_ci: str
    gitlab_trusted: bool
    gitlab_ci_with_job_token: str
    github: str
    github_trusted: bool
    is_https: bool
    """Whether the address is one by which uv and others exchange ID tokens."""


def publishing(addresses: Addresses, project: NamespaceRecord, settings: Settings) -> Publishing:
    """What publishes to `project`."""
    upload = addresses.upload(project.full_path)
    lines = {command.tool: command.line for command in publish_commands(addresses, project)}
    by_github = any(is_github(issuer) for issuer in settings.oidc_issuers)
    by_gitlab = not all(is_github(issuer) for issuer in settings.oidc_issuers)
    audience = f"{settings.oidc_audience}/{project.full_path}"
    return Publishing(
        twine=lines["twine"],
        uv=lines["uv"],
        pypirc=pypirc(upload, TOKEN_USER, TOKEN_PLACEHOLDER),
        setup_py=f"python setup.py sdist upload -r {PYPIRC_SECTION}",
        gitlab_ci=_gitlab_by_id_token(upload, settings.oidc_audience, audience)
        if by_gitlab
        else _gitlab_by_token(upload),
        gitlab_trusted=by_gitlab,
        gitlab_ci_with_job_token=_gitlab_by_job_token(
            upload, addresses.api(f"projects/{project.id}/job_tokens")
        ),
        github=_github_by_id_token(upload) if by_github else _github_by_token(upload),
        github_trusted=by_github,
        is_https=upload.startswith("https://"),
    )


def _gitlab_by_id_token(upload: str, registry_audience: str, audience: str) -> str:
    # uv looks for the ID token under the name that the registry's audience gives.
    variable = re.sub(r"[^A-Z0-9]", "_", registry_audience.upper()) + "_ID_TOKEN"
    return _GITLAB_JOB + indent(
        dedent(f"""\
            id_tokens:
              {variable}:
                aud: {json.dumps(audience)}
            script:
              - pip install build uv
              - python -m build
              - uv publish --trusted-publishing always
                --publish-url {shlex.quote(upload)}"""),
        "  ",
    )


def _gitlab_by_token(upload: str) -> str:
    return _GITLAB_JOB + indent(
        dedent(f"""\
            script:
              - pip install build twine
              - python -m build
              - export TWINE_USERNAME=__token__ TWINE_PASSWORD="${TOKEN_VARIABLE}"
              - twine upload --repository-url {shlex.quote(upload)} dist/*"""),
        "  ",
    )


def _gitlab_by_job_token(upload: str, job_tokens: str) -> str:
    facts = "\n".join(
        f'          --data-urlencode "{name}=${variable}" \\'
        for name, variable in _JOB_FACTS.items()
    )
    return (
        _GITLAB_JOB
        + f"""\
  script:
    - pip install build twine
    - python -m build
    - |
        answer=$(curl --fail-with-body --silent --show-error \\
          --header "PRIVATE-TOKEN: ${ACCESS_TOKEN_VARIABLE}" \\
{facts}
          {shlex.quote(job_tokens)})
        export TWINE_USERNAME=gitlab-ci-token
        export TWINE_PASSWORD=$(echo "$answer" \\
          | python -c 'import json, sys; print(json.load(sys.stdin)["token"])')
    - twine upload --repository-url {shlex.quote(upload)} dist/*"""
    )


def _github_by_id_token(upload: str) -> str:
    return (
        _GITHUB_JOB
        + """\
    environment: release
    permissions:
      contents: read
      id-token: write
"""
        + _GITHUB_STEPS
        + f"""\
      - run: uv publish --trusted-publishing always
          --publish-url {shlex.quote(upload)}"""
    )


def _github_by_token(upload: str) -> str:
    return (
        _GITHUB_JOB
        + _GITHUB_STEPS
        + f"""\
      - run: uv publish --publish-url {shlex.quote(upload)}
        env:
          UV_PUBLISH_TOKEN: ${{{{ secrets.{TOKEN_VARIABLE} }}}}"""
    )
