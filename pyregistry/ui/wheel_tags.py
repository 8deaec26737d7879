"""The tags in the filename of a wheel, in words: for which Python and system it is.

Every filename is answered: what is not understood is shown as it is written.
"""

import re
from collections.abc import Callable, Iterable
from typing import Final

_WHEEL: Final = ".whl"
_LEAST_PARTS: Final = 5
_MOST_SHOWN: Final = 3

_PYTHONS: Final = {
    "py": "Python",
    "cp": "CPython",
    "pp": "PyPy",
    "ip": "IronPython",
    "jy": "Jython",
    "graalpy": "GraalPy",
}
_PYTHON: Final = re.compile(r"([a-z]+)([0-9])([0-9]*)", re.ASCII)
_OWN_ABI: Final = re.compile(r"(cp|pypy|graalpy|pp)[0-9]+([a-z]*)(?:_[a-z0-9_]+)?", re.ASCII)
_ABI_FLAGS: Final = {"t": "free-threaded", "d": "debug build"}

_MACHINES: Final = {
    "x86_64": "x86-64",
    "amd64": "x86-64",
    "i686": "x86, 32 bit",
    "i386": "x86, 32 bit",
    "aarch64": "ARM64",
    "arm64": "ARM64",
    "arm64_v8a": "ARM64",
    "armv7l": "ARMv7",
    "armeabi_v7a": "ARMv7",
    "ppc64le": "POWER",
    "s390x": "IBM Z",
    "riscv64": "RISC-V",
    "universal2": "Intel and Apple silicon",
    "arm64_iphoneos": "ARM64 devices",
    "arm64_iphonesimulator": "ARM64 simulator",
    "x86_64_iphonesimulator": "x86-64 simulator",
}
_OLD_MANYLINUX: Final = {"1": "2.5", "2010": "2.12", "2014": "2.17"}
_SYSTEMS: Final = {
    "any": "any system",
    "win32": "Windows x86, 32 bit",
    "win_amd64": "Windows x86-64",
    "win_arm64": "Windows ARM64",
    "emscripten_wasm32": "WebAssembly",
}


def in_words(filename: str) -> str:
    """What a wheel is for: `CPython 3.11, Linux x86-64, glibc 2.17 or newer`.

    Empty for what is no wheel. Never raises.
    """
    parts = filename.removesuffix(_WHEEL).split("-")
    if not filename.endswith(_WHEEL) or len(parts) < _LEAST_PARTS:
        return ""
    pythons, abis, platforms = (part.split(".") for part in parts[-3:])
    python = _pythons(pythons) + _abi(abis)
    return f"{python}, {_shown(_platform(each) for each in platforms)}"


def _pythons(tags: list[str]) -> str:
    if tags == ["py2", "py3"]:
        return "Python 2 and 3"
    return _shown(_python(tag) for tag in tags)


def _python(tag: str) -> str:
    match = _PYTHON.fullmatch(tag)
    if match is None or match[1] not in _PYTHONS:
        return tag
    kind, major, minor = match.groups()
    return f"{_PYTHONS[kind]} {major}" + (f".{int(minor)}" if minor else "")


def _abi(tags: list[str]) -> str:
    """What the ABI adds to the Python: nothing where it is that Python's own."""
    if tags == ["none"]:
        return ""
    if tags == ["abi3"]:
        return " or newer"
    if tags == ["abi3t"]:
        return " or newer, free-threaded"
    added = []
    for tag in tags:
        match = _OWN_ABI.fullmatch(tag)
        if match is None:
            added.append(f"ABI {tag}")
        elif match[2] in _ABI_FLAGS:
            added.append(_ABI_FLAGS[match[2]])
    return f", {_shown(added)}" if added else ""


def _platform(tag: str) -> str:
    if tag in _SYSTEMS:
        return _SYSTEMS[tag]
    for pattern, words in _PLATFORMS:
        match = pattern.fullmatch(tag)
        if match is not None:
            return words(match)
    return tag


def _machine(name: str) -> str:
    return _MACHINES.get(name, name)


def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.ASCII)


_PLATFORMS: Final[tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...]] = (
    (
        _compiled(r"manylinux_([0-9]+)_([0-9]+)_(\w+)"),
        lambda found: f"Linux {_machine(found[3])}, glibc {found[1]}.{found[2]} or newer",
    ),
    (
        _compiled(r"manylinux(1|2010|2014)_(\w+)"),
        lambda found: f"Linux {_machine(found[2])}, glibc {_OLD_MANYLINUX[found[1]]} or newer",
    ),
    (
        _compiled(r"musllinux_([0-9]+)_([0-9]+)_(\w+)"),
        lambda found: f"Linux {_machine(found[3])}, musl {found[1]}.{found[2]} or newer",
    ),
    (_compiled(r"linux_(\w+)"), lambda found: f"Linux {_machine(found[1])}"),
    (
        _compiled(r"macosx_([0-9]+)_([0-9]+)_(\w+)"),
        lambda found: f"macOS {found[1]}.{found[2]} or newer, {_machine(found[3])}",
    ),
    (
        _compiled(r"ios_([0-9]+)_([0-9]+)_(\w+)"),
        lambda found: f"iOS {found[1]}.{found[2]} or newer, {_machine(found[3])}",
    ),
    (
        _compiled(r"android_([0-9]+)_(\w+)"),
        lambda found: f"Android API {found[1]} or newer, {_machine(found[2])}",
    ),
    (
        _compiled(r"(?:pyodide|pyemscripten)_([0-9]+)_([0-9]+)_wasm32"),
        lambda found: f"Pyodide {found[1]}.{found[2]}",
    ),
)


def _shown(words: Iterable[str]) -> str:
    """Each once; of many the first ones."""
    found = list(dict.fromkeys(words))
    more = len(found) - _MOST_SHOWN
    text = " or ".join(found[:_MOST_SHOWN])
    return f"{text} and {more} more" if more > 0 else text
