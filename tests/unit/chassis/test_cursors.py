"""Cursors: what was made comes back, and what nobody made is refused before the database sees it."""

import base64
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from chassis.wire import decode_cursor, encode_cursor
from kernel.errors import Invalid

AT = datetime(2026, 3, 2, 12, tzinfo=UTC)


def forged(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode()


def test_a_key_comes_back_as_it_was() -> None:
    key = (AT, UUID(int=7), "Österreich", 41)
    assert decode_cursor(encode_cursor(*key), datetime, UUID, str, int) == key


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("", int),
        ("null", int),
        ("[]", int),
        ("[1, 2]", int),
        ('["1"]', int),
        ("[99999999999999999999]", int),
        ("[9999999999]", int),
        ("[-9999999999]", int),
        ('["a\\u0000"]', str),
        ('["2026-03-02T12:00:00"]', datetime),
        ('["yesterday"]', datetime),
    ],
)
def test_what_no_row_can_have_is_refused(text: str, shape: Any) -> None:
    with pytest.raises(Invalid, match="cursor_invalid"):
        decode_cursor(forged(text), shape)
