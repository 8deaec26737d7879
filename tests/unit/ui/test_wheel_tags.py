"""The tags of wheels in words, for whatever filename there is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyregistry.ui.wheel_tags import in_words


@pytest.mark.parametrize(
    ("tags", "words"),
    [
        ("py3-none-any", "Python 3, any system"),
        ("py2.py3-none-any", "Python 2 and 3, any system"),
        ("py2-none-any", "Python 2, any system"),
        ("py39-none-any", "Python 3.9, any system"),
        (
            "cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64",
            "CPython 3.11, Linux x86-64, glibc 2.17 or newer",
        ),
        ("cp27-cp27mu-manylinux1_i686", "CPython 2.7, Linux x86, 32 bit, glibc 2.5 or newer"),
        ("cp37-cp37m-linux_x86_64", "CPython 3.7, Linux x86-64"),
        ("cp38-abi3-musllinux_1_2_aarch64", "CPython 3.8 or newer, Linux ARM64, musl 1.2 or newer"),
        ("cp313-cp313t-win_amd64", "CPython 3.13, free-threaded, Windows x86-64"),
        ("cp312-cp312-win32", "CPython 3.12, Windows x86, 32 bit"),
        (
            "cp312-cp312-macosx_11_0_arm64",
            "CPython 3.12, macOS 11.0 or newer, ARM64",
        ),
        (
            "cp312-cp312-macosx_10_9_universal2",
            "CPython 3.12, macOS 10.9 or newer, Intel and Apple silicon",
        ),
        ("pp310-pypy310_pp73-manylinux2010_x86_64", "PyPy 3.10, Linux x86-64, glibc 2.12 or newer"),
        (
            "cp313-cp313-ios_13_0_arm64_iphoneos",
            "CPython 3.13, iOS 13.0 or newer, ARM64 devices",
        ),
        ("cp313-cp313-android_21_arm64_v8a", "CPython 3.13, Android API 21 or newer, ARM64"),
        ("cp312-cp312-pyodide_2024_0_wasm32", "CPython 3.12, Pyodide 2024.0"),
        ("cp312-odd-plan9_mips", "CPython 3.12, ABI odd, plan9_mips"),
        ("xyz-none-any", "xyz, any system"),
        ("cp38.cp39-none-any", "CPython 3.8 or CPython 3.9, any system"),
        (
            "py3-none-win32.win_amd64.win_arm64.linux_armv7l.any",
            "Python 3, Windows x86, 32 bit or Windows x86-64 or Windows ARM64 and 2 more",
        ),
    ],
)
def test_what_a_wheel_is_for(tags: str, words: str) -> None:
    assert in_words(f"demo-1.0-{tags}.whl") == words
    assert in_words(f"demo-1.0-1build-{tags}.whl") == words


@pytest.mark.parametrize("filename", ["demo-1.0.tar.gz", "demo-1.0.whl", "", ".whl", "a-b-c-d.whl"])
def test_what_is_no_wheel_has_no_words(filename: str) -> None:
    assert in_words(filename) == ""


@given(st.text(max_size=300))
def test_whatever_it_is_called(text: str) -> None:
    for filename in (text, f"{text}.whl", f"demo-1.0-{text}.whl", f"demo-1.0-py3-{text}-any.whl"):
        assert isinstance(in_words(filename), str)


def test_many_tags_take_no_time() -> None:
    many = ".".join(f"cp3{number}" for number in range(50))
    assert in_words(f"demo-1-{many}-{many}-{many}.whl").count(" and 47 more") == 2
