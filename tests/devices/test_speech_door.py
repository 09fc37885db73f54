from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.pure

ROOT = Path(__file__).parents[2]


def door(*arguments: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "devices.speech", *arguments],
        cwd=ROOT,
        capture_output=True,
        check=False,
        timeout=30,
        env={"PATH": "/usr/bin:/bin", **environment},
    )


@pytest.mark.parametrize(
    ("arguments", "printed"),
    [
        (["words", "120000"], "một trăm hai mươi nghìn"),
        (["words", "120.000"], "một trăm hai mươi nghìn"),
        (["words", "--", "-5"], "âm năm"),
        (["words", "-5"], "âm năm"),
        (["words", "0"], "không"),
        (["money", "120000"], "một trăm hai mươi nghìn đồng"),
        (["money", "--linh", "--ngàn", "--", "1004"], "một ngàn không trăm linh bốn đồng"),
        (["words", "--bốn", "--tỉ", "24000000000"], "hai mươi bốn tỉ"),
    ],
)
def test_the_door_prints_words(arguments: list[str], printed: str) -> None:
    result = door(*arguments)
    assert (result.returncode, result.stdout.decode(), result.stderr) == (0, printed + "\n", b"")


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["words", "abc"], "“abc” không phải là số nguyên: hãy viết như 120000 hoặc 120.000."),
        (["words", "1_000"], "“1_000” không phải là số nguyên: hãy viết như 120000 hoặc 120.000."),
        (["words", "12.00"], "“12.00” không phải là số nguyên: hãy viết như 120000 hoặc 120.000."),
        (["words", "1,5"], "“1,5” không phải là số nguyên: hãy viết như 120000 hoặc 120.000."),
        (["words", "٣"], "“٣” không phải là số nguyên: hãy viết như 120000 hoặc 120.000."),
        (
            ["words", "1" + "0" * 18],
            "Số quá lớn: chỉ đọc được số nhỏ hơn 1.000.000.000.000.000.000 (một tỷ tỷ).",
        ),
        (["words"], "Cần đúng một số, nhận được 0."),
        (["money", "1", "2"], "Cần đúng một số, nhận được 2."),
        ([], "Cách dùng: python -m devices.speech words|money [--linh] [--bốn] [--ngàn] [--tỉ] [--] SỐ"),
        (
            ["sing", "1"],
            "Cách dùng: python -m devices.speech words|money [--linh] [--bốn] [--ngàn] [--tỉ] [--] SỐ",
        ),
    ],
)
def test_bad_input_exits_2_with_a_vietnamese_sentence(arguments: list[str], reason: str) -> None:
    result = door(*arguments)
    assert (result.returncode, result.stdout) == (2, b"")
    assert result.stderr.decode().splitlines()[0] == reason


def test_the_words_come_out_whatever_the_locale_is() -> None:
    result = door("words", "4", LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0", PYTHONIOENCODING="ascii")
    assert result.stdout.decode("utf-8") == "bốn\n"


def test_the_door_opens_in_under_300_ms() -> None:
    durations = []
    for _ in range(5):
        started = time.perf_counter()
        door("words", "120000")
        durations.append(time.perf_counter() - started)
    assert min(durations) < 0.3


def test_the_door_needs_no_django() -> None:
    code = """
import sys, devices.speech.__main__
print(sorted(name for name in sys.modules if name.startswith(("django", "backend"))))
"""
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, timeout=30, check=True
    )
    assert result.stdout == b"[]\n"
