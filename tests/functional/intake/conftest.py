"""A registry with a project that takes archives."""

from collections.abc import Callable
from functools import partial

import pytest

from pyregistry.authnz.identity import Actor
from pyregistry.forklift.inspect import ArchiveLimits
from pyregistry.intake.services.take import Intake
from tests.factories.world import World

PROJECT = "acme/core"
MACHINE = Actor(credential_kind="command_line")

MakeIntake = Callable[..., Intake]


def intake_of(world: World, max_file_size: int = 10_000_000) -> Intake:
    """What takes archives into a new project of a registry."""
    return Intake(
        database=world.components.database,
        storage=world.components.storage,
        project_id=world.project(PROJECT),
        archive_limits=ArchiveLimits(),
        max_file_size=max_file_size,
        actor=MACHINE,
        clock=world.clock,
    )


@pytest.fixture
def make_intake(world: World) -> MakeIntake:
    """Gives what takes archives into a new project; a largest size may be named."""
    return partial(intake_of, world)
