"""Empty databases for programs that a test starts itself."""

from __future__ import annotations

import contextlib
import secrets
import sqlite3
from pathlib import Path
from types import TracebackType
from urllib.parse import urlsplit, urlunsplit

import psycopg


class Maker:
    """Makes databases beside the one named by `url` and takes them away on leaving.

    For a PostgreSQL URL they are databases on its server, for anything else files in `folder`.
    """

    def __init__(self, url: str, folder: Path) -> None:
        self._url = urlsplit(url)
        self._folder = folder
        self._names: list[str] = []

    def make(self) -> str:
        """The DATABASE_URL of a new, empty database."""
        name = f"market_{secrets.token_hex(6)}"
        if not self._url.scheme.startswith("postgres"):
            return f"sqlite:///{self._folder / name}.sqlite3"
        self._execute(f'CREATE DATABASE "{name}"')
        self._names.append(name)
        return urlunsplit(self._url._replace(path=f"/{name}"))

    def copy(self, source: str) -> str:
        """The DATABASE_URL of a new database with the content of `source`, one made here that nobody uses."""
        name = f"market_{secrets.token_hex(6)}"
        if not self._url.scheme.startswith("postgres"):
            target = self._folder / f"{name}.sqlite3"
            with (
                contextlib.closing(sqlite3.connect(source.removeprefix("sqlite:///"))) as old,
                contextlib.closing(sqlite3.connect(target)) as new,
            ):
                old.backup(new)  # takes along what is still in the write-ahead log
            return f"sqlite:///{target}"
        template = urlsplit(source).path.removeprefix("/")
        self._execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        self._names.append(name)
        return urlunsplit(self._url._replace(path=f"/{name}"))

    def __enter__(self) -> Maker:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for name in self._names:
            self._execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def _execute(self, statement: str) -> None:
        with psycopg.connect(urlunsplit(self._url), autocommit=True) as connection:
            connection.execute(statement.encode())
