"""Run mosquitto as a child, with a configuration of our own: loopback, password file, access list per device.

Boxes outside this machine come through a second door with TLS, when a certificate is given; the locks are the same.

This process writes the files, starts the binary and makes it read them again when accounts change. Mosquitto
then cuts the connections of those who are gone.
"""

from __future__ import annotations

import ctypes
import getpass
import logging
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Final

from devices.mqtt.accounts import Account
from devices.mqtt.broker.following import LOOK_EVERY_S, AccountsFile
from devices.mqtt.contract import MAX_PAYLOAD_BYTES, ROOT

log = logging.getLogger(__name__)

# For a box that is away; older commands are refused by the box anyway.
MAX_QUEUED_PER_CLIENT: Final = 200
STOP_TIMEOUT_S: Final = 5
_PR_SET_PDEATHSIG: Final = 1


@dataclass(frozen=True, slots=True)
class TlsDoor:
    """A port that is open to the network, and what the broker proves itself with. Boxes prove themselves by password."""

    port: int
    certificate: Path
    key: Path


def find_binary() -> str | None:
    """Return the path of mosquitto, or None. Debian keeps it in /usr/sbin, not on every user's PATH."""
    return shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")


def configuration(*, host: str, port: int, folder: Path, tls: TlsDoor | None = None) -> str:
    """Return mosquitto.conf for this machine. Valid for mosquitto 2.0 and later."""
    door = (
        ""
        if tls is None
        else f"""listener {tls.port}
certfile {tls.certificate}
keyfile {tls.key}
tls_version tlsv1.2
use_username_as_clientid true
"""
    )
    return f"""# Written anew at every start.
allow_anonymous false
password_file {folder}/passwd
acl_file {folder}/acl
persistence true
persistence_location {folder}/
autosave_interval 60
persistent_client_expiration 7d
max_queued_messages {MAX_QUEUED_PER_CLIENT}
max_packet_size {MAX_PAYLOAD_BYTES + 1_024}
user {getpass.getuser()}
log_dest stderr
log_type error
log_type warning
listener {port} {host}
# The client id is the user name, whatever the client says: no box can take another one's session.
use_username_as_clientid true
{door}"""


def access_list(users: Iterable[Account]) -> str:
    """Return the access list: a device reads its commands and settings and writes its own state, nothing
    else.
    """
    lines: list[str] = []
    for account in users:
        lines.append(f"user {account.user}")
        if account.role == "gateway":
            lines.append(f"topic readwrite {ROOT}/#")
        else:
            lines += [f"topic read {topic}" for topic in account.readable]
            lines += [f"topic write {topic}" for topic in account.writable]
        lines.append("")
    return "\n".join(lines)


def password_file(users: Iterable[Account]) -> str:
    """Return the password file; the hashes are already mosquitto's."""
    return "".join(f"{account.user}:{account.secret_hash}\n" for account in users)


def run(binary: str, *, host: str, port: int, data_dir: Path, tls: TlsDoor | None = None) -> int:
    """Run mosquitto until SIGTERM or SIGINT; return 0 then, or its exit code when it ends by itself."""
    folder = data_dir / "mqtt" / "mosquitto"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    accounts = AccountsFile(data_dir)
    _write(folder / "mosquitto.conf", configuration(host=host, port=port, folder=folder, tls=tls))
    _write_users(folder, accounts)

    stopping = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        stopping.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    child = subprocess.Popen(
        [binary, "-c", str(folder / "mosquitto.conf")],
        stdin=subprocess.DEVNULL,
        preexec_fn=_die_with_parent(),
    )
    # SIGHUP before mosquitto is up would end it.
    while child.poll() is None and not _is_listening(host, port) and not stopping.wait(0.02):
        pass
    log.info("mosquitto on %s:%s", host, port)
    while child.poll() is None and not stopping.wait(LOOK_EVERY_S):
        if accounts.look():
            _write_users(folder, accounts)
            child.send_signal(signal.SIGHUP)
            log.info("%s devices may connect", len(accounts.users) - 1)
    if not stopping.is_set():
        log.error("mosquitto ended with code %s", child.returncode)
        return child.returncode or 1
    child.terminate()
    try:
        child.wait(STOP_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
    return 0


def _is_listening(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), timeout=1).close()
    except OSError:
        return False
    return True


def _write_users(folder: Path, accounts: AccountsFile) -> None:
    users = accounts.users.values()
    _write(folder / "acl", access_list(users))
    _write(folder / "passwd", password_file(users))


def _write(path: Path, content: str) -> None:
    made = path.with_suffix(".new")
    with open(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(content)
    made.replace(path)


def _die_with_parent() -> Callable[[], None] | None:
    """On Linux the kernel kills mosquitto when this process is killed: an orphan would hold the port."""
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)

    def ask_kernel() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL))

    return ask_kernel
