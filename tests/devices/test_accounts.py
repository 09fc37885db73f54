from __future__ import annotations

import json
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from devices.mqtt.accounts import (
    Account,
    accounts_path,
    check_secret,
    gateway_secret,
    hash_secret,
    load_accounts,
    save_accounts,
    with_gateway,
)
from devices.mqtt.broker.mosquitto import access_list, configuration, password_file

pytestmark = pytest.mark.pure

BOX = Account("box-12", hash_secret("secret"), "device", "cho/v1/vi-tan/cho-vi-tan/box-12")
# Made by mosquitto_passwd 2.0.11 for the password "market".
MOSQUITTOS_OWN = (
    "$7$101$1vEoztfVT4tKAhLy$"
    "NXl14lqMMRTeJwDhzrpxw2RVtC15E35qHxiqeMzZH87SEb9elKlFUdBjSYwPUGldSCwH+QAMKCztlwCK6U+PPg=="
)


def test_a_secret_belongs_to_its_hash_alone() -> None:
    hashed = hash_secret("secret")
    assert check_secret("secret", hashed)
    assert not check_secret("Secret", hashed)
    assert not check_secret("", hashed)
    assert hash_secret("secret") != hashed  # salted


def test_hashes_are_those_of_mosquitto() -> None:
    assert check_secret("market", MOSQUITTOS_OWN)
    assert not check_secret("markets", MOSQUITTOS_OWN)


@pytest.mark.parametrize(
    "broken", ["", "$7$", "plain", "$6$101$AAAA$AAAA", "$7$x$AAAA$AAAA", "$7$101$?$AAAA"]
)
def test_a_broken_hash_lets_nobody_in(broken: str) -> None:
    assert not check_secret("", broken)


def test_a_device_may_use_exactly_its_own_topics() -> None:
    base = BOX.base
    leaves = ("cmd", "desired", "status", "reported", "evt")
    assert [leaf for leaf in leaves if BOX.may("read", f"{base}/{leaf}")] == ["cmd", "desired"]
    assert [leaf for leaf in leaves if BOX.may("write", f"{base}/{leaf}")] == ["status", "reported", "evt"]
    for topic in ("#", f"{base}/#", f"{base}/+", base, "", f"{base}2/cmd"):
        assert not BOX.may("read", topic)
        assert not BOX.may("write", topic)


def test_accounts_come_back_as_they_were_saved_and_only_we_can_read_them(tmp_path: Path) -> None:
    path = accounts_path(tmp_path)
    assert load_accounts(path) == {}
    assert save_accounts(path, [BOX]) is True
    assert save_accounts(path, [BOX]) is False
    assert load_accounts(path) == {"box-12": BOX}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [each.name for each in path.parent.iterdir()] == ["accounts.json"]


@pytest.mark.parametrize(
    "changes",
    [
        {"role": "gateway"},
        {"user": "gateway", "base": "cho/v1/vi-tan/cho-vi-tan/gateway"},
        {"base": "cho/v1/vi-tan/cho-vi-tan/box-13"},
        {"base": "cho/v1/+/cho-vi-tan/box-12"},
        {"base": "cho/v1"},
        {"user": "box-12\ntopic readwrite #"},
        {"secret_hash": "$7$101$AAAA$AAAA\nother:x"},
        {"secret_hash": "plain"},
        {"more": 1},
        {"base": None},
    ],
)
def test_a_file_that_would_give_a_device_more_is_refused_as_a_whole(
    tmp_path: Path, changes: dict[str, Any]
) -> None:
    entry = {"user": BOX.user, "secret_hash": BOX.secret_hash, "role": BOX.role, "base": BOX.base}
    path = tmp_path / "accounts.json"
    path.write_text(json.dumps({"accounts": [entry]}))
    assert load_accounts(path) == {"box-12": BOX}
    path.write_text(json.dumps({"accounts": [entry | changes]}))
    with pytest.raises(ValueError, match=r"^not "):
        load_accounts(path)


def test_broker_and_gateway_agree_on_the_gateways_secret_whoever_is_first(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as threads:
        secrets = set(threads.map(lambda _: gateway_secret(tmp_path), range(64)))
    assert len(secrets) == 1
    assert len(secrets.pop()) == 43
    assert [each.name for each in (tmp_path / "mqtt").iterdir()] == ["gateway.secret"]
    assert stat.S_IMODE((tmp_path / "mqtt/gateway.secret").stat().st_mode) == 0o600


def test_the_gateway_is_added_to_the_devices(tmp_path: Path) -> None:
    users = with_gateway({"box-12": BOX}, tmp_path)
    assert set(users) == {"box-12", "gateway"}
    assert check_secret(gateway_secret(tmp_path), users["gateway"].secret_hash)
    assert users["gateway"].may("read", "cho/v1/+/+/+/evt")
    assert not users["gateway"].may("read", "#")


def test_what_mosquitto_is_told(tmp_path: Path) -> None:
    gateway = Account("gateway", "$7$101$a$b", "gateway", "cho/v1")
    assert access_list([gateway, BOX]).splitlines() == [
        "user gateway",
        "topic readwrite cho/v1/#",
        "",
        "user box-12",
        "topic read cho/v1/vi-tan/cho-vi-tan/box-12/cmd",
        "topic read cho/v1/vi-tan/cho-vi-tan/box-12/desired",
        "topic write cho/v1/vi-tan/cho-vi-tan/box-12/status",
        "topic write cho/v1/vi-tan/cho-vi-tan/box-12/reported",
        "topic write cho/v1/vi-tan/cho-vi-tan/box-12/evt",
    ]
    assert password_file([gateway]) == "gateway:$7$101$a$b\n"
    lines = configuration(host="127.0.0.1", port=8002, folder=tmp_path).splitlines()
    assert "listener 8002 127.0.0.1" in lines
    assert "allow_anonymous false" in lines
    assert "use_username_as_clientid true" in lines
