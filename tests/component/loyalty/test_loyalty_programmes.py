"""Programmes: published by version, one in force per scope and instant, everybody judged anew, nothing forgotten."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from contracts.booking import CheckBranches, CheckFavourites, UnknownBranches, UnknownFavourites
from contracts.loyalty import (
    DiscountChanged,
    EndProgramme,
    ListProgrammes,
    Programme,
    PublishProgramme,
    ShowDiscount,
    ShowProgramme,
    ShowProgrammeVersion,
    Tier,
)
from kernel.errors import Conflict, Forbidden, Invalid, NotFound, Refusal, Stale
from kernel.time import utc_now
from services.loyalty.domain.timeline import FIRST
from services.loyalty.queries.programmes import all_in_force, in_force, timeline
from services.loyalty.tables import recalculations
from services.loyalty.usecases import recalculation
from tests.builders import CLARA, ELSEWHERE, HERE, a_user, anna
from tests.facts import NOON, completed, numbered, registered
from tests.harness import Harness

DAY = timedelta(days=1)
GENEROUS = ({"people": 1, "percent": 20},)


@pytest.fixture
def loyalty(start) -> Harness:
    harness = start("loyalty")
    harness.others.answers[CheckBranches] = lambda asked: UnknownBranches(tuple({*asked.ids} - {HERE, ELSEWHERE}))
    harness.others.answers[CheckFavourites] = lambda asked: UnknownFavourites((), asked.service_ids)
    return harness


def publish(loyalty: Harness, version: int = 1, caller: Any = None, **said: Any) -> Programme:
    said = {"tiers": GENEROUS} | said if "rules" not in said else said
    request = PublishProgramme(version=version, **said)
    return loyalty.ask(request, caller) if caller else loyalty.ask(request)


def refusal(loyalty: Harness, **said: Any) -> Refusal:
    with pytest.raises(Refusal) as refused:
        publish(loyalty, **said)
    return refused.value


def in_days(days: int) -> datetime:
    return utc_now() + days * DAY


def brought(loyalty: Harness, count: int = 1, referrer: Any = CLARA, first: int = 100) -> None:
    people = [numbered(first + place) for place in range(count)]
    loyalty.deliver(registered(referrer), *(registered(each, referrer) for each in people))
    loyalty.deliver(*(completed(numbered(each.int + 1_000), each) for each in people))


def test_an_installation_starts_with_a_programme_that_always_held(loyalty: Harness) -> None:
    shown = loyalty.ask(ShowProgramme())
    assert (shown.version, shown.newest, shown.in_force_since, shown.until) == (1, 1, FIRST, None)
    assert shown.tiers[:2] == (Tier(1, Decimal(3)), Tier(3, Decimal(5)))
    assert [rule["kind"] for rule in shown.document["rules"]] == ["referrals", "personal"]
    assert loyalty.ask(ShowProgramme(at=NOON)).version == 1
    assert loyalty.ask(ShowProgrammeVersion(shown.id)) == shown


def test_a_successor_ends_what_was_in_force(loyalty: Harness) -> None:
    before = utc_now()
    published = publish(loyalty, name="Generous")
    assert (published.version, published.name, published.tiers) == (2, "Generous", (Tier(1, Decimal(20)),))
    assert before <= published.in_force_since <= utc_now()
    newer, older = loyalty.ask(ListProgrammes()).items
    assert (newer.version, older.version, older.until) == (2, 1, published.in_force_since)
    assert older.ended_at == published.published_at
    assert loyalty.ask(ShowProgramme()).version == 2
    assert loyalty.ask(ShowProgramme(at=NOON)).version == 1  # what was in force can still be told


def test_what_was_published_can_be_published_again(loyalty: Harness) -> None:
    document = loyalty.ask(ShowProgramme()).document
    published = loyalty.ask(PublishProgramme(version=1, **document))
    assert (published.version, published.document) == (2, document)


def test_everybody_is_judged_anew_in_batches(loyalty: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recalculation, "BATCH", 2)
    brought(loyalty)
    publish(loyalty)
    assert [each.percent for each in loyalty.announced(DiscountChanged)] == [3]
    assert loyalty.ask(ShowDiscount(CLARA)).discount_percent == 20  # who asks hears the truth at once
    loyalty.tick()
    assert [(each.client_id, each.percent) for each in loyalty.announced(DiscountChanged)] == [(CLARA, 3), (CLARA, 20)]
    with loyalty.session() as session:
        (run,) = session.execute(select(recalculations)).all()
    assert (run.state, run.judged) == ("finished", 2)
    loyalty.tick()
    assert len(loyalty.announced(DiscountChanged)) == 2


def test_a_recalculation_goes_on_where_it_was_and_is_overtaken_by_the_next(loyalty: Harness) -> None:
    brought(loyalty)
    publish(loyalty)
    with loyalty.session() as session, session.begin():
        assert recalculation.judge_anew(session, utc_now()) is True
    publish(loyalty, version=2, tiers=({"people": 1, "percent": 8},))
    with loyalty.session() as session, session.begin():
        assert recalculation.judge_anew(session, utc_now()) is True
        assert recalculation.judge_anew(session, utc_now()) is False
        states = session.scalars(select(recalculations.c.state).order_by(recalculations.c.at)).all()
    assert states == ["overtaken", "finished"]
    assert loyalty.announced(DiscountChanged)[-1].percent == 8


def test_a_programme_planned_ahead_holds_from_its_day_on(loyalty: Harness) -> None:
    brought(loyalty)
    begins = in_days(10)
    planned = publish(loyalty, from_=begins)
    now = loyalty.ask(ShowProgramme())
    assert (planned.in_force_since, now.version, now.until, now.newest) == (begins, 1, begins, 2)
    loyalty.tick()
    assert loyalty.ask(ShowDiscount(CLARA)).discount_percent == 3
    with loyalty.session() as session, session.begin():
        while recalculation.judge_anew(session, begins + DAY):
            pass
    assert loyalty.announced(DiscountChanged)[-1].percent == 20


def test_who_has_not_seen_the_newest_version_is_refused(loyalty: Harness) -> None:
    publish(loyalty, from_=in_days(10))
    assert refusal(loyalty, version=1).code == "version_stale"
    assert refusal(loyalty, version=3).code == "version_stale"
    assert isinstance(refusal(loyalty, version=1), Stale)
    assert loyalty.ask(ShowProgramme()).version == 1


def test_what_is_planned_is_not_overrun(loyalty: Harness) -> None:
    planned = publish(loyalty, from_=in_days(10))
    refused = refusal(loyalty, version=2, from_=in_days(5))
    assert (type(refused), refused.code) == (Conflict, "period_taken")
    until = publish(loyalty, version=2, from_=in_days(5), until=in_days(8))
    with loyalty.session() as session:
        found = [in_force(session, None, in_days(days)).version for days in (4, 6, 9, 11)]
    assert found == [1, until.version, 0, planned.version]


@pytest.mark.parametrize(
    ("said", "code", "place"),
    [
        ({"tiers": ({"people": 1, "percent": 5}, {"people": 1, "percent": 6})}, "tiers_overlap", "tiers.1"),
        ({"tiers": ({"people": 1, "percent": 101},)}, "percent_out_of_range", "tiers.0.percent"),
        ({"rules": ({"kind": "lottery"},)}, "rule_unknown", "rules.0.kind"),
        ({"from_": NOON}, "programme_in_past", "from"),
        ({"until": NOON}, "period_empty", "until"),
        ({"branch_id": numbered(77)}, "branch_unknown", "branch_id"),
        ({"rules": ({"kind": "personal", "branch_ids": [str(numbered(77))]},)}, "branch_unknown", "rules.0.branch_ids"),
        ({"tiers": GENEROUS, "enrolment": {"service_ids": [str(HERE)]}}, "service_unknown", "enrolment.service_ids"),
    ],
)
def test_what_is_wrong_is_refused_and_what_is_in_force_stays(
    loyalty: Harness, said: dict[str, Any], code: str, place: str
) -> None:
    refused = refusal(loyalty, **said)
    assert (type(refused), refused.code, list(refused.details["errors"])) == (Invalid, code, [place])
    assert [each.version for each in loyalty.ask(ListProgrammes()).items] == [1]


def test_a_branch_may_have_its_own(loyalty: Harness) -> None:
    own = publish(loyalty, branch_id=HERE)
    assert loyalty.ask(ShowProgramme(branch_id=HERE)).version == own.version == 2
    assert loyalty.ask(ShowProgramme(branch_id=ELSEWHERE)).version == 1
    assert loyalty.ask(ShowProgramme()).version == 1
    assert [each.version for each in loyalty.ask(ListProgrammes(branch_id=HERE)).items] == [2]
    with loyalty.session() as session:
        assert [each.branch_id for each in all_in_force(session, utc_now())] == [None, HERE]
        assert timeline(session).at(HERE, utc_now()).version == 2
        assert timeline(session).at(HERE, NOON).version == 1
    chain = publish(loyalty, version=1)
    assert loyalty.ask(ShowProgramme(branch_id=HERE)).version == 2
    ended = loyalty.ask(EndProgramme(own.id))
    assert ended.until is not None
    assert loyalty.ask(ShowProgramme(branch_id=HERE)).version == chain.version == 3


def test_copies_hear_of_a_branch_of_its_own(loyalty: Harness) -> None:
    brought(loyalty)
    publish(loyalty, branch_id=HERE)
    loyalty.tick()
    (first, then) = loyalty.announced(DiscountChanged)
    assert (first.percent, then.percent) == (3, 3)
    assert [(each.branch_id, each.percent) for each in then.by_branch] == [(HERE, 20)]


def test_a_programme_is_ended_once_and_never_in_the_past(loyalty: Harness) -> None:
    planned = publish(loyalty, from_=in_days(10))
    later = in_days(20)
    assert loyalty.ask(EndProgramme(planned.id, later)).until == later
    with pytest.raises(Invalid, match="programme_in_past"):
        loyalty.ask(EndProgramme(planned.id, NOON))
    taken_back = loyalty.ask(EndProgramme(planned.id))
    assert taken_back.until == taken_back.in_force_since
    with pytest.raises(Conflict, match="programme_ended"):
        loyalty.ask(EndProgramme(planned.id))
    with pytest.raises(NotFound, match="programme_not_found"):
        loyalty.ask(EndProgramme(numbered(5)))


def test_where_nothing_is_in_force_nothing_is_given(loyalty: Harness) -> None:
    brought(loyalty)
    loyalty.ask(EndProgramme(loyalty.ask(ShowProgramme()).id))
    loyalty.tick()
    assert loyalty.announced(DiscountChanged)[-1].percent == 0
    assert loyalty.ask(ShowDiscount(CLARA)).discount_percent == 0
    with pytest.raises(NotFound, match="no_programme_in_force"):
        loyalty.ask(ShowProgramme())
    assert publish(loyalty, version=1).version == 2
    assert loyalty.ask(ShowDiscount(CLARA)).discount_percent == 20


def test_two_who_publish_at_once_do_not_both(loyalty: Harness) -> None:
    def attempt(percent: int) -> str:
        try:
            publish(loyalty, tiers=({"people": 1, "percent": percent},))
        except Stale as refused:
            return refused.code
        return "published"

    with ThreadPoolExecutor(6) as pool:
        outcomes = list(pool.map(attempt, range(1, 7)))
    assert sorted(outcomes) == ["published"] + ["version_stale"] * 5


def test_the_database_keeps_one_in_force_and_what_was_published(loyalty: Harness) -> None:
    again = """INSERT INTO programmes (version, id, starts, document, published_at)
        SELECT 9, gen_random_uuid(), now(), document, now() FROM programmes"""
    for statement in (again, "UPDATE programmes SET document = '{}'", "DELETE FROM programmes"):
        with pytest.raises(DBAPIError, match=r"one_in_force|what was published stays"), loyalty.session() as session:
            session.execute(text(statement))


def test_who_may(loyalty: Harness) -> None:
    branch = replace(anna("programme.edit", "programme.read", "programme_versions.read"), everywhere=False)
    with pytest.raises(Forbidden):
        publish(loyalty, caller=anna("programme.read"))
    with pytest.raises(Forbidden):
        publish(loyalty, caller=branch)
    with pytest.raises(Invalid, match="branch_unknown"):
        publish(loyalty, caller=branch, branch_id=ELSEWHERE)
    own = publish(loyalty, caller=branch, branch_id=HERE)
    with pytest.raises(Forbidden):
        loyalty.ask(EndProgramme(loyalty.ask(ShowProgramme()).id), branch)
    assert loyalty.ask(EndProgramme(own.id), branch).until is not None
    with pytest.raises(Forbidden):
        loyalty.ask(ListProgrammes(), a_user("programme.read", client_id=CLARA))
    shown = loyalty.ask(ShowProgramme(), a_user("programme.read", client_id=CLARA))
    assert (shown.version, shown.document) == (1, None)


def test_versions_are_listed_in_pages(loyalty: Harness) -> None:
    for version in (1, 2, 3):
        publish(loyalty, version=version)
    first = loyalty.ask(ListProgrammes(limit=3))
    last = loyalty.ask(ListProgrammes(limit=3, cursor=first.next))
    assert [each.version for each in (*first.items, *last.items)] == [4, 3, 2, 1]
    assert last.next is None
    assert [each.document["rules"][0]["tiers"][0]["percent"] for each in first.items] == ["20", "20", "20"]


def test_without_booking_nobody_says_that_a_branch_is_none(loyalty: Harness) -> None:
    del loyalty.others.answers[CheckBranches]
    assert publish(loyalty, branch_id=numbered(77)).branch_id == numbered(77)
