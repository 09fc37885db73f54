"""Simulated devices: programs of their own that speak the same contract as real ones, through the same
doors.
"""

from __future__ import annotations
