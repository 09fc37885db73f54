"""Door for machines: `python -m devices.speech words 120000`, `… money 120000`, `… words -- -5`."""

from __future__ import annotations

import io
import re
import sys
from typing import Final

from devices.speech.numbers import Dialect, NumberTooLarge, number_words
from devices.speech.phrases import money_words

USAGE: Final = (
    "Cách dùng: python -m devices.speech words|money [--linh] [--bốn] [--ngàn] [--tỉ] [--] SỐ\n"
    "Ví dụ: python -m devices.speech words 120000   hoặc   python -m devices.speech words -- -5"
)
# A whole number as people type it in Vietnam: plain digits, or dots between groups of three. Bounded, so that
# a huge argument is refused before it is converted.
_NUMBER: Final = re.compile(r"[-+]?(?:[0-9]{1,40}|[0-9]{1,3}(?:\.[0-9]{3}){1,13})", re.ASCII)


def main(arguments: list[str]) -> int:
    """Print the words of one number; return 0, or 2 with one Vietnamese sentence on standard error."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8")  # the words need it whatever the locale of the machine is
    try:
        print(_run(arguments))
    except (_Refused, NumberTooLarge) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


class _Refused(Exception):
    pass


def _run(arguments: list[str]) -> str:
    if arguments in (["-h"], ["--help"]):
        return USAGE
    if not arguments or arguments[0] not in ("words", "money"):
        raise _Refused(USAGE)
    command, *rest = arguments
    options = set()
    while rest and rest[0] in ("--linh", "--bốn", "--ngàn", "--tỉ"):
        options.add(rest.pop(0))
    if rest and rest[0] == "--":
        rest.pop(0)
    if len(rest) != 1:
        raise _Refused(f"Cần đúng một số, nhận được {len(rest)}.\n{USAGE}")
    if not _NUMBER.fullmatch(rest[0]):
        raise _Refused(f"“{rest[0][:60]}” không phải là số nguyên: hãy viết như 120000 hoặc 120.000.")
    dialect = Dialect(
        zero_tens="linh" if "--linh" in options else "lẻ",
        four="bốn" if "--bốn" in options else "tư",
        thousand="ngàn" if "--ngàn" in options else "nghìn",
        billion="tỉ" if "--tỉ" in options else "tỷ",
    )
    number = int(rest[0].replace(".", ""))
    return number_words(number, dialect) if command == "words" else money_words(number, dialect)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
