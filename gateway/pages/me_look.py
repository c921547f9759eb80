"""How pages look to somebody: what is offered, and the cookies by which a device knows what was chosen."""

import re
from datetime import datetime, time
from typing import Any

import flask
from babel import dates
from flask import Response

from contracts.auth import ChangeLook, Look
from gateway.pages import languages
from gateway.pages.languages import noted as _

A_YEAR = 365 * 86_400
COOKIES = {"language": languages.COOKIE, "theme": "lokon_theme", "clock": "lokon_clock", "names": "lokon_names"}
THEMES = {"auto": _("As this device"), "light": _("Light"), "dark": _("Dark")}
CLOCKS = {"24": "18:30", "12": "6:30 pm"}
NAMES = {
    "first_last": _("First name, last name"),
    "last_first": _("Last name, first name"),
    "full": _("Last name, first name, patronymic"),
}
_WALL_CLOCK = re.compile(r"(\d\d):(\d\d)")


def offered(name: str) -> tuple[str, ...]:
    if name == "language":
        return languages.languages()
    return tuple({"theme": THEMES, "clock": CLOCKS, "names": NAMES}[name])


def chosen(name: str) -> str | None:
    """What this device knows of it; nothing else than what is offered."""
    kept = flask.request.cookies.get(COOKIES[name])
    return kept if kept in offered(name) else None


def said(form: Any) -> dict[str, str | None]:
    """What a form says of the look; what it leaves empty is given back to the device."""
    values: dict[str, str | None] = {}
    for name in COOKIES:
        if form.ticked(name):
            value = form.maybe(name)
            if value is None or value in offered(name):
                values[name] = value
    return values


def keep(response: Response, values: dict[str, str | None]) -> None:
    """Let this device know what was chosen."""
    for name, value in values.items():
        if value is None:
            response.delete_cookie(COOKIES[name], httponly=True, samesite="Lax")
        elif value in offered(name):
            secure = flask.request.is_secure
            response.set_cookie(COOKIES[name], value, max_age=A_YEAR, secure=secure, httponly=True, samesite="Lax")


def follow(response: Response, look: Look) -> None:
    """On a device where somebody has just signed in: what they chose elsewhere. What they left open stays as it is."""
    values = {name: getattr(look, name) for name in COOKIES}
    keep(response, {name: value for name, value in values.items() if value is not None})


def change(values: dict[str, str | None]) -> ChangeLook:
    return ChangeLook(**values)  # type: ignore[arg-type]  # each is one of those that are offered


# --- filters of templates ---------------------------------------------------------------------------------------------


def clock(value: datetime | str) -> str:
    """The wall clock that an instant of the API carries, that of its branch, or a text like 18:30."""
    if isinstance(value, str):
        found = _WALL_CLOCK.fullmatch(value)
        if not found or int(found[1]) > 23:  # 24:00 ends a day
            return value
        wall = time(int(found[1]), int(found[2]))
    else:
        wall = value.time()
    if chosen("clock") == "12":
        return dates.format_time(wall, "h:mm a", locale=languages.locale())
    return wall.strftime("%H:%M")


def called(client: Any) -> str:
    """A client by name, in the order that was chosen; as they like to be called where nothing was."""
    first = client.preferred_name or client.first_name
    parts = {
        "last_first": (client.last_name, first),
        "full": (client.last_name, client.first_name, client.patronymic),
    }.get(chosen("names") or "", (first, client.last_name))
    return " ".join(part for part in parts if part)
