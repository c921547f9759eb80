"""Sends the generated chain to a running Lokon; begun again after a kill, it goes on where it was."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic, sleep
from typing import Any
from zoneinfo import ZoneInfo

from deploy.api import Api, Refused, batches
from deploy.demo.chain import SALONS
from deploy.demo.generated import CLIENTS, SEED, Begin, Demo, generate
from deploy.demo.logins import Login, make_passwords, staff, write_whole
from deploy.demo.occasions import Occasions
from deploy.demo.people import Person
from deploy.demo.salons import Salons
from deploy.demo.sending import CURRENCY, Report
from deploy.demo.visits import Sale, Visit

__all__ = ["Counted", "Report", "is_complete", "load"]

BEGUN, COMPLETE = "demo-begun.json", "demo-complete"

_ROOM_TO_BOOK = timedelta(minutes=20)  # what starts sooner is over before the demo is loaded
_SETTLE_SECONDS = 120.0
_CONFIRMED_EVERY = 3  # of the bookings ahead


def is_complete(folder: Path) -> bool:
    return (folder / COMPLETE).exists()


@dataclass(frozen=True)
class Counted:
    """How many of the visits that took place the figures had counted when the loading ended."""

    visits: int
    of: int

    @property
    def all(self) -> bool:
        return self.visits >= self.of


def load(
    url: str, owner_password: str, folder: Path, now: datetime, report: Report, clients: int = CLIENTS
) -> Counted | None:
    """Fill the installation at `url`, whose data folder is `folder`; None if it was filled before.

    `CannotCall` and `Refused` say why not.
    """
    if is_complete(folder):
        return None
    begin = _begin(folder, Begin(SEED, now, clients))
    demo = generate(begin)
    with Api(url) as api:
        api.sign_in("owner", owner_password)
        counted = _Loader(api, begin, demo, report).load(make_passwords(folder, owner_password, staff(demo.stylists)))
    (folder / COMPLETE).touch()
    return counted


def _begin(folder: Path, wanted: Begin) -> Begin:
    """What was begun here before, else what is `wanted`."""
    file = folder / BEGUN
    if not file.exists():
        kept = {"seed": wanted.seed, "at": wanted.at.isoformat(), "clients": wanted.clients}
        write_whole(file, json.dumps(kept))
    kept = json.loads(file.read_text())
    return Begin(kept["seed"], datetime.fromisoformat(kept["at"]), kept["clients"])


class _Loader:
    """One run. What has a name is found by it, what has a reference is sent again and stays as it is."""

    def __init__(self, api: Api, begin: Begin, demo: Demo, report: Report) -> None:
        self._api = api
        self._begin = begin
        self._demo = demo
        self._report = report
        self._salons = Salons(api, begin, demo, report)
        self._clients: dict[str, str] = {}

    def load(self, passwords: Mapping[str, str]) -> Counted:
        self._salons.open()
        self._salons.hire(self._load_users(passwords))
        self._salons.plan()
        self._load_clients()
        past, ahead = self._divided()
        self._load_history(past)
        self._book(ahead)
        Occasions(self._api, self._begin, self._demo, self._salons, self._clients).arrange(self._report)
        return self._settle(past)

    def _load_users(self, passwords: Mapping[str, str]) -> dict[int, str]:
        """Ids of the users who are masters, by the master's number."""
        logins = staff(self._demo.stylists)
        there = {user["login"]: user["id"] for user in self._api.every("/users")}
        for number, one in enumerate(logins):
            if one.login not in there:
                there[one.login] = self._api.post("/users", self._user(one, passwords[one.login]))["id"]
            self._report("logins", number + 1, len(logins))
        return {one.stylist: there[one.login] for one in logins if one.stylist is not None}

    def _user(self, one: Login, password: str) -> dict[str, Any]:
        branches = [self._salons.branches[salon] for salon in one.salons]
        return {
            "login": one.login,
            "name": one.name,
            "role": one.role,
            "branch_ids": branches,
            "password": password,
        }

    def _load_clients(self) -> None:
        people = self._demo.people
        done = 0
        for batch in batches([self._client(person) for person in people]):
            answer = self._api.send("/clients/bulk", {"clients": batch})
            self._clients |= {item["reference"]: item["id"] for item in answer["items"]}
            done += len(batch)
            self._report("clients", done, len(people))

    def _client(self, person: Person) -> dict[str, Any]:
        zone = ZoneInfo(SALONS[person.salon].time_zone)
        return {
            "reference": person.reference,
            "referrer_reference": None if person.referrer is None else self._demo.people[person.referrer].reference,
            "first_name": person.first_name,
            "last_name": person.last_name,
            "patronymic": person.patronymic,
            "phones": [person.phone] if person.phone else [],
            "email": person.email,
            "sex": "female" if person.female else "male",
            "birth_date": person.born.isoformat() if person.born else None,
            "source": {"channel": person.channel} if person.channel else None,
            "home_branch_id": self._salons.branches[person.salon],
            "contraindications": [person.allergy] if person.allergy else [],
            "preferences": {"wishes": person.wish},
            "registered_at": datetime(
                person.since.year, person.since.month, person.since.day, 9, tzinfo=zone
            ).isoformat(),
        }

    def _divided(self) -> tuple[list[Visit], list[Visit]]:
        """What lies behind the moment when the demo was begun, and what lies ahead of it."""
        boundary = self._begin.at + _ROOM_TO_BOOK
        past = [visit for visit in self._demo.visits if visit.starts < boundary]
        return past, [visit for visit in self._demo.visits if visit.starts >= boundary]

    def _load_history(self, visits: Sequence[Visit]) -> None:
        done = 0
        for batch in batches([self._past(visit) for visit in visits]):
            self._api.send("/appointments/bulk", {"currency": CURRENCY, "visits": batch})
            done += len(batch)
            self._report("visits", done, len(visits))

    def _past(self, visit: Visit) -> dict[str, Any]:
        # Of today's, what was booked for the hours that are over took place.
        status = "completed" if visit.status == "booked" else visit.status
        master = self._salons.masters[visit.stylist.number]
        return {
            "reference": visit.reference,
            "branch_id": self._salons.branches[visit.stylist.salon],
            "client_id": self._clients[visit.person.reference],
            "starts": visit.starts.isoformat(),
            "status": status,
            "segments": [{"service_id": self._salons.services[one.name], "master_id": master} for one in visit.offers],
            "lines": [self._line(sale, master) for sale in visit.sales],
            "channel": visit.channel,
        }

    def _line(self, sale: Sale, master: str) -> dict[str, Any]:
        return {
            "kind": "service" if sale.offer else "retail",
            "amount": sale.roubles * 100,
            "service_id": self._salons.services[sale.offer.name] if sale.offer else None,
            "master_id": master,
            "text": sale.text,
        }

    def _book(self, visits: Sequence[Visit]) -> None:
        for number, visit in enumerate(visits):
            self._book_one(visit, confirm=number % _CONFIRMED_EVERY == 0)
            self._report("bookings", number + 1, len(visits))

    def _book_one(self, visit: Visit, *, confirm: bool) -> None:
        body = {
            "branch_id": self._salons.branches[visit.stylist.salon],
            "client_id": self._clients[visit.person.reference],
            "starts": visit.starts.isoformat(),
            "segments": [
                {"service_id": self._salons.services[one.name], "master_id": self._salons.masters[visit.stylist.number]}
                for one in visit.offers
            ],
            "channel": visit.channel,
        }
        try:
            booked = self._api.post("/appointments", body, key=visit.reference)
            if confirm and booked["status"] == "booked":
                self._api.post(f"/appointments/{booked['id']}/confirm", key=f"{visit.reference}/confirm")
        except Refused as refused:
            # People use the chain while it fills, and a later start finds the slot of an earlier one taken or past.
            if refused.status != 409 and refused.code != "slot_in_past":
                raise

    def _settle(self, visits: Sequence[Visit]) -> Counted:
        """Wait until analytics has heard of every visit, or of no further one for a while: that is told, too."""
        wanted = sum(1 for visit in visits if visit.status in ("completed", "booked"))
        days = {"from": visits[0].starts.date().isoformat(), "to": visits[-1].starts.date().isoformat()}
        patient_until = monotonic() + _SETTLE_SECONDS
        shown = 0
        while shown < wanted and monotonic() < patient_until:
            rows = self._api.get("/analytics/visits", group_by="month", **days)["rows"]
            before, shown = shown, sum(row["visits"] for row in rows)
            if shown > before:
                patient_until = monotonic() + _SETTLE_SECONDS
            self._report("visits in figures", min(shown, wanted), wanted)
            if shown < wanted:
                sleep(1.0)
        return Counted(min(shown, wanted), wanted)
