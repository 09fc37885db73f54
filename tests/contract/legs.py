"""The engines that the contract suite runs against. A leg is one way to reach one engine."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from backend.commerce.shop import Shop
from backend.common.ids import new_id
from backend.engine.shop import EmbeddedShop


class Leg(Protocol):
    """One engine, ready to be used: it has the categories, and can make room for a seller."""

    shop: Shop

    def new_seller(self) -> str:
        """The id of a seller whom no other test knows, known to the engine where it has to be."""
        ...


class EngineLeg:
    """The embedded engine, called directly in this process. It keeps no sellers of its own."""

    def __init__(self) -> None:
        self.shop: Shop = EmbeddedShop()

    def new_seller(self) -> str:
        return new_id()


LEGS: dict[str, Callable[[], Leg]] = {"engine": EngineLeg}
"""By the name that appears in the test ids. Whoever adds a leg adds a line; no case knows which leg it runs
on."""
