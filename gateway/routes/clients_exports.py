"""Taking out the list of clients."""

from contracts.clients import (
    ApproveBulkExport,
    AskBulkExport,
    ChangeExportRules,
    EndDownload,
    ListBulkExports,
    LockExports,
    ReadExportPart,
    RefuseBulkExport,
    ShowBulkExport,
    ShowExportRules,
    TakeBulkExport,
    TraceExport,
)
from gateway.route import Area, File, Sheet
from gateway.sheets import CSV, XLSX

area = Area("client exports", "Taking out the list of clients: asked by one person, approved by another")
expose = area.expose

EXPORTS = "/client-exports"
ONE = f"{EXPORTS}/<uuid:id>"

expose("GET", EXPORTS, ListBulkExports, "List what was asked for")
expose("POST", EXPORTS, AskBulkExport, "Ask for the list of clients", status=201)
expose("GET", f"{EXPORTS}/rules", ShowExportRules, "Show the rules of taking lists out")
expose("PATCH", f"{EXPORTS}/rules", ChangeExportRules, "Change the rules", resource=ShowExportRules)
expose("PUT", f"{EXPORTS}/lock", LockExports, "Let nothing leave, or let it again", resource=ShowExportRules)
expose("POST", f"{EXPORTS}/trace", TraceExport, "Find the export that a file is")
expose("GET", ONE, ShowBulkExport, "Show an export", resource=ShowBulkExport)
expose("POST", f"{ONE}/approve", ApproveBulkExport, "Approve what somebody else has asked for", resource=ShowBulkExport)
expose("POST", f"{ONE}/refuse", RefuseBulkExport, "Refuse it, or take it back", resource=ShowBulkExport)
expose(
    "GET",
    f"{ONE}/file",
    TakeBulkExport,
    "The file itself, once",
    resource=ShowBulkExport,
    file=File(CSV, also=(XLSX,)),
    sheet=Sheet(ReadExportPart, EndDownload),
)
