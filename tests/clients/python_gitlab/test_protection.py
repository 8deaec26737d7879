"""Protection rules with python-gitlab."""

import pytest
from gitlab.exceptions import GitlabCreateError, GitlabDeleteError, GitlabUpdateError

from tests.clients.python_gitlab.company import Company

pytestmark = pytest.mark.clients

RULE = {
    "package_name_pattern": "acme-*",
    "package_type": "pypi",
    "minimum_access_level_for_push": "maintainer",
}


def test_a_rule_from_beginning_to_end(company: Company):
    rules = company.project().package_protection_rules
    created = rules.create({**RULE, "minimum_access_level_for_delete": "owner"})
    assert created.project_id == company.project().id
    (listed,) = rules.list(get_all=True)
    assert listed.attributes == created.attributes
    listed.package_name_pattern = "acme-core-*"
    listed.save()
    rules.update(listed.id, {"minimum_access_level_for_push": "owner"})
    (changed,) = rules.list(get_all=True)
    assert changed.package_name_pattern == "acme-core-*"
    assert changed.minimum_access_level_for_push == "owner"
    assert changed.minimum_access_level_for_delete == "owner"
    changed.delete()
    assert rules.list(get_all=True) == []
    with pytest.raises(GitlabDeleteError) as refusal:
        rules.delete(changed.id)
    assert refusal.value.response_code == 404
    with pytest.raises(GitlabUpdateError) as refused:
        rules.update(changed.id, {"package_name_pattern": "other"})
    assert refused.value.response_code == 404


def test_the_same_pattern_again(company: Company):
    rules = company.project().package_protection_rules
    rules.create(RULE)
    with pytest.raises(GitlabCreateError) as refusal:
        rules.create(RULE)
    assert refusal.value.response_code == 409


@pytest.mark.parametrize(
    ("name", "value"),
    [("package_type", "npm"), ("minimum_access_level_for_push", "reporter")],
)
def test_a_wrong_value_is_named(company: Company, name: str, value: str):
    with pytest.raises(GitlabCreateError) as refusal:
        company.project().package_protection_rules.create({**RULE, name: value})
    assert refusal.value.response_code == 400
    assert name in refusal.value.error_message


def test_a_developer_protects_nothing(company: Company):
    with pytest.raises(GitlabCreateError) as refusal:
        company.project("developer").package_protection_rules.create(RULE)
    assert refusal.value.response_code == 403
