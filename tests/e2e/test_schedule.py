"""The whole schedule, through HTTP alone, in both shapes: from a plan of shifts to the calendar that shows a visit."""

import io
from collections.abc import Iterator

import pytest
from PIL import Image

from tests.e2e.diary import Diary, open_diary, plan_of, sign_up
from tests.e2e.salon import eventually, rub
from tests.e2e.systems import Running


@pytest.fixture(scope="module")
def diary(system: Running) -> Iterator[Diary]:
    with open_diary(system.url) as diary:
        yield diary


# --- the planner ----------------------------------------------------------------------------------------------------


def test_a_plan_is_seen_before_it_is_published(diary: Diary) -> None:
    owner, cut = diary.owner, diary.salon.cut
    nina = owner.post("/masters", name="Nina", service_ids=[cut["id"]])
    plan = plan_of(diary, (nina,), 1, 7)
    days = {"from": plan["from"], "to": plan["to"]}
    (seen,) = owner.post("/shift-plans/preview", **plan)["masters"]
    assert (len(seen["shifts"]), seen["problems"]) == (7, [])
    assert owner.get(f"/masters/{nina['id']}/shifts", **days)["shifts"] == []
    assert owner.post("/shift-plans", **plan)["published"] is True
    assert len(owner.get(f"/masters/{nina['id']}/shifts", **days)["shifts"]) == 7

    # What is booked stands against a plan that leaves it over, and an absence against one that overlooks it.
    client = diary.salon.client("Nora")
    booked = diary.book(client, diary.at(2, "20:00"), diary.segment(cut, nina))
    away = owner.post(
        "/absences", master_id=nina["id"], kind="training", starts=diary.at(4, "00:00"), ends=diary.at(5, "00:00")
    )
    short = owner.post(
        "/shift-templates", name="Mornings", cycle_days=1, shifts=[{"day": 0, "starts": "07:00", "ends": "12:00"}]
    )
    shorter = plan | {"assignments": [{"master_id": nina["id"], "template_id": short["id"]}]}
    problems = {
        (problem["code"], problem["appointment_id"])
        for problem in owner.post("/shift-plans/preview", **shorter)["masters"][0]["problems"]
    }
    assert problems == {("stranded", booked["id"]), ("absent", None)}
    refused = owner.refusal(409, "POST", "/shift-plans", json=shorter)
    assert refused["code"] == "plan_conflicts"
    assert refused["conflicts"]
    assert owner.post("/shift-plans", **shorter, despite_conflicts=True)["published"] is True

    # The one day is left out of what clients see.
    found = owner.get(
        "/availability", branch_id=diary.salon.branch["id"], service_id=cut["id"], master_id=nina["id"], **days
    )
    assert diary.day(4).isoformat() not in {day["date"] for day in found["days"] if day["slots"]}
    gone = {"headers": {"If-Match": f'"{away["version"]}"'}}
    assert owner.status("DELETE", f"/absences/{away['id']}", **gone) == 204
    assert owner.status("GET", f"/absences/{away['id']}") == 404


def test_the_schedule_shows_all_of_it(diary: Diary) -> None:
    owner, salon = diary.owner, diary.salon
    block = owner.post(
        "/blocks",
        branch_id=salon.branch["id"],
        master_id=salon.olga["id"],
        starts=diary.at(5, "08:00"),
        ends=diary.at(5, "09:00"),
        reason="meeting",
    )
    asked = {"branch_id": salon.branch["id"], "from": diary.day(5).isoformat(), "to": diary.day(5).isoformat()}
    shown = owner.get("/schedule", **asked, master_id=salon.olga["id"])
    (olga,) = shown["masters"]
    assert olga["shifts"] == [{"starts": diary.at(5, "06:00"), "ends": diary.at(5, "23:00")}]
    assert [(busy["kind"], busy["block_id"]) for busy in olga["busy"]] == [("block", block["id"])]
    (olga,) = owner.get("/schedule", **asked, master_id=salon.olga["id"], mode="busy")["masters"]
    assert [(busy["kind"], busy["block_id"]) for busy in olga["busy"]] == [("busy", None)]
    wish = diary.visit(diary.at(5, "08:15"), diary.segment(salon.cut, salon.olga), client_id=salon.client("Ona")["id"])
    assert owner.refusal(409, "POST", "/appointments", json=wish)["code"] == "slot_taken"
    moved = {"json": {"starts": diary.at(5, "07:00"), "ends": diary.at(5, "08:00")}, "headers": {"If-Match": '"1"'}}
    assert owner.status("PATCH", f"/blocks/{block['id']}", **moved) == 200
    assert owner.status("POST", "/appointments", json=wish) == 201


def test_a_holiday_closes_the_branch_and_names_whom_it_leaves_over(diary: Diary) -> None:
    owner, salon = diary.owner, diary.salon
    booked = diary.book(salon.client("Hola"), diary.at(6, "10:00"), diary.segment(salon.cut))
    day = diary.day(6).isoformat()
    holiday = owner.post("/holidays", branch_id=salon.branch["id"], date=day, name="Closed")
    assert [one["appointment_id"] for one in holiday["stranded"]] == [booked["id"]]
    asked = {"branch_id": salon.branch["id"], "service_id": salon.cut["id"], "from": day, "to": day}
    assert not [slot for found in owner.get("/availability", **asked)["days"] for slot in found["slots"]]
    answer = owner.refusal(
        409, "POST", "/holidays", json={"branch_id": salon.branch["id"], "date": day, "name": "Again"}
    )
    assert answer["code"] == "holiday_exists"
    assert owner.status("DELETE", f"/holidays/{holiday['id']}", headers={"If-Match": '"1"'}) == 204
    assert [slot for found in owner.get("/availability", **asked)["days"] for slot in found["slots"]]


# --- booking --------------------------------------------------------------------------------------------------------


def test_a_hold_keeps_a_time_until_it_is_booked(diary: Diary) -> None:
    salon = diary.salon
    wish = diary.visit(diary.at(1, "12:00"), diary.segment(salon.cut, salon.olga))
    held = diary.anybody.post("/holds", json=wish)
    assert held.status_code == 201, held.text
    hold = held.json()
    assert held.headers["Location"] == f"/api/v1/holds/{hold['id']}"
    assert diary.anybody.get(f"/holds/{hold['id']}").json()["starts"] == wish["starts"]

    gina, hana = salon.client("Gina"), salon.client("Hana")
    refused = diary.owner.refusal(409, "POST", "/appointments", json=wish | {"client_id": hana["id"]})
    assert refused["code"] == "slot_taken"
    assert refused["alternatives"]
    booked = diary.owner.post("/appointments", **wish, client_id=gina["id"], hold_id=hold["id"])
    assert booked["starts"] == wish["starts"]
    assert diary.anybody.get(f"/holds/{hold['id']}").status_code in (404, 410)
    other = diary.owner.post(
        "/appointments", **(wish | {"starts": refused["alternatives"][0]["starts"]}), client_id=hana["id"]
    )
    assert other["starts"] == refused["alternatives"][0]["starts"]


# --- series and the waiting list ------------------------------------------------------------------------------------


def test_a_series_is_previewed_booked_changed_and_cancelled(diary: Diary) -> None:
    owner, salon = diary.owner, diary.salon
    client = salon.client("Sara")
    series = diary.visit(diary.at(4, "15:00"), diary.segment(salon.cut, salon.mila), client_id=client["id"])
    series |= {"rule": {"freq": "WEEKLY", "count": 4}}
    diary.book(salon.client("Tess"), diary.at(11, "15:00"), diary.segment(salon.cut, salon.mila))
    preview = owner.post("/series/preview", **series)["occurrences"]
    assert [one["outcome"] for one in preview] == ["free", "conflict", "free", "free"]
    assert preview[1]["alternatives"]
    refused = owner.refusal(409, "POST", "/series", json=series)
    assert refused["code"] == "series_conflicts"
    assert owner.get(f"/clients/{client['id']}/visits")["items"] == []

    booked = owner.post("/series", **series, policy="next_free")
    assert booked["rrule"].startswith("FREQ=WEEKLY")
    starts = [one["starts"] for one in booked["appointments"]]
    assert starts[0] == diary.at(4, "15:00")
    assert diary.at(11, "15:45") <= starts[1] < diary.at(18, "15:00")
    ids = [one["appointment_id"] for one in booked["appointments"]]
    assert owner.get(f"/appointments/{ids[1]}")["occurrence"] == diary.at(11, "15:00")

    change = {"scope": "following", "appointment_id": ids[2], "starts": diary.at(18, "17:00")}
    seen = owner.post(f"/series/{booked['id']}/change/preview", **change)["occurrences"]
    assert [one["starts"] for one in seen] == [diary.at(18, "17:00"), diary.at(25, "17:00")]
    split = owner.post(f"/series/{booked['id']}/change", **change)
    assert split["split_from"] == booked["id"]
    assert [one["appointment_id"] for one in split["appointments"]] == ids[2:]
    assert owner.get(f"/appointments/{ids[3]}")["starts"] == diary.at(25, "17:00")

    owner.post(f"/series/{split['id']}/cancel", scope="all", reason="she moves away")
    assert {one["id"]: one["status"] for one in owner.get(f"/clients/{client['id']}/visits")["items"]} == {
        ids[0]: "booked",
        ids[1]: "booked",
        ids[2]: "cancelled",
        ids[3]: "cancelled",
    }


def test_a_freed_time_is_offered_to_one_after_another(diary: Diary) -> None:
    owner, salon = diary.owner, diary.salon
    taken = diary.book(salon.client("Uma"), diary.at(8, "13:00"), diary.segment(salon.cut, salon.olga))
    day = diary.day(8)
    wish = {
        "branch_id": salon.branch["id"],
        "segments": [diary.segment(salon.cut, salon.olga)],
        "earliest": day.isoformat(),
        "latest": day.isoformat(),
        "times": [{"weekday": day.weekday(), "earliest": "13:00", "latest": "13:00"}],
    }
    first = owner.post("/waiting-list", **wish, client_id=salon.client("Vera")["id"])
    second = owner.post("/waiting-list", **wish, client_id=salon.client("Wilma")["id"])
    owner.post(f"/appointments/{taken['id']}/cancel", reason="ill")

    offered = eventually(lambda: owner.get(f"/waiting-list/{first['id']}"), lambda one: one["status"] == "offered")
    assert offered["offer"]["starts"] == diary.at(8, "13:00")
    assert owner.get(f"/waiting-list/{second['id']}")["status"] == "waiting"
    wanted = diary.visit(
        diary.at(8, "13:00"), diary.segment(salon.cut, salon.olga), client_id=salon.client("Xenia")["id"]
    )
    assert owner.refusal(409, "POST", "/appointments", json=wanted)["code"] == "slot_taken"

    owner.post(f"/waiting-list/{first['id']}/decline")
    eventually(lambda: owner.get(f"/waiting-list/{second['id']}"), lambda one: one["status"] == "offered")
    booked = owner.post(f"/waiting-list/{second['id']}/accept")
    assert (booked["starts"], booked["client_id"]) == (diary.at(8, "13:00"), second["client_id"])
    assert owner.get(f"/waiting-list/{second['id']}")["appointment_id"] == booked["id"]
    assert owner.post(f"/waiting-list/{first['id']}/leave")["status"] == "cancelled"


# --- without an account ---------------------------------------------------------------------------------------------


def test_somebody_without_an_account_books_moves_and_cancels_by_a_key(diary: Diary) -> None:
    salon, anybody = diary.salon, diary.anybody
    shown = anybody.get("/online/salon", params={"branch_id": salon.branch["id"]}).json()
    assert salon.cut["id"] in {one["id"] for one in shown["services"]}
    wish = diary.visit(diary.at(9, "11:00"), diary.segment(salon.cut, salon.olga))
    hold = anybody.post("/holds", json=wish).json()
    contact = {"first_name": "Yvonne", "phone": "+7 903 765-43-21"}
    answer = anybody.post("/online/appointments", json=wish | {"contact": contact, "hold_id": hold["id"]})
    assert answer.status_code == 201, answer.text
    booked = answer.json()
    key = {"key": booked["key"]}
    assert "Yvonne" not in answer.text
    again = anybody.post("/online/appointments", json=wish | {"contact": contact | {"phone": "+7 903 765-43-22"}})
    assert (again.status_code, again.json()["code"]) == (409, "slot_taken")
    assert again.json()["alternatives"]

    seen = anybody.get("/online/appointment", params=key).json()
    assert (seen["status"], seen["key"]) == ("booked", None)
    moved = anybody.post("/online/appointment/move", json=key | {"starts": diary.at(9, "14:00")}).json()
    assert moved["starts"] == diary.at(9, "14:00")
    file = anybody.get("/online/appointment.ics", params=key)
    assert file.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert "BEGIN:VEVENT" in file.text
    cancelled = anybody.post("/online/appointment/cancel", json=key | {"reason": "no time"}).json()
    assert cancelled["status"] == "cancelled"
    assert anybody.post("/online/appointment/cancel", json=key).json()["code"] == "wrong_status"
    assert anybody.get("/online/appointment", params={"key": "x" * 43}).status_code == 404

    (card,) = diary.owner.get("/clients", q="+79037654321")["items"]
    (visit,) = diary.owner.get(f"/clients/{card['id']}/visits")["items"]
    assert (visit["status"], visit["cancelled_by"], visit["channel"]) == ("cancelled", "client", "online")


def test_a_group_takes_as_many_as_it_has_places(diary: Diary) -> None:
    owner, salon = diary.owner, diary.salon
    yoga = owner.post(
        "/services", name="Make-up class", category="Classes", duration_minutes=90, price=rub(150_000), capacity=2
    )
    zoe = owner.post("/masters", name="Zoe", service_ids=[yoga["id"]])
    assert owner.post("/shift-plans", **plan_of(diary, (zoe,), 1, 14))["published"]
    event = owner.post(
        "/group-events",
        branch_id=salon.branch["id"],
        service_id=yoga["id"],
        master_id=zoe["id"],
        starts=diary.at(10, "18:00"),
    )
    assert (event["capacity"], event["places_left"]) == (2, 2)
    day = diary.day(10).isoformat()
    asked = {"branch_id": salon.branch["id"], "service_id": yoga["id"], "from": day, "to": day}
    found = diary.anybody.get("/availability", params=asked).json()
    assert [(slot["starts"], slot["places"]) for slot in found["days"][0]["slots"]] == [(diary.at(10, "18:00"), 2)]
    joined = [diary.book(salon.client(name), diary.at(10, "18:00"), diary.segment(yoga)) for name in ("Abby", "Bea")]
    assert {one["group_event_id"] for one in joined} == {event["id"]}
    late = diary.visit(diary.at(10, "18:00"), diary.segment(yoga), client_id=salon.client("Cora")["id"])
    assert owner.refusal(409, "POST", "/appointments", json=late)["code"] == "group_full"
    cancelled = owner.post(f"/group-events/{event['id']}/cancel", reason="the teacher is ill")
    assert cancelled["status"] == "cancelled"
    assert {owner.get(f"/appointments/{one['id']}")["status"] for one in joined} == {"cancelled"}


# --- calendars, pictures, staff -------------------------------------------------------------------------------------


def test_a_feed_is_read_until_it_is_revoked(diary: Diary) -> None:
    owner, salon = diary.owner, diary.salon
    client = salon.client("Fiona", phones=["8 903 222-33-44"])
    booked = diary.book(client, diary.at(12, "10:00"), diary.segment(salon.cut, salon.olga), comment="strictly private")
    feed = owner.post("/calendar-feeds", master_id=salon.olga["id"], content="both")
    address = feed["path"].removeprefix("/api/v1")
    file = diary.anybody.get(address)
    assert (file.status_code, file.headers["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    assert booked["id"] in file.text.replace("\r\n ", "")
    for secret in ("Fiona", "2223344", "private"):
        assert secret not in file.text.replace("\r\n ", "")
    assert owner.get(f"/calendar-feeds/{feed['id']}")["key"] is None
    assert owner.post(f"/calendar-feeds/{feed['id']}/revoke")["revoked_at"]
    assert diary.anybody.get(address).status_code == 404
    mine = owner.http.get(f"/appointments/{booked['id']}/calendar.ics")
    assert "BEGIN:VCALENDAR" in mine.text
    assert diary.anybody.get(f"/appointments/{booked['id']}/calendar.ics").status_code == 401


def test_a_picture_goes_in_as_it_is_and_comes_out_small(diary: Diary) -> None:
    image = io.BytesIO()
    Image.new("RGB", (2_000, 1_000), "teal").save(image, "PNG")
    words = {"content": image.getvalue(), "headers": {"Content-Type": "image/png"}}
    kept = diary.owner.http.post("/pictures", **words)
    assert kept.status_code == 201, kept.text
    assert (kept.json()["width"], kept.json()["height"]) == (1_024, 512)
    shown = diary.anybody.get(f"/pictures/{kept.json()['id']}")
    assert (shown.headers["Content-Type"], shown.headers["Cache-Control"].split(",")[0]) == ("image/webp", "public")
    assert Image.open(io.BytesIO(shown.content)).size == (1_024, 512)
    cut = diary.owner.get(f"/services/{diary.salon.cut['id']}")
    change = {"json": {"picture_id": kept.json()["id"]}, "headers": {"If-Match": f'"{cut["version"]}"'}}
    assert diary.owner.status("PATCH", f"/services/{cut['id']}", **change) == 200
    refused = diary.owner.refusal(422, "POST", "/pictures", content=b"GIF?", headers={"Content-Type": "image/gif"})
    assert refused["code"] == "picture_unreadable"


def test_what_the_salon_keeps_of_its_staff_is_not_for_everybody(diary: Diary) -> None:
    path = f"/masters/{diary.salon.mila['id']}/questionnaire"
    first = diary.owner.get(path)
    words = {"json": {"phones": ["+79030000001"]}, "headers": {"If-Match": f'"{first["version"]}"'}}
    assert diary.owner.status("PATCH", path, **words) == 200
    assert diary.owner.status("PATCH", path, **words) == 412
    assert diary.owner.get(path)["phones"] == ["+79030000001"]
    auditor = sign_up(diary, "ada", "auditor", diary.salon.branch)
    assert "9030000001" not in auditor.http.get(path).text
    assert sign_up(diary, "front", "administrator", diary.salon.branch).status("GET", path) == 403
