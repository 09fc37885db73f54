"""Ports on 127.0.0.1 that nobody uses."""

from __future__ import annotations

import random
import socket


def free_port() -> int:
    """A port that was free a moment ago."""
    return free_ports(1)


def free_ports(count: int) -> int:
    """The first of `count` ports in a row that were free a moment ago.

    Taken from below the range from which the kernel hands out ports by itself (32768 upwards), so that a
    connection made in between does not take one.
    """
    while True:
        first = random.randrange(10_000, 32_000)
        if all(_is_free(port) for port in range(first, first + count)):
            return first


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
