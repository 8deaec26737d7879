"""What is deleted leaves its number to nobody, on both databases."""

import pytest
from sqlalchemy import delete, select

from pyregistry.accounts.models import User
from pyregistry.db import Base
from pyregistry.namespaces.models import Namespace, NamespaceAncestor
from tests.factories.world import World


def remove(world: World, model: type[Base], number: int) -> None:
    with world.components.database.writing() as session:
        if model is Namespace:
            session.execute(
                delete(NamespaceAncestor).where(NamespaceAncestor.namespace_id == number)
            )
        session.execute(delete(model).where(model.__table__.c.id == number))


@pytest.mark.parametrize("model", [Namespace, User])
def test_a_number_is_given_once(world: World, model: type[Base]) -> None:
    new = world.group if model is Namespace else world.user
    first, last = new("first"), new("last")
    remove(world, model, last)
    assert new("other") > last
    remove(world, model, first)
    assert new("another") > last


def test_numbers_that_came_without_asking_are_not_given_again(world: World) -> None:
    first = world.user("first")
    with world.components.database.writing() as session:
        row = dict(session.execute(select(User.__table__).where(User.id == first)).one()._mapping)
        early = {"id": 9, "username": "early", "username_key": "early", "email": "early@x.example"}
        session.execute(User.__table__.insert().values(**{**row, **early}))
    if world.components.database.kind == "sqlite":
        assert world.user("last") == 10
