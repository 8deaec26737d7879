"""What all targets hold: real wheels and sdists, the same bytes in every run."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from tests.factories.distributions import Distribution, sdist, wheel

PACKAGES = {10: "ten-files", 100: "hundred-files", 1_000: "thousand-files", 10_000: "myriad-files"}
"""The packages that pages are measured of, by their number of files."""

SMALL = "small-file"
"""The package whose one wheel has about 10 KB."""

TREE_TOP = "tree-00"
_TREE_PACKAGES = 60
_TREE_VERSIONS = ("1.0.0", "1.1.0", "1.2.0", "2.0.0", "2.1.0")
_TREE_NEEDS = 5
_KILOBYTE = 1_000


@dataclass(frozen=True)
class Sizes:
    """How much of everything a run measures with."""

    pages: tuple[int, ...]
    """Files of the packages whose pages are asked for."""
    names: int
    """Packages of the large index."""
    projects: int
    """Projects of the large group; half of them may be read."""
    growth: tuple[int, ...]
    """Files of the registries that are compared."""
    large_upload: int
    """Bytes."""
    large_download: int
    """Bytes."""
    installs: int
    """How often the tree is installed."""


FULL = Sizes(
    pages=(10, 1_000, 10_000),
    names=100_000,
    projects=10_000,
    growth=(1_000, 100_000, 1_000_000),
    large_upload=2 * 1024**3 - 4096,
    large_download=200 * 1024**2,
    installs=10,
)
"""What the bars are about."""

QUICK = Sizes(
    pages=(10, 100),
    names=2_000,
    projects=100,
    growth=(1_000, 5_000),
    large_upload=64 * 1024**2,
    large_download=20 * 1024**2,
    installs=1,
)
"""To see that everything works."""


def versions(name: str, files: int) -> Iterator[Distribution]:
    """A package of so many files: of each version a wheel and an sdist."""
    for number in range(files):
        version = f"{number // 200}.{number // 2 % 100}.0"
        make = sdist if number % 2 else wheel
        yield make(name, version, metadata=_headers(name))


@lru_cache(maxsize=1)
def small() -> Distribution:
    """A wheel of about 10 KB."""
    return upload_of(SMALL, "1.0")


def upload_of(
    name: str, version: str, size: int = 10 * _KILOBYTE, record: str | None = None
) -> Distribution:
    """A wheel of about so many bytes, which cannot be compressed, unlike any other."""
    noise = random.Random(f"{name} {version}").randbytes(max(0, size - 1_100))
    path = f"{name.replace('-', '_')}/data.bin"
    return wheel(name, version, metadata=_headers(name), files={path: noise}, record=record)


def tree() -> Iterator[Distribution]:
    """60 packages in several versions that need each other; installing the top takes them all."""
    for number in range(_TREE_PACKAGES):
        name = _tree_name(number)
        for place, version in enumerate(_TREE_VERSIONS):
            headers = {**_headers(name), "Requires-Dist": _needs(number, place)}
            yield upload_of_tree(name, version, headers)


def upload_of_tree(name: str, version: str, headers: dict[str, str | list[str]]) -> Distribution:
    """A wheel of the tree, of some kilobytes."""
    seed = random.Random(f"{name} {version}")
    path = f"{name.replace('-', '_')}/data.bin"
    return wheel(
        name, version, metadata=headers, files={path: seed.randbytes(seed.randrange(20_000))}
    )


def tree_names() -> list[str]:
    """The names of the packages of the tree."""
    return [_tree_name(number) for number in range(_TREE_PACKAGES)]


def _tree_name(number: int) -> str:
    return f"tree-{number:02}"


def _needs(number: int, place: int) -> list[str]:
    """What one version needs: the next packages, and no newest version of every third of them."""
    needed = []
    for step in range(1, _TREE_NEEDS + 1):
        other = number * 2 + step if number < _TREE_NEEDS else number + step
        if other < _TREE_PACKAGES:
            limit = ", <2.1" if other % 3 == 0 and place else ""
            needed.append(f"{_tree_name(other)} >=1.{min(place, 2)}{limit}")
    return needed


def _headers(name: str) -> dict[str, str | list[str]]:
    return {
        "Summary": f"The package {name} of the benchmark",
        "Author-email": "Ada Lovelace <ada@example.org>",
        "Requires-Python": ">=3.9",
        "Classifier": ["Programming Language :: Python :: 3", "Typing :: Typed"],
    }
