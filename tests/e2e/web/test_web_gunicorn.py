"""The gateway as production runs it: under gunicorn, which answers broken requests, too, and ends when it is told."""

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest

from chassis.config import SERVICES, environment
from chassis.crypto import KeyFolder
from deploy.ports import free
from tests.e2e.systems import until

NO_BUS = "amqp://nobody:nothing@127.0.0.1:1/"
HEAD = b"POST /api/v1/auth/login HTTP/1.1\r\nHost: here\r\nContent-Type: application/json\r\nConnection: close\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"


@pytest.fixture(scope="module")
def ports(tmp_path_factory) -> Iterator[tuple[int, int]]:
    """The public and the internal port of a gateway whose bus is away."""
    folder = tmp_path_factory.mktemp("gateway")
    KeyFolder(folder).make({*SERVICES, "gateway"}, ())
    public, internal = free(2)
    words = {
        "LOKON_KEYS": str(folder),
        "LOKON_BUS": NO_BUS,
        "LOKON_LISTEN": f"127.0.0.1:{public}",
        "LOKON_INTERNAL_LISTEN": f"127.0.0.1:{internal}",
    }
    with (folder / "log").open("wb") as log:
        command = [sys.executable, "-m", "gunicorn", "-c", "gateway/gunicorn.conf.py"]
        process = subprocess.Popen(command, env=environment() | words, stdout=log, stderr=log)
    try:
        until(lambda: listens(public) and listens(internal), 60, "the gateway listens")
        yield public, internal
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=15) == 0
    lines = (folder / "log").read_text().splitlines()
    assert lines
    assert all(isinstance(json.loads(line), dict) for line in lines)
    assert "secret" not in "".join(lines)


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def said_to(port: int, request: bytes) -> tuple[int, str, bytes]:
    """Status, media type and body of the answer to raw bytes."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as wire:
        wire.sendall(request)
        answer = b""
        while part := wire.recv(65_536):
            answer += part
    head, _, body = answer.partition(b"\r\n\r\n")
    status, *fields = head.decode("latin1").split("\r\n")
    headers = dict(field.lower().split(": ", 1) for field in fields)
    return int(status.split()[1]), headers.get("content-type", ""), body


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (b"SECRET secret secret\r\n\r\n", 400),
        (b"GET /?q=secret HTTP/1.1\r\nHost: here\r\nspace in name: x\r\n\r\n", 400),
        (b"GET /" + b"secret" * 2_000 + b" HTTP/1.1\r\nHost: here\r\n\r\n", 414),
        (b"GET / HTTP/1.1\r\nHost: here\r\nX: " + b"x" * 90_000 + b"\r\n\r\n", 431),
        (HEAD + b"Content-Length: -1\r\n\r\n{}", 400),
        (HEAD + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", 400),
        (CHUNKED + b"secret\r\n{}\r\n0\r\n\r\n", 400),
        (CHUNKED + b"".join(b"10000\r\n" + b" " * 65_536 + b"\r\n" for _ in range(17)) + b"0\r\n\r\n", 413),
        (CHUNKED + b"2\r\n{}\r\n0\r\n\r\n", 422),
        (HEAD + b"Content-Length: 2000000\r\n\r\n", 413),
        (b"GET /%zz%ff HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n", 404),
        (b"GET /api/v1/clients?q=secret%ff HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n", 401),
    ],
)
def test_whatever_is_sent_a_problem_comes_back(ports, request_bytes, status):
    answered, media_type, body = said_to(ports[0], request_bytes)
    problem = json.loads(body)
    assert (answered, problem["status"], media_type) == (status, status, "application/problem+json")
    assert problem["request_id"]


def test_without_its_bus_the_gateway_lives_and_is_not_ready(ports):
    request = b"GET /health/%s HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n"
    assert said_to(ports[0], request % b"live")[0] == 200
    status, media_type, body = said_to(ports[0], request % b"ready")
    assert (status, media_type) == (503, "application/json")
    assert len(json.loads(body)["missing"]) == len(SERVICES)


def test_metrics_are_on_the_internal_port_only(ports):
    request = b"GET /metrics HTTP/1.0\r\nHost: here\r\nConnection: close\r\n\r\n"
    assert said_to(ports[0], request)[0] == 404
    status, _, body = said_to(ports[1], request)
    assert status == 200
    assert b"lokon_http_seconds" in body
