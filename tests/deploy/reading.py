"""docker-compose.yml and what it names, as the tests of this folder read it."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import yaml

from tests.tooling.processes import ROOT

Services = dict[str, dict[str, Any]]
ENVIRONMENT_FILE = ROOT / ".env.example"


def read_compose() -> dict[str, Any]:
    """The file with YAML's own anchors and merges resolved; ${…} stands as it is."""
    found: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    return found


def texts(value: Any) -> list[str]:
    """Every text in a tree of YAML."""
    if isinstance(value, dict):
        return [text for each in value.values() for text in texts(each)]
    if isinstance(value, list):
        return [text for each in value for text in texts(each)]
    return [str(value)]


def variables(text: str) -> list[tuple[str, str]]:
    """The ${NAME…} of a text: name, and what follows it (":-default", ":?complaint" or "")."""
    return re.findall(r"\$\{([A-Z_]+)(:?[-?][^}]*)?\}", text.replace("$$", ""))


def environment_file() -> dict[str, str]:
    """What .env.example sets, as a container engine reads it."""
    lines = ENVIRONMENT_FILE.read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


class Stage:
    """One stage of the Dockerfile."""

    def __init__(self, base: str, name: str) -> None:
        self.base = base
        self.name = name
        self.instructions: list[tuple[str, str]] = []

    def all(self, instruction: str) -> list[str]:
        """The arguments of each such instruction."""
        return [rest for name, rest in self.instructions if name == instruction]

    def copies(self) -> list[tuple[str, list[str]]]:
        """Each COPY: the stage that it copies from ("" for the project) and its sources."""
        found = []
        for rest in self.all("COPY"):
            words = shlex.split(rest)
            origin = next((word.removeprefix("--from=") for word in words if word.startswith("--from=")), "")
            found.append((origin, [word for word in words if not word.startswith("--")][:-1]))
        return found

    def command(self, instruction: str) -> list[str]:
        """CMD, or the command of HEALTHCHECK, in its exec form."""
        (rest,) = self.all(instruction)
        found: list[str] = json.loads(rest[rest.index("[") :])
        return found


def read_dockerfile(path: Path = ROOT / "Dockerfile") -> dict[str, Stage]:
    """The stages by name, in their order."""
    text = re.sub(r"^\s*#.*\n", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    stages: dict[str, Stage] = {}
    for line in text.replace("\\\n", " ").splitlines():
        name, _, rest = line.strip().partition(" ")
        if name == "FROM":
            base, _as, stage = rest.split()
            stages[stage] = Stage(base, stage)
        elif name:
            list(stages.values())[-1].instructions.append((name, rest.strip()))
    return stages
