"""Who may take money at a stall, who may read its figures, and who learns not even that it exists."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import AnonymousUser

from backend.accounts.access import Person
from backend.common.errors import NotFound
from backend.common.ids import new_id
from backend.common.money import vnd
from backend.markets.access import access_charge, access_stall, markets_of, read_stall, stalls_of
from backend.markets.models import Market, Stall
from backend.markets.services import create_market, open_charge
from tests.markets.conftest import MakePerson

pytestmark = pytest.mark.django_db(transaction=True)

Case = Callable[[MakePerson, Stall, Stall], Person]

TAKE_MONEY: dict[str, Case] = {
    "vendor of the stall": lambda make, own, other: make("vendor", "stall", own.pk),
    "helper of the stall": lambda make, own, other: make("helper", "stall", own.pk),
}
ONLY_READ: dict[str, Case] = {
    "manager of its market": lambda make, own, other: make("manager", "market", own.market_id),
}
STRANGERS: dict[str, Case] = {
    "vendor of another stall": lambda make, own, other: make("vendor", "stall", other.pk),
    "helper of another stall": lambda make, own, other: make("helper", "stall", other.pk),
    "manager of another market": lambda make, own, other: make("manager", "market", own.market_id + 1),
    "manager of the stall, a role that stalls do not have": lambda make, own, other: make(
        "manager", "stall", own.pk
    ),
    "vendor of a seller with the same number": lambda make, own, other: make("vendor", "seller", own.pk),
    "officer of its commune": lambda make, own, other: make("officer", "commune", own.market.commune_id),
    "vendor who left the stall": lambda make, own, other: make("vendor", "stall", own.pk, end=True),
    "buyer": lambda make, own, other: make(),
    "nobody": lambda make, own, other: AnonymousUser(),
}


def _ids(cases: dict[str, Case]) -> list[object]:
    return [pytest.param(case, id=name) for name, case in cases.items()]


@pytest.mark.parametrize("case", _ids(TAKE_MONEY))
def test_vendor_and_helper_take_money(
    case: Case, make_person: MakePerson, stall: Stall, other_stall: Stall
) -> None:
    person = case(make_person, stall, other_stall)
    charge = open_charge(key=new_id(), stall_id=stall.pk, amount=vnd(50_000), note="", actor="user:2")
    assert access_stall(person, stall.pk) == stall
    assert read_stall(person, stall.pk) == stall
    assert access_charge(person, charge.id).pk == charge.id
    assert stalls_of(person) == [stall]


@pytest.mark.parametrize("case", _ids(ONLY_READ))
def test_the_manager_reads_and_takes_nothing(
    case: Case, make_person: MakePerson, stall: Stall, other_stall: Stall
) -> None:
    person = case(make_person, stall, other_stall)
    charge = open_charge(key=new_id(), stall_id=stall.pk, amount=vnd(50_000), note="", actor="user:2")
    assert read_stall(person, stall.pk) == stall
    assert markets_of(person) == [stall.market]
    with pytest.raises(NotFound):
        access_stall(person, stall.pk)
    with pytest.raises(NotFound):
        access_charge(person, charge.id)
    assert stalls_of(person) == []


@pytest.mark.parametrize("case", _ids(STRANGERS))
def test_others_find_nothing(case: Case, make_person: MakePerson, stall: Stall, other_stall: Stall) -> None:
    person = case(make_person, stall, other_stall)
    charge = open_charge(key=new_id(), stall_id=stall.pk, amount=vnd(50_000), note="", actor="user:2")
    with pytest.raises(NotFound):
        access_stall(person, stall.pk)
    with pytest.raises(NotFound):
        read_stall(person, stall.pk)
    with pytest.raises(NotFound):
        access_charge(person, charge.id)
    assert stall not in stalls_of(person)
    assert stall.market not in markets_of(person)


def test_a_blocked_account_takes_no_money(make_person: MakePerson, stall: Stall) -> None:
    person = make_person("vendor", "stall", stall.pk)
    person.is_active = False
    with pytest.raises(NotFound):
        access_stall(person, stall.pk)
    assert stalls_of(person) == []


def test_a_closed_stall_is_nobodys(make_person: MakePerson, stall: Stall) -> None:
    vendor, manager = (
        make_person("vendor", "stall", stall.pk),
        make_person("manager", "market", stall.market_id),
    )
    Stall.objects.filter(pk=stall.pk).update(active=False)
    for person in (vendor, manager):
        with pytest.raises(NotFound):
            read_stall(person, stall.pk)
    assert stalls_of(vendor) == []


def test_a_market_is_managed_by_its_own_manager(make_person: MakePerson, market: Market) -> None:
    elsewhere = create_market(actor="user:1", name="Chợ Núi Sập", commune=market.commune)
    assert markets_of(make_person("manager", "market", elsewhere.pk)) == [elsewhere]
