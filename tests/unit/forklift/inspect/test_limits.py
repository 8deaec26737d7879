import pytest

from pyregistry.errors import Invalid
from pyregistry.forklift.inspect.limits import MIB, ArchiveLimits, ExpansionBudget


def test_expanded_size():
    budget = ExpansionBudget(ArchiveLimits(max_expanded_size=10), 10)
    budget.spend(10)
    with pytest.raises(Invalid, match="more than 10 bytes"):
        budget.spend(1)


def test_members():
    budget = ExpansionBudget(ArchiveLimits(max_members=2), 10)
    budget.count_member(1)
    budget.count_member(1)
    with pytest.raises(Invalid, match="more than 2 members"):
        budget.count_member(1)


def test_names_together():
    budget = ExpansionBudget(ArchiveLimits(), 10)
    with pytest.raises(Invalid, match="names"):
        budget.count_member(32 * MIB + 1)


def test_the_ratio_counts_for_large_archives_alone():
    budget = ExpansionBudget(ArchiveLimits(max_ratio=2), 1)
    budget.spend(64 * MIB)
    with pytest.raises(Invalid, match="2 times its size"):
        budget.spend(1)


def test_the_ratio_is_of_the_whole_archive():
    budget = ExpansionBudget(ArchiveLimits(max_ratio=2), 50 * MIB)
    budget.spend(100 * MIB)
    with pytest.raises(Invalid, match="2 times its size"):
        budget.spend(1)
