"""Memory of a running market, part by part, and the processor time of one part."""

from __future__ import annotations

import os
from pathlib import Path

# What tells a part by its command line, and its name in the table. The first that fits.
_PARTS = (
    ("gunicorn", "web"),
    ("backend.project.worker", "worker"),
    ("mqtt_gateway", "gateway"),
    ("devices.mqtt.broker", "broker"),
    ("mosquitto", "broker"),
    ("payments.demobank", "demo bank"),
    ("simulators.soundbox", "sound boxes"),
    ("supervisor.py", "supervisor"),
)


def family(pid: int) -> list[int]:
    """A process and all that descend from it, as far as they still live."""
    found = [pid]
    for each in found:
        try:
            text = Path(f"/proc/{each}/task/{each}/children").read_text()
        except OSError:
            continue
        found += [int(child) for child in text.split()]
    return found


def part_of(pid: int) -> str:
    """The part that a process belongs to, by its command line."""
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
    except OSError:
        return "gone"
    return next((name for sign, name in _PARTS if sign in command), "other")


def pss_kib(pid: int) -> int:
    """Proportional set size: its own pages, and its share of those that several processes use. 0 when gone."""
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    except OSError:
        pass
    return 0


def by_part(supervisor: int) -> dict[str, tuple[int, int]]:
    """`{part: (processes, KiB of PSS)}` of a whole market."""
    found: dict[str, tuple[int, int]] = {}
    for pid in family(supervisor):
        name = part_of(pid)
        count, size = found.get(name, (0, 0))
        found[name] = (count + 1, size + pss_kib(pid))
    found.pop("gone", None)
    return found


def processor_s(supervisor: int, part: str) -> float:
    """Seconds of processor time that the living processes of a part have used so far."""
    ticks = 0
    for pid in family(supervisor):
        if part_of(pid) != part:
            continue
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        ticks += int(fields[11]) + int(fields[12])  # utime and stime, proc(5)
    return ticks / os.sysconf("SC_CLK_TCK")
