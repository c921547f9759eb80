"""Visits of several kinds, through HTTP alone: several masters, phases, holds, overlaps, and many at once."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.e2e.diary import SECRET, Diary, open_diary, plan_of, sign_up
from tests.e2e.salon import rub
from tests.e2e.systems import Running


@pytest.fixture(scope="module")
def diary(cluster: Running) -> Iterator[Diary]:
    with open_diary(cluster.url) as diary:
        yield diary


def test_a_hold_that_is_released_is_free_again(diary: Diary) -> None:
    salon = diary.salon
    wish = diary.visit(diary.at(1, "16:00"), diary.segment(salon.cut, salon.olga))
    hold = diary.anybody.post("/holds", json=wish).json()
    assert diary.anybody.post("/holds", json=wish).status_code == 409
    assert diary.anybody.post(f"/holds/{hold['id']}/release").is_success
    assert diary.anybody.post(f"/holds/{diary.anybody.post('/holds', json=wish).json()['id']}/release").is_success


def test_two_at_once_in_a_room_of_a_kind(diary: Diary) -> None:
    """One visit, two masters together, one of them in the only chair there is."""
    owner, salon = diary.owner, diary.salon
    chair = owner.post("/rooms", branch_id=salon.branch["id"], name="Chair", kind="chair")
    feet = owner.post(
        "/services", name="Pedicure", category="Feet", duration_minutes=60, price=rub(300_000), room_kinds=["chair"]
    )
    for master in (salon.mila, salon.olga):
        kept = owner.get(f"/masters/{master['id']}")
        words = {"json": {"service_ids": [*kept["service_ids"], feet["id"]]}}
        assert (
            owner.status("PATCH", f"/masters/{master['id']}", **words, headers={"If-Match": f'"{kept["version"]}"'})
            == 200
        )
    segments = [diary.segment(salon.cut), diary.segment(feet, parallel=True)]
    day = diary.day(2).isoformat()
    asked = {"branch_id": salon.branch["id"], "segments": segments, "from": day, "to": day}
    found = diary.anybody.post("/availability/search", json=asked).json()
    starts = found["days"][0]["slots"][10]["starts"]
    booked = diary.book(salon.client("Iris"), starts, *segments)
    cut, pedicure = booked["segments"]
    assert (cut["starts"], pedicure["starts"]) == (starts, starts)
    assert cut["master_id"] != pedicure["master_id"]
    assert pedicure["room_id"] == chair["id"]


def test_waiting_time_takes_somebody_else(diary: Diary) -> None:
    """While the colour works, the master cuts another client's hair."""
    owner, salon = diary.owner, diary.salon
    phases = [{"minutes": 30}, {"minutes": 45, "busy": False}, {"minutes": 30}]
    colour = owner.post(
        "/services", name="Roots", category="Colour", duration_minutes=105, price=rub(500_000), phases=phases
    )
    petra = owner.post("/masters", name="Petra", service_ids=[colour["id"], salon.cut["id"]])
    assert owner.post("/shift-plans", **plan_of(diary, (petra,), 1, 3))["published"]
    diary.book(salon.client("Jane"), diary.at(2, "10:00"), diary.segment(colour, petra))
    between = diary.book(salon.client("Kate"), diary.at(2, "10:30"), diary.segment(salon.cut, petra))
    assert between["starts"] == diary.at(2, "10:30")
    wish = diary.visit(diary.at(2, "10:45"), diary.segment(salon.cut, petra), client_id=salon.client("Lena")["id"])
    assert owner.refusal(409, "POST", "/appointments", json=wish)["code"] == "slot_taken"


def test_an_overlap_is_a_right_of_its_own_and_stays_visible(diary: Diary) -> None:
    salon = diary.salon
    diary.book(salon.client("Mara"), diary.at(1, "19:00"), diary.segment(salon.cut, salon.mila))
    wish = diary.visit(diary.at(1, "19:15"), diary.segment(salon.cut, salon.mila), client_id=salon.client("Nele")["id"])
    over = wish | {"overlap_reason": "her mother waits outside"}
    desk = sign_up(diary, "desk", "administrator", salon.branch)
    assert desk.refusal(403, "POST", "/appointments", json=over)["code"] == "permission_missing"
    assert desk.refusal(409, "POST", "/appointments", json=wish)["code"] == "slot_taken"
    booked = diary.owner.post("/appointments", **over)
    assert booked["overlap"] is True
    assert desk.get(f"/appointments/{booked['id']}")["overlap"] is True
    (entry,) = desk.get(f"/appointments/{booked['id']}/history")["items"]
    assert (entry["change"], entry["reason"]) == ("booked", "her mother waits outside")


def test_of_many_at_once_through_every_entrance_one_gets_the_time(diary: Diary) -> None:
    """From the desk, online, by a hold, as a series, by moving: everybody else hears of other times."""
    owner, salon = diary.owner, diary.salon
    wish = diary.visit(diary.at(14, "09:00"), diary.segment(salon.cut, salon.mila))
    clients = [salon.client(f"Many {number}")["id"] for number in range(12)]
    elsewhen = {"starts": diary.at(15, "09:00"), "segments": [diary.segment(salon.cut, salon.olga)]}
    moving = owner.post("/appointments", **wish | elsewhen, client_id=clients[0])
    to = {"starts": wish["starts"], "segments": wish["segments"]}

    def desk(number: int) -> httpx.Response:
        return owner.http.post("/appointments", json=wish | {"client_id": clients[number]})

    def online(number: int) -> httpx.Response:
        contact = {"first_name": "Many", "phone": f"+7903555{number:04d}"}
        return diary.anybody.post("/online/appointments", json=wish | {"contact": contact})

    def held(number: int) -> httpx.Response:
        hold = diary.anybody.post("/holds", json=wish)
        if hold.status_code != 201:
            return hold
        return owner.http.post(
            "/appointments", json=wish | {"client_id": clients[number], "hold_id": hold.json()["id"]}
        )

    def series(number: int) -> httpx.Response:
        rule = {"freq": "DAILY", "count": 2}
        return owner.http.post("/series", json=wish | {"client_id": clients[number], "rule": rule})

    def move(_number: int) -> httpx.Response:
        return owner.http.patch(f"/appointments/{moving['id']}", json=to, headers={"If-Match": '"1"'})

    entrances = (desk, online, held, series)
    with ThreadPoolExecutor(25) as threads:
        tries = [threads.submit(entrances[number % 4], number // 2 + 1) for number in range(20)]
        answers = [one.result() for one in [*tries, threads.submit(move, 0)]]
    assert Counter(answer.is_success for answer in answers) == {True: 1, False: 20}, [one.text for one in answers]
    for answer in answers:
        if not answer.is_success:
            assert (answer.status_code, answer.json()["code"]) in ((409, "slot_taken"), (409, "series_conflicts"))
            assert answer.json().get("alternatives") or answer.json()["conflicts"][0]["alternatives"]
    day = {"from": diary.day(14).isoformat(), "to": diary.day(14).isoformat(), "master_id": salon.mila["id"]}
    assert len(owner.get("/appointments", branch_id=salon.branch["id"], **day)["items"]) == 1


def test_what_to_offer_a_known_client(diary: Diary) -> None:
    owner, salon = diary.owner, diary.salon
    client = salon.client("Rhea", preferences={"favourite_master_id": salon.olga["id"]})
    last = salon.visit(client, salon.cut)
    asked = {"branch_id": salon.branch["id"], "client_id": client["id"]}
    found = owner.get("/suggestions", **asked)
    assert (found["masters"][0]["master_id"], found["masters"][0]["why"]) == (salon.olga["id"], "favourite")
    assert found["last_visit"]["appointment_id"] == last["id"]
    assert [one["service_id"] for one in found["last_visit"]["segments"]] == [salon.cut["id"]]


def test_a_client_books_and_cancels_what_is_their_own(diary: Diary) -> None:
    owner, salon = diary.owner, diary.salon
    cora, dora = salon.client("Cora"), salon.client("Dora")
    owner.post("/users", login="cora", name="Cora", role="client", client_id=cora["id"], password=SECRET)
    her = salon.sign_in("cora", SECRET)
    wish = diary.visit(diary.at(3, "10:00"), diary.segment(salon.cut, salon.olga))
    booked = her.post("/appointments", **wish, client_id=cora["id"])
    assert [one["id"] for one in her.get("/appointments")["items"]] == [booked["id"]]
    later = wish | {"starts": diary.at(3, "12:00")}
    refused = her.refusal(422, "POST", "/appointments", json=later | {"client_id": dora["id"]})
    assert "client_id" in refused["errors"]
    hers = diary.book(dora, diary.at(3, "14:00"), diary.segment(salon.cut, salon.olga))
    assert her.status("GET", f"/appointments/{hers['id']}") == 404
    assert her.status("POST", f"/appointments/{hers['id']}/cancel", json={"reason": "no"}) == 404
    assert her.status("POST", f"/appointments/{booked['id']}/arrive") == 403
    assert her.get("/schedule", branch_id=salon.branch["id"], **days(diary, 3))["masters"] == []
    waiting = wish | {"earliest": diary.day(4).isoformat(), "latest": diary.day(5).isoformat()}
    del waiting["starts"]
    entry = her.post("/waiting-list", **waiting, client_id=cora["id"])
    assert her.status("POST", "/waiting-list", json=waiting | {"client_id": dora["id"]}) == 422
    assert her.post(f"/waiting-list/{entry['id']}/leave")["status"] == "cancelled"
    cancelled = her.post(f"/appointments/{booked['id']}/cancel", reason="no time")
    assert (cancelled["status"], cancelled["cancelled_by"]) == ("cancelled", "client")


def days(diary: Diary, ahead: int) -> dict[str, str]:
    return {"from": diary.day(ahead).isoformat(), "to": diary.day(ahead).isoformat()}


def test_a_master_sees_and_shares_what_is_their_own(diary: Diary) -> None:
    owner, salon = diary.owner, diary.salon
    mila = sign_up(diary, "mila", "master", salon.branch)
    version = owner.get(f"/masters/{salon.mila['id']}")["version"]
    linked = {"json": {"user_id": mila.session["user"]["id"]}, "headers": {"If-Match": f'"{version}"'}}
    assert owner.status("PATCH", f"/masters/{salon.mila['id']}", **linked) == 200
    hour = {"starts": diary.at(6, "08:00"), "ends": diary.at(6, "09:00")}
    words = {"branch_id": salon.branch["id"], "reason": "meeting"} | hour
    blocks = [owner.post("/blocks", **words, master_id=one["id"]) for one in (salon.mila, salon.olga)]
    asked = {"branch_id": salon.branch["id"], **days(diary, 6)}
    assert [one["id"] for one in mila.get("/blocks", **asked)["items"]] == [blocks[0]["id"]]
    assert [one["master_id"] for one in mila.get("/schedule", **asked)["masters"]] == [salon.mila["id"]]
    assert mila.post("/calendar-feeds", master_id=salon.mila["id"])["path"]
    assert mila.status("POST", "/calendar-feeds", json={"master_id": salon.olga["id"]}) in (404, 422)
    assert mila.status("POST", "/calendar-feeds", json={"branch_id": salon.branch["id"]}) in (403, 404, 422)
    assert mila.status("POST", "/blocks", json=words | {"master_id": salon.mila["id"]}) == 403
    assert mila.status("GET", f"/masters/{salon.mila['id']}/questionnaire") == 403
