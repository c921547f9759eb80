"""Small exports to write by hand, and the real one where it is at hand."""

import os
from pathlib import Path

import pytest

HEADERS = {
    "services.csv": "IsActive,Code,Desc,Cate,Price,Cost",
    "bookings.csv": "Code,Staff,Service,Date,Time,TimeInt",
    "cancellations.csv": "Cancel Date,Code,Service,Staff,Booking Date,Canceled By,Days",
    "no_shows.csv": "Date,Code,Service,Staff",
    "receipts.csv": "Receipt,Date,Description,Client,Staff,Quantity,Amount,GST,PST",
    "products.csv": (
        "IsActive,Code,Description,Supplier,Brand,Category,Price,On Hand,Minimum,Maximum,Cost,COG,YTD,Package"
    ),
}
CATALOGUE = ("TRUE,CUT,Women's hair cut,STYLE,102,5", "TRUE,TONE,Color toner,COLOR,0,10")


def write_export(folder: Path, **rows: tuple[str, ...]) -> Path:
    """An export with `rows` by the file's name without its ending; two services unless others are given."""
    for file, header in HEADERS.items():
        lines = rows.get(file.removesuffix(".csv"), CATALOGUE if file == "services.csv" else ())
        content = "\ufeff" + "\r\n".join((header, *lines))
        (folder / file).write_bytes(content.encode())
    return folder


def real_export() -> Path:
    """The real salon's folder; the test that asks is skipped, visibly, where it is absent."""
    beside = Path(__file__).resolve().parents[2] / "shared" / "data"
    folder = Path(os.environ.get("LOKON_TEST_DATA", beside)) / "salon-2018"
    if not folder.is_dir():
        pytest.skip(f"the real salon's export is not at {folder}; LOKON_TEST_DATA names the folder that holds it")
    return folder
