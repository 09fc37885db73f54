"""What tests need from the machine: databases, ports, and the programs of Debian that they drive."""

from __future__ import annotations
