"""Tests run on the database that they were given, and programs that they start get one of the same kind."""

from __future__ import annotations

import os
from collections.abc import Callable
from urllib.parse import urlsplit

import psycopg
import pytest
from django.db import connection

from tests import conftest


@pytest.mark.django_db
def test_this_process_works_on_the_database_it_was_given() -> None:
    assert connection.vendor == conftest.database_name()


def test_started_programs_get_an_empty_database_of_the_same_kind(new_database: Callable[[], str]) -> None:
    first, second = new_database(), new_database()
    assert first != second
    url = urlsplit(first)
    if conftest.database_name() == "sqlite":
        assert url.scheme == "sqlite"
        assert not os.path.exists(url.path)
    else:
        with psycopg.connect(first) as database:
            row = database.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
        assert row == (0,)
