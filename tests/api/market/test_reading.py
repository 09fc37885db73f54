"""What anybody reads: places, sellers, the register, markets; page by page, in few statements."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backend.accounts.models import Seller
from backend.common import clock
from backend.ocop.models import Certificate
from backend.ocop.queries import STANDINGS, certificates
from backend.ocop.services import register_producer
from backend.places.models import Commune
from tests.api.market.conftest import World, make_seller, post

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 22)


@pytest.fixture
def commune(db: None) -> Commune:
    return Commune.objects.get(pk="30682")


@pytest.fixture
def register(commune: Commune, monkeypatch: pytest.MonkeyPatch) -> dict[str, Certificate]:
    """One certificate of every standing today, one of them revoked and expired, too."""
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 11, 22, 3, tzinfo=UTC))
    producer = register_producer(seller=make_seller("Sen", commune), actor="test")
    year = timedelta(days=365)

    def make(name: str, stars: int, since: date, until: date, **more: object) -> Certificate:
        return Certificate.objects.create(
            producer=producer,
            product_name=name,
            number=name,
            decision_number="1",
            stars=stars,
            issuer="UBND tỉnh",
            issuing_level="province",
            issued_on=since,
            expires_on=until,
            **more,
        )

    newest = make("in_force", 4, TODAY - year, TODAY)
    return {
        "in_force": newest,
        "not_yet": make("not_yet", 3, TODAY + timedelta(days=1), TODAY + year),
        "expired": make("expired", 3, TODAY - 2 * year, TODAY - timedelta(days=1)),
        "superseded": make("superseded", 3, TODAY - 2 * year, TODAY + year, superseded_by=newest),
        "revoked": make(
            "revoked",
            5,
            TODAY - 2 * year,
            TODAY - year,
            revoked_at=datetime(2026, 11, 22, 1, tzinfo=UTC),
            revoked_reason="Bán hàng giả",
            superseded_by=newest,
        ),
        "revoked tomorrow": make(
            "revoked tomorrow",
            5,
            TODAY - year,
            TODAY + year,
            revoked_at=datetime(2026, 11, 22, 17, tzinfo=UTC),
            revoked_reason="Bán hàng giả",
        ),
    }


def test_every_certificate_has_the_one_standing_that_it_says_itself(register: dict[str, Certificate]) -> None:
    from backend.common.pages import Place

    found = {
        standing: {row.number for row in certificates(on=TODAY, standing=standing).page(Place(100))}
        for standing in STANDINGS
    }
    assert found == {
        standing: {row.number for row in register.values() if row.standing(TODAY) == standing}
        for standing in STANDINGS
    }
    assert found["in_force"] == {"in_force", "revoked tomorrow"}
    with pytest.raises(ValueError, match="no_such"):
        certificates(on=TODAY, standing="no_such")


CERTIFICATE = """fragment Whole on Certificate {
  number standing stars starsGranted revokedReason issuedOn expiresOn producer { name seller { name } }
}"""


def test_stars_are_those_that_the_register_grants_today(register: dict[str, Certificate]) -> None:
    data = post("{ certificates(first: 10) { totalCount edges { node { ...Whole } } } }" + CERTIFICATE).data
    rows = [edge["node"] for edge in data["certificates"]["edges"]]
    assert [(row["number"], row["stars"]) for row in rows] == [("in_force", 4), ("revoked tomorrow", 5)]
    assert rows[0] == {
        "number": "in_force",
        "standing": "IN_FORCE",
        "stars": 4,
        "starsGranted": 4,
        "revokedReason": None,
        "issuedOn": "2025-11-22",
        "expiresOn": "2026-11-22",
        "producer": {"name": "Sen", "seller": {"name": "Sen"}},
    }
    data = post(
        "{ certificates(first: 10, standing: null) { edges { node { number stars standing } } } }"
    ).data
    stars = {edge["node"]["number"]: edge["node"]["stars"] for edge in data["certificates"]["edges"]}
    assert stars == {
        **dict.fromkeys(("not_yet", "expired", "superseded", "revoked")),
        "in_force": 4,
        "revoked tomorrow": 5,
    }
    revoked = post('{ certificate(number: "revoked", issuer: "UBND tỉnh") { ...Whole } }' + CERTIFICATE).data[
        "certificate"
    ]
    assert (revoked["standing"], revoked["stars"], revoked["starsGranted"], revoked["revokedReason"]) == (
        *("REVOKED", None, 5),
        "Bán hàng giả",
    )


def test_the_register_is_narrowed(register: dict[str, Certificate], commune: Commune) -> None:
    query = (
        "query ($s: CertificateStanding, $n: Int, $c: ID) "
        "{ certificates(first: 9, standing: $s, stars: $n, commune: $c) { totalCount } }"
    )

    def count(**variables: Any) -> int:
        return int(post(query, **variables).data["certificates"]["totalCount"])

    assert count(s=None) == 6
    assert count(s="EXPIRED") == 1
    assert count(s=None, n=5) == 2
    assert count(s=None, c=commune.pk) == 6
    assert count(s=None, c="31333") == 0


def test_who_stopped_selling_is_not_shown(register: dict[str, Certificate]) -> None:
    seller = Seller.objects.get()
    query = (
        '{ seller(slug: "sen") { id } sellers(first: 5) { totalCount } producers(first: 5) { totalCount } '
        "certificates(first: 1) { edges { node { producer { name seller { phone } } } } } }"
    )
    before = post(query).data
    assert before["seller"] == {"id": str(seller.pk)}
    Seller.objects.update(active=False)
    assert post(query).data == {
        "seller": None,
        "sellers": {"totalCount": 0},
        "producers": {"totalCount": 0},
        "certificates": {"edges": [{"node": {"producer": {"name": "Sen", "seller": None}}}]},
    }


def test_lists_are_read_to_the_end_and_back(commune: Commune) -> None:
    for number in range(7):
        make_seller(f"Nguoi {number}", commune)
    page = "{ edges { node { name } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }"
    seen: list[str] = []
    after, following = None, True
    while following:
        got = post(f"query ($a: String) {{ sellers(first: 3, after: $a) {page} }}", a=after).data["sellers"]
        seen += [edge["node"]["name"] for edge in got["edges"]]
        after, following = got["pageInfo"]["endCursor"], got["pageInfo"]["hasNextPage"]
    assert seen == [f"Nguoi {number}" for number in range(7)]
    before, back = None, list[str]()
    for _page in range(3):
        got = post(f"query ($b: String) {{ sellers(last: 3, before: $b) {page} }}", b=before).data["sellers"]
        back = [edge["node"]["name"] for edge in got["edges"]] + back
        before = got["pageInfo"]["startCursor"]
    assert back == seen
    assert got["pageInfo"]["hasPreviousPage"] is False


def test_sellers_are_found_by_words_without_marks(commune: Commune) -> None:
    make_seller("htx dua le vang", commune)
    make_seller("ho nam linh chi", commune)
    query = "query ($t: String) { sellers(first: 5, search: $t) { edges { node { name } } } }"

    def names(text: str) -> list[str]:
        return [edge["node"]["name"] for edge in post(query, t=text).data["sellers"]["edges"]]

    assert names("Dưa lê") == ["htx dua le vang"]
    assert names("LINH nấm") == ["ho nam linh chi"]
    assert names("mít") == []


def test_places_by_code_and_by_what_people_type() -> None:
    data = post(
        '{ province(code: "92") { label kind } commune(code: "31333") { label kind province { code } } '
        'none: commune(code: "00000") { code } communeSearch(text: "vi tan") { code label note } '
        'communes(province: "92", first: 1) { edges { node { province { code } } } } }'
    ).data
    assert data["province"] == {"label": "thành phố Cần Thơ", "kind": "CITY"}
    assert data["commune"] == {
        "label": "Phường Vị Tân, thành phố Cần Thơ",
        "kind": "WARD",
        "province": {"code": "92"},
    }
    assert data["none"] is None
    assert data["communeSearch"][0]["code"] == "31333"
    assert data["communes"]["edges"] == [{"node": {"province": {"code": "92"}}}]


@pytest.mark.django_db(transaction=True)
def test_a_market_with_its_zones_and_stalls(world: World) -> None:
    data = post(
        '{ market(slug: "cho-thoai-son") { name commune { code } zones { name } stalls(first: 5) { edges { node '
        "{ code vendorName goods zone { name } market { slug } } } } } markets(first: 5, commune: 31333) "
        "{ edges { node { slug } } } }"
    ).data
    stall = {"goods": "Rau", "market": {"slug": "cho-thoai-son"}}
    assert data["market"] == {
        "name": "Chợ Thoại Sơn",
        "commune": {"code": "30682"},
        "zones": [{"name": "Rau củ"}],
        "stalls": {
            "edges": [
                {"node": {"code": "A12", "vendorName": "Cô Bảy", "zone": {"name": "Rau củ"}, **stall}},
                {"node": {"code": "B03", "vendorName": "Chú Tư", "zone": None, **stall}},
            ]
        },
    }
    assert data["markets"]["edges"] == [{"node": {"slug": "cho-vi-tan"}}]
    zone = world.market.zones.get()
    narrowed = post(
        'query ($z: ID) { market(slug: "cho-thoai-son") { stalls(first: 5, zone: $z) { totalCount } } }',
        z=zone.pk,
    )
    assert narrowed.data["market"]["stalls"]["totalCount"] == 1


def test_a_list_of_24_takes_few_statements(commune: Commune) -> None:
    for number in range(24):
        register_producer(seller=make_seller(f"Nguoi {number}", commune), actor="test")
    query = (
        "{ sellers(first: 24) { totalCount edges { node { name commune { label province { name } } "
        "producer { name } } } } }"
    )
    post(query)
    with CaptureQueriesContext(
        connection,
    ) as statements:
        data = post(query).data
    assert len(data["sellers"]["edges"]) == 24
    assert len(statements) == 3  # the page, the count, the register
