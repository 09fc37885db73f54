"""The set-up against a Saleor that knows only what it was told: what is looked at before anything is made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from backend.commerce import naming
from backend.commerce.categories import category_rows
from integrations.saleor.client import Client
from integrations.saleor.places import ATTRIBUTES
from integrations.saleor.setup import Setup, SetupRefused

pytestmark = pytest.mark.pure


class Prepared(Client):
    """A Saleor in which everything stands already."""

    def __init__(self, **changes: Any) -> None:
        super().__init__("http://127.0.0.1:1/graphql/")
        self.sent: list[str] = []
        ids = {slug: f"A{n}" for n, slug in enumerate(ATTRIBUTES)}
        self.present: dict[str, Any] = {
            "shop": {"version": "3.23.28"},
            "channel": {"id": "C1", "currencyCode": "VND", "taxConfiguration": {"id": "T1"}},
            "taxCountryConfigurations": [],
            "shippingZones": {
                "edges": [{"node": {"id": "Z1", "name": "Việt Nam", "channels": [{"slug": naming.CHANNEL}]}}]
            },
            "attributes": {"edges": [{"node": {"id": pk, "slug": slug}} for slug, pk in ids.items()]},
            "productTypes": {
                "edges": [
                    {
                        "node": {
                            "id": "P1",
                            "productAttributes": [
                                {"id": pk} for slug, pk in ids.items() if slug != naming.UNIT
                            ],
                            "assignedVariantAttributes": [
                                {"attribute": {"id": ids[naming.UNIT]}, "variantSelection": True}
                            ],
                        }
                    }
                ]
            },
            **changes,
        }

    def run(
        self, name: str, variables: Mapping[str, Any] | None = None, *, safe: bool = False
    ) -> dict[str, Any]:
        self.sent.append(name)
        if name == "setup_present":
            return self.present
        if name == "categories":
            nodes = [
                {
                    "id": row["code"],
                    "slug": row["slug"],
                    "name": row["name"],
                    "metadata": [{"key": naming.POSITION, "value": str(n)}],
                }
                for n, row in enumerate(category_rows())
            ]
            page = {"edges": [{"node": each} for each in nodes], "pageInfo": {"hasNextPage": False}}
            return {"categories": page}
        return {name: {"errors": []}}


def test_what_stands_is_left_standing() -> None:
    saleor = Prepared()
    report = Setup(saleor).run()
    assert report.made == []
    assert {each for each in saleor.sent if "create" in each or "assign" in each} == set()
    assert report.text().startswith("Saleor 3.23.28\n  kept  shop settings")


def test_a_tax_rate_that_would_sell_at_net_is_removed() -> None:
    saleor = Prepared(taxCountryConfigurations=[{"country": {"code": "VN"}}])
    assert Setup(saleor).run().made == ["no tax rate for Vietnam"]
    assert saleor.sent.count("setup_tax_country") == 1


def test_a_channel_in_another_currency_is_refused() -> None:
    saleor = Prepared(channel={"id": "C1", "currencyCode": "USD", "taxConfiguration": {"id": "T1"}})
    with pytest.raises(SetupRefused, match="USD"):
        Setup(saleor).run()


def test_what_saleor_refuses_is_said_in_its_words() -> None:
    class Refusing(Prepared):
        def run(self, name: str, variables: Mapping[str, Any] | None = None, *, safe: bool = False) -> Any:
            if name == "setup_shop":
                return {name: {"errors": [{"field": "name", "message": "Not allowed.", "code": "INVALID"}]}}
            return super().run(name, variables, safe=safe)

    with pytest.raises(SetupRefused, match="name: Not allowed"):
        Setup(Refusing()).run()


def test_a_promotion_that_lowers_prices_in_the_channel_is_named() -> None:
    class Promoting(Prepared):
        def run(self, name: str, variables: Mapping[str, Any] | None = None, *, safe: bool = False) -> Any:
            if name != "setup_promotions":
                return super().run(name, variables, safe=safe)
            cho, other = [{"channels": [{"slug": "cho"}]}], [{"channels": [{"slug": "default-channel"}]}]
            nodes = [
                {"name": "Tết", "endDate": None, "rules": cho},
                {"name": "Hè", "endDate": "2099-01-01T00:00:00+00:00", "rules": [*other, *cho]},
                {"name": "Đã qua", "endDate": "2020-01-01T00:00:00+00:00", "rules": cho},
                {"name": "Nơi khác", "endDate": None, "rules": other},
                {"name": "Chưa có luật", "endDate": None, "rules": None},
            ]
            page = {"edges": [{"node": each} for each in nodes], "pageInfo": {"hasNextPage": False}}
            return {"promotions": page}

    report = Setup(Promoting()).run()
    assert [each.split("»")[0] for each in report.wrong] == ["promotion «Tết", "promotion «Hè"]
    assert "WRONG promotion «Tết» in channel cho: orders for its goods are refused; end it" in report.text()
