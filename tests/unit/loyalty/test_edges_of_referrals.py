"""Which claims of having brought somebody hold, and for how long."""

import pytest

from services.loyalty.domain.facts import Erased, Review, Staff
from services.loyalty.domain.history import History
from tests.unit.loyalty.graphs import a_bill, a_card, a_programme, hours, person

CHAIN = a_programme()


def edge(who, *facts, at=100, programme=CHAIN):
    found = History.of(facts).edge(person(who), hours(at), programme)
    return found.verdict, found.reasons


def test_a_referrer_who_is_named_at_the_desk_holds():
    assert edge(2, a_card(1), a_card(2, 1)) == ("holds", ())


def test_nobody_brings_themselves():
    assert edge(1, a_card(1, 1)) == ("refused", ("names_themselves",))


def test_of_a_loop_the_youngest_claim_is_refused():
    facts = (a_card(1, 2, at=1), a_card(2, 3, at=3), a_card(3, 1, at=2))
    assert [edge(who, *facts)[1] for who in (1, 2, 3)] == [(), ("closes_a_loop",), ()]


def test_a_loop_that_was_opened_leaves_nothing_behind():
    facts = (a_card(1, 2, at=1), a_card(2, 1, at=3), a_card(1, None, at=5, version=2))
    assert edge(2, *facts, at=4) == ("refused", ("closes_a_loop",))
    assert edge(2, *facts, at=5) == ("holds", ())


@pytest.mark.parametrize(("began", "verdict"), [(-25, "refused"), (-24, "holds"), (-2, "holds"), (3, "holds")])
def test_who_came_before_was_not_brought(began, verdict):
    """On the day of the first visit the referrer may still be named."""
    facts = (a_card(2, at=-99), a_card(2, 1, version=2))
    assert edge(2, *facts, a_bill(100, 2, at=began))[0] == verdict


def test_visits_of_another_system_do_not_speak_against_whom_a_card_was_made_with():
    assert edge(2, a_card(2, 1), a_bill(100, 2, at=-500)) == ("holds", ())


def test_a_visit_of_long_ago_that_was_recorded_late_is_an_earlier_visit():
    visit = a_bill(100, 2, at=5, completed=-48, starts=-50)
    facts = (a_card(2, at=-99), a_card(2, 1, version=2))
    assert edge(2, *facts, visit) == ("refused", ("visited_before",))


def test_a_correction_of_the_referrer_keeps_the_date_of_the_first_naming():
    """The desk mistook one Olga for another: the visit in between does not speak against the right one."""
    facts = (a_card(2, at=-9), a_card(2, 1, version=2), a_bill(100, 2, at=2), a_card(2, 3, at=90, version=3))
    assert edge(2, *facts) == ("holds", ())
    assert edge(2, *facts, a_card(2, None, at=40, version=2)) == ("holds", ())  # a version is told once


def test_who_named_nobody_for_a_time_is_judged_by_the_second_naming():
    facts = (a_card(2, 1), a_bill(100, 2, at=2), a_card(2, None, at=40, version=2), a_card(2, 3, at=90, version=3))
    assert edge(2, *facts) == ("refused", ("visited_before",))


def test_two_cards_with_one_phone_are_one_person_until_they_are_not():
    facts = (a_card(2, 1, shared_contact=True), a_card(2, 1, at=10, version=2))
    assert edge(2, *facts, at=9) == ("refused", ("shared_contact",))
    assert edge(2, *facts, at=10) == ("holds", ())


@pytest.mark.parametrize(("who", "reason"), [(1, "referrer_is_staff"), (2, "client_is_staff")])
def test_staff_neither_bring_nor_are_brought_while_they_work_here(who, reason):
    facts = (a_card(2, 1), Staff(person(who), hours(5), staff=True), Staff(person(who), hours(9), staff=False))
    assert edge(2, *facts, at=4) == ("holds", ())
    assert edge(2, *facts, at=5) == ("refused", (reason,))
    assert edge(2, *facts, at=9) == ("holds", ())


def test_only_who_was_there_can_be_named():
    """Whom somebody brought before they were erased stays brought."""
    gone = Erased(person(1), hours(5))
    assert edge(2, a_card(2, 1, at=6), gone) == ("refused", ("referrer_erased",))
    assert edge(2, a_card(2, 1, at=4), gone) == ("holds", ())


def test_all_that_speaks_against_an_edge_is_said():
    made, named = a_card(2, at=-99), a_card(2, 1, version=2, shared_contact=True)
    facts = (made, named, a_bill(100, 2, at=-30), Staff(person(1), hours(0), staff=True))
    assert edge(2, *facts)[1] == ("visited_before", "shared_contact", "referrer_is_staff")


def test_a_programme_may_leave_checks_out():
    lenient = a_programme(earlier_visit=False, shared_contact=False, staff=False)
    made, named = a_card(2, at=-99), a_card(2, 1, version=2, shared_contact=True)
    facts = (made, named, a_bill(100, 2, at=-30), Staff(person(1), hours(0), staff=True))
    assert edge(2, *facts, programme=lenient) == ("holds", ())


def test_whoever_brings_very_many_at_once_is_looked_at():
    """Three a day are usual here: the fourth is flagged, and the fifth, which came when the first was a day ago."""
    careful = a_programme(velocity=3, velocity_days=1)
    facts = [a_card(10 + place, 1, at=at) for place, at in enumerate((0, 1, 2, 3, 24, 26))]
    verdicts = [edge(10 + place, *facts, programme=careful)[0] for place in range(6)]
    assert verdicts == ["holds", "holds", "holds", "flagged", "flagged", "holds"]


def test_a_review_settles_what_checks_found():
    facts = (a_card(2, 1, shared_contact=True), a_bill(100, 2, at=-30))
    assert edge(2, *facts, Review(person(2), person(1), hours(5), holds=True)) == ("holds", ())
    assert edge(2, *facts, Review(person(2), person(3), hours(5), holds=True))[0] == "refused"


def test_a_review_takes_an_edge_away_and_gives_it_back():
    facts = [a_card(2, 1), *(Review(person(2), person(1), hours(at), holds=at == 9) for at in (5, 9))]
    assert edge(2, *facts, at=4) == ("holds", ())
    assert edge(2, *facts, at=5) == ("refused", ("reviewed_refused",))
    assert edge(2, *facts, at=9) == ("holds", ())


def test_no_review_makes_a_loop():
    looks = (Review(person(1), person(2), hours(5), holds=True), Review(person(2), person(1), hours(5), holds=True))
    assert edge(2, a_card(1, 2, at=1), a_card(2, 1, at=3), *looks) == ("refused", ("closes_a_loop",))
    self_made = Review(person(1), person(1), hours(5), holds=True)
    assert edge(1, a_card(1, 1), self_made) == ("refused", ("names_themselves",))


def test_a_channel_brings_people_until_somebody_is_named():
    leaflet = person(800)
    facts = (
        a_card(2, None, at=1, source_id=leaflet, channel="leaflet"),
        a_card(2, None, at=3, version=2, source_id=leaflet, channel="leaflet"),
        a_card(2, 1, at=5, version=3, source_id=leaflet, channel="leaflet"),
        a_card(2, 1, at=6, version=4),
        a_card(2, None, at=7, version=5),
        a_card(2, 3, at=9, version=6),
    )
    above = History.of(facts).edges_above(person(2), hours(100), CHAIN)
    assert [(each.referrer_id, each.channel, each.since, each.until) for each in above] == [
        (None, "leaflet", hours(1), hours(5)),
        (person(1), None, hours(5), hours(7)),
        (person(3), None, hours(9), None),
    ]


def test_whom_nobody_brought_has_no_edge():
    history = History.of([a_card(1), a_bill(100, 1)])
    assert history.edge(person(1), hours(9), CHAIN) is None
    assert history.edge(person(7), hours(9), CHAIN) is None
    assert history.edges_above(person(7), hours(9), CHAIN) == history.edges_below(person(7), hours(9), CHAIN) == ()


def test_an_edge_that_ended_shows_how_it_stood_in_the_end():
    facts = (a_card(2, 1, shared_contact=True), a_card(2, 3, at=9, version=2))
    old, new = History.of(facts).edges_above(person(2), hours(100), CHAIN)
    assert (old.referrer_id, old.verdict, old.reasons) == (person(1), "refused", ("shared_contact",))
    assert (new.referrer_id, new.verdict) == (person(3), "holds")
