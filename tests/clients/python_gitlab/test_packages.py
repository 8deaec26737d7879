"""Packages with python-gitlab: published by it and by twine, listed, read and deleted."""

from pathlib import Path

import pytest
import requests
from gitlab import Gitlab
from gitlab.exceptions import (
    GitlabDeleteError,
    GitlabGetError,
    GitlabHttpError,
    GitlabListError,
)

from tests.clients.environments import OWN_COMMANDS
from tests.clients.python_gitlab.company import Company
from tests.clients.workstation import Workstation
from tests.factories import uploads
from tests.factories.distributions import Distribution, sdist, wheel
from tests.factories.world import fields_of

pytestmark = pytest.mark.clients

ZEROS = "0" * 64


def post(gl: Gitlab, path: str, distribution: Distribution) -> object:
    """Publish with the library alone, whose own forms have no part named content."""
    fields = fields_of(distribution)
    kind, body = uploads.twine(fields, distribution.filename, distribution.content)
    return gl.http_post(
        f"/projects/{path.replace('/', '%2F')}/packages/pypi",
        post_data=body,
        raw=True,
        extra_headers={"Content-Type": kind},
    )


def test_the_library_publishes(company: Company):
    distribution = wheel("demo", "2.0")
    post(company.as_("developer"), company.core, distribution)
    (package,) = company.project("reporter").packages.list(get_all=True)
    assert (package.name, package.version, package.package_type) == ("demo", "2.0", "pypi")
    assert (package.status, package.project_id) == ("default", company.project().id)
    (file,) = package.package_files.list(get_all=True)
    assert (file.file_name, file.size) == (distribution.filename, len(distribution.content))
    assert (file.file_sha256, file.file_md5) == (distribution.sha256, distribution.md5)
    assert file.package_id == package.id


def test_a_refused_upload_says_why(company: Company):
    with pytest.raises(GitlabHttpError) as refusal:
        post(company.as_("reporter"), company.core, wheel("demo"))
    assert refusal.value.response_code == 403
    gl = company.as_("developer")
    post(gl, company.core, wheel("demo"))
    with pytest.raises(GitlabHttpError) as other:
        post(gl, company.core, wheel("demo", files={"demo.py": b"1"}))
    assert other.value.response_code == 409
    assert "already exists" in other.value.error_message


def test_twine_publishes_and_the_library_reads(
    company: Company, workstation: Workstation, tmp_path: Path
):
    archives = [wheel("demo", "1.0"), sdist("demo", "1.0")]
    for archive in archives:
        (tmp_path / archive.filename).write_bytes(archive.content)
    project = company.project("reporter")
    outcome = workstation.run(
        *(OWN_COMMANDS / "twine", "upload", "--non-interactive", "--disable-progress-bar"),
        *(
            "--repository-url",
            f"{project.manager.gitlab.api_url}/projects/{project.id}/packages/pypi",
        ),
        *("-u", "__token__", "-p", company.token("developer")),
        *(tmp_path / archive.filename for archive in archives),
    )
    assert outcome.status == 0, outcome.output
    (package,) = project.packages.list(get_all=True)
    files = package.package_files.list(get_all=True)
    assert {file.file_name: file.file_sha256 for file in files} == {
        archive.filename: archive.sha256 for archive in archives
    }


def test_one_package(company: Company):
    company.publish(wheel("demo"))
    project = company.project("reporter")
    (listed,) = project.packages.list(get_all=True)
    package = project.packages.get(listed.id)
    assert (package.name, package.version) == ("demo", "1.0")
    assert package.pipelines.list(get_all=True) == []
    with pytest.raises(GitlabGetError) as refusal:
        project.packages.get(2**40)
    assert refusal.value.response_code == 404


def test_filters(company: Company):
    company.publish(wheel("alpha", "1.0"), wheel("alpha", "2.0"), wheel("beta", "1.0"))
    packages = company.project("reporter").packages
    found = packages.list(package_name="alpha", package_version="2.0", get_all=True)
    assert [(each.name, each.version) for each in found] == [("alpha", "2.0")]
    assert len(packages.list(package_type="pypi", get_all=True)) == 3
    assert packages.list(package_type="npm", get_all=True) == []


def test_the_pipelines_of_a_package(company: Company):
    job = company.client(job_token=company.world.job_token(company.core, pipeline_id="4711"))
    post(job, company.core, wheel("demo"))
    (package,) = company.project("reporter").packages.list(get_all=True)
    (pipeline,) = package.pipelines.list(get_all=True)
    assert (pipeline.id, pipeline.project_id) == (4711, company.project().id)
    (file,) = package.package_files.list(get_all=True)
    assert [each["id"] for each in file.pipelines] == [4711]


def test_deleting_a_package(company: Company):
    company.publish(wheel("demo", "1.0"), wheel("demo", "2.0"))
    project = company.project("maintainer")
    first, second = project.packages.list(get_all=True)
    first.delete()
    assert [each.id for each in project.packages.list(get_all=True)] == [second.id]
    project.packages.delete(second.id)
    assert project.packages.list(get_all=True) == []
    with pytest.raises(GitlabDeleteError) as refusal:
        second.delete()
    assert refusal.value.response_code == 404


def test_deleting_a_file(company: Company):
    company.publish(wheel("demo"), sdist("demo"))
    (package,) = company.project("maintainer").packages.list(get_all=True)
    first, second = package.package_files.list(get_all=True)
    first.delete()
    assert [file.id for file in package.package_files.list(get_all=True)] == [second.id]
    package.package_files.delete(second.id)
    with pytest.raises(GitlabListError) as refusal:
        package.package_files.list(get_all=True)
    assert refusal.value.response_code == 404


def test_a_developer_deletes_nothing(company: Company):
    company.publish(wheel("demo"))
    (package,) = company.project("developer").packages.list(get_all=True)
    with pytest.raises(GitlabDeleteError) as refusal:
        package.delete()
    assert refusal.value.response_code == 403
    (file,) = package.package_files.list(get_all=True)
    with pytest.raises(GitlabDeleteError) as other:
        file.delete()
    assert other.value.response_code == 403


def test_a_guest_lists_nothing(company: Company):
    with pytest.raises(GitlabListError) as refusal:
        company.project("guest").packages.list(get_all=True)
    assert refusal.value.response_code == 403


@pytest.mark.parametrize("streamed", [True, False])
def test_a_file_is_downloaded(company: Company, streamed: bool):
    distribution = wheel("demo")
    company.publish(distribution)
    gl = company.as_("reporter")
    path = company.core.replace("/", "%2F")
    response = gl.http_get(
        f"/projects/{path}/packages/pypi/files/{distribution.sha256}/{distribution.filename}",
        raw=True,
        streamed=streamed,
    )
    assert isinstance(response, requests.Response)
    assert b"".join(response.iter_content(1000)) == distribution.content
    with pytest.raises(GitlabHttpError) as refusal:
        gl.http_get(f"/projects/{path}/packages/pypi/files/{ZEROS}/{distribution.filename}")
    assert refusal.value.response_code == 404


def test_the_index_is_read(company: Company):
    company.publish(wheel("demo"))
    path = company.core.replace("/", "%2F")
    response = company.as_("reporter").http_get(f"/projects/{path}/packages/pypi/simple/demo/")
    assert isinstance(response, requests.Response)
    assert "demo-1.0-py3-none-any.whl" in response.text


def test_yanking_with_the_raw_methods(company: Company):
    company.publish(wheel("demo"))
    project = company.project("maintainer")
    (package,) = project.packages.list(get_all=True)
    gl = project.manager.gitlab
    path = f"/projects/{project.id}/packages/{package.id}"
    changed = gl.http_put(path, post_data={"yanked": True, "yanked_reason": "broken"})
    assert (changed["yanked"], changed["yanked_reason"]) == (True, "broken")
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    changed = gl.http_put(path, post_data=b"yanked=false", raw=True, extra_headers=form)
    assert changed["yanked"] is False
    assert gl.http_list(f"/projects/{project.id}/packages", get_all=True)[0]["id"] == package.id
