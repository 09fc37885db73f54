"""A second market in the same process, on a database of its own: its ``/graphql/`` stands for a Saleor's."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.utils import ConnectionHandler
from django.test import Client as Browser
from django.test import override_settings

from backend.api.services import create_app
from backend.common.sqlite.base import DatabaseWrapper
from integrations.saleor.client import Client
from integrations.saleor.setup import PERMISSIONS
from tests.services.market import ROOT


class Killed(BaseException):
    """As kill -9: nothing catches it that means to go on."""


class SecondMarket(Client):
    """The client of the adapter, asking the second market. ``changes`` counts the mutations that it has heard."""

    def __init__(self, database: Path) -> None:
        super().__init__("http://testserver/graphql/")
        self.changes: list[str] = []
        self.dies: Callable[[str], bool] = lambda name: False
        self.open(database)

    def open(self, database: Path) -> None:
        """Stand on this database from now on: a Saleor that was emptied, or restored."""
        options = {"transaction_mode": "IMMEDIATE", "init_command": "PRAGMA foreign_keys=ON;"}
        known = {"ENGINE": "backend.common.sqlite", "NAME": str(database), "OPTIONS": options}
        settings = ConnectionHandler({DEFAULT_DB_ALIAS: known}).settings[DEFAULT_DB_ALIAS]
        self._database = DatabaseWrapper(settings, DEFAULT_DB_ALIAS)
        with self.inside():
            _app, self._token = create_app(actor="system:test", name="adapter", permissions=PERMISSIONS)

    @contextmanager
    def inside(self) -> Iterator[None]:
        """In this block the second market's database is everybody's, and its engine the embedded one."""
        own = connections[DEFAULT_DB_ALIAS]
        connections[DEFAULT_DB_ALIAS] = self._database
        try:
            with override_settings(SHOP_ENGINE="embedded"):
                yield
        finally:
            connections[DEFAULT_DB_ALIAS] = own

    def close(self) -> None:
        self._database.close()

    def fetch(self, url: str, *, most: int) -> bytes | None:
        answer = Browser().get(urlsplit(url).path)
        content = answer.getvalue()
        return content if answer.status_code == 200 and len(content) <= most else None

    def _answer(self, body: bytes, content_type: str, *, name: str, tries: int) -> dict[str, Any]:
        with self.inside():
            answer = Browser().post(
                "/graphql/",
                body,
                content_type=content_type,
                headers={"Authorization": f"Bearer {self._token}"},
            )
        data = self._data(answer.status_code, answer.content, name=name)
        if b"mutation" in body:
            self.changes.append(name)
            if self.dies(name):
                # The other shop has done it; nobody here will ever hear of it.
                raise Killed
        return data


def make_empty(target: Path) -> None:
    """A market's database on its first day, in a file: a copy of the test's where that is SQLite too, else made anew."""
    own = connections[DEFAULT_DB_ALIAS]
    if own.vendor == "sqlite":
        own.ensure_connection()
        with sqlite3.connect(target) as copy:
            own.connection.backup(copy)
        return
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity", "0"],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": f"sqlite:///{target}"},
        check=True,
    )
