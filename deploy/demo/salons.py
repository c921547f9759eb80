"""Sends what the chain consists of: branches with rooms and equipment, the catalogue, masters and their shifts."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from itertools import groupby
from typing import Any

from deploy.api import Api
from deploy.demo.catalogue import CATALOGUE, CATEGORIES, CLASS_CAPACITY, CLASSES, FACE, MAKE_UP_CLASS, UNITS, Offer
from deploy.demo.chain import SALONS, Stylist
from deploy.demo.generated import Begin, Demo
from deploy.demo.sending import Report, clock, money, named

_SHIFTS_BEFORE_DAYS, _SHIFTS_AHEAD_DAYS = 14, 60


class Salons:
    """What was made, by name or number."""

    def __init__(self, api: Api, begin: Begin, demo: Demo, report: Report) -> None:
        self._api = api
        self._begin = begin
        self._stylists = demo.stylists
        self._report = report
        self.branches: list[str] = []
        self.services: dict[str, str] = {}
        self.masters: dict[int, str] = {}

    def open(self) -> None:
        """Branches, rooms and the catalogue."""
        self.branches = list(named(self._api, "/branches", map(_branch, range(len(SALONS))), self._report).values())
        categories = ({"name": name, "position": place} for place, name in enumerate(CATEGORIES))
        named(self._api, "/categories", categories, self._report)
        offers = (*CATALOGUE, MAKE_UP_CLASS)
        self.services = named(self._api, "/services", map(_service, offers), self._report)
        self._furnish()

    def _furnish(self) -> None:
        """A place for everybody who works in a salon, so that only people keep each other waiting."""
        there = {(room["branch_id"], room["name"]) for room in self._api.every("/rooms")}
        wanted = [room for salon in range(len(SALONS)) for room in self._rooms(salon)]
        for number, room in enumerate(wanted):
            if (room["branch_id"], room["name"]) not in there:
                self._api.post("/rooms", room)
            self._report("rooms", number + 1, len(wanted))

    def _rooms(self, salon: int) -> Iterator[dict[str, Any]]:
        for kind in dict.fromkeys(UNITS.values()):
            here = [one for one in self._stylists if one.salon == salon]
            places = sum(kind in {UNITS[category] for category in _categories(one)} for one in here)
            for number in range(1 if kind == UNITS[CLASSES] and places else places):
                yield {"branch_id": self.branches[salon], "name": f"{kind.capitalize()} {number + 1}", "kind": kind}

    def hire(self, users: Mapping[int, str]) -> None:
        """Masters; `users` are the logins of some, by number."""
        ids = named(self._api, "/masters", (self._master(one, users) for one in self._stylists), self._report)
        self.masters = {one.number: ids[one.name] for one in self._stylists}

    def _master(self, one: Stylist, users: Mapping[int, str]) -> dict[str, Any]:
        offers = [*one.offers, MAKE_UP_CLASS] if FACE in one.categories else one.offers
        # The papers of one run out soon, so that there is something to see to.
        days = 30 if one.number == 5 else 200 + 7 * one.number
        return {
            "name": one.name,
            "user_id": users.get(one.number),
            "service_ids": [self.services[offer.name] for offer in offers],
            "renderings": [
                {"service_id": self.services[offer.name], "price": money(one.price(offer))}
                for offer in one.offers
                if one.leads
            ],
            "permits": [{"kind": "medical_book", "expires_on": str(self._begin.until + timedelta(days))}],
        }

    def plan(self) -> None:
        """Shifts by template, a branch at a time. A later start finds what stands against it, and plans the same."""
        templates = named(self._api, "/shift-templates", _templates(self._stylists), self._report)
        days = {
            "from": str(self._begin.until - timedelta(_SHIFTS_BEFORE_DAYS)),
            "to": str(self._begin.until + timedelta(_SHIFTS_AHEAD_DAYS - 1)),
        }
        by_salon = groupby(sorted(self._stylists, key=lambda one: one.salon), key=lambda one: one.salon)
        for salon, here in by_salon:
            assignments = [
                {
                    "master_id": self.masters[one.number],
                    "template_id": templates[_template_name(one)],
                    "anchor": str(one.anchor),
                }
                for one in here
            ]
            plan = {"branch_id": self.branches[salon], "assignments": assignments, "despite_conflicts": True} | days
            self._api.post("/shift-plans", plan)
            self._report("shifts", salon + 1, len(SALONS))


def _branch(place: int) -> dict[str, Any]:
    salon = SALONS[place]
    return {
        "name": salon.name,
        "time_zone": salon.time_zone,
        "address": salon.address,
        "opening_hours": [
            {"weekday": weekday, "opens": clock(salon.opens), "closes": clock(salon.closes)} for weekday in range(7)
        ],
        "policy": {"lead_minutes": 60, "cancel_minutes": 180},
    }


def _service(offer: Offer) -> dict[str, Any]:
    return {
        "name": offer.name,
        "category": offer.category,
        "duration_minutes": offer.minutes,
        "price": money(offer.price),
        "cost": money(offer.cost),
        "room_kinds": [UNITS[offer.category]],
        "phases": [{"minutes": minutes, "busy": place % 2 == 0} for place, minutes in enumerate(offer.phases)],
        "repeat_days": offer.repeat,
        "capacity": CLASS_CAPACITY if offer is MAKE_UP_CLASS else 1,
    }


def _categories(one: Stylist) -> tuple[str, ...]:
    return (*one.categories, MAKE_UP_CLASS.category) if FACE in one.categories else one.categories


def _template_name(one: Stylist) -> str:
    days, opens, closes = one.cycle
    return f"{'2/2' if days == 4 else '5/2'}, {clock(opens)}–{clock(closes)}"


def _templates(stylists: tuple[Stylist, ...]) -> Iterator[dict[str, Any]]:
    seen = set()
    for one in stylists:
        days, opens, closes = one.cycle
        if _template_name(one) not in seen:
            seen.add(_template_name(one))
            hours = {"starts": clock(opens), "ends": clock(closes)}
            shifts = [{"day": day} | hours for day, works in enumerate(one.rhythm) if works]
            yield {"name": _template_name(one), "cycle_days": days, "shifts": shifts}
