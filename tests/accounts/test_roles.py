"""Roles hold at one place, are given by those who may, and a refusal changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser

from backend.accounts.access import access_seller, has_role, scope_ids, sellers_of
from backend.accounts.errors import (
    BadKind,
    BadName,
    BadPhone,
    EmailTaken,
    LastAdmin,
    MayNotGrant,
    MayNotOpenSeller,
    RoleDoesNotFit,
    RoleNotHeld,
)
from backend.accounts.models import Membership, Seller, User
from backend.accounts.queries import roles_of
from backend.accounts.services import create_person, create_seller, end_role, grant_role, may_grant
from backend.common.errors import NotFound
from backend.common.models import AuditEntry
from tests.accounts.conftest import PASSWORD, SYSTEM, State, Village

WHO = [
    "admin",
    "officer",
    "farmer",
    "helper",
    "manager",
    "vendor",
    "stranger",
    "other_farmer",
    "other_admin",
]
# Role, kind of place, and everybody of Vị Tân who may grant it there.
RULES: list[tuple[str, str, set[str]]] = [
    ("farmer", "seller", {"farmer", "officer", "admin"}),
    ("helper", "seller", {"farmer", "admin"}),
    ("vendor", "stall", {"manager", "admin"}),
    ("helper", "stall", {"vendor", "admin"}),
    ("manager", "market", {"admin"}),
    ("officer", "commune", {"admin"}),
    ("helper", "commune", {"officer", "admin"}),
    ("admin", "commune", {"admin"}),
]


def _place(village: Village, scope: str) -> str:
    places = {
        "seller": village.seller.pk,
        "stall": village.stall.pk,
        "market": village.market.pk,
        "commune": village.commune.pk,
    }
    return str(places[scope])


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize(("role", "scope", "may"), RULES)
def test_only_those_who_may_grant_a_role(
    village: Village, state: Callable[[], State], who: str, role: str, scope: str, may: set[str]
) -> None:
    actor: User = getattr(village, who)
    newcomer = village.person("Người mới")
    place = _place(village, scope)
    before = state()

    assert may_grant(actor, role=role, scope=scope, scope_id=place) is (who in may)
    if who in may:
        granted = grant_role(actor=actor, user=newcomer, role=role, scope=scope, scope_id=place)
        assert (granted.role, granted.scope, granted.scope_id) == (role, scope, place)
        assert has_role(newcomer, scope, place, [role])
        entry = AuditEntry.objects.latest("pk")
        assert (entry.actor, entry.action, entry.subject) == (
            f"user:{actor.pk}",
            "role_granted",
            f"{scope}:{place}",
        )
        assert entry.data == {"user": newcomer.pk, "role": role}
    else:
        with pytest.raises(MayNotGrant):
            grant_role(actor=actor, user=newcomer, role=role, scope=scope, scope_id=place)
        assert state() == before


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize(("role", "scope", "may"), RULES)
def test_only_those_who_may_end_a_role(
    village: Village, state: Callable[[], State], who: str, role: str, scope: str, may: set[str]
) -> None:
    actor: User = getattr(village, who)
    holder = village.person("Người giữ vai")
    place = _place(village, scope)
    village.give(holder, role, scope, place)
    before = state()

    if who in may:
        end_role(actor=actor, user=holder, role=role, scope=scope, scope_id=place)
        assert not has_role(holder, scope, place, [role])
        assert Membership.objects.filter(user=holder, ended_at__isnull=False).count() == 1
        assert AuditEntry.objects.latest("pk").action == "role_ended"
    else:
        with pytest.raises(MayNotGrant):
            end_role(actor=actor, user=holder, role=role, scope=scope, scope_id=place)
        assert state() == before
        assert has_role(holder, scope, place, [role])


def test_a_role_is_granted_once_and_again_after_its_end(village: Village, state: Callable[[], State]) -> None:
    first = village.give(village.stranger, "officer", "commune", "31333")
    before = state()
    assert village.give(village.stranger, "officer", "commune", "31333") == first
    assert state() == before

    end_role(actor=SYSTEM, user=village.stranger, role="officer", scope="commune", scope_id="31333")
    again = village.give(village.stranger, "officer", "commune", "31333")

    assert again.pk != first.pk
    assert Membership.objects.filter(user=village.stranger).count() == 2


def test_everybody_may_lay_down_their_own_role(village: Village) -> None:
    end_role(
        actor=village.vendor, user=village.vendor, role="vendor", scope="stall", scope_id=village.stall.pk
    )
    assert roles_of(village.vendor) == []


def test_a_commune_keeps_its_last_administrator(village: Village, state: Callable[[], State]) -> None:
    before = state()
    for actor in (village.admin, SYSTEM):
        with pytest.raises(LastAdmin):
            end_role(actor=actor, user=village.admin, role="admin", scope="commune", scope_id="31333")
    assert state() == before

    village.give(village.officer, "admin", "commune", "31333")
    end_role(actor=village.admin, user=village.admin, role="admin", scope="commune", scope_id="31333")
    assert has_role(village.officer, "commune", "31333", ["admin"])


def test_ending_what_is_not_held_is_refused(village: Village, state: Callable[[], State]) -> None:
    before = state()
    with pytest.raises(RoleNotHeld):
        end_role(
            actor=village.admin, user=village.stranger, role="officer", scope="commune", scope_id="31333"
        )
    assert state() == before


@pytest.mark.parametrize(
    ("role", "scope"),
    [
        ("farmer", "stall"),
        ("vendor", "seller"),
        ("admin", "seller"),
        ("manager", "commune"),
        ("king", "commune"),
    ],
)
def test_a_role_that_does_not_fit_a_place_is_refused(
    village: Village, state: Callable[[], State], role: str, scope: str
) -> None:
    before = state()
    with pytest.raises(RoleDoesNotFit):
        grant_role(
            actor=SYSTEM, user=village.stranger, role=role, scope=scope, scope_id=_place(village, scope)
        )
    with pytest.raises(RoleDoesNotFit):
        grant_role(actor=SYSTEM, user=village.stranger, role=role, scope="moon", scope_id="1")
    assert state() == before


@pytest.mark.parametrize(
    ("role", "scope", "scope_id"),
    [
        ("farmer", "seller", "999999"),
        ("farmer", "seller", "x"),
        ("vendor", "stall", "999999"),
        ("manager", "market", "-1"),
        ("officer", "commune", "99999"),
    ],
)
def test_a_role_at_no_place_is_refused(
    village: Village, state: Callable[[], State], role: str, scope: str, scope_id: str
) -> None:
    before = state()
    with pytest.raises(NotFound):
        grant_role(actor=SYSTEM, user=village.stranger, role=role, scope=scope, scope_id=scope_id)
    assert state() == before


def test_an_inactive_person_may_nothing(village: Village, state: Callable[[], State]) -> None:
    village.admin.is_active = False
    village.admin.save()
    before = state()
    with pytest.raises(MayNotGrant):
        grant_role(
            actor=village.admin, user=village.stranger, role="officer", scope="commune", scope_id="31333"
        )
    assert not has_role(village.admin, "commune", "31333", ["admin"])
    assert scope_ids(village.admin, "commune", ["admin"]) == []
    assert state() == before


def test_a_person_cannot_pass_as_a_program(village: Village, state: Callable[[], State]) -> None:
    before = state()
    with pytest.raises(ValueError, match="as a User"):
        grant_role(
            actor=village.admin.actor,
            user=village.stranger,
            role="officer",
            scope="commune",
            scope_id="31333",
        )
    assert state() == before


@pytest.mark.parametrize("who", WHO)
def test_the_desk_opens_for_the_sellers_own_people_alone(village: Village, who: str) -> None:
    person: User = getattr(village, who)
    if who in {"farmer", "helper"}:
        assert access_seller(person, village.seller.pk) == village.seller
        assert sellers_of(person) == [village.seller]
    else:
        with pytest.raises(NotFound):
            access_seller(person, village.seller.pk)
        assert village.seller not in sellers_of(person)


def test_nobody_and_closed_sellers(village: Village) -> None:
    with pytest.raises(NotFound):
        access_seller(AnonymousUser(), village.seller.pk)
    assert sellers_of(AnonymousUser()) == []
    with pytest.raises(NotFound):
        access_seller(village.farmer, 999_999)

    Seller.objects.filter(pk=village.seller.pk).update(active=False)
    with pytest.raises(NotFound):
        access_seller(village.farmer, village.seller.pk)
    assert sellers_of(village.farmer) == []


def test_an_ended_role_opens_nothing(village: Village) -> None:
    end_role(
        actor=village.farmer,
        user=village.helper,
        role="helper",
        scope="seller",
        scope_id=village.seller.pk,
    )
    with pytest.raises(NotFound):
        access_seller(village.helper, village.seller.pk)


def test_roles_are_listed_with_the_names_of_their_places(village: Village) -> None:
    village.give(village.vendor, "farmer", "seller", village.seller.pk)
    listed = [(role.role_name, role.scope_name) for role in roles_of(village.vendor)]
    assert listed == [("tiểu thương", "Sạp A1, Chợ Vị Tân"), ("người sản xuất", "Hộ Sáu Lành")]
    assert roles_of(village.admin)[0].scope_name == "Phường Vị Tân, thành phố Cần Thơ"

    village.stall.delete()
    assert [role.scope_name for role in roles_of(village.vendor)] == ["Hộ Sáu Lành"]


@pytest.mark.parametrize("who", WHO)
def test_sellers_are_opened_by_those_of_the_commune(
    village: Village, state: Callable[[], State], who: str
) -> None:
    village.give(village.helper, "helper", "commune", "31333")
    actor: User = getattr(village, who)
    before = state()

    def open_seller() -> Seller:
        return create_seller(
            actor=actor,
            name="  HTX   Rau sạch ",
            kind="cooperative",
            commune=village.commune,
            phone="0912 345 678",
            owner=village.stranger,
        )

    if who in {"admin", "officer", "helper"}:
        seller = open_seller()
        assert (seller.name, seller.slug, seller.phone) == ("HTX Rau sạch", "htx-rau-sach", "+84912345678")
        assert access_seller(village.stranger, seller.pk) == seller
        assert AuditEntry.objects.filter(action="seller_created", actor=actor.actor).count() == 1
    else:
        with pytest.raises(MayNotOpenSeller):
            open_seller()
        assert state() == before


def test_sellers_of_one_name_get_addresses_of_their_own(village: Village) -> None:
    slugs = [village.open_seller("Hộ Bảy Mận", village.commune).slug for _ in range(3)]
    assert slugs == ["ho-bay-man", "ho-bay-man-2", "ho-bay-man-3"]


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"name": " x "}, BadName),
        ({"name": "x" * 161}, BadName),
        ({"kind": "king"}, BadKind),
        ({"phone": "123"}, BadPhone),
    ],
)
def test_a_seller_that_cannot_be_is_refused(
    village: Village, state: Callable[[], State], change: dict[str, Any], error: type[Exception]
) -> None:
    before = state()
    given: dict[str, Any] = {"name": "Hộ Tư", "kind": "household", "phone": "0912345678"} | change
    with pytest.raises(error):
        create_seller(actor=SYSTEM, commune=village.commune, **given)
    assert state() == before


def test_an_address_opens_one_account(db: None) -> None:
    create_person(actor=SYSTEM, name="Lan", password=PASSWORD, email="Lan@Thu.vn")
    with pytest.raises(EmailTaken):
        create_person(actor=SYSTEM, name="Lan", password=PASSWORD, email="lan@thu.vn")
    assert User.objects.filter(email="lan@thu.vn").count() == 1
