"""Analytics on the wire."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from chassis.messaging import handles, serves
from contracts.analytics import (
    ExportFromAnalytics,
    HeldByAnalytics,
    ShowSources,
    ShowVisits,
    SourceNode,
    VisitRows,
)
from contracts.booking import VisitCompleted, VisitRefunded
from contracts.clients import ClientChanged, ClientRegistered, ClientsMerged, SourceChanged
from kernel.caller import Caller
from services.analytics import queries, usecases


class Analytics:
    name = "analytics"

    @serves(ShowVisits)
    def show_visits(self, session: Session, request: ShowVisits, caller: Caller) -> VisitRows:
        return queries.visit_rows(session, request.from_, request.to, request.group_by, request.branch_id, caller)

    @serves(ShowSources)
    def show_sources(self, session: Session, request: ShowSources, caller: Caller) -> SourceNode:
        return queries.sources_tree(session, request.from_, request.to, request.branch_id, caller)

    @serves(ExportFromAnalytics)
    def export_from_analytics(self, session: Session, request: ExportFromAnalytics, caller: Caller) -> HeldByAnalytics:  # noqa: ARG002
        return queries.export(session, request.client_id)

    @handles(ClientRegistered, batch=True)
    @handles(ClientChanged, batch=True)
    def card_stated(self, session: Session, events: Sequence[ClientRegistered | ClientChanged]) -> None:
        usecases.copy_cards(session, events)

    @handles(ClientsMerged)
    def clients_merged(self, session: Session, event: ClientsMerged) -> None:
        usecases.keep_merge(session, event)

    @handles(SourceChanged, batch=True)
    def source_stated(self, session: Session, events: Sequence[SourceChanged]) -> None:
        usecases.copy_sources(session, events)

    @handles(VisitCompleted, batch=True)
    @handles(VisitRefunded, batch=True)
    def bill_stated(self, session: Session, events: Sequence[VisitCompleted | VisitRefunded]) -> None:
        usecases.copy_bills(session, events)
