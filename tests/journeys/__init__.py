"""The journeys that the market exists for, lived in a real browser against the whole running market."""

from __future__ import annotations
