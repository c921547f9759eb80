"""What is held about a person, on the wire."""

from sqlalchemy.orm import Session

from chassis.messaging import serves
from contracts.analytics import ExportFromAnalytics, HeldByAnalytics
from kernel.caller import Caller
from services.analytics import queries


class Export:
    @serves(ExportFromAnalytics)
    def export_from_analytics(self, session: Session, request: ExportFromAnalytics, caller: Caller) -> HeldByAnalytics:  # noqa: ARG002
        return queries.export(session, request.client_id)
