"""Sends what stands in the diary besides visits: holidays, an absence, classes, a series, somebody who waits."""

from collections.abc import Sequence
from datetime import date, timedelta

from deploy.api import Api
from deploy.demo.catalogue import BODY, FACE, MAKE_UP_CLASS, NAILS
from deploy.demo.chain import SALONS, Stylist
from deploy.demo.generated import Begin, Demo
from deploy.demo.people import Person
from deploy.demo.salons import Salons
from deploy.demo.sending import Report, clock, instant, once
from deploy.demo.visits import DAYS_AHEAD

_QUIET_DAYS = DAYS_AHEAD + 2  # behind the last visit that is booked ahead, so that nothing of this is in its way
_CLASSES = 2
_PUPILS = 3


class Occasions:
    """One run. What is there already, or can no longer be had, stays as it is."""

    def __init__(self, api: Api, begin: Begin, demo: Demo, salons: Salons, clients: dict[str, str]) -> None:
        self._api = api
        self._begin = begin
        self._demo = demo
        self._salons = salons
        self._clients = clients
        self._quiet = begin.until + timedelta(_QUIET_DAYS)

    def arrange(self, report: Report) -> None:
        steps = (self._close, self._go_on_leave, self._teach, self._repeat, self._wait)
        for number, step in enumerate(steps):
            step()
            report("occasions", number + 1, len(steps))

    def _close(self) -> None:
        new_year = date(self._begin.until.year + 1, 1, 1)
        for salon, branch in enumerate(self._salons.branches):
            body = {"branch_id": branch, "date": str(new_year), "name": "Новый год"}
            once(self._api, "/holidays", body, f"demo/holiday/{salon}")
        cleaning = self._quiet + timedelta(7 - self._quiet.weekday())
        hours = {"opens": clock(SALONS[0].opens), "closes": clock(15 * 60)}
        body = {"branch_id": self._salons.branches[0], "date": str(cleaning), "name": "Санитарный день"} | hours
        once(self._api, "/holidays", body, "demo/holiday/cleaning")

    def _go_on_leave(self) -> None:
        one = self._demo.stylists[1]
        body = {
            "master_id": self._salons.masters[one.number],
            "kind": "leave",
            "starts": instant(one.salon, self._quiet + timedelta(5)),
            "ends": instant(one.salon, self._quiet + timedelta(12)),
        }
        once(self._api, "/absences", body, "demo/absence")

    def _teach(self) -> None:
        for one in self._of(FACE):
            days = self._working_days(one)[:_CLASSES]
            for number, (day, minutes) in enumerate(days):
                body = {
                    "branch_id": self._salons.branches[one.salon],
                    "service_id": self._salons.services[MAKE_UP_CLASS.name],
                    "master_id": self._salons.masters[one.number],
                    "starts": instant(one.salon, day, minutes),
                }
                key = f"demo/class/{one.number}/{number}"
                if once(self._api, "/group-events", body, key):
                    self._enrol(one, body["starts"], key)

    def _enrol(self, one: Stylist, starts: str, key: str) -> None:
        for person in self._people(one.salon)[:_PUPILS]:
            body = {
                "branch_id": self._salons.branches[one.salon],
                "client_id": self._clients[person.reference],
                "starts": starts,
                "segments": [{"service_id": self._salons.services[MAKE_UP_CLASS.name]}],
            }
            once(self._api, "/appointments", body, f"{key}/{person.number}")

    def _repeat(self) -> None:
        """Every third week to the same master, as far as that one works then."""
        one = next(one for one in self._of(NAILS) if len(one.rhythm) == 7)
        client = self._clients[self._people(one.salon)[_PUPILS].reference]
        if self._api.get("/series", client_id=client)["items"]:
            return
        day, minutes = self._working_days(one)[0]
        segment = {
            "service_id": self._salons.services["Маникюр с покрытием"],
            "master_id": self._salons.masters[one.number],
        }
        body = {
            "branch_id": self._salons.branches[one.salon],
            "client_id": client,
            "starts": instant(one.salon, day, minutes),
            "segments": [segment],
            "rule": {"freq": "WEEKLY", "interval": 3, "count": 3},
            "policy": "skip",
        }
        once(self._api, "/series", body, "demo/series")

    def _wait(self) -> None:
        one = self._of(BODY)[0]
        client = self._clients[self._people(one.salon)[_PUPILS + 1].reference]
        if self._api.get("/waiting-list", client_id=client)["items"]:
            return
        body = {
            "branch_id": self._salons.branches[one.salon],
            "client_id": client,
            "segments": [{"service_id": self._salons.services["Массаж спины"]}],
            "earliest": str(self._begin.until + timedelta(2)),
            "latest": str(self._begin.until + timedelta(DAYS_AHEAD)),
            "times": [{"weekday": weekday, "earliest": "12:00", "latest": "18:00"} for weekday in (4, 5)],
        }
        once(self._api, "/waiting-list", body, "demo/waiting")

    def _of(self, category: str) -> Sequence[Stylist]:
        return [one for one in self._demo.stylists if category in one.categories]

    def _people(self, salon: int) -> Sequence[Person]:
        return [person for person in self._demo.people if person.salon == salon]

    def _working_days(self, one: Stylist) -> Sequence[tuple[date, int]]:
        """The first quiet days on which the master works, and an hour after the shift's beginning."""
        days = (self._quiet + timedelta(number) for number in range(14))
        return [(day, hours[0] + 60) for day in days if (hours := one.works(day))]
