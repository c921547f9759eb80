"""What the client's own visits, the days and the services give."""

from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from services.loyalty.domain.judging import judge
from services.loyalty.domain.programme import (
    Birthday,
    Enrolment,
    FavouriteService,
    FirstVisit,
    Holiday,
    Level,
    Levels,
    NthService,
    Personal,
    Reward,
    Segment,
    Services,
    Spend,
    Step,
    Visits,
)
from services.loyalty.domain.promotion import Promotion
from services.loyalty.domain.standing import Window
from tests.standings import (
    BRANCH,
    COLOUR,
    CUT,
    NAILS,
    NOON,
    a_bill,
    a_line,
    a_personal,
    a_programme,
    a_standing,
    a_visit,
    people,
)

TEN = Reward(Decimal(10))
STEPS = (Step(2, Decimal(3)), Step(4, Decimal(6)))


def part(rule, standing=None, visit=None, **programme):
    return judge(a_programme(rule, **programme), standing or a_standing(), visit).parts[0]


def visits(count, **more):
    return tuple(a_bill(number, days_ago=count - number + 1, **more) for number in range(count))


# --- visits and money ------------------------------------------------------------------------------------------------


def test_visits_are_counted_and_named():
    found = part(Visits(name="visits", steps=STEPS), a_standing(bills=visits(3)))
    assert (found.percent, found.text) == (3, "3 visits: 3 %")
    assert [each.counted for each in found.evidence] == [True] * 3


def test_a_visit_that_was_given_back_or_had_no_service_does_not_count():
    bills = (*visits(2), a_bill(8, refunded=5000), a_bill(9, kind="retail"))
    found = part(Visits(name="visits", steps=STEPS), a_standing(bills=bills))
    assert found.params[0] == ("count", "2")
    assert [each.reason for each in found.evidence if not each.counted] == ["given_back", "given_back"]


def test_only_visits_of_the_period_count():
    bills = (a_bill(1, days_ago=40), *visits(2))
    assert part(Visits(name="visits", steps=(Step(3, Decimal(3)),), period_days=30), a_standing(bills=bills)).refused
    assert part(Visits(name="visits", steps=(Step(3, Decimal(3)),)), a_standing(bills=bills)).percent == 3


def test_a_visit_does_not_count_for_itself():
    bills = visits(2)
    rule = Visits(name="visits", steps=STEPS)
    assert part(rule, a_standing(bills=bills), a_visit()).percent == 3
    assert part(rule, a_standing(bills=bills), a_visit(appointment_id=bills[1].appointment_id)).percent == 0


def test_money_is_what_was_paid_in_it_and_stayed():
    bills = (
        a_bill(1, price=10_000),
        a_bill(2, price=10_000, discount=1_000),
        a_bill(3, price=10_000, refunded=4_000),
        a_bill(4, price=10_000, tendered=3_000),
        a_bill(5, price=10_000, paid=2_000),
    )
    rule = Spend(name="spend", steps=(Step(34_000, Decimal(7)),))
    found = part(rule, a_standing(bills=bills))
    assert (found.percent, found.text) == (7, "340.00 EUR spent: 7 %")
    less = part(Spend(name="spend", steps=(Step(34_001, Decimal(7)),)), a_standing(bills=bills))
    assert (less.text, less.refused) == ("340.00 EUR spent", "340.01 EUR is needed for a discount")


def test_two_currencies_do_not_add_up():
    bills = (a_bill(1, days_ago=3, price=90_000, currency="JPY"), a_bill(2, price=10_000))
    assert dict(part(Spend(name="s", steps=STEPS), a_standing(bills=bills)).params)["spent"] == "100.00 EUR"


STATUSES = (Level("Bronze", 1, Decimal(1)), Level("Silver", 5, Decimal(4), ("coffee", "late slots")))


def test_a_status_says_what_is_missing_to_the_next():
    rule = Levels(name="status", by="visits", levels=STATUSES)
    verdict = judge(a_programme(rule), a_standing(bills=visits(3)))
    assert verdict.percent == 1
    assert (verdict.progress.level, verdict.progress.next_level, verdict.progress.missing) == ("Bronze", "Silver", 2)
    top = judge(a_programme(rule), a_standing(bills=visits(6)))
    assert (top.percent, top.progress.next_level) == (4, None)
    assert dict(top.parts[0].params)["privileges"] == "coffee, late slots"
    none = judge(a_programme(rule), a_standing())
    assert (none.percent, none.parts[0].refusal, none.progress.missing) == (0, "levels.not_reached", 1)


def test_a_status_by_people_and_by_money():
    standing = a_standing(bills=visits(2), brought=people(5) + people(9, level=2))
    assert part(Levels(name="s", by="people", levels=STATUSES), standing).percent == 4
    money = (Level("Gold", 10_000, Decimal(9)),)
    assert part(Levels(name="s", by="spend", levels=money), standing).percent == 9


def test_the_first_visit_is_the_first_in_the_chain():
    rule = FirstVisit(name="welcome", reward=TEN)
    assert part(rule, a_standing(), a_visit()).percent == 10
    assert part(rule, a_standing(bills=visits(1)), a_visit()).refusal == "first_visit.not_first"
    own = a_bill(1)
    assert part(rule, a_standing(bills=(own,)), a_visit(appointment_id=own.appointment_id)).percent == 10
    assert part(rule).refusal == "needs_visit"


# --- services --------------------------------------------------------------------------------------------------------


def test_every_nth_of_the_services_is_counted_on_from_the_visits_before():
    rule = NthService(name="third", every=3, reward=Reward(Decimal(100)), service_ids=frozenset({CUT}))
    lines = (a_line(1), a_line(2, service_id=NAILS), a_line(3), a_line(4))
    verdict = judge(a_programme(rule), a_standing(bills=visits(1)), a_visit(*lines))
    assert [line.discount for line in verdict.lines] == [0, 0, 5000, 0]
    assert verdict.parts[0].line_ids == (lines[2].line_id,)


def test_before_the_nth_it_says_how_many_more():
    rule = NthService(name="fifth", every=5, reward=TEN, service_ids=frozenset({CUT}))
    found = part(rule, a_standing(bills=visits(2)), a_visit())
    assert (found.text, found.refused) == ("each service number 5, with 2 before: 10 %", "it is 3 more to the next one")


def test_a_service_that_was_given_back_is_not_one_of_them():
    rule = NthService(name="second", every=2, reward=TEN)
    assert part(rule, a_standing(bills=(a_bill(1, refunded=5000),)), a_visit()).percent == 0
    assert part(rule, a_standing(bills=(a_bill(1),)), a_visit()).percent == 10


def test_chosen_services_by_id_or_category():
    rule = Services(name="s", reward=TEN, service_ids=frozenset({CUT}), categories=frozenset({"nails"}))
    lines = (a_line(1), a_line(2, service_id=NAILS, category="nails"), a_line(3, service_id=COLOUR, category="hair"))
    verdict = judge(a_programme(rule), a_standing(), a_visit(*lines))
    assert [line.discount for line in verdict.lines] == [500, 500, 0]
    assert part(rule, None, a_visit(lines[2])).refusal == "no_such_service"


def test_the_favourite_is_the_most_frequent_and_the_latest_of_several():
    rule = FavouriteService(name="favourite", reward=TEN, min_times=2)
    bills = (*visits(2), a_bill(7, service_id=NAILS, days_ago=0.5))
    lines = (a_line(1), a_line(2, service_id=NAILS))
    assert [line.discount for line in judge(a_programme(rule), a_standing(bills=bills), a_visit(*lines)).lines] == [
        500,
        0,
    ]
    bills += (a_bill(8, service_id=NAILS, days_ago=0.4),)
    assert [line.discount for line in judge(a_programme(rule), a_standing(bills=bills), a_visit(*lines)).lines] == [
        0,
        500,
    ]
    assert part(rule, a_standing(bills=bills[:1]), a_visit(*lines)).refusal == "favourite_service.too_few"


# --- days ------------------------------------------------------------------------------------------------------------

NEAR = (Window("birthday", 2026, NOON - timedelta(days=2)),)


def test_a_birthday_counts_once_a_year():
    rule = Birthday(name="birthday", reward=TEN)
    mine, other = UUID(int=1), UUID(int=2)
    visit = a_visit(appointment_id=mine)
    assert part(rule, None, visit).refusal == "birthday.not_near"
    verdict = judge(a_programme(rule), a_standing(occasions=NEAR), visit)
    assert (verdict.percent, verdict.once) == (10, ("birthday:2026",))
    had = (("birthday:2026", other),)
    assert part(rule, a_standing(occasions=NEAR, once=had), visit).refusal == "already_given"
    assert part(rule, a_standing(occasions=NEAR, once=(("birthday:2026", mine),)), visit).percent == 10
    assert part(rule, a_standing(occasions=NEAR, once=(("birthday:2025", other),)), visit).percent == 10
    assert part(Birthday(name="birthday", reward=TEN, once=False), a_standing(occasions=NEAR, once=had), visit).percent


def test_what_did_not_win_is_not_used_up():
    rules = (Birthday(name="birthday", reward=TEN), Personal(name="personal"))
    verdict = judge(a_programme(*rules), a_standing(occasions=NEAR, personal=a_personal(20)), a_visit())
    assert (verdict.percent, verdict.once) == (20, ())


@pytest.mark.parametrize(
    ("today", "near"),
    [
        (date(2026, 3, 5), None),
        (date(2026, 3, 6), date(2026, 3, 8)),
        (date(2026, 3, 9), date(2026, 3, 8)),
        (date(2026, 3, 10), None),
        (date(2025, 12, 30), date(2026, 1, 1)),
        (date(2026, 1, 2), date(2026, 1, 1)),
        (date(2026, 2, 27), date(2026, 2, 28)),  # the 29th, in a year that has none
        (date(2028, 2, 29), date(2028, 2, 29)),
    ],
)
def test_holidays_come_every_year_by_the_date_of_the_branch(today, near):
    rule = Holiday(name="holidays", days=((3, 8), (1, 1), (2, 29)), reward=TEN, days_before=2, days_after=1)
    verdict = judge(a_programme(rule), a_standing(), a_visit(local_date=today))
    assert verdict.percent == (10 if near else 0)
    assert verdict.once == ((f"holidays:{near}",) if near else ())


# --- people ----------------------------------------------------------------------------------------------------------


def test_segments_by_category_importance_or_segment():
    some = UUID(int=42)
    rule = Segment(
        name="vip",
        reward=TEN,
        category_ids=frozenset({some}),
        importance=frozenset({"gold"}),
        segment_ids=frozenset({UUID(int=43)}),
    )
    assert part(rule).refusal == "segment.not_in"
    assert part(rule, a_standing(category_ids=frozenset({some}))).percent == 10
    assert part(rule, a_standing(importance="gold")).percent == 10
    assert part(rule, a_standing(segment_ids=frozenset({UUID(int=43)}))).percent == 10


def test_the_personal_discount_holds_between_its_bounds():
    rule = Personal(name="personal")
    assert part(rule).refusal == "personal.none"
    assert part(rule, a_standing(personal=a_personal("7.50"))).text == "personal discount: 7.5 %"
    ahead = a_personal(7, valid_from=NOON + timedelta(seconds=1))
    over = a_personal(7, valid_until=NOON)
    assert {part(rule, a_standing(personal=each)).refusal for each in (ahead, over)} == {"personal.not_in_force"}


# --- who takes part --------------------------------------------------------------------------------------------------

BOTH = (Personal(name="personal"), Services(name="services", reward=TEN))


def test_who_is_left_out_of_a_rule_gets_the_others():
    standing = a_standing(personal=a_personal(20), excluded=(("personal", "x"),))
    verdict = judge(a_programme(*BOTH), standing, a_visit())
    assert (verdict.percent, verdict.parts[0].refusal, verdict.parts[0].offered) == (10, "excluded", 20)


def test_who_is_left_out_of_all_gets_nothing_and_no_promotion():
    standing = a_standing(personal=a_personal(20), excluded=((None, None),))
    verdict = judge(a_programme(*BOTH), standing, a_visit(), (a_promotion(),))
    assert (verdict.discount, verdict.decision) == (0, "nothing")
    assert {each.refusal for each in verdict.parts} == {"excluded_from_all"}


def test_who_was_erased_gets_nothing():
    verdict = judge(a_programme(*BOTH), a_standing(personal=a_personal(20), erased=True))
    assert (verdict.percent, verdict.parts[0].refusal) == (0, "erased")


def test_a_service_enrols_for_so_many_days():
    programme = a_programme(*BOTH, enrolment=Enrolment(frozenset({COLOUR}), 30))
    standing = a_standing(personal=a_personal(20))
    assert judge(programme, standing).parts[0].refusal == "not_enrolled"
    assert judge(programme, a_standing(personal=a_personal(20), bills=(a_bill(1, service_id=COLOUR),))).percent == 20
    late = a_standing(personal=a_personal(20), bills=(a_bill(1, service_id=COLOUR, days_ago=31),))
    assert judge(programme, late).percent == 0


def test_a_rule_of_some_branches_holds_there_only():
    rule = Personal(name="personal", branch_ids=frozenset({BRANCH}))
    standing = a_standing(personal=a_personal(20))
    programme = a_programme(rule)
    assert judge(programme, standing).parts[0].refusal == "some_branches"
    assert judge(programme, standing, branch_id=BRANCH).percent == 20
    assert judge(programme, standing, a_visit()).percent == 20
    assert judge(programme, standing, a_visit(branch_id=UUID(int=2))).parts[0].refusal == "other_branch"


# --- promotions ------------------------------------------------------------------------------------------------------


def a_promotion(**more):
    said = {"reward": TEN, "starts": NOON - timedelta(days=1), "ends": NOON + timedelta(days=1), **more}
    return Promotion(UUID(int=77), "Spring", **said)


@pytest.mark.parametrize(
    ("promotion", "refusal"),
    [
        ({}, None),
        ({"ends": NOON}, "promotion.not_in_force"),
        ({"starts": NOON + timedelta(seconds=1)}, "promotion.not_in_force"),
        ({"branch_ids": frozenset({UUID(int=2)})}, "other_branch"),
        ({"branch_ids": frozenset({BRANCH})}, None),
        ({"service_ids": frozenset({NAILS})}, "no_such_service"),
        ({"categories": frozenset({"hair"})}, "no_such_service"),
        ({"client_category_ids": frozenset({UUID(int=5)})}, "segment.not_in"),
        ({"limit": 3, "used": 3}, "promotion.used_up"),
        ({"limit": 3, "used": 2}, None),
        ({"per_client": 1, "used_by_client": 1}, "promotion.had_already"),
        ({"code": "SPRING"}, None),
    ],
)
def test_a_promotion_says_why_it_is_not_given(promotion, refusal):
    visit = a_visit(codes=(" spring ",))
    verdict = judge(a_programme(), a_standing(), visit, (a_promotion(**promotion),))
    assert (verdict.parts[0].refusal, verdict.discount) == (refusal, 0 if refusal else 500)


def test_a_code_that_nobody_named_is_not_given_away():
    assert judge(a_programme(), a_standing(), a_visit(), (a_promotion(code="SPRING"),)).parts == ()


def test_gifts_and_offers_go_along_with_a_discount():
    gift = Services(name="gift", reward=Reward(gift="hand cream"))
    offer = Segment(name="offer", reward=Reward(offer="a massage at half price"), importance=frozenset({"none"}))
    verdict = judge(a_programme(gift, offer), a_standing(), a_visit())
    assert (verdict.decision, verdict.gifts, verdict.offers) == ("gift", ("hand cream",), ("a massage at half price",))
    verdict = judge(a_programme(gift, offer, Personal(name="p")), a_standing(personal=a_personal(5)), a_visit())
    assert (verdict.decision, verdict.gifts, verdict.discount) == ("discount", ("hand cream",), 250)
    assert judge(a_programme(offer), a_standing()).decision == "offer"
