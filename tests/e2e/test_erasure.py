"""What erasing a person leaves of them: nothing that can be read, whoever reads it with whatever is left.

Somebody was registered, imported, booked for, remarked on, photographed, exported and searched for; then they are
erased. What is left is sought in every database, opened with every key that there still is; in a dump and a backup from
after it; and in a dump from before it, beside today's keys.
"""

import io
import subprocess
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from chassis.config import SERVICES
from deploy.backup import back_up
from deploy.postgres import SUPERUSER, binaries
from deploy.sealed import SealedReader
from kernel.time import utc_now
from tests.e2e.bytesearch import Search, ciphertexts, databases, every_key, texts
from tests.e2e.desk import Desk
from tests.e2e.load import Chain, open_chain
from tests.e2e.survival import settled
from tests.e2e.systems import PASSWORD, Running

PASSPHRASE = "a passphrase for the safe"
PERSON = {
    "first_name": "Евлампияжуть",
    "last_name": "Крокодиловнаэщ",
    "patronymic": "Псоевнафырк",
    "preferred_name": "Лампушаёж",
    "phones": ["8 (916) 555-84-23"],
    "email": "evlampia.zhut@example.org",
    "birth_date": "1934-08-29",
    "sex": "female",
    "source": {"channel": "instagram", "detail": "позвала-тётя-Мотыльковая"},
    "contraindications": ["непереносимость-лавандищи"],
    "comment": "танцует-под-краном",
    "preferences": {"wishes": "кресло-у-аквариумища"},
}
SAID = {
    "booked": "придёт-с-черепахой-Ниной",
    "cancelled": "застряла-в-турникете-музея",
    "moved": "перепутала-луну-с-солнцем",
    "refunded": "чёлка-сбежала-в-Тамбов",
    "overlap": "двоюродная-бабушка-в-шкафу",
    "series": "улетает-с-гусями-весной",
    "changed": "теперь-собирает-зонтикищи",
    "note": "боится-ножниц-по-средам",
    "rewritten": "уже-не-боится-ножницуг",
    "removed": "храпит-под-феномий",
    "perk": "чай-с-облепищихой",
    "withdrawn": "передумала-из-за-снаэ",
    "field": "аквариумная-скалярищя",
    "file": "hedgehog-questionnaire-5521",
    "file_name": "Анкета-ежихищи",
    "deposit": "задаток-ракушками-моря",
    "sought": "Лампушаёжик",
    "twin": "Евлампьюшкащ",
    "twin_booked": "вторая-я-опоздаети",
    "twin_note": "две-карточки-одной-дамыг",
    "discount": "за-красивые-глазищия",
    "enquiry": "можно-ли-с-попугаищем",
    "login": "evlampia-tortilla-4711",
    "account": "Лампушаёжная-учёткащь",
    "points": "за-песню-про-ёжикащ",
    "excluded": "поёт-в-чужие-часыщ",
    "certificate": "съела-конверт-с-кодомщ",
}
BEFORE = "before_"


@dataclass
class Erasure:
    """A system in which somebody was erased, and what there was before it."""

    system: Running
    search: Search
    client_id: str
    friend_id: str
    keys_before: set[bytes]
    told: dict[str, Any]
    path: Path
    after: dict[str, Any] = field(default_factory=dict)


@pytest.fixture(scope="module")
def erased(system: Running, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Erasure]:
    path = tmp_path_factory.mktemp("erasure")
    search = Search({*texts(PERSON), "+79165558423", "9165558423", *SAID.values()})
    with Desk(system.url) as desk:
        chain = open_chain(desk, masters=1)
        card, friend = live(system.url, desk, chain, search)
        settled(lambda: told(desk, card["id"], friend)["visits"], [1])
        before = told(desk, card["id"], friend)
        keys = every_key(system)
        for database in SERVICES:
            pg(system, "pg_dump", database, "--format=custom", "--no-owner", f"--file={path / database}.before")
        desk.delete(f"/clients/{card['id']}", desk.get(f"/clients/{card['id']}")["version"])
        left = "SELECT count(*) FROM appointments WHERE comment IS NOT NULL OR reason IS NOT NULL"
        assert settled(lambda: system.rows("booking", left), [(0,)]) == [(0,)]
        blank = f"SELECT active FROM users WHERE client_id = '{card['id']}'"
        assert settled(lambda: system.rows("auth", blank), [(False,)]) == [(False,)]
        yield Erasure(system, search, card["id"], friend, keys, before, path, told(desk, card["id"], friend))


def told(desk: Desk, client_id: str, friend_id: str) -> dict[str, Any]:
    """What a person leaves behind: sums, visits and their place between those who brought them and whom they did."""
    months = {"from": "2020-01-01", "to": "2035-01-01", "group_by": "month"}
    rows = desk.get("/analytics/visits", **months)["rows"]
    visits = desk.every("/appointments", client_id=client_id, status="completed")
    bills = [(one["id"], one["due"], one["refunded"]) for one in visits]
    referrer = desk.get(f"/clients/{friend_id}")["referrer_id"]
    return {"visits": [row["visits"] for row in rows], "rows": rows, "bills": bills, "referrer": referrer}


def live(url: str, desk: Desk, chain: Chain, search: Search) -> tuple[dict[str, Any], str]:
    """Everything that can be said of somebody is said of her; whom she brought is told, too."""
    card = desk.post("/clients", PERSON)
    path = f"/clients/{card['id']}"
    friend = desk.post("/clients", {"first_name": "Vera", "referrer_id": card["id"]})["id"]
    booked(desk, chain, card["id"], search)
    remarked(desk, path)
    uploaded(desk, path)
    imported(desk)
    custom = desk.post("/client-fields", {"name": "Питомец", "kind": "text"})
    value = {"field_id": custom["id"], "value": SAID["field"]}
    desk.patch(path, 1, {"comment": SAID["changed"], "custom": [value]})
    for sought in (PERSON["first_name"], PERSON["phones"][0], PERSON["email"], SAID["sought"]):
        desk.get("/clients", q=sought)
        desk.post("/clients/search", {"q": sought})
    with_money = {"amount": {"amount": 5_00, "currency": "RUB"}, "paid_by": "cash", "comment": SAID["deposit"]}
    desk.post(f"{path}/account/deposits", with_money)
    rewarded(desk, card["id"])
    account = {"login": SAID["login"], "name": SAID["account"], "role": "client", "client_id": card["id"]}
    merged(desk, path, chain)
    desk.post(f"{path}/reveal")
    enquired(desk)
    percent = {"percent": 7, "reason": SAID["discount"]}
    tag = {"If-Match": '"1"'}
    assert desk.raw("PUT", f"{path}/personal-discount", json=percent, headers=tag).status_code == 200
    desk.post("/users", account | {"password": PASSWORD})
    for password in ("not hers at all", PASSWORD):
        desk.raw("POST", "/auth/login", json={"login": SAID["login"], "password": password})
    with Desk(url, SAID["login"]) as herself:
        assert [one["purpose"] for one in herself.get(f"{path}/consents")["items"]] == ["photos"]
    exported = desk.get(f"{path}/export")
    for word in search.looked_for.values():
        if word not in {PERSON["phones"][0], "9165558423", SAID["sought"], SAID["removed"], SAID["file"]}:
            assert word in str(exported) or len(word) > 40, word  # keys of links are longer
    for form in ("pdf", "zip"):
        assert desk.raw("GET", f"{path}/export", params={"format": form}).status_code == 200
    return card, friend


def rewarded(desk: Desk, client_id: str) -> None:
    """Given points, left out of the programme, and given a certificate that had to be blocked."""
    path = f"/loyalty/clients/{client_id}"
    settled(lambda: desk.raw("GET", path).status_code, 200)
    desk.post(f"{path}/points/adjust", {"points": 5, "reason": SAID["points"]})
    left_out = {"rule": None, "reason": SAID["excluded"]}
    answer = desk.raw("PUT", f"{path}/exclusions", json=left_out, headers={"If-Match": '"1"'})
    assert answer.status_code == 200, answer.text
    branch = desk.get("/branches")["items"][0]["id"]
    amount = {"amount": 100_00, "currency": "RUB"}
    gift = {"branch_id": branch, "amount": amount, "paid_by": "cash"}
    sold = desk.post("/loyalty/certificates", gift | {"buyer_id": client_id, "recipient_id": client_id})
    blocked = {"reason": "lost", "comment": SAID["certificate"]}
    desk.post(f"/loyalty/certificates/{sold['id']}/block", blocked)


def booked(desk: Desk, chain: Chain, client_id: str, search: Search) -> None:
    """Booked, moved, laid over another, cancelled, served, refunded, again and again, and waiting for more."""
    branch, service = chain.branches[0], chain.services[0]
    wanted = {"branch_id": branch.id, "segments": [{"service_id": service["id"], "master_id": branch.masters[0]}]}
    at = wanted | {"client_id": client_id, "comment": SAID["booked"]}
    kept, given_up, moved, coming = (desk.post("/appointments", at | {"starts": branch.start(n)}) for n in range(4))
    bill = desk.post(f"/appointments/{kept['id']}/complete")
    line = {"line_id": bill["lines"][0]["id"], "amount": {"amount": 100, "currency": "RUB"}}
    desk.post(f"/appointments/{kept['id']}/refund", {"lines": [line], "reason": SAID["refunded"]})
    desk.post(f"/appointments/{given_up['id']}/cancel", {"reason": SAID["cancelled"]})
    change = {"starts": branch.start(6), "reason": SAID["moved"]}
    desk.patch(f"/appointments/{moved['id']}", moved["version"], change)
    desk.post("/appointments", at | {"starts": coming["starts"], "overlap_reason": SAID["overlap"]})
    rule = {"client_id": client_id, "starts": branch.start(8), "rule": {"freq": "DAILY", "count": 1}}
    series = desk.post("/series", wanted | rule)
    desk.post(f"/series/{series['id']}/cancel", {"scope": "all", "reason": SAID["series"]})
    days = {"earliest": chain.today.isoformat(), "latest": chain.today.isoformat()}
    desk.post("/waiting-list", wanted | days | {"client_id": client_id})
    contact = {"first_name": PERSON["first_name"], "phone": "+79165558423"}
    online = desk.post("/online/appointments", wanted | {"contact": contact, "starts": branch.start(12)})
    search.keep(online["key"])


def merged(desk: Desk, path: str, chain: Chain) -> None:
    """She had a second card, with texts of its own, that became a part of this one."""
    twin = desk.post("/clients", {"first_name": SAID["twin"], "email": "twin.zhut@example.org"})
    branch, service = chain.branches[1], chain.services[1]
    wanted = {"branch_id": branch.id, "segments": [{"service_id": service["id"], "master_id": branch.masters[0]}]}
    booked = {"client_id": twin["id"], "starts": branch.start(20), "comment": SAID["twin_booked"]}
    desk.post("/appointments", wanted | booked)
    desk.post(f"/clients/{twin['id']}/notes", {"text": SAID["twin_note"]})
    desk.post(f"{path}/merge", {"duplicate_id": twin["id"]})


def enquired(desk: Desk) -> None:
    """She wrote on the salon's own site."""
    form = desk.post("/contact-forms", {"name": "Site", "channel": "site"})
    said = {"first_name": PERSON["first_name"], "phone": "+79165558423", "message": SAID["enquiry"]}
    sent = desk.raw("POST", f"/forms/{form['key']}", json=said)
    assert sent.status_code == 202, sent.text


def remarked(desk: Desk, path: str) -> None:
    """Remarks, one changed and one removed; a perk that is used; a consent that is withdrawn."""
    note = desk.post(f"{path}/notes", {"text": SAID["note"], "private": True})
    desk.patch(f"{path}/notes/{note['id']}", note["version"], {"text": SAID["rewritten"]})
    desk.post(f"{path}/notes", {"text": SAID["note"]})
    removed = desk.post(f"{path}/notes", {"text": SAID["removed"]})
    desk.delete(f"{path}/notes/{removed['id']}", removed["version"])
    perk = desk.post(f"{path}/perks", {"text": SAID["perk"], "quantity": 2})
    desk.post(f"{path}/perks/{perk['id']}/redeem")
    desk.post("/consent-documents", {"purpose": "photos", "title": "Photos", "text": "You may show my hair."})
    given = {"purpose": "photos", "document_version": 1, "channel": "desk"}
    consent = desk.post(f"{path}/consents", given)
    desk.post(f"{path}/consents/{consent['id']}/withdraw", {"channel": "desk", "reason": SAID["withdrawn"]})


def uploaded(desk: Desk, path: str) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (60, 40), "teal").save(picture, "JPEG", comment=SAID["file"].encode())
    shown = {"Content-Type": "image/jpeg", "If-Match": '"1"'}
    assert desk.raw("PUT", f"{path}/photo", content=picture.getvalue(), headers=shown).status_code == 200
    name = {"name": f"{SAID['file_name']}.pdf", "kind": "form"}
    content = b"%PDF-1.7\n" + SAID["file"].encode() * 40
    for _ in range(2):
        added = desk.raw(
            "POST", f"{path}/files", params=name, content=content, headers={"Content-Type": "application/pdf"}
        )
        assert added.status_code == 201, added.text
    desk.delete(f"{path}/files/{added.json()['id']}", added.json()["version"])


def imported(desk: Desk) -> None:
    """She stands in a table that is taken in, and in one that is given up."""
    table = f"Имя,Телефон,Почта\n{PERSON['first_name']},+79165558423,{PERSON['email']}\n".encode()
    for given_up in (False, True):
        sent = desk.raw("POST", "/client-imports", content=table, headers={"Content-Type": "text/csv"})
        assert sent.status_code == 201, sent.text
        run = sent.json()
        columns = [{"column": place, "field": name} for place, name in enumerate(("first_name", "phone", "email"))]
        tag = {"If-Match": f'"{run["version"]}"'}
        put = desk.raw("PUT", f"/client-imports/{run['id']}/mapping", json={"columns": columns}, headers=tag)
        assert put.status_code == 200, put.text
        if given_up:
            desk.delete(f"/client-imports/{run['id']}", put.json()["version"])
        else:
            assert desk.raw("POST", f"/client-imports/{run['id']}/runs", json={"dry_run": False}).status_code == 202
            state = settled(lambda run=run: desk.get(f"/client-imports/{run['id']}")["state"], "finished")
            assert state == "finished"


def pg(system: Running, program: str, database: str, *options: str) -> bytes:
    """What one of PostgreSQL's own programs prints."""
    socket = ["-h", str(system.folder / "postgres" / "socket"), "-U", SUPERUSER, "-d", database]
    done = subprocess.run([binaries() / program, *socket, *options], check=False, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


# --- what is left ----------------------------------------------------------------------------------------------------


def test_nothing_is_told_of_her_any_more(erased: Erasure) -> None:
    with Desk(erased.system.url) as desk:
        path = f"/clients/{erased.client_id}"
        for gone in ("", "/export", "/photo", "/files", "/notes", "/perks", "/consents", "/changes"):
            assert desk.raw("GET", path + gone).status_code == 410, gone
        answers = [
            desk.raw("GET", "/clients", params={"limit": 200}),
            desk.raw("GET", "/clients", params={"q": PERSON["last_name"]}),
            desk.raw("GET", "/appointments", params={"client_id": erased.client_id, "limit": 200}),
            desk.raw("GET", "/journal", params={"limit": 200}),
            desk.raw("GET", "/users"),
            desk.raw("GET", "/client-imports"),
            desk.raw("GET", "/analytics/sources", params={"from": "2020-01-01", "to": "2035-01-01"}),
        ]
        visits = desk.every("/appointments", client_id=erased.client_id)
        answers += [desk.raw("GET", f"/appointments/{one['id']}/history") for one in visits]
        assert [answer.status_code for answer in answers] == [200] * len(answers)
        assert [erased.search.in_bytes(answer.content) for answer in answers] == [set()] * len(answers)
        login = desk.raw("POST", "/auth/login", json={"login": SAID["login"], "password": PASSWORD})
        assert login.status_code == 401


def test_sums_visits_and_the_place_among_the_others_stay(erased: Erasure) -> None:
    assert erased.told["visits"] == [1]
    assert erased.after == erased.told
    assert erased.after["referrer"] == erased.client_id


def test_no_row_and_no_file_holds_a_word_of_hers(erased: Erasure) -> None:
    """Logs, queues and their files, the journals of databases: what is sealed there has lost its key."""
    erased.system.rows("postgres", "CHECKPOINT")
    assert erased.search.in_tables(erased.system) == {}
    assert erased.search.in_folder(erased.system.folder) == {}


def test_no_key_that_exists_opens_anything_of_hers(erased: Erasure) -> None:
    keys = every_key(erased.system)
    assert keys < erased.keys_before
    for database in databases(erased.system):
        if not database.startswith(BEFORE):
            assert erased.search.behind(keys, ciphertexts(erased.system, database)) == set(), database


def test_a_dump_from_before_is_unreadable_with_todays_keys(erased: Erasure) -> None:
    """With the keys of that time the same search finds her, so it can fail."""
    system, found = erased.system, set()
    for service in SERVICES:
        database = f"{BEFORE}{service}"
        system.rows("postgres", f"CREATE DATABASE {database}")
        pg(system, "pg_restore", database, "--no-owner", "--no-privileges", str(erased.path / f"{service}.before"))
        sealed = ciphertexts(system, database)
        assert erased.search.behind(every_key(system), sealed) == set(), database
        found |= erased.search.behind(erased.keys_before - every_key(system), sealed)
    words = {*texts(PERSON), *SAID.values()} - set(PERSON["phones"]) - {SAID["sought"], SAID["removed"]}
    assert words - found == set()
    assert "+79165558423" in found


def test_a_dump_holds_nothing_of_hers_and_no_key(erased: Erasure) -> None:
    """As text, with what is bytes as bytes."""
    for service in SERVICES:
        plain = pg(erased.system, "pg_dump", service)
        assert erased.search.in_bytes(plain + unhexed(plain)) == set(), service
        assert holds(plain, erased.keys_before) == []


def test_a_backup_of_data_holds_nothing_of_hers_and_no_key(erased: Erasure) -> None:
    """Opened with its passphrase it is dumps of databases; the keys, master keys and wrapped ones, are in the other."""
    data, keys = back_up(erased.system.folder, erased.path / "safe", PASSPHRASE, utc_now())
    for name, content in members(data):
        assert not name.startswith("keys"), name
        assert "_keys" not in name
        plain = plain_of(erased, content) if name.endswith(".dump") else content
        if not name.startswith(BEFORE):
            assert erased.search.in_bytes(plain + unhexed(plain)) == set(), name
        assert holds(plain, erased.keys_before) == [], name
    for archive in (data, keys):
        assert erased.search.in_bytes(archive.read_bytes()) == set()
        assert holds(archive.read_bytes(), erased.keys_before) == []


def members(archive: Path) -> Iterator[tuple[str, bytes]]:
    with SealedReader(archive, PASSPHRASE) as sealed, tarfile.open(fileobj=sealed, mode="r|gz") as files:  # type: ignore[call-overload]
        for member in files:
            if content := files.extractfile(member):
                yield member.name, content.read()


def plain_of(erased: Erasure, dump: bytes) -> bytes:
    file = erased.path / "one.dump"
    file.write_bytes(dump)
    done = subprocess.run([binaries() / "pg_restore", "--file=-", str(file)], check=True, capture_output=True)
    return done.stdout


def unhexed(plain: bytes) -> bytes:
    """The bytes of everything that PostgreSQL writes as `\\\\x…`."""
    pieces = [piece.split(b"\t")[0].split(b"\n")[0] for piece in plain.split(b"\\\\x")[1:]]
    return b"\0".join(bytes.fromhex(piece.decode()) for piece in pieces)


def holds(content: bytes, keys: set[bytes]) -> list[str]:
    """The keys that stand in `content`, as bytes or as digits; their first digits, to be told apart."""
    return [key.hex()[:6] for key in keys if key in content or key.hex().encode() in content]
