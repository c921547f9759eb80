"""Reports that people put together."""

from contracts.analytics import (
    ChangeReport,
    ListReports,
    RemoveReport,
    RunReport,
    SaveReport,
    ShowReport,
    TryReport,
)
from gateway import pictures
from gateway.figures import FORMATS
from gateway.route import Area

area = Area("reports", "Reports that people put together")
expose = area.expose

DRAWN = FORMATS | pictures.REPORT
REPORT = "/analytics/reports/<uuid:id>"

expose("GET", "/analytics/reports", ListReports, "List saved reports")
expose("POST", "/analytics/reports", SaveReport, "Save a report", status=201)
expose(
    "POST",
    "/analytics/reports/preview",
    TryReport,
    "Evaluate a report that is not saved",
    names=True,
    formats=DRAWN,
)
expose("GET", REPORT, ShowReport, "Show a saved report", resource=ShowReport)
expose("PATCH", REPORT, ChangeReport, "Change a saved report", resource=ShowReport)
expose("DELETE", REPORT, RemoveReport, "Remove a saved report", status=204, resource=ShowReport)
expose("GET", f"{REPORT}/rows", RunReport, "Evaluate a saved report", resource=ShowReport, names=True, formats=DRAWN)
