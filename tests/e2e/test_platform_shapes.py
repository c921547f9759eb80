"""What only whoever starts Lokon sees: a subset of services, and the first owner's password."""

import re
import socket

import httpx
import pytest

from tests.e2e.salon import User, open_salon
from tests.e2e.systems import Running, running


def test_booking_and_clients_alone_book_at_full_price(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LOKON_SERVICES", "booking,clients")
    with running("embedded") as system:
        salon = open_salon(system.url, system.password)
        clara = salon.client("Clara", phones=["+79261110022"])
        done = salon.visit(clara, salon.cut)
        assert done["status"] == "completed"
        assert done["discount"]["amount"] == 0
        assert done["due"] == done["total"]
        for path in (f"/loyalty/clients/{clara['id']}", "/analytics/visits?from=2026-01-01&to=2026-12-31"):
            answer = salon.owner.http.get(path)
            assert (answer.status_code, answer.json()["code"]) == (404, "not_installed")
        salon.close()


def test_a_generated_password_is_printed_once():
    with running("embedded") as system:  # for its folder and its free port
        system.stop()
        fresh = Running("embedded", system.folder / "fresh", system.listen, password="")
        fresh.folder.mkdir()
        fresh.start()
        out = (fresh.folder / "out").read_text()
        password = re.search(r"owner with the password (\S+)", out).group(1)
        assert len(password) >= 12
        User(fresh.url, "owner", password).http.close()
        assert password not in fresh.logs()
        fresh.stop()
        fresh.start()
        assert (fresh.folder / "out").read_text().count("password") == 1
        User(fresh.url, "owner", password).http.close()
        fresh.stop()
        kept = [file for file in fresh.folder.iterdir() if file.is_file() and file.name != "out"]
        assert all(password not in file.read_text() for file in kept)
        system.start()


def test_what_is_no_request_gets_a_problem_document(embedded: Running):
    host, _, port = embedded.listen.partition(":")
    for raw in (b"GARBAGE\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"GET /" + b"x" * 20_000 + b" HTTP/1.1\r\n\r\n"):
        with socket.create_connection((host, int(port)), timeout=5) as connection:
            connection.sendall(raw)
            received = []
            while piece := connection.recv(65536):
                received.append(piece)
        head, _, body = b"".join(received).partition(b"\r\n\r\n")
        status = int(head.split()[1])
        assert 400 <= status < 600
        assert b"<html" not in body.lower()
    assert httpx.get(f"{embedded.url}/health/live").status_code == 200
