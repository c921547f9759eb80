"""Remarks about clients on the wire: one line per message."""

from sqlalchemy.orm import Session

from chassis.messaging import serves
from contracts.clients import AddNote, ChangeNote, ListNotes, Note, RemovedNote, RemoveNote, ShowNote
from contracts.message import PastPage
from kernel.caller import Caller
from services.clients.queries.notes import list_notes, show_note
from services.clients.service.base import Base
from services.clients.usecases.notes import add_note, change_note, remove_note


class Notes(Base):
    @serves(AddNote)
    def add_note(self, session: Session, request: AddNote, caller: Caller) -> Note:
        return add_note(session, request, self.desk(caller))

    @serves(ShowNote)
    def show_note(self, session: Session, request: ShowNote, caller: Caller) -> Note:
        return show_note(
            session, request.client_id, request.id, caller, self.vault, self.history_from(caller, request.client_id)
        )

    @serves(ListNotes)
    def list_notes(self, session: Session, request: ListNotes, caller: Caller) -> PastPage[Note]:
        return list_notes(session, request, caller, self.vault, self.history_from(caller, request.client_id))

    @serves(ChangeNote)
    def change_note(self, session: Session, request: ChangeNote, caller: Caller) -> Note:
        return change_note(session, request, self.desk(caller))

    @serves(RemoveNote)
    def remove_note(self, session: Session, request: RemoveNote, caller: Caller) -> RemovedNote:
        return remove_note(session, request, self.desk(caller))
