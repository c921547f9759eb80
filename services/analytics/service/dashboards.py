"""Dashboards on the wire."""

from sqlalchemy.orm import Session

from chassis.messaging import serves
from contracts import analytics as wire
from contracts.message import Page
from kernel.caller import Caller
from kernel.time import utc_now
from services.analytics.queries import dashboards as queries
from services.analytics.usecases import dashboards


class Dashboards:
    @serves(wire.ListDashboards)
    def list_dashboards(self, session: Session, request: wire.ListDashboards, caller: Caller) -> Page[wire.Dashboard]:
        return queries.saved_dashboards(session, request, caller)

    @serves(wire.ShowDashboard)
    def show_dashboard(self, session: Session, request: wire.ShowDashboard, caller: Caller) -> wire.Dashboard:
        return queries.dashboard(session, request.id, caller)

    @serves(wire.SaveDashboard)
    def save_dashboard(self, session: Session, request: wire.SaveDashboard, caller: Caller) -> wire.Dashboard:
        return dashboards.save(session, request, caller, utc_now())

    @serves(wire.ChangeDashboard)
    def change_dashboard(self, session: Session, request: wire.ChangeDashboard, caller: Caller) -> wire.Dashboard:
        return dashboards.change(session, request, caller, utc_now())

    @serves(wire.RemoveDashboard)
    def remove_dashboard(
        self, session: Session, request: wire.RemoveDashboard, caller: Caller
    ) -> wire.RemovedDashboard:
        return dashboards.remove(session, request, caller)
