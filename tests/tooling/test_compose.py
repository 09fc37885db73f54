"""docker-compose.yml parses, every name in it leads somewhere, and it sets only what the market reads."""

from __future__ import annotations

import re
import shlex
from typing import Any

import pytest
import yaml

from tests.tooling.processes import ROOT

pytestmark = pytest.mark.pure

PARTS = {
    "postgres",
    "redis",
    "mosquitto",
    "mqtt-tls",
    "proxy",
    "market-prepare",
    "market-web",
    "market-worker",
    "market-gateway",
    "saleor-prepare",
    "saleor-api",
    "saleor-worker",
    "saleor-beat",
    "saleor-dashboard",
}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    return found


@pytest.fixture(scope="module")
def services(compose: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = compose["services"]
    return found


def test_the_parts_of_the_large_set_up_are_named(services: dict[str, dict[str, Any]]) -> None:
    assert set(services) == PARTS


def test_every_service_that_is_waited_for_exists(services: dict[str, dict[str, Any]]) -> None:
    for name, service in services.items():
        waits = service.get("depends_on", [])
        assert set(waits) <= set(services), name
        if isinstance(waits, dict):
            for other, how in waits.items():
                if how["condition"] == "service_healthy":
                    assert "healthcheck" in services[other], f"{name} waits for the health of {other}"
                if how["condition"] == "service_completed_successfully":
                    assert services[other]["restart"] == "no", f"{name} waits for the end of {other}"
        shared = str(service.get("network_mode", ""))
        if shared.startswith("service:"):
            assert shared.removeprefix("service:") in services
            assert "ports" not in service, f"{name} has no network of its own to open a port in"


def test_nothing_waits_in_a_circle(services: dict[str, dict[str, Any]]) -> None:
    done: set[str] = set()
    while len(done) < len(services):
        ready = {name for name, each in services.items() if set(each.get("depends_on", [])) <= done} - done
        assert ready, f"these wait for each other: {set(services) - done}"
        done |= ready


@pytest.mark.parametrize("kind", ["volumes", "secrets", "configs"])
def test_what_services_use_is_declared_and_what_is_declared_is_used(
    compose: dict[str, Any], kind: str
) -> None:
    used: set[str] = set()
    for service in compose["services"].values():
        for each in service.get(kind, []):
            name = each["source"] if isinstance(each, dict) else str(each).split(":")[0]
            if kind != "volumes" or not name.startswith((".", "/")):
                used.add(name)
    assert used == set(compose[kind])


def test_images_are_pinned(services: dict[str, dict[str, Any]]) -> None:
    for name, service in services.items():
        assert re.fullmatch(r"[a-z0-9./-]+:\d+\.\d+(\.\d+)?(-[a-z]+)?", service["image"]), name


def test_the_market_is_set_by_its_own_settings(services: dict[str, dict[str, Any]]) -> None:
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    known = set(re.findall(r"^\| `([A-Z_]+)` ", page, re.MULTILINE))
    market = [service for name, service in services.items() if service["image"].startswith("cho-xa/")]
    assert len(market) == 5
    for service in market:
        assert set(service["environment"]) <= known
        assert service["environment"]["DEMO"] == "0"


def test_secrets_are_not_written_here(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        for variable, value in service.get("environment", {}).items():
            if re.search("PASSWORD|SECRET|PRIVATE", variable):
                assert re.fullmatch(r"\$\{[A-Z_]+(:[?-].*)?\}", value), f"{name}: {variable}"


def test_only_the_door_and_the_broker_are_open_to_the_world(services: dict[str, dict[str, Any]]) -> None:
    opened = {name: service["ports"] for name, service in services.items() if "ports" in service}
    assert opened == {"proxy": ["80:80", "443:443"], "mosquitto": ["8883:8883"]}


def test_the_image_copies_what_is_there() -> None:
    instructions = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    copied = [
        source for line in instructions if line.startswith("COPY ") for source in shlex.split(line)[1:-1]
    ]
    assert all((ROOT / source).exists() for source in copied)
    assert {"backend", "payments", "devices", "integrations", "storefront", "manage.py"} <= set(copied)
    assert "--require-hashes -r requirements/run.txt" in "\n".join(instructions)
