"""The demo bank's web server: the standard library's, one thread for each request, on this machine only."""

from __future__ import annotations

import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from payments.demobank import pages
from payments.demobank.bank import Bank, Order, Refused, read_code
from payments.demobank.config import NotReady, read_market
from payments.demobank.market import Unreachable, Waiting, fetch_waiting
from payments.references import find_references
from payments.vietqr import Decoded

MAX_FORM = 10_000


def parse_amount(typed: str) -> int:
    """Whole đồng as people type them: 50000, 50.000, 50 000 đ. Raises Refused."""
    digits = typed.strip().lower().removesuffix("đ").removesuffix("₫")
    for mark in (".", ",", " ", "\u00a0"):
        digits = digits.replace(mark, "")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 12):
        raise Refused("Số tiền phải là số đồng, ví dụ 50000 hay 50.000.")
    return int(digits)


def name_of(code: Decoded) -> str:
    """The account's name, which a bank looks up and a code does not carry; empty when nobody can say."""
    for reference in find_references(code.purpose or ""):
        try:
            for waiting in fetch_waiting(read_market(), reference).codes:
                known = read_code(waiting.payload)
                if (known.bin, known.account) == (code.bin, code.account):
                    return waiting.account_name
        except (NotReady, Unreachable, Refused):
            return ""
    return ""


class Handler(BaseHTTPRequestHandler):
    """Answers one request. `bank` is set by `serve`."""

    bank: Bank
    say: Callable[[str], None]
    timeout = 15
    server_version = "demobank"
    sys_version = ""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Requests are not news; transfers are, and are said where they are made."""

    def _answer(self, status: int, body: str, *, kind: str = "text/html", **headers: str) -> None:
        data = body.encode()
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header(
            "Content-Security-Policy",
            "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; frame-ancestors 'none'",
        )
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def do_GET(self) -> None:
        """Pages."""
        address = urlsplit(self.path)
        query = parse_qs(address.query)
        path = address.path
        if path == "/":
            self._answer(200, self._waiting())
        elif path == "/quet":
            self._answer(*self._pasted(query.get("payload", [""])[0].strip()))
        elif path == "/giao-dich":
            self._answer(200, pages.ledger_page(self.bank.ledger.newest()))
        elif path.startswith("/giao-dich/"):
            self._transfer(path.removeprefix("/giao-dich/"), query.get("cung", [""])[0])
        elif path == "/style.css":
            self._answer(200, pages.STYLE, kind="text/css")
        elif path == "/health":
            self._answer(200, "ok", kind="text/plain")
        else:
            self._not_found()

    do_HEAD = do_GET

    def do_POST(self) -> None:
        """Buttons."""
        size = self.headers.get("Content-Length", "")
        if not size.isdigit() or int(size) > MAX_FORM:
            # Read a little more than allowed, so that a browser hears the answer instead of a reset.
            self.rfile.read(min(int(size), 10 * MAX_FORM) if size.isdigit() else 0)
            self.close_connection = True
            self._answer(413, pages.refusal_page("Không nhận", "Biểu mẫu dài quá."))
            return
        form = {
            name: values[0]
            for name, values in parse_qs(self.rfile.read(int(size)).decode("utf-8", "replace")).items()
        }
        origin = self.headers.get("Origin")
        if origin not in (None, "null") and urlsplit(origin).netloc != self.headers.get("Host"):
            self._answer(403, pages.refusal_page("Không nhận", "Nút bấm này đến từ trang khác."))
        elif self.path == "/tra":
            self._pay(form)
        elif self.path.startswith("/giao-dich/") and self.path.endswith("/bao-lai"):
            self._report_again(self.path.removeprefix("/giao-dich/").removesuffix("/bao-lai"))
        else:
            self._not_found()

    def _not_found(self) -> None:
        self._answer(404, pages.refusal_page("Không có trang này", "Địa chỉ này không có gì."))

    def _waiting(self) -> str:
        try:
            found = fetch_waiting(read_market()).codes
        except (NotReady, Unreachable) as error:
            return pages.waiting_page([], 0, str(error))
        # Paid and cancelled codes stay payable (twice, late), but those that wait come first.
        ranked = sorted(found, key=lambda code: ("waiting" not in code.labels, "cancelled" in code.labels))
        readable: list[tuple[Waiting, Decoded]] = []
        for waiting in ranked:
            try:
                readable.append((waiting, read_code(waiting.payload)))
            except Refused:
                continue
        return pages.waiting_page(readable, len(ranked) - len(readable), "")

    def _pasted(self, payload: str) -> tuple[int, str]:
        if not payload:
            return 200, pages.paste_page()
        try:
            code = read_code(payload)
        except Refused as refusal:
            return 400, pages.paste_page(str(refusal), payload)
        return 200, pages.code_page(code, name_of(code))

    def _transfer(self, number: str, together: str) -> None:
        found = self.bank.ledger.find(int(number)) if number.isascii() and number.isdigit() else None
        if found is None:
            self._not_found()
            return
        others = [int(each) for each in together.split(",") if each.isascii() and each.isdigit()][:4]
        beside = [each for each in map(self.bank.ledger.find, others) if each is not None]
        self._answer(200, pages.transfer_page(found, together=beside))

    def _pay(self, form: dict[str, str]) -> None:
        try:
            code = read_code(form.get("payload", ""))
            how = form.get("how", "")
            amount = parse_amount(form.get("amount", "")) if how == "other" else None
            once = form.get("once", "")
            if not 8 <= len(once) <= 40:
                raise Refused("Biểu mẫu thiếu mã bấm. Xin tải lại trang.")
            order = Order(code, how, amount, name_of(code))
            done = self.bank.transfer(order, once=once)
        except Refused as refusal:
            self._answer(400, pages.refusal_page("Không chuyển được", str(refusal)))
            return
        for transfer in done:
            self.say(
                f"chuyển {pages.vnd(transfer.amount_vnd)} vào {transfer.account} ({transfer.content});"
                f" chợ trả lời {transfer.status if transfer.reported else '(không báo)'}"
            )
        beside = ",".join(str(each.id) for each in done)
        self._answer(
            303, "", Location=f"/giao-dich/{done[-1].id}" + (f"?cung={beside}" if len(done) > 1 else "")
        )

    def _report_again(self, number: str) -> None:
        found = self.bank.ledger.find(int(number)) if number.isascii() and number.isdigit() else None
        if found is None:
            self._not_found()
            return
        self.bank.ledger.report_again(found.id, now=0)
        again = self.bank.ledger.find(found.id)
        if again is not None:
            self.bank.report(again)
        self._answer(303, "", Location=f"/giao-dich/{found.id}")


class Server(ThreadingHTTPServer):
    """Loopback only: the demo bank is nobody else's business."""

    daemon_threads = True
    # A restarted bank takes its port again at once; a second bank beside it still may not.
    allow_reuse_address = True


def make_server(bank: Bank, port: int, say: Callable[[str], None]) -> Server:
    """A server for `bank`, listening and not yet serving. Raises OSError when the port is taken."""
    handler = type("BoundHandler", (Handler,), {"bank": bank, "say": staticmethod(say)})
    return Server(("127.0.0.1", port), handler)


def serve(bank: Bank, port: int, say: Callable[[str], None]) -> None:
    """Serve pages and report what is due, until interrupted. Raises OSError when the port is taken."""
    stop = threading.Event()
    with make_server(bank, port, say) as server:
        reporter = threading.Thread(target=bank.keep_reporting, args=(stop,), daemon=True)
        reporter.start()
        say(f"mở ở http://127.0.0.1:{server.server_port}/")
        try:
            server.serve_forever(poll_interval=0.25)
        finally:
            stop.set()
