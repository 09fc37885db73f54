"""docker-compose.yml without a container engine: every name in it leads somewhere, and it promises what it should."""

from __future__ import annotations

import importlib.util
import os
import re
from typing import Any

import pytest
from django.core.management import get_commands

from backend.common.outbox.registry import all_consumers
from tests.deploy.reading import Services, environment_file, read_compose, read_dockerfile, texts, variables
from tests.tooling.processes import ROOT

pytestmark = pytest.mark.pure

# By the kind of start: what runs all the time, what runs once before it, what an operator runs.
RUNNING = {
    *("postgres", "redis", "mosquitto", "proxy"),
    *("market-web", "market-worker", "market-gateway"),
    *("saleor-api", "saleor-worker", "saleor-beat", "saleor-dashboard"),
}
ONCE = {"market-prepare", "saleor-prepare"}
BY_HAND = {"backup", "restore"}
OURS = {"market-prepare", "market-web", "market-worker", "market-gateway", "mosquitto"}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return read_compose()


@pytest.fixture(scope="module")
def services(compose: dict[str, Any]) -> Services:
    found: Services = compose["services"]
    return found


def test_the_parts_of_the_large_set_up(services: Services) -> None:
    assert set(services) == RUNNING | ONCE | BY_HAND


def test_every_variable_has_a_default_or_is_asked_for_and_explained(compose: dict[str, Any]) -> None:
    explained = environment_file()
    used: set[str] = set()
    for text in texts(compose):
        for name, rest in variables(text):
            used.add(name)
            assert rest.startswith((":-", ":?")), f"${{{name}}} is empty without a word when it is not set"
    assert used | {"COMPOSE_PROFILES"} == set(explained)
    comments = "\n".join(
        line
        for line in (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
        if line.startswith("#")
    )
    assert comments.count("\n") >= len(explained)


def test_what_has_a_default_has_the_same_one_in_the_example(compose: dict[str, Any]) -> None:
    explained = environment_file()
    for text in texts(compose):
        for name, rest in variables(text):
            if rest.startswith(":-"):
                assert explained[name] == rest.removeprefix(":-"), name


def test_every_profile_of_the_example_is_one_of_the_file(services: Services) -> None:
    known = {profile for service in services.values() for profile in service.get("profiles", [])}
    assert known == {"saleor", "by-hand"}
    assert environment_file()["COMPOSE_PROFILES"] in known


def test_every_service_that_is_waited_for_exists_and_says_when_it_is_ready(services: Services) -> None:
    for name, service in services.items():
        for other, how in service.get("depends_on", {}).items():
            match how["condition"]:
                case "service_healthy":
                    assert "healthcheck" in services[other], f"{name} waits for the health of {other}"
                case "service_completed_successfully":
                    assert services[other]["restart"] == "no", f"{name} waits for the end of {other}"
                case other_condition:
                    pytest.fail(f"{name}: {other_condition}")
            # Nobody waits for a service that is only there with a profile, unless it has that profile, too.
            mine: list[str] = service.get("profiles", [])
            assert set(services[other].get("profiles", mine)) <= set(mine), f"{name} waits for {other}"


def test_nothing_waits_in_a_circle(services: Services) -> None:
    done: set[str] = set()
    while len(done) < len(services):
        ready = {name for name, each in services.items() if set(each.get("depends_on", {})) <= done} - done
        assert ready, f"these wait for each other: {set(services) - done}"
        done |= ready


@pytest.mark.parametrize("name", sorted(RUNNING))
def test_what_runs_all_the_time_has_a_health_check_and_comes_back(services: Services, name: str) -> None:
    service = services[name]
    assert service["restart"] == "unless-stopped"
    check = service["healthcheck"]
    assert check["test"][0] == "CMD"
    assert {"interval", "timeout"} <= set(check)


@pytest.mark.parametrize("name", sorted(ONCE | BY_HAND))
def test_what_runs_once_is_not_started_again(services: Services, name: str) -> None:
    assert services[name]["restart"] == "no"


def test_every_service_is_held_short(services: Services) -> None:
    for name, service in services.items():
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert "privileged" not in service, name
        assert service["logging"] == {
            "driver": "json-file",
            "options": {"max-size": "10m", "max-file": "5"},
        }, name


@pytest.mark.parametrize("kind", ["volumes", "secrets", "configs", "networks"])
def test_what_services_use_is_declared_and_what_is_declared_is_used(
    compose: dict[str, Any], kind: str
) -> None:
    used: set[str] = set()
    for service in compose["services"].values():
        for each in service.get(kind, []):
            name = each["source"] if isinstance(each, dict) else str(each).split(":")[0]
            if kind != "volumes" or not name.startswith((".", "/", "$")):
                used.add(name)
    assert used == set(compose[kind])


def test_every_secret_is_a_file_that_the_script_makes(compose: dict[str, Any]) -> None:
    script = (ROOT / "deploy" / "secrets.sh").read_text(encoding="utf-8")
    for name, declared in compose["secrets"].items():
        file = declared["file"]
        assert file.startswith("./secrets/"), name
        assert re.search(rf"\b{re.escape(file.removeprefix('./secrets/'))}\b", script), file
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert {"/secrets/", "/.env", "/backups/"} <= set(ignored)


def test_who_reads_a_secret_has_been_given_it(services: Services) -> None:
    for name, service in services.items():
        words = [*texts(service.get("environment", {})), *texts(service.get("command", []))]
        read = {word.removeprefix("/run/secrets/") for word in words if word.startswith("/run/secrets/")}
        assert read <= set(service.get("secrets", [])), name


def test_no_secret_is_written_into_the_environment(services: Services) -> None:
    for name, service in services.items():
        for variable, value in service.get("environment", {}).items():
            if re.search("PASSWORD|SECRET|PRIVATE", variable):
                assert variable.endswith("_FILE"), f"{name}: {variable}"
                assert value.startswith("/run/secrets/"), f"{name}: {variable}"
            assert not re.search("//[^/@]+:[^/@]+@", str(value)), f"{name}: {variable} holds a password"


def test_every_configuration_is_a_file_of_the_project(compose: dict[str, Any]) -> None:
    for name, declared in compose["configs"].items():
        path = ROOT / declared["file"]
        assert path.is_file(), name
        # The database's image runs what is executable, and reads into its own shell what is not.
        assert path.suffix != ".sh" or os.access(path, os.X_OK), name


def test_images_are_pinned(services: Services) -> None:
    for name, service in services.items():
        assert re.fullmatch(r"[a-z0-9./-]+:\d+\.\d+(\.\d+)?(-[a-z]+)?", service["image"]), name
        if not service["image"].startswith("postgres:"):
            assert re.search(r":\d+\.\d+\.\d+", service["image"]), name
    images = {service["image"] for name, service in services.items() if name.startswith("saleor-")}
    assert images == {"ghcr.io/saleor/saleor:3.23.28", "ghcr.io/saleor/saleor-dashboard:3.23.27"}


def test_our_programs_are_not_root_and_cannot_change_themselves(services: Services) -> None:
    stages = read_dockerfile()
    for name in OURS:
        service = services[name]
        assert service["user"] == "10001:10001", name
        assert service["read_only"] is True, name
        assert service["tmpfs"] == ["/tmp"], name
        stage = stages[service["build"]["target"]]
        assert stage.all("USER") == [service["user"]], name
    assert {
        service["user"] for name, service in services.items() if "saleor/saleor:" in service["image"]
    } == {"saleor:saleor"}


def test_the_market_is_set_by_its_own_settings(services: Services) -> None:
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    known = set(re.findall(r"^\| `([A-Z_]+)` ", page, re.MULTILINE))
    market = [service for service in services.values() if service["image"].startswith("cho-xa/")]
    assert len(market) == len(OURS)
    for service in market:
        assert {name.removesuffix("_FILE") for name in service["environment"]} <= known
    assert services["market-web"]["environment"]["DEMO"] == "0"


def test_every_program_of_ours_exists(services: Services) -> None:
    seen: list[str] = []
    for name in OURS:
        for words in (services[name]["command"], services[name].get("healthcheck", {}).get("test", [])):
            line = " ".join(words)
            for module in re.findall(r"(?:python -m |python:)([a-z_.]+)", line):
                assert importlib.util.find_spec(module) is not None, module
                seen.append(module)
            for command in re.findall(r"manage\.py ([a-z_]+)", line):
                assert command in get_commands(), command
                seen.append(command)
    assert set(seen) == {
        *("backend.project.web_server", "backend.project.worker", "backend.project.healthcheck"),
        *("devices.mqtt.broker", "migrate", "collectstatic", "mqtt_gateway"),
    }


def test_the_health_of_each_program_is_asked_of_itself(services: Services) -> None:
    asked = {name: services[name]["healthcheck"]["test"][-1] for name in OURS if name.startswith("market-w")}
    assert asked == {"market-web": "web", "market-worker": "worker"}
    assert services["market-gateway"]["healthcheck"]["test"][-1] == "gateway"


def test_only_the_doors_are_open_to_the_world(services: Services) -> None:
    opened = {name: service["ports"] for name, service in services.items() if "ports" in service}
    assert opened == {
        "proxy": ["80:80", "443:443", "443:443/udp", "127.0.0.1:${STAFF_PORT:-8000}:8000"],
        "mosquitto": ["8883:8883"],
    }
    for name, service in services.items():
        if str(service.get("network_mode", "")).startswith("service:"):
            assert service["network_mode"].removeprefix("service:") in services
            assert "ports" not in service, f"{name} has no network of its own to open a port in"
            assert "networks" not in service, name
        assert service.get("network_mode") != "host", name


def test_databases_and_saleor_have_no_way_to_the_world(compose: dict[str, Any]) -> None:
    inside = {name for name, network in compose["networks"].items() if network.get("internal")}
    assert inside == {"store", "commerce"}
    for name in ("postgres", "redis", "saleor-api", "saleor-worker", "saleor-beat", "saleor-dashboard"):
        assert set(compose["services"][name]["networks"]) <= inside, name
    # Whoever the world reaches does not reach the databases; the broker shares its network with the gateway.
    assert "store" not in compose["services"]["proxy"]["networks"]


def test_the_broker_s_plain_door_is_on_loopback_where_the_gateway_is(services: Services) -> None:
    broker, gateway = services["mosquitto"], services["market-gateway"]
    assert gateway["network_mode"] == "service:mosquitto"
    for service in (broker, gateway):
        address = (service["environment"]["MQTT_HOST"], service["environment"]["MQTT_PORT"])
        assert address == ("127.0.0.1", "1883")
        assert "mqtt-data:/data/mqtt" in service["volumes"]


def test_saleor_s_schedules_are_kept_in_the_database(services: Services) -> None:
    command = services["saleor-beat"]["command"]
    assert command[command.index("--scheduler") + 1] == "saleor.schedulers.schedulers.DatabaseScheduler"
    worker = services["saleor-worker"]
    assert "-B" not in worker["command"]
    # The name by which health asks for the worker is the one it has.
    test = worker["healthcheck"]["test"]
    named = worker["command"][worker["command"].index("--hostname") + 1]
    assert test[test.index("--destination") + 1] == named
    assert test[test.index("--broker") + 1] == worker["environment"]["CELERY_BROKER_URL"]


def test_market_and_saleor_name_each_other_as_they_are_found(services: Services) -> None:
    """Saleor calls the App by the market's public address, the market calls Saleor by the one that it signs with."""
    market, saleor = services["market-web"]["environment"], services["saleor-api"]["environment"]
    assert market["SALEOR_API_URL"] == f"{saleor['PUBLIC_URL']}/graphql/"
    aliases = services["proxy"]["networks"]["commerce"]["aliases"]
    assert [f"http://{aliases[0]}:8000", f"https://{aliases[1]}"] == [
        saleor["PUBLIC_URL"],
        market["PUBLIC_URL"],
    ]
    assert aliases[0] in saleor["ALLOWED_HOSTS"].split(",")
    for name in ("market-web", "market-worker", "saleor-api", "saleor-worker"):
        assert "commerce" in services[name]["networks"], name


def test_every_part_that_speaks_with_saleor_knows_it_and_can_reach_it(services: Services) -> None:
    """The shop is chosen anew in every process: one that missed a setting would open the embedded engine's tables."""
    market = {name: each for name, each in services.items() if each["image"].startswith("cho-xa/market:")}
    assert set(market) == {"market-prepare", "market-web", "market-worker", "market-gateway"}
    named = f"{services['saleor-api']['environment']['PUBLIC_URL']}/graphql/"
    for name, service in market.items():
        environment = service["environment"]
        assert environment["SHOP_ENGINE"] == "${SHOP_ENGINE:-embedded}", name
        assert environment["SALEOR_API_URL"] == named, name
        assert environment["SALEOR_APIS"].split(",") == [named], name
    # Whoever calls, and whoever is called: by name, over a network that both are in.
    both = {"proxy", "market-web", "market-worker", "saleor-api", "saleor-worker", "saleor-dashboard"}
    assert {name for name, each in services.items() if "commerce" in each.get("networks", [])} - {
        "saleor-prepare",
        "saleor-beat",
    } == both
    # The gateway delivers to sound boxes alone, and a migration asks no shop.
    runners = {each.name for each in all_consumers() if each.runner == "gateway"}
    assert runners == {"devices.announce"}
    # Saleor calls the App at the market's public name, which leads to the proxy inside: a private address.
    for name in ("saleor-api", "saleor-worker"):
        assert services[name]["environment"]["HTTP_IP_FILTER_ENABLED"] == "False", name


def test_redis_has_a_shelf_for_each(services: Services) -> None:
    saleor, market = services["saleor-api"]["environment"], services["market-web"]["environment"]
    assert saleor["CACHE_URL"] == saleor["REDIS_URL"] == "redis://redis:6379/0"
    assert len({saleor["CACHE_URL"], saleor["CELERY_BROKER_URL"], market["CELERY_BROKER_URL"]}) == 3


def test_both_databases_are_made_for_who_asks_for_them(services: Services) -> None:
    script = (ROOT / "deploy" / "databases.sh").read_text(encoding="utf-8")
    assert "for name in market saleor; do" in script
    urls = {services[name]["environment"]["DATABASE_URL"] for name in ("market-web", "saleor-api")}
    assert urls == {"postgres://market@postgres:5432/market", "postgres://saleor@postgres:5432/saleor"}
    needed = {"postgres_password", "market_database_password", "saleor_database_password"}
    assert set(services["postgres"]["secrets"]) == needed
