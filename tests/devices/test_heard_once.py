"""From the event of a payment to the loudspeaker, with the real programs, some killed on the way."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from backend.common import clock
from backend.common.outbox import emit
from devices.simulators.soundbox.journal import Journal
from devices.soundboxes import queries, services
from devices.soundboxes.models import Command
from devices.speech import money_words
from tests.devices.support import BrokerProgram, Program, database_url, wait_for

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.alternate("broker_kind")]


def pay(amount_vnd: int, *, number: int, owner: str = "stall:12", **changes: Any) -> None:
    """What payments writes when a bank has reported money for a charge."""
    payload = {
        "intent_id": f"intent{number}",
        "kind": "charge",
        "subject": f"charge{number}",
        "owner": owner,
        "reference": f"REF{number}",
        "amount_vnd": amount_vnd,
        "due_vnd": amount_vnd,
        "received_vnd": amount_vnd,
        "labels": ["paid"],
        "source": "feed",
        "received_at": clock.now().isoformat(),
        "transaction_id": number,
    }
    with transaction.atomic():
        emit("payment_received", f"intent:{number}", payload | changes)


@dataclass
class Stage:
    """One market's devices: broker, gateway and simulator as processes, with this test's database."""

    folder: Path
    broker: BrokerProgram
    gateway: Program = field(init=False)
    simulator: Program = field(init=False)

    def __post_init__(self) -> None:
        environment = {
            "DATA_DIR": str(self.folder),
            "DATABASE_URL": database_url(),
            "MQTT_PORT": str(self.broker.port),
            "DEMO": "1",
            "DJANGO_SETTINGS_MODULE": "backend.project.gateway_settings",  # as `make run` starts it
        }
        self.gateway = Program("manage.py", "mqtt_gateway", log=self.folder / "gateway.log", **environment)
        self.simulator = Program(
            "-m", "devices.simulators.soundbox", log=self.folder / "simulator.log", **environment
        )

    def add_boxes(self, *stalls: int) -> None:
        boxes = []
        for stall in stalls:
            new = services.register_soundbox(
                device=f"box-{stall}",
                owner=f"stall:{stall}",
                xa="vi-tan",
                cho="cho-vi-tan",
                label=f"A{stall}",
                actor="test",
            )
            boxes.append(
                {
                    "device": new.device,
                    "password": new.secret,
                    "topic": new.topic,
                    "stall": f"A{stall}",
                    "volume": 80,
                }
            )
        (self.folder / "demo").mkdir(exist_ok=True)
        (self.folder / "demo/soundboxes.json").write_text(
            json.dumps({"host": "127.0.0.1", "port": self.broker.port, "boxes": boxes})
        )

    def open(self, *stalls: int) -> None:
        """Everything runs and every box is there."""
        self.add_boxes(*stalls)
        self.gateway.start()
        self.simulator.start()
        for stall in stalls:
            wait_for(partial(self.is_online, stall), f"box-{stall} is online")

    def is_online(self, stall: int) -> bool:
        box = queries.find_soundbox(f"box-{stall}")
        return box is not None and box.online

    def said(self) -> list[str]:
        try:
            lines = (self.folder / "demo/said.jsonl").read_text("utf-8").splitlines()
        except FileNotFoundError:
            return []
        return [json.loads(line)["text"] for line in lines]

    def has_said_more_than(self, count: int) -> bool:
        return len(self.said()) > count

    def close(self) -> None:
        for program in (self.simulator, self.gateway):
            if program.running:
                program.stop()


@pytest.fixture
def stage(transactional_db: None, broker: BrokerProgram, tmp_path: Path) -> Iterator[Stage]:
    """On each broker in turn."""
    stage = Stage(tmp_path, broker)
    yield stage
    stage.close()


@pytest.fixture
def one_stage(transactional_db: None, tmp_path: Path) -> Iterator[Stage]:
    """On the broker that every machine has, for what does not depend on it."""
    broker = BrokerProgram("embedded", tmp_path).start()
    stage = Stage(tmp_path, broker)
    yield stage
    stage.close()
    broker.stop()


def states() -> list[str]:
    return list(Command.objects.order_by("pk").values_list("state", flat=True))


def test_a_payment_told_five_times_is_said_once(stage: Stage) -> None:
    stage.open(12)
    for _ in range(5):
        pay(50_000, number=1)
    wait_for(lambda: states() == ["finished"], "heard")
    pay(350_000, number=2)
    wait_for(lambda: states() == ["finished", "finished"], "the next one is heard")

    assert stage.said() == ["Đã nhận năm mươi nghìn đồng", "Đã nhận ba trăm năm mươi nghìn đồng"]
    printed = [line for line in stage.simulator.said().splitlines() if line.startswith("loa ")]
    assert printed == [
        "loa A12 | Đã nhận năm mươi nghìn đồng",
        "loa A12 | Đã nhận ba trăm năm mươi nghìn đồng",
    ]


def all_sent(count: int) -> bool:
    return len(states()) == count and "queued" not in states()


def all_said_once(stage: Stage, count: int) -> None:
    """Wait until the payments of 1.000, 2.000 … đồng have all come to an end, each heard once."""
    wait_for(lambda: len(stage.said()) >= count, "all is said", patience_s=40)
    open_ = Command.objects.exclude(state__in=("finished", "failed"))
    wait_for(lambda: not open_.exists(), "all has ended", patience_s=40)
    assert sorted(stage.said()) == sorted(f"Đã nhận {money_words(1_000 * n)}" for n in range(1, count + 1))
    assert Command.objects.count() == count


@pytest.mark.parametrize("victim", ["gateway", "broker"])
def test_kill_9_on_the_way_to_a_box_neither_loses_nor_repeats_a_payment(stage: Stage, victim: str) -> None:
    stage.open(12)
    program: Program = getattr(stage, victim)
    count = 0
    for _round in range(2):
        # A box that does not listen for a moment: what is sent to it stays on the way.
        stage.simulator.freeze()
        for _ in range(6):
            count += 1
            pay(1_000 * count, number=count)
        wait_for(partial(all_sent, count), "all is handed to the broker")
        for _ in range(6):
            count += 1
            pay(1_000 * count, number=count)
        program.kill()  # with these somewhere between the bank's word and the broker
        program.start()
        wait_for(partial(all_sent, count), "all is handed to the broker")
        stage.simulator.thaw()
    all_said_once(stage, count)
    assert states() == ["finished"] * count


def test_kill_9_of_a_box_neither_loses_nor_repeats_a_payment(stage: Stage) -> None:
    stage.open(12)
    count = 0
    for _round in range(3):
        already = count
        for _ in range(10):
            count += 1
            pay(1_000 * count, number=count)
        wait_for(partial(stage.has_said_more_than, already), "it speaks")
        stage.simulator.kill()  # within a sentence, with others waiting
        stage.simulator.start()
    all_said_once(stage, count)


def test_a_box_that_was_away_does_not_shout_old_money(stage: Stage) -> None:
    stage.open(12)
    stage.simulator.kill()
    wait_for(lambda: not stage.is_online(12), "the box is gone")
    received_at = clock.now() - timedelta(seconds=58)
    pay(70_000, number=1, received_at=received_at.isoformat())
    wait_for(lambda: states() == ["sent"], "handed to the broker, which keeps it for the box")
    wait_for(lambda: states() == ["expired"], "its minute is over")

    stage.simulator.start()
    wait_for(lambda: stage.is_online(12), "the box is back")
    pay(80_000, number=2)
    wait_for(lambda: states() == ["expired", "finished"], "new money is heard")
    assert stage.said() == ["Đã nhận tám mươi nghìn đồng"]
    stage.simulator.stop()
    old = Journal(stage.folder / "demo/soundboxes/box-12.jsonl").entries[
        str(Command.objects.earliest("pk").pk)
    ]
    assert old.stage == "expired"  # it did arrive, and the box itself refused it


def test_what_was_paid_while_the_gateway_was_down_is_said_when_it_is_back(one_stage: Stage) -> None:
    one_stage.open(12)
    one_stage.gateway.kill()
    pay(20_000, number=1)
    assert states() == []
    one_stage.gateway.start()
    wait_for(lambda: states() == ["finished"], "heard")
    assert one_stage.said() == ["Đã nhận hai mươi nghìn đồng"]


def test_every_box_says_only_its_own_stalls_money(one_stage: Stage) -> None:
    one_stage.open(12, 13)
    pay(20_000, number=1, owner="stall:13")
    pay(30_000, number=2, owner="stall:12")
    pay(40_000, number=3, owner="stall:99")
    wait_for(lambda: states() == ["finished", "finished"], "both are heard")
    printed = [line for line in one_stage.simulator.said().splitlines() if line.startswith("loa ")]
    assert sorted(printed) == [
        "loa A12 | Đã nhận ba mươi nghìn đồng",
        "loa A13 | Đã nhận hai mươi nghìn đồng",
    ]


def test_short_money_is_a_warning_on_the_box(one_stage: Stage) -> None:
    one_stage.open(12)
    pay(200, number=1, due_vnd=200_000, labels=["short"])
    wait_for(lambda: states() == ["finished"], "heard")
    assert one_stage.said() == ["Chú ý, thiếu tiền, nhận hai trăm đồng trên hai trăm nghìn đồng"]


def test_a_revoked_box_is_cut_off_while_the_others_go_on(stage: Stage) -> None:
    stage.open(12, 13)
    services.revoke_soundbox(device="box-12", actor="test")
    wait_for(lambda: "box-12: refused by the broker" in stage.simulator.said(), "refused")
    pay(20_000, number=1, owner="stall:12")
    pay(30_000, number=2, owner="stall:13")
    wait_for(lambda: states() == ["finished"], "the other one is heard")
    assert stage.said() == ["Đã nhận ba mươi nghìn đồng"]
    assert not stage.is_online(12)
    assert stage.is_online(13)


def test_a_box_takes_a_new_volume_and_reports_it(one_stage: Stage) -> None:
    one_stage.open(12)
    services.set_volume(device="box-12", volume=20, actor="test")

    def applied() -> bool:
        box = queries.find_soundbox("box-12")
        return box is not None and box.volume_applied and box.volume == 20

    wait_for(applied, "the box reports 20 %")
    pay(20_000, number=1)
    wait_for(lambda: states() == ["finished"], "heard")
    line = json.loads((one_stage.folder / "demo/said.jsonl").read_text("utf-8"))
    assert (line["device"], line["volume"]) == ("box-12", 20)


def test_the_gateway_stops_cleanly_and_lets_go(one_stage: Stage) -> None:
    one_stage.open(12)
    wait_for(lambda: queries.gateway_health().connected, "healthy")
    assert one_stage.gateway.stop() == 0
    assert queries.gateway_health().alive is False
    assert "Traceback" not in one_stage.gateway.said()
    assert one_stage.simulator.stop() == 0
    assert "Traceback" not in one_stage.simulator.said()


def test_a_second_gateway_of_the_same_market_is_refused(one_stage: Stage) -> None:
    one_stage.open()
    second = Program(
        *("manage.py", "mqtt_gateway"),
        log=one_stage.folder / "second.log",
        DATA_DIR=str(one_stage.folder),
        DATABASE_URL=database_url(),
        MQTT_PORT=str(one_stage.broker.port),
    )
    wait_for(lambda: queries.gateway_health().alive, "the first one works")
    assert second.start().process.wait(20) == 1
    assert second.said().strip() == "CommandError: Đã có một mqtt_gateway khác đang chạy trên máy này."
