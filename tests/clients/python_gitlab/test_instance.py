"""The settings of the instance with python-gitlab."""

import pytest
from gitlab.exceptions import GitlabGetError, GitlabHttpError, GitlabUpdateError

from tests.clients.python_gitlab.company import Company
from tests.factories.distributions import wheel

pytestmark = pytest.mark.clients


def test_reading_and_saving(company: Company):
    company.publish(wheel("demo"))
    settings = company.as_("admin").settings.get()
    assert settings.packages_enabled is True
    packages = company.project().packages
    settings.packages_enabled = False
    try:
        settings.save()
        with pytest.raises(GitlabHttpError) as refusal:
            packages.gitlab.http_get(packages.path)
        assert refusal.value.response_code == 404
    finally:
        settings.packages_enabled = True
        settings.save()
    assert len(packages.list(get_all=True)) == 1


def test_updating(company: Company):
    manager, name = company.as_("admin").settings, "package_registry_allow_anyone_to_pull_option"
    try:
        assert manager.update(new_data={name: False})[name] is False
        project = company.project()
        project.package_registry_access_level = "public"
        with pytest.raises(GitlabUpdateError) as refusal:
            project.save()
        assert 400 <= refusal.value.response_code < 500
    finally:
        assert manager.update(new_data={name: True})[name] is True


def test_wrong_values(company: Company):
    manager = company.as_("admin").settings
    with pytest.raises(GitlabUpdateError) as refusal:
        manager.update(new_data={"packages_enabled": "perhaps"})
    assert refusal.value.response_code == 400
    assert "packages_enabled" in refusal.value.error_message


def test_only_administrators(company: Company):
    with pytest.raises(GitlabGetError) as refusal:
        company.as_("owner").settings.get()
    assert refusal.value.response_code in (403, 404)
