"""The check of translations: every text of the source is there, translated, certain, and compiled."""

from __future__ import annotations

from pathlib import Path

import polib
import pytest

from tools.messages import complaints

pytestmark = pytest.mark.pure


def po(*entries: polib.POEntry) -> polib.POFile:
    file = polib.POFile()
    file.extend(entries)
    return file


def compiled(file: polib.POFile, tmp_path: Path) -> polib.MOFile:
    path = tmp_path / "django.mo"
    file.save_as_mofile(str(path))
    return polib.mofile(str(path))


def entry(msgid: str, msgstr: str = "", **fields: object) -> polib.POEntry:
    return polib.POEntry(msgid=msgid, msgstr=msgstr, **fields)


def test_a_complete_translation_has_no_complaints(tmp_path: Path) -> None:
    many = entry("%(n)s gói", msgid_plural="%(n)s gói", msgstr_plural={0: "%(n)s pack", 1: "%(n)s packs"})
    same = entry("Mở", "Open", msgctxt="a door"), entry("Mở", "To open")
    file = po(entry("Chợ", "Market"), many, *same)
    assert complaints("en", file, file, compiled(file, tmp_path)) == []


@pytest.mark.parametrize(
    ("wanted", "kept", "says"),
    [
        ([entry("Chợ"), entry("Sạp")], [entry("Chợ", "Market")], "missing 'Sạp'"),
        ([], [entry("Chợ", "Market")], "no longer in the source: 'Chợ'"),
        ([entry("Chợ")], [entry("Chợ")], "not translated: 'Chợ'"),
        ([entry("Chợ")], [entry("Chợ", "Maybe", flags=["fuzzy"])], "fuzzy: 'Chợ'"),
        ([entry("%(n)s gói")], [entry("%(n)s gói", "%(m)s packs")], "other placeholders than '%(n)s gói'"),
        ([entry("Mở", msgctxt="door")], [entry("Mở", "Open")], "missing 'Mở'"),
    ],
)
def test_what_is_missing_is_said(
    wanted: list[polib.POEntry], kept: list[polib.POEntry], says: str, tmp_path: Path
) -> None:
    file = po(*kept)
    found = complaints("en", po(*wanted), file, compiled(file, tmp_path))
    assert says in found[0]


def test_a_stale_compiled_file_is_noticed(tmp_path: Path) -> None:
    old = compiled(po(entry("Chợ", "Bazaar")), tmp_path)
    new = po(entry("Chợ", "Market"))
    assert complaints("en", new, new, old) == [
        "storefront/locale/en/LC_MESSAGES/django.mo: not what the .po says (make messages)"
    ]
