"""The demo bank's own books: every transfer, and how far its report to the market has come."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_SCHEMA = """
CREATE TABLE transfers (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    once TEXT NOT NULL UNIQUE,
    made_at REAL NOT NULL,
    how TEXT NOT NULL,
    bin TEXT NOT NULL,
    account TEXT NOT NULL,
    account_name TEXT NOT NULL,
    amount_vnd INTEGER NOT NULL CHECK (amount_vnd > 0),
    content TEXT NOT NULL,
    reported INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    next_at REAL,
    done_at REAL,
    status INTEGER,
    answer TEXT NOT NULL DEFAULT ''
)
"""


@dataclass(frozen=True, slots=True)
class Transfer:
    """One transfer. `reported`: the account is one on which SePay reports. `next_at`: when the next attempt
    to report is due, None when there is none; `done_at`: when the market said that it has it; `status` and
    `answer`: its last word, status 0 when there was no answer at all."""

    id: int
    once: str
    made_at: float
    how: str
    bin: str
    account: str
    account_name: str
    amount_vnd: int
    content: str
    reported: bool
    attempts: int
    next_at: float | None
    done_at: float | None
    status: int | None
    answer: str


def _transfer(row: tuple[object, ...]) -> Transfer:
    values = list(row)
    values[9] = bool(values[9])
    return Transfer(*values)  # type: ignore[arg-type]


class Ledger:
    """The books in one SQLite file, shared by the server and `pay` on the command line."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        with self._open() as db:
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("BEGIN IMMEDIATE")
            if not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'transfers'").fetchone():
                db.execute(_SCHEMA)
                # A bank's ids never start anew, though its file may be thrown away while the market keeps its
                # database.
                db.execute(
                    "INSERT INTO sqlite_sequence (name, seq) VALUES ('transfers', ?)", (int(time.time()),)
                )
            db.execute("COMMIT")

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        db = sqlite3.connect(self._path, timeout=20, isolation_level=None)
        try:
            yield db
        finally:
            db.close()

    def write(
        self,
        *,
        once: str,
        made_at: float,
        how: str,
        bin: str,  # noqa: A002 - the field's own word
        account: str,
        account_name: str,
        amount_vnd: int,
        content: str,
        reported: bool,
        next_at: float | None,
    ) -> Transfer:
        """Enter a transfer; the same `once` (one press of one button) again gives the one that was entered
        then.
        """
        with self._open() as db:
            db.execute(
                "INSERT OR IGNORE INTO transfers"
                " (once, made_at, how, bin, account, account_name, amount_vnd, content, reported, next_at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (once, made_at, how, bin, account, account_name, amount_vnd, content, int(reported), next_at),
            )
            return _transfer(db.execute("SELECT * FROM transfers WHERE once = ?", (once,)).fetchone())

    def find(self, number: int) -> Transfer | None:
        """The transfer with this id."""
        with self._open() as db:
            row = db.execute("SELECT * FROM transfers WHERE id = ?", (number,)).fetchone()
        return _transfer(row) if row else None

    def newest(self, limit: int = 50) -> list[Transfer]:
        """The last transfers, newest first."""
        with self._open() as db:
            rows = db.execute("SELECT * FROM transfers ORDER BY id DESC LIMIT ?", (limit,)).fetchall()
        return [_transfer(row) for row in rows]

    def due(self, now: float, limit: int = 20) -> list[Transfer]:
        """Transfers whose next report is due, oldest first."""
        with self._open() as db:
            rows = db.execute(
                "SELECT * FROM transfers WHERE done_at IS NULL AND next_at <= ? ORDER BY id LIMIT ?",
                (now, limit),
            ).fetchall()
        return [_transfer(row) for row in rows]

    def balance(self, bin: str, account: str, up_to: int) -> int:  # noqa: A002
        """What this account has received up to and with transfer `up_to`."""
        with self._open() as db:
            row = db.execute(
                "SELECT COALESCE(SUM(amount_vnd), 0) FROM transfers"
                " WHERE bin = ? AND account = ? AND id <= ?",
                (bin, account, up_to),
            ).fetchone()
        return int(row[0])

    def claim(self, number: int, *, now: float, until: float) -> bool:
        """Take a due report for oneself until `until`; False when somebody else has it or it is done."""
        with self._open() as db:
            done = db.execute(
                "UPDATE transfers SET next_at = ? WHERE id = ? AND done_at IS NULL AND next_at <= ?",
                (until, number, now),
            )
            return done.rowcount == 1

    def note_answer(
        self, number: int, *, status: int, answer: str, done_at: float | None, next_at: float | None
    ) -> None:
        """What the market said to one attempt, and when to try again."""
        with self._open() as db:
            db.execute(
                "UPDATE transfers SET attempts = attempts + 1, status = ?, answer = ?,"
                " done_at = COALESCE(done_at, ?), next_at = ? WHERE id = ?",
                (status, answer[:500], done_at, next_at, number),
            )

    def report_again(self, number: int, *, now: float) -> None:
        """A person asks for one more round of attempts."""
        with self._open() as db:
            db.execute(
                "UPDATE transfers SET attempts = 0, done_at = NULL, next_at = ?"
                " WHERE id = ? AND reported = 1",
                (now, number),
            )
