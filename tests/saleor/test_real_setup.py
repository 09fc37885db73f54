"""The set-up against the Saleor at SALEOR_API_URL; without one there is nothing here to collect."""

from __future__ import annotations

import os

import pytest

from integrations.saleor.setup import SetupRefused, prepare, works

if os.environ.get("SALEOR_API_URL"):

    def test_what_is_prepared_is_kept() -> None:
        credentials = {"email": os.environ["SALEOR_EMAIL"], "password": os.environ["SALEOR_PASSWORD"]}
        api_url = os.environ["SALEOR_API_URL"]
        _first, access = prepare(api_url, **credentials, known=None)
        assert access is not None
        assert works(access)
        again, none_needed = prepare(api_url, **credentials, known=access)
        assert none_needed is None
        assert again.made == []
        assert again.version == "3.23.28"

    def test_a_wrong_password_is_said() -> None:
        with pytest.raises(SetupRefused):
            prepare(os.environ["SALEOR_API_URL"], email="ai@cho.example", password="sai", known=None)
