"""The export of a person on the wire."""

from sqlalchemy.orm import Session

from chassis.messaging import serves
from contracts.clients import ClientExport, ExportClient
from kernel.caller import Caller
from services.clients import queries
from services.clients.service.base import Base
from services.clients.usecases import export


class Exporting(Base):
    @serves(ExportClient, first=export.ask_everybody)
    def export_client(
        self, session: Session, request: ExportClient, caller: Caller, elsewhere: queries.HeldElsewhere
    ) -> ClientExport:
        return export.export(session, request, self.desk(caller), elsewhere)
