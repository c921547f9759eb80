"""Finding cards among many: what is common and what is rare, page by page, and how an older base becomes findable."""

import importlib
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select, text

from contracts.clients import EraseClient, ImportClients, ImportedClient, SearchClients
from kernel.caller import Caller
from services.clients.queries.candidates import RARE, WALKED_FIRST
from services.clients.tables import findable
from services.clients.usecases.finding import find_in_branches
from tests.builders import ELSEWHERE, HERE, OWNER
from tests.component.clients.conftest import ANNA, BORIS, PHONE, an_appointment, clara
from tests.harness import Harness

PAST = datetime(2018, 3, 5, 12, tzinfo=UTC)
AT_ONCE = 500
RARELY = WALKED_FIRST // RARE * 20


def many(salon: Harness, count: int) -> list[tuple[str, UUID]]:
    """Name and id of `count` people in order of registration, which is not that of their ids; Zoe is met rarely."""
    people = []
    for first in range(0, count, AT_ONCE):
        said = [
            ImportedClient(
                "Зоя" if number % RARELY == 0 else "Ольга",
                last_name="Иванова" if number % 2 else "Петрова",
                reference=str(number),
                home_branch_id=HERE if number % 3 else ELSEWHERE,
                registered_at=PAST - timedelta(minutes=number),
            )
            for number in range(first, min(first + AT_ONCE, count))
        ]
        taken = salon.ask(ImportClients(tuple(said))).items
        people += [(f"{one.first_name} {one.last_name}", each.id) for one, each in zip(said, taken, strict=True)]
    return people[::-1]


def found(salon: Harness, q: str, limit: int, caller: Caller = OWNER) -> list[UUID]:
    """Everybody whom `q` finds, page by page."""
    ids: list[UUID] = []
    cursor = None
    while True:
        page = salon.ask(SearchClients(q, limit, cursor), caller)
        assert len(page.items) <= limit
        ids += [one.id for one in page.items]
        if page.next is None:
            return ids
        assert len(page.items) == limit
        cursor = page.next


def test_pages_hold_everybody_once_however_common_the_name(salon: Harness) -> None:
    """In order of registration, whether people are met along the way or gathered, and for whoever sees a part."""
    people = many(salon, WALKED_FIRST + 2 * RARELY)
    for q in ("ол", "зо", "ив зо", "петрова зоя", "оль пе"):
        words = q.split()
        expected = [
            client_id
            for name, client_id in people
            if all(any(part.casefold().startswith(word) for part in name.split()) for word in words)
        ]
        assert found(salon, q, 200) == expected, q
    zoes = [client_id for name, client_id in people if name.startswith("Зоя")]
    assert found(salon, "зоя", 2) == zoes
    here = [client_id for place, (_, client_id) in enumerate(people[::-1]) if place % 3][::-1]
    assert found(salon, "ольга", 200, ANNA) == [one for one in here if one not in zoes]


def test_what_begins_alike_in_the_index_is_told_apart_when_opened(salon: Harness) -> None:
    """Words longer than what is indexed are candidates for each other, and only the right one is shown."""
    right = salon.ask(clara(phones=(), last_name="Перпендикулярова"))
    salon.ask(clara(phones=(), last_name="Перпендикулярная"))
    assert found(salon, "перпендикулярова", 1) == [right.id]


def test_an_erased_person_leaves_nothing_to_be_found_by(salon: Harness) -> None:
    card = salon.ask(clara())
    salon.ask(EraseClient(card.id, 1))
    with salon.session() as session:
        assert session.scalar(select(func.count()).select_from(findable)) == 0


def test_who_was_there_before_the_migration_is_found_after_it(salon: Harness) -> None:
    """The beginnings of the old blind values are the new entries, and branches see whom they saw."""
    card = salon.ask(clara(email="clara@example.com"))
    here = salon.ask(clara(phones=("+79161234568",), email="clara@example.com", home_branch_id=HERE))
    there = salon.ask(clara(phones=("+79161234569",), email="clara@example.com", home_branch_id=HERE))
    salon.deliver(an_appointment(there.id, ELSEWHERE))
    with salon.session() as session:
        known = session.execute(select(findable).order_by(findable.c.client_id)).all()
        session.execute(text("DROP TABLE findable"))
        session.execute(text("DROP INDEX ix_clients_importance_registered_at_id"))
        for name in ("0002_everything_about_a_person", "0003_order_in_the_base"):
            migration = importlib.import_module(f"services.clients.migrations.{name}")
            for statement in migration.SEARCH.strip().split(";\n"):
                session.execute(text(statement))
        session.commit()
        migrated = session.execute(select(findable).order_by(findable.c.client_id)).all()
    assert [each.branch_ids for each in migrated] == [each.branch_ids for each in known]
    assert found(salon, PHONE, 50) == [card.id]
    for caller, seen in ((ANNA, [card, here, there]), (BORIS, [card, there])):
        assert found(salon, "Clara@example.com", 50, caller) == [each.id for each in seen]


def test_two_who_add_a_branch_at_the_same_moment_both_do(salon: Harness) -> None:
    """An appointment is told while somebody gives the card another home: the later one waits and sees the earlier."""
    card = salon.ask(clara(phones=()))
    with ThreadPoolExecutor(1) as aside, salon.session() as first, salon.session() as second:
        find_in_branches(first, [(card.id, HERE)])
        waiting = aside.submit(find_in_branches, second, [(card.id, ELSEWHERE)])
        with pytest.raises(TimeoutError):
            waiting.result(0.3)
        first.commit()
        waiting.result(10)
        second.commit()
        assert first.scalar(select(findable.c.branch_ids)) == [HERE, ELSEWHERE]
