"""Counts in memory: what is past takes no room, and what is not is kept."""

from concurrent.futures import ThreadPoolExecutor

from pyregistry.throttling.memory import ForgettingMemory
from pyregistry.throttling.storage import open_storage

DAY = 24 * 60 * 60


def test_it_is_what_memory_means() -> None:
    assert isinstance(open_storage("memory://"), ForgettingMemory)


def test_names_whose_failures_are_past_are_forgotten() -> None:
    memory = ForgettingMemory()
    memory.acquire_entry("first", 1, DAY)
    # As the sweep of `limits` leaves them.
    memory.events.update({f"past-{number}": [] for number in range(5000)})
    memory.acquire_entry("last", 1, DAY)
    assert set(memory.events) == {"first", "last"}
    assert not memory.acquire_entry("first", 1, DAY)
    assert not memory.acquire_entry("last", 1, DAY)


def test_names_that_count_are_kept_however_many() -> None:
    memory = ForgettingMemory()
    for number in range(5000):
        memory.acquire_entry(str(number), 1, DAY)
    assert not any(memory.acquire_entry(str(number), 1, DAY) for number in range(5000))


def test_threads_count_together() -> None:
    memory = ForgettingMemory()
    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(lambda _: memory.acquire_entry("name", 50, DAY), range(400)))
    assert taken.count(True) == 50
