"""How fast, how fat: `make bench` opens a real market of its own and measures it as its visitors would."""

from __future__ import annotations
