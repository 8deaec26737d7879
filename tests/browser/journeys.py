"""People who go from page to page by what they see: links, buttons and labels.

No address is typed but that of the first page. Each page that a form has led to is looked at:
`after` checks it and leaves a picture.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Locator, Page, Response, expect

from pyregistry.authnz.roles import Role
from tests.browser.checks import check_accessible, check_layout
from tests.browser.visits import DESKTOP, PHONE, SCHEMES, Size, Visits, is_pictured
from tests.factories.world import PASSWORD, World

Kind = Literal["textbox", "combobox", "radio", "checkbox", "searchbox"]
_NUMBERS = count(1)


@dataclass(frozen=True)
class Way:
    """How somebody goes: with scripts or without, at a desk or on a phone."""

    size: Size
    javascript: bool


AT_A_DESK = Way(DESKTOP, javascript=True)
WITHOUT_SCRIPTS = Way(PHONE, javascript=False)
BOTH_WAYS = pytest.mark.parametrize(
    "way", [AT_A_DESK, WITHOUT_SCRIPTS], ids=["with-scripts", "without-scripts-on-a-phone"]
)
THE_OTHER_WAYS = pytest.mark.parametrize(
    "way",
    [Way(PHONE, javascript=True), Way(DESKTOP, javascript=False)],
    ids=["with-scripts-on-a-phone", "without-scripts"],
)


@dataclass
class Journey:
    """Somebody at a browser, who knows nothing but what the page says."""

    page: Page
    way: Way
    pictures: Path
    username: str = ""
    _answered: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.page.on("response", self._note)

    def _note(self, response: Response) -> None:
        """Note a form that was answered: what a browser has kept has the id that it had."""
        if response.request.method == "POST":
            self._answered.add(response.headers["x-request-id"])

    def follow(self, *names: str) -> None:
        """Click one link after the other, each by its whole name."""
        for name in names:
            self.page.get_by_role("link", name=name, exact=True).first.click()

    def to_place(self, full_path: str) -> None:
        """Go to a group or project where one is a member, from one's profile."""
        self.page.get_by_role("banner").get_by_role("link", name="Your profile").click()
        self.follow(full_path)

    def input(self, label: str, kind: Kind = "textbox") -> Locator:
        """The field of a form by its label, whatever its size: the form's, not the header's."""
        fields = self.page.get_by_role("main").get_by_label(_label(label))
        return fields.and_(self.page.get_by_role(kind))

    def fill(self, label: str, text: str) -> None:
        """Fill in a field by its label, whatever kind of input it is."""
        fields = self.page.get_by_role("main").get_by_label(_label(label))
        # Sections are labelled as well.
        fields.and_(self.page.locator("input, textarea")).fill(text)

    def choose(self, label: str, option: str) -> None:
        """Choose an option by what it begins with."""
        box = self.input(label, "combobox")
        text = box.get_by_role("option", name=re.compile(f"^{re.escape(option)}"))
        box.select_option(label=text.inner_text())

    def press(self, name: str) -> None:
        """Press a button by its whole name, and wait for what comes of it."""
        self.page.get_by_role("main").get_by_role("button", name=name, exact=True).click()
        self.page.wait_for_load_state()

    def told(self, sentence: str) -> None:
        """See the sentence that says what was done."""
        expect(self.page.get_by_role("main").get_by_role("status").first).to_contain_text(sentence)

    def refused(self, sentence: str) -> None:
        """See, without scrolling, the sentence that says why nothing was done."""
        alert = self.page.get_by_role("main").get_by_role("alert")
        expect(alert).to_contain_text(sentence)
        expect(alert).to_be_in_viewport()

    def after(self, what: str) -> None:
        """Look at the page that a form has led to: in both schemes, accessible and well laid out.

        What checks the elements is a script, too.
        """
        check_layout(self.page, javascript=self.way.javascript)
        for scheme in SCHEMES:
            self.page.emulate_media(color_scheme=scheme)
            if is_pictured(self.way.size, scheme):
                name = f"after-{what}-{self.way.size.name}-{scheme}.png"
                self.page.screenshot(path=self.pictures / name, full_page=True)
            if self.way.javascript:
                check_accessible(self.page, colours_only=scheme != SCHEMES[0])

    @contextmanager
    def sends_nothing(self) -> Iterator[None]:
        """No form is sent inside the block, whatever is clicked."""
        before = set(self._answered)
        yield
        assert self._answered == before


def _label(label: str) -> re.Pattern[str]:
    return re.compile(rf"^{re.escape(label)}( optional)?$")


@dataclass(frozen=True)
class Travel:
    """Where people set out, and the registry that they travel in."""

    visits: Visits
    world: World
    pictures: Path

    def registry(self) -> World:
        """The registry as it is now: what is made in it is as new as it looks."""
        self.world.clock.moment = datetime.now(UTC)
        return self.world

    def begin(self, way: Way, user: str | None = None) -> Journey:
        """Somebody at the first page, who is signed in already where `user` says who."""
        page = self.visits.begin(
            user=user,
            size=way.size,
            javascript=way.javascript,
            clipboard=way.javascript,
        )
        page.goto("/")
        return Journey(page, way, self.pictures, user or "")

    def somebody(self, name: str = "traveller") -> str:
        """A new user with the usual password."""
        username = f"{name}-{next(_NUMBERS)}"
        self.registry().user(username, password=PASSWORD)
        return username

    def group(self, owner: str, visibility: str = "private") -> str:
        """A new group with an Owner."""
        path = f"trip-{next(_NUMBERS)}"
        world = self.registry()
        world.group(path, visibility)
        world.member(path, owner, Role.OWNER)
        return path
