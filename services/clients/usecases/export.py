"""Take out everything that is held about one person, by whatever service, on the record."""

from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session

from chassis.outbox import announce
from contracts.analytics import ExportFromAnalytics
from contracts.auth import ExportFromAuth
from contracts.booking import ExportFromBooking
from contracts.clients import ClientExport, ExportClient, PersonalDataHandled, ShowHabits
from contracts.loyalty import ExportFromLoyalty
from kernel.caller import Caller
from kernel.errors import NotFound
from services.clients import queries
from services.clients.usecases.desk import Desk
from services.clients.usecases.visits import ask_zones

EVERYBODY = (ExportFromBooking, ExportFromLoyalty, ExportFromAnalytics, ExportFromAuth)


def ask_everybody(call: Callable[[Any], Any], request: ExportClient, caller: Caller) -> queries.HeldElsewhere:
    """What the others hold. One that does not answer refuses it all: an export that lacks something says nothing."""
    held: dict[str, Any] = {}
    absent = []
    for ask in EVERYBODY:
        try:
            held[ask.owner] = call(ask(request.id))
        except NotFound as refusal:
            if refusal.code != "not_installed":
                raise
            absent.append(ask.owner)
    zones = ask_zones(call, ShowHabits(request.id), caller)
    return queries.HeldElsewhere(zones, held, tuple(absent))


def export(session: Session, request: ExportClient, desk: Desk, elsewhere: queries.HeldElsewhere) -> ClientExport:
    taken = queries.export(session, request.id, desk.caller, desk.vault, elsewhere, desk.now)
    details = {"format": (request.format,)}
    announce(
        session,
        PersonalDataHandled(
            "client.exported", "client", desk.now, subject_id=request.id, actor_id=desk.caller.id, details=details
        ),
    )
    return taken
