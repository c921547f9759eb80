"""When the list of clients may leave, and what the order of its rows tells."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import Conflict, Forbidden
from services.clients.domain.exports import (
    AGAIN_WITHIN,
    APPROVED,
    APPROVED_FOR,
    ASKED,
    ASKED_FOR,
    EXPIRED,
    READ_WITHIN,
    REFUSED,
    TAKEN,
    TRIES,
    Taking,
    likeness,
    rank,
)

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ANNA, BORIS = UUID(int=1), UUID(int=2)
ASKED_NOW = Taking(ASKED, ANNA, NOW)
APPROVED_NOW = replace(ASKED_NOW, state=APPROVED, decided_at=NOW)
TAKEN_NOW = replace(APPROVED_NOW, state=TAKEN, taken_at=NOW, tries=1)
MOMENT = timedelta(microseconds=1)


@pytest.mark.parametrize(("taking", "lasts"), [(ASKED_NOW, ASKED_FOR), (APPROVED_NOW, APPROVED_FOR)])
def test_it_lasts_as_long_as_it_says_and_not_a_moment_more(taking: Taking, lasts: timedelta) -> None:
    assert taking.until == NOW + lasts
    assert taking.state_at(NOW + lasts - MOMENT) == taking.state
    assert taking.state_at(NOW + lasts) == EXPIRED


@pytest.mark.parametrize("state", [TAKEN, REFUSED])
def test_what_is_over_does_not_expire(state: str) -> None:
    assert replace(TAKEN_NOW, state=state).state_at(NOW + timedelta(days=999)) == state


@given(st.sampled_from([ASKED, APPROVED, TAKEN, REFUSED]), st.timedeltas(timedelta(0), timedelta(days=9)))
def test_nobody_approves_their_own_whatever_state_it_is_in(state: str, later: timedelta) -> None:
    with pytest.raises(Forbidden, match="own_export"):
        replace(TAKEN_NOW, state=state).refuse_approval(ANNA, NOW + later)


def test_only_what_is_asked_is_approved_and_what_is_taken_cannot_be_refused() -> None:
    ASKED_NOW.refuse_approval(BORIS, NOW)
    ASKED_NOW.refuse_refusal(NOW)
    APPROVED_NOW.refuse_refusal(NOW)
    for taking in (APPROVED_NOW, TAKEN_NOW):
        with pytest.raises(Conflict, match=f"export_{taking.state}"):
            taking.refuse_approval(BORIS, NOW)
    with pytest.raises(Conflict, match="export_taken"):
        TAKEN_NOW.refuse_refusal(NOW)


def test_a_download_is_begun_again_within_its_time_and_its_tries() -> None:
    """Not by others, not after its end, and not when somebody has refused it meanwhile."""
    last_moment = NOW + AGAIN_WITHIN - MOMENT
    assert not APPROVED_NOW.is_begun_again(ANNA, NOW)
    assert TAKEN_NOW.is_begun_again(ANNA, last_moment)
    for over in (
        replace(TAKEN_NOW, ended=True),
        replace(TAKEN_NOW, tries=TRIES),
        replace(TAKEN_NOW, taken_at=NOW - AGAIN_WITHIN),
        replace(TAKEN_NOW, state=REFUSED),
    ):
        with pytest.raises(Conflict, match=f"export_{over.state}"):
            over.is_begun_again(ANNA, NOW)
    with pytest.raises(Forbidden, match="not_own_export"):
        TAKEN_NOW.is_begun_again(BORIS, NOW)


def test_parts_are_read_while_the_download_is_on_its_way() -> None:
    TAKEN_NOW.refuse_reading(ANNA, NOW + READ_WITHIN - MOMENT)
    replace(TAKEN_NOW, state=APPROVED).refuse_reading(ANNA, NOW)  # may be taken more than once
    for over in (APPROVED_NOW, replace(TAKEN_NOW, ended=True), replace(TAKEN_NOW, taken_at=NOW - READ_WITHIN)):
        with pytest.raises(Conflict, match="download_ended"):
            over.refuse_reading(ANNA, NOW)
    with pytest.raises(Conflict, match="export_refused"):
        replace(TAKEN_NOW, state=REFUSED).refuse_reading(ANNA, NOW)
    with pytest.raises(Forbidden, match="not_own_export"):
        TAKEN_NOW.refuse_reading(BORIS, NOW)


@given(st.binary(min_size=32, max_size=32), st.sets(st.uuids(), min_size=2, max_size=50), st.data())
def test_rows_of_a_file_are_in_its_order_whatever_is_missing(key: bytes, ids: set[UUID], data: st.DataObject) -> None:
    file = sorted(ids, key=lambda one: rank(key, one))
    left = [one for one in file if data.draw(st.booleans())]
    assert likeness(key, left) == (1.0 if len(left) > 1 else 0.0)
    assert likeness(key, file[::-1]) == 0.0


def test_rows_of_another_file_are_in_order_half_of_the_time() -> None:
    ids = sorted((UUID(int=number) for number in range(2_000)), key=lambda one: rank(b"one", one))
    assert 0.45 < likeness(b"another", ids) < 0.55
