"""The pages of protection rules and reserved prefixes."""

import pytest

from pyregistry.authnz.roles import Role
from pyregistry.protection.levels import Level
from pyregistry.protection.models import ProtectionRule, ReservedPrefix
from tests.factories.distributions import wheel
from tests.factories.protection import protect, reserve
from tests.factories.world import PASSWORD, World
from tests.functional.support import statements
from tests.functional.ui.browsing import hrefs, main_text, signed_in, visit
from tests.functional.ui.sending import changed, instead, posted, sent

RULES, PREFIXES = "/acme/core/-/rules", "/acme/-/rules"


@pytest.fixture
def acme(world: World) -> World:
    """A private group with two projects; its Maintainer is signed in."""
    world.group("acme")
    world.project("acme/core")
    world.project("acme/tool")
    signed_in(world, "mia")
    world.member("acme", "mia", Role.MAINTAINER)
    return world


def rows(world: World, address: str) -> list[str]:
    """What a page lists."""
    found = visit(world, address).html.select(".cards .card")
    return [" ".join(row.get_text(" ").split()) for row in found]


def alert(page: object) -> str:
    """What a page says is wrong."""
    return str(page.html.find(role="alert").get_text())


# Protection rules


def test_no_rules(acme: World) -> None:
    page = visit(acme, RULES)
    assert page.html.title.get_text() == "Protection rules of acme/core · pyregistry"
    assert "No rule protects the packages of this project" in main_text(page)


def test_adding_a_rule(acme: World) -> None:
    answer = sent(acme, RULES, "add-rule", 303, pattern="Acme_*", push="maintainer", delete="owner")
    assert answer.location == f"http://localhost{RULES}"
    assert "The rule for acme-* holds now." in main_text(visit(acme, RULES))
    held = "Only an Owner can change this rule."
    assert rows(acme, RULES) == [
        f"acme-* Push: Maintainers and Owners. Delete: Owners only. {held}"
    ]
    after = {"package_name_pattern": "acme-*", "push": "maintainer", "delete": "owner"}
    [(action, who, path, details)] = changed(acme)
    assert (action, who, path) == ("protection_rule.added", "mia", "acme/core")
    assert details["after"] == after


@pytest.mark.parametrize(
    ("fields", "status", "sentence"),
    [
        ({"pattern": "", "push": "owner", "delete": ""}, 400, "is no pattern"),
        ({"pattern": "a b", "push": "owner", "delete": ""}, 400, "is no pattern"),
        ({"pattern": "*" + "-*" * 10, "push": "owner", "delete": ""}, 400, "too many stars"),
        ({"pattern": "x", "push": "", "delete": ""}, 400, "this rule would protect nothing"),
        ({"pattern": "x"}, 400, "this rule would protect nothing"),
        ({"pattern": "x", "push": "guest", "delete": ""}, 400, "Choose one of the levels."),
        ({"pattern": "x", "push": "admin", "delete": ""}, 403, "Only an administrator"),
        ({"pattern": "Known", "push": "owner", "delete": ""}, 409, "already"),
    ],
)
def test_rules_that_cannot_be(
    acme: World, fields: dict[str, str], status: int, sentence: str
) -> None:
    protect(acme, "acme/core", "known", push=Level.MAINTAINER)
    before = changed(acme)
    page = posted(acme, f"{RULES}/add", fields, status)
    assert sentence in alert(page)
    assert page.forms["add-rule"]["pattern"].value == fields["pattern"]
    assert acme.count(ProtectionRule) == 1
    assert changed(acme) == before


def test_changing_a_rule(acme: World) -> None:
    rule = protect(acme, "acme/core", "demo-*", push=Level.MAINTAINER)
    address = f"{RULES}/{rule}"
    assert address in hrefs(visit(acme, RULES))
    form = visit(acme, address).forms["change-rule"]
    assert [form[name].value for name in ("pattern", "push", "delete")] == [
        "demo-*",
        "maintainer",
        "",
    ]
    answer = sent(acme, address, "change-rule", 303, pattern="demo", push="", delete="maintainer")
    assert answer.location == f"http://localhost{RULES}"
    assert rows(acme, RULES) == ["demo Push: as ever. Delete: Maintainers and Owners. Change"]
    page = sent(acme, address, "change-rule", 400, pattern="-", push="", delete="maintainer")
    assert "is no pattern" in alert(page)
    assert page.forms["change-rule"]["pattern"].value == "-"


def test_removing_a_rule(acme: World) -> None:
    rule = protect(acme, "acme/core", "demo-*", push=Level.MAINTAINER)
    answer = sent(acme, f"{RULES}/{rule}", "remove-rule", 303)
    assert answer.location == f"http://localhost{RULES}"
    assert "The rule for demo-* is removed." in main_text(visit(acme, RULES))
    assert acme.count(ProtectionRule) == 0


def test_whom_a_rule_holds_back_cannot_lift_it(acme: World) -> None:
    rule = protect(acme, "acme/core", "demo-*", push=Level.ADMIN)
    address = f"{RULES}/{rule}"
    assert address not in hrefs(visit(acme, RULES))
    assert rows(acme, RULES) == [
        "demo-* Push: Administrators only. Delete: as ever. "
        "Only an administrator can change this rule."
    ]
    assert "Only an administrator can change or remove this rule." in main_text(
        visit(acme, address)
    )
    page = sent(acme, address, "change-rule", 403, pattern="x")
    assert "asks for an administrator" in alert(page)
    assert "asks for an administrator" in alert(sent(acme, address, "remove-rule", 403))
    assert acme.count(ProtectionRule) == 1
    acme.user("root", password=PASSWORD, is_admin=True)
    instead(acme, "root")
    assert address in hrefs(visit(acme, RULES))
    sent(acme, address, "remove-rule", 303)


def test_only_administrators_are_offered_rules_for_administrators(acme: World) -> None:
    words = [word for word, *_ in visit(acme, RULES).forms["add-rule"]["push"].options]
    assert words == ["", "maintainer", "owner"]
    acme.user("root", password=PASSWORD, is_admin=True)
    instead(acme, "root")
    words = [word for word, *_ in visit(acme, RULES).forms["add-rule"]["push"].options]
    assert words == ["", "maintainer", "owner", "admin"]


def test_a_rule_of_another_project_is_not_here(acme: World) -> None:
    rule = protect(acme, "acme/tool", "demo-*", push=Level.MAINTAINER)
    for number in (rule, 999_999_999):
        visit(acme, f"{RULES}/{number}", status=404)
        posted(acme, f"{RULES}/{number}/change", {"pattern": "x"}, 404)
        posted(acme, f"{RULES}/{number}/remove", {}, 404)
    visit(acme, f"{RULES}/{'9' * 30}", status=404)
    assert acme.count(ProtectionRule) == 1


def test_only_maintainers_see_and_change_rules(acme: World) -> None:
    rule = protect(acme, "acme/core", "demo-*", push=Level.MAINTAINER)
    prefix = reserve(acme, "acme", "acme", "acme/core")
    instead(acme, "dora")
    acme.member("acme", "dora", Role.DEVELOPER)
    for address, number in ((RULES, rule), (PREFIXES, prefix)):
        visit(acme, address, status=403)
        visit(acme, f"{address}/{number}", status=403)
        posted(acme, f"{address}/add", {"pattern": "x", "prefix": "x"}, 403)
        posted(acme, f"{address}/{number}/change", {}, 403)
        posted(acme, f"{address}/{number}/remove", {}, 403)
    assert (acme.count(ProtectionRule), acme.count(ReservedPrefix)) == (1, 1)
    acme.user("eve", password=PASSWORD)
    instead(acme, "eve")
    visit(acme, RULES, status=404)


# Reserved prefixes


def test_no_prefixes(acme: World) -> None:
    page = visit(acme, PREFIXES)
    assert page.html.title.get_text() == "Reserved prefixes of acme · pyregistry"
    assert "This group has reserved no names" in main_text(page)


def test_reserving_a_prefix(acme: World) -> None:
    answer = sent(
        acme, PREFIXES, "reserve", 303, prefix="Acme", projects="/acme/core/\r\nACME/tool\r\n"
    )
    assert answer.location == f"http://localhost{PREFIXES}"
    assert "The prefix acme is reserved." in main_text(visit(acme, PREFIXES))
    assert rows(acme, PREFIXES) == ["acme Belongs to acme/core , acme/tool Change"]
    assert changed(acme)[0][:3] == ("prefix.reserved", "mia", "acme")


@pytest.mark.parametrize(
    ("fields", "status", "sentence"),
    [
        ({"prefix": "", "projects": "acme/core"}, 400, "is no prefix"),
        ({"prefix": "a-*", "projects": "acme/core"}, 400, "is no prefix"),
        ({"prefix": "x", "projects": ""}, 400, "belongs to 1 to 100 projects"),
        ({"prefix": "x"}, 400, "belongs to 1 to 100 projects"),
        ({"prefix": "x", "projects": "other/lib"}, 422, "there is no such project: 'other/lib'"),
        ({"prefix": "Known", "projects": "acme/core"}, 409, "already"),
        ({"prefix": "demo", "projects": "acme/core"}, 409, "'demo-package' in 'acme/tool'"),
    ],
)
def test_prefixes_that_cannot_be(
    acme: World, fields: dict[str, str], status: int, sentence: str
) -> None:
    acme.project("other/lib")
    acme.upload("acme/tool", wheel("demo-package"))
    reserve(acme, "acme", "known", "acme/core")
    page = posted(acme, f"{PREFIXES}/add", fields, status)
    assert sentence in alert(page)
    form = page.forms["reserve"]
    assert form["prefix"].value == fields["prefix"]
    assert form["projects"].value == fields.get("projects", "")
    assert acme.count(ReservedPrefix) == 1


def test_changing_a_prefix(acme: World) -> None:
    prefix = reserve(acme, "acme", "demo", "acme/core", "acme/tool")
    address = f"{PREFIXES}/{prefix}"
    assert address in hrefs(visit(acme, PREFIXES))
    assert visit(acme, address).forms["change-prefix"]["projects"].value == "acme/core\nacme/tool"
    sent(acme, address, "change-prefix", 303, prefix="other", projects="acme/tool")
    assert rows(acme, PREFIXES) == ["other Belongs to acme/tool Change"]
    page = sent(acme, address, "change-prefix", 422, prefix="other", projects="nothing")
    assert "there is no such project" in alert(page)
    assert page.forms["change-prefix"]["projects"].value == "nothing"
    assert rows(acme, PREFIXES) == ["other Belongs to acme/tool Change"]


def test_giving_a_prefix_up(acme: World) -> None:
    prefix = reserve(acme, "acme", "demo", "acme/core")
    sent(acme, f"{PREFIXES}/{prefix}", "release-prefix", 303)
    assert "The prefix demo is reserved no more." in main_text(visit(acme, PREFIXES))
    assert acme.count(ReservedPrefix) == 0


def test_a_prefix_that_cannot_be_given_up(acme: World) -> None:
    longer = reserve(acme, "acme", "demo-package", "acme/tool")
    acme.upload("acme/tool", wheel("demo-package"))
    reserve(acme, "acme", "demo", "acme/core")
    page = sent(acme, f"{PREFIXES}/{longer}", "release-prefix", 409)
    assert "cannot belong to these projects alone" in alert(page)
    assert acme.count(ReservedPrefix) == 2


def test_a_prefix_of_another_group_is_not_here(acme: World) -> None:
    acme.group("acme/team")
    prefix = reserve(acme, "acme", "demo", "acme/core")
    for number in (prefix, 999_999_999):
        visit(acme, f"/acme/team/-/rules/{number}", status=404)
        for verb in ("change", "remove"):
            posted(acme, f"/acme/team/-/rules/{number}/{verb}", {"prefix": "x"}, 404)
    assert acme.count(ReservedPrefix) == 1


# What groups above have reserved


def test_what_groups_above_have_reserved(acme: World) -> None:
    acme.group("acme/team")
    acme.project("acme/team/lib")
    reserve(acme, "acme", "demo", "acme/core")
    reserve(acme, "acme/team", "lib", "acme/team/lib")
    assert rows(acme, "/acme/team/lib/-/rules") == [
        "demo Belongs to acme/core reserved by acme",
        "lib Belongs to acme/team/lib reserved by acme/team",
    ]
    assert rows(acme, "/acme/team/-/rules") == [
        "lib Belongs to acme/team/lib Change",
        "demo Belongs to acme/core reserved by acme",
    ]


def test_who_manages_a_project_alone_is_not_told_of_its_groups(acme: World) -> None:
    reserve(acme, "acme", "demo", "acme/tool")
    instead(acme, "paul")
    acme.member("acme/core", "paul", Role.MAINTAINER)
    page = visit(acme, RULES)
    assert "demo" not in main_text(page)
    assert "acme/tool" not in page.text


def test_the_pages_cost_the_same_whatever_there_is(acme: World) -> None:
    protect(acme, "acme/core", "one", push=Level.OWNER)
    reserve(acme, "acme", "one", "acme/core")
    for address, add in (
        (RULES, lambda name: protect(acme, "acme/core", name, push=Level.OWNER)),
        (PREFIXES, lambda name: reserve(acme, "acme", name, "acme/core", "acme/tool")),
    ):
        with statements(acme) as few:
            visit(acme, address)
        for number in range(10):
            add(f"name-{number}")
        with statements(acme) as many:
            assert len(rows(acme, address)) >= 11
        assert len(many) == len(few)
