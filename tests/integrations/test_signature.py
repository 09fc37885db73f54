"""Webhooks as a running Saleor signed them (vectors/saleor_webhooks.json): believed as they came, and in no other way."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from integrations.saleor.app.errors import SignatureRefused
from integrations.saleor.app.signature import UnknownKey, clean_keys, verify
from tests.integrations.small_saleor import Key, encoded

pytestmark = pytest.mark.pure

VECTORS = json.loads((Path(__file__).parent / "vectors" / "saleor_webhooks.json").read_text(encoding="utf-8"))
KEYS = clean_keys(VECTORS["jwks"])
WEBHOOKS = [
    pytest.param(
        each["headers"]["Saleor-Signature"], each["raw_body"].encode(), id=f"{place}-{each['event']}"
    )
    for place, each in enumerate(VECTORS["webhooks"])
]


def is_believed(signature: str, body: bytes, keys: dict[str, Any] = KEYS) -> bool:
    try:
        verify(signature=signature, body=body, keys=keys)
    except SignatureRefused:
        return False
    return True


def test_there_are_eighteen() -> None:
    assert len(WEBHOOKS) == 18


@pytest.mark.parametrize(("signature", "body"), WEBHOOKS)
def test_as_it_came(signature: str, body: bytes) -> None:
    assert is_believed(signature, body)


@pytest.mark.parametrize(("signature", "body"), WEBHOOKS)
def test_another_byte_anywhere_is_refused(signature: str, body: bytes) -> None:
    changed = (body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :] for at in range(len(body)))
    assert not any(is_believed(signature, other) for other in changed)
    assert not is_believed(signature, body + b"\n")
    assert not is_believed(signature, body[:-1])


@pytest.mark.parametrize(("signature", "body"), WEBHOOKS)
def test_another_letter_in_the_signature_is_refused(signature: str, body: bytes) -> None:
    for at, letter in enumerate(signature):
        other = "B" if letter == "A" else "A"
        assert not is_believed(signature[:at] + other + signature[at + 1 :], body), at


def test_json_that_means_the_same_is_refused() -> None:
    signature, body = WEBHOOKS[0].values
    assert isinstance(signature, str)
    assert isinstance(body, bytes)
    assert not is_believed(signature, json.dumps(json.loads(body), separators=(",", ":")).encode())


def test_a_second_spelling_of_the_same_signature_is_refused() -> None:
    """256 bytes leave four bits of the last letter without meaning: sixteen letters would decode alike."""
    signature, body = WEBHOOKS[0].values
    assert isinstance(signature, str)
    assert isinstance(body, bytes)
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    believed = [letter for letter in letters if is_believed(signature[:-1] + letter, body)]
    assert believed == [signature[-1]]
    assert not is_believed(signature + "=", body)


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "none"},
        {"alg": "HS256"},
        {"alg": "RS512"},
        {"b64": True},
        {"crit": []},
        {"crit": ["b64", "exp"]},
        {"kid": ""},
        {"kid": None},
    ],
)
def test_only_the_one_kind_of_signature(header: dict[str, Any]) -> None:
    key = Key()
    keys = clean_keys({"keys": [key.public]})
    assert is_believed(key.sign(b"{}"), b"{}", keys)
    assert not is_believed(key.sign(b"{}", **header), b"{}", keys)


def test_an_unknown_key_says_so() -> None:
    with pytest.raises(UnknownKey):
        verify(signature=Key().sign(b"{}"), body=b"{}", keys=KEYS)


@pytest.mark.parametrize("signature", ["", ".", "..", "a..b", "e30..", "e30.e30.e30", "é..é", "A" * 9000])
def test_what_is_no_signature(signature: str) -> None:
    assert not is_believed(signature, b"{}")


def test_keys_that_cannot_be_used_are_left_out() -> None:
    good = Key().public
    short = {**good, "n": encoded(b"\xff" * 64)}
    even = {**good, "e": encoded(b"\x02")}
    others = [short, even, {**good, "kty": "EC"}, {**good, "alg": "RS512"}, {**good, "kid": 3}, "x", None]
    assert [each["kid"] for each in clean_keys({"keys": [*others, good]})["keys"]] == [good["kid"]]
    nothings: list[object] = [{"keys": others}, {"keys": []}, {}, [], None, {"keys": {"a": 1}}]
    for nothing in nothings:
        with pytest.raises(ValueError, match="no RSA key"):
            clean_keys(nothing)
