"""A bank that reports as SePay does, only faster: `python -m tests.faults.bank PORT PLAN SEED`.

Several connections at once, so that reports overtake one another. A report that is not answered with SePay's
success is sent again, with the pauses of SePay in hundredths of a second, until it is; some connections are cut
before the answer is read; some reports that were taken are sent again up to four times. The same transfer is
always the same bytes, signed anew at every attempt. Says one line per attempt: `ok N`, `again N` (a repeat of
what had been taken), `cut N` or `failed N`.
"""

from __future__ import annotations

import heapq
import http.client
import json
import random
import sys
import threading
import time
from pathlib import Path
from typing import Any

from tests.services.bank import FeedDoor, is_success, notice, report, signed_headers
from tests.services.visitor import Visitor

SENDERS = 8
# SePay: the first attempt, then after so many minutes; here hundredths of a second, and the last one for ever.
PAUSES_S = (0.01, 0.01, 0.02, 0.03, 0.05, 0.08, 0.13)
CUT, REPEAT = 0.06, 0.2
# What a bank's machine waits before it tries the next one at a door that does not open.
NOBODY_THERE_S = 0.02
GIVE_UP_S, EACH_S = 600.0, 0.3
_speaking = threading.Lock()


class Desk:
    """What is to be sent, by when; shared by the senders."""

    def __init__(self, transfers: list[dict[str, Any]], random_: random.Random) -> None:
        self._mutex = threading.Lock()
        self._random = random_
        # (due at, tie-break, transfer, attempts, taken before)
        self._due = [(0.0, place, each, 0, False) for place, each in enumerate(transfers)]
        heapq.heapify(self._due)
        self._turn = len(transfers)
        self._bodies: dict[int, bytes] = {}
        self._open = len(self._due)

    def take(self) -> tuple[dict[str, Any], int, bool, bytes] | None:
        """The next one that is due, with its bytes; None when nothing is due now."""
        with self._mutex:
            if not self._due or self._due[0][0] > time.monotonic():
                return None
            _due, _turn, transfer, attempts, before = heapq.heappop(self._due)
            number = transfer["number"]
            if number not in self._bodies:
                self._bodies[number] = notice(
                    number=number,
                    account=transfer["account"],
                    amount_vnd=transfer["amount_vnd"],
                    content=transfer["content"],
                    transferType=transfer["kind"],
                )
            return transfer, attempts, before, self._bodies[number]

    def finish(self, transfer: dict[str, Any], attempts: int, before: bool, taken: bool) -> None:
        """Notes how an attempt ended, and what is still to come of it."""
        with self._mutex:
            if not taken:
                pause = PAUSES_S[min(attempts, len(PAUSES_S) - 1)]
                self._put(pause, transfer, attempts + 1, before)
                return
            if not before and self._random.random() < REPEAT:
                for _ in range(self._random.randint(1, 4)):
                    self._open += 1
                    self._put(self._random.uniform(0, 0.5), transfer, 0, True)
            self._open -= 1

    @property
    def empty(self) -> bool:
        with self._mutex:
            return self._open == 0

    @property
    def cuts(self) -> bool:
        """Whether this attempt is one whose answer nobody reads."""
        with self._mutex:
            return self._random.random() < CUT

    def _put(self, pause_s: float, transfer: dict[str, Any], attempts: int, before: bool) -> None:
        self._turn += 1
        heapq.heappush(self._due, (time.monotonic() + pause_s, self._turn, transfer, attempts, before))


def say(line: str) -> None:
    """One line on the output, whole, whoever else speaks."""
    with _speaking:
        print(line, flush=True)


def hang_up(port: int, door: FeedDoor, body: bytes) -> None:
    """Reports, and is gone before the answer comes."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("POST", door.path, body, signed_headers(door, body))
    finally:
        connection.close()


def send(desk: Desk, port: int, door: FeedDoor, deadline: float) -> None:
    """One sender: works until nothing is left."""
    visitor = Visitor(port)
    while not desk.empty and time.monotonic() < deadline:
        job = desk.take()
        if job is None:
            time.sleep(0.002)
            continue
        transfer, attempts, before, body = job
        word = "failed"
        try:
            if desk.cuts:
                word = "cut"
                hang_up(port, door, body)
            elif is_success(report(visitor, door, body)):
                word = "again" if before else "ok"
        except (OSError, http.client.HTTPException):
            visitor.close()
            time.sleep(NOBODY_THERE_S)
        desk.finish(transfer, attempts, before, word in ("ok", "again"))
        say(f"{word} {transfer['number']}")
    visitor.close()


def main(arguments: list[str]) -> int:
    """Reports everything; exit status 1 when that did not end in time."""
    port, plan, seed = int(arguments[0]), json.loads(Path(arguments[1]).read_text()), int(arguments[2])
    door = FeedDoor(plan["door"]["path"], plan["door"]["secret"])
    desk = Desk(plan["transfers"], random.Random(seed))
    deadline = time.monotonic() + max(GIVE_UP_S, EACH_S * len(plan["transfers"]))
    threads = [
        threading.Thread(target=send, args=(desk, port, door, deadline), daemon=True) for _ in range(SENDERS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return 0 if desk.empty else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
