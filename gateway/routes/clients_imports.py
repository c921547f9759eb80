"""Clients from the tables of another system."""

from contracts.clients import (
    AbandonClientImport,
    CreateClientImport,
    KeepImportPart,
    ListClientImports,
    ListImportRows,
    MapClientImport,
    RunClientImport,
    ShowClientImport,
)
from gateway.route import Area

area = Area("client imports", "Clients from the tables of another system")
expose = area.expose

IMPORT = "/client-imports/<uuid:id>"

# What browsers and scripts call a CSV or XLSX file; what it is, its content says.
TABLES = (
    "text/*",
    "application/csv",
    "application/vnd.ms-excel",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/octet-stream",
)

expose("GET", "/client-imports", ListClientImports, "List imports")
expose(
    "POST",
    "/client-imports",
    CreateClientImport,
    "Upload a table of clients",
    status=201,
    takes=TABLES,
    parts=KeepImportPart,
)
expose("GET", IMPORT, ShowClientImport, "Show an import and how far it is", resource=ShowClientImport)
expose("PUT", f"{IMPORT}/mapping", MapClientImport, "Say which field each column goes to", resource=ShowClientImport)
expose(
    "POST",
    f"{IMPORT}/runs",
    RunClientImport,
    "Take the rows in, or try what would happen",
    status=202,
    resource=ShowClientImport,
)
expose("GET", f"{IMPORT}/rows", ListImportRows, "What became of each row", resource=ShowClientImport)
expose("DELETE", IMPORT, AbandonClientImport, "Forget the rows of an import", status=204, resource=ShowClientImport)
