"""The address data: complete, right where it is known to go wrong, and loaded once."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.management import call_command

from backend.places import loading
from backend.places.models import Commune, Edition, OldUnit, Province

pytestmark = pytest.mark.django_db


def test_counts_are_those_of_the_decision() -> None:
    assert Province.objects.count() == 34
    assert Commune.objects.filter(current=True).count() == 3321
    by_kind = {kind: Commune.objects.filter(kind=kind).count() for kind in ("xa", "phuong", "dac_khu")}
    assert by_kind == {"xa": 2611, "phuong": 697, "dac_khu": 13}
    assert OldUnit.objects.count() == 10602
    assert OldUnit.objects.filter(divided=True).values("code").distinct().count() == 471


def test_codes_keep_their_leading_zeros() -> None:
    ha_noi = Province.objects.get(pk="01")
    ba_dinh = Commune.objects.get(pk="00004")

    assert (ha_noi.name, str(ha_noi)) == ("Hà Nội", "thành phố Hà Nội")
    assert ba_dinh.label == "Phường Ba Đình, thành phố Hà Nội"
    assert not Commune.objects.exclude(code__regex=r"^\d{5}$").exists()
    assert not Province.objects.exclude(code__regex=r"^\d{2}$").exists()


def test_dong_nai_is_a_city_since_april_2026() -> None:
    cities = Province.objects.filter(kind="thanh_pho").order_by("code").values_list("name", flat=True)
    assert list(cities) == [
        "Hà Nội",
        "Hải Phòng",
        "Huế",
        "Đà Nẵng",
        "Đồng Nai",
        "Hồ Chí Minh",
        "Cần Thơ",
    ]


@pytest.mark.parametrize(
    ("code", "label", "old_names"),
    [
        ("31333", "Phường Vị Tân, thành phố Cần Thơ", {"IV", "V", "Vị Tân"}),
        ("30682", "Xã Thoại Sơn, tỉnh An Giang", {"Núi Sập", "Thoại Giang", "Bình Thành"}),
        ("23590", "Xã Biển Hồ, tỉnh Gia Lai", {"Biển Hồ", "Nghĩa Hưng", "Chư Đang Ya", "Hà Bầu"}),
        ("23602", "Phường An Phú, tỉnh Gia Lai", {"Thắng Lợi", "Chư Á", "An Phú"}),
        ("23611", "Xã Gào, tỉnh Gia Lai", {"Ia Kênh", "Gào", "Ia Pếch"}),
        (
            "15880",
            "Xã Hoằng Giang, tỉnh Thanh Hoá",
            {"Hoằng Xuân", "Hoằng Quỳ", "Hoằng Hợp", "Hoằng Giang"},
        ),
    ],
)
def test_the_six_places_of_the_programme(code: str, label: str, old_names: set[str]) -> None:
    commune = Commune.objects.select_related("province").get(pk=code)
    assert commune.label == label
    assert set(commune.old_units.values_list("name", flat=True)) == old_names


def test_every_label_is_unique_in_the_country() -> None:
    labels = [commune.label for commune in Commune.objects.select_related("province")]
    assert len(set(labels)) == 3321


def test_every_commune_but_none_was_something_before() -> None:
    assert not Commune.objects.filter(old_units__isnull=True).exists()


def test_loading_again_does_nothing() -> None:
    edition = Edition.objects.get()
    assert loading.load_places() is False
    assert Edition.objects.get().loaded_at == edition.loaded_at


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the data files that a test may change."""
    for attribute in ("_COMMUNES", "_OLD_UNITS"):
        source: Path = getattr(loading, attribute)
        copy = tmp_path / source.name
        copy.write_bytes(source.read_bytes())
        monkeypatch.setattr(loading, attribute, copy)
    return tmp_path


def _change(file: Path, before: str, after: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert text.count(before) == 1
    file.write_text(text.replace(before, after), encoding="utf-8")


def test_a_new_edition_renames_and_retires_but_never_deletes(data: Path) -> None:
    _change(data / "communes.tsv", "31333\tphuong\tVị Tân\n", "31333\tphuong\tVị Tân Mới\n")
    _change(data / "communes.tsv", "23611\txa\tGào\n", "")
    old = (data / "old_units.tsv").read_text(encoding="utf-8").replace("\t23611", "\t23602")
    (data / "old_units.tsv").write_text(old, encoding="utf-8")

    assert loading.load_places() is True

    assert Commune.objects.get(pk="31333").name == "Vị Tân Mới"
    assert Commune.objects.get(pk="31333").words == " phuong vi tan moi thanh pho can tho "
    assert Commune.objects.get(pk="23611").current is False
    assert Commune.objects.filter(current=True).count() == 3320
    assert set(OldUnit.objects.filter(name="Gào").values_list("commune_id", flat=True)) == {"23602"}
    assert OldUnit.objects.count() == 10602
    assert Edition.objects.count() == 1


def test_a_file_that_contradicts_itself_changes_nothing(data: Path) -> None:
    _change(data / "communes.tsv", "23611\txa\tGào\n", "")

    with pytest.raises(loading.BadPlaces, match="23611"):
        loading.load_places()

    assert Commune.objects.get(pk="23611").current is True
    assert Commune.objects.filter(current=True).count() == 3321


@pytest.mark.django_db(transaction=True)
def test_emptied_tables_are_filled_again() -> None:
    call_command("flush", "--no-input", verbosity=0)
    assert Commune.objects.count() == 3321
    assert OldUnit.objects.count() == 10602
