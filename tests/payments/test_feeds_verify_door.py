"""The command `python -m payments.feeds verify`, and the signature by published and home-made vectors."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from payments.feeds.provider import NoticeRefused
from payments.feeds.registry import PROVIDERS
from payments.feeds.sepay.signature import sign
from tests.payments.vectors import load

pytestmark = pytest.mark.pure

VECTOR = load("sepay_signature.json")
BODY = VECTOR["raw_body"].encode()


@pytest.fixture
def captured(tmp_path: Path) -> tuple[Path, Path]:
    """A notice as a proxy would have written it down: headers in their own spelling, body to the byte."""
    headers, body = tmp_path / "headers.json", tmp_path / "body"
    headers.write_text(
        json.dumps(
            {
                "X-SePay-Signature": VECTOR["signature"],
                "X-SEPAY-TIMESTAMP": VECTOR["timestamp"],
                "Host": "cho.example",
            }
        )
    )
    body.write_bytes(BODY)
    return headers, body


def run(
    captured: tuple[Path, Path], *more: str, secret: str = VECTOR["key"]
) -> subprocess.CompletedProcess[str]:
    headers, body = captured
    return subprocess.run(
        [
            sys.executable,
            "-m",
            "payments.feeds",
            "verify",
            "sepay",
            "--secret",
            secret,
            "--headers",
            str(headers),
            "--body",
            str(body),
            *more,
        ],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=20,
        check=False,
    )


def test_authentic_notice_is_printed_as_json(captured: tuple[Path, Path]) -> None:
    done = run(captured, "--at", str(VECTOR["timestamp"] + 300))
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == [
        {
            "provider": "sepay",
            "provider_id": "92704",
            "bank_name": "Vietcombank",
            "account": "1017588888",
            "sub_account": "",
            "direction": "in",
            "amount_vnd": 150_000,
            "currency": "VND",
            "occurred_at": "2024-07-02T11:08:33+07:00",
            "content": "DH1709 chuyen tien",
            "code": "DH1709",
            "reference": "FT24012345678",
        }
    ]


def test_notice_signed_now_needs_no_clock_of_its_own(captured: tuple[Path, Path]) -> None:
    headers, _ = captured
    stamp = int(time.time())
    headers.write_text(
        json.dumps({"x-sepay-signature": sign(VECTOR["key"], stamp, BODY), "x-sepay-timestamp": str(stamp)})
    )
    assert json.loads(run(captured).stdout)[0]["amount_vnd"] == 150_000


def test_old_notice_is_refused(captured: tuple[Path, Path]) -> None:
    done = run(captured)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("timestamp_stale: ")


def test_wrong_secret_is_refused(captured: tuple[Path, Path]) -> None:
    done = run(captured, "--at", str(VECTOR["timestamp"]), secret="another")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("signature_wrong: ")


def test_one_of_two_secrets_is_enough(captured: tuple[Path, Path]) -> None:
    assert run(captured, "--secret", "another", "--at", str(VECTOR["timestamp"])).returncode == 0


def test_authentic_nonsense_is_refused(captured: tuple[Path, Path]) -> None:
    headers, body = captured
    nonsense = BODY.replace(b"150000", b"-5")
    body.write_bytes(nonsense)
    stamp = VECTOR["timestamp"]
    headers.write_text(
        json.dumps({"x-sepay-signature": sign(VECTOR["key"], stamp, nonsense), "x-sepay-timestamp": stamp})
    )
    done = run(captured, "--at", str(stamp))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("amount_invalid: ")


@pytest.mark.parametrize("text", ["[]", "{", ""])
def test_unreadable_headers_are_said_to_be(captured: tuple[Path, Path], text: str) -> None:
    captured[0].write_text(text)
    done = run(captured)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("file_unreadable: ")


def test_missing_file_is_said_to_be(captured: tuple[Path, Path]) -> None:
    captured[1].unlink()
    assert run(captured).stderr.startswith("file_unreadable: ")


def test_door_starts_at_once_and_without_django(captured: tuple[Path, Path]) -> None:
    program = (
        "import sys; from payments.feeds.__main__ import main; code = main(sys.argv[1:]);"
        "loaded = {name.split('.')[0] for name in sys.modules};"
        "print(bool(loaded & {'django', 'backend', 'cryptography'})); sys.exit(code)"
    )
    best = 9.0
    for _ in range(5):
        begin = time.perf_counter()
        done = subprocess.run(
            [
                sys.executable,
                "-c",
                program,
                "verify",
                "sepay",
                "--secret",
                VECTOR["key"],
                "--headers",
                str(captured[0]),
                "--body",
                str(captured[1]),
                "--at",
                str(VECTOR["timestamp"]),
            ],
            capture_output=True,
            text=True,
            timeout=20,
            check=True,
        )
        best = min(best, time.perf_counter() - begin)
    assert done.stdout.splitlines()[-1] == "False"
    assert best < 0.3


def test_the_vector_verifies_and_no_part_of_it_may_change() -> None:
    verify = PROVIDERS["sepay"].verify
    stamp = VECTOR["timestamp"]
    headers = {"x-sepay-signature": VECTOR["signature"], "x-sepay-timestamp": str(stamp)}
    verify(headers, BODY, [VECTOR["key"]], stamp)
    verify(headers | {"x-sepay-signature": VECTOR["signature"].upper()}, BODY, [VECTOR["key"]], stamp)
    changed: list[tuple[dict[str, str], bytes, list[str]]] = [
        (headers, BODY + b" ", [VECTOR["key"]]),
        (headers | {"x-sepay-timestamp": str(stamp + 1)}, BODY, [VECTOR["key"]]),
        (headers | {"x-sepay-timestamp": f"0{stamp}"}, BODY, [VECTOR["key"]]),
        (headers | {"x-sepay-signature": VECTOR["signature"][:-1]}, BODY, [VECTOR["key"]]),
        (headers | {"x-sepay-signature": VECTOR["signature"].removeprefix("sha256=")}, BODY, [VECTOR["key"]]),
        (headers, BODY, []),
    ]
    for given, body, secrets in changed:
        with pytest.raises(NoticeRefused, match="signature_wrong"):
            verify(given, body, secrets, stamp)
