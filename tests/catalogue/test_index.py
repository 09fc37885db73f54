"""The index of words is what the cards say, whatever happens to them, and both databases read it alike."""

from __future__ import annotations

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from backend.catalogue import index
from backend.catalogue.models import Card
from backend.common import clock
from tests.catalogue.conftest import Stand

pytestmark = pytest.mark.django_db

words = st.lists(
    st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=1, max_size=4), min_size=1, max_size=4
)


def a_card(text: str) -> Card:
    now = clock.now()
    return Card(
        product_id=text[:80],
        price_vnd=1,
        variants=1,
        available=1,
        sold_out=False,
        words=text,
        listed=True,
        listed_at=now,
        read_at=now,
    )


def found(groups: list[list[str]], *, open_end: bool = False) -> set[str]:
    return set(Card.objects.filter(index.matching(groups, open_end=open_end)).values_list("words", flat=True))


@given(texts=st.lists(words, max_size=6, unique_by=tuple), typed=words)
def test_every_database_finds_what_the_words_say(texts: list[list[str]], typed: list[str]) -> None:
    Card.objects.all().delete()
    cards = {" ".join(text): text for text in texts}
    Card.objects.bulk_create(a_card(text) for text in cards)
    whole = {text for text, there in cards.items() if set(typed) <= set(there)}
    begun = {
        text
        for text, there in cards.items()
        if set(typed[:-1]) <= set(there) and any(word.startswith(typed[-1]) for word in there)
    }
    groups = [[word] for word in typed]
    assert found(groups) == whole
    assert found(groups, open_end=True) == begun
    any_of = {text for text, there in cards.items() if set(typed) & set(there)}
    assert found([typed]) == any_of


def test_numbers_are_words_like_others() -> None:
    for text in ("12e3 rau", "1 000 g", "007", "0x1f", "1e5"):
        a_card(text).save()
    assert found([["12e3"]]) == {"12e3 rau"}
    assert found([["12"]], open_end=True) == {"12e3 rau"}
    assert found([["12"]]) == set()
    assert found([["7"]]) == set()
    assert found([["007"]]) == {"007"}
    assert found([["000"]]) == {"1 000 g"}
    assert found([["1e5"]]) == {"1e5"}


def test_the_index_follows_changes_and_deletions() -> None:
    a_card("rau mong toi").save()
    Card.objects.update(words="bi dao")
    assert found([["rau"]]) == set()
    assert found([["dao"]]) == {"bi dao"}
    Card.objects.update(price_vnd=2)
    assert found([["dao"]]) == {"bi dao"}
    assert index.vocabulary() == {"bi": 1, "dao": 1}
    Card.objects.all().delete()
    assert found([["dao"]]) == set()
    assert index.vocabulary() == {}


@pytest.mark.parametrize("groups", [[], [["a b"]], [['a"']], [["a*"]], [[""]], [["đ"]], [["a'"]]])
def test_only_folded_words_reach_the_database(groups: list[list[str]]) -> None:
    with pytest.raises(ValueError, match="folded"):
        index.matching(groups, open_end=False)


def test_the_index_is_used(stand: Stand) -> None:
    explained = Card.objects.filter(index.matching([["rau"]], open_end=False)).explain()
    if connection.vendor == "sqlite":
        assert "VIRTUAL TABLE INDEX" in explained
    else:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
        explained = Card.objects.filter(index.matching([["rau"]], open_end=False)).explain()
        assert "catalogue_text" in explained
