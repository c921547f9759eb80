"""Lists that are taken out, on the wire."""

from sqlalchemy.orm import Session

from chassis.messaging import every, serves
from contracts.clients import (
    ApproveBulkExport,
    AskBulkExport,
    BulkExport,
    ChangeExportRules,
    Download,
    EndDownload,
    EndedDownload,
    ExportPart,
    ExportRules,
    ListBulkExports,
    LockExports,
    ReadExportPart,
    RefuseBulkExport,
    ShowBulkExport,
    ShowExportRules,
    TakeBulkExport,
    TracedExport,
    TraceExport,
)
from contracts.message import Page
from kernel.caller import Caller
from kernel.time import utc_now
from services.clients.queries import exports as queries
from services.clients.service.base import Base
from services.clients.usecases import exports


class BulkExports(Base):
    @serves(AskBulkExport)
    def ask_bulk_export(self, session: Session, request: AskBulkExport, caller: Caller) -> BulkExport:
        return exports.ask(session, request, self.desk(caller))

    @serves(ShowBulkExport)
    def show_bulk_export(self, session: Session, request: ShowBulkExport, caller: Caller) -> BulkExport:
        row = queries.export_row(session, request.id, caller, queries.READ)
        return queries.bulk_export(row, self.vault, utc_now())

    @serves(ListBulkExports)
    def list_bulk_exports(self, session: Session, request: ListBulkExports, caller: Caller) -> Page[BulkExport]:
        return queries.list_bulk_exports(session, request, caller, self.vault, utc_now())

    @serves(ApproveBulkExport)
    def approve_bulk_export(self, session: Session, request: ApproveBulkExport, caller: Caller) -> BulkExport:
        return exports.approve(session, request, self.desk(caller))

    @serves(RefuseBulkExport)
    def refuse_bulk_export(self, session: Session, request: RefuseBulkExport, caller: Caller) -> BulkExport:
        return exports.refuse(session, request, self.desk(caller))

    @serves(TakeBulkExport)
    def take_bulk_export(self, session: Session, request: TakeBulkExport, caller: Caller) -> Download:
        return exports.take(session, request, self.desk(caller))

    @serves(ReadExportPart)
    def read_export_part(self, session: Session, request: ReadExportPart, caller: Caller) -> ExportPart:
        return queries.export_part(session, request, caller, self.vault, utc_now())

    @serves(EndDownload)
    def end_download(self, session: Session, request: EndDownload, caller: Caller) -> EndedDownload:
        return exports.end(session, request, self.desk(caller))

    @serves(TraceExport)
    def trace_export(self, session: Session, request: TraceExport, caller: Caller) -> TracedExport:
        phones = exports.phones_of(request, self.desk(caller))
        return queries.traced_export(session, request, caller, self.vault, phones)

    @serves(ShowExportRules)
    def show_export_rules(self, session: Session, request: ShowExportRules, caller: Caller) -> ExportRules:  # noqa: ARG002
        return queries.show_export_rules(session)

    @serves(ChangeExportRules)
    def change_export_rules(self, session: Session, request: ChangeExportRules, caller: Caller) -> ExportRules:
        return exports.change_rules(session, request, self.desk(caller))

    @serves(LockExports)
    def lock_exports(self, session: Session, request: LockExports, caller: Caller) -> ExportRules:
        return exports.lock(session, request, self.desk(caller))

    @every(600.0)
    def forget_export_parts(self, session: Session) -> None:
        exports.forget_parts(session, utc_now())
