"""The key of people's tokens: sealed at rest, one for all processes, kept when SECRET_KEY changes."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from pytest_django import Settings

from backend.api.saleor.signing_key import NAME, PLAIN, signing_key

pytestmark = pytest.mark.pure


def number(key: rsa.RSAPrivateKey) -> int:
    return key.public_key().public_numbers().n


def test_it_is_made_once_and_is_nowhere_in_clear(tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as together:
        found = {number(each) for each in together.map(signing_key, [tmp_path] * 4)}
    assert found == {number(signing_key(tmp_path))}
    (path,) = tmp_path.iterdir()
    assert (path.name, stat.S_IMODE(path.stat().st_mode)) == (NAME, 0o600)
    assert b"PRIVATE KEY" not in path.read_bytes()


def test_one_that_lay_in_clear_is_sealed_and_goes_on_signing(tmp_path: Path) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (tmp_path / PLAIN).write_bytes(pem)
    assert number(signing_key(tmp_path)) == number(key)
    assert [each.name for each in tmp_path.iterdir()] == [NAME]
    assert number(signing_key(tmp_path)) == number(key)


def test_it_outlives_a_change_of_the_secret_key(tmp_path: Path, settings: Settings) -> None:
    first = settings.SECRET_KEY
    key = number(signing_key(tmp_path))
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "second-" + "y" * 50, [first]
    assert number(signing_key(tmp_path)) == key
    # From then on the first is needed no more.
    settings.SECRET_KEY_FALLBACKS = []
    assert number(signing_key(tmp_path)) == key
    settings.SECRET_KEY = "third-" + "z" * 50
    before = (tmp_path / NAME).read_bytes()
    with pytest.raises(ValueError, match=f"{NAME}.*SECRET_KEY_FALLBACKS"):
        signing_key(tmp_path)
    assert (tmp_path / NAME).read_bytes() == before
