"""Settings are read in one place, and whoever reads the environment elsewhere is found."""

from __future__ import annotations

import pytest

from tools.check_settings import readings

pytestmark = pytest.mark.pure


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import os\nx = os.environ['PORT']", [(2, "PORT")]),
        ("import os\nx = os.environ.get('PORT', '1')", [(2, "PORT")]),
        ("import os\n\nx = os.getenv('PORT')", [(3, "PORT")]),
        ("import os\nx = os.environ[name]", [(2, "?")]),
        ("import os\nos.environ['PORT'] = '1'", []),
        ("import os\nenv = {**os.environ}", []),
        ("settings.get('PORT')", []),
    ],
)
def test_readings_of_the_environment_are_found(source: str, found: list[tuple[int, str]]) -> None:
    assert list(readings(source)) == found
