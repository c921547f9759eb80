"""When a card speaks of a condition."""

import pytest

from services.clients.domain import matched


@pytest.mark.parametrize(
    ("condition", "entry"),
    [
        ("nuts", "Allergy to nuts"),
        ("NUTS allergy", "allergy to all nuts"),
        ("беременность", "Беременность, второй триместр"),
        ("щелочь", "аллергия на ЩЁЛОЧЬ"),
        ("epilepsie", "Épilepsie"),
        ("орех", "аллергия на орехи"),
        ("latex", "latex"),
        ("ПБ 38", "пб-38"),
    ],
)
def test_a_condition_is_met_whatever_way_it_is_written(condition: str, entry: str) -> None:
    assert matched([condition], ["something else", entry]) == (True,)


@pytest.mark.parametrize(
    ("condition", "entry"),
    [
        ("nuts", "nutrition"),
        ("nut allergy", "allergy to milk"),
        ("рак", "ракушки"),
        ("diabetes", "pre diabetic"),
        ("—", "anything"),
    ],
)
def test_a_condition_is_not_met_by_what_only_looks_like_it(condition: str, entry: str) -> None:
    assert matched([condition], [entry]) == (False,)


def test_the_words_stand_in_one_entry() -> None:
    entries = ["allergy to pollen", "metal implant"]
    assert matched(["metal allergy"], entries) == (False,)
    assert matched(["implant", "pollen", "gold"], entries) == (True, True, False)


def test_a_card_that_says_nothing_speaks_of_nothing() -> None:
    assert matched(["latex"], []) == (False,)
