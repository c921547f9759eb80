"""Take out everything that is held about one person, on the record."""

from sqlalchemy.orm import Session

from chassis.outbox import announce
from contracts.clients import ClientExport, ExportClient, PersonalDataHandled
from services.clients import queries
from services.clients.usecases.desk import Desk


def export(session: Session, request: ExportClient, desk: Desk, zones: queries.Zones) -> ClientExport:
    taken = queries.export(session, request.id, desk.caller, desk.vault, zones, desk.now)
    announce(
        session,
        PersonalDataHandled("client.exported", "client", desk.now, subject_id=request.id, actor_id=desk.caller.id),
    )
    return taken
