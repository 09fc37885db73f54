"""The key that people's tokens are signed with. It lies in DATA_DIR, sealed under SECRET_KEY, and is made once."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from backend.common.ids import new_token
from backend.common.secrets import is_current, seal, unseal

NAME: Final = "graphql_key.sealed"
PLAIN: Final = "graphql_key.pem"
"""What it was called before it was sealed; one that is found is sealed and taken away."""


def signing_key(folder: Path) -> rsa.RSAPrivateKey:
    """The key in ``folder``, the same for every process, whoever comes first.

    1. A key that is there is opened; under SECRET_KEY_FALLBACKS too, and is then sealed anew under SECRET_KEY.
    2. A plain one of before is sealed as it is, so that tokens given out hold.
    3. Otherwise one is made.
    Raises ValueError, naming the file, for one that was sealed under another SECRET_KEY.
    """
    path = folder / NAME
    if not path.exists():
        _put(path, seal(_known(folder / PLAIN) or _new()))
    (folder / PLAIN).unlink(missing_ok=True)
    sealed = path.read_text(encoding="ascii")
    try:
        pem = unseal(sealed)
    except ValueError as wrong:
        raise ValueError(
            f"{path}: {wrong} Give that key in SECRET_KEY_FALLBACKS, or remove the file: everybody then signs in anew."
        ) from None
    if not is_current(sealed):
        _put(path, seal(pem), instead=True)
    found = serialization.load_pem_private_key(pem.encode(), password=None)
    if not isinstance(found, rsa.RSAPrivateKey):
        raise TypeError(f"{path} is no RSA key.")
    return found


def _known(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii")
    except FileNotFoundError:
        # None yet, or somebody has just sealed it; then theirs is in place and ours is not taken.
        return ""


def _new() -> str:
    made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return made.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def _put(path: Path, sealed: str, *, instead: bool = False) -> None:
    """Whole under a name of its own, then in place: of two the second takes the first one's. ``instead``: the same key
    sealed otherwise, so either will do."""
    mine = path.with_name(f"{path.name}.{new_token(8)}")
    with os.fdopen(os.open(mine, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(sealed)
        file.flush()
        os.fsync(file.fileno())
    if instead:
        mine.replace(path)
        return
    with contextlib.suppress(FileExistsError):
        os.link(mine, path)
    mine.unlink()
