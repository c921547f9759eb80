"""How the rows of an export are read and understood, on small exports written by hand."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.importer.currency import decimals_of, minor_units, written
from deploy.importer.export import CannotImport, Place, read_export
from deploy.importer.plan import Plan
from deploy.importer.planning import plan_import
from deploy.importer.reckoning import Figures, by_month
from deploy.importer.report import compact
from deploy.importer.salon import in_usual_case
from tests.exports import write_export

TORONTO = ZoneInfo("America/Toronto")


def planned(folder: Path, **rows: tuple[str, ...]) -> Plan:
    return plan_import(read_export(write_export(folder, **rows), 2), TORONTO)


def test_a_day_of_one_client_is_one_visit_that_starts_at_the_booking(tmp_path: Path) -> None:
    plan = planned(
        tmp_path,
        bookings=("KERT01,JJ,CUT,03/15/2018,10:00:00 AM,600", "KERT01,JOANNE,TONE,03/15/2018,11:00:00 AM,660"),
        receipts=("10,03/15/2018,women's hair cut ,KERT01,JJ,1,82,4.1,6.56", "11,03/15/2018,Gel,KERT01,JJ,2,40.5,0,0"),
        products=("TRUE,G,Gel,V,B,RETAIL,20.25,1,0,0,0,0,0,FALSE",),
    )
    (visit,) = plan.visits
    assert (visit.status, visit.client, visit.starts) == (
        "completed",
        "KERT01",
        datetime(2018, 3, 15, 10, 0, tzinfo=TORONTO),
    )
    assert [(line.kind, line.amount, line.text) for line in visit.lines] == [
        ("service", 8200, "women's hair cut"),
        ("retail", 4050, "Gel × 2"),
    ]
    assert visit.lines[0].service == "Women's hair cut"
    assert plan.ambiguous == ()


def test_a_visit_without_a_booking_starts_at_noon(tmp_path: Path) -> None:
    (visit,) = planned(tmp_path, receipts=("10,03/15/2018,Color toner,KERT01,JJ,1,82,0,0",)).visits
    assert visit.starts == datetime(2018, 3, 15, 12, 0, tzinfo=TORONTO)


def test_walk_ins_of_a_day_are_one_visit_of_nobody(tmp_path: Path) -> None:
    plan = planned(
        tmp_path,
        receipts=(
            "10,03/15/2018,Color toner,WALK_IN,JJ,1,82,0,0",
            "11,03/15/2018,Color toner,WALK_IN,JJ,1,18,0,0",
            "12,03/16/2018,Color toner,WALK_IN,JJ,1,20,0,0",
        ),
    )
    assert [(visit.client, visit.revenue) for visit in plan.visits] == [(None, 10000), (None, 2000)]
    assert plan.clients == ()


def test_offsets_take_no_time_but_count(tmp_path: Path) -> None:
    (visit,) = planned(
        tmp_path,
        receipts=("1,03/15/2018,Color toner,A01,JJ,1,50,0,0", "1,03/15/2018,Color toner,A01,JJ,1,-50,0,0"),
    ).visits
    assert visit.revenue == 0
    assert len(visit.lines) == 2
    assert len(visit.segments) == 1


def test_a_line_without_text_is_an_adjustment_and_is_told(tmp_path: Path) -> None:
    plan = planned(tmp_path, receipts=("1,03/15/2018, ,A01,JJ,1,31.23,0,0",))
    assert plan.lines[0].kind == "adjustment"
    assert plan.ambiguous[0].place == Place("receipts.csv", 2)


def test_bookings_without_a_receipt_end_as_the_other_files_say(tmp_path: Path) -> None:
    plan = planned(
        tmp_path,
        bookings=(
            "A01,JJ,CUT,05/01/2018,10:00:00 AM,600",
            "B01,JJ,CUT,05/01/2018,11:00:00 AM,660",
            "C01,JJ,CUT,05/01/2018,12:00:00 PM,720",
        ),
        cancellations=("04/30/2018,A01,CUT,JJ,05/01/2018,ADMIN,1",),
        no_shows=("05/01/2018,B01,CUT,JJ",),
    )
    assert {visit.client: visit.status for visit in plan.visits} == {
        "A01": "cancelled",
        "B01": "no_show",
        "C01": "booked",
    }
    (note,) = plan.ambiguous
    assert note.place == Place("bookings.csv", 4)
    assert "unresolved" in note.text


def test_what_no_booking_knows_becomes_a_visit_of_its_own(tmp_path: Path) -> None:
    plan = planned(
        tmp_path,
        cancellations=(
            "04/30/2018,A01,CUT,JJ,05/01/2018,ADMIN,1",
            "04/29/2018,A01,CUT,JJ,05/01/2018,ADMIN,2",
        ),
        no_shows=("05/02/2018,,CUT,JJ",),
    )
    assert sorted(visit.status for visit in plan.visits) == ["cancelled", "cancelled", "no_show"]
    assert [visit.client for visit in plan.of_status("no_show")] == [None]
    assert len({visit.reference for visit in plan.visits}) == 3


def test_a_receipt_outweighs_a_cancellation_of_the_same_day(tmp_path: Path) -> None:
    plan = planned(
        tmp_path,
        bookings=("A01,JJ,CUT,05/01/2018,10:00:00 AM,600",),
        cancellations=("04/30/2018,A01,CUT,JJ,05/01/2018,ADMIN,1",),
        receipts=("1,05/01/2018,Women's hair cut,A01,JJ,1,50,0,0",),
    )
    assert [visit.status for visit in plan.visits] == ["completed"]
    assert "took place" in plan.ambiguous[0].text


def test_references_do_not_depend_on_lines(tmp_path: Path) -> None:
    rows = (
        "1,05/01/2018,Women's hair cut,A01,JJ,1,50,0,0",
        "2,05/02/2018,Women's hair cut,B01,JJ,1,50,0,0",
    )
    bookings = ("C01,JJ,CUT,05/03/2018,10:00:00 AM,600", ",JJ,CUT,05/03/2018,10:00:00 AM,600")
    forwards = {visit.reference for visit in planned(tmp_path, receipts=rows, bookings=bookings).visits}
    backwards = {visit.reference for visit in planned(tmp_path, receipts=rows[::-1], bookings=bookings[::-1]).visits}
    assert forwards == backwards
    assert len(forwards) == 4


def test_masters_can_do_what_they_did_whatever_the_spelling(tmp_path: Path) -> None:
    plan = planned(
        tmp_path,
        receipts=("1,05/01/2018,Women's hair cut,A01,JOANNE,1,50,0,0", "2,05/01/2018,Color toner,A01,Joanne,1,5,0,0"),
    )
    assert [(master.name, master.services) for master in plan.masters] == [
        ("Joanne", ("Color toner", "Women's hair cut"))
    ]
    assert [note.text for note in plan.ambiguous] == ["JOANNE and Joanne are taken for one master, Joanne"]


@pytest.mark.parametrize(
    ("written_so", "usual"), [("JJ", "JJ"), ("JOANNE", "Joanne"), ("McKenzie", "McKenzie"), ("mary ann", "Mary Ann")]
)
def test_names_in_capitals_get_their_usual_case(written_so: str, usual: str) -> None:
    assert in_usual_case(written_so) == usual


def test_two_services_of_one_name_become_one_and_are_told(tmp_path: Path) -> None:
    plan = planned(tmp_path, services=("TRUE,A,Cut,STYLE,10,0", "TRUE,B,CUT ,STYLE,20,0", "TRUE,F,,MISC,0,0"))
    assert [(service.name, service.price) for service in plan.services] == [("Cut", 1000), ("F", 0)]
    assert [str(note.place) for note in plan.ambiguous] == ["services.csv:3", "services.csv:4"]


@pytest.mark.parametrize(
    ("file", "row", "reason"),
    [
        ("receipts", "1,2018-05-01,Cut,A01,JJ,1,50,0,0", "not a date"),
        ("receipts", "1,02/30/2018,Cut,A01,JJ,1,50,0,0", "not a date"),
        ("receipts", "1,05/01/2018,Cut,A01,JJ,1,fifty,0,0", "not a number"),
        ("receipts", "1,05/01/2018,Cut,A01,JJ,1,NaN,0,0", "not a number that can be meant"),
        ("receipts", "1,05/01/2018,Cut,A01,JJ,1,0.005,0,0", "more decimals"),
        ("receipts", "1,05/01/2018,Cut,A01,,1,5,0,0", "Staff is empty"),
        ("receipts", "1,05/01/2018,Cut,A01,JJ,1", "6 values"),
        ("bookings", "A01,JJ,CUT,05/01/2018,10:00:00 AM,601", "minutes after midnight"),
        ("bookings", "A01,JJ,CUT,05/01/2018,10:00:00 AM,1441", "minute of the day"),
        ("bookings", "A01,JJ,PERM,05/01/2018,10:00:00 AM,600", "no service PERM"),
        ("services", "MAYBE,CUT,Cut,STYLE,1,0", "not TRUE or FALSE"),
        ("services", "TRUE,CUT,Cut,STYLE,-1,0", "below zero"),
    ],
)
def test_a_malformed_row_is_refused_with_file_and_line(tmp_path: Path, file: str, row: str, reason: str) -> None:
    plan = planned(tmp_path, **{file: (row,)})
    (note,) = plan.refused
    assert note.place == Place(f"{file}.csv", 2)
    assert reason in note.text
    assert plan.visits == ()


def test_a_missing_file_or_column_ends_the_import_with_a_sentence(tmp_path: Path) -> None:
    write_export(tmp_path)
    (tmp_path / "no_shows.csv").unlink()
    with pytest.raises(CannotImport, match=r"no_shows\.csv is missing"):
        read_export(tmp_path, 2)
    (tmp_path / "no_shows.csv").write_text("Date,Code,Service\n")
    with pytest.raises(CannotImport, match="no column Staff"):
        read_export(tmp_path, 2)


def test_text_of_an_old_windows_is_read(tmp_path: Path) -> None:
    write_export(tmp_path)
    (tmp_path / "services.csv").write_bytes(
        "IsActive,Code,Desc,Cate,Price,Cost\nTRUE,M,Mèches,STYLE,1,0".encode("cp1252")
    )
    assert read_export(tmp_path, 2).services[0].name == "Mèches"


@given(st.integers(-(10**9), 10**9))
def test_amounts_are_read_as_they_are_written(amount: int) -> None:
    for currency in ("CAD", "JPY", "KWD"):
        text = written(amount, currency).removesuffix(f" {currency}")
        assert minor_units(text, decimals_of(currency)) == amount


def test_places_that_follow_one_another_are_told_as_a_range() -> None:
    places = [Place("b.csv", 7), Place("a.csv", 2), Place("b.csv", 5), Place("b.csv", 6), Place("b.csv", 9)]
    assert list(compact(places)) == ["a.csv:2", "b.csv:5-7, 9"]


def test_figures_are_by_the_local_month(tmp_path: Path) -> None:
    plan = planned(
        tmp_path,
        bookings=("A01,JJ,CUT,05/31/2018,11:30:00 PM,1410",),
        receipts=("1,05/31/2018,Color toner,A01,JJ,1,50,0,0",),
    )
    assert by_month(plan.visits) == {"2018-05": Figures(1, 5000)}
