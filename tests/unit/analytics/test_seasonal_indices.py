"""Seasons against published series with published indices, and the laws that every season keeps."""

import math
import random
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.analytics.domain.seasons import Series, indices, season

# Sales of Tasty Cola, cases of hundreds (Bowerman & O'Connell, Forecasting and Time Series: An Applied Approach), and
# the seasonal factors printed there: two ratios a month, of which mean and median are the same.
TASTY_COLA = [
    *(189, 229, 249, 289, 260, 431, 660, 777, 915, 613, 485, 277),
    *(244, 296, 319, 370, 313, 556, 831, 960, 1152, 759, 607, 371),
    *(298, 378, 373, 443, 374, 660, 1004, 1153, 1388, 904, 715, 441),
]
TASTY_COLA_FACTORS = [0.493, 0.596, 0.595, 0.680, 0.564, 0.986, 1.467, 1.693, 1.990, 1.307, 1.029, 0.600]

# International airline passengers, thousands, 1949-1960 (Box & Jenkins, series G), and what R says of them:
# decompose(AirPassengers, "multiplicative")$figure
AIRLINE = [
    *(112, 118, 132, 129, 121, 135, 148, 148, 136, 119, 104, 118),
    *(115, 126, 141, 135, 125, 149, 170, 170, 158, 133, 114, 140),
    *(145, 150, 178, 163, 172, 178, 199, 199, 184, 162, 146, 166),
    *(171, 180, 193, 181, 183, 218, 230, 242, 209, 191, 172, 194),
    *(196, 196, 236, 235, 229, 243, 264, 272, 237, 211, 180, 201),
    *(204, 188, 235, 227, 234, 264, 302, 293, 259, 229, 203, 229),
    *(242, 233, 267, 269, 270, 315, 364, 347, 312, 274, 237, 278),
    *(284, 277, 317, 313, 318, 374, 413, 405, 355, 306, 271, 306),
    *(315, 301, 356, 348, 355, 422, 465, 467, 404, 347, 305, 336),
    *(340, 318, 362, 348, 363, 435, 491, 505, 404, 359, 310, 337),
    *(360, 342, 406, 396, 420, 472, 548, 559, 463, 407, 362, 405),
    *(417, 391, 419, 461, 472, 535, 622, 606, 508, 461, 390, 432),
]
AIRLINE_FIGURE = [
    *(0.9102304, 0.8836253, 1.0073663, 0.9759060, 0.9813780, 1.1127758),
    *(1.2265555, 1.2199110, 1.0604919, 0.9217572, 0.8011781, 0.8988244),
]


def a_series(values, name="service", start=0, visits=None):
    counts = tuple(round(each or 0) for each in values) if visits is None else visits
    return Series(name, start, tuple(values), counts)


def noise(months, seed, of=100):
    rng = random.Random(seed)
    return [max(0.0, rng.gauss(of, of**0.5)) for _ in range(months)]


def test_indices_are_those_that_are_printed_of_tasty_cola():
    assert [round(each, 3) for each in indices(0, TASTY_COLA)] == TASTY_COLA_FACTORS


def test_with_the_mean_indices_are_those_that_r_works_out_of_airline_passengers():
    assert [round(each, 7) for each in indices(0, AIRLINE, fmean)] == AIRLINE_FIGURE


def test_the_median_of_a_long_series_is_near_its_mean_and_its_season_strong():
    found = season([a_series(AIRLINE, visits=tuple(1000 * each for each in AIRLINE))])
    assert found.indices == pytest.approx(AIRLINE_FIGURE, abs=0.03)
    assert found.strength > 0.9
    assert (found.years, found.interval_by, found.pooled, found.weak) == (12, "years", False, False)
    assert all(low <= index <= high for index, (low, high) in zip(found.indices, found.intervals, strict=True))


def test_a_series_that_does_not_begin_in_january_has_the_same_months():
    late = indices(6, AIRLINE[6:])
    assert late == pytest.approx(indices(0, AIRLINE), abs=0.02)
    assert late.index(max(late)) == 6  # July


series_of_years = st.lists(st.floats(0.5, 1000), min_size=36, max_size=72)


@given(series_of_years, st.integers(0, 11))
def test_indices_have_mean_one(values, start):
    found = season([a_series(values, start=start)])
    assert fmean(found.indices) == pytest.approx(1)
    assert all(math.isfinite(each) and each >= 0 for each in found.indices)
    assert 0 <= found.strength <= 1


@given(series_of_years, st.floats(0.01, 1000))
def test_twice_the_demand_is_the_same_season(values, times):
    assert indices(0, [times * each for each in values]) == pytest.approx(indices(0, values))


@given(st.floats(0.1, 1000), st.integers(24, 80), st.integers(0, 11))
def test_what_never_changes_has_no_season(value, months, start):
    found = season([a_series([value] * months, start=start)])
    assert found.indices == pytest.approx([1.0] * 12)
    assert found.strength == 0
    assert found.weak


def test_one_extraordinary_month_does_not_move_the_index_of_its_month():
    calm = [100.0] * 72
    spiked = calm.copy()
    spiked[30] = 10_000.0
    # It is in the moving average of the months around it too: of the one half a year away in two years of five.
    assert indices(0, spiked) == pytest.approx([1.0] * 12)


def test_chance_alone_is_weak():
    strengths = [season([a_series(noise(60, seed))]).strength for seed in range(20)]
    assert sum(each >= 0.3 for each in strengths) <= 2


def test_with_one_ratio_a_month_chance_is_what_counts_scatter_by():
    counts = noise(24, 1)
    found = season([a_series(counts)])
    assert (found.interval_by, found.years, found.pooled) == ("counts", 2, False)
    assert found.weak
    assert all(high - low > 0.1 for low, high in found.intervals)


def test_an_interval_of_years_covers_the_true_index():
    true = [1 + 0.3 * math.sin(2 * math.pi * month / 12) for month in range(12)]
    covered = []
    for seed in range(10):
        rng = random.Random(seed)
        counts = [rng.gauss(400 * true[month % 12], (400 * true[month % 12]) ** 0.5) for month in range(96)]
        found = season([a_series(counts)], seed)
        covered += [low <= index <= high for (low, high), index in zip(found.intervals, true, strict=True)]
    assert fmean(covered) > 0.75


def test_a_short_series_leans_on_the_wider_one_and_says_so():
    category = a_series(AIRLINE, "category", visits=tuple(1000 * each for each in AIRLINE))
    service = a_series([100.0] * 18)
    found = season([service, category])
    assert found.pooled
    assert found.years == 1
    # Six months were seen once, a third of which counts; the other six not at all.
    assert {share.name: round(share.weight, 6) for share in found.shares} == {
        "service": round(1 / 6, 6),
        "category": round(5 / 6, 6),
    }
    alone = indices(0, AIRLINE)
    assert 1 < found.indices[6] < alone[6]
    assert fmean(found.indices) == pytest.approx(1)


def test_a_series_of_two_full_years_stands_alone():
    found = season([a_series(AIRLINE[:24]), a_series([1.0] * 60, "category")])
    assert not found.pooled
    assert found.indices == pytest.approx(indices(0, AIRLINE[:24]))


def test_nothing_wider_is_no_season():
    found = season([a_series(AIRLINE[:23])])
    assert found.pooled
    assert sum(share.weight for share in found.shares) < 1
    assert max(found.indices) < max(indices(0, AIRLINE[:36]))


def test_less_than_a_year_and_a_month_says_nothing():
    assert season([a_series(AIRLINE[:12])]) is None
    assert season([a_series([])]) is None
    assert season([a_series([0.0] * 48)]) is None


def test_months_when_nothing_was_open_are_left_out():
    gap: list[float | None] = [float(each) for each in AIRLINE]
    gap[70] = None
    found = season([a_series(gap)])
    assert found.indices == pytest.approx(indices(0, AIRLINE), abs=0.03)


def test_the_same_question_has_the_same_answer():
    assert season([a_series(noise(60, 3))], 7) == season([a_series(noise(60, 3))], 7)
