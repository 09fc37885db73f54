"""The rules of announcing, on the tables, with a clock that the test moves."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.common import clock
from backend.common.models import AuditEntry, Delivery
from backend.common.outbox import emit, relay
from backend.common.states import StateTable
from devices.mqtt.accounts import check_secret
from devices.mqtt.contract import Desired, Evt, Reported, Stage, Status
from devices.soundboxes import queries, services
from devices.soundboxes.errors import BadSoundbox, DeviceTaken, SoundboxNotFound, SoundboxRevoked
from devices.soundboxes.models import Command, Soundbox
from devices.soundboxes.states import COMMAND, LIVE
from devices.speech import Dialect, say_payment

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 22, 5, 0, tzinfo=UTC)
Tick = Callable[[float], datetime]


@pytest.fixture
def tick(monkeypatch: pytest.MonkeyPatch) -> Tick:
    """Stops the clock at noon; tick(s) moves it on and returns the time."""
    now = NOON

    def advance(seconds: float) -> datetime:
        nonlocal now
        now += timedelta(seconds=seconds)
        return now

    monkeypatch.setattr(clock, "now", lambda: now)
    return advance


@pytest.fixture
def box(tick: Tick) -> str:
    return register("box-12").device


def register(device: str, *, owner: str = "stall:12", **options: Any) -> services.NewSecret:
    arguments = {"xa": "vi-tan", "cho": "cho-vi-tan", "label": "A12", "actor": "user:1", **options}
    return services.register_soundbox(device=device, owner=owner, **arguments)


def paid(number: int = 1, **changes: Any) -> dict[str, Any]:
    return {
        "intent_id": f"intent{number}",
        "kind": "charge",
        "subject": f"charge{number}",
        "owner": "stall:12",
        "reference": "REF",
        "amount_vnd": 50_000,
        "due_vnd": 50_000,
        "received_vnd": 50_000,
        "labels": ["paid"],
        "source": "feed",
        "received_at": clock.now().isoformat(),
        "transaction_id": number,
        **changes,
    }


def hear_of(payload: dict[str, Any]) -> None:
    with transaction.atomic():
        emit("payment_received", f"intent:{payload['intent_id']}", payload)


def announce(number: int = 1, **changes: Any) -> Command:
    """Write one command as the consumer does, and return it."""
    with transaction.atomic():
        event = emit("payment_received", "intent:1", paid(number, **changes))
        services.announce_payment(event)
    return Command.objects.get(subject=f"charge{number}")


def evt(command: Command, stage: Stage, **changes: Any) -> Evt:
    return Evt(
        **{"cmd": command.pk, "stage": stage, "at": clock.now(), "boot_id": "boot", "seq": 1, **changes}
    )


def state(command: Command) -> str:
    return Command.objects.get(pk=command.pk).state


# --- what is announced ---


def test_a_payment_of_a_charge_becomes_one_command_for_a_minute(box: str) -> None:
    command = announce()
    assert (command.text, command.tone, command.state) == ("Đã nhận năm mươi nghìn đồng", "ok", "queued")
    assert command.not_after == NOON + timedelta(seconds=60)
    assert command.next_send_at == NOON


@pytest.mark.django_db(transaction=True)
def test_the_gateways_relay_hands_the_event_over_and_the_worker_does_not(box: str) -> None:
    hear_of(paid())
    relay.run_once("worker")
    assert Command.objects.count() == 0
    assert relay.run_once("gateway") == 1
    assert relay.run_once("gateway") == 0
    assert Command.objects.count() == 1
    assert Delivery.objects.get(consumer="devices.announce").done_at == NOON


@pytest.mark.django_db(transaction=True)
def test_an_announcement_that_fails_half_way_leaves_nothing_and_is_tried_again(
    box: str, tick: Tick, monkeypatch: pytest.MonkeyPatch
) -> None:
    register("box-12b")
    hear_of(paid())
    calls = itertools.count(1)

    def dies_at_the_second_box(**arguments: Any) -> Any:
        if next(calls) == 2:
            raise RuntimeError("killed")
        return say_payment(**arguments)

    monkeypatch.setattr("devices.soundboxes.services.say_payment", dies_at_the_second_box)
    assert relay.run_once("gateway") == 0
    assert Command.objects.count() == 0
    tick(2)
    assert relay.run_once("gateway") == 1
    assert sorted(Command.objects.values_list("soundbox__device", flat=True)) == ["box-12", "box-12b"]


def test_the_same_payment_told_by_two_events_is_announced_once(box: str) -> None:
    announce()
    again = emit("payment_received", "intent:1", paid())
    assert services.announce_payment(again) == 0
    assert Command.objects.count() == 1


def test_two_equal_payments_are_two(box: str) -> None:
    announce(1, intent_id="same")
    announce(2, intent_id="same")
    assert Command.objects.count() == 2


def test_the_database_itself_refuses_a_second_command_for_one_payment(box: str) -> None:
    command = announce()
    command.pk = "another"
    with pytest.raises(IntegrityError), transaction.atomic():
        command.save(force_insert=True)


@pytest.mark.parametrize(
    "changes", [{"source": "hand"}, {"kind": "order"}, {"owner": "stall:13"}, {"owner": "seller:12"}]
)
def test_what_is_not_a_banks_word_on_a_charge_of_the_stall_is_not_spoken(
    box: str, changes: dict[str, Any]
) -> None:
    assert services.announce_payment(emit("payment_received", "intent:1", paid(**changes))) == 0
    assert Command.objects.count() == 0


def test_every_box_of_the_stall_speaks_and_a_revoked_one_does_not(box: str) -> None:
    register("second")
    register("gone")
    services.revoke_soundbox(device="gone", actor="user:1")
    event = emit("payment_received", "intent:1", paid())
    assert services.announce_payment(event) == 2
    assert sorted(Command.objects.values_list("soundbox__device", flat=True)) == ["box-12", "second"]


def test_short_money_warns(box: str) -> None:
    command = announce(amount_vnd=200, received_vnd=200, due_vnd=200_000, labels=["short"])
    assert command.text == "Chú ý, thiếu tiền, nhận hai trăm đồng trên hai trăm nghìn đồng"
    assert command.tone == "warning"


def test_a_box_speaks_its_own_dialect(box: str) -> None:
    services.set_dialect(device=box, dialect=Dialect(zero_tens="linh", thousand="ngàn"), actor="user:1")
    command = announce(amount_vnd=104_000, due_vnd=104_000, received_vnd=104_000)
    assert command.text == "Đã nhận một trăm linh bốn ngàn đồng"


@pytest.mark.parametrize(("age_s", "expected"), [(59, "queued"), (60, "expired"), (3600, "expired")])
def test_money_older_than_a_minute_is_written_down_and_not_spoken(
    box: str, age_s: int, expected: str
) -> None:
    command = announce(received_at=(NOON - timedelta(seconds=age_s)).isoformat())
    assert command.state == expected
    assert [due.id for due in queries.due_commands()] == ([command.pk] if expected == "queued" else [])


def test_a_bank_whose_clock_is_ahead_does_not_make_words_live_longer(box: str) -> None:
    command = announce(received_at=(NOON + timedelta(hours=7)).isoformat())
    assert command.not_after == NOON + timedelta(seconds=60)


# --- how it goes out ---


def test_a_command_goes_out_again_with_growing_pauses_until_its_minute_is_over(box: str, tick: Tick) -> None:
    command = announce()
    sent_after = []
    for second in range(70):
        for due in queries.due_commands():
            assert (due.id, due.topic) == (command.pk, "cho/v1/vi-tan/cho-vi-tan/box-12")
            services.mark_sent(due.id)
            sent_after.append(second)
        services.end_overdue_commands()
        tick(1)
    assert sent_after == [0, 1, 3, 7, 15, 23, 31, 39, 47, 55]
    assert state(command) == "expired"


def test_an_accepted_command_is_asked_about_and_then_given_up(box: str, tick: Tick) -> None:
    command = announce()
    services.mark_sent(command.pk)
    services.record_evt(box, evt(command, "accepted"))
    asked_after = []
    for second in range(130):
        for due in queries.due_commands():
            services.mark_sent(due.id)
            asked_after.append(second)
        services.end_overdue_commands()
        tick(1)
    assert asked_after == [10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120]
    assert state(command) == "no_answer"


def test_a_box_that_comes_back_is_sent_at_once_what_waits(box: str, tick: Tick) -> None:
    command = announce()
    services.mark_sent(command.pk)
    assert queries.due_commands() == []
    services.record_status(box, Status(online=True, boot_id="boot"))
    assert [due.id for due in queries.due_commands()] == [command.pk]
    found = queries.find_soundbox(box)
    assert found is not None
    assert found.online


def test_a_broker_that_comes_back_is_handed_everything_again(box: str, tick: Tick) -> None:
    for number in (1, 2):
        services.mark_sent(announce(number).pk)
    finished = announce(3)
    services.record_evt(box, evt(finished, "finished"))
    assert services.send_again_now() == 2
    assert len(queries.due_commands()) == 2


def test_the_next_due_moment_is_known(box: str, tick: Tick) -> None:
    assert queries.next_due_at() is None
    services.mark_sent(announce().pk)
    assert queries.next_due_at() == NOON + timedelta(seconds=1)


# --- what the box says ---


def test_only_finished_counts_as_heard(box: str, tick: Tick) -> None:
    command = announce()
    services.mark_sent(command.pk)
    heard = []
    for stage in ("accepted", "started", "finished"):
        tick(1)
        assert services.record_evt(box, evt(command, stage)) is True
        heard.append(queries.announcements_for(["charge1"])["charge1"][0].heard)
    assert heard == [False, False, True]
    row = Command.objects.get()
    assert [row.accepted_at, row.started_at, row.ended_at] == [NOON + timedelta(seconds=n) for n in (1, 2, 3)]


def test_a_repeat_or_a_late_word_changes_nothing(box: str) -> None:
    command = announce()
    services.record_evt(box, evt(command, "finished"))
    before = Command.objects.values().get()
    for stage in ("finished", "accepted", "started", "failed", "expired"):
        assert services.record_evt(box, evt(command, stage)) is False
    assert Command.objects.values().get() == before


def test_a_box_cannot_speak_for_the_command_of_another(box: str) -> None:
    register("other", owner="stall:13")
    command = announce()
    assert services.record_evt("other", evt(command, "finished")) is False
    assert state(command) == "queued"


def test_a_box_that_was_heard_after_all_is_believed(box: str, tick: Tick) -> None:
    command = announce()
    tick(61)
    assert services.end_overdue_commands() == 1
    assert state(command) == "expired"
    assert services.record_evt(box, evt(command, "finished", at=NOON + timedelta(seconds=5))) is True
    row = Command.objects.get()
    assert (row.state, row.ended_at) == ("finished", NOON + timedelta(seconds=5))


@pytest.mark.parametrize(("off_s", "written_s"), [(-3600, 0), (3600, 2)])
def test_a_boxs_wrong_clock_stays_within_what_is_possible(
    box: str, tick: Tick, off_s: int, written_s: int
) -> None:
    command = announce()
    tick(2)
    services.record_evt(box, evt(command, "finished", at=clock.now() + timedelta(seconds=off_s)))
    assert Command.objects.get().ended_at == NOON + timedelta(seconds=written_s)


def test_a_failure_keeps_its_reason(box: str) -> None:
    command = announce()
    services.record_evt(box, evt(command, "failed", detail="loa hỏng"))
    shown = queries.announcements_for(["charge1"])["charge1"][0]
    assert (shown.state, shown.detail, shown.state_label(), shown.state_label("en")) == (
        "failed",
        "loa hỏng",
        "Loa lỗi",
        "Failed",
    )


def test_the_life_of_a_command_is_a_table_without_holes() -> None:
    assert isinstance(COMMAND, StateTable)
    ends = {name for name in COMMAND.labels if not COMMAND.events(name)}
    assert ends == {"finished", "preempted", "failed"}
    assert set(LIVE) == {"queued", "sent", "accepted", "started"}
    for name in COMMAND.labels:
        assert COMMAND.can(name, "finish") is (name not in ends)


STAGES: list[Stage] = ["accepted", "started", "finished", "preempted", "failed", "expired"]


@settings(deadline=None, max_examples=50)
@given(stages=st.lists(st.sampled_from(STAGES), max_size=8))
def test_whatever_a_box_says_what_was_heard_stays_heard(stages: list[Stage]) -> None:
    """In any order, with any repeats: after `finished` nothing else is believed, and nothing ever leads
    back.
    """
    with transaction.atomic():
        savepoint = transaction.savepoint()
        try:
            register("any")
            command = announce()
            rank = {"queued": 0, "sent": 1, "accepted": 2, "started": 3, "expired": 4, "no_answer": 4}
            reached = [state(command)]
            for stage in stages:
                services.record_evt("any", evt(command, stage))
                reached.append(state(command))
            ranks = [rank.get(name, 5) for name in reached]
            assert ranks == sorted(ranks)
            finals = [name for name in reached if name in ("finished", "preempted", "failed")]
            assert len(set(finals)) <= 1
        finally:
            transaction.savepoint_rollback(savepoint)


# --- boxes ---


def test_a_new_box_gets_a_topic_and_a_secret_that_is_kept_hashed_only(tick: Tick) -> None:
    new = register("box-12")
    assert new.topic == "cho/v1/vi-tan/cho-vi-tan/box-12"
    assert len(new.secret) == 32
    row = Soundbox.objects.get()
    assert new.secret not in row.secret_hash
    assert check_secret(new.secret, row.secret_hash)
    [(account, desired)] = queries.accounts_and_settings()
    assert (account.user, account.base, desired) == ("box-12", new.topic, Desired(rev=1, volume=80))
    assert list(AuditEntry.objects.values_list("actor", "action", "subject")) == [
        ("user:1", "soundbox_registered", "soundbox:box-12")
    ]
    assert new.secret not in str(AuditEntry.objects.values().get())


def test_a_device_id_belongs_to_one_box_for_ever(box: str) -> None:
    services.revoke_soundbox(device=box, actor="user:1")
    with pytest.raises(DeviceTaken, match="box-12"):
        register(box, owner="stall:13")
    assert Soundbox.objects.count() == 1


@pytest.mark.parametrize(
    ("device", "changes"),
    [
        ("gateway", {}),
        ("box+", {}),
        ("a/b", {}),
        ("", {}),
        ("box", {"xa": "Vị Tân"}),
        ("box", {"cho": "#"}),
        ("box", {"volume": 101}),
        ("box", {"owner": ""}),
    ],
)
def test_what_cannot_be_a_box_is_refused(tick: Tick, device: str, changes: dict[str, Any]) -> None:
    with pytest.raises(BadSoundbox):
        register(device, **changes)
    assert Soundbox.objects.count() == 0
    assert AuditEntry.objects.count() == 0


def test_a_revoked_box_has_no_account_and_what_it_had_not_said_expires(box: str, tick: Tick) -> None:
    unsaid, said = announce(1), announce(2)
    services.record_evt(box, evt(said, "started"))
    before = queries.boxes_version()
    tick(1)
    services.revoke_soundbox(device=box, actor="user:1")
    services.revoke_soundbox(device=box, actor="user:1")
    assert queries.boxes_version() != before
    assert queries.accounts_and_settings() == []
    assert queries.soundboxes_of("stall:12") == []
    assert [each.device for each in queries.soundboxes_of("stall:12", revoked=True)] == [box]
    assert (state(unsaid), state(said)) == ("expired", "started")
    assert AuditEntry.objects.filter(action="soundbox_revoked").count() == 1


def test_a_new_secret_ends_the_old_one(box: str, tick: Tick) -> None:
    old = Soundbox.objects.get().secret_hash
    tick(1)
    before = queries.boxes_version()
    tick(1)
    new = services.renew_secret(device=box, actor="user:1")
    assert queries.boxes_version() != before
    row = Soundbox.objects.get()
    assert check_secret(new.secret, row.secret_hash)
    assert row.secret_hash != old


def test_a_volume_is_desired_until_the_box_reports_it(box: str, tick: Tick) -> None:
    services.record_reported(box, Reported(rev=1, volume=80))
    services.set_volume(device=box, volume=20, actor="user:1")
    found = queries.find_soundbox(box)
    assert found is not None
    assert (found.volume, found.volume_applied) == (20, False)
    [(_, desired)] = queries.accounts_and_settings()
    assert desired == Desired(rev=2, volume=20)
    services.record_reported(box, Reported(rev=2, volume=20))
    found = queries.find_soundbox(box)
    assert found is not None
    assert found.volume_applied


def test_setting_the_same_volume_again_changes_nothing(box: str) -> None:
    services.set_volume(device=box, volume=80, actor="user:1")
    assert Soundbox.objects.get().desired_rev == 1
    assert AuditEntry.objects.filter(action="soundbox_volume_set").count() == 0


def test_a_refused_change_changes_nothing(box: str) -> None:
    services.revoke_soundbox(device=box, actor="user:1")
    before = Soundbox.objects.values().get()
    with pytest.raises(SoundboxRevoked):
        services.set_volume(device=box, volume=20, actor="user:1")
    with pytest.raises(SoundboxRevoked):
        services.renew_secret(device=box, actor="user:1")
    with pytest.raises(SoundboxNotFound):
        services.set_volume(device="nobody", volume=20, actor="user:1")
    with pytest.raises(BadSoundbox):
        services.set_volume(device=box, volume=101, actor="user:1")
    assert Soundbox.objects.values().get() == before


def test_a_status_of_an_unknown_or_revoked_box_changes_nothing(box: str) -> None:
    services.revoke_soundbox(device=box, actor="user:1")
    services.record_status(box, Status(online=True, boot_id="boot"))
    services.record_status("nobody", Status(online=True, boot_id="boot"))
    assert Soundbox.objects.get().online is False


def test_old_commands_are_forgotten_and_live_ones_are_not(box: str, tick: Tick) -> None:
    old, live = announce(1), announce(2)
    services.record_evt(box, evt(old, "finished"))
    tick(91 * 86_400)
    young = announce(3)
    assert services.prune_commands() == 1
    assert set(Command.objects.values_list("pk", flat=True)) == {live.pk, young.pk}


# --- the gateway's row ---


def hold(holder: str) -> bool:
    return services.hold_gateway(holder=holder, same_machine=holder.split(":")[0] + ":", connected=True)


def test_one_gateway_at_a_time(tick: Tick) -> None:
    assert hold("here:1") is True
    assert hold("there:1") is False
    tick(14)
    assert hold("here:1") is True
    tick(14)
    assert hold("there:1") is False
    tick(2)
    assert hold("there:1") is True
    assert hold("here:1") is False


def test_a_new_process_of_the_same_machine_takes_over_at_once(tick: Tick) -> None:
    assert hold("here:1") is True
    assert hold("here:2") is True


def test_a_gateway_that_stops_cleanly_leaves_at_once(tick: Tick) -> None:
    hold("here:1")
    assert queries.gateway_health().connected is True
    services.release_gateway(holder="here:1")
    assert queries.gateway_health().alive is False
    assert hold("there:1") is True


def test_a_gateway_that_shows_no_life_is_not_healthy(tick: Tick) -> None:
    assert queries.gateway_health().alive is False
    hold("here:1")
    tick(21)
    health = queries.gateway_health()
    assert (health.alive, health.connected, health.beat_at) == (False, False, NOON)
