"""Empties the database after a test whose transactions were real, in a tenth of the time that Django's flush takes.

Flush empties every table and has what every market knows from its first day (14,000 places, the categories, the
rights) loaded anew. Here only tables that hold something are emptied, and what every market knows stays; unless a test
has changed it, for then Django's flush does its work.
"""

from __future__ import annotations

from typing import Any

from django.db import connection, transaction
from django.test import TransactionTestCase
from pytest_django import DjangoDbBlocker

State = dict[str, Any]


class Emptier:
    """Takes the place of what Django does after such a test. To be put in when the test database is made."""

    def __init__(self) -> None:
        self._flush = TransactionTestCase._fixture_teardown  # type: ignore[attr-defined]
        self._tables: list[str] = []
        self._known: State = {}

    def put_in(self, blocker: DjangoDbBlocker) -> None:
        with blocker.unblock():
            self._tables = sorted(connection.introspection.django_table_names(only_existing=True))
            self._known = self._read(self._filled())
        emptier = self

        def after_test(case: TransactionTestCase) -> None:
            emptier.empty(case)

        TransactionTestCase._fixture_teardown = after_test  # type: ignore[attr-defined]

    def take_out(self) -> None:
        TransactionTestCase._fixture_teardown = self._flush  # type: ignore[attr-defined]

    def empty(self, case: TransactionTestCase) -> None:
        """Brings every table to what a new market has in it."""
        with transaction.atomic(), connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                # Like flush's TRUNCATE: whoever still writes, a thread that the test forgot, is waited for.
                cursor.execute(
                    f"LOCK TABLE {', '.join(map(_quote, self._tables))} IN SHARE ROW EXCLUSIVE MODE"
                )
            filled = self._filled()
            unchanged = self._read([table for table in filled if table in self._known]) == self._known
            if unchanged:
                for table in filled:
                    if table not in self._known:
                        cursor.execute(f"DELETE FROM {_quote(table)}")  # noqa: S608 - our own names
        if not unchanged:
            self._flush(case)
            self._known = self._read(self._filled())

    def _filled(self) -> list[str]:
        with connection.cursor() as cursor:
            looks = ", ".join(f"EXISTS(SELECT 1 FROM {_quote(table)})" for table in self._tables)  # noqa: S608
            cursor.execute(f"SELECT {looks}")
            return [
                table for table, is_filled in zip(self._tables, cursor.fetchone(), strict=True) if is_filled
            ]

    @staticmethod
    def _read(tables: list[str]) -> State:
        """What tells whether a table has been changed: on PostgreSQL the last transaction that wrote a row of it and
        how many rows there are, on SQLite all of it.
        """
        found: State = {}
        with connection.cursor() as cursor:
            for table in tables:
                if connection.vendor == "postgresql":
                    cursor.execute(f"SELECT count(*), max(xmin::text::bigint) FROM {_quote(table)}")  # noqa: S608
                    found[table] = cursor.fetchone()
                else:
                    columns = connection.introspection.get_table_description(cursor, table)
                    values = " || char(31) || ".join(
                        f"coalesce({_quote(each.name)}, char(30))" for each in columns
                    )
                    cursor.execute(f"SELECT group_concat({values}, char(29)) FROM {_quote(table)}")  # noqa: S608
                    found[table] = hash(cursor.fetchone()[0])
        return found


def _quote(table: str) -> str:
    return connection.ops.quote_name(table)
