"""A second market in the same process, on a database of its own: its ``/graphql/`` stands for a Saleor's."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.db import DEFAULT_DB_ALIAS, connections
from django.test import Client as Browser
from django.test import override_settings

from backend.api.services import create_app
from backend.common.sqlite.base import DatabaseWrapper
from integrations.saleor.client import Client
from integrations.saleor.setup import PERMISSIONS


class Killed(BaseException):
    """As kill -9: nothing catches it that means to go on."""


class SecondMarket(Client):
    """The client of the adapter, asking the second market. ``changes`` counts the mutations that it has heard."""

    def __init__(self, database: Path) -> None:
        super().__init__("http://testserver/graphql/")
        settings = {**connections[DEFAULT_DB_ALIAS].settings_dict, "NAME": str(database)}
        self._database = DatabaseWrapper(settings, DEFAULT_DB_ALIAS)
        self.changes: list[str] = []
        self.dies: Callable[[str], bool] = lambda name: False
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


def copy_database(target: Path) -> None:
    """The test database as it stands, into a file."""
    own = connections[DEFAULT_DB_ALIAS]
    own.ensure_connection()
    with sqlite3.connect(target) as copy:
        own.connection.backup(copy)
