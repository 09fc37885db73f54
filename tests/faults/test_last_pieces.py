"""Promise 2: never more sold than there was. Eight buyers press "Đặt hàng" for the last five pieces at once, on a web
server of two processes; first with the guard taken out, then as the market is."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.faults.parts import Market, new_site, programs_of, run_world
from tests.services.visitor import Reply, Visitor

BUYERS, PIECES = 8, 5
NAME = "Rau mồng tơi 0"
TOGETHER_S = 30.0


class Buyer:
    """Somebody who has filled in the order form and has yet to press the button."""

    def __init__(self, port: int, number: int) -> None:
        self.visitor = Visitor(port)
        product = self.visitor.get("/hang/rau-mong-toi-0/")
        assert product.status == 200
        assert self.visitor.post("/gio/them/", product.form("variant").fields).status == 302
        self.form = self.visitor.get("/dat-hang/").form("phone")
        self.form.fields |= {
            "name": f"Người mua {number}",
            "phone": f"091234567{number}",
            "commune": "Vị Tân, Cần Thơ",
            "street": "12 ấp Một",
        }

    def press(self, together: threading.Barrier) -> Reply:
        """Sends the form at the same instant as the others."""
        together.wait(TOGETHER_S)
        return self.visitor.post("/dat-hang/", self.form.fields)


def press_at_once(buyers: list[Buyer]) -> list[Reply]:
    """What each of them was answered."""
    together = threading.Barrier(len(buyers))
    answers: list[Reply | None] = [None] * len(buyers)

    def press(place: int) -> None:
        answers[place] = buyers[place].press(together)

    threads = [threading.Thread(target=press, args=(place,)) for place in range(len(buyers))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [answer for answer in answers if answer is not None]


@pytest.mark.parametrize(
    ("application", "orders", "held"),
    [("tests.faults.unguarded:application", BUYERS, 1), ("backend.project.wsgi:application", PIECES, PIECES)],
    ids=["unguarded", "as it is"],
)
def test_eight_buyers_for_the_last_five_pieces(
    application: str,
    orders: int,
    held: int,
    new_database: Callable[[], str],
    tmp_path: Path,
    settings: Any,
) -> None:
    site = new_site(tmp_path / "market", new_database())
    run_world(site, "shelf", str(PIECES))
    (web,) = programs_of(site, settings, ["web"])
    argv = [application if word == "backend.project.wsgi:application" else word for word in web.argv]
    with Market(site, [replace(web, argv=argv)]) as market:
        buyers = [Buyer(site.port, number) for number in range(BUYERS)]
        answers = press_at_once(buyers)
        assert sorted(answer.status for answer in answers) == [302] * orders + [409] * (BUYERS - orders), (
            market.said()
        )
        for buyer, answer in zip(buyers, answers, strict=True):
            if answer.status == 302:
                assert NAME in buyer.visitor.follow(answer).text
            else:
                # Refused in words, with everything typed still there and the basket untouched.
                assert 'role="alert"' in answer.text
                assert answer.form("phone").fields["name"] == buyer.form.fields["name"]
                assert NAME in buyer.visitor.get("/gio/").text
    assert json.loads(run_world(site, "sold")) == {
        "orders": orders,
        "pieces": orders,
        "payments": orders,
        "held": held,
        "quantity": PIECES,
    }
