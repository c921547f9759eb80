"""Tables of clients on the wire: one line per message, and the clock that takes their rows in."""

from uuid import UUID

from sqlalchemy.orm import Session

from chassis.messaging import every, serves
from contracts.clients import (
    AbandonClientImport,
    AbandonedImport,
    ClientImport,
    CreateClientImport,
    ImportRow,
    KeepImportPart,
    KeptPart,
    ListClientImports,
    ListImportRows,
    MapClientImport,
    RunClientImport,
    ShowClientImport,
)
from contracts.message import Page
from kernel.caller import Caller
from kernel.time import utc_now
from services.clients.queries.imports import list_imports, list_rows, show_import
from services.clients.service.base import Base
from services.clients.usecases.client_imports import (
    abandon_import,
    ask_of_run,
    create_import,
    destroy_keys_over,
    keep_part,
    map_import,
    run_import,
    tidy_imports,
)
from services.clients.usecases.import_batches import caller_of, go_on, next_run


class Importing(Base):
    @serves(KeepImportPart)
    def keep_import_part(self, session: Session, request: KeepImportPart, caller: Caller) -> KeptPart:
        return keep_part(session, request, self.desk(caller))

    @serves(CreateClientImport)
    def create_client_import(self, session: Session, request: CreateClientImport, caller: Caller) -> ClientImport:
        return create_import(session, request, self.desk(caller))

    @serves(ShowClientImport)
    def show_client_import(self, session: Session, request: ShowClientImport, caller: Caller) -> ClientImport:
        return show_import(session, request.id, caller, self.vault)

    @serves(ListClientImports)
    def list_client_imports(self, session: Session, request: ListClientImports, caller: Caller) -> Page[ClientImport]:
        return list_imports(session, request, caller, self.vault)

    @serves(MapClientImport)
    def map_client_import(self, session: Session, request: MapClientImport, caller: Caller) -> ClientImport:
        return map_import(session, request, self.desk(caller))

    @serves(RunClientImport, first=ask_of_run)
    def run_client_import(
        self, session: Session, request: RunClientImport, caller: Caller, unknown_branches: frozenset[UUID]
    ) -> ClientImport:
        return run_import(session, request, self.desk(caller, unknown_branches))

    @serves(ListImportRows)
    def list_import_rows(self, session: Session, request: ListImportRows, caller: Caller) -> Page[ImportRow]:
        return list_rows(session, request, caller)

    @serves(AbandonClientImport)
    def abandon_client_import(self, session: Session, request: AbandonClientImport, caller: Caller) -> AbandonedImport:
        return abandon_import(session, request, self.desk(caller))

    @every(2.0)
    def take_rows_in(self, session: Session) -> bool:
        """One batch of the run that was started first; whether there is more to do."""
        destroy_keys_over(session, self.vault)
        run = next_run(session)
        if run is None:
            return False
        go_on(session, run, self.desk(caller_of(run)))
        return True

    @every(600.0)
    def tidy_imports(self, session: Session) -> None:
        tidy_imports(session, utc_now())
