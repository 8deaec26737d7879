"""The first page."""

from pyregistry.authnz.identity import Actor
from pyregistry.authnz.roles import Role
from pyregistry.namespaces.services.create import find
from pyregistry.namespaces.services.instance import InstanceChanges, change_instance_settings
from pyregistry.namespaces.services.settings import Changes, change_settings
from tests.factories.distributions import wheel
from tests.factories.recorded import publish
from tests.factories.world import PASSWORD, World
from tests.functional.support import statements
from tests.functional.ui.browsing import hrefs, main_text, signed_in, visit


def test_an_empty_registry_asks_a_visitor_to_sign_in(world: World) -> None:
    world.user("root", is_admin=True)
    page = visit(world, "/")
    assert "Nothing here is public" in main_text(page)
    assert "/-/login" in hrefs(page)


def test_an_empty_registry_tells_an_administrator_how_to_begin(world: World) -> None:
    world.user("root", is_admin=True, password=PASSWORD)
    signed_in(world, "root")
    page = visit(world, "/")
    assert "pyregistry group create" in main_text(page)
    assert "Create a group" in page.html.main.find("a", href="/-/groups/new").text
    visit(world, "/-/groups/new")


def test_who_is_a_member_of_nothing_learns_whom_to_ask(world: World) -> None:
    signed_in(world, "ada")
    text = main_text(visit(world, "/"))
    assert "You are not a member of anything yet" in text
    assert "your user name is ada" in text


def test_everyone_sees_their_part(world: World) -> None:
    world.group("hidden")
    world.group("house", "internal")
    world.project("hidden/secret")
    world.project("house/inner", "internal")
    world.project("open/outer", "public")
    world.user("ada", password=PASSWORD, is_external=True)
    world.user("ivy", password=PASSWORD)
    world.user("gus", password=PASSWORD, is_external=True)
    world.member("hidden/secret", "gus", Role.GUEST)
    outside = {"/open/", "/open/outer/"}
    inside = outside | {"/house/", "/house/inner/"}
    seen = {
        None: outside,
        "ada": outside,
        "ivy": inside,
        "gus": outside | {"/hidden/", "/hidden/secret/"},
    }
    for username, expected in seen.items():
        world.app.reset()
        if username:
            signed_in(world, username)
        shown = {href for href in hrefs(visit(world, "/")) if href.count("/") > 1}
        assert {href for href in shown if "/-/" not in href} == expected, username


def test_the_number_of_packages_is_shown_to_who_may_read_them(world: World) -> None:
    world.group("hidden")
    world.project("hidden/secret")
    world.upload("hidden/secret", wheel())
    world.user("gus", password=PASSWORD)
    world.user("rita", password=PASSWORD)
    world.member("hidden/secret", "gus", Role.GUEST)
    world.member("hidden/secret", "rita", Role.REPORTER)
    signed_in(world, "gus")
    assert "1 package" not in main_text(visit(world, "/"))
    world.app.reset()
    signed_in(world, "rita")
    assert "1 package" in main_text(visit(world, "/"))


def test_lists_go_on(world: World) -> None:
    for number in range(53):
        world.project(f"group-{number:02}/project", "public")
    page = visit(world, "/")
    cards = page.html.find_all(class_="card-title")
    assert len(cards) == 100
    seen = {card["href"] for card in cards}
    for following in page.html.find_all("a", rel="next"):
        rest = visit(world, "/" + following["href"])
        seen |= {card["href"] for card in rest.html.find_all(class_="card-title")}
        assert rest.html.find("a", rel="first")["href"] == "/"
    assert len(seen) == 106


def test_a_page_costs_the_same_queries_for_few_and_for_many(world: World) -> None:
    world.project("first/project", "public")
    with statements(world) as few:
        visit(world, "/")
    for number in range(20):
        world.project(f"group-{number:02}/project", "public")
    with statements(world) as many:
        visit(world, "/")
    assert len(many) == len(few) <= 3


def test_what_is_no_key_is_refused(world: World) -> None:
    for query in ("after=%00", "groups_after=%00", "after=%FF", "after=" + "a" * 1025):
        visit(world, f"/?{query}", status=400)


def let_people_create_groups(world: World) -> None:
    with world.components.database.writing() as session:
        changes = InstanceChanges(users_create_groups=True)
        change_instance_settings(session, changes, Actor(), world.clock())


def test_who_may_create_groups_is_led_to_it(world: World) -> None:
    world.project("open/outer", "public")
    world.user("ada", password=PASSWORD)
    world.user("eve", password=PASSWORD, is_external=True)
    world.user("root", password=PASSWORD, is_admin=True)
    led = []
    for allowed in (False, True):
        if allowed:
            let_people_create_groups(world)
        for username in (None, "ada", "eve", "root"):
            world.app.reset()
            if username:
                signed_in(world, username)
            if "/-/groups/new" in hrefs(visit(world, "/")):
                led.append((allowed, username))
                visit(world, "/-/groups/new")
    assert led == [(False, "root"), (True, "ada"), (True, "root")]


def test_what_one_published_lately_comes_first(world: World) -> None:
    project, other = world.project("acme/core", "public"), world.project("acme/closed")
    ada = Actor(user_id=world.user("ada", password=PASSWORD), username="ada")
    someone = Actor(user_id=world.user("ivy"), username="ivy")
    for number in range(6):
        publish(world, project, f"mine-{number}", actor=ada)
        world.clock.advance(hours=1)
    publish(world, project, "theirs", actor=someone)
    # It was theirs when they published; today they may not read it.
    publish(world, other, "lost", actor=ada)
    signed_in(world, "ada")
    page = visit(world, "/")
    section = page.html.find("section", attrs={"aria-labelledby": "page-lately"})
    titles = [" ".join(link.get_text().split()) for link in section.select(".card-title")]
    assert titles == [f"mine-{number} 1.0" for number in (5, 4, 3, 2, 1)]
    assert section.find("a")["href"] == "/acme/core/mine-5/1.0/"
    assert "lost" not in page.text
    world.app.reset()
    assert "published lately" not in visit(world, "/").text


def test_a_search_begins_here(world: World) -> None:
    publish(world, world.project("acme/core", "public"), "alpha")
    form = visit(world, "/").forms["search"]
    form["q"] = "alpha"
    assert "/acme/core/alpha/" in hrefs(form.submit())


def test_names_stand_beside_paths_where_they_differ(world: World) -> None:
    world.project("acme/core", "public")
    with world.components.database.writing() as session:
        for path, name in (("acme", "Acme <b>Ltd</b>"), ("acme/core", "Core")):
            changes = Changes(name=name)
            change_settings(session, find(session, path).id, changes, Actor(), world.clock())
    page = visit(world, "/")
    assert [each.get_text() for each in page.html.select(".display-name")] == ["Acme <b>Ltd</b>"]
    for address, names in (("/acme/", ["Acme <b>Ltd</b>"]), ("/acme/core/", [])):
        head = visit(world, address).html.select(".page-head .display-name")
        assert [each.get_text() for each in head] == names


def test_a_page_of_somebody_costs_the_same_for_few_and_for_many(world: World) -> None:
    ada = Actor(user_id=world.user("ada", password=PASSWORD), username="ada")
    publish(world, world.project("acme/core", "public"), "alpha", actor=ada)
    let_people_create_groups(world)
    signed_in(world, "ada")
    with statements(world) as few:
        visit(world, "/")
    for number in range(20):
        project = world.project(f"group-{number:02}/project", "public")
        publish(world, project, "alpha", actor=ada)
    with statements(world) as many:
        visit(world, "/")
    assert len(many) == len(few) <= 8
