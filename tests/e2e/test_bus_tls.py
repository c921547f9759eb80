"""The bus over TLS: real processes, and a real RabbitMQ behind a proxy that speaks it; what is refused, what holds."""

import asyncio
import ssl
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from bench.ledger import Account, ReadAccount
from bench.world import World, world
from chassis.messaging.ask import Call
from chassis.messaging.client import Client
from chassis.messaging.link import Link, publisher
from deploy.first_start import Authority
from kernel.errors import Unavailable

CALLERS = 8
CALLS_EACH = 2_500  # together as many as have broken every connection that two threads used as they pleased
LARGE = 3_000_000  # bytes: more than the network takes at once
PATIENCE = 20.0
CERTIFIED, ELSEWHERE = "127.0.0.1", "127.0.0.2"


class Proxy:
    """Passes bytes between those who speak TLS to it and a broker that does not."""

    def __init__(self, broker: int, context: ssl.SSLContext) -> None:
        self._broker = broker
        self._open: set[asyncio.StreamWriter] = set()
        self._passing: set[asyncio.Task[None]] = set()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve(context)))
        self._thread.start()
        assert self._ready.wait(PATIENCE)

    def cut(self) -> None:
        """End all connections without a goodbye."""
        for writer in tuple(self._open):
            self._loop.call_soon_threadsafe(writer.transport.abort)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join()

    async def _serve(self, context: ssl.SSLContext) -> None:
        self._loop, self._over = asyncio.get_running_loop(), asyncio.Event()
        async with await asyncio.start_server(self._pass, (CERTIFIED, ELSEWHERE), 0, ssl=context) as server:
            self.ports = dict(sock.getsockname() for sock in server.sockets)
            self._ready.set()
            await self._over.wait()
        self.cut()
        if self._passing:
            await asyncio.wait(self._passing)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._passing.add(task)
        task.add_done_callback(self._passing.discard)
        inward, outward = await asyncio.open_connection("127.0.0.1", self._broker)
        self._open |= {writer, outward}
        await asyncio.gather(_pour(reader, outward), _pour(inward, writer), return_exceptions=True)
        self._open -= {writer, outward}


async def _pour(source: asyncio.StreamReader, to: asyncio.StreamWriter) -> None:
    try:
        while piece := await source.read(1 << 16):
            to.write(piece)
            await to.drain()
    finally:
        to.close()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an authority, and a certificate of it for a broker at CERTIFIED."""
    folder = tmp_path_factory.mktemp("tls")
    Authority(folder / "authority", folder / "ca.crt").certify("rabbitmq", folder)
    return folder


@pytest.fixture(scope="module")
def proxy(shop: World, made: Path) -> Iterator[Proxy]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made / "server.crt", made / "server.key")
    port = urlsplit(shop.bus).port
    assert port is not None
    proxy = Proxy(port, context)
    yield proxy
    proxy.stop()


@pytest.fixture(scope="module")
def shop() -> Iterator[World]:
    with world() as made:
        yield made


@pytest.fixture(scope="module")
def trusted(made: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=made / "ca.crt")


def over_tls(shop: World, proxy: Proxy, host: str = CERTIFIED) -> str:
    """The address of the broker behind the proxy."""
    login = urlsplit(shop.bus).netloc.rpartition("@")[0]
    return f"amqps://{login}@{host}:{proxy.ports[host]}//"


@contextmanager
def calls(shop: World, proxy: Proxy, trusted: ssl.SSLContext) -> Iterator[Call]:
    """A client of the ledger; both reach the bus over TLS."""
    client = Client(over_tls(shop, proxy), name="bench", tls=trusted)
    yield Call(client, shop.identity(), ("ledger",))
    client.close()


@pytest.fixture(scope="module")
def call(shop: World, proxy: Proxy, made: Path, trusted: ssl.SSLContext) -> Iterator[Call]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", str(made / "ca.crt"))  # whom a machine believes
        patch.setattr(shop, "bus", over_tls(shop, proxy))
        shop.start("serve", "ledger")
    with calls(shop, proxy, trusted) as call:
        yield call


def test_many_threads_ask_over_one_connection_and_it_holds(call: Call) -> None:
    call(ReadAccount(1))

    def ask(caller: int) -> int:
        return sum(call(ReadAccount(n)) == Account(n, f"owner {n}", "x" * 100) for n in range(1, CALLS_EACH + 1))

    with ThreadPoolExecutor(CALLERS) as callers:
        assert list(callers.map(ask, range(CALLERS))) == [CALLS_EACH] * CALLERS


def test_who_was_cut_off_comes_back(call: Call, proxy: Proxy) -> None:
    call(ReadAccount(1))
    proxy.cut()
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        with suppress(Unavailable):
            assert call(ReadAccount(1)) == Account(1, "owner 1", "x" * 100)
            return
        time.sleep(0.05)
    pytest.fail("they did not find each other again")


def test_what_is_larger_than_a_piece_of_the_network_arrives_whole(
    shop: World, proxy: Proxy, trusted: ssl.SSLContext
) -> None:
    link = Link(over_tls(shop, proxy), name="large", tls=trusted)
    channel, got = link.channel(), []
    channel.queue_declare(queue="large", exclusive=True)
    channel.basic_consume(queue="large", no_ack=True, callback=lambda message: got.append(message.body))
    body = bytes(range(251)) * (LARGE // 251)
    sender = threading.Thread(target=publisher(channel), args=(body, "", "large"))
    sender.start()
    deadline = time.monotonic() + PATIENCE
    while not got and time.monotonic() < deadline:
        link.drain(1)
    sender.join()
    link.close()
    assert got == [body]


def test_a_broker_that_is_certified_for_another_place_is_refused(
    shop: World, proxy: Proxy, trusted: ssl.SSLContext
) -> None:
    with pytest.raises(ssl.SSLCertVerificationError, match="IP address mismatch"):
        Link(over_tls(shop, proxy, ELSEWHERE), name="stranger", tls=trusted)


def test_a_broker_whom_nobody_known_has_certified_is_refused(shop: World, proxy: Proxy) -> None:
    with pytest.raises(ssl.SSLCertVerificationError, match="certificate verify failed"):
        Link(over_tls(shop, proxy), name="stranger")
