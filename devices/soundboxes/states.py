"""A command's way from the market to people's ears.

Only `finished` counts as heard. What the device says late is believed over what the market concluded from its
silence, so `expired` and `no_answer` can still become what really happened.
"""

from __future__ import annotations

from typing import Final

from backend.common.states import StateTable

_FROM_DEVICE: Final = {
    "accept": "accepted",
    "start": "started",
    "finish": "finished",
    "preempt": "preempted",
    "fail": "failed",
}

COMMAND: Final = StateTable(
    name="device_command",
    initial="queued",
    transitions={
        ("queued", "send"): "sent",
        # Published, and the process killed before it could write that down: the device answers all the same.
        **{("queued", event): state for event, state in _FROM_DEVICE.items()},
        ("queued", "expire"): "expired",
        **{("sent", event): state for event, state in _FROM_DEVICE.items()},
        ("sent", "expire"): "expired",
        **{("accepted", event): state for event, state in _FROM_DEVICE.items() if event != "accept"},
        ("accepted", "expire"): "expired",
        ("accepted", "give_up"): "no_answer",
        ("started", "finish"): "finished",
        ("started", "preempt"): "preempted",
        ("started", "fail"): "failed",
        ("started", "give_up"): "no_answer",
        ("expired", "finish"): "finished",
        ("expired", "preempt"): "preempted",
        ("no_answer", "finish"): "finished",
        ("no_answer", "preempt"): "preempted",
        ("no_answer", "fail"): "failed",
    },
    labels={
        "queued": ("Chờ gửi", "Queued"),
        "sent": ("Đã gửi", "Sent"),
        "accepted": ("Loa đã nhận", "Accepted"),
        "started": ("Đang đọc", "Speaking"),
        "finished": ("Đã đọc", "Heard"),
        "preempted": ("Bị ngắt", "Interrupted"),
        "failed": ("Loa lỗi", "Failed"),
        "expired": ("Quá giờ, không đọc", "Too late, not spoken"),
        "no_answer": ("Loa không trả lời", "No answer"),
    },
)

# To be sent, until the device has it or its time is over.
UNSENT: Final = ("queued", "sent")
# With the device; it is asked again what became of them.
WITH_DEVICE: Final = ("accepted", "started")
LIVE: Final = UNSENT + WITH_DEVICE
