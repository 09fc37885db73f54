"""The broker program: mosquitto where its binary is installed, else an embedded broker; the same doors and
locks.

`python -m devices.mqtt.broker --data-dir data --port 8002`. That port is for this machine alone; boxes outside
it come by TLS, through the port of `--tls-port`, which only mosquitto has (docs/deploy.md). Its state may be
lost at any time: the market's database is the truth, and whatever was not acknowledged by a device is sent
again.
"""

from __future__ import annotations
