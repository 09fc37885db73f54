"""What the boxes want to hear of."""

from __future__ import annotations

from backend.common.outbox import Event, consumer
from devices.soundboxes import services


@consumer("devices.announce", events={"payment_received"}, runner="gateway", in_transaction=True)
def announce(event: Event) -> None:
    """Write the commands in the transaction that marks the event as delivered; the gateway then sends
    them.
    """
    services.announce_payment(event)
