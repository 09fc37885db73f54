"""Vietnamese numbers; Django's own ``vi`` groups no digits."""

from __future__ import annotations

from backend.common.formats.calendar import *  # noqa: F403 - Django looks each name up here

DECIMAL_SEPARATOR = ","
THOUSAND_SEPARATOR = "."
NUMBER_GROUPING = 3
