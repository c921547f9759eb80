"""What masters remark about a client: who sees it, and who changes it."""

from dataclasses import replace

import pytest
from sqlalchemy import update

from chassis.database import new_id
from contracts.clients import AddNote, ChangeNote, EraseClient, ListNotes, Note, RemoveNote, ShowNote
from kernel.caller import Caller
from kernel.errors import Conflict, Forbidden, Gone, Invalid, NotFound, Stale
from services.clients.tables import notes
from tests.builders import HERE, OWNER, a_user, anna, boris
from tests.component.clients.conftest import clara, refused
from tests.facts import booked, numbered
from tests.harness import Harness

MASTER = ("client_notes.read", "client_notes.create", "client_notes.edit.own", "clients.read")
ANNA = anna(*MASTER)
OLGA = anna(*MASTER, id=new_id())  # another master of the same branch


def a_note(salon: Harness, client_id: object, caller: Caller = ANNA, **said: object) -> Note:
    return salon.ask(AddNote(**{"client_id": client_id, "text": "no heat near the neck"} | said), caller)


def test_a_note_says_who_when_and_about_which_visit(salon: Harness) -> None:
    """The author is whoever asks; the newest comes first."""
    card, visit = salon.ask(clara(home_branch_id=HERE)), numbered(1)
    salon.deliver(booked(visit, card.id))
    first = a_note(salon, card.id, text="  tea with mint ", appointment_id=visit)
    assert (first.author_id, first.text, first.appointment_id, first.private) == (
        ANNA.id,
        "tea with mint",
        visit,
        False,
    )
    assert (first.version, first.changed_by) == (1, None)
    second = a_note(salon, card.id, OLGA)
    assert salon.ask(ShowNote(card.id, first.id), OLGA) == first
    assert salon.ask(ListNotes(card.id), OLGA).items == (second, first)


def test_a_note_is_about_a_visit_of_that_client(salon: Harness) -> None:
    """Not about somebody else's, nor about one that nobody knows."""
    card, other = salon.ask(clara(home_branch_id=HERE)), salon.ask(clara(phones=(), first_name="Olga"))
    salon.deliver(booked(numbered(1), other.id))
    for visit in (numbered(1), numbered(2)):
        refused(Invalid, "appointment_unknown", lambda v=visit: a_note(salon, card.id, appointment_id=v))
    assert salon.ask(ListNotes(card.id)).items == ()


def test_pages_of_notes_hold_each_once(salon: Harness) -> None:
    card = salon.ask(clara())
    made = [a_note(salon, card.id).id for _ in range(5)]
    seen, cursor = [], None
    while True:
        page = salon.ask(ListNotes(card.id, limit=2, cursor=cursor))
        seen += [one.id for one in page.items]
        cursor = page.next
        if cursor is None:
            break
    assert seen == made[::-1]
    refused(Invalid, "cursor_invalid", lambda: salon.ask(ListNotes(card.id, cursor="nonsense")))


def test_only_who_wrote_a_note_changes_it_or_somebody_with_the_right(salon: Harness) -> None:
    """Whoever did is named beside the author."""
    card = salon.ask(clara())
    note = a_note(salon, card.id)
    for request in (ChangeNote(card.id, note.id, 1, text="mine"), RemoveNote(card.id, note.id, 1)):
        refused(Forbidden, "note_of_another", lambda r=request: salon.ask(r, OLGA))
    mine = salon.ask(ChangeNote(card.id, note.id, 1, text="no heat at all"), ANNA)
    assert (mine.text, mine.version, mine.changed_by, mine.author_id) == ("no heat at all", 2, ANNA.id, ANNA.id)
    refused(Stale, "version_stale", lambda: salon.ask(ChangeNote(card.id, note.id, 1, text="late"), ANNA))
    theirs = salon.ask(ChangeNote(card.id, note.id, 2, private=True), OWNER)
    assert theirs == replace(mine, private=True, version=3, changed_by=OWNER.id, changed_at=theirs.changed_at)
    assert salon.ask(ChangeNote(card.id, note.id, 3), ANNA) == theirs
    assert salon.ask(RemoveNote(card.id, note.id, 3), ANNA).id == note.id
    refused(NotFound, "note_not_found", lambda: salon.ask(ShowNote(card.id, note.id), ANNA))


def test_a_private_note_is_for_its_author_and_those_who_may_change_any(salon: Harness) -> None:
    card = salon.ask(clara())
    note = a_note(salon, card.id, private=True)
    manager = anna("client_notes.read", "client_notes.edit", id=new_id())
    for caller in (ANNA, manager, OWNER):
        assert salon.ask(ListNotes(card.id), caller).items == (note,)
    assert salon.ask(ListNotes(card.id), OLGA).items == ()
    for request in (ShowNote(card.id, note.id), RemoveNote(card.id, note.id, 1)):
        refused(NotFound, "note_not_found", lambda r=request: salon.ask(r, OLGA))


def test_boris_may_not_read_notes_about_clients_of_another_branch(salon: Harness) -> None:
    card = salon.ask(clara(home_branch_id=HERE))
    note = a_note(salon, card.id)
    stranger = boris(*MASTER, "client_notes.edit")
    for request in (
        AddNote(card.id, "x"),
        ListNotes(card.id),
        ShowNote(card.id, note.id),
        ChangeNote(card.id, note.id, 1, text="x"),
        RemoveNote(card.id, note.id, 1),
    ):
        refused(NotFound, "client_not_found", lambda r=request: salon.ask(r, stranger))
    clara_herself = a_user("clients.read.own", client_id=card.id)
    refused(Forbidden, "permission_missing", lambda: salon.ask(ListNotes(card.id), clara_herself))
    other = salon.ask(clara(phones=()))
    refused(NotFound, "note_not_found", lambda: salon.ask(ShowNote(other.id, note.id)))


@pytest.mark.parametrize("text", [" ", "\n\t"])
def test_a_note_says_something(salon: Harness, text: str) -> None:
    card = salon.ask(clara())
    assert "text" in refused(Invalid, "text_blank", lambda: a_note(salon, card.id, text=text)).details["errors"]


def test_a_damaged_note_stops_no_list(salon: Harness) -> None:
    """Moved to another row it does not open."""
    card = salon.ask(clara())
    first, second = a_note(salon, card.id), a_note(salon, card.id, text="the other one")
    with salon.session() as session:
        moved = notes.select().with_only_columns(notes.c.text).where(notes.c.id == second.id).scalar_subquery()
        session.execute(update(notes).where(notes.c.id == first.id).values(text=moved))
        session.commit()
    assert salon.ask(ListNotes(card.id)).items == (second,)
    refused(Conflict, "note_damaged", lambda: salon.ask(ShowNote(card.id, first.id)))


def test_notes_go_with_the_person(salon: Harness) -> None:
    """The stored answer to a repeated request goes, too."""
    card = salon.ask(clara())
    salon.ask(AddNote(card.id, "no heat"), key="a-note")
    salon.ask(EraseClient(card.id, 1))
    refused(Gone, "client_erased", lambda: salon.ask(ListNotes(card.id)))
    with salon.session() as session:
        assert session.execute(notes.select()).all() == []
    refused(Gone, "client_erased", lambda: salon.ask(AddNote(card.id, "no heat"), key="a-note"))
