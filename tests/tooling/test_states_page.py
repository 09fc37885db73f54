from __future__ import annotations

import pytest

from tools import states_page

pytestmark = pytest.mark.pure


def test_the_page_of_states_is_what_the_tables_say() -> None:
    assert states_page.PAGE.read_text(encoding="utf-8") == states_page.page()
