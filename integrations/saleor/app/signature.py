"""Saleor's signature of a webhook: a JWS with detached, unencoded payload (RFC 7515, RFC 7797), RS256 alone.

``Saleor-Signature`` is ``base64url(header) .. base64url(signature)``; what is signed is the header's base64url text, a
dot, and the body's bytes as they came. Nothing of the body is to be looked at before this has said yes.
"""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, RSAPublicNumbers
from cryptography.hazmat.primitives.hashes import SHA256

from integrations.saleor.app.errors import SignatureRefused

LONGEST: Final = 4096
LEAST_BITS: Final = 2048
MOST_BITS: Final = 8192
"""Beyond that verifying costs more than a stranger's request is worth."""


class UnknownKey(SignatureRefused):
    """Signed with a key that is not in the set; the set may be out of date."""

    code = "UNKNOWN_KEY"


def verify(*, signature: str, body: bytes, keys: dict[str, Any]) -> None:
    """Return when one of ``keys`` (a JWK set) signed ``body``.

    Raises UnknownKey when the signature names a key that is not among them, SignatureRefused for anything else.
    """
    header_text, kid, signed = _parse(signature)
    key = _find(kid, keys)
    try:
        key.verify(signed, header_text.encode("ascii") + b"." + body, PKCS1v15(), SHA256())
    except InvalidSignature:
        raise SignatureRefused("The signature does not fit the body.") from None


def _parse(signature: str) -> tuple[str, str, bytes]:
    parts = signature.split(".")
    if len(signature) > LONGEST or not signature.isascii() or len(parts) != 3 or parts[1]:
        raise SignatureRefused("The signature is not a detached JWS.")
    try:
        header = json.loads(_decode(parts[0]))
        signed = _decode(parts[2])
    except ValueError:
        raise SignatureRefused("The signature cannot be read.") from None
    if not isinstance(header, dict) or header.get("alg") != "RS256":
        raise SignatureRefused("Only RS256 is accepted.")
    if header.get("b64") is not False or header.get("crit") != ["b64"]:
        raise SignatureRefused("Only a signature over the body's own bytes is accepted.")
    kid = header.get("kid")
    if not isinstance(kid, str) or not kid:
        raise SignatureRefused("The signature names no key.")
    return parts[0], kid, signed


def _find(kid: str, keys: dict[str, Any]) -> RSAPublicKey:
    for each in keys["keys"]:
        if each["kid"] == kid:
            return _key(each)
    raise UnknownKey("The signature was made with an unknown key.")


def _key(row: dict[str, Any]) -> RSAPublicKey:
    return RSAPublicNumbers(e=_number(row["e"]), n=_number(row["n"])).public_key()


def _number(text: str) -> int:
    return int.from_bytes(_decode(text), "big")


def _decode(text: str) -> bytes:
    """base64url without padding, in its one canonical spelling. Raises ValueError."""
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError(str(error)) from None
    # The last letter carries bits that say nothing; another letter there would be a second spelling of the same.
    if base64.urlsafe_b64encode(raw).rstrip(b"=").decode() != text:
        raise ValueError("not canonical")
    return raw


def clean_keys(keys: object) -> dict[str, Any]:
    """The RSA keys for signatures of a JWK set, without what else may stand there. Raises ValueError for none."""
    rows = keys.get("keys") if isinstance(keys, dict) else None
    found = []
    for each in rows if isinstance(rows, list) else []:
        if not isinstance(each, dict) or each.get("kty") != "RSA" or each.get("alg", "RS256") != "RS256":
            continue
        if not all(isinstance(each.get(name), str) and each[name] for name in ("kid", "n", "e")):
            continue
        try:
            size = _key(each).key_size
        except ValueError:
            continue
        if not LEAST_BITS <= size <= MOST_BITS:
            continue
        found.append({name: each[name] for name in ("kty", "kid", "n", "e")})
    if not found:
        raise ValueError("no RSA key for RS256")
    return {"keys": found[:8]}
