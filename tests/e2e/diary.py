"""A salon with shifts for weeks, as tests of its schedule meet it: who signs in, and the bodies that they send."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import httpx

from tests.e2e.salon import Salon, User, open_salon
from tests.e2e.systems import PASSWORD

SECRET = "a password of the staff"
WEEKS = 5


@dataclass
class Diary:
    """A salon whose masters have shifts for weeks, by a plan; and somebody without an account."""

    salon: Salon
    anybody: httpx.Client
    daily: dict[str, Any]

    @property
    def owner(self) -> User:
        return self.salon.owner

    def day(self, ahead: int) -> date:
        return self.salon.today + timedelta(days=ahead)

    def at(self, ahead: int, clock: str) -> str:
        """The wall clock of the branch, so many days ahead, as an instant, written as answers write it."""
        naive = datetime.fromisoformat(f"{self.day(ahead)}T{clock}")
        return naive.replace(tzinfo=self.salon.zone).isoformat().replace("+00:00", "Z")

    def segment(self, service: dict[str, Any], master: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
        return {"service_id": service["id"]} | ({"master_id": master["id"]} if master else {}) | more

    def visit(self, starts: str, *segments: dict[str, Any], **more: Any) -> dict[str, Any]:
        return {"branch_id": self.salon.branch["id"], "starts": starts, "segments": list(segments)} | more

    def book(self, client: dict[str, Any], starts: str, *segments: dict[str, Any], **more: Any) -> Any:
        return self.owner.post("/appointments", **self.visit(starts, *segments, client_id=client["id"], **more))


@contextmanager
def open_diary(url: str) -> Iterator[Diary]:
    """The salon, whose two masters work every day for weeks by a published plan."""
    salon = open_salon(url, PASSWORD)
    hours = {"day": 0, "starts": "06:00", "ends": "23:00"}
    daily = salon.owner.post("/shift-templates", name="Every day", cycle_days=1, shifts=[hours])
    with httpx.Client(base_url=f"{url}/api/v1", timeout=30) as anybody:
        diary = Diary(salon, anybody, daily)
        plan = plan_of(diary, (salon.mila, salon.olga), 3, 7 * WEEKS)
        assert salon.owner.post("/shift-plans", **plan)["published"] is True
        yield diary
    salon.close()


def plan_of(diary: Diary, masters: tuple[dict[str, Any], ...], first: int, last: int) -> dict[str, Any]:
    return {
        "branch_id": diary.salon.branch["id"],
        "from": diary.day(first).isoformat(),
        "to": diary.day(last).isoformat(),
        "assignments": [{"master_id": one["id"], "template_id": diary.daily["id"]} for one in masters],
    }


def sign_up(diary: Diary, login: str, role: str, branch: dict[str, Any]) -> User:
    diary.owner.post("/users", login=login, name=login.title(), role=role, branch_ids=[branch["id"]], password=SECRET)
    return diary.salon.sign_in(login, SECRET)
