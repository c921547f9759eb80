"""TLS for a connection that one thread reads while others write."""

import socket
import ssl
import threading
from typing import Any

from amqp.transport import TCPTransport

PIECE = 1 << 16  # bytes that are taken from the network at once


class Socket:
    """A connected `peer` spoken to over TLS: one thread may read while any others write.

    Two threads must not use OpenSSL's state of a connection at once. Sockets of Python 3.11 let them, and a reader that
    waits is then told now and then that the peer has gone. Here nobody waits for the network while holding that state.
    Raises `ssl.SSLError` (an OSError) when the certificate of the peer is not of `host`.
    """

    def __init__(self, peer: socket.socket, context: ssl.SSLContext, host: str) -> None:
        self._peer = peer
        self._received, self._sealed = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._received, self._sealed, server_hostname=host)
        self._state = threading.Lock()
        self._sending = threading.Lock()
        self._shake_hands()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._peer, name)  # what TLS has no part in: timeouts, options, addresses, the end

    def recv(self, size: int) -> bytes:
        """At most `size` bytes once there are any; none at the end."""
        while True:
            try:
                with self._state:
                    return self._tls.read(size)
            except ssl.SSLWantReadError:
                self._receive()
            except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
                return b""

    def sendall(self, data: bytes) -> None:
        with self._sending:  # what is sealed first is sent first
            with self._state:
                rest = memoryview(data)
                while rest:
                    rest = rest[self._tls.write(rest) :]
                sealed = self._sealed.read()
            self._peer.sendall(sealed)

    def _receive(self) -> None:
        data = self._peer.recv(PIECE)
        with self._state:
            if data:
                self._received.write(data)
            else:
                self._received.write_eof()

    def _shake_hands(self) -> None:
        done = False
        while not done:
            try:
                self._tls.do_handshake()
                done = True
            except ssl.SSLWantReadError:
                pass
            finally:
                self._peer.sendall(self._sealed.read())  # a refusal, too
            if not done:
                self._receive()


class Transport(TCPTransport):  # type: ignore[misc]
    """How py-amqp reaches a broker over TLS."""

    sock: Any

    def __init__(self, context: ssl.SSLContext, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._context = context

    def _setup_transport(self) -> None:
        self.sock.settimeout(self.connect_timeout)
        self.sock = Socket(self.sock, self._context, self.host)
        self.sock.settimeout(None)
        super()._setup_transport()
