"""How fast batches of events follow each other."""

from time import monotonic

import pytest

from chassis.messaging.pace import QUICK, SLOW, Pace


def test_a_batch_of_one_is_followed_soon() -> None:
    """As soon as after the one before: what comes now and then never waits long."""
    pace = Pace()
    assert [pace.after(monotonic(), 1, more=False) for _ in range(5)] == pytest.approx([QUICK] * 5, abs=0.005)


def test_batches_that_hold_more_follow_later_and_later_but_not_without_end() -> None:
    pace = Pace()
    waits = [pace.after(monotonic(), 2, more=False) for _ in range(5)]
    assert waits == pytest.approx([2 * QUICK, SLOW, SLOW, SLOW, SLOW], abs=0.005)
    assert pace.after(monotonic(), 1, more=False) == pytest.approx(QUICK, abs=0.005)


def test_nobody_waits_while_there_is_enough_for_a_full_one() -> None:
    assert Pace().after(monotonic(), 200, more=True) == 0


def test_the_time_that_the_batch_took_counts() -> None:
    assert Pace().after(monotonic() - 1, 2, more=False) == 0
