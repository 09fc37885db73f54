"""The broker program: mosquitto where its binary is installed, else an embedded broker; the same doors and
locks.

`python -m devices.mqtt.broker --data-dir data --port 8002`. It only ever listens on this machine; boxes
outside it need a mosquitto with TLS in front (docs). Its state may be lost at any time: the market's database
is the truth, and whatever was not acknowledged by a device is sent again.
"""

from __future__ import annotations
