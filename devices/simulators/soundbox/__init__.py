"""Simulated sound boxes: `DEMO=1 python -m devices.simulators.soundbox`.

Each connects as a device of its own, with its own secret, and behaves as the contract asks of a real one
(devices/mqtt/contract.py). What a box says is printed, written to `DATA_DIR/demo/said.jsonl`, and spoken
where the machine has a voice and a loudspeaker.
"""

from __future__ import annotations
