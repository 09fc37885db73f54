"""`manage.py mqtt_gateway`: run the gateway between the market and its devices."""

from __future__ import annotations

import signal
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from devices.soundboxes.gateway import AnotherGateway, LeaseLost, MqttGateway


class Command(BaseCommand):
    help = "Run the gateway between the market and its devices (sound boxes)."
    # The checks would import every view and form of the market: 20 MB that this process never needs.
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until SIGTERM or SIGINT."""
        stopping = False

        def stop(_signal: int, _frame: FrameType | None) -> None:
            nonlocal stopping
            stopping = True

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        gateway = MqttGateway(host=settings.MQTT_HOST, port=settings.MQTT_PORT, data_dir=settings.DATA_DIR)
        try:
            gateway.run(lambda: stopping)
        except AnotherGateway:
            raise CommandError("Đã có một mqtt_gateway khác đang chạy trên máy này.") from None
        except LeaseLost:
            raise CommandError("Máy khác đã nhận việc của mqtt_gateway.") from None
