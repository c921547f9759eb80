"""Texts that clients agree to, and who agreed to which of them when."""

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from chassis.database import new_id
from contracts.clients import (
    AddConsentDocument,
    ConsentGiven,
    ConsentWithdrawn,
    EraseClient,
    GiveConsent,
    ListConsentDocuments,
    ListConsents,
    ShowConsent,
    ShowConsentDocument,
    WithdrawConsent,
)
from kernel.errors import Conflict, Forbidden, Gone, Invalid, NotFound, Refusal
from services.clients.tables import consent_documents, consents, withdrawals
from tests.builders import HERE, anna, boris
from tests.component.clients.conftest import clara, refused
from tests.harness import Harness

DESK = ("consents.create", "consents.read", "consents.withdraw")


def a_document(**said: Any) -> AddConsentDocument:
    return AddConsentDocument(**{"purpose": "photos", "title": "Photos", "text": "You may show my hair."} | said)


def test_another_text_is_another_version(salon: Harness) -> None:
    """Versions are counted per purpose; earlier ones stay as they were."""
    first = salon.ask(a_document())
    salon.ask(a_document(purpose="processing"))
    second = salon.ask(a_document(text="You may show my nails, too.", language="en"))
    assert (first.version, second.version) == (1, 2)
    assert salon.ask(ShowConsentDocument(first.id)) == first
    page = salon.ask(ListConsentDocuments(limit=2))
    rest = salon.ask(ListConsentDocuments(limit=2, cursor=page.next))
    listed = [(one.purpose, one.version) for one in (*page.items, *rest.items)]
    assert listed == [("photos", 2), ("photos", 1), ("processing", 1)]
    assert [one.id for one in salon.ask(ListConsentDocuments(purpose="photos")).items] == [second.id, first.id]
    refused(NotFound, "consent_document_not_found", lambda: salon.ask(ShowConsentDocument(new_id())))


def test_a_consent_is_given_and_withdrawn_per_purpose(salon: Harness) -> None:
    """What is taken back for one purpose still holds for another; others are told ids and purposes only."""
    card = salon.ask(clara())
    salon.ask(a_document())
    salon.ask(a_document(purpose="processing"))
    photos = salon.ask(GiveConsent(card.id, "photos", 1, "desk"))
    processing = salon.ask(GiveConsent(card.id, "processing", 1, "paper"))
    gone = salon.ask(WithdrawConsent(card.id, photos.id, "phone", reason="a jealous husband"))
    assert (gone.state, gone.withdrawal.channel, gone.withdrawal.reason) == ("withdrawn", "phone", "a jealous husband")
    assert salon.ask(ShowConsent(card.id, processing.id)) == processing
    assert [one.state for one in salon.ask(ListConsents(card.id)).items] == ["given", "withdrawn"]
    refused(Conflict, "consent_withdrawn", lambda: salon.ask(WithdrawConsent(card.id, photos.id, "desk")))
    told = [(type(one), one.consent_id, one.purpose) for one in salon.announced(ConsentGiven, ConsentWithdrawn)]
    assert told == [
        (ConsentGiven, photos.id, "photos"),
        (ConsentGiven, processing.id, "processing"),
        (ConsentWithdrawn, photos.id, "photos"),
    ]
    assert "jealous" not in str(salon.announced())


def test_a_later_text_supersedes_and_the_history_stays(salon: Harness) -> None:
    """The same text again is refused, a newer one is agreed to anew, and only the newest can be withdrawn."""
    card = salon.ask(clara())
    salon.ask(a_document())
    salon.ask(a_document(text="another"))
    first = salon.ask(GiveConsent(card.id, "photos", 1, "desk"))
    refused(Conflict, "consent_given", lambda: salon.ask(GiveConsent(card.id, "photos", 1, "desk")))
    second = salon.ask(GiveConsent(card.id, "photos", 2, "desk"))
    refused(Conflict, "consent_given", lambda: salon.ask(GiveConsent(card.id, "photos", 1, "desk")))
    refused(Conflict, "consent_superseded", lambda: salon.ask(WithdrawConsent(card.id, first.id, "desk")))
    salon.ask(WithdrawConsent(card.id, second.id, "desk"))
    again = salon.ask(GiveConsent(card.id, "photos", 1, "desk"))
    page = salon.ask(ListConsents(card.id, limit=2))
    rest = salon.ask(ListConsents(card.id, limit=2, cursor=page.next))
    listed = [(one.id, one.state) for one in (*page.items, *rest.items)]
    assert listed == [(again.id, "given"), (second.id, "withdrawn"), (first.id, "superseded")]


@pytest.mark.parametrize(
    ("said", "field", "code"),
    [
        ({"purpose": "sms"}, "document_version", "document_unknown"),
        ({"document_version": 9}, "document_version", "document_unknown"),
        ({"given_at": datetime(2199, 1, 1, tzinfo=UTC)}, "given_at", "given_in_future"),
        ({"given_at": datetime(2001, 1, 1, tzinfo=UTC)}, "given_at", "document_not_valid_yet"),
        ({"given_at": datetime.fromisoformat("2020-01-01T00:00:00")}, "given_at", "offset_missing"),
    ],
)
def test_an_impossible_consent_is_refused_by_its_field(
    salon: Harness, said: dict[str, Any], field: str, code: str
) -> None:
    """Nobody agrees to no text, after now, or before the text held."""
    card = salon.ask(clara())
    salon.ask(a_document(valid_from=datetime(2010, 1, 1, tzinfo=UTC)))
    wanted = {"purpose": "photos", "document_version": 1, "channel": "paper"} | said
    assert field in refused(Invalid, code, lambda: salon.ask(GiveConsent(card.id, **wanted))).details["errors"]


def test_paper_from_before_a_withdrawal_gives_nothing_back(salon: Harness) -> None:
    """A form that was signed earlier and entered later does not undo what the client said since."""
    card = salon.ask(clara())
    salon.ask(a_document(valid_from=datetime(2010, 1, 1, tzinfo=UTC)))
    earlier = datetime.now(UTC) - timedelta(days=1)
    given = salon.ask(GiveConsent(card.id, "photos", 1, "paper", given_at=earlier))
    assert given.given_at == earlier
    salon.ask(WithdrawConsent(card.id, given.id, "desk"))
    late = GiveConsent(card.id, "photos", 1, "paper", given_at=earlier)
    refused(Invalid, "given_before_withdrawal", lambda: salon.ask(late))


def test_a_client_agrees_for_themselves_online_and_now(salon: Harness) -> None:
    """Their own card only; neither on paper nor yesterday."""
    card, other = salon.ask(clara()), salon.ask(clara(phones=()))
    salon.ask(a_document())
    herself = anna(*(f"{word}.own" for word in DESK), client_id=card.id, branch_ids=frozenset())
    given = salon.ask(GiveConsent(card.id, "photos", 1, "online"), herself)
    refused(NotFound, "client_not_found", lambda: salon.ask(GiveConsent(other.id, "photos", 1, "online"), herself))
    refused(Invalid, "channel_not_yours", lambda: salon.ask(GiveConsent(card.id, "photos", 1, "paper"), herself))
    earlier = GiveConsent(card.id, "photos", 1, "online", given_at=datetime(2020, 1, 1, tzinfo=UTC))
    refused(Invalid, "given_at_not_yours", lambda: salon.ask(earlier, herself))
    refused(Invalid, "channel_not_yours", lambda: salon.ask(WithdrawConsent(card.id, given.id, "desk"), herself))
    assert salon.ask(WithdrawConsent(card.id, given.id, "online"), herself).state == "withdrawn"


def test_boris_may_not(salon: Harness) -> None:
    """Consents of a card of another branch are not there for him; without the right they are forbidden."""
    card = salon.ask(clara(home_branch_id=HERE))
    salon.ask(a_document())
    given = salon.ask(GiveConsent(card.id, "photos", 1, "desk"), anna(*DESK))
    for request in (
        GiveConsent(card.id, "photos", 1, "desk"),
        ListConsents(card.id),
        ShowConsent(card.id, given.id),
        WithdrawConsent(card.id, given.id, "desk"),
    ):
        refused(NotFound, "client_not_found", lambda r=request: salon.ask(r, boris(*DESK)))
        refused(Forbidden, "permission_missing", lambda r=request: salon.ask(r, anna("clients.read")))
    other = salon.ask(clara(phones=()))
    refused(NotFound, "consent_not_found", lambda: salon.ask(ShowConsent(other.id, given.id)))


def test_of_many_at_the_same_moment_one_is_recorded(salon: Harness) -> None:
    """Consents of a person for a purpose come one after another."""
    card = salon.ask(clara())
    salon.ask(a_document())
    outcomes: list[str] = []

    def give() -> None:
        answer = salon.answer(GiveConsent(card.id, "photos", 1, "desk"))
        outcomes.append(answer.error.code if answer.error else "ok")

    threads = [threading.Thread(target=give) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["consent_given"] * 5 + ["ok"]


@pytest.mark.parametrize("table", [consent_documents, consents, withdrawals])
def test_what_was_recorded_is_never_changed(salon: Harness, table: Any) -> None:
    """The database refuses it, whoever asks."""
    card = salon.ask(clara())
    salon.ask(a_document())
    given = salon.ask(GiveConsent(card.id, "photos", 1, "desk"))
    salon.ask(WithdrawConsent(card.id, given.id, "desk", reason="secret reason"))
    column = next(iter(table.c)).name
    with salon.session() as session, pytest.raises(DBAPIError, match="stays as it is"):
        session.execute(text(f"UPDATE {table.name} SET {column} = {column}"))


def test_consents_go_with_the_person_and_the_texts_stay(salon: Harness) -> None:
    """Nothing of hers is left, not even in the replies that are kept; the reason was never in clear."""
    card = salon.ask(clara())
    salon.ask(a_document())
    given = salon.ask(GiveConsent(card.id, "photos", 1, "desk"))
    salon.ask(WithdrawConsent(card.id, given.id, "desk", reason="secret reason"), key="one")
    with salon.session() as session:
        assert "secret" not in str(session.execute(text("SELECT t::text FROM withdrawals t")).all())
    salon.ask(EraseClient(card.id, 1))
    with salon.session() as session:
        left = [session.scalar(select(func.count()).select_from(one)) for one in (consents, withdrawals)]
        assert left == [0, 0]
        assert session.scalar(text("SELECT count(*) FROM replies WHERE request = 'WithdrawConsent'")) == 0
    assert len(salon.ask(ListConsentDocuments()).items) == 1
    with pytest.raises(Refusal) as caught:
        salon.ask(ListConsents(card.id))
    assert isinstance(caught.value, Gone)
