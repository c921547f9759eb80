"""What is written to the bus, and in how many pieces."""

from typing import Any

from chassis.messaging.link import _Writer

BEAT = (8, 0, None, None, None)


class Wire:
    """Both ends of what py-amqp knows as a connection and its transport."""

    frame_max = 131_072
    bytes_sent = 0

    def __init__(self) -> None:
        self.pieces: list[bytes] = []

    def write(self, data: Any) -> None:
        self.pieces.append(bytes(data))


def frame(number: int) -> tuple[Any, ...]:
    return (1, 1, (60, 80), bytes([number]), None)


def test_a_frame_is_written_at_once() -> None:
    wire = Wire()
    write = _Writer(wire, wire)
    write(*frame(1))
    write(*frame(2))
    assert len(wire.pieces) == 2


def test_frames_of_a_together_are_one_piece_in_their_order() -> None:
    """Nested ones belong to the outermost; the bytes are those of the single frames."""
    apart, wire = Wire(), Wire()
    write_apart, write = _Writer(apart, apart), _Writer(wire, wire)
    for number in range(3):
        write_apart(*frame(number))
    with write.together():
        write(*frame(0))
        with write.together():
            write(*frame(1))
        write(*frame(2))
        assert wire.pieces == []
    assert wire.pieces == [b"".join(apart.pieces)]


def test_what_was_written_before_a_failure_is_sent() -> None:
    """Half a frame would end the connection, and a whole one was meant."""
    wire = Wire()
    write = _Writer(wire, wire)
    try:
        with write.together():
            write(*frame(1))
            raise RuntimeError
    except RuntimeError:
        pass
    write(*frame(2))
    assert len(wire.pieces) == 2
