"""Follow the file of accounts: whoever is taken out of it is out of the market within a second."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Final

from devices.mqtt.accounts import Account, accounts_path, load_accounts, with_gateway

log = logging.getLogger(__name__)

LOOK_EVERY_S: Final = 0.5


class AccountsFile:
    """The users of the broker as the file has them now."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._path = accounts_path(data_dir)
        self._seen: tuple[int, int, int] | None = None
        self.users: dict[str, Account] = with_gateway({}, data_dir)
        self._gateway = self.users
        self.look()

    def look(self) -> bool:
        """Read the file when it changed; return whether the users did. A file that cannot be read changes
        nothing.
        """
        try:
            stat = self._path.stat()
            seen = (stat.st_mtime_ns, stat.st_ino, stat.st_size)
        except FileNotFoundError:
            return False
        if seen == self._seen:
            return False
        self._seen = seen
        try:
            devices = load_accounts(self._path)
        except (OSError, ValueError) as error:
            log.error("accounts.json: %s", error)
            return False
        users = {**devices, **self._gateway}
        changed = users != self.users
        self.users = users
        return changed
