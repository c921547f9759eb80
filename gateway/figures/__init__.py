"""Figures as files for people: CSV, a workbook, a PDF."""

from gateway.figures.files import as_csv, as_pdf, as_xlsx
from gateway.route import Format
from gateway.sheets import CSV, XLSX

FORMATS = {
    "csv": Format(f"{CSV}; charset=utf-8; header=present", "figures.csv", as_csv),
    "xlsx": Format(XLSX, "figures.xlsx", as_xlsx),
    "pdf": Format("application/pdf", "figures.pdf", as_pdf),
}

__all__ = ["FORMATS"]
