"""`DEMO=1 python -m devices.simulators.soundbox`: all boxes of DATA_DIR/demo/soundboxes.json in one
process.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import secrets
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Final

from devices.mqtt.client import drive
from devices.simulators.soundbox.box import BoxSettings, SimulatedBox
from devices.simulators.soundbox.voice import Voice

LISTEN_S: Final = 0.02


def main() -> int:
    """Run until SIGTERM or SIGINT; return 0, or 1 with one sentence on standard error."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    if os.environ.get("DEMO") != "1":
        return _refuse("Loa mô phỏng chỉ chạy khi thử: hãy đặt DEMO=1.")
    folder = Path(os.environ.get("DATA_DIR") or "data").resolve() / "demo"
    try:
        data = json.loads((folder / "soundboxes.json").read_text("utf-8"))
        host, port = str(data["host"]), int(data["port"])
        boxes = [
            BoxSettings(
                str(box["device"]),
                str(box["password"]),
                str(box["topic"]),
                str(box["stall"]),
                int(box["volume"]),
            )
            for box in data["boxes"]
        ]
    except FileNotFoundError:
        return _refuse(f"Chưa có {folder}/soundboxes.json: hãy mở chợ thử trước (make run).")
    except (ValueError, KeyError, TypeError) as error:
        return _refuse(f"Không đọc được {folder}/soundboxes.json: {error}")

    with (folder / "soundboxes.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return _refuse("Loa mô phỏng của chợ này đang chạy rồi.")
        _run(boxes, host=host, port=port, folder=folder)
    return 0


def _run(boxes: list[BoxSettings], *, host: str, port: int, folder: Path) -> None:
    stopping = False

    def stop(_signal: int, _frame: FrameType | None) -> None:
        nonlocal stopping
        stopping = True

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    voice = Voice(folder)
    boot_id = secrets.token_hex(8)
    running = [
        SimulatedBox(box, host=host, port=port, folder=folder, voice=voice, boot_id=boot_id) for box in boxes
    ]
    logging.getLogger(__name__).info("%s boxes, %s", len(running), voice.description)
    connections = [box.connection for box in running]
    while not stopping:
        drive(connections, LISTEN_S)
        for box in running:
            box.step()
    for box in running:
        box.close()


def _refuse(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
