"""A writing call happens once per key, however often it is sent."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

from django.db import transaction

from backend.common import clock
from backend.common.errors import KeyReused
from backend.common.ids import new_id
from backend.common.models import CallKey


def fingerprint(inputs: Any) -> str:
    """SHA-256 of ``inputs`` as canonical JSON (bytes enter as their own digest)."""

    def plain(value: Any) -> str:
        if isinstance(value, bytes):
            return hashlib.sha256(value).hexdigest()
        return str(value)

    text = json.dumps(inputs, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=plain)
    return hashlib.sha256(text.encode()).hexdigest()


def once(*, key: str, method: str, inputs: Any, do: Callable[[], str]) -> str:
    """Run ``do`` in one transaction of its own unless ``key`` has already been used; return what it returned then.

    ``do`` returns a reference to its result (an id, or JSON). Two callers with one key at the same time: the second
    waits for the first and gets its answer. An error in ``do`` rolls the key back too, so that a later retry may succeed.
    Raises KeyReused when the key was used for another method or input; RuntimeError inside an open transaction.
    """
    digest = fingerprint(inputs)
    with transaction.atomic(durable=True):
        mine = CallKey(key=key, method=method, input_sha256=digest, nonce=new_id(), at=clock.now())
        CallKey.objects.bulk_create([mine], ignore_conflicts=True)
        stored = CallKey.objects.get(pk=key)
        if stored.method != method or stored.input_sha256 != digest:
            raise KeyReused()
        if stored.nonce != mine.nonce:
            return stored.result
        result = do()
        CallKey.objects.filter(pk=key).update(result=result)
        return result
