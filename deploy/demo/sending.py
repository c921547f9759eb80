"""How the generated chain is written on the wire, and sent so that what is there already is left alone."""

from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from deploy.api import Api, Refused
from deploy.demo.chain import SALONS

CURRENCY = "RUB"

Report = Callable[[str, int, int], None]  # what, done, of how many


def clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def money(roubles: int) -> dict[str, Any]:
    return {"amount": roubles * 100, "currency": CURRENCY}


def instant(salon: int, day: date, minutes: int = 0) -> str:
    """So many minutes after midnight of the salon."""
    midnight = datetime.combine(day, time(), tzinfo=ZoneInfo(SALONS[salon].time_zone))
    return (midnight + timedelta(minutes=minutes)).isoformat()


def named(api: Api, path: str, bodies: Iterable[dict[str, Any]], report: Report) -> dict[str, str]:
    """Ids by name; what is not there is made."""
    there = {item["name"]: item["id"] for item in api.every(path)}
    wanted = list(bodies)
    for number, body in enumerate(wanted):
        if body["name"] not in there:
            there[body["name"]] = api.post(path, body)["id"]
        report(path.strip("/"), number + 1, len(wanted))
    return {body["name"]: there[body["name"]] for body in wanted}


def once(api: Api, path: str, body: dict[str, Any], key: str) -> Any:
    """What is made, or None if time says no: it is there from an earlier start, or people were faster."""
    try:
        return api.post(path, body, key=key)
    except Refused as refused:
        if refused.status != 409 and refused.code != "slot_in_past":
            raise
        return None
