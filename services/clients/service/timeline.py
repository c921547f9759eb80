"""The timeline of a client on the wire."""

from collections.abc import Mapping
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from chassis.messaging import serves
from contracts.clients import ShowTimeline, TimelineEntry
from contracts.message import PastPage
from kernel.caller import Caller
from services.clients import usecases
from services.clients.queries.timeline import timeline
from services.clients.service.base import Base


class Timeline(Base):
    @serves(ShowTimeline, first=usecases.ask_zones)
    def show_timeline(
        self, session: Session, request: ShowTimeline, caller: Caller, zones: Mapping[UUID, ZoneInfo]
    ) -> PastPage[TimelineEntry]:
        since = self.history_from(caller, request.id)
        return timeline(session, request, caller, self.vault, zones, since)
