"""Everything that is held about one person, in one answer."""

from contracts.clients import (
    AddConsentDocument,
    AddNote,
    ChangeClient,
    EraseClient,
    ExportClient,
    GiveConsent,
    GivePerk,
    PersonalDataHandled,
    ShowClient,
)
from kernel.errors import Forbidden, Gone, NotFound
from tests.builders import HERE, anna, boris
from tests.component.clients.conftest import PHONE, an_appointment, clara, refused
from tests.harness import Harness


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


def test_every_page_of_a_part_is_taken(salon: Harness) -> None:
    """More than fits on one page is still all of it."""
    card = salon.ask(clara())
    for number in range(203):
        salon.ask(AddNote(card.id, f"{number}"))
    assert len(salon.ask(ExportClient(card.id)).notes) == 203


def test_an_export_is_on_the_record(salon: Harness) -> None:
    """The journal is told who took out whom, and nothing of what it was."""
    card = salon.ask(clara())
    salon.ask(ExportClient(card.id), anna("clients.export"))
    (deed,) = salon.announced(PersonalDataHandled)
    assert (deed.action, deed.subject_id, deed.actor_id) == ("client.exported", card.id, anna().id)


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
