"""The command line of payments.vietqr, as a program of its own."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from typing import Any

import pytest

from tests.payments.vectors import load

pytestmark = pytest.mark.pure


def run(*arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "payments.vietqr", *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=20,
        check=False,
    )


def test_encode_prints_the_payload_of_the_vector() -> None:
    done = run(
        "encode",
        "--bin",
        "970403",
        "--account",
        "0011012345678",
        "--amount",
        "180000",
        "--purpose",
        "thanh toán đơn hàng",
    )
    expected = next(row["payload"] for row in load("vietqr.json") if row["crc_in_source"] == "5FAB")
    assert (done.returncode, done.stdout, done.stderr) == (0, expected + "\n", "")


def test_encode_to_a_card() -> None:
    done = run("encode", "--bin", "970403", "--account", "9704031101234567", "--card")
    assert done.stdout.endswith("0208QRIBFTTC53037045802VN63044F52\n")


def test_encode_without_purpose_or_amount_is_static() -> None:
    assert run("encode", "--bin", "970416", "--account", "257678859").stdout.endswith("6304AE9F\n")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--bin", "97043", "--account", "1"], "bin_invalid"),
        (["--bin", "970436", "--account", "1 2"], "account_invalid"),
        (["--bin", "970436", "--account", "1", "--amount", "50.000"], "amount_invalid"),
        (
            ["--bin", "970436", "--account", "1", "--amount", "9" * 5000],
            "amount_invalid",
        ),
        (
            ["--bin", "970436", "--account", "1", "--amount", "500000000"],
            "amount_above_ceiling",
        ),
    ],
)
def test_encode_refuses_with_2_and_says_why(arguments: list[str], code: str) -> None:
    done = run("encode", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"{code}: ")


def test_unknown_bin_is_encoded_with_a_word_on_stderr() -> None:
    done = run("encode", "--bin", "123456", "--account", "1")
    assert done.returncode == 0
    assert done.stdout.startswith("000201")
    assert "123456" in done.stderr


def test_decode_prints_json() -> None:
    row = next(
        row for row in load("vietqr.json") if row["crc_in_source"] == "A203" and row["use_as"] == "positive"
    )
    done = run("decode", row["payload"])
    answer = json.loads(done.stdout)
    wanted: dict[str, Any] = {
        "bin": "970403",
        "account": "9704031101234567",
        "service": "QRIBFTTC",
        "amount_vnd": 180000,
        "purpose": "thanh toan don hang",
        "initiation": "12",
        "warnings": [],
        "bank": "Sacombank",
        "bill_number": "NPS6869",
    }
    assert done.returncode == 0
    assert {name: answer[name] for name in wanted} == wanted


def test_decode_reads_standard_input() -> None:
    payload = load("vietqr.json")[0]["payload"]
    assert json.loads(run("decode", "-", stdin=payload + "\n").stdout)["account"] == "9704031101234567"


def test_decode_refuses_every_negative_vector_with_2_and_says_why() -> None:
    for row in load("vietqr.json"):
        if row["use_as"] == "negative":
            done = run("decode", row["payload"])
            assert (done.returncode, done.stdout) == (2, "")
            assert done.stderr.startswith(f"{row['reason']}: ")


def test_door_starts_at_once_and_without_django() -> None:
    program = (
        "import sys; from payments.vietqr.__main__ import main; code = main(sys.argv[1:]);"
        "loaded = {name.split('.')[0] for name in sys.modules};"
        "print(bool(loaded & {'django', 'PIL', 'qrcode', 'backend'})); sys.exit(code)"
    )
    best = 9.0
    for _ in range(5):
        begin = time.perf_counter()
        done = subprocess.run(
            [
                sys.executable,
                "-c",
                program,
                "encode",
                "--bin",
                "970436",
                "--account",
                "1",
            ],
            capture_output=True,
            text=True,
            timeout=20,
            check=True,
        )
        best = min(best, time.perf_counter() - begin)
    assert done.stdout.splitlines()[-1] == "False"
    assert best < 0.3
