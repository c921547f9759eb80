"""Who has not come for long enough is forgotten, and nobody else."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from contracts.clients import (
    LONG_STORAGE,
    AddConsentDocument,
    ChangeClient,
    ChangeRetention,
    ClientErased,
    GiveConsent,
    ImportClients,
    ImportedClient,
    ListClients,
    PreviewRetention,
    ShowClient,
    ShowRetention,
    WithdrawConsent,
)
from kernel.caller import Caller
from kernel.errors import Forbidden, Gone, Stale
from services.clients import queries, usecases
from tests.builders import HERE, OWNER, anna
from tests.component.clients.conftest import an_appointment, clara, refused
from tests.harness import Harness

MONTHS = 12


def in_months(months: int) -> datetime:
    return datetime.now(UTC) + timedelta(days=31 * months)


def forget(salon: Harness, now: datetime) -> set[UUID]:
    """Do what the clock would do at `now`; who is left."""
    desk = replace(salon.dispatcher.instance.desk(Caller(kind="service")), now=now)
    with salon.session() as session:
        while usecases.retention.forget_long_unseen(session, desk):
            pass
        session.commit()
    return {card.id for card in salon.ask(ListClients()).items}


@pytest.fixture
def keeping(salon: Harness) -> Harness:
    """A salon that forgets after a year."""
    assert salon.ask(ChangeRetention(1, MONTHS)).months_without_visit == MONTHS
    return salon


def test_nobody_is_forgotten_until_somebody_says_so(salon: Harness) -> None:
    """It is off at first, can be set and turned off, and the second of two who set it is told."""
    card = salon.ask(clara())
    assert salon.ask(ShowRetention()).months_without_visit is None
    assert forget(salon, in_months(600)) == {card.id}
    assert salon.ask(ChangeRetention(1, 24)).version == 2
    refused(Stale, "version_stale", lambda: salon.ask(ChangeRetention(1, 36)))
    assert salon.ask(ChangeRetention(2, None)).months_without_visit is None
    assert forget(salon, in_months(600)) == {card.id}


def test_who_was_not_seen_for_long_is_erased_like_by_hand(keeping: Harness) -> None:
    """The card answers gone, its key is destroyed, and others are told; before its time nothing happens."""
    card = keeping.ask(clara())
    assert forget(keeping, in_months(MONTHS - 2)) == {card.id}
    assert forget(keeping, in_months(MONTHS + 1)) == set()
    refused(Gone, "client_erased", lambda: keeping.ask(ShowClient(card.id)))
    assert [one.client_id for one in keeping.announced(ClientErased)] == [card.id]
    assert keeping.dispatcher.instance.keyring.keys([card.id]) == {}


def test_a_visit_keeps_for_its_time_and_one_to_come_always(keeping: Harness) -> None:
    """The last appointment counts, wherever it was and however it ended; the next one forbids."""
    seen, coming, never = (keeping.ask(clara(phones=())).id for _ in range(3))
    later = in_months(6)
    for client, starts in ((seen, later), (coming, in_months(40))):
        visit = replace(an_appointment(client, HERE), starts=starts, ends=starts, status="cancelled")
        keeping.deliver(visit)
    assert forget(keeping, in_months(MONTHS + 1)) == {seen, coming}
    assert never not in forget(keeping, in_months(MONTHS + 8))
    assert forget(keeping, in_months(MONTHS + 8)) == {coming}


def test_whoever_is_about_a_card_keeps_it(keeping: Harness) -> None:
    """A change of the card or a consent counts from when it was made."""
    changed, agreed, neither = (keeping.ask(clara(phones=())).id for _ in range(3))
    keeping.ask(AddConsentDocument("photos", "Photos", "You may show my hair."))
    desk = replace(keeping.dispatcher.instance.desk(OWNER), now=in_months(6))
    with keeping.session() as session:
        usecases.change(session, ChangeClient(changed, 1, comment="asked for a price"), desk)
        usecases.consents.give(session, GiveConsent(agreed, "photos", 1, "desk"), desk)
        session.commit()
    assert neither not in forget(keeping, in_months(MONTHS + 1))
    assert forget(keeping, in_months(MONTHS + 1)) == {changed, agreed}
    assert forget(keeping, in_months(MONTHS + 8)) == set()


def test_who_agreed_to_be_kept_is_kept_until_they_withdraw(keeping: Harness) -> None:
    """An open consent to long storage outweighs the rule, one that was taken back does not."""
    card = keeping.ask(clara())
    keeping.ask(AddConsentDocument(LONG_STORAGE, "Storage", "Keep me."))
    given = keeping.ask(GiveConsent(card.id, LONG_STORAGE, 1, "paper"))
    assert forget(keeping, in_months(300)) == {card.id}
    keeping.ask(WithdrawConsent(card.id, given.id, "desk"))
    assert forget(keeping, in_months(300)) == set()


def test_who_came_from_another_system_counts_from_the_import(keeping: Harness) -> None:
    """An old base is not forgotten on the day that it arrives."""
    old = ImportedClient(first_name="Клара", reference="7", registered_at=datetime(2001, 1, 1, tzinfo=UTC))
    card = keeping.ask(ImportClients((old,))).items[0]
    keeping.tick()
    assert forget(keeping, datetime.now(UTC)) == {card.id}
    assert keeping.ask(PreviewRetention(MONTHS)).clients == 0
    assert forget(keeping, in_months(MONTHS + 1)) == set()


def test_the_preview_counts_and_does_nothing(keeping: Harness) -> None:
    """As many as the clock would take."""
    for _ in range(3):
        keeping.ask(clara(phones=()))
    with keeping.session() as session:
        assert queries.preview_retention(session, MONTHS, in_months(MONTHS + 1)).clients == 3
    assert len(keeping.ask(ListClients()).items) == 3


def test_only_the_owner_sets_it(salon: Harness) -> None:
    """Whoever may erase one card may not have all of them erased."""
    refused(
        Forbidden,
        "permission_missing",
        lambda: salon.ask(ChangeRetention(1, 1), anna("clients.delete", "clients.edit")),
    )
    refused(Forbidden, "permission_missing", lambda: salon.ask(PreviewRetention(1), anna("clients.read")))
