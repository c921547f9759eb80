"""What headings mean, how cells are read, and by what names are found."""

from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.clients.domain.card import Person
from services.clients.domain.fields import Field
from services.clients.domain.imports import Fault, proposed, read_date, read_row
from services.clients.domain.merges import much_the_same_name
from services.clients.domain.names import pairs_of, split_name

TODAY = date(2026, 11, 23)
FIELD = UUID(int=1)
letters = st.text("абвгдежзиклмнопрст", min_size=2, max_size=12)


@pytest.mark.parametrize(
    ("names", "fields"),
    [
        (["Имя", "Телефон", "Email", "Категории", "Дата рождения"],
         ["first_name", "phone", "email", "categories", "birth_date"]),
        (["Наименование", "Код", "Телефон", "Адрес электронной почты"], ["full_name", "reference", "phone", "email"]),
        (["First Name", "last_name", "Phone", "phone_2", "E-mail", "Birthday"],
         ["first_name", "last_name", "phone", "phone", "email", "birth_date"]),
        (["ТЕЛЕФОН:", "Телефон 2", "E-mail", "Почта"], ["phone", "phone", "email", None]),
        (["Рост", "", "Сумма"], [f"custom.{FIELD}", None, None]),
    ],
)  # fmt: skip
def test_headings_propose_fields(names: list[str], fields: list[str | None]) -> None:
    """Those of other systems and those that people write; a field that takes one column is proposed once."""
    assert proposed(names, {"рост": FIELD}) == fields


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Анна", (None, "Анна", None)),
        ("Петрова Анна", ("Петрова", "Анна", None)),
        ("Петрова  Анна Ильинична", ("Петрова", "Анна", "Ильинична")),
        ("Анна Ильинична", (None, "Анна", "Ильинична")),
        ("Анна Ильинична Петрова", ("Петрова", "Анна", "Ильинична")),
        ("Алиев Вагиф Мустафа оглы", ("Алиев", "Вагиф", "Мустафа оглы")),
    ],
)
def test_full_names_come_apart(text: str, parts: tuple[str | None, str, str | None]) -> None:
    assert split_name(text) == parts


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("31.12.1990", date(1990, 12, 31)),
        ("1/2/1990", date(1990, 2, 1)),
        ("1990-02-01", date(1990, 2, 1)),
        ("1990-02-01 00:00:00", date(1990, 2, 1)),
        ("01.02.1990 12:30", date(1990, 2, 1)),
        ("30.02.1990", None),
        ("01.02.90", None),
        ("33000", None),
    ],
)
def test_dates_are_read_in_stated_forms_only(text: str, day: date | None) -> None:
    assert read_date(text) == day


@pytest.mark.parametrize("nothing", ["-", "—", "---", "нет", "N/A"])
def test_a_dash_is_nobodys_reference(nothing: str) -> None:
    """All who have it would be one person."""
    row = read_row((nothing,) * 4, ((0, "phone"), (1, "email"), (2, "reference"), (3, "first_name")), 4, {}, TODAY)
    assert (row.phones, row.email, row.reference) == ([], None, None)
    assert row.faults == [Fault("", "key_missing")]


@given(st.dates(date(1900, 1, 1), TODAY))
def test_a_date_is_read_as_it_was_written(day: date) -> None:
    assert read_date(day.isoformat()) == read_date(day.strftime("%d.%m.%Y")) == day


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("number", "1 234,5", "1234.5"),
        ("number", "many", None),
        ("date", "01.02.2020", "2020-02-01"),
        ("yes_no", "Да", "yes"),
        ("choice", "RED", "red"),
        ("choice", "blue", None),
        ("text", "as it is", "as it is"),
    ],
)
def test_fields_of_the_salon_are_read_by_their_kind(kind: str, text: str, value: str | None) -> None:
    fields = {FIELD: Field(FIELD, kind, ("red", "green") if kind == "choice" else ())}
    row = read_row(["A", "K", text], [(0, "first_name"), (1, "reference"), (2, f"custom.{FIELD}")], 3, fields, TODAY)
    assert row.custom.get(FIELD) == value
    assert row.faults == ([] if value else [Fault(f"custom.{FIELD}", "value_invalid")])


def test_what_nobody_knows_is_nothing() -> None:
    """An empty date of other systems, an unknown sex, a row that is shorter than the others."""
    columns = [(0, "first_name"), (1, "reference"), (2, "birth_date"), (3, "sex"), (4, "email")]
    row = read_row(["A", "K", "0000-00-00", "0"], columns, 5, {}, TODAY)
    assert (row.birth_date, row.sex, row.email, row.faults) == (None, None, None, [])
    assert read_row(["A", "K", "", "sometimes"], columns, 5, {}, TODAY).faults == [Fault("sex", "sex_unknown")]


@given(st.lists(letters, min_size=1, max_size=3, unique=True))
def test_whoever_has_the_same_names_is_found_in_any_order(names: list[str]) -> None:
    """They share a pair of beginnings, whichever are the first, the last and the patronymic."""
    assert much_the_same_name(Person(names[0], *names[1:]), Person(names[-1], *names[:-1]))
    assert pairs_of(names) & pairs_of(names[::-1])
