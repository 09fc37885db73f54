"""The audit log: one row per act that somebody may have to answer for."""

from __future__ import annotations

from typing import Any

from backend.common import clock
from backend.common.models import AuditEntry


def record(actor: str, action: str, subject: str, **data: Any) -> None:
    """Write that ``actor`` ("user:5", "system:expiry") did ``action`` to ``subject`` ("order:…").

    Belongs inside the transaction of the act, so that neither exists without the other. ``data`` must be JSON and must
    hold no secret and no more personal data than the act needs.
    """
    AuditEntry.objects.create(at=clock.now(), actor=actor, action=action, subject=subject, data=data)
