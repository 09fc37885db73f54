"""Translations: `python -m tools.messages` collects and compiles, `… --check` says what is missing.

The source language is Vietnamese; each other language of the settings has a `django.po` (edited by people) and a
`django.mo` (compiled, kept in the repository so that nobody needs gettext to run the market). Texts are collected by
Django's makemessages over a copy of the source, because it writes work files beside what it reads.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

import polib

ROOT = Path(__file__).resolve().parents[1]
LOCALE = Path("storefront/locale")
FOLDERS = ("backend", "payments", "devices", "integrations", "storefront")
LANGUAGES = ("en",)


def collect() -> dict[str, polib.POFile]:
    """The messages as the source has them now, merged into the translations that there are."""
    with tempfile.TemporaryDirectory(prefix="choxa-messages-") as name:
        copy = Path(name)
        for folder in FOLDERS:
            shutil.copytree(ROOT / folder, copy / folder, ignore=_not_source)
        shutil.copy(ROOT / "manage.py", copy)
        for language in LANGUAGES:
            (copy / LOCALE / language / "LC_MESSAGES").mkdir(parents=True, exist_ok=True)
        done = subprocess.run(
            [
                *(sys.executable, "manage.py", "makemessages", "--verbosity", "0"),
                *("--add-location", "file", "--no-wrap", "--no-obsolete"),
                *(word for language in LANGUAGES for word in ("--locale", language)),
            ],
            cwd=copy,
            env={**os.environ, "DATA_DIR": str(copy / "data"), "SECRET_KEY": "collects-texts"},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise SystemExit(f"makemessages: {done.stderr.strip()}")
        found = {language: polib.pofile(str(copy / po_path(language))) for language in LANGUAGES}
    for language, po in found.items():
        # Without dates and names, which would change with every run and say nothing.
        po.header = ""
        po.metadata_is_fuzzy = False
        po.metadata = {
            "Project-Id-Version": "Chợ Xã",
            "Language": language,
            "MIME-Version": "1.0",
            "Content-Type": "text/plain; charset=UTF-8",
            "Content-Transfer-Encoding": "8bit",
            "Plural-Forms": po.metadata["Plural-Forms"],
        }
        for entry in po:
            if entry.fuzzy:  # a guess of msgmerge: worse than nothing, for it reads like a translation
                entry.flags.remove("fuzzy")
                entry.msgstr = ""
                entry.msgstr_plural = dict.fromkeys(entry.msgstr_plural, "")
                entry.previous_msgid = entry.previous_msgid_plural = entry.previous_msgctxt = None
    return found


def po_path(language: str) -> Path:
    """Where the translations of a language stand, from the top of the repository."""
    return LOCALE / language / "LC_MESSAGES" / "django.po"


def complaints(
    language: str, wanted: polib.POFile | None, kept: polib.POFile, compiled: polib.MOFile
) -> list[str]:
    """What is wrong with the translations of one language. `wanted` is None where texts cannot be collected."""
    found: list[str] = []
    path = po_path(language)
    if wanted is not None:
        missing = {_key(entry) for entry in wanted} - {_key(entry) for entry in kept if not entry.obsolete}
        spare = {_key(entry) for entry in kept if not entry.obsolete} - {_key(entry) for entry in wanted}
        found += [f"{path}: missing {text!r} (make messages)" for _context, text in sorted(missing, key=str)]
        found += [
            f"{path}: no longer in the source: {text!r} (make messages)"
            for _c, text in sorted(spare, key=str)
        ]
    for entry in kept:
        if entry.obsolete:
            continue
        if entry.translated():
            # A translation with another placeholder would fail at the moment of showing, and only in English.
            for said in entry.msgstr_plural.values() if entry.msgid_plural else [entry.msgstr]:
                if _placeholders(said) != _placeholders(entry.msgid):
                    found.append(f"{path}:{entry.linenum}: other placeholders than {entry.msgid!r}")
            continue
        found.append(
            f"{path}:{entry.linenum}: {'fuzzy' if entry.fuzzy else 'not translated'}: {entry.msgid!r}"
        )
    if _texts(entry for entry in kept if not entry.obsolete and entry.translated()) != _texts(compiled):
        found.append(f"{path.with_suffix('.mo')}: not what the .po says (make messages)")
    return found


def main(arguments: list[str]) -> int:
    """Exit status 1 when --check finds something wrong."""
    have_gettext = shutil.which("xgettext") is not None
    if arguments == ["--check"]:
        wanted = collect() if have_gettext else {}
        if not have_gettext:
            print("gettext is not installed: texts missing from the translations cannot be found")
            if os.environ.get("STRICT") == "1":
                return 1
        wrong: list[str] = []
        for language in LANGUAGES:
            path = ROOT / po_path(language)
            if not path.exists() or not path.with_suffix(".mo").exists():
                wrong.append(f"{po_path(language)}: there are no translations (make messages)")
                continue
            kept, compiled = polib.pofile(str(path)), polib.mofile(str(path.with_suffix(".mo")))
            wrong += complaints(language, wanted.get(language), kept, compiled)
        print("\n".join([*wrong, f"{len(wrong)} complaints"]))
        return 1 if wrong else 0
    if not have_gettext:
        raise SystemExit("Cần gettext: sudo apt install gettext / gettext is needed.")
    for language, po in collect().items():
        path = ROOT / po_path(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        po.save(str(path))
        po.save_as_mofile(str(path.with_suffix(".mo")))
        open_ = sum(not entry.translated() for entry in po)
        print(f"{po_path(language)}: {len(po)} texts, {open_} not yet translated")
    return 0


def _placeholders(text: str) -> set[str]:
    return set(re.findall(r"%\(\w+\)[a-z]|\{\w*\}|%[sd]", text))


Text = tuple[str | None, str]  # context and text, as gettext knows it


def _key(entry: polib.POEntry | polib.MOEntry) -> Text:
    return entry.msgctxt, entry.msgid


def _texts(
    entries: Iterable[polib.POEntry | polib.MOEntry],
) -> dict[Text, tuple[str, tuple[tuple[int, str], ...]]]:
    """What each text is translated to."""
    return {
        _key(entry): (entry.msgstr, tuple(sorted((int(n), text) for n, text in entry.msgstr_plural.items())))
        for entry in entries
    }


def _not_source(folder: str, names: list[str]) -> set[str]:
    """What need not be copied to find texts."""
    return {
        name
        for name in names
        if name in {"__pycache__", "migrations", "static", "pictures", "vendor"}
        or (Path(folder, name).is_file() and Path(name).suffix not in {".py", ".html", ".txt", ".po"})
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
