"""The fields of a form, and the digests that it declares."""

import hashlib

import pytest

from pyregistry.errors import Invalid, TooLarge
from pyregistry.forklift.declared import check_digests
from pyregistry.forklift.form import UploadForm, decoded
from pyregistry.forklift.limits import ReceiveLimits, check_declared_length
from pyregistry.storage.digests import Hasher

CONTENT = b"hello"


def form(*pairs: tuple[str, str]) -> UploadForm:
    made = UploadForm()
    for name, value in pairs:
        made.add(name, value)
    return made


@pytest.mark.parametrize("value", ["", " ", "\r\n", "UNKNOWN", " UNKNOWN ", "None"])
def test_values_that_say_nothing(value: str) -> None:
    made = form(("license", value))
    assert made.one("license") is None
    assert made.many("license") == ()
    assert made.raw("license") == (value,)
    assert "license" in made


def test_only_a_package_can_be_called_none() -> None:
    assert form(("name", "None")).one("name") == "None"
    assert form(("name", "UNKNOWN")).one("name") is None


@pytest.mark.parametrize("value", ["unknown", "none", " x ", "UNKNOWN x"])
def test_values_are_kept_as_they_are(value: str) -> None:
    assert form(("summary", value)).one("summary") == value


def test_a_field_that_was_not_sent() -> None:
    made = form()
    assert made.one("name") is None
    assert made.many("name") == made.raw("name") == ()
    assert "name" not in made
    assert len(made) == 0


def test_repeated_values_keep_their_order() -> None:
    made = form(("classifiers", "b"), ("classifiers", "UNKNOWN"), ("classifiers", "a"))
    assert made.many("classifiers") == ("b", "a")
    assert made.raw("classifiers") == ("b", "UNKNOWN", "a")
    assert list(made) == ["classifiers"]


def test_keywords_may_repeat() -> None:
    assert form(("keywords", "one"), ("keywords", "two")).many("keywords") == ("one", "two")


def test_one_of_several_is_ambiguous() -> None:
    made = form(("keywords", "one"), ("keywords", "two"), ("dynamic", "a"), ("dynamic", "a"))
    assert made.one("dynamic") == "a"
    with pytest.raises(Invalid, match="several values for the field 'keywords'"):
        made.one("keywords")


def test_the_name_of_a_field_in_a_sentence() -> None:
    with pytest.raises(Invalid) as caught:
        decoded("näme\n\u20ac", b"\xff")
    assert caught.value.sentence.isascii()


DIGESTS = {
    "sha256_digest": hashlib.sha256(CONTENT).hexdigest(),
    "md5_digest": hashlib.md5(CONTENT).hexdigest(),
    "blake2_256_digest": hashlib.blake2b(CONTENT, digest_size=32).hexdigest(),
}


def check(*pairs: tuple[str, str]) -> None:
    hasher = Hasher()
    hasher.update(CONTENT)
    check_digests(form(*pairs), hasher.digests())


def test_digests_that_agree() -> None:
    check()
    check(*DIGESTS.items())
    check(*((field, digest.upper()) for field, digest in DIGESTS.items()))
    check(*((field, "") for field in DIGESTS))


@pytest.mark.parametrize("field", DIGESTS)
def test_a_digest_of_other_bytes(field: str) -> None:
    other = DIGESTS[field][1:] + "0"
    with pytest.raises(Invalid) as caught:
        check((field, other.upper()))
    assert caught.value.sentence == (
        f"The field {field} is {other}, but the file that arrived has {DIGESTS[field]}:"
        " the upload was damaged, or the digest is of another file"
    )


@pytest.mark.parametrize("field", DIGESTS)
@pytest.mark.parametrize("wrong", ["0", "g", "\u0663", "\n", " "])
def test_what_is_no_digest(field: str, wrong: str) -> None:
    length = len(DIGESTS[field])
    for text in (DIGESTS[field][1:] + wrong, DIGESTS[field] + wrong, wrong + "x"):
        if text == DIGESTS[field][1:] + "0":
            continue
        with pytest.raises(Invalid) as caught:
            check((field, text))
        assert caught.value.sentence.endswith(f": send {length} hexadecimal digits")
        assert caught.value.sentence.isascii()


def test_the_longer_blake2_digest_of_old_pythons() -> None:
    longer = hashlib.blake2b(CONTENT).hexdigest()
    check(("sha256_digest", DIGESTS["sha256_digest"]), ("blake2_256_digest", longer))
    with pytest.raises(Invalid, match="64 hexadecimal digits"):
        check(("blake2_256_digest", longer))
    with pytest.raises(Invalid, match="64 hexadecimal digits"):
        check(("sha256_digest", DIGESTS["sha256_digest"]), ("blake2_256_digest", "g" * 128))


def test_declared_lengths() -> None:
    limits = ReceiveLimits(max_file_size=1000)
    for allowed in (None, 0, 1000, limits.max_body_size):
        check_declared_length(allowed, limits)
    with pytest.raises(TooLarge):
        check_declared_length(limits.max_body_size + 1, limits)
    with pytest.raises(Invalid, match="negative"):
        check_declared_length(-1, limits)
