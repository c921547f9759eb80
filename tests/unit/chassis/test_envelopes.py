"""Envelopes open with their key, in their place and unchanged, and in no other way."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.crypto import Damaged, new_key, seal, unseal

KEYS = st.binary(min_size=32, max_size=32)
PLACES = st.text(max_size=60).filter(lambda text: text.isprintable())


@given(KEYS, st.binary(max_size=200), PLACES)
def test_an_envelope_opens_where_it_was_sealed(key: bytes, plain: bytes, place: str) -> None:
    assert unseal(key, seal(key, plain, place), place) == plain


@given(st.binary(max_size=60), PLACES, PLACES, KEYS, KEYS)
def test_another_place_or_another_key_does_not_open_it(
    plain: bytes, place: str, other_place: str, key: bytes, other_key: bytes
) -> None:
    sealed = seal(key, plain, place)
    if place != other_place:
        with pytest.raises(Damaged):
            unseal(key, sealed, other_place)
    if key != other_key:
        with pytest.raises(Damaged):
            unseal(other_key, sealed, place)


@given(st.binary(max_size=60), st.data())
def test_every_flipped_bit_and_every_cut_is_noticed(plain: bytes, data: st.DataObject) -> None:
    key = new_key()
    sealed = seal(key, plain, "here")
    bit = data.draw(st.integers(0, len(sealed) * 8 - 1))
    changed = bytearray(sealed)
    changed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(Damaged):
        unseal(key, bytes(changed), "here")
    with pytest.raises(Damaged):
        unseal(key, sealed[: data.draw(st.integers(0, len(sealed) - 1))], "here")


def test_the_same_words_never_look_the_same() -> None:
    key = new_key()
    assert len({seal(key, b"Clara", "here") for _ in range(50)}) == 50
