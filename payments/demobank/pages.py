"""The demo bank's pages: plain HTML that works without any script, in the market's colours, for a phone."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime
from html import escape
from pathlib import Path

from payments.demobank.bank import VIETNAM, WAYS, difference
from payments.demobank.ledger import Transfer
from payments.demobank.market import Waiting
from payments.demobank.texts import print_transfer
from payments.vietqr import Decoded

STYLE = Path(__file__).with_name("style.css").read_text(encoding="utf-8")

STATES = {
    "cancelled": "Đã hủy",
    "over": "Nhận thừa",
    "paid": "Đã nhận đủ",
    "short": "Còn thiếu",
    "waiting": "Đang chờ",
}


def vnd(amount: int) -> str:
    """350000 -> 350.000 ₫, unbreakable."""
    return f"{amount:,}".replace(",", ".") + "\u00a0₫"


def _clock(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, VIETNAM).strftime("%H:%M:%S · %d/%m/%Y")


def page(title: str, body: str, *, here: str = "") -> str:
    """A whole page. `here` is the address of the tab that it belongs to."""
    tabs = (("/", "Mã chờ"), ("/quet", "Dán mã"), ("/giao-dich", "Giao dịch"))
    links = "".join(
        f'<a href="{path}"{" aria-current=page" if path == here else ""}>{label}</a>' for path, label in tabs
    )
    return (
        '<!doctype html><html lang="vi"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)} · Ngân hàng thử</title>"
        '<link rel="stylesheet" href="/style.css"><link rel="icon" href="data:,"></head>'
        '<body><div class="phone">'
        f'<header><p class="brand">Ngân hàng thử</p><nav aria-label="Các trang">{links}</nav></header>'
        f"<main><h1>{escape(title)}</h1>{body}</main></div></body></html>"
    )


def _state(code: Waiting) -> str:
    """The market's labels in one short phrase."""
    for label, words in STATES.items():
        if label in code.labels:
            return words
    return "Đã hết hạn"


def _once() -> str:
    return f'<input type="hidden" name="once" value="{secrets.token_hex(8)}">'


def _press(payload: str, how: str, words: str, *, main: bool = False) -> str:
    return (
        f'<form method="post" action="/tra"><input type="hidden" name="payload" value="{escape(payload)}">'
        f'<input type="hidden" name="how" value="{how}">{_once()}'
        f"<button{' class=main' if main else ''}>{words}</button></form>"
    )


def _other_amount(payload: str, ident: str) -> str:
    return (
        f'<form method="post" action="/tra"><input type="hidden" name="payload" value="{escape(payload)}">'
        f'<input type="hidden" name="how" value="other">{_once()}'
        f'<label for="{ident}">Số tiền khác (đồng)</label>'
        f'<input id="{ident}" name="amount" inputmode="numeric" autocomplete="off" required maxlength="15">'
        "<p><button>Trả số này</button></p></form>"
    )


def _ways(payload: str, asked: int | None, *, ident: str, late: bool = False, paid: bool = False) -> str:
    """The buttons of one code: the usual way first, the others folded away."""
    if asked is None:
        return _other_amount(payload, ident)
    part = difference(asked)
    if late:
        first = _press(payload, "late", f"Trả muộn {vnd(asked)}", main=True)
    elif paid:
        first = _press(payload, "exact", f"Trả thêm lần nữa {vnd(asked)}")
    else:
        first = _press(payload, "exact", f"Trả đúng {vnd(asked)}", main=True)
    return (
        f'{first}<details><summary>Trả kiểu khác</summary><div class="two">'
        + _press(payload, "short", f"Thiếu: {vnd(asked - part)}")
        + _press(payload, "over", f"Thừa: {vnd(asked + part)}")
        + f"</div>{_press(payload, 'twice', f'Hai lần: 2 × {vnd(asked)}')}"
        + _press(payload, "bare", f"Xóa mất mã: {vnd(asked)}")
        + f"{_other_amount(payload, ident)}</details>"
    )


def waiting_page(codes: Sequence[tuple[Waiting, Decoded]], unreadable: int, problem: str) -> str:
    """The codes that wait to be paid, as the bank has read them itself."""
    body = '<p class="note">Tiền ở đây không có thật: đây là ngân hàng để thử chợ.</p>'
    if problem:
        body += f'<p class="wrong" role="alert">{escape(problem)}</p>'
    if unreadable:
        body += f'<p class="wrong" role="alert">Có {unreadable} mã không đọc được.</p>'
    items = []
    for number, (waiting, code) in enumerate(codes):
        paid = "paid" in waiting.labels
        late = "waiting" not in waiting.labels and not paid
        ways = _ways(waiting.payload, code.amount_vnd, ident=f"amount-{number}", late=late, paid=paid)
        items.append(
            f'<li class="card"><h2>{escape(waiting.label)}</h2>'
            f'<p class="sum">{vnd(code.amount_vnd) if code.amount_vnd else "Tự nhập số tiền"}</p>'
            f'<p>{escape(waiting.account_name)}<br><span class="muted">'
            f"{escape(code.bank_short_name or '')} · {escape(code.account or '')}</span></p>"
            f'<p>Nội dung <span class="code">{escape(code.purpose or "")}</span><br>'
            f'<span class="muted">{_state(waiting)}</span></p>{ways}</li>'
        )
    if items:
        body += f'<ul class="plain">{"".join(items)}</ul>'
    elif not problem:
        body += "<p>Chưa có mã nào. Hãy đặt một đơn hay thu một khoản ở sạp, rồi xem lại.</p>"
    return page("Mã đang chờ", body + '<p><a class="button" href="/">Xem lại</a></p>', here="/")


def paste_page(problem: str = "", payload: str = "") -> str:
    """A field for the text of a code, for a keyboard-like scanner or the clipboard."""
    wrong = f'<p class="wrong" role="alert" id="problem">{escape(problem)}</p>' if problem else ""
    described = ' aria-invalid="true" aria-describedby="problem"' if problem else ""
    return page(
        "Dán mã",
        f'{wrong}<form action="/quet" class="card"><label for="payload">Nội dung mã QR</label>'
        f'<textarea id="payload" name="payload" required spellcheck="false" autocapitalize="off"{described}>'
        f'{escape(payload)}</textarea><p class="muted">Dán nội dung mã, hoặc quét bằng máy quét cắm vào.</p>'
        '<p><button class="main">Đọc mã</button></p></form>',
        here="/quet",
    )


def code_page(code: Decoded, account_name: str) -> str:
    """What a pasted code says, and the ways to pay it."""
    facts = [
        ("Số tiền", vnd(code.amount_vnd) if code.amount_vnd else "Tự nhập"),
        ("Người nhận", account_name or "Không tra được tên"),
        ("Ngân hàng", code.bank_short_name or code.bin or ""),
        ("Tài khoản", code.account or ""),
        ("Nội dung", code.purpose or ""),
    ]
    rows = "".join(f"<div><dt>{name}</dt><dd>{escape(value)}</dd></div>" for name, value in facts if value)
    warnings = "".join(f'<p class="note">{escape(notice.message)}</p>' for notice in code.warnings)
    ways = _ways(code.payload, code.amount_vnd, ident="amount")
    return page("Mã vừa đọc", f'{warnings}<div class="card"><dl>{rows}</dl>{ways}</div>', here="/quet")


def _outcome(transfer: Transfer) -> str:
    """What became of the report, in words."""
    if not transfer.reported:
        return "Tài khoản này không gắn nguồn báo: ngân hàng không báo cho chợ, người bán tự xác nhận."
    if transfer.done_at is not None:
        return "Chợ đã ghi nhận." if transfer.status == 201 else "Chợ đã biết giao dịch này từ trước."
    if transfer.next_at is not None:
        return f"Chợ chưa nhận được; ngân hàng báo lại (đã báo {transfer.attempts} lần)."
    return f"Đã báo {transfer.attempts} lần mà chợ không nhận. Có thể bấm báo lại."


def transfer_page(transfer: Transfer, *, together: Sequence[Transfer] = ()) -> str:
    """One transfer: what was sent, what the receiving bank printed, and what the market said."""
    printed = print_transfer(transfer.id, transfer.content)
    said = f"{transfer.status or 'không trả lời'}: {transfer.answer}" if transfer.status is not None else "–"
    facts = [
        ("Kiểu", WAYS[transfer.how]),
        ("Người nhận", transfer.account_name or "–"),
        ("Tài khoản", transfer.account),
        ("Nội dung đã gửi", transfer.content),
        ("Ngân hàng ghi", printed.text),
        ("Lúc", _clock(transfer.made_at)),
        ("Mã giao dịch", str(transfer.id)),
        ("Chợ trả lời", said),
    ]
    rows = "".join(f"<div><dt>{name}</dt><dd>{escape(value)}</dd></div>" for name, value in facts)
    good = transfer.done_at is not None
    body = f'<p class="{"good" if good else "note"}" role="status">{escape(_outcome(transfer))}</p>'
    body += f'<div class="card"><p class="sum">{vnd(transfer.amount_vnd)}</p><dl>{rows}</dl></div>'
    for other in together:
        if other.id != transfer.id:
            body += (
                f'<p><a class="button" href="/giao-dich/{other.id}">Lần kia: {vnd(other.amount_vnd)}</a></p>'
            )
    if transfer.reported:
        action = f"/giao-dich/{transfer.id}/bao-lai"
        body += f'<form method="post" action="{action}"><button>Báo lại cho chợ</button></form>'
    return page("Đã chuyển tiền", body, here="/giao-dich")


def ledger_page(transfers: Sequence[Transfer]) -> str:
    """The last transfers."""
    if not transfers:
        return page("Giao dịch", "<p>Chưa chuyển khoản nào.</p>", here="/giao-dich")
    rows = "".join(
        f'<li><a class="row" href="/giao-dich/{each.id}">'
        f"<span>{escape(each.account_name or each.account)}<br>"
        f'<span class="muted">{WAYS[each.how]}<br>{_clock(each.made_at)}</span></span>'
        f"<b>{vnd(each.amount_vnd)}</b></a></li>"
        for each in transfers
    )
    return page("Giao dịch", f'<ul class="plain">{rows}</ul>', here="/giao-dich")


def refusal_page(title: str, message: str) -> str:
    """Something that the bank does not do."""
    return page(
        title,
        f'<p class="wrong" role="alert">{escape(message)}</p><p><a class="button" href="/">Về đầu</a></p>',
    )
