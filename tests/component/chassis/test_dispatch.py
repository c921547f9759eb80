"""What happens to any message, shown on a small service of our own with the real tables."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from chassis import assembly, migrations
from chassis.crypto import Damaged, derive, fingerprint, unseal
from chassis.database import connect
from chassis.messaging import AskAgain, Refused, every, handles, idempotency, serves
from chassis.messaging.parked import Parked
from chassis.outbox import announce
from chassis.wire import encode
from contracts.bus import CheckHealth, LoggedEvents, ReadEvents
from contracts.message import CONTACTS, PUBLIC, Event, Request, sensitive
from kernel.caller import Caller
from kernel.errors import Conflict, Forbidden, Invalid, NotFound, Unauthenticated, Unavailable
from tests.builders import OWNER, a_service, a_user
from tests.harness import Harness


@dataclass(frozen=True)
class Note:
    id: UUID
    words: str
    phone: str | None = sensitive(CONTACTS, default=None)


@dataclass(frozen=True)
class TakeNote(Request[Note], permission="notes.create"):
    words: str
    phone: str | None = None
    refuse: str | None = None


@dataclass(frozen=True)
class ReadNotes(Request[Note], permission=PUBLIC, effects=False):
    pass


@dataclass(frozen=True)
class AskFirst(Request[Note], permission=PUBLIC):
    """Content with what it was told at the time of asking that `enough` names."""

    enough: int


@dataclass(frozen=True)
class NoteTaken(Event):
    id: UUID


@dataclass(frozen=True)
class SomethingHappened(Event):
    value: int


NoteTaken.owner = SomethingHappened.owner = "notes"


def ask_somebody(call: object, request: AskFirst, caller: Caller) -> int:
    Notes.asked += 1
    return Notes.asked


class Notes:
    name = "notes"
    asked = 0

    @serves(TakeNote)
    def take_note(self, session: Session, request: TakeNote, caller: Caller) -> Note:
        note = Note(uuid4(), request.words, request.phone)
        session.execute(text("INSERT INTO notes VALUES (:id, :words, 0)"), {"id": note.id, "words": note.words})
        announce(session, NoteTaken(note.id))
        if request.refuse == "keep":
            raise Refused(Conflict("refused_but_kept", "counted"))
        if request.refuse == "lose":
            raise Conflict("refused", "not counted")
        if request.refuse == "break":
            raise RuntimeError("a secret")
        return note

    @serves(AskFirst, first=ask_somebody)
    def ask_first(self, session: Session, request: AskFirst, caller: Caller, told: int) -> Note:
        session.execute(text("INSERT INTO notes VALUES (gen_random_uuid(), 'asked', 0)"))
        if told < request.enough:
            raise AskAgain
        return Note(UUID(int=0), str(told))

    @serves(ReadNotes)
    def read_notes(self, session: Session, request: ReadNotes, caller: Caller) -> Note:
        count = session.scalar(text("SELECT count(*) FROM notes"))
        return Note(UUID(int=0), str(count), "+7 900 000-00-00")

    @handles(SomethingHappened)
    def count(self, session: Session, event: SomethingHappened) -> None:
        if event.value < 0:
            raise ValueError("cannot")
        session.execute(text("INSERT INTO notes VALUES (gen_random_uuid(), 'event', :value)"), {"value": event.value})

    @every(0.01)
    def tidy(self, session: Session) -> bool:
        """One note at a time."""
        oldest = "SELECT id FROM notes WHERE words = 'old' ORDER BY id LIMIT 1"
        gone = session.execute(text(f"DELETE FROM notes WHERE id IN ({oldest}) RETURNING id")).scalar()
        if gone is None:
            return False
        announce(session, NoteTaken(gone))
        session.execute(text("INSERT INTO notes VALUES (:id, 'tidied', 0)"), {"id": gone})
        return True


@pytest.fixture
def notes(new_database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Harness]:
    url = new_database("notes")
    folder = tmp_path / "migrations"
    folder.mkdir()
    (folder / "0001_notes.py").write_text(
        "from alembic import op\nfrom chassis.migrations import create_bus_tables\n"
        "revision = '0001'\ndown_revision = None\n"
        "def upgrade():\n    create_bus_tables()\n"
        "    op.execute('CREATE TABLE notes (id UUID PRIMARY KEY, words TEXT, value BIGINT)')\n"
    )
    engine = connect(url, 1)
    assert migrations.upgrade(engine, folder) == ["0001"]
    assert migrations.upgrade(engine, folder) == []
    engine.dispose()
    monkeypatch.setattr(assembly, "service_class", lambda _name: Notes)
    harness = Harness("notes", {"notes": url}, tmp_path / "keys")
    yield harness
    harness.close()


def total(harness: Harness) -> int:
    with harness.session() as session:
        return session.scalar(text("SELECT coalesce(sum(value), 0) FROM notes"))


def count(harness: Harness) -> int:
    with harness.session() as session:
        return session.scalar(text("SELECT count(*) FROM notes"))


def test_what_was_asked_too_early_is_asked_again_once(notes: Harness) -> None:
    """And nothing is left of the first try."""
    Notes.asked = 0
    assert notes.ask(AskFirst(enough=2)).words == "2"
    assert count(notes) == 1
    with pytest.raises(Unavailable, match="changed_meanwhile"):
        notes.ask(AskFirst(enough=9))
    assert (Notes.asked, count(notes)) == (4, 1)


def test_a_request_and_its_event_are_kept_together(notes: Harness) -> None:
    note = notes.ask(TakeNote("hello"))
    assert notes.announced() == [NoteTaken(note.id)]
    assert notes.woken == 1


def test_a_refusal_leaves_nothing_behind(notes: Harness) -> None:
    with pytest.raises(Conflict, match="refused"):
        notes.ask(TakeNote("hello", refuse="lose"))
    assert (count(notes), notes.announced(), notes.woken) == (0, [], 0)


def test_a_refusal_may_keep_what_was_written(notes: Harness) -> None:
    with pytest.raises(Conflict, match="refused_but_kept"):
        notes.ask(TakeNote("hello", refuse="keep"))
    assert (count(notes), len(notes.announced())) == (1, 1)


def test_a_bug_is_answered_without_detail(notes: Harness) -> None:
    error = notes.answer(TakeNote("hello", refuse="break")).error
    assert error is not None
    assert (error.kind, error.code) == ("bug", "internal_error")
    assert "secret" not in error.message
    assert count(notes) == 0


def test_rights_are_checked_by_the_service_itself(notes: Harness) -> None:
    with pytest.raises(Unauthenticated):
        notes.ask(TakeNote("hello"), caller=None)
    with pytest.raises(Forbidden):
        notes.ask(TakeNote("hello"), caller=a_user("notes.read"))
    with pytest.raises(Forbidden):
        notes.ask(CheckHealth())
    assert notes.ask(CheckHealth(), caller=a_service("gateway")).ready


def test_who_lacks_the_mark_sees_a_mask_and_cannot_store_it(notes: Harness) -> None:
    writer = a_user("notes.create")
    assert notes.ask(TakeNote("hello", "+7"), writer).phone == "•••"
    assert notes.ask(TakeNote("hello", "+7"), OWNER).phone == "+7"
    with pytest.raises(Invalid, match="masked_value"):
        notes.ask(TakeNote("hello", "•••"), writer)


def test_the_same_key_gets_the_same_reply_masked_for_its_caller(notes: Harness) -> None:
    first = notes.answer(TakeNote("hello", "+7"), key="k1")
    again = notes.answer(TakeNote("hello", "+7"), key="k1")
    assert (first.ok, first.replay, again.replay) == (again.ok, False, True)
    assert count(notes) == 1
    with pytest.raises(Invalid, match="idempotency_key_reused"):
        notes.ask(TakeNote("other"), key="k1")
    assert not notes.answer(TakeNote("hello", "+7"), a_user("notes.create"), key="k1").replay
    with notes.session() as session:
        assert b"hello" not in session.scalars(text("SELECT reply FROM replies")).first()


def test_what_a_stored_reply_says_opens_with_the_callers_key_only(notes: Harness) -> None:
    """The key itself is not kept, nor what a guess at the body could be compared with."""
    request = TakeNote("hello", "+7")
    notes.answer(request, key="k1")
    with notes.session() as session:
        (row,) = session.execute(text("SELECT key, fingerprint, reply FROM replies"))
    assert "k1" not in row.key
    assert fingerprint(encode(request)) != row.fingerprint
    ours = derive(notes.dispatcher._replies_key, f"{OWNER.id}/TakeNote/")
    for secret in (notes.dispatcher._replies_key, ours):
        with pytest.raises(Damaged):
            unseal(secret, row.reply[idempotency._end_of_marks(row.reply) :], "reply")


def test_a_failed_request_stores_no_reply(notes: Harness) -> None:
    with pytest.raises(Conflict):
        notes.ask(TakeNote("hello", refuse="lose"), key="k1")
    with pytest.raises(Conflict):
        notes.ask(TakeNote("hello", refuse="lose"), key="k1")


def test_an_event_delivered_twice_is_done_once(notes: Harness) -> None:
    bodies = [notes.envelope(SomethingHappened(value)) for value in (1, 2, 3)]
    assert notes.dispatcher.absorb("notes", bodies) == []
    assert notes.dispatcher.absorb("notes", list(reversed(bodies))) == []
    assert (total(notes), notes.dispatcher.position("notes")) == (6, 3)


def test_the_position_stops_below_a_gap(notes: Harness) -> None:
    notes.dispatcher.absorb("notes", [notes.envelope(SomethingHappened(1), 1), notes.envelope(SomethingHappened(3), 3)])
    assert notes.dispatcher.position("notes") == 1
    notes.dispatcher.absorb("notes", [notes.envelope(SomethingHappened(2), 2)])
    assert notes.dispatcher.position("notes") == 3


def test_one_bad_event_does_not_hold_up_the_others_and_is_parked(notes: Harness) -> None:
    bodies = [notes.envelope(SomethingHappened(value)) for value in (1, -1, 2)]
    (retry,) = notes.dispatcher.absorb("notes", bodies)
    assert (total(notes), notes.dispatcher.position("notes")) == (3, 1)
    tries = 1
    while retry is not None:
        retry = notes.dispatcher.retry("notes", retry)
        tries += 1
    assert (tries, notes.dispatcher.position("notes")) == (5, 3)
    parked = Parked(notes.dispatcher.transaction, notes.dispatcher.inbox)
    (row,) = parked.list()
    assert (row.number, row.attempts, row.reason, row.handler) == (2, 5, "ValueError", "Notes.count")
    with pytest.raises(ValueError, match="cannot"):
        parked.replay("notes", 2)
    assert parked.list()[0].attempts == 6
    parked.discard("notes", 2)
    assert parked.list() == []
    with pytest.raises(NotFound):
        parked.discard("notes", 2)


def test_a_parked_event_can_be_replayed_once_the_cause_is_gone(notes: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    with notes.session() as session:
        session.execute(text("ALTER TABLE notes ADD CONSTRAINT small CHECK (value < 10)"))
        session.commit()
    (retry,) = notes.dispatcher.absorb("notes", [notes.envelope(SomethingHappened(11))])
    while retry is not None:
        retry = notes.dispatcher.retry("notes", retry)
    with notes.session() as session:
        session.execute(text("ALTER TABLE notes DROP CONSTRAINT small"))
        session.commit()
    parked = Parked(notes.dispatcher.transaction, notes.dispatcher.inbox)
    parked.replay("notes", 1)
    assert (total(notes), parked.list()) == (11, [])


def test_what_was_missed_is_fetched_from_the_producer(notes: Harness) -> None:
    notes.others.answers[ReadEvents] = lambda request: LoggedEvents(
        tuple(notes.envelope(SomethingHappened(n), n).decode() for n in range(request.after + 1, 4)), 3
    )
    object.__setattr__(notes.dispatcher.call, "_installed", ("notes",))
    assert notes.dispatcher.catch_up("notes") == 3
    assert (total(notes), notes.dispatcher.position("notes")) == (6, 3)
    assert notes.dispatcher.catch_up("notes") == 0


# --- by the clock -----------------------------------------------------------------------------------------------------


def old_notes(harness: Harness, count: int) -> None:
    with harness.session() as session:
        for _ in range(count):
            session.execute(text("INSERT INTO notes VALUES (gen_random_uuid(), 'old', 0)"))
        session.commit()


def tidied(harness: Harness) -> int:
    with harness.session() as session:
        return session.scalar(text("SELECT count(*) FROM notes WHERE words = 'tidied'"))


def test_the_clock_is_followed_until_nothing_is_left_to_do(notes: Harness) -> None:
    old_notes(notes, 3)
    notes.tick()
    assert (tidied(notes), len(notes.announced(NoteTaken)), notes.woken) == (3, 3, 3)


def test_one_replica_at_a_time_does_what_the_clock_says(notes: Harness) -> None:
    old_notes(notes, 2)
    (timed,) = notes.dispatcher.timed
    with notes.session() as other:
        other.execute(text("SELECT pg_advisory_xact_lock(hashtextextended('clock tidy', 0))"))
        assert notes.dispatcher.tick(timed) is False
        assert tidied(notes) == 0
        other.rollback()
    assert notes.dispatcher.tick(timed) is True
    assert tidied(notes) == 1


def test_timed_work_that_fails_leaves_nothing_behind(notes: Harness) -> None:
    old_notes(notes, 1)
    with notes.session() as session:
        session.execute(text("ALTER TABLE notes ADD CONSTRAINT kept CHECK (words = 'old')"))
        session.commit()
    (timed,) = notes.dispatcher.timed
    with pytest.raises(IntegrityError):
        notes.dispatcher.tick(timed)
    assert (count(notes), notes.announced(NoteTaken)) == (1, [])
