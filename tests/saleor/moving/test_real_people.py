"""Customers of the Saleor at SALEOR_API_URL; without one there is nothing here to collect."""

from __future__ import annotations

import os

import pytest

from backend.commerce.moving import Customer
from backend.common.ids import new_id
from integrations.saleor.moving.people import SaleorPeople, superuser
from integrations.saleor.setup import SetupRefused
from tests.contract.conftest import HUE, VI_TAN

if os.environ.get("SALEOR_API_URL"):

    def test_a_customer_is_known_once_with_every_address() -> None:
        client = superuser(
            os.environ["SALEOR_API_URL"],
            email=os.environ["SALEOR_EMAIL"],
            password=os.environ["SALEOR_PASSWORD"],
            timeout_s=60,
        )
        people = SaleorPeople(client)
        lan = Customer("5", f"lan-{new_id().lower()}@vi-du.vn", "Trần Thị Lan", "", (VI_TAN, HUE))
        trace = f"cho-{new_id().lower()}"
        first = people.put_customer(trace, lan, "")
        # As after a kill before anything of it was written down here.
        assert people.put_customer(trace, lan, "") == first
        known = people.read_customers([first])[first]
        assert (known.email, known.name) == (lan.email, lan.name)
        assert sorted(known.addresses, key=str) == sorted(lan.addresses, key=str)
        delete = "mutation($id: ID!) { customerDelete(id: $id) { errors { message } } }"
        assert client.ask(delete, {"id": first})["customerDelete"]["errors"] == []

    def test_a_wrong_password_is_said_before_anything_begins() -> None:
        with pytest.raises(SetupRefused):
            superuser(os.environ["SALEOR_API_URL"], email="ai@cho.example", password="sai", timeout_s=60)
