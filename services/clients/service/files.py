"""Files of clients on the wire: one line per message."""

from sqlalchemy.orm import Session

from chassis.messaging import every, serves
from contracts.clients import (
    AddFile,
    ClientFile,
    FilePart,
    KeepFilePart,
    KeptPart,
    ListFiles,
    ReadFile,
    RemovedFile,
    RemoveFile,
    ShowFile,
)
from contracts.message import Page
from kernel.caller import Caller
from kernel.time import utc_now
from services.clients.queries.files import list_files, read_file, show_file
from services.clients.service.base import Base
from services.clients.usecases.files import add_file, forget_uploads, keep_part, remove_file


class Files(Base):
    @serves(KeepFilePart)
    def keep_file_part(self, session: Session, request: KeepFilePart, caller: Caller) -> KeptPart:
        return keep_part(session, request, self.desk(caller))

    @serves(AddFile)
    def add_file(self, session: Session, request: AddFile, caller: Caller) -> ClientFile:
        return add_file(session, request, self.desk(caller))

    @serves(ShowFile)
    def show_file(self, session: Session, request: ShowFile, caller: Caller) -> ClientFile:
        return show_file(session, request.client_id, request.id, caller, self.vault)

    @serves(ListFiles)
    def list_files(self, session: Session, request: ListFiles, caller: Caller) -> Page[ClientFile]:
        return list_files(session, request, caller, self.vault)

    @serves(ReadFile)
    def read_file(self, session: Session, request: ReadFile, caller: Caller) -> FilePart:
        return read_file(session, request, caller, self.vault)

    @serves(RemoveFile)
    def remove_file(self, session: Session, request: RemoveFile, caller: Caller) -> RemovedFile:
        return remove_file(session, request, self.desk(caller))

    @every(600)
    def forget_uploads(self, session: Session) -> None:
        forget_uploads(session, utc_now())
