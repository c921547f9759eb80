"""Take out everything that is held about one person, by whatever service, on the record."""

from collections.abc import Callable, Iterator
from typing import Any, Protocol

from sqlalchemy.orm import Session

from chassis.outbox import announce
from contracts.analytics import ExportFromAnalytics
from contracts.auth import ExportFromAuth
from contracts.booking import ExportFromBooking
from contracts.clients import ClientExport, ExportClient, PersonalDataHandled, ShowHabits
from contracts.loyalty import ExportFromLoyalty
from contracts.message import Request
from kernel.caller import Caller
from kernel.errors import NotFound
from services.clients import queries
from services.clients.queries.merges import merged_into
from services.clients.usecases.desk import Desk
from services.clients.usecases.reveals import count_opening
from services.clients.usecases.visits import ask_zones


class Call(Protocol):
    """What the dispatcher lends to those who ask before the transaction; `reads` is a session to look something up."""

    reads: Callable[[], Session]

    def __call__(self, request: Any) -> Any: ...


def ask_everybody(call: Call, request: ExportClient, caller: Caller) -> queries.HeldElsewhere:
    """What the others hold. One that does not answer refuses it all: an export that lacks something says nothing."""
    held: dict[str, Any] = {}
    absent = []
    for ask in _questions(call, request):
        try:
            held[ask.owner] = call(ask)
        except NotFound as refusal:
            if refusal.code != "not_installed":
                raise
            absent.append(ask.owner)
    zones = ask_zones(call, ShowHabits(request.id), caller)
    return queries.HeldElsewhere(zones, held, tuple(absent))


def _questions(call: Call, request: ExportClient) -> Iterator[Request[Any]]:
    """One for each of the others; only auth does not know which cards became part of which."""
    with call.reads() as session:
        parts = merged_into(session, request.id)
    yield ExportFromBooking(request.id)
    yield ExportFromLoyalty(request.id)
    yield ExportFromAnalytics(request.id)
    yield ExportFromAuth(request.id, parts)


def export(session: Session, request: ExportClient, desk: Desk, elsewhere: queries.HeldElsewhere) -> ClientExport:
    taken = queries.export(session, request.id, desk.caller, desk.vault, elsewhere, desk.now)
    count_opening(session, request.id, desk)
    details = {"format": (request.format,)}
    announce(
        session,
        PersonalDataHandled(
            "client.exported", "client", desk.now, subject_id=request.id, actor_id=desk.caller.id, details=details
        ),
    )
    return taken
