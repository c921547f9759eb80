"""Cards that may be one person's are listed in pairs, until they are merged or said to be of two people."""

from datetime import date

import pytest

import services.clients.queries.duplicates as likely
from chassis.wire import encode_cursor
from contracts.booking import CheckMerge, MergeCheck
from contracts.clients import Client, DismissDuplicates, EraseClient, ListLikelyDuplicates, MergeClients
from kernel.errors import Forbidden, Gone, Invalid
from services.clients.tables import not_duplicates
from tests.builders import ELSEWHERE, HERE, OWNER, anna
from tests.component.clients.conftest import ANNA, PHONE, Start, clara, refused
from tests.harness import Harness

BORN = date(1990, 5, 1)


@pytest.fixture
def salon(start: Start) -> Harness:
    harness = start("clients")
    harness.others.answers[CheckMerge] = lambda _: MergeCheck(())
    return harness


def a_card(salon: Harness, **said: object) -> Client:
    card: Client = salon.ask(clara(**{"phones": ()} | said))
    return card


def pairs(salon: Harness, caller: object = OWNER, limit: int = 50) -> list[tuple[set[object], str]]:
    """All that is listed, page by page."""
    found, cursor = [], None
    while True:
        page = salon.ask(ListLikelyDuplicates(limit, cursor), caller)
        assert len(page.items) <= limit
        found += [({each.first.id, each.second.id}, each.reason) for each in page.items]
        cursor = page.next
        if cursor is None:
            return found


def test_a_phone_or_an_email_in_common_is_certain(salon: Harness) -> None:
    one = a_card(salon, phones=(PHONE,))
    other = a_card(salon, phones=(PHONE,), shared_phone=True, first_name="Olga")
    third, fourth = (a_card(salon, email=mail, first_name="Ирина") for mail in ("Ira@example.com", "ira@EXAMPLE.com"))
    a_card(salon, first_name="Nobody", last_name=None)
    assert pairs(salon) == [({third.id, fourth.id}, "email"), ({one.id, other.id}, "phone")]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (("Clara", "Zetkin"), ("Zetkin", "Clara")),
        (("Анна", "Семёнова"), ("Анна", "Семенова")),
        (("Анна", "Семенова"), ("Анна", "Семинова")),
        (("Ann", "Taylor"), ("Anna", "Taylor")),
    ],
)
def test_much_the_same_name_on_one_birth_date_is_a_suggestion(
    salon: Harness, first: tuple[str, str], second: tuple[str, str]
) -> None:
    one, other = (a_card(salon, first_name=a, last_name=b, birth_date=BORN) for a, b in (first, second))
    a_card(salon, first_name="Пётр", last_name="Семёнов-Тян", birth_date=BORN)
    a_card(salon, first_name=first[0], last_name=first[1], birth_date=date(1991, 5, 1))
    assert pairs(salon) == [({one.id, other.id}, "birth_date_and_name")]


def test_pages_hold_every_pair_once(salon: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    """However small the pieces are in which the work is done."""
    monkeypatch.setattr(likely, "WALKED", 3)
    monkeypatch.setattr(likely, "OPENED", 2)
    for number in range(4):
        for _ in range(2):
            a_card(salon, email=f"{number}@example.com", first_name=f"К{number}", birth_date=date(1990, 1 + number, 1))
    for _ in range(3):
        a_card(salon, phones=(PHONE,), shared_phone=True, first_name="Ольга")
    for month in range(4):
        for _ in range(2):
            a_card(salon, first_name="Инна", birth_date=date(1980, 5 + month, 2))
    for limit in (1, 2, 50):
        found = pairs(salon, limit=limit)
        reasons = [reason for _, reason in found]
        assert {reason: reasons.count(reason) for reason in reasons} == {
            "email": 4,
            "phone": 3,
            "birth_date_and_name": 4,
        }
        assert len({frozenset(pair) for pair, _ in found}) == len(found)


def test_who_was_merged_or_dismissed_is_not_listed_again(salon: Harness) -> None:
    one, other, third = (a_card(salon, email="ira@example.com") for _ in range(3))
    dismissed = salon.ask(DismissDuplicates(third.id, one.id))
    assert (dismissed.first_id, dismissed.second_id) == (one.id, third.id)
    salon.ask(DismissDuplicates(one.id, third.id))
    assert pairs(salon) == [({one.id, other.id}, "email"), ({other.id, third.id}, "email")]
    salon.ask(MergeClients(one.id, other.id))
    assert pairs(salon) == []


def test_a_word_against_a_pair_goes_with_a_card(salon: Harness) -> None:
    one, other = (a_card(salon, email="ira@example.com") for _ in range(2))
    salon.ask(DismissDuplicates(one.id, other.id))
    salon.ask(EraseClient(other.id, 1))
    with salon.session() as session:
        assert session.execute(not_duplicates.select()).all() == []


def test_a_caller_is_shown_pairs_of_cards_that_they_see(salon: Harness) -> None:
    here = [a_card(salon, email="here@example.com", home_branch_id=HERE) for _ in range(2)]
    for branch in (HERE, ELSEWHERE):
        a_card(salon, email="both@example.com", home_branch_id=branch)
    assert pairs(salon, anna("clients.merge")) == [({card.id for card in here}, "email")]
    refused(Forbidden, "permission_missing", lambda: salon.ask(ListLikelyDuplicates(), ANNA))


@pytest.mark.parametrize("value", ["zz", "a", "\\x00", "00" * 65])
def test_a_cursor_of_somebodys_own_making_is_refused(salon: Harness, value: str) -> None:
    cursor = encode_cursor("entry", "phone", value, HERE, HERE)
    refused(Invalid, "cursor_invalid", lambda: salon.ask(ListLikelyDuplicates(50, cursor)))


def test_only_two_cards_that_are_there_are_dismissed(salon: Harness) -> None:
    one, other = a_card(salon), a_card(salon, home_branch_id=ELSEWHERE)
    refused(Invalid, "duplicate_is_self", lambda: salon.ask(DismissDuplicates(one.id, one.id)))
    mine = anna("clients.merge")
    refused(Invalid, "client_unknown", lambda: salon.ask(DismissDuplicates(one.id, other.id), mine))
    salon.ask(EraseClient(other.id, 1))
    refused(Gone, "client_erased", lambda: salon.ask(DismissDuplicates(one.id, other.id)))
