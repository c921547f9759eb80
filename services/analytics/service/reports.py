"""Reports on the wire."""

from sqlalchemy.orm import Session

from chassis.messaging import serves
from contracts import analytics as wire
from contracts.message import Page
from kernel.caller import Caller
from kernel.time import utc_now
from services.analytics.queries import reports as figures
from services.analytics.queries import saved_reports as queries
from services.analytics.usecases import reports


def _evaluated(
    session: Session, document: wire.ReportDocument, request: wire.TryReport | wire.RunReport, caller: Caller
) -> wire.ReportRows:
    period = request.from_, request.to
    return figures.evaluate(session, document, period, request.branch_id, caller, utc_now().date())


class Reports:
    @serves(wire.TryReport)
    def try_report(self, session: Session, request: wire.TryReport, caller: Caller) -> wire.ReportRows:
        return _evaluated(session, request.document, request, caller)

    @serves(wire.RunReport)
    def run_report(self, session: Session, request: wire.RunReport, caller: Caller) -> wire.ReportRows:
        return _evaluated(session, queries.report_row(session, request.id).document, request, caller)

    @serves(wire.ListReports)
    def list_reports(self, session: Session, request: wire.ListReports, _caller: Caller) -> Page[wire.Report]:
        return queries.saved_reports(session, request)

    @serves(wire.ShowReport)
    def show_report(self, session: Session, request: wire.ShowReport, _caller: Caller) -> wire.Report:
        return queries.report_view(queries.report_row(session, request.id))

    @serves(wire.SaveReport)
    def save_report(self, session: Session, request: wire.SaveReport, caller: Caller) -> wire.Report:
        return reports.save(session, request, caller, utc_now())

    @serves(wire.ChangeReport)
    def change_report(self, session: Session, request: wire.ChangeReport, caller: Caller) -> wire.Report:
        return reports.change(session, request, caller, utc_now())

    @serves(wire.RemoveReport)
    def remove_report(self, session: Session, request: wire.RemoveReport, caller: Caller) -> wire.RemovedReport:
        return reports.remove(session, request, caller)
