"""Every page to which a link, a button or a part of another page leads: whoever is shown the way may go it."""

from collections import Counter, deque
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta
from html.parser import HTMLParser
from http import HTTPStatus
from urllib.parse import parse_qsl, urljoin, urlsplit

import httpx
import pytest
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule

from gateway.pages.app import AREAS
from tests.e2e.salon import Salon, eventually, open_salon, rub
from tests.e2e.systems import PASSWORD, running

OF_EACH = 2  # addresses of one page with the same fields
ENTRIES = [entry for area in AREAS for entry in area.entries if not entry.form]
PAGES = Map([Rule(entry.rule, endpoint=entry.rule) for entry in ENTRIES]).bind("lokon")
OK = 200
FEW = 8  # pages that everybody has
# What scripts ask for while somebody types or looks at a calendar, and what takes files or time: others test it.
ELSEWHERE = {
    "/clients/<uuid:id>/files/<uuid:file_id>",
    "/clients/<uuid:id>/photo",
    "/desk/days.json",
    "/desk/free.json",
    "/desk/price",
    "/figures/churn/borders",
    "/figures/standings/file",
    "/loyalty/trials/<uuid:id>/result",
    "/settings/imports/<uuid:id>",
    "/shifts/cells.json",
}
ROLES = ("administrator", "manager", "master", "marketer", "accountant", "auditor")


class Ways(HTMLParser):
    """Where a page leads: links, what htmx asks for, and forms that ask."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        if tag == "a" and (to := said.get("href")):
            self.found.append((to, False))
        if to := said.get("hx-get"):
            self.found.append((to, True))
        if tag == "form" and "hx-post" not in said and said.get("method") != "post" and (to := said.get("action")):
            self.found.append((to, False))


@dataclass
class Walk:
    """What was opened, how often by page and fields, and what went wrong."""

    http: httpx.Client
    opened: Counter[tuple[str, frozenset[str]]] = field(default_factory=Counter)
    wrong: dict[str, object] = field(default_factory=dict)

    def go(self, *starts: str) -> None:
        waiting, known = deque((start, False, "") for start in starts), set(starts)
        while waiting:
            address, part, at = waiting.popleft()
            page = self._page(address)
            if page is None or self.opened[page] >= OF_EACH:
                continue
            self.opened[page] += 1
            answer = self.http.get(address, headers={"HX-Request": "true"} if part else {})
            if answer.status_code >= 400 and not (part and answer.status_code in {400, 422}):
                self.wrong[f"{address} (from {at})"] = answer.status_code
            if not answer.headers.get("Content-Type", "").startswith("text/html"):
                continue
            ways = Ways()
            ways.feed(answer.text)
            for to, is_part in ways.found:
                there = urljoin(str(answer.url), to).removeprefix(str(self.http.base_url)).partition("#")[0]
                there = f"/{there.lstrip('/')}"
                if there not in known:
                    known.add(there)
                    waiting.append((there, is_part, address))

    @property
    def pages(self) -> set[str]:
        return {rule for rule, _fields in self.opened}

    def _page(self, address: str) -> tuple[str, frozenset[str]] | None:
        """The page behind the address and which fields it is asked with; nothing of what is no page."""
        parts = urlsplit(address)
        try:
            rule, _values = PAGES.match(parts.path)
        except HTTPException:
            return None
        return rule, frozenset(name for name, _value in parse_qsl(parts.query))


def signed_in(url: str, login: str, password: str = PASSWORD) -> httpx.Client:
    http = httpx.Client(base_url=url, timeout=60, follow_redirects=True)
    door = http.get("/sign-in").text
    csrf = door.partition('name="csrf" value="')[2].partition('"')[0]
    answer = http.post("/sign-in", data={"csrf": csrf, "login": login, "password": password, "to": "/"})
    assert answer.is_success, answer.text
    return http


@pytest.fixture(scope="module")
def furnished() -> Iterator[tuple[Salon, tuple[str, ...]]]:
    with running("embedded") as system:
        made = open_salon(system.url, PASSWORD)
        yield made, furnish(made)
        made.close()


def furnish(salon: Salon) -> tuple[str, ...]:
    """One at least of everything that pages show; the addresses of what scripts open."""
    post, here, until = salon.owner.post, salon.branch["id"], str(salon.today + timedelta(days=60))
    soon = f"{salon.today + timedelta(days=2)}T12:00:00Z"
    later = f"{salon.today + timedelta(days=2)}T13:00:00Z"
    clara = salon.client("Clara", last_name="Novak", phones=["+79161234501"], source={"channel": "instagram"})
    dina = salon.client("Dina", referrer_id=clara["id"], phones=["+79161234502"])
    salon.client("Dina", phones=["+79161234503"], birth_date="1990-05-01")
    salon.client("Dina", phones=["+79161234504"], birth_date="1990-05-01")
    salon.visit(dina, salon.cut)
    came, booked = salon.visit(clara, salon.cut), salon.book(clara, salon.colour)
    post("/rooms", branch_id=here, name="Blue room")
    post("/holidays", branch_id=here, date=str(salon.today + timedelta(days=40)), name="Feast")
    hours = {"day": 0, "starts": "07:00", "ends": "12:00"}
    post("/shift-templates", name="Mornings", cycle_days=1, shifts=[hours])
    absence = post(
        "/absences", master_id=salon.olga["id"], kind="leave", starts=f"{until}T00:00:00Z", ends=f"{until}T12:00:00Z"
    )
    post("/blocks", branch_id=here, master_id=salon.olga["id"], reason="cleaning", starts=soon, ends=later)
    wished = {"service_id": salon.cut["id"]}
    span = {"earliest": str(salon.today), "latest": until}
    post("/waiting-list", branch_id=here, client_id=clara["id"], segments=[wished], **span)
    post("/sources", name="Leaflets")
    post("/client-fields", name="Shampoo", kind="text")
    post("/client-categories", name="Friends")
    post("/consent-documents", purpose="marketing", title="Letters", text="We write to you.")
    post(f"/clients/{clara['id']}/notes", text="likes tea")
    post(f"/clients/{clara['id']}/perks", text="a coffee")
    post(f"/clients/{clara['id']}/account/deposits", amount=rub(50_000), paid_by="cash")
    post(f"/clients/{clara['id']}/consents", purpose="marketing", document_version=1, channel="paper")
    eventually(lambda: salon.discount(clara), bool)
    post("/loyalty/promotions", name="Spring", percent="15", ends=f"{until}T00:00:00Z")
    post("/loyalty/certificates", branch_id=here, amount=rub(300_000), paid_by="cash")
    counters = [{"visits": 5, "service_ids": [salon.cut["id"]]}]
    kind = post("/loyalty/membership-types", name="Five", price=rub(900_000), valid_days=90, counters=counters)
    post(f"/loyalty/clients/{clara['id']}/memberships", branch_id=here, type_id=kind["id"], paid_by="card")
    card = post("/loyalty/card-types", name="Silver")
    post(f"/loyalty/clients/{clara['id']}/cards", branch_id=here, type_id=card["id"])
    post("/analytics/saved-segments", name="Often", filter={"field": "visits", "at_least": 2})
    post("/analytics/reports", name="Channels", document={"group_by": ["month"], "measures": ["visits"]})
    widgets = [{"figure": "visits", "title": "Visits", "width": 6, "shown_as": "table"}]
    dashboard = post("/analytics/dashboards", name="Mine", widgets=widgets)
    trial = post("/loyalty/programme/simulate", rules=[], since=str(salon.today))
    for role in ROLES:
        user = post("/users", login=role, name=role.title(), password=PASSWORD, role=role, branch_ids=[here])
        if role == "master":
            version = {"If-Match": f'"{salon.mila["version"]}"'}
            words = {"json": {"user_id": user["id"]}, "headers": version}
            assert salon.owner.status("PATCH", f"/masters/{salon.mila['id']}", **words) == HTTPStatus.OK
    return (
        f"/desk/appointments/{booked['id']}",
        f"/desk/new?branch_id={here}",
        f"/desk/waiting?branch_id={here}",
        f"/desk/appointments/{came['id']}",
        f"/loyalty/visits/{came['id']}",
        f"/loyalty/trials/{trial['id']}",
        f"/dashboards/{dashboard['id']}?arrange=1",
        f"/shifts/absences/{absence['id']}?branch_id={here}",
    )


def test_the_owner_gets_to_every_page_that_there_is(furnished):
    salon, opened_by_scripts = furnished
    with closing(signed_in(salon.url, "owner")) as http:
        walk = Walk(http)
        walk.go("/", *opened_by_scripts)
    assert walk.wrong == {}
    missed = {entry.rule for entry in ENTRIES if not entry.rule.startswith(("/my", "/mine"))} - walk.pages
    assert missed <= ELSEWHERE


@pytest.mark.parametrize("role", ROLES)
def test_nobody_is_shown_a_way_that_they_may_not_go(furnished, role):
    salon, _opened_by_scripts = furnished
    with closing(signed_in(salon.url, role)) as http:
        walk = Walk(http)
        walk.go("/")
    assert walk.wrong == {}
    assert len(walk.pages) > FEW
