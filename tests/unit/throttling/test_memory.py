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


def test_a_count_is_forgotten_after_its_time() -> None:
    memory = ForgettingMemory()
    assert [memory.incr("name", DAY) for _ in range(3)] == [1, 2, 3]
    assert memory.get("name") == 3
    assert [memory.incr("past", 0) for _ in range(3)] == [1, 1, 1]
    assert memory.get("past") == 0


def test_counts_of_the_past_take_no_room() -> None:
    memory = ForgettingMemory()
    memory.incr("kept", DAY)
    for number in range(5000):
        memory.incr(str(number), 0)
    assert len(memory._counts) <= 1001
    assert memory.incr("kept", DAY) == 2


def test_counts_of_the_present_are_kept_however_many() -> None:
    memory = ForgettingMemory()
    for number in range(5000):
        memory.incr(str(number), DAY)
    assert all(memory.incr(str(number), DAY) == 2 for number in range(5000))


def test_threads_add_up() -> None:
    memory = ForgettingMemory()
    with ThreadPoolExecutor(8) as pool:
        counts = list(pool.map(lambda _: memory.incr("name", DAY), range(400)))
    assert sorted(counts) == list(range(1, 401))
