"""Markets, zones and stalls are made once, with names and codes that people can say."""

from __future__ import annotations

import pytest

from backend.common.models import AuditEntry
from backend.markets import errors
from backend.markets.models import Market, Stall, Zone
from backend.markets.queries import find_market, stalls_in
from backend.markets.services import create_market, create_stall, create_zone
from backend.places.models import Commune

pytestmark = pytest.mark.django_db


def test_a_market_has_an_address_from_its_name(commune: Commune) -> None:
    market = create_market(actor="user:1", name="  Chợ  Thoại Sơn ", commune=commune)
    assert (market.name, market.slug) == ("Chợ Thoại Sơn", "cho-thoai-son")
    assert find_market("cho-thoai-son") == market
    assert find_market("cho-khac") is None


def test_the_same_market_again_is_the_same_market(commune: Commune) -> None:
    first = create_market(actor="user:1", name="Chợ Thoại Sơn", commune=commune)
    assert create_market(actor="user:1", name="Chợ Thoại Sơn", commune=commune) == first
    assert AuditEntry.objects.filter(action="market.created").count() == 1


def test_markets_of_one_name_in_two_communes_have_two_addresses(commune: Commune) -> None:
    other = Commune.objects.get(pk="15880")
    slugs = [create_market(actor="user:1", name="Chợ Xã", commune=each).slug for each in (commune, other)]
    assert slugs == ["cho-xa", "cho-xa-15880"]


@pytest.mark.parametrize("name", ["", "   ", "Chợ" * 41])
def test_a_market_needs_a_name(commune: Commune, name: str) -> None:
    with pytest.raises(errors.BadName):
        create_market(actor="user:1", name=name, commune=commune)
    assert Market.objects.count() == 0


def test_stalls_are_listed_by_code_without_closed_ones(market: Market) -> None:
    zone = create_zone(actor="user:1", market=market, name="Rau củ")
    assert create_zone(actor="user:1", market=market, name="Rau củ") == zone
    for code in ("B02", "a12", "A07"):
        create_stall(actor="user:1", market=market, code=code, vendor_name="Cô Ba", zone=zone)
    Stall.objects.filter(code="A07").update(active=False)
    assert [stall.code for stall in stalls_in(market)] == ["A12", "B02"]
    assert Zone.objects.get().stalls.count() == 3


@pytest.mark.parametrize("code", ["", "A 1", "A-12", "ABCDEFGH9", "Ắ1"])
def test_a_stall_code_is_short_and_sayable(market: Market, code: str) -> None:
    with pytest.raises(errors.BadStallCode):
        create_stall(actor="user:1", market=market, code=code, vendor_name="Cô Ba")
    assert Stall.objects.count() == 0


def test_a_code_belongs_to_one_vendor(market: Market) -> None:
    first = create_stall(actor="user:1", market=market, code="A12", vendor_name="Cô Bảy rau")
    assert create_stall(actor="user:1", market=market, code="a12", vendor_name="Cô Bảy rau") == first
    with pytest.raises(errors.StallCodeTaken):
        create_stall(actor="user:1", market=market, code="A12", vendor_name="Chú Tư")
    assert Stall.objects.get().vendor_name == "Cô Bảy rau"
    assert AuditEntry.objects.filter(action="market.stall_created").count() == 1
