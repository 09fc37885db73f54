from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django import Settings

from tests.contract.conftest import Market
from tests.contract.legs import EngineLeg


@pytest.fixture
def market(db: None) -> Market:
    """The embedded engine, with the short ways of the contract suite."""
    return Market(EngineLeg())


@pytest.fixture
def media(tmp_path: Path, settings: Settings) -> Path:
    """The folder that pictures are stored in, empty at first."""
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path / "media"
