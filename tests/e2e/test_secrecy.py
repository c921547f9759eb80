"""No file and no event holds anything about a client in clear: the bytes are sought after a journey, on both shapes."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote

import httpx
import kombu
import pytest

from chassis.config import SERVICES
from chassis.messaging.link import events_exchange
from tests.e2e.bytesearch import Search, texts
from tests.e2e.desk import Desk
from tests.e2e.load import open_chain
from tests.e2e.survival import settled
from tests.e2e.systems import PASSWORD, Running

# Words that nothing but these cards can have brought anywhere.
JOSEPHINE = {
    "first_name": "Жозефинашмыга",
    "last_name": "Пшеворскаязюзя",
    "patronymic": "Гервасиевнафью",
    "preferred_name": "Шмыгулечкаёж",
    "phones": ["8 (916) 555-73-19"],
    "email": "quixzel.zorgle@example.org",
    "birth_date": "1931-02-17",
    "sex": "female",
    "source": {"channel": "instagram", "detail": "увидела-у-Чебурашкиной"},
    "contraindications": ["аллергия-на-хнузюзю"],
    "comment": "прячет-скрипку-под-креслом",
    "preferences": {"wishes": "только-чай-с-бергамотищем"},
}
QUORBINGTON = {
    "first_name": "Zyxwelina",
    "last_name": "Quorbington",
    "phones": ["+44 20 7946 0991"],
    "email": "zyxwelina@quorbington.example.org",
    "contraindications": ["glockenspielitis"],
    "comment": "her umbrella is a flamingo",
}
NUMBERS = ("+79165557319", "79165557319", "9165557319", "89165557319", "+442079460991", "442079460991", "2079460991")
SAID = {
    "comment": "опоздает-из-за-бегемота",
    "reason": "кот-съел-расписание",
    "refund": "чёлка-ушла-к-соседке",
    "changed": "теперь-носит-лампочкуиз",
    "sought": "Никтонезваньевнаяя",
    "contact": "Стрекозябра",
    "number": "9265550184",
    "online": "принесёт-с-собой-кактус",
    "given_up": "улетела-на-воздушном-шаре",
    "overlap": "бабушка-ждёт-в-сугробе",
    "moved": "проспала-из-за-луны",
    "series": "уезжает-к-пингвинам",
    "absence": "лечит-хрупкое-колено-зюзи",
    "notes": "боится-фенов-по-четвергам",
}
PLANTED = "planted-hippogriff-4711"


SECRETS = sorted({*texts(JOSEPHINE), *texts(QUORBINGTON), *NUMBERS, *SAID.values(), PASSWORD})
SEARCH = Search((*SECRETS, PLANTED))
keep_secret = SEARCH.keep  # a key that was told once is sought from now on, too


# --- the journey ----------------------------------------------------------------------------------------------------


@dataclass
class Tap:
    """Hears every event of every service."""

    system: Running
    queue: str = "a-test.tap"
    heard: list[bytes] = field(default_factory=list)

    @contextmanager
    def _channel(self) -> Iterator[Any]:
        with kombu.Connection(self.system.bus()) as bus, bus.channel() as channel:
            yield channel

    def bind(self) -> None:
        with self._channel() as channel:
            arguments = {"x-queue-type": "quorum"}  # kept on disk as those of the services are
            channel.queue_declare(self.queue, durable=True, auto_delete=False, arguments=arguments)
            for service in SERVICES:
                channel.exchange_declare(events_exchange(service), "topic", durable=True, auto_delete=False)
                channel.queue_bind(self.queue, events_exchange(service), routing_key="#")

    def drain(self) -> list[bytes]:
        """Everything heard so far, properties included."""
        with self._channel() as channel:
            while message := channel.basic_get(self.queue):
                self.heard.append(bytes(message.body) + json.dumps(message.properties, default=str).encode())
                channel.basic_ack(message.delivery_tag)
        return self.heard

    def plant(self, text: str) -> None:
        with self._channel() as channel:
            channel.basic_publish(
                channel.prepare_message(text.encode(), properties={"delivery_mode": 2}), "", self.queue
            )


@pytest.fixture(scope="module")
def tapped(system: Running) -> Tap:
    """The system after everything was done that one can do with a card, and its events."""
    tap = Tap(system)
    if system.shape == "cluster":
        tap.bind()
    with Desk(system.url) as desk:
        live(desk)
        plan(desk)
        refused(desk)
        months = {"from": "2020-01-01", "to": "2035-01-01", "group_by": "month"}
        rows = settled(lambda: [row["visits"] for row in desk.get("/analytics/visits", **months)["rows"]], [2])
        assert rows == [2]
    system.rows("postgres", "CHECKPOINT")
    return tap


def live(desk: Desk) -> None:
    """Two people are registered, found, booked for, changed, served, refunded; one of them is erased."""
    chain = open_chain(desk, masters=1)
    branch, service = chain.branches[0], chain.services[0]
    josephine = desk.post("/clients", JOSEPHINE)
    imported = {"reference": "card 17", "referrer_reference": None, **QUORBINGTON}
    (other,) = desk.post("/clients/bulk", {"clients": [imported]})["items"]
    for place, person in enumerate((josephine, other)):
        wanted = {"service_id": service["id"], "master_id": branch.masters[0]}
        at = {"branch_id": branch.id, "client_id": person["id"], "segments": [wanted], "comment": SAID["comment"]}
        kept, given_up = (
            desk.post("/appointments", {**at, "starts": branch.start(2 * place + more)}) for more in (0, 1)
        )
        bill = desk.post(f"/appointments/{kept['id']}/complete")
        line = {"line_id": bill["lines"][0]["id"], "amount": {"amount": 100, "currency": "RUB"}}
        desk.post(f"/appointments/{kept['id']}/refund", {"lines": [line], "reason": SAID["refund"]})
        desk.post(f"/appointments/{given_up['id']}/cancel", {"reason": SAID["reason"]})
    changed = desk.patch(f"/clients/{josephine['id']}", josephine["version"], {"comment": SAID["changed"]})
    assert changed["phones"] == ["+79165557319"]
    for sought in ("Жозефинашмыга", "8 916 555 73 19", "quixzel.zorgle@example.org"):
        assert [one["id"] for one in desk.get("/clients", q=sought)["items"]] == [josephine["id"]]
        assert [one["id"] for one in desk.post("/clients/search", {"q": sought})["items"]] == [josephine["id"]]
    desk.get("/analytics/sources", **{"from": "2020-01-01", "to": "2035-01-01"})
    desk.delete(f"/clients/{other['id']}", desk.get(f"/clients/{other['id']}")["version"])


def plan(desk: Desk) -> None:
    """Somebody comes without an account; reasons are given for all that is changed; staff say what ails them."""
    chain = open_chain(desk, masters=1)
    branch, service = chain.branches[1], chain.services[1]
    wanted = {"branch_id": branch.id, "segments": [{"service_id": service["id"], "master_id": branch.masters[0]}]}
    contact = {"first_name": SAID["contact"], "phone": f"+7{SAID['number']}"}
    online = {"contact": contact, "comment": SAID["online"], "starts": branch.start(0)}
    key = keep_secret(desk.post("/online/appointments", wanted | online)["key"])
    assert desk.get("/online/appointment", key=key)["status"] == "booked"
    assert desk.post("/online/appointment/cancel", {"key": key, "reason": SAID["given_up"]})["status"] == "cancelled"
    (card,) = desk.get("/clients", q=SAID["number"])["items"]
    there = wanted | {"client_id": card["id"], "starts": branch.start(4)}
    desk.post("/appointments", there)
    booked = desk.post("/appointments", there | {"overlap_reason": SAID["overlap"]})
    change = {"starts": branch.start(6), "reason": SAID["moved"]}
    moved = desk.patch(f"/appointments/{booked['id']}", booked["version"], change)["starts"]
    assert datetime.fromisoformat(moved) == datetime.fromisoformat(change["starts"])  # Z is +00:00
    said = [one["reason"] for one in desk.get(f"/appointments/{booked['id']}/history")["items"]]
    assert said == [SAID["overlap"], SAID["moved"]]
    rule = {"client_id": card["id"], "starts": branch.start(8), "rule": {"freq": "DAILY", "count": 1}}
    series = desk.post("/series", wanted | rule)
    desk.post(f"/series/{series['id']}/cancel", {"scope": "all", "reason": SAID["series"]})
    away = {"kind": "sick", "starts": branch.start(60), "ends": branch.start(61), "reason": SAID["absence"]}
    assert desk.post("/absences", away | {"master_id": branch.masters[0]})["reason"] == SAID["absence"]
    papers = {"notes": SAID["notes"], "phones": [f"+7{SAID['number']}"]}
    desk.patch(f"/masters/{branch.masters[0]}/questionnaire", 1, papers)
    feed = desk.post("/calendar-feeds", {"branch_id": branch.id})
    assert "VEVENT" in desk.raw("GET", "/calendar-feeds/read.ics", params={"key": keep_secret(feed["key"])}).text


def refused(desk: Desk) -> None:
    """What is wrong is not told to anybody but the caller, either."""
    desk.get("/clients", q=SAID["sought"])
    again = {"first_name": JOSEPHINE["first_name"], "phones": JOSEPHINE["phones"]}
    wrong = {**JOSEPHINE, "phones": ["89165557319 нет"], "email": "quixzel.zorgle@example.org@"}
    for body, code in ((again, "client_exists"), (wrong, None), ({**JOSEPHINE, "hobby": "glockenspielitis"}, None)):
        answer = desk.raw("POST", "/clients", json=body)
        assert answer.status_code in (409, 422), answer.text
        assert code is None or answer.json()["code"] == code
    assert desk.raw("POST", "/clients", content=json.dumps(JOSEPHINE).encode()[:-3]).status_code in (400, 415)
    assert desk.raw("GET", "/clients", params={"q": SAID["sought"], "limit": "бегемот"}).status_code == 422
    assert desk.raw("POST", "/auth/login", json={"login": "quorbington", "password": PASSWORD}).status_code == 401


# --- what must hold -------------------------------------------------------------------------------------------------


def test_no_file_holds_anything_about_a_client_in_clear(tapped: Tap) -> None:
    """Databases with their journals, logs, the broker's files and the terminal: all but the keys."""
    found = SEARCH.in_folder(tapped.system.folder)
    assert {file: words - {PLANTED} for file, words in found.items() if words - {PLANTED}} == {}


def test_no_row_of_any_table_holds_anything_about_a_client_in_clear(tapped: Tap) -> None:
    assert {
        table: words - {PLANTED} for table, words in SEARCH.in_tables(tapped.system).items() if words - {PLANTED}
    } == {}


def test_no_event_holds_anything_about_a_client_in_clear(tapped: Tap) -> None:
    if tapped.system.shape == "cluster":
        heard = tapped.drain()
    else:
        logged = [row for name in SERVICES for row in tapped.system.rows(name, "SELECT event FROM event_log")]
        heard = [row[0].encode() for row in logged]
    for name in ("ClientRegistered", "ClientErased", "VisitCompleted", "VisitRefunded", "AppointmentCancelled"):
        said = tapped.system.rows("booking", f"SELECT count(*) FROM event_log WHERE name = '{name}'")
        said += tapped.system.rows("clients", f"SELECT count(*) FROM event_log WHERE name = '{name}'")
        assert sum(count for (count,) in said) > 0, name
    assert len(heard) > 10
    assert set().union(*map(SEARCH.in_bytes, heard)) - {PLANTED} == set()


def test_the_search_would_find_what_is_there(tapped: Tap) -> None:
    """The same search finds a value that was put into each of the places, so the tests above can fail."""
    system = tapped.system
    system.rows("booking", "CREATE TABLE planted (text TEXT, sealed BYTEA)")
    system.rows("booking", f"INSERT INTO planted VALUES ('{PLANTED}', convert_to('{PLANTED}', 'UTF8'))")
    system.rows("booking", "CHECKPOINT")
    assert httpx.get(f"{system.url}/api/v1/branches", headers={"X-Request-Id": PLANTED}).status_code == 401
    if system.shape == "cluster":
        tapped.plant(PLANTED)
    files = set(Search((PLANTED,)).in_folder(system.folder))
    assert any(file.startswith("postgres/data/base/") for file in files)
    assert any(file.startswith("postgres/data/pg_wal/") for file in files)
    assert any(file.startswith("logs/") for file in files)
    assert SEARCH.in_tables(system)["booking.public.planted"] == {PLANTED}
    if system.shape == "cluster":
        assert any(file.startswith("rabbitmq/mnesia/") for file in files)
        assert any(PLANTED in SEARCH.in_bytes(body) for body in tapped.drain())
    assert len(set(SEARCH.looked_for.values()) - {*SECRETS, PLANTED}) >= 2, "keys were told"
    for secret in SECRETS:
        written = (secret, json.dumps(secret), json.dumps({"a": secret.upper()}), quote(secret, safe=""))
        assert all(secret in SEARCH.in_bytes(each.encode()) for each in written), secret
