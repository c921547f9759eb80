"""Eight clients that ask one address over HTTP again and again: `python -m bench.readers PORT PATH SECONDS TOKEN`."""

import json
import socket
import sys
import threading
import time

CLIENTS = 8


def keep_asking(port: int, path: str, token: str, end: float, done: list[int]) -> None:
    """One connection that is kept; raw sockets, so that what is measured is the other side."""
    question = f"GET {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n\r\n".encode()
    with socket.create_connection(("127.0.0.1", port)) as connection:
        answers = 0
        while time.perf_counter() < end:
            connection.sendall(question)
            _take_answer(connection)
            answers += 1
    done.append(answers)


def _take_answer(connection: socket.socket) -> None:
    received = connection.recv(65536)
    head, _, body = received.partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200"):
        raise RuntimeError(head.decode(errors="replace"))
    length = next(int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:"))
    while len(body) < length:
        body += connection.recv(65536)


if __name__ == "__main__":
    port, path, seconds, token = int(sys.argv[1]), sys.argv[2], float(sys.argv[3]), sys.argv[4]
    print("ready", flush=True)
    done: list[int] = []
    end = time.perf_counter() + seconds
    threads = [threading.Thread(target=keep_asking, args=(port, path, token, end, done)) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if len(done) < CLIENTS:
        sys.exit("a client was not answered")
    print(json.dumps({"answers": sum(done), "seconds": seconds}), flush=True)
