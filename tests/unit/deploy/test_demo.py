"""The generated chain: the same from the same seed, and like a real one in what a salon would look at."""

import stat
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from deploy.demo.catalogue import CATALOGUE, CATEGORIES, UNITS
from deploy.demo.chain import SALONS
from deploy.demo.command import ready
from deploy.demo.generated import CLIENTS, SEED, Begin, Demo, generate
from deploy.demo.loading import Counted
from deploy.demo.logins import FILE, make_passwords, read_passwords, staff
from deploy.demo.people import CHANNELS, DEEPEST
from deploy.demo.visits import price_on

BEGIN = Begin(SEED, datetime(2026, 11, 22, 9, 30, tzinfo=UTC), CLIENTS)


@pytest.fixture(scope="module")
def demo() -> Demo:
    return generate(BEGIN)


def test_a_seed_always_gives_the_same_chain() -> None:
    small = Begin(SEED, BEGIN.at, 200)
    assert generate(small) == generate(small)
    assert generate(small) != generate(Begin(SEED + 1, BEGIN.at, 200))


def test_it_is_as_large_as_promised(demo: Demo) -> None:
    assert len(SALONS) == 3
    assert len({salon.time_zone for salon in SALONS}) == 2
    assert len(demo.stylists) == 24
    assert len(demo.people) == 5000
    assert 37_000 <= len(demo.visits) <= 43_000
    assert 200 <= sum(visit.status == "booked" for visit in demo.visits) <= 600


def test_outcomes_are_those_of_a_salon(demo: Demo) -> None:
    past = Counter(visit.status for visit in demo.visits if visit.status != "booked")
    assert past["no_show"] / past.total() == pytest.approx(0.04, abs=0.006)
    assert past["cancelled"] / past.total() == pytest.approx(0.07, abs=0.006)


def test_nobody_is_in_two_places_at_once(demo: Demo) -> None:
    days = defaultdict(list)
    for visit in demo.visits:
        ends = visit.starts + timedelta(minutes=sum(offer.minutes for offer in visit.offers))
        for who in (("client", visit.person.number), ("master", visit.stylist.number)):
            days[who].append((visit.starts, ends))
    for spans in days.values():
        spans.sort()
        assert all(earlier[1] <= later[0] for earlier, later in pairwise(spans))


def test_rhythms_are_templates_with_an_anchor(demo: Demo) -> None:
    """What the planner makes of a master's cycle is what the generated visits rest on."""
    for one in demo.stylists:
        days, opens, closes = one.cycle
        for ahead in range(-20, 60):
            day = max(BEGIN.until, one.since) + timedelta(ahead)
            works = one.rhythm[(day - one.anchor).days % days]
            assert one.works(day) == ((opens, closes) if works and day >= one.since else None)


def test_services_are_made_of_their_phases() -> None:
    assert sum(bool(offer.phases) for offer in CATALOGUE) == 3
    assert all(sum(offer.phases) == offer.minutes for offer in CATALOGUE if offer.phases)
    assert {offer.category for offer in CATALOGUE} < set(UNITS) == set(CATEGORIES)


def test_masters_work_within_their_shifts_and_trades(demo: Demo) -> None:
    for visit in demo.visits:
        shift = visit.stylist.works(visit.starts.date())
        assert shift is not None
        begins = visit.starts.hour * 60 + visit.starts.minute
        assert shift[0] <= begins
        assert begins + sum(offer.minutes for offer in visit.offers) <= shift[1]
        assert {offer.category for offer in visit.offers} <= set(visit.stylist.categories)
        assert visit.stylist.salon == visit.person.salon


def test_referrals_form_a_forest_with_channels_at_the_roots(demo: Demo) -> None:
    brought = Counter(person.referrer for person in demo.people if person.referrer is not None)
    for person in demo.people:
        if person.referrer is None:
            assert person.channel in dict(CHANNELS)
        else:
            assert person.channel is None
            assert person.referrer < person.number, "whoever brings somebody was there before"
    assert 0.3 < brought.total() / len(demo.people) < 0.5
    assert 5 <= max(person.depth for person in demo.people) <= DEEPEST
    assert brought.most_common(1)[0][1] >= 20, "a few people bring very many"


def test_phones_are_told_once(demo: Demo) -> None:
    phones = [person.phone for person in demo.people if person.phone]
    assert len(set(phones)) == len(phones)


def test_seasons_show(demo: Demo) -> None:
    weekdays = Counter(visit.starts.weekday() for visit in demo.visits)
    assert weekdays[5] > 1.3 * weekdays[0], "Saturdays are fuller than Mondays"
    # Two whole years, so that every month counts twice.
    years = [visit for visit in demo.visits if visit.starts.date() > BEGIN.until - timedelta(730)]
    months = Counter(visit.starts.month for visit in years if visit.offers[0].category == "Педикюр")
    assert months[6] + months[7] > 1.6 * (months[1] + months[2]), "feet are seen in summer"
    peels = Counter(visit.starts.month for visit in years if visit.offers[0].name == "Пилинг")
    assert peels[11] + peels[1] > 2 * (peels[6] + peels[7]), "peels are for the dark months"
    halves = Counter(visit.starts.date() > BEGIN.until - timedelta(365) for visit in years)
    assert halves[True] > halves[False], "the chain grows"


def test_prices_of_the_past_are_lower() -> None:
    assert price_on(2400, BEGIN.until, BEGIN.until) == 2400
    assert price_on(2400, BEGIN.until - timedelta(731), BEGIN.until) == 2060


def test_passwords_are_made_once_and_only_the_owner_of_the_file_reads_them(demo: Demo, tmp_path: Path) -> None:
    logins = staff(demo.stylists)
    first = make_passwords(tmp_path, "the owner's own words", logins)
    assert read_passwords(tmp_path) == first
    assert make_passwords(tmp_path, "the owner's own words", logins) == first
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600
    roles = {one.role for one in logins}
    assert roles == {"manager", "administrator", "master", "marketer", "accountant", "auditor"}
    assert all(len(password) >= 12 for password in first.values())


def test_what_is_said_at_the_end_is_true_of_the_figures(tmp_path: Path) -> None:
    for counted in (None, Counted(34_991, 34_991)):
        assert "complete, its figures too" in ready(counted, tmp_path / FILE)
    behind = ready(Counted(8_910, 34_991), tmp_path / FILE)
    assert "complete" not in behind
    assert "still being counted, 8,910 of 34,991 visits so far" in behind
    assert str(tmp_path / FILE) in behind
