"""Who may connect to the broker, and which topics are theirs. One file, two brokers.

The market's database is the truth; the gateway writes it out as `DATA_DIR/mqtt/accounts.json`, and the broker
program (mosquitto or the embedded one) follows the file. Secrets are only kept hashed; each is random and 160
bits strong, so a fast salted hash is enough and a storm of reconnecting boxes stays cheap.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import secrets
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, Literal

from devices.mqtt.contract import ROOT, ContractError, base_topic, check_device

GATEWAY: Final = "gateway"
# mosquitto's own number; see above for why more would buy nothing.
_ITERATIONS: Final = 101

Role = Literal["device", "gateway"]
Action = Literal["read", "write"]


@dataclass(frozen=True, slots=True)
class Account:
    """One user of the broker. `base` is the device's topic without its last part; the gateway has all of
    them.
    """

    user: str
    secret_hash: str
    role: Role
    base: str

    def may(self, action: Action, topic: str) -> bool:
        """Whether this user may read or write `topic` (a topic, or the filter of a subscription)."""
        if self.role == "gateway":
            return topic.startswith(f"{ROOT}/")
        return topic in (self.readable if action == "read" else self.writable)

    @property
    def readable(self) -> tuple[str, ...]:
        """The topics that a device may subscribe to: exactly these, no filter."""
        return tuple(f"{self.base}/{leaf}" for leaf in ("cmd", "desired"))

    @property
    def writable(self) -> tuple[str, ...]:
        """The topics that a device may publish to."""
        return tuple(f"{self.base}/{leaf}" for leaf in ("status", "reported", "evt"))


def hash_secret(secret: str) -> str:
    """Return the salted hash of a secret, as mosquitto writes it (`$7$` PBKDF2-SHA512)."""
    salt = secrets.token_bytes(12)
    return f"$7${_ITERATIONS}${_encode(salt)}${_encode(_derive(secret, salt, _ITERATIONS))}"


def check_secret(secret: str, secret_hash: str) -> bool:
    """Whether `secret` belongs to `secret_hash`; False for a hash that cannot be read."""
    try:
        _, kind, iterations, salt, derived = secret_hash.split("$")
        expected = base64.b64decode(derived, validate=True)
        actual = _derive(secret, base64.b64decode(salt, validate=True), int(iterations))
    except ValueError:
        return False
    return kind == "7" and hmac.compare_digest(actual, expected)


def accounts_path(data_dir: Path) -> Path:
    """Return where the accounts of the devices are written."""
    return data_dir / "mqtt" / "accounts.json"


def gateway_alive_path(data_dir: Path) -> Path:
    """Return the file that the gateway touches every few seconds while it has both its database and its broker."""
    return data_dir / "mqtt" / "gateway.alive"


def save_accounts(path: Path, accounts: Iterable[Account]) -> bool:
    """Write the devices' accounts, readable by this user only; return whether the file changed.

    The file is replaced in one step, so that a broker never reads half of it.
    """
    ordered = sorted(accounts, key=lambda account: account.user)
    content = json.dumps({"accounts": [asdict(account) for account in ordered]}, indent=1) + "\n"
    try:
        if path.read_text("utf-8") == content:
            return False
    except FileNotFoundError:
        pass
    _write_private(path, content)
    return True


def load_accounts(path: Path) -> dict[str, Account]:
    """Return the devices' accounts by user; empty while the file is not there.

    Raises: ValueError when the file is not what `save_accounts` writes; a broker then keeps what it had.
    """
    try:
        data = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    try:
        accounts = [Account(**entry) for entry in data["accounts"]]
        for account in accounts:
            parts = account.base.split("/")
            if account.role != "device" or account.user == GATEWAY or len(parts) != 5:
                raise ContractError(f"not a device's account: {account.user!r}")
            if account.base != base_topic(parts[2], parts[3], check_device(account.user)):
                raise ContractError(f"not the topic of {account.user!r}: {account.base!r}")
            if not account.secret_hash.startswith("$7$") or any(c.isspace() for c in account.secret_hash):
                raise ContractError(f"not a hash: {account.user!r}")
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not a file of accounts: {error}") from error
    return {account.user: account for account in accounts}


def gateway_secret(data_dir: Path) -> str:
    """Return the gateway's own secret, made once and kept in `DATA_DIR/mqtt/gateway.secret`.

    Broker and gateway both call this, whichever starts first; both get the same one.
    """
    path = data_dir / "mqtt" / "gateway.secret"
    if not path.exists():
        made = path.with_name(f"gateway.secret.{os.getpid()}.{secrets.token_hex(4)}")
        _write_private(made, secrets.token_urlsafe(32) + "\n")
        try:
            os.link(made, path)  # fails when the other one was first; its secret then holds
        except FileExistsError:
            pass
        finally:
            made.unlink()
    return path.read_text("utf-8").strip()


def with_gateway(accounts: Mapping[str, Account], data_dir: Path) -> dict[str, Account]:
    """Return all users of the broker: the devices and the gateway."""
    gateway = Account(GATEWAY, hash_secret(gateway_secret(data_dir)), "gateway", ROOT)
    return {**accounts, GATEWAY: gateway}


def _write_private(path: Path, content: str) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mode 0600
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise


def _derive(secret: str, salt: bytes, iterations: int) -> bytes:
    return hashlib.pbkdf2_hmac("sha512", secret.encode(), salt, iterations, 64)


def _encode(data: bytes) -> str:
    return base64.b64encode(data).decode()
