"""The demo chain, small, loaded into a running Lokon: interrupted, begun again, complete."""

from collections.abc import Iterator

import pytest

from deploy.demo.generated import SEED, Begin, generate
from deploy.demo.loading import Report, is_complete, load
from deploy.demo.logins import read_passwords
from kernel.time import utc_now
from tests.e2e.salon import User
from tests.e2e.systems import PASSWORD, Running

CLIENTS = 250


class Killed(Exception):  # noqa: N818 - what happened to it
    """The loader's process ended in the middle."""


@pytest.fixture(scope="module")
def owner(embedded: Running) -> Iterator[User]:
    user = User(embedded.url, "owner", PASSWORD)
    yield user
    user.http.close()


def killed_at(what: str) -> Report:
    """A report that ends the loading half-way through `what`."""

    def report(now: str, done: int, total: int) -> None:
        if now == what and done * 2 >= total:
            raise Killed

    return report


def test_a_demo_that_was_interrupted_goes_on_and_ends_complete(embedded: Running, owner: User) -> None:
    folder, now = embedded.folder, utc_now()
    for moment in ("masters", "visits", "bookings"):
        with pytest.raises(Killed):
            load(embedded.url, PASSWORD, folder, now, killed_at(moment), clients=CLIENTS)
    assert not is_complete(folder)
    told: dict[str, tuple[int, int]] = {}
    load(embedded.url, PASSWORD, folder, utc_now(), lambda what, done, total: told.update({what: (done, total)}))
    assert is_complete(folder)
    assert all(done == total for done, total in told.values())

    begin = Begin(SEED, now, CLIENTS)
    demo = generate(begin)
    assert len(owner.get("/branches")["items"]) == 3
    assert len(owner.get("/masters", limit=200)["items"]) == 24
    days = {"from": str(begin.first), "to": str(begin.until)}
    rows = owner.get("/analytics/visits", group_by="month", **days)["rows"]
    past = [visit for visit in demo.visits if visit.status == "completed"]
    assert sum(row["visits"] for row in rows) == len(past), "nothing twice, nothing missing"
    assert sum(row["revenue"]["amount"] for row in rows) == 100 * sum(visit.roubles for visit in past)
    ahead = [visit for visit in demo.visits if visit.status == "booked"]
    booked = owner.get("/appointments", limit=200, **{"from": str(begin.until), "to": "2099-12-31"})["items"]
    by_hand = [one for one in booked if one["reference"] is None]
    made_by_booking = [one for one in by_hand if not one["series_id"] and not one["group_event_id"]]
    assert len(ahead) / 2 < len(made_by_booking) <= len(ahead)
    assert {one["series_id"] for one in by_hand if one["series_id"]} == {
        one["id"] for one in owner.get("/series")["items"]
    }
    events = owner.get("/group-events", limit=200)["items"]
    assert len(events) == len({(one["master_id"], one["starts"]) for one in events}) >= 2, "nothing twice"
    assert any(one["places_left"] < one["capacity"] for one in events)
    assert len(owner.get("/holidays")["items"]) == 4
    assert len(owner.get("/absences")["items"]) == len(owner.get("/waiting-list")["items"]) == 1
    for login, password in read_passwords(folder).items():
        User(embedded.url, login, password).http.close()
