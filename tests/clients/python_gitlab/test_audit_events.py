"""The audit log with python-gitlab."""

import pytest
from gitlab.exceptions import GitlabGetError, GitlabListError

from tests.clients.python_gitlab.company import Company

pytestmark = pytest.mark.clients


def test_the_events_of_a_project_a_group_and_the_instance(company: Company):
    project = company.project()
    project.packages_enabled = False
    project.save()
    (event,) = project.audit_events.list(get_all=True, action="settings.changed")
    assert (event.author_id, event.entity_type) == (company.user_id("owner"), "Project")
    assert (event.entity_id, event.event_name) == (project.id, "settings_changed")
    details = event.details
    assert details["author_name"] == company.username("owner")
    assert details["entity_path"] == company.core
    assert details["ip_address"] == "127.0.0.1"
    assert project.audit_events.get(event.id).asdict() == event.asdict()
    group = company.group()
    assert event.id in [each.id for each in group.audit_events.list(get_all=True)]
    assert group.audit_events.get(event.id).id == event.id
    admin = company.as_("admin")
    assert event.id in [each.id for each in admin.audit_events.list(iterator=True)]
    assert admin.audit_events.get(event.id).details == details


def test_filters(company: Company):
    events = company.group().audit_events
    everything = events.list(get_all=True)
    assert {event.action for event in everything} >= {"group.created", "project.created"}
    assert events.list(get_all=True, created_before="2001-01-01") == []
    assert len(events.list(get_all=True, created_after="2001-01-01")) == len(everything)
    (event,) = events.list(get_all=True, action="project.created")
    assert event.entity_type == "Project"


def test_who_may_not_read_them(company: Company):
    with pytest.raises(GitlabListError) as refusal:
        company.project("maintainer").audit_events.list(get_all=True)
    assert refusal.value.response_code == 403
    with pytest.raises(GitlabListError) as of_the_instance:
        company.as_("owner").audit_events.list(get_all=True)
    assert of_the_instance.value.response_code in (403, 404)
    with pytest.raises(GitlabGetError) as absent:
        company.project().audit_events.get(2**40)
    assert absent.value.response_code == 404
