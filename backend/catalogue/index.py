"""The index of words, in the way of each database, behind the same functions.

Both index the same words, folded by ``backend.common.text.fold``; both find exactly the same rows. SQLite has
an FTS5 table over the cards, kept by triggers; PostgreSQL a GIN index over the cards' words as a tsvector.
The words are put into it as they are and not through PostgreSQL's parser, which takes "12e3" for a number and
would cut where FTS5 does not.

A migration that rebuilds the table of cards on SQLite drops the triggers with it and has to call ``create``
again.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import BooleanField
from django.db.models.expressions import RawSQL

_TABLE = """
    CREATE VIRTUAL TABLE IF NOT EXISTS catalogue_text USING fts5(
        words, content='catalogue_card', content_rowid='id',
        tokenize='unicode61 remove_diacritics 0', prefix='2 3', detail=none
    )
"""
_ADDED = """
    CREATE TRIGGER IF NOT EXISTS catalogue_card_added AFTER INSERT ON catalogue_card BEGIN
        INSERT INTO catalogue_text(rowid, words) VALUES (new.id, new.words);
    END
"""
_REMOVED = """
    CREATE TRIGGER IF NOT EXISTS catalogue_card_removed AFTER DELETE ON catalogue_card BEGIN
        INSERT INTO catalogue_text(catalogue_text, rowid, words) VALUES ('delete', old.id, old.words);
    END
"""
_CHANGED = """
    CREATE TRIGGER IF NOT EXISTS catalogue_card_changed AFTER UPDATE OF words ON catalogue_card
    WHEN old.words <> new.words BEGIN
        INSERT INTO catalogue_text(catalogue_text, rowid, words) VALUES ('delete', old.id, old.words);
        INSERT INTO catalogue_text(rowid, words) VALUES (new.id, new.words);
    END
"""
_VOCABULARY = (
    "CREATE VIRTUAL TABLE IF NOT EXISTS catalogue_vocabulary USING fts5vocab('catalogue_text', 'row')"
)
_FILL = "INSERT INTO catalogue_text(catalogue_text) VALUES ('rebuild')"
_SQLITE = (_TABLE, _VOCABULARY, _ADDED, _REMOVED, _CHANGED, _FILL)
_SQLITE_DROP = (
    "DROP TRIGGER IF EXISTS catalogue_card_added",
    "DROP TRIGGER IF EXISTS catalogue_card_removed",
    "DROP TRIGGER IF EXISTS catalogue_card_changed",
    "DROP TABLE IF EXISTS catalogue_vocabulary",
    "DROP TABLE IF EXISTS catalogue_text",
)
_LEXEMES = "array_to_tsvector(string_to_array(words, ' '))"
_POSTGRESQL = (f"CREATE INDEX IF NOT EXISTS catalogue_text ON catalogue_card USING gin ({_LEXEMES})",)
_POSTGRESQL_DROP = ("DROP INDEX IF EXISTS catalogue_text",)


def create(schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Make the index over the cards that are there. Safe to repeat."""
    for statement in _SQLITE if schema_editor.connection.vendor == "sqlite" else _POSTGRESQL:
        schema_editor.execute(statement)


def drop(schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Take the index away."""
    for statement in _SQLITE_DROP if schema_editor.connection.vendor == "sqlite" else _POSTGRESQL_DROP:
        schema_editor.execute(statement)


def matching(groups: Sequence[Sequence[str]], *, open_end: bool = False, open_all: bool = False) -> RawSQL:
    """A condition on cards: of every group of words at least one is there; the last word, or each, may be only begun.

    Words consist of a-z and 0-9 (``fold``); anything else raises ValueError, since it would be read as
    syntax.
    """
    if not groups or not all(word.isascii() and word.isalnum() for group in groups for word in group):
        raise ValueError("words to search for must be folded")
    sqlite = connection.vendor == "sqlite"
    parts = []
    for place, group in enumerate(groups):
        begun = open_all or (open_end and place == len(groups) - 1)
        end = ("*" if sqlite else ":*") if begun else ""
        words = [f'"{word}"{end}' if sqlite else f"'{word}'{end}" for word in group]
        parts.append("(" + (" OR " if sqlite else " | ").join(words) + ")")
    query = (" AND " if sqlite else " & ").join(parts)
    if sqlite:
        statement = "catalogue_card.id IN (SELECT rowid FROM catalogue_text WHERE catalogue_text MATCH %s)"
    else:
        statement = "array_to_tsvector(string_to_array(catalogue_card.words, ' ')) @@ %s::tsquery"
    # The statement is ours; what was typed is only ever a parameter.
    return RawSQL(statement, [query], output_field=BooleanField())  # noqa: S611


def vocabulary() -> dict[str, int]:
    """Every indexed word with the number of cards that have it. For repairing what was mistyped."""
    statement = (
        "SELECT term, doc FROM catalogue_vocabulary"
        if connection.vendor == "sqlite"
        else f"SELECT word, ndoc FROM ts_stat($$SELECT {_LEXEMES} FROM catalogue_card$$)"  # noqa: S608
    )
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return dict(cursor.fetchall())
