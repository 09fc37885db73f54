"""Finding goods: with or without marks, begun or mistyped, the same on both databases."""

from __future__ import annotations

import unicodedata

import pytest
from pytest_django import DjangoAssertNumQueries

from backend.catalogue import queries
from tests.catalogue.conftest import HOANG_GIANG, Stand, names


@pytest.fixture
def shelf(stand: Stand) -> Stand:
    """Listed in this order, so the last is the newest."""
    herbs = stand.seller("Hộ Út Sen, ấp Bắc Thạnh")
    greens = stand.seller("HTX Rau sạch Hoằng Giang", HOANG_GIANG)
    stand.list("Nấm linh chi đỏ", seller=herbs, category="tinh-dau-duoc-lieu-khac", price=350_000)
    stand.list("Trà nấm linh chi túi lọc", seller=herbs, category="che-tra", price=95_000)
    stand.list("Đông trùng hạ thảo sấy khô", seller=herbs, category="tinh-dau-duoc-lieu-khac", price=800_000)
    stand.list("Mật ong bạc hà", seller=herbs, category="mat-ong-nong-san", price=180_000)
    stand.list("Dưa chuột mát lành", seller=greens, price=20_000)
    stand.list("Đậu đen xanh lòng", seller=greens, category="gao-ngu-coc", price=60_000)
    stand.list("Cà chua bi", seller=greens, price=25_000)
    stand.list("Cải chíp", seller=greens, price=15_000)
    stand.list("Rau mồng tơi", seller=greens, price=12_000)
    return stand


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("nam linh chi", ["Nấm linh chi đỏ", "Trà nấm linh chi túi lọc"]),
        ("Nấm Linh Chi", ["Nấm linh chi đỏ", "Trà nấm linh chi túi lọc"]),
        ("NẤM LINH CHI", ["Nấm linh chi đỏ", "Trà nấm linh chi túi lọc"]),
        ("linh chi tra", ["Trà nấm linh chi túi lọc"]),
        ("dong trung ha thao", ["Đông trùng hạ thảo sấy khô"]),
        ("đông trùng hạ thảo", ["Đông trùng hạ thảo sấy khô"]),
        ("dau den", ["Đậu đen xanh lòng"]),
        ("mong toi", ["Rau mồng tơi"]),
        ("ca chua", ["Cà chua bi"]),
        ("cà chua!!!", ["Cà chua bi"]),
        ("nam lin", ["Nấm linh chi đỏ", "Trà nấm linh chi túi lọc"]),
        ("hoang giang dua", ["Dưa chuột mát lành"]),
        ("thanh hoa cai", ["Cải chíp"]),
        ("bắc thạnh mật", ["Mật ong bạc hà"]),
        ("linh chi dau den", []),
        ("linh chi sen khô", []),
    ],
)
def test_words_are_found_with_and_without_marks(shelf: Stand, text: str, found: list[str]) -> None:
    for form in ("NFC", "NFD"):
        result = queries.search(unicodedata.normalize(form, text))
        assert (sorted(names(result)), result.total, result.corrected) == (sorted(found), len(found), "")


def test_goods_named_so_come_before_goods_that_only_have_the_words(stand: Stand) -> None:
    stand.list("Chi nấm và linh", price=3)
    stand.list("Nấm linh chi đỏ", price=5)
    stand.list("Linh chi", seller=stand.seller("Hộ trồng nấm"), price=1)
    stand.list("Nấm linh chin", price=2)
    found = names(queries.search("nam linh chi"))
    assert found == ["Nấm linh chi đỏ", "Nấm linh chin", "Chi nấm và linh", "Linh chi"]


def test_typed_marks_come_first_but_hide_nothing(shelf: Stand) -> None:
    assert names(queries.search("mật")) == ["Mật ong bạc hà", "Dưa chuột mát lành"]
    assert names(queries.search("mát")) == ["Dưa chuột mát lành", "Mật ong bạc hà"]
    assert names(queries.search("mat")) == ["Mật ong bạc hà", "Dưa chuột mát lành"]  # named so first
    assert names(queries.search("mát l")) == ["Dưa chuột mát lành"]


@pytest.mark.parametrize(
    ("text", "corrected", "first"),
    [
        ("dong trug ha thao", "dong trung ha thao", "Đông trùng hạ thảo sấy khô"),
        ("mat ogn", "mat ong", "Mật ong bạc hà"),
        ("mta ong", "mat ong", "Mật ong bạc hà"),
        ("namm linh chi", "nam linh chi", "Nấm linh chi đỏ"),
        ("ling chi", "linh chi", "Trà nấm linh chi túi lọc"),
        ("mong tơii", "mong toi", "Rau mồng tơi"),
    ],
)
def test_one_slip_is_repaired_with_words_that_stand_together(
    shelf: Stand, text: str, corrected: str, first: str
) -> None:
    result = queries.search(text)
    assert (result.corrected, names(result)[0]) == (corrected, first)


@pytest.mark.parametrize(
    "text", ["zzzzzz", "linh chi zzzzzz", "1", "%", "_", '"', "' OR 1=1 --", "NEAR(a b)", "*"]
)
def test_what_cannot_be_repaired_finds_nothing(shelf: Stand, text: str) -> None:
    result = queries.search(text)
    assert (result.cards, result.total, result.pages) == ((), 0, 1)


def test_a_word_that_is_there_is_never_repaired_into_another(stand: Stand) -> None:
    stand.list("Cam sành")
    for n in range(5):
        stand.list(f"Cám gạo {n}")
    stand.list("Cơm cháy")
    result = queries.search("com")
    assert (result.corrected, names(result)) == ("", ["Cơm cháy"])


def test_what_is_not_on_the_shelf_is_not_found(stand: Stand) -> None:
    stand.list("Rau mồng tơi", published=False)
    assert queries.search("mong toi").total == 0
    assert queries.search().total == 0


def test_narrowing_and_facets(shelf: Stand) -> None:
    everything = queries.search()
    assert everything.total == 9
    assert [(f.value, f.count) for f in everything.facets.categories] == [
        ("thuc-pham", 7),
        ("duoc-lieu", 2),
    ]
    assert [(f.value, f.label, f.count) for f in everything.facets.communes] == [
        ("15880", "Xã Hoằng Giang", 5),
        ("30682", "Xã Thoại Sơn", 4),
    ]
    assert everything.facets.stars == ()

    fresh = queries.search(category="tuoi-song")
    assert names(fresh) == ["Rau mồng tơi", "Cải chíp", "Cà chua bi", "Dưa chuột mát lành"]
    assert [(f.value, f.count, f.chosen) for f in fresh.facets.categories] == [
        ("thuc-pham", 7, False),
        ("tuoi-song", 4, True),
        ("rau-cu-qua", 4, False),
        ("so-che", 2, False),
        ("che-tra", 1, False),
        ("duoc-lieu", 2, False),
    ]
    assert [(f.value, f.count) for f in fresh.facets.communes] == [("15880", 4)]

    herbs = queries.search("linh chi", commune="30682", category="duoc-lieu")
    assert names(herbs) == ["Nấm linh chi đỏ"]
    assert [(f.value, f.count, f.chosen) for f in herbs.facets.categories] == [
        ("thuc-pham", 1, False),
        ("duoc-lieu", 1, True),
        ("tinh-dau-duoc-lieu-khac", 1, False),
    ]
    assert queries.search(commune="00000").total == 0
    assert queries.search(category="khong-co").total == 0
    assert queries.search(seller=str(shelf.seller("HTX Rau sạch Hoằng Giang").pk)).total == 5


def test_sorting(shelf: Stand) -> None:
    assert names(queries.search(category="tuoi-song", sort="price")) == [
        "Rau mồng tơi",
        "Cải chíp",
        "Dưa chuột mát lành",
        "Cà chua bi",
    ]
    assert names(queries.search(category="tuoi-song", sort="price_desc"))[0] == "Cà chua bi"
    newest = names(queries.search(category="tuoi-song", sort="newest"))
    assert (
        newest
        == names(queries.search(category="tuoi-song", sort="khong-co"))
        == names(queries.search(category="tuoi-song"))
    )


def test_sold_out_goods_come_last(stand: Stand) -> None:
    stand.list("Rau muống", price=5_000)
    stand.list("Rau ngót", price=1_000, quantity=0)
    stand.list("Rau dền", price=9_000)
    for sort in ("newest", "price", "price_desc", "stars"):
        result = queries.search(sort=sort)
        assert names(result)[-1] == "Rau ngót"
        assert [each.sold_out for each in result.cards] == [False, False, True]


def test_pages(stand: Stand) -> None:
    for n in range(50):
        stand.list(f"Rau {n:02d}")
    first = queries.search("rau")
    assert (len(first.cards), first.total, first.page, first.pages) == (24, 50, 1, 3)
    assert (first.previous_page, first.next_page) == (None, 2)
    last = queries.search("rau", page=3)
    assert (len(last.cards), last.page, last.previous_page, last.next_page) == (2, 3, 2, None)
    assert queries.search("rau", page=99).cards == last.cards
    assert queries.search("rau", page=-5).cards == first.cards
    everything = [each.name for page in (1, 2, 3) for each in queries.search("rau", page=page).cards]
    assert everything == [f"Rau {n:02d}" for n in reversed(range(50))]


def test_statements_do_not_grow_with_the_list(
    stand: Stand, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for size in (1, 30):
        while len(stand.products) < size:
            product = stand.list(f"Rau {len(stand.products)}")
            stand.grant(product, 3)
        for arguments in (
            {},
            {"text": "rau"},
            {"category": "thuc-pham", "commune": "30682", "sort": "price"},
        ):
            with django_assert_num_queries(5):
                result = queries.search(**arguments)  # type: ignore[arg-type]
            assert result.total == size
            assert {each.stars.stars for each in result.cards if each.stars} == {3}
        with django_assert_num_queries(2):
            assert len(queries.cards([each.id for each in stand.products.values()])) == size
