"""The settings of the storage `s3`."""

from datetime import timedelta
from pathlib import Path

import pytest

from pyregistry.storage.s3.options import options_of
from tests.unit.settings.support import parse, refusal

PREFIX = "pyregistry.storage.s3."


def s3(**settings):
    return {f"{PREFIX}{name}": value for name, value in settings.items()}


def test_without_a_bucket_there_is_no_such_storage():
    assert options_of(parse()) is None
    assert "name it in pyregistry.storage.s3.bucket" in refusal({"pyregistry.storage": "s3"})


def test_everything_reaches_the_storage():
    environ = {
        "PYREGISTRY_STORAGE_S3_ACCESS_KEY": "access",
        "PYREGISTRY_STORAGE_S3_SECRET_KEY": "secret",
    }
    ini = s3(
        bucket="files",
        endpoint="https://s3.example.org:9000/",
        public_endpoint="https://files.example.org",
        region="eu-central-2",
        prefix="registry/one",
        addressing="virtual",
        create_bucket="yes",
        server_side_encryption="aws:kms",
        kms_key="arn:aws:kms:eu-central-2:1:key/2",
        storage_class="STANDARD_IA",
        download="stream",
        address_lifetime="2 hours",
        private_address_lifetime="1 minute",
        connect_timeout="2 seconds",
        read_timeout="20 seconds",
        retries="5",
        spool_folder="/spool",
    )
    options = options_of(parse(ini, environ))
    assert options.bucket == "files"
    assert options.endpoint == "https://s3.example.org:9000"
    assert options.public_endpoint == "https://files.example.org"
    assert options.region == "eu-central-2"
    assert options.prefix == "registry/one"
    assert options.addressing == "virtual"
    assert (options.access_key, options.secret_key) == ("access", "secret")
    assert options.create_bucket
    assert options.of_every_write == {
        "ServerSideEncryption": "aws:kms",
        "SSEKMSKeyId": "arn:aws:kms:eu-central-2:1:key/2",
        "StorageClass": "STANDARD_IA",
    }
    assert not options.redirects
    assert options.address_lifetime == timedelta(hours=2)
    assert options.private_address_lifetime == timedelta(minutes=1)
    assert options.connect_timeout == timedelta(seconds=2)
    assert options.read_timeout == timedelta(seconds=20)
    assert options.retries == 5
    assert options.spool_folder == Path("/spool")


def test_the_spool_lies_in_the_data_folder():
    assert parse({"pyregistry.data": "/data"}).storage_s3_spool_folder == Path("/data/spool")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("bucket", "a"),
        ("bucket", "files/registry"),
        ("endpoint", "s3.example.org"),
        ("endpoint", "https://s3.example.org/files"),
        ("endpoint", "https://user:password@s3.example.org"),
        ("prefix", "/registry"),
        ("prefix", "registry/"),
        ("prefix", "registry//one"),
        ("prefix", "../other"),
        ("addressing", "host"),
        ("server_side_encryption", "rot13"),
        ("storage_class", "TWO WORDS"),
        ("download", "both"),
        ("address_lifetime", "8 days"),
        ("private_address_lifetime", "9 seconds"),
        ("read_timeout", "2 hours"),
        ("retries", "11"),
    ],
)
def test_what_is_not_accepted(name, value):
    assert f"{PREFIX}{name}" in refusal(s3(**{name: value}))


@pytest.mark.parametrize("name", ["ACCESS_KEY", "SECRET_KEY"])
def test_half_of_the_credentials(name):
    assert "give both, or neither" in refusal({}, {f"PYREGISTRY_STORAGE_S3_{name}": "half"})


def test_a_key_without_its_encryption():
    assert "is for" in refusal(s3(kms_key="key-1"))
    assert "is for" in refusal(s3(kms_key="key-1", server_side_encryption="AES256"))
