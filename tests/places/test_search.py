"""A commune is found from what people remember of its name."""

from __future__ import annotations

import unicodedata

import pytest
from django.utils import translation

from backend.places.errors import CommuneUnknown
from backend.places.models import Commune
from backend.places.queries import get_commune, provinces, resolve_commune, search_communes

pytestmark = pytest.mark.django_db

VI_TAN = "Phường Vị Tân, thành phố Cần Thơ"
THOAI_SON = "Xã Thoại Sơn, tỉnh An Giang"
HOANG_GIANG = "Xã Hoằng Giang, tỉnh Thanh Hoá"


@pytest.mark.parametrize(
    ("typed", "label"),
    [
        ("vi tan", VI_TAN),
        ("Vị Tân", VI_TAN),
        ("VỊ TÂN", VI_TAN),
        (unicodedata.normalize("NFD", "Vị Tân"), VI_TAN),
        ("phuong vi tan can tho", VI_TAN),
        ("P. Vị Tân, TP. Cần Thơ", VI_TAN),
        ("vi ta", VI_TAN),
        ("Bien Ho", "Xã Biển Hồ, tỉnh Gia Lai"),
        ("an phu gia lai", "Phường An Phú, tỉnh Gia Lai"),
        ("xa gao", "Xã Gào, tỉnh Gia Lai"),
        ("Ea H'leo", "Xã Ea H'Leo, tỉnh Đắk Lắk"),
        ("ea hleo", "Xã Ea H'Leo, tỉnh Đắk Lắk"),
        ("phường 1 bảo lộc", "Phường 1 Bảo Lộc, tỉnh Lâm Đồng"),
        ("đặc khu côn đảo, việt nam", "Đặc khu Côn Đảo, thành phố Hồ Chí Minh"),
    ],
)
def test_a_name_of_today_comes_first_and_without_a_note(typed: str, label: str) -> None:
    first = search_communes(typed)[0]
    assert (first.label, first.note) == (label, "")


@pytest.mark.parametrize(
    ("typed", "label", "note"),
    [
        ("Thoại Giang", THOAI_SON, "trước 01/07/2025: xã Thoại Giang, huyện Thoại Sơn"),
        ("nui sap", THOAI_SON, "trước 01/07/2025: thị trấn Núi Sập, huyện Thoại Sơn"),
        ("Hoằng Quỳ", HOANG_GIANG, "trước 01/07/2025: xã Hoằng Quỳ, huyện Hoằng Hóa"),
        ("Hoằng Qùy", HOANG_GIANG, "trước 01/07/2025: xã Hoằng Quỳ, huyện Hoằng Hóa"),
        (
            "Xã Vị Tân, TP Vị Thanh, Hậu Giang",
            VI_TAN,
            "trước 01/07/2025: xã Vị Tân, thành phố Vị Thanh, tỉnh Hậu Giang",
        ),
        ("Ia Kênh", "Xã Gào, tỉnh Gia Lai", "trước 01/07/2025: xã Ia Kênh, thành phố Pleiku"),
        (
            "huyện Lý Sơn",
            "Đặc khu Lý Sơn, tỉnh Quảng Ngãi",
            "trước 01/07/2025: huyện Lý Sơn",
        ),
    ],
)
def test_an_old_name_leads_to_the_unit_of_today_and_says_so(typed: str, label: str, note: str) -> None:
    first = search_communes(typed)[0]
    assert (first.label, first.note) == (label, note)


def test_a_divided_old_unit_lists_all_that_got_a_part() -> None:
    found = search_communes("Phường Cống Vị")
    assert [(match.label, match.note) for match in found] == [
        ("Phường Ngọc Hà, thành phố Hà Nội", "trước 01/07/2025: một phần phường Cống Vị, quận Ba Đình"),
        ("Phường Giảng Võ, thành phố Hà Nội", "trước 01/07/2025: một phần phường Cống Vị, quận Ba Đình"),
    ]


def test_the_units_of_an_old_district_are_offered_under_its_name() -> None:
    found = search_communes("huyện Thoại Sơn")
    assert [match.label for match in found] == [
        THOAI_SON,
        "Xã Phú Hoà, tỉnh An Giang",
        "Xã Óc Eo, tỉnh An Giang",
        "Xã Tây Phú, tỉnh An Giang",
        "Xã Vĩnh Trạch, tỉnh An Giang",
        "Xã Định Mỹ, tỉnh An Giang",
    ]
    assert {match.note for match in found} == {"trước 01/07/2025: huyện Thoại Sơn"}


def test_the_numbered_district_is_no_ward() -> None:
    found = search_communes("Q1 TPHCM", limit=4)
    assert [match.label.split(",")[0] for match in found] == [
        "Phường Tân Định",
        "Phường Sài Gòn",
        "Phường Bến Thành",
        "Phường Cầu Ông Lãnh",
    ]


def test_typed_marks_put_their_own_spelling_first() -> None:
    """Thanh Hóa has today's Hoằng Giang and had a Hoàng Giang, which belongs to Trung Chính now."""
    without = search_communes("hoang giang")
    first = search_communes("Hoàng Giang")[0]

    assert [match.label for match in without] == [HOANG_GIANG, "Xã Trung Chính, tỉnh Thanh Hoá"]
    assert first.label == "Xã Trung Chính, tỉnh Thanh Hoá"
    assert search_communes("Hoằng Giang")[0].label == HOANG_GIANG


def test_both_ways_of_placing_a_tone_are_one_spelling() -> None:
    assert search_communes("Tân Hoà") == search_communes("Tân Hòa")
    assert (
        len([match for match in search_communes("Tân Hòa", limit=20) if match.exact and not match.note]) == 6
    )


@pytest.mark.parametrize(
    "typed", ["", " ", "t", "?!", "khong co xa nao ten nhu vay", "xa " * 40, "%", "_ _ _", "';--"]
)
def test_what_cannot_be_a_place_finds_nothing(typed: str) -> None:
    assert search_communes(typed) == []
    assert resolve_commune(typed).commune is None


def test_the_limit_holds() -> None:
    assert len(search_communes("tân", limit=8)) == 8
    assert len(search_communes("xã", limit=3)) == 3


def test_a_commune_comes_once_however_many_of_its_names_match() -> None:
    codes = [match.code for match in search_communes("hoằng", limit=50)]
    assert len(codes) == len(set(codes))


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("vị tân", "31333"),
        ("Thoại Giang", "30682"),
        ("An Phú, Gia Lai", "23602"),
        ("Phường Ngọc Hà, thành phố Hà Nội", "00008"),
        ("phuong ngoc ha, ha noi", "00008"),
        ("hoằng giang", "15880"),
        ("Xã Văn Lang, tỉnh Thái Nguyên", "02143"),
        ("Xã Văn Lăng, tỉnh Thái Nguyên", "05665"),
        ("Xã Lộc Thành, thành phố Đồng Nai", "25294"),
        ("Xã Lộc Thạnh, thành phố Đồng Nai", "25280"),
        ("huyện Lý Sơn", "21548"),
    ],
)
def test_a_text_with_one_meaning_is_taken(typed: str, code: str) -> None:
    commune = resolve_commune(typed).commune
    assert commune is not None
    assert commune.code == code


@pytest.mark.parametrize(
    ("typed", "choices"),
    [
        ("hoang giang", ["15880", "16297"]),
        ("xa van lang, tinh thai nguyen", ["02143", "05665"]),
        ("Phường Cống Vị", ["00008", "00025"]),
        ("Phường Ngọc Hà", ["00008", "00691", "00004"]),
        ("An Phú", ["10645", "21034", "23602", "25975", "30337"]),
        ("Xã Phú Quý, huyện Phú Quý", ["12526"]),
    ],
)
def test_a_text_with_several_meanings_is_asked_back(typed: str, choices: list[str]) -> None:
    resolution = resolve_commune(typed)
    assert resolution.commune is None
    assert [match.code for match in resolution.choices][:5] == choices


def test_every_label_means_its_own_commune() -> None:
    """What the page writes into the field must come back as the same commune, also where names differ by a
    mark.
    """
    for commune in Commune.objects.select_related("province").order_by("code")[::40]:
        assert resolve_commune(commune.label).commune == commune


def test_the_names_stay_vietnamese_in_english_pages() -> None:
    with translation.override("en"):
        assert search_communes("vi tan")[0].label == VI_TAN


def test_a_retired_commune_is_known_but_not_offered() -> None:
    Commune.objects.filter(pk="31333").update(current=False)
    assert search_communes("vi tan can tho") == []
    assert get_commune("31333").label == VI_TAN


def test_an_unknown_code_is_refused() -> None:
    with pytest.raises(CommuneUnknown) as refusal:
        get_commune("99999")
    assert refusal.value.status == 404


def test_provinces_are_listed_in_the_offices_order() -> None:
    assert [province.code for province in provinces()][:3] == ["01", "04", "08"]
    assert len(provinces()) == 34
