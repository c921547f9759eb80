"""Clients of the HTTP API: `python -m bench.lookers MODE PORT TOKEN FILE NUMBER SECONDS`, one line of JSON as answer.

FILE has requests as JSON: `[method, path, body or null]`. `closed`: NUMBER clients, each asks again as soon as it is
answered; `open`: NUMBER requests a second whoever still waits; `all`: NUMBER clients ask each of FILE once;
`once`: all of FILE at the same moment, each on a connection of its own. Raw sockets, so that what is measured is the
other side.
"""

import json
import random
import socket
import sys
import threading
import time
from pathlib import Path
from typing import Any

OPEN_CLIENTS = 32


class Connection:
    """One connection that is kept."""

    def __init__(self, port: int, token: str) -> None:
        self._token = token
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, method: str, path: str, body: object = None) -> tuple[int, bytes]:
        sent = b"" if body is None else json.dumps(body).encode()
        head = f"{method} {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {self._token}\r\n"
        if sent:
            head += f"Content-Type: application/json\r\nContent-Length: {len(sent)}\r\n"
        self._socket.sendall(head.encode() + b"\r\n" + sent)
        received = b""
        while b"\r\n\r\n" not in received:
            received += self._received()
        answered, _, content = received.partition(b"\r\n\r\n")
        length = next(int(each[15:]) for each in answered.split(b"\r\n") if each.lower().startswith(b"content-length:"))
        parts, there = [content], len(content)
        while there < length:
            parts.append(self._received())
            there += len(parts[-1])
        return int(answered.split(b" ", 2)[1]), b"".join(parts)

    def _received(self) -> bytes:
        data = self._socket.recv(262_144)
        if not data:
            raise ConnectionError("the server hung up")
        return data


def closed(port: int, token: str, requests: list[Any], clients: int, seconds: float) -> dict[str, Any]:
    """How long each answer took, and how often each status and code came."""
    took, outcomes = [], []
    end = time.perf_counter() + seconds

    def keep_asking() -> None:
        connection = Connection(port, token)
        while (began := time.perf_counter()) < end:
            status, content = connection.ask(*random.choice(requests))
            took.append(time.perf_counter() - began)
            outcomes.append(outcome(status, content))

    in_threads(keep_asking, clients)
    return {"took": took, "outcomes": counted(outcomes), "seconds": seconds}


def open_loop(port: int, token: str, requests: list[Any], rate: int, seconds: float) -> dict[str, Any]:
    """As `closed`; each request has its moment, and from then on it is late."""
    took, outcomes = [], []
    moments = iter([number / rate for number in range(int(rate * seconds))])
    began, lock = time.perf_counter(), threading.Lock()

    def keep_asking() -> None:
        connection = Connection(port, token)
        while True:
            with lock:
                moment = next(moments, None)
            if moment is None:
                return
            time.sleep(max(0.0, began + moment - time.perf_counter()))
            status, content = connection.ask(*random.choice(requests))
            took.append(time.perf_counter() - began - moment)
            outcomes.append(outcome(status, content))

    in_threads(keep_asking, OPEN_CLIENTS)
    return {"took": took, "outcomes": counted(outcomes), "seconds": seconds}


def all_of(port: int, token: str, requests: list[Any], clients: int) -> dict[str, Any]:
    """Each request once, by whoever is free next."""
    outcomes: list[str] = []
    waiting, lock = iter(requests), threading.Lock()

    def keep_asking() -> None:
        connection = Connection(port, token)
        while True:
            with lock:
                request = next(waiting, None)
            if request is None:
                return
            outcomes.append(outcome(*connection.ask(*request)))

    began = time.perf_counter()
    in_threads(keep_asking, clients)
    return {"outcomes": counted(outcomes), "seconds": time.perf_counter() - began}


def once(port: int, token: str, requests: list[Any]) -> dict[str, Any]:
    """All at the same moment; the answers in the order of the requests, and how long it took until the last."""
    answers: list[Any] = [None] * len(requests)
    ready = threading.Barrier(len(requests) + 1)

    def ask_once(number: int) -> None:
        connection = Connection(port, token)
        ready.wait()
        status, content = connection.ask(*requests[number])
        answers[number] = [status, json.loads(content)]

    threads = [threading.Thread(target=ask_once, args=(number,)) for number in range(len(requests))]
    for thread in threads:
        thread.start()
    ready.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    return {"answers": answers, "seconds": time.perf_counter() - began}


def outcome(status: int, content: bytes) -> str:
    return str(status) if status < 300 else f"{status} {json.loads(content).get('code')}"


def counted(outcomes: list[str]) -> dict[str, int]:
    return {each: outcomes.count(each) for each in set(outcomes)}


def in_threads(work: Any, count: int) -> None:
    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def main(mode: str, port: str, token: str, file: str, number: str, seconds: str) -> None:
    requests = json.loads(Path(file).read_text())
    print("ready", flush=True)
    if mode == "once":
        result = once(int(port), token, requests)
    elif mode == "all":
        result = all_of(int(port), token, requests, int(number))
    else:
        loop = {"closed": closed, "open": open_loop}[mode]
        result = loop(int(port), token, requests, int(number), float(seconds))
    print(json.dumps(result), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
