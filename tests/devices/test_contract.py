from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.mqtt import contract
from devices.mqtt.contract import ContractError, Desired, Evt, Reported, Say, Stage, Status
from devices.soundboxes.services import _EVENT_OF_STAGE
from devices.speech.numbers import LIMIT
from devices.speech.phrases import say_short

pytestmark = pytest.mark.pure

NOON = datetime(2026, 11, 22, 5, 0, tzinfo=UTC)
IDS = st.text(alphabet="abcXYZ019_-", min_size=1, max_size=40)
# Milliseconds are what the contract carries.
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
TIMES = st.integers(0, 4_000_000_000_000).map(lambda ms: EPOCH + timedelta(milliseconds=ms))
TEXTS = st.text(min_size=1, max_size=100)


@given(IDS, TEXTS, st.sampled_from(["ok", "warning"]), TIMES)
def test_a_command_arrives_as_it_was_sent(id_: str, text: str, tone: Any, not_after: datetime) -> None:
    say = Say(id_, text, tone, not_after)
    assert Say.from_json(say.to_json()) == say


@given(IDS, st.sampled_from(get_args(Stage)), TIMES, IDS, st.integers(0, 2**53 - 1), TEXTS)
def test_an_event_arrives_as_it_was_sent(
    cmd: str, stage: Any, at: datetime, boot_id: str, seq: int, detail: str
) -> None:
    evt = Evt(cmd, stage, at, boot_id, seq, detail)
    assert Evt.from_json(evt.to_json()) == evt


@given(st.booleans(), IDS, st.integers(0, 2**53 - 1), st.integers(0, 100))
def test_states_and_settings_arrive_as_they_were_sent(
    online: bool, boot_id: str, rev: int, volume: int
) -> None:
    status = Status(online, boot_id, "fw", "lwt")
    assert Status.from_json(status.to_json()) == status
    assert Desired.from_json(Desired(rev, volume).to_json()) == Desired(rev, volume)
    assert Reported.from_json(Reported(rev, volume).to_json()) == Reported(rev, volume)


def test_the_bytes_on_the_wire() -> None:
    """What a maker of boxes reads in the contract: a change here is a new version of it."""
    say = Say("01abc", "Đã nhận một đồng", "ok", NOON)
    assert json.loads(say.to_json()) == {
        "id": "01abc",
        "type": "say",
        "text": "Đã nhận một đồng",
        "tone": "ok",
        "not_after": "2026-11-22T05:00:00.000Z",
    }
    assert json.loads(Evt("01abc", "finished", NOON, "b", 7).to_json()) == {
        "cmd": "01abc",
        "stage": "finished",
        "at": "2026-11-22T05:00:00.000Z",
        "boot_id": "b",
        "seq": 7,
        "detail": "",
    }
    assert json.loads(Status(False, "b", "1.0", "lwt").to_json()) == {
        "online": False,
        "boot_id": "b",
        "fw": "1.0",
        "reason": "lwt",
    }
    assert json.loads(Desired(3, 80).to_json()) == {"rev": 3, "volume": 80}


def test_a_time_with_another_offset_is_the_same_instant() -> None:
    vietnam = NOON.astimezone(timezone(timedelta(hours=7)))
    assert Say("a", "b", "ok", vietnam).to_json() == Say("a", "b", "ok", NOON).to_json()
    payload = Say("a", "b", "ok", NOON).to_json().replace(b"05:00:00.000Z", b"12:00:00+07:00")
    assert Say.from_json(payload).not_after == NOON


def test_a_time_without_an_offset_is_never_written() -> None:
    with pytest.raises(ValueError, match="aware"):
        Say("a", "b", "ok", NOON.replace(tzinfo=None)).to_json()


GOOD = json.loads(Say("01abc", "Đã nhận", "ok", NOON).to_json())


@pytest.mark.parametrize(
    "changes",
    [
        {"type": "stop"},
        {"type": None},
        {"id": ""},
        {"id": "a/b"},
        {"id": 5},
        {"text": ""},
        {"text": "x" * 501},
        {"text": ["Đã nhận"]},
        {"tone": "loud"},
        {"not_after": "2026-11-22T05:00:00"},
        {"not_after": "tomorrow"},
        {"not_after": 1763800000},
        {"not_after": "0001-01-01T00:00:00+14:00"},
    ],
)
def test_a_bad_command_is_refused(changes: dict[str, Any]) -> None:
    assert Say.from_json(json.dumps(GOOD).encode()) == Say("01abc", "Đã nhận", "ok", NOON)
    with pytest.raises(ContractError):
        Say.from_json(json.dumps(GOOD | changes).encode())


@pytest.mark.parametrize(
    "payload",
    [
        *(b"", b"{", b"[]", b"null", b"\xff\xfe", b"[" * 4_000),
        b'{"rev": 1, "volume": 5, "x": "' + b"x" * 4_096 + b'"}',
        *(b'{"rev": 1}', b'{"rev": -1, "volume": 5}', b'{"rev": 1, "volume": 101}'),
        *(b'{"rev": true, "volume": 5}', b'{"rev": 1.5, "volume": 5}', b'{"rev": NaN, "volume": 5}'),
    ],
)
def test_bad_bytes_are_refused(payload: bytes) -> None:
    with pytest.raises(ContractError):
        Desired.from_json(payload)


@given(st.binary(max_size=200))
def test_no_bytes_whatever_make_a_parser_stumble(payload: bytes) -> None:
    for parser in (Say, Evt, Status, Desired, Reported):
        with pytest.raises(ContractError):
            parser.from_json(payload)


def test_topics_are_taken_apart_as_they_were_built() -> None:
    base = contract.base_topic("vi-tan", "cho-vi-tan", "Box_12")
    assert base == "cho/v1/vi-tan/cho-vi-tan/Box_12"
    assert contract.split_topic(f"{base}/evt") == (base, "Box_12", "evt")
    assert contract.every_device("evt") == "cho/v1/+/+/+/evt"


@pytest.mark.parametrize(
    "topic",
    [
        *("", "cho/v1/a/b/c", "cho/v1/a/b/c/tele", "cho/v2/a/b/c/evt", "x/v1/a/b/c/evt", "cho/v1/A/b/c/evt"),
        *("cho/v1/a/b/c/evt/", "cho/v1/+/b/c/evt", "cho/v1/a/b/#/evt", "cho/v1//b/c/evt", "cho/v1/a/b//evt"),
    ],
)
def test_other_topics_are_not_of_this_contract(topic: str) -> None:
    with pytest.raises(ContractError):
        contract.split_topic(topic)


def test_the_longest_sentence_fits() -> None:
    longest = say_short(888_888_888_888_888_888, LIMIT - 1).text
    assert len(longest) <= contract.MAX_TEXT_CHARS
    assert len(Say("x" * 40, longest, "warning", NOON).to_json()) <= contract.MAX_PAYLOAD_BYTES


def test_the_market_knows_what_every_stage_means() -> None:
    assert set(_EVENT_OF_STAGE) == set(get_args(Stage))
