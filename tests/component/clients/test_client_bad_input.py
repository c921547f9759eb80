"""What a card refuses when it is changed: each with its code and field, and the card stays as it was."""

import threading
from datetime import date

import pytest

from chassis.messaging.envelope import Answer
from contracts.clients import ChangeClient, ListClientChanges, ShowClient
from kernel.errors import Forbidden, Invalid
from tests.builders import anna
from tests.component.clients.conftest import ANNA, DESK, PHONE, clara, refused
from tests.harness import Harness


@pytest.mark.parametrize(
    ("said", "field", "code"),
    [
        ({"phones": ("123",)}, "phones.0", "phone_invalid"),
        ({"phones": ("+7 916 123-45-67", "+0 000 000 00 00")}, "phones.1", "phone_invalid"),
        ({"phones": ("+79161234567890",)}, "phones.0", "phone_invalid"),
        ({"email": "clara at home"}, "email", "email_invalid"),
        ({"email": "clara@"}, "email", "email_invalid"),
        ({"email": "a@b.c\r\nBcc: all@example.com"}, "email", "email_invalid"),
        ({"birth_date": date(2999, 1, 1)}, "birth_date", "birth_date_impossible"),
        ({"birth_date": date(1, 1, 1)}, "birth_date", "birth_date_impossible"),
        ({"first_name": "\t"}, "first_name", "name_blank"),
    ],
)
def test_what_is_impossible_is_refused_at_a_change_too(
    salon: Harness, said: dict[str, object], field: str, code: str
) -> None:
    card = salon.ask(clara())
    assert list(refused(Invalid, code, lambda: salon.ask(ChangeClient(card.id, 1, **said))).details["errors"]) == [
        field
    ]
    assert salon.ask(ShowClient(card.id)) == card


def test_nobody_shares_a_phone_without_the_right_to(salon: Harness) -> None:
    """Neither by a change; with the right it is shared."""
    salon.ask(clara())
    son = salon.ask(clara(first_name="Костя", phones=()))
    share = ChangeClient(son.id, 1, phones=(PHONE,), shared_phone=True)
    refused(Forbidden, "permission_missing", lambda: salon.ask(share, ANNA))
    assert salon.ask(ShowClient(son.id)) == son
    assert salon.ask(share, anna(*DESK, "clients.share_phone", marks=ANNA.marks)).phones == (PHONE,)


def test_of_many_who_edit_one_card_one_is_first_and_nothing_is_lost(salon: Harness) -> None:
    """The others learn what they sent, what it is now and what it was; the history keeps what was there before."""
    card = salon.ask(clara(comment="in the beginning"))
    barrier, outcomes = threading.Barrier(8), list[tuple[str, Answer]]()

    def edit(comment: str) -> None:
        barrier.wait()
        outcomes.append((comment, salon.answer(ChangeClient(card.id, 1, comment=comment))))

    threads = [threading.Thread(target=edit, args=(f"by {number}",)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (first,) = [comment for comment, answer in outcomes if answer.error is None]
    assert salon.ask(ShowClient(card.id)).comment == first
    for comment, answer in outcomes:
        if comment != first:
            assert answer.error.code == "version_stale"
            told = answer.error.details
            said = [told[name]["comment"] for name in ("theirs", "current", "original")]
            assert said == [comment, first, "in the beginning"]
    (change,) = salon.ask(ListClientChanges(card.id)).items
    assert [(part.field, part.before, part.after) for part in change.fields] == [("comment", "in the beginning", first)]
