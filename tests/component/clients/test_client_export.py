"""Everything that is held about one person, in one answer."""

from dataclasses import replace

import pytest
from sqlalchemy import update

from contracts.analytics import ExportFromAnalytics, HeldByAnalytics
from contracts.auth import ExportFromAuth, HeldByAuth
from contracts.booking import CheckMerge, ExportFromBooking, HeldByBooking, MergeCheck, Unreadable
from contracts.clients import (
    AddConsentDocument,
    AddNote,
    ChangeClient,
    EraseClient,
    ExportClient,
    GiveConsent,
    GivePerk,
    MergeClients,
    OpenClient,
    PersonalDataHandled,
    ShowClient,
)
from contracts.loyalty import ExportFromLoyalty, HeldByLoyalty
from kernel.errors import Forbidden, Gone, NotFound, Unavailable
from services.auth.domain import CLIENT
from services.clients.tables import notes
from tests.builders import HERE, a_user, anna, boris
from tests.component.clients.conftest import PHONE, Start, an_appointment, clara, refused
from tests.harness import Harness

ELSEWHERE = {
    ExportFromBooking: HeldByBooking((), (), (), (), None, (), (Unreadable("appointment", HERE),)),
    ExportFromLoyalty: HeldByLoyalty(None, None, None, (), (), (), (), None),
    ExportFromAnalytics: HeldByAnalytics("instagram", "instagram", None, None, None, ()),
    ExportFromAuth: HeldByAuth((), ()),
}


@pytest.fixture
def salon(start: Start) -> Harness:
    """With all others there, who hold next to nothing."""
    return with_others(start("clients"))


def with_others(harness: Harness) -> Harness:
    for ask, held in ELSEWHERE.items():
        harness.others.answers[ask] = lambda _, held=held: held
    return harness


def test_an_export_holds_every_part(salon: Harness) -> None:
    """The card, its changes, consents, remarks (the private ones, too), perks and visits."""
    card = salon.ask(clara(contraindications=("ammonia",)))
    salon.ask(ChangeClient(card.id, 1, comment="one"))
    salon.ask(AddConsentDocument("photos", "Photos", "You may show my hair."))
    salon.ask(GiveConsent(card.id, "photos", 1, "desk"))
    salon.ask(AddNote(card.id, "talks a lot", private=True))
    salon.ask(GivePerk(card.id, "a coffee"))
    salon.deliver(an_appointment(card.id, HERE))
    taken = salon.ask(ExportClient(card.id))
    assert taken.card == salon.ask(ShowClient(card.id))
    assert [one.version for one in taken.changes] == [2]
    assert [one.purpose for one in taken.consents] == ["photos"]
    assert ([one.text for one in taken.notes], [one.text for one in taken.perks]) == (["talks a lot"], ["a coffee"])
    assert [one.branch_id for one in taken.visits] == [HERE]
    assert (taken.photo.version, taken.habits.visits) == (1, 0)
    assert (taken.booking, taken.loyalty, taken.analytics, taken.auth) == tuple(ELSEWHERE.values())
    assert (taken.unreadable, taken.not_installed) == ((), ())


def test_cards_that_became_part_of_this_one_are_asked_for_and_told(salon: Harness) -> None:
    """Auth, which keeps the journal of both, does not know that they are one."""
    card, twin = salon.ask(clara()), salon.ask(clara(phones=(), first_name="Klara"))
    salon.ask(AddNote(twin.id, "talks a lot"))
    salon.others.answers[CheckMerge] = lambda _: MergeCheck(())
    salon.ask(MergeClients(card.id, twin.id))
    taken = salon.ask(ExportClient(card.id))
    assert [one.text for one in taken.notes] == ["talks a lot"]
    assert [one.merged_id for one in taken.merges] == [twin.id]
    assert salon.others.asked[-2:-1] == [ExportFromAuth(card.id, (twin.id,))]


@pytest.mark.parametrize("ask", ELSEWHERE)
def test_nothing_is_given_out_while_one_service_does_not_answer(salon: Harness, ask: type) -> None:
    """Nobody could tell an export that lacks something from a whole one; and none was given out, so none is noted."""
    card = salon.ask(clara())
    del salon.others.answers[ask]
    refused(Unavailable, "service_unavailable", lambda: salon.ask(ExportClient(card.id)))
    assert salon.announced(PersonalDataHandled) == []


def test_a_service_that_is_not_installed_is_named(salon: Harness) -> None:
    card = salon.ask(clara())
    salon.dispatcher.call._installed = ("booking", "clients", "auth")
    taken = salon.ask(ExportClient(card.id))
    assert (taken.not_installed, taken.loyalty, taken.analytics) == (("loyalty", "analytics"), None, None)
    assert taken.booking is not None


def test_what_is_damaged_is_named_and_stops_nothing(salon: Harness) -> None:
    """Of this card only."""
    card, other = salon.ask(clara()), salon.ask(clara(phones=()))
    damaged, whole = (salon.ask(AddNote(card.id, text)) for text in ("talks a lot", "likes tea"))
    elsewhere = salon.ask(AddNote(other.id, "sleeps"))
    with salon.session() as session:
        broken = notes.c.id.in_([damaged.id, elsewhere.id])
        session.execute(update(notes).where(broken).values(text=b"\x01" + bytes(60)))
        session.commit()
    taken = salon.ask(ExportClient(card.id))
    assert [one.id for one in taken.notes] == [whole.id]
    assert taken.unreadable == (Unreadable("note", damaged.id),)


def test_every_page_of_a_part_is_taken(salon: Harness) -> None:
    """More than fits on one page is still all of it."""
    card = salon.ask(clara())
    for number in range(203):
        salon.ask(AddNote(card.id, f"{number}"))
    assert len(salon.ask(ExportClient(card.id)).notes) == 203


def test_an_export_is_on_the_record(salon: Harness) -> None:
    """The journal is told who took out whom, and nothing of what it was."""
    card = salon.ask(clara())
    salon.ask(ExportClient(card.id, "pdf"), anna("clients.export"))
    (deed,) = salon.announced(PersonalDataHandled)
    assert (deed.action, deed.subject_id, deed.actor_id) == ("client.exported", card.id, anna().id)
    assert deed.details == {"format": ("pdf",)}


def test_one_export_after_another_is_told_of_like_cards_that_are_opened(start: Start) -> None:
    """Each spends nothing; a card that was exported first is revealed when it is opened."""
    salon = with_others(start("clients", mass_reads_per_hour=2))
    exporter = anna("clients.export", "clients.read", marks=frozenset({"contacts"}), reveals_per_shift=1)
    first, *others = (salon.ask(clara(phones=(phone,))).id for phone in (PHONE, "+79160000001", "+79160000002"))
    for card_id in (first, first, *others):
        salon.ask(ExportClient(card_id), exporter)
    told = [(one.action, one.subject_id) for one in salon.announced(PersonalDataHandled)]
    exported = [("client.exported", card_id) for card_id in (first, first, *others)]
    assert sorted(told, key=str) == sorted([*exported, ("client.mass_reads", exporter.id)], key=str)
    assert salon.ask(OpenClient(first), exporter).phones == (PHONE,)
    assert salon.announced(PersonalDataHandled)[-1].action == "client.revealed"


def test_bounds_of_a_role_bound_no_export(salon: Harness) -> None:
    """Whoever may give all of it out gives all of it out."""
    card = salon.ask(clara())
    salon.deliver(an_appointment(card.id, HERE))
    salon.ask(ChangeClient(card.id, 1, comment="one"))
    bounded = replace(anna("clients.export", marks=frozenset({"contacts"})), history_days=0, reveals_per_shift=0)
    taken = salon.ask(ExportClient(card.id), bounded)
    assert (len(taken.visits), len(taken.changes), taken.card.phones) == (1, 1, (PHONE,))


def test_an_export_is_masked_and_guarded(salon: Harness) -> None:
    """It takes a right of its own and the branch of the card; marks that one lacks stay masks."""
    card = salon.ask(clara(home_branch_id=HERE, contraindications=("ammonia",)))
    salon.ask(ChangeClient(card.id, 1, phones=("+79990000000",), contraindications=()))
    taken = str(salon.ask(ExportClient(card.id), anna("clients.export")))
    for hidden in (PHONE, "+7999", "ammonia"):
        assert hidden not in taken
    refused(Forbidden, "permission_missing", lambda: salon.ask(ExportClient(card.id), anna("clients.read")))
    refused(NotFound, "client_not_found", lambda: salon.ask(ExportClient(card.id), boris("clients.export")))
    salon.ask(EraseClient(card.id, 2))
    refused(Gone, "client_erased", lambda: salon.ask(ExportClient(card.id)))


def test_a_client_takes_out_what_is_held_of_them_and_of_nobody_else(salon: Harness) -> None:
    """With their own contacts and health, which nobody's marks have to show them; what the salon earns is masked."""
    card, other = (
        salon.ask(clara(contraindications=("ammonia",))),
        salon.ask(clara(first_name="Eva", shared_phone=True)),
    )
    salon.deliver(an_appointment(card.id, HERE))
    me = a_user(*CLIENT, client_id=card.id, reveals_per_shift=0, history_days=0)
    taken = salon.ask(ExportClient(card.id), me)
    assert (taken.card.phones, taken.card.contraindications) == ((PHONE,), ("ammonia",))
    assert salon.ask(ShowClient(card.id), me).phones == (PHONE,)
    assert [visit.price for visit in taken.visits] == [None]
    for ask in (ExportClient(other.id), EraseClient(other.id, 1)):
        refused(NotFound, "client_not_found", lambda asked=ask: salon.ask(asked, me))
    salon.ask(EraseClient(card.id, 1), me)
    refused(Gone, "client_erased", lambda: salon.ask(ShowClient(card.id)))


def test_what_is_shown_of_ones_own_is_hidden_of_others(salon: Harness) -> None:
    """Whoever reads cards of a branch without the mark sees no contacts, though the client themselves would."""
    card = salon.ask(clara())
    reader = anna("clients.read", "clients.read.own", client_id=card.id)
    assert PHONE not in salon.ask(ShowClient(card.id), reader).phones
