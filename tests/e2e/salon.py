"""A salon as people meet it over HTTP: who signs in, what is set up, and the words that tests of journeys speak in."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx

PATIENCE_SECONDS = 45.0  # facts are promised within five; the machine of a test has other work, too


class User:
    """Somebody who is signed in."""

    def __init__(self, url: str, login: str, password: str) -> None:
        self.http = httpx.Client(base_url=f"{url}/api/v1", timeout=30)
        answer = self.http.post("/auth/login", json={"login": login, "password": password})
        if answer.status_code != 200:
            self.http.close()
        assert answer.status_code == 200, answer.text
        self.session = answer.json()
        self.http.headers["Authorization"] = f"Bearer {self.session['access_token']}"

    def get(self, path: str, **query: Any) -> Any:
        answer = self.http.get(path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, **body: Any) -> Any:
        answer = self.http.post(path, json=body)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def status(self, method: str, path: str, **words: Any) -> int:
        return self.http.request(method, path, **words).status_code

    def refusal(self, status: int, method: str, path: str, **words: Any) -> dict[str, Any]:
        """The problem document of something that is refused with `status`."""
        answer = self.http.request(method, path, **words)
        assert answer.status_code == status, answer.text
        assert answer.headers["Content-Type"] == "application/problem+json"
        return answer.json()


@dataclass
class Salon:
    """A branch where it is early morning, so that a whole day of appointments lies ahead; and one elsewhere."""

    url: str
    owner: User
    zone: ZoneInfo
    today: date
    branch: dict[str, Any] = field(default_factory=dict)
    elsewhere: dict[str, Any] = field(default_factory=dict)
    cut: dict[str, Any] = field(default_factory=dict)
    colour: dict[str, Any] = field(default_factory=dict)
    mila: dict[str, Any] = field(default_factory=dict)
    olga: dict[str, Any] = field(default_factory=dict)
    users: list[User] = field(default_factory=list)

    def sign_in(self, login: str, password: str) -> User:
        user = User(self.url, login, password)
        self.users.append(user)
        return user

    def close(self) -> None:
        for user in (self.owner, *self.users):
            user.http.close()

    def client(self, first_name: str, **words: Any) -> dict[str, Any]:
        return self.owner.post("/clients", first_name=first_name, **words)

    def slots(self, service: dict[str, Any], master: dict[str, Any] | None = None) -> list[dict[str, Any]]:
        """The free starts of today."""
        more = {"master_id": master["id"]} if master else {}
        day = self.today.isoformat()
        found = self.owner.get(
            "/availability", branch_id=self.branch["id"], service_id=service["id"], **{"from": day, "to": day}, **more
        )
        return found["days"][0]["slots"] if found["days"] else []

    def book(self, client: dict[str, Any], service: dict[str, Any], master: dict[str, Any] | None = None) -> Any:
        """An appointment at the first free start of today."""
        slot = self.slots(service, master)[0]
        return self.owner.post("/appointments", **self.wish(client, service, slot, master))

    def wish(
        self,
        client: dict[str, Any],
        service: dict[str, Any],
        slot: dict[str, Any],
        master: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        segment = {"service_id": service["id"]} | ({"master_id": master["id"]} if master else {})
        return {
            "branch_id": self.branch["id"],
            "client_id": client["id"],
            "starts": slot["starts"],
            "segments": [segment],
        }

    def visit(self, client: dict[str, Any], service: dict[str, Any]) -> Any:
        """A visit from the booking to the payment."""
        booked = self.book(client, service)
        assert booked["status"] == "booked"
        assert self.owner.post(f"/appointments/{booked['id']}/confirm")["status"] == "confirmed"
        assert self.owner.post(f"/appointments/{booked['id']}/arrive")["status"] == "arrived"
        return self.owner.post(f"/appointments/{booked['id']}/complete")

    def discount(self, client: dict[str, Any]) -> Any:
        """What loyalty says; None until it has heard of the client."""
        answer = self.owner.http.get(f"/loyalty/clients/{client['id']}")
        return answer.json() if answer.status_code == 200 else None


def open_salon(url: str, password: str) -> Salon:
    """A branch, a catalogue and two masters with shifts, made through the API as an owner would."""
    owner = User(url, "owner", password)
    zone = where_it_is_early()
    today = datetime.now(zone).date()
    salon = Salon(url, owner, zone, today)
    week = [{"weekday": day, "opens": "00:00", "closes": "24:00"} for day in range(7)]
    salon.branch = owner.post("/branches", name="Here", time_zone=zone.key, opening_hours=week)
    salon.elsewhere = owner.post("/branches", name="Elsewhere", time_zone="Europe/Moscow")
    salon.cut = owner.post("/services", name="Cut", category="Hair", duration_minutes=45, price=rub(250_000))
    salon.colour = owner.post("/services", name="Colour", category="Colour", duration_minutes=90, price=rub(480_000))
    services = [salon.cut["id"], salon.colour["id"]]
    days = [(today + timedelta(number)).isoformat() for number in range(3)]
    shifts = [{"date": day, "starts": "00:00", "ends": "24:00"} for day in days]
    made = []
    for name in ("Mila", "Olga"):
        master = owner.post("/masters", name=name, service_ids=services)
        words = {"branch_id": salon.branch["id"], "shifts": shifts}
        assert owner.status("PUT", f"/masters/{master['id']}/shifts", json=words) == 200
        made.append(master)
    salon.mila, salon.olga = made
    return salon


def where_it_is_early() -> ZoneInfo:
    """A zone in which it is five or six in the morning now, whenever the test runs."""
    ahead = (5 - datetime.now(UTC).hour) % 24
    ahead = ahead if ahead <= 12 else ahead - 24
    return ZoneInfo(f"Etc/GMT{-ahead:+d}")  # POSIX: what lies east of Greenwich has a minus


def rub(amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": "RUB"}


def eventually(ask: Callable[[], Any], wanted: Callable[[Any], bool]) -> Any:
    """What `ask` answers once it is as wanted; events need a moment."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        answer = ask()
        if wanted(answer):
            return answer
        assert time.monotonic() < deadline, f"it did not become true; last seen: {answer}"
        time.sleep(0.1)
