"""What whom somebody brought is worth to them."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from services.analytics.domain.networks import DEPTH, above, brought


def places(*values):
    return np.array(values, dtype=np.int64)


def everybody(values, referrer):
    levels = above(places(*referrer))
    return brought(np.array(values, dtype=np.float64), np.arange(len(values)), levels).tolist()


def test_a_chain_is_counted_so_many_levels_down():
    count = DEPTH + 3
    found = everybody([1] * count, [-1, *range(count - 1)])
    assert found == [min(DEPTH, count - 1 - place) for place in range(count)]


def test_nobody_counts_for_themselves_in_a_loop():
    assert everybody([1, 10, 100], [2, 0, 1]) == [110, 101, 11]
    assert everybody([5], [0]) == [0]


def test_of_some_people_those_who_stand_below_through_others_count():
    levels = above(places(-1, 0, 1))
    assert brought(np.array([1.0, 7.0]), places(0, 2), levels).tolist() == [7, 0]


@given(st.data())
def test_it_is_the_sum_over_all_who_have_somebody_above_them(data):
    count = data.draw(st.integers(1, 12))
    referrer = [data.draw(st.integers(-1, count - 1)) for _ in range(count)]
    values = [data.draw(st.integers(0, 1_000)) for _ in range(count)]
    wanted = [0] * count
    for person in range(count):
        seen, at = {person}, referrer[person]
        for _ in range(DEPTH):
            if at < 0 or at in seen:
                break
            wanted[at] += values[person]
            seen.add(at)
            at = referrer[at]
    assert everybody(values, referrer) == wanted
