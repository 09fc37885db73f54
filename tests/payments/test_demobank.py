"""The demo bank: what it pays, prints, writes down and reports; against the real market at the end of a real wire."""

from __future__ import annotations

import http.client
import os
import re
import socket
import subprocess
import sys
import threading
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest
from pytest_django.live_server_helper import LiveServer

from backend.common import clock
from payments.demobank import bank as rules
from payments.demobank.bank import RETRY_MINUTES, Order, Refused, amounts, difference, read_code
from payments.demobank.bank import Bank as DemoBank
from payments.demobank.ledger import Ledger
from payments.demobank.market import is_success, sign
from payments.demobank.server import parse_amount
from payments.demobank.texts import print_transfer
from payments.feeds.models import BankTransaction
from payments.feeds.registry import PROVIDERS
from payments.intents.queries import get_intent
from payments.matching.ledger import find_discrepancies
from payments.payees.services import set_payee
from payments.references import find_references, new_reference
from payments.vietqr import encode
from tests.payments.bank import SECRET
from tests.payments.counter import Counter, write_market
from tests.services.ports import free_port

CODE = encode(bin="970436", account="0011012345678", amount_vnd=50_000, purpose="CX7KQ4M2PA")


def order(how: str, amount_vnd: int | None = None, payload: str = CODE) -> Order:
    return Order(read_code(payload), how, amount_vnd)


# --- rules, without a market ---


@pytest.mark.pure
def test_every_printed_text_still_carries_the_code() -> None:
    seen_by_sepay = set()
    for number in range(1, 201):
        code = new_reference()
        printed = print_transfer(number, code)
        assert find_references(printed.text) == (code,)
        assert printed == print_transfer(number, code)
        seen_by_sepay.add(printed.code == code)
        assert printed.code in (code, None)
    assert seen_by_sepay == {True, False}
    assert len({re.sub(r"\d+", "9", print_transfer(number, "X").text) for number in range(20)}) == 10


@pytest.mark.pure
@pytest.mark.parametrize(
    ("how", "amount", "expected"),
    [
        ("exact", None, [50_000]),
        ("late", None, [50_000]),
        ("short", None, [45_000]),
        ("over", None, [55_000]),
        ("twice", None, [50_000, 50_000]),
        ("other", 7, [7]),
    ],
)
def test_ways_to_pay(how: str, amount: int | None, expected: list[int]) -> None:
    assert amounts(order(how, amount)) == expected


@pytest.mark.pure
@pytest.mark.parametrize("asked", [2, 10, 999, 1_000, 1_500, 50_000, 123_456, 499_999_998])
def test_difference_leaves_something_to_pay(asked: int) -> None:
    assert 0 < difference(asked) < asked


@pytest.mark.pure
@pytest.mark.parametrize(
    ("how", "amount", "payload"),
    [
        ("other", 0, CODE),
        ("other", None, CODE),
        ("other", 500_000_000, CODE),
        ("nonsense", None, CODE),
        ("exact", None, encode(bin="970436", account="1")),
        ("over", None, encode(bin="970436", account="1", amount_vnd=499_999_999)),
        ("short", None, encode(bin="970436", account="1", amount_vnd=1)),
    ],
)
def test_bank_refuses(how: str, amount: int | None, payload: str) -> None:
    with pytest.raises(Refused):
        amounts(order(how, amount, payload))


@pytest.mark.pure
def test_bank_reads_codes_as_a_bank_app_and_refuses_what_is_no_transfer() -> None:
    assert read_code(f" {CODE}\n").amount_vnd == 50_000
    for payload in (
        "",
        "hello",
        CODE[:-1] + "0",
        "00020101021126280010A0000007750110010215477853037045802VN6304D1A2",
    ):
        with pytest.raises(Refused):
            read_code(payload)


@pytest.mark.pure
@pytest.mark.parametrize(
    ("typed", "amount"), [("50000", 50_000), (" 50.000 ₫", 50_000), ("50 000đ", 50_000), ("7", 7)]
)
def test_typed_amounts(typed: str, amount: int) -> None:
    assert parse_amount(typed) == amount


@pytest.mark.pure
@pytest.mark.parametrize("typed", ["", "-5", "5,5k", "năm", "٥", "9" * 13])
def test_what_is_no_amount(typed: str) -> None:
    with pytest.raises(Refused):
        parse_amount(typed)


@pytest.mark.pure
def test_banks_signature_is_the_one_that_the_market_verifies() -> None:
    """Two makings of one rule that share no code."""
    body = "chuyển".encode()
    headers = {"x-sepay-timestamp": "1700000000", "x-sepay-signature": sign(SECRET, 1_700_000_000, body)}
    PROVIDERS["sepay"].verify(headers, body, [SECRET], 1_700_000_000)


@pytest.mark.pure
@pytest.mark.parametrize(
    ("status", "answer", "success"),
    [
        (200, '{"success": true}', True),
        (201, '{"success":true}', True),
        (202, '{"success": true}', False),
        (200, '{"success": false}', False),
        (200, "ok", False),
        (503, '{"success": true}', False),
        (0, "", False),
    ],
)
def test_what_counts_as_success(status: int, answer: str, success: bool) -> None:
    assert is_success(status, answer) is success


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The bank's folder, with a market that is nowhere."""
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    write_market(tmp_path, "http://127.0.0.1:9", "/hooks/sepay/x/")
    return tmp_path


@pytest.mark.pure
def test_unheard_transfer_is_reported_eight_times_with_sepays_pauses(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [1_800_000_000.0]
    attempts: list[tuple[float, bytes]] = []

    def refuse(_market: object, body: bytes, _stamp: int) -> tuple[int, str]:
        attempts.append((now[0], body))
        return 503, '{"success": false}'

    monkeypatch.setattr(rules, "send_notice", refuse)
    write_market(folder, "http://127.0.0.1:9", "/hooks/sepay/x/", retry_unit_s=60)
    bank = DemoBank(Ledger(folder / "bank.sqlite3"), now=lambda: now[0])
    bank.transfer(order("exact"), once="press-0001")
    for _ in range(4_000):
        now[0] += 1
        bank.report_what_is_due()
    begin = attempts[0][0]
    minutes = [0]
    for pause in RETRY_MINUTES:
        minutes.append(minutes[-1] + pause)
    assert [(at - begin) / 60 for at, _ in attempts] == minutes
    assert len({body for _, body in attempts}) == 1
    (transfer,) = bank.ledger.newest()
    assert (transfer.attempts, transfer.next_at, transfer.done_at, transfer.status) == (8, None, None, 503)


@pytest.mark.pure
def test_one_press_is_one_transfer_and_ids_never_start_anew(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "send_notice", lambda *_: (201, '{"success": true}'))
    bank = DemoBank(Ledger(folder / "bank.sqlite3"))
    first = bank.transfer(order("twice"), once="press-0001")
    again = bank.transfer(order("twice"), once="press-0001")
    other = bank.transfer(order("exact"), once="press-0002")
    assert [each.id for each in first] == [each.id for each in again]
    assert len({each.id for each in (*first, *other)}) == 3
    assert min(each.id for each in first) > 1_700_000_000
    assert [each.attempts for each in again] == [1, 1]


@pytest.mark.pure
def test_two_reporters_at_once_send_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[bytes] = []
    meet = threading.Barrier(2)

    def slow(_market: object, body: bytes, _stamp: int) -> tuple[int, str]:
        sent.append(body)
        return 201, '{"success": true}'

    monkeypatch.setattr(rules, "send_notice", slow)
    ledger = Ledger(folder / "bank.sqlite3")
    entry = ledger.write(
        once="press-0001",
        made_at=0,
        how="exact",
        bin="970436",
        account="1",
        account_name="",
        amount_vnd=5,
        content="x",
        reported=True,
        next_at=0,
    )

    def report() -> None:
        meet.wait(10)
        DemoBank(ledger).report(entry)

    threads = [threading.Thread(target=report) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(sent) == 1


# --- against the market, over HTTP ---


@pytest.mark.parametrize(
    ("words", "received", "labels"),
    [
        ("Trả đúng", 50_000, {"paid"}),
        ("Thiếu", 45_000, {"short", "waiting"}),
        ("Thừa", 55_000, {"paid", "over"}),
        ("Hai lần", 100_000, {"paid", "over"}),
    ],
)
def test_a_button_pays_and_the_market_knows_at_once(
    counter: Counter, words: str, received: int, labels: set[str]
) -> None:
    intent = counter.market.intent(50_000)
    status, page = counter.press("/tra", counter.form_for(intent, words))
    assert status == 200
    assert "Chợ đã ghi nhận." in page
    assert "201: {&quot;success&quot;: true}" in page
    paid = get_intent(intent.id)
    assert paid.received_vnd == received
    assert paid.labels(clock.now()) == labels
    assert find_discrepancies() == []


def test_another_amount_is_paid_as_typed(counter: Counter) -> None:
    intent = counter.market.intent(50_000)
    form = counter.form_for(intent, "Trả số này") | {"amount": "12.345"}
    assert counter.press("/tra", form)[0] == 200
    assert get_intent(intent.id).received_vnd == 12_345


def test_a_code_that_has_expired_is_paid_late(counter: Counter) -> None:
    intent = counter.market.intent(50_000, expires_at=clock.now() - timedelta(minutes=1))
    assert counter.press("/tra", counter.form_for(intent, "Trả muộn"))[0] == 200
    assert get_intent(intent.id).labels(clock.now()) == {"paid", "late"}


def test_the_same_press_sent_twice_is_one_transfer(counter: Counter) -> None:
    intent = counter.market.intent(50_000)
    form = counter.form_for(intent, "Trả đúng")
    counter.press("/tra", form)
    assert counter.press("/tra", form)[0] == 200
    assert BankTransaction.objects.count() == 1
    assert get_intent(intent.id).received_vnd == 50_000


def test_account_without_a_feed_is_paid_and_not_reported(counter: Counter) -> None:
    unheard = set_payee(owner="seller:9", bin="970405", account="5", account_name="BA", actor="user:1")
    intent = counter.market.intent(50_000, payee=unheard)
    _, page = counter.press("/tra", counter.form_for(intent, "Trả đúng"))
    assert "người bán tự xác nhận" in page
    assert BankTransaction.objects.count() == 0
    assert counter.demo.ledger.newest()[0].amount_vnd == 50_000


def test_pasted_code_is_read_by_the_bank_itself_with_the_name_that_it_looks_up(counter: Counter) -> None:
    intent = counter.market.intent(50_000)
    status, page = counter.get("/quet?" + urlencode({"payload": intent.qr_payload}))
    assert status == 200
    for text in ("50.000\u00a0₫", "NGUYEN THI SEN", "Vietcombank", intent.account, intent.reference):
        assert text in page
    stranger = encode(bin="970422", account="123", purpose="<b>x</b>")
    status, page = counter.get("/quet?" + urlencode({"payload": stranger}))
    assert (status, "Không tra được tên" in page, "<b>x" in page) == (200, True, False)
    assert "Số tiền khác" in page


def test_pasted_nonsense_is_refused_with_its_reason(counter: Counter) -> None:
    status, page = counter.get("/quet?" + urlencode({"payload": CODE[:-4] + "0000"}))
    assert status == 400
    assert "sai phần kiểm tra CRC" in page
    assert 'aria-describedby="problem"' in page


def test_market_that_is_away_gets_the_report_when_it_is_back(
    counter: Counter, live_server: LiveServer
) -> None:
    intent = counter.market.intent(50_000)
    form = counter.form_for(intent, "Trả đúng")
    write_market(counter.folder, "http://127.0.0.1:9", counter.market.connection.path, retry_unit_s=0)
    _, page = counter.press("/tra", form)
    assert "Chợ chưa nhận được; ngân hàng báo lại (đã báo 1 lần)." in page
    assert get_intent(intent.id).received_vnd == 0
    write_market(counter.folder, live_server.url, counter.market.connection.path)
    assert counter.demo.report_what_is_due() == 1
    assert counter.demo.report_what_is_due() == 0
    assert get_intent(intent.id).received_vnd == 50_000


def test_a_person_can_have_it_reported_again_and_nothing_counts_twice(counter: Counter) -> None:
    intent = counter.market.intent(50_000)
    counter.press("/tra", counter.form_for(intent, "Trả đúng"))
    number = counter.demo.ledger.newest()[0].id
    _, page = counter.press(f"/giao-dich/{number}/bao-lai", {})
    assert "Chợ đã biết giao dịch này từ trước." in page
    assert get_intent(intent.id).received_vnd == 50_000


def test_ledger_lists_what_was_transferred(counter: Counter) -> None:
    assert "Chưa chuyển khoản nào" in counter.get("/giao-dich")[1]
    intent = counter.market.intent(50_000)
    counter.press("/tra", counter.form_for(intent, "Thiếu"))
    _, page = counter.get("/giao-dich")
    assert "45.000\u00a0₫" in page
    assert "Trả thiếu" in page


def test_what_is_no_button_of_ours_does_nothing(counter: Counter) -> None:
    intent = counter.market.intent(50_000)
    form = counter.form_for(intent, "Trả đúng")
    assert counter.press("/tra", form, Origin="https://elsewhere.example")[0] == 403
    assert counter.press("/tra", form | {"once": ""})[0] == 400
    assert counter.press("/tra", form | {"payload": "x"})[0] == 400
    assert counter.press("/tra", form | {"how": "other", "amount": "một"})[0] == 400
    assert counter.press("/tra", {"payload": "x" * 20_000})[0] == 413
    assert counter.press("/elsewhere", form)[0] == 404
    assert counter.get("/giao-dich/1")[0] == counter.get("/giao-dich/x")[0] == 404
    assert counter.demo.ledger.newest() == []
    assert get_intent(intent.id).received_vnd == 0


def test_pages_need_no_script_and_speak_vietnamese(counter: Counter) -> None:
    counter.market.intent(50_000)
    for path in ("/", "/quet", "/giao-dich", "/giao-dich/1"):
        _, page = counter.get(path)
        assert page.startswith('<!doctype html><html lang="vi">')
        assert page.count("<h1>") == page.count("<main>") == 1
        assert "<script" not in page
        for ident in re.findall(r'<(?:input|textarea) id="([^"]+)"', page):
            assert f'<label for="{ident}">' in page


# --- as programs ---


def run(folder: Path, *arguments: str, demo: str = "1", **more: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "DATA_DIR": str(folder), "DEMO": demo, **more}
    return subprocess.run(
        [sys.executable, "-m", "payments.demobank", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=30,
        check=False,
    )


def test_pay_from_a_terminal(counter: Counter) -> None:
    intent = counter.market.intent(350_000)
    done = run(counter.folder, "pay", "--ref", f" {intent.reference.lower()}")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        f"Đã chuyển 350.000\u00a0₫ cho NGUYEN THI SEN ({intent.account}), nội dung {intent.reference};"
        " chợ đã ghi nhận.\n"
    )
    assert get_intent(intent.id).labels(clock.now()) == {"paid"}


def test_pay_another_amount_from_a_terminal_also_late(counter: Counter) -> None:
    intent = counter.market.intent(350_000, expires_at=clock.now() - timedelta(minutes=1))
    assert (
        run(counter.folder, "pay", "--ref", intent.reference, "--amount", "50.000", demo="").returncode == 0
    )
    assert get_intent(intent.id).labels(clock.now()) == {"short", "late"}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--ref", "CX72HZWQY3"), "Chợ không có khoản nào mang mã CX72HZWQY3."),
        (("--ref", "DH123"), "DH123 không phải mã của chợ"),
        (("--ref", "CX72HZWQY3", "--amount", "x"), "Chợ không có khoản nào mang mã CX72HZWQY3."),
    ],
)
def test_pay_says_what_is_wrong(counter: Counter, arguments: tuple[str, ...], words: str) -> None:
    done = run(counter.folder, "pay", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr
    assert counter.demo.ledger.newest() == []


@pytest.mark.pure
def test_pay_without_a_market_says_so(tmp_path: Path) -> None:
    nothing = run(tmp_path, "pay", "--ref", "CX72HZWQY3")
    assert (nothing.returncode, "chợ thử chưa được mở" in nothing.stderr) == (2, True)
    write_market(tmp_path, "http://127.0.0.1:9", "/hooks/sepay/x/")
    away = run(tmp_path, "pay", "--ref", "CX72HZWQY3")
    assert (away.returncode, "Không gọi được chợ ở http://127.0.0.1:9" in away.stderr) == (2, True)


@pytest.mark.pure
@pytest.mark.parametrize("demo", ["0", "", "yes"])
def test_bank_refuses_to_start_outside_a_demo(tmp_path: Path, demo: str) -> None:
    done = run(tmp_path, demo=demo)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", "Ngân hàng thử chỉ chạy khi DEMO=1.\n")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.pure
def test_a_taken_port_is_one_clear_sentence(tmp_path: Path) -> None:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = run(tmp_path, DEMO_BANK_PORT=str(port))
    assert done.returncode == 1
    assert done.stderr.startswith(f"Không mở được ngân hàng thử ở cổng {port}: ")
    assert done.stderr.count("\n") == 1


@pytest.mark.pure
def test_bank_is_a_program_of_its_own(tmp_path: Path) -> None:
    """It imports nothing of the market but the pure parts, serves, and ends when told to."""
    program = (
        "import sys, payments.demobank.__main__;"
        "print(sorted(n for n in sys.modules if n.split('.')[0] in"
        " ('django', 'backend', 'payments', 'celery', 'PIL', 'qrcode', 'devices', 'storefront')))"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=20, check=True
    ).stdout
    rooms = {name.split(".")[1] for name in re.findall(r"'(payments\.[\w.]+)'", loaded)}
    assert rooms == {"demobank", "vietqr", "banks", "references", "plaintext"}
    assert not re.search(r"'(django|backend|celery|PIL|qrcode|devices|storefront)", loaded)

    port = free_port()
    environment = {**os.environ, "DATA_DIR": str(tmp_path), "DEMO": "1", "DEMO_BANK_PORT": str(port)}
    bank = subprocess.Popen(
        [sys.executable, "-m", "payments.demobank"], env=environment, stdout=subprocess.PIPE, text=True
    )
    try:
        assert bank.stdout is not None
        assert bank.stdout.readline() == f"mở ở http://127.0.0.1:{port}/\n"
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=20)) as wire:
            wire.request("GET", "/health")
            assert wire.getresponse().read() == b"ok"
            wire.request("GET", "/")
            assert "chợ thử chưa được mở" in wire.getresponse().read().decode()
    finally:
        bank.terminate()
        assert bank.wait(20) == 0
        bank.communicate()
