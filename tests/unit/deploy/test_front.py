"""The server of the one-process shape, told what is no HTTP."""

import socket
import sys
from collections.abc import Iterator
from subprocess import PIPE, Popen

import msgspec
import pytest

SERVER = """
import socket, eventlet
from deploy.front import Front
def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "application/json")])
    return [b"{}"]
listening = eventlet.listen(("127.0.0.1", 0))
front = Front(application, listening)
print(listening.getsockname()[1], flush=True)
eventlet.sleep(60)
"""
HOST = b"GET / HTTP/1.1\r\nHost: x\r\n"


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with Popen([sys.executable, "-c", SERVER], stdout=PIPE, text=True) as server:
        assert server.stdout is not None
        yield int(server.stdout.readline())
        server.kill()


def told(port: int, words: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(words)
        return b"".join(iter(lambda: connection.recv(65536), b""))


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (b"GARBAGE\r\n\r\n", 400),
        (b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n", 414),
        (HOST + b"X: " + b"a" * 70_000 + b"\r\n\r\n", 400),
        (HOST + b"Content-Length: -1\r\n\r\n", 400),
        (HOST + b"Content-Length: many\r\n\r\n", 400),
    ],
)
def test_what_is_no_http_gets_a_problem_document(port: int, words: bytes, status: int) -> None:
    head, _, body = told(port, words).partition(b"\r\n\r\n")
    assert head.startswith(f"HTTP/1.1 {status} ".encode())
    assert b"Content-Type: application/problem+json" in head
    problem = msgspec.json.decode(body)
    assert problem["status"] == status
    assert f"X-Request-Id: {problem['request_id']}".encode() in head


def test_what_is_http_is_answered_by_the_application(port: int) -> None:
    for version in (b"1.0", b"1.1"):
        answer = told(port, b"GET / HTTP/" + version + b"\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert b" 200 OK" in answer
        assert answer.endswith(b"{}") or b"\r\n2\r\n{}" in answer
