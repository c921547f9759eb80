"""What rules of loyalty put on cards, beside what people put there by hand, and what others are told of both."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from contracts.clients import (
    ChangeClient,
    Client,
    ClientCategory,
    ClientChanged,
    CreateClientCategory,
    EraseClient,
    GivenByRule,
    ListClientChanges,
    ListClients,
    MergeClients,
    RemoveClientCategory,
    ShowClient,
)
from contracts.loyalty import ClientSorted
from tests.component.clients.conftest import clara
from tests.harness import Harness

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def regulars(salon: Harness) -> ClientCategory:
    return a_category(salon, "Regulars")


@pytest.fixture
def brides(salon: Harness) -> ClientCategory:
    return a_category(salon, "Brides")


def a_category(salon: Harness, name: str) -> ClientCategory:
    category: ClientCategory = salon.ask(CreateClientCategory(name))
    return category


def a_card(salon: Harness, **said: object) -> Client:
    card: Client = salon.ask(clara(**{"phones": ()} | said))
    return card


def rules_say(
    salon: Harness, card: Client, version: int, *categories: ClientCategory, importance: str | None = None
) -> Client:
    """The card after loyalty has said so."""
    ids = tuple(one.id for one in categories)
    reasons = tuple(f"rule of {one.name}" for one in categories)
    salon.deliver(ClientSorted(card.id, version, ids, reasons, importance, NOW, importance and f"rule of {importance}"))
    return shown(salon, card)


def shown(salon: Harness, card: Client) -> Client:
    now: Client = salon.ask(ShowClient(card.id))
    return now


def change(salon: Harness, card: Client, **said: Any) -> Client:
    changed: Client = salon.ask(ChangeClient(card.id, card.version, **said))
    return changed


def ids(*categories: ClientCategory) -> tuple[UUID, ...]:
    return tuple(one.id for one in categories)


def told(salon: Harness) -> list[tuple[int, set[UUID], str]]:
    return [(one.version, set(one.category_ids), one.importance) for one in salon.announced(ClientChanged)]


# --- categories ------------------------------------------------------------------------------------------------------


def test_a_rule_gives_and_takes_what_it_gave(salon: Harness, regulars: ClientCategory, brides: ClientCategory) -> None:
    """With its reason, found in lists like any other; the card keeps its version, and others are told."""
    card = a_card(salon, category_ids=ids(brides))
    card = rules_say(salon, card, 1, regulars, importance="silver")
    assert (card.category_ids, card.importance, card.version) == (ids(brides, regulars), "silver", 1)
    assert card.sorted == (GivenByRule("rule of Regulars", regulars.id), GivenByRule("rule of silver"))
    assert [one.id for one in salon.ask(ListClients(category_id=regulars.id, importance="silver")).items] == [card.id]
    card = rules_say(salon, card, 2)
    assert (card.category_ids, card.importance, card.sorted) == (ids(brides), "none", ())
    assert told(salon) == [(2, {brides.id, regulars.id}, "silver"), (3, {brides.id}, "none")]


def test_the_same_twice_or_late_changes_nothing(salon: Harness, regulars: ClientCategory) -> None:
    """An older answer comes too late, a newer one that says the same is no news to others."""
    card = rules_say(salon, a_card(salon), 5, regulars)
    rules_say(salon, card, 5)
    rules_say(salon, card, 4)
    assert rules_say(salon, card, 6, regulars).category_ids == ids(regulars)
    assert len(told(salon)) == 1


def test_several_answers_in_one_batch(salon: Harness, regulars: ClientCategory, brides: ClientCategory) -> None:
    """The newest of each client counts."""
    one, other = a_card(salon), a_card(salon)
    events = [
        ClientSorted(one.id, 2, ids(brides), ("b",), None, NOW),
        ClientSorted(other.id, 1, ids(regulars), ("r",), "gold", NOW),
        ClientSorted(one.id, 1, ids(regulars), ("r",), None, NOW),
        ClientSorted(UUID(int=7), 1, ids(regulars), ("r",), None, NOW),
    ]
    assert salon.dispatcher.absorb("loyalty", [salon.envelope(event) for event in events]) == []
    assert [shown(salon, card).category_ids for card in (one, other)] == [ids(brides), ids(regulars)]
    assert len(told(salon)) == 2


def test_what_was_given_by_hand_stays(salon: Harness, regulars: ClientCategory, brides: ClientCategory) -> None:
    """A rule that gives the same, and then does not, has taken nothing away."""
    card = a_card(salon, category_ids=ids(regulars))
    card = rules_say(salon, card, 1, regulars, brides)
    assert card.sorted == (GivenByRule("rule of Brides", brides.id),)
    assert rules_say(salon, card, 2).category_ids == ids(regulars)


def test_what_a_hand_took_off_stays_off_until_the_rules_say_something_else(
    salon: Harness, regulars: ClientCategory, brides: ClientCategory
) -> None:
    card = rules_say(salon, a_card(salon), 1, regulars, brides)
    card = change(salon, card, category_ids=ids(brides))
    assert card.sorted == (GivenByRule("rule of Brides", brides.id),)
    card = rules_say(salon, card, 2, regulars, importance="gold")
    assert (card.category_ids, card.importance) == ((), "gold")
    rules_say(salon, card, 3)
    assert rules_say(salon, card, 4, regulars).category_ids == ids(regulars)


def test_a_label_of_a_rule_is_kept_by_saying_it_and_comes_back_by_hand(
    salon: Harness, regulars: ClientCategory, brides: ClientCategory
) -> None:
    """Whoever writes the whole card does not take over what a rule gave; whoever puts back what they took off does."""
    card = rules_say(salon, a_card(salon), 1, regulars)
    card = change(salon, card, category_ids=ids(regulars, brides), comment="a bride")
    assert card.sorted == (GivenByRule("rule of Regulars", regulars.id),)
    card = change(salon, card, category_ids=())
    card = change(salon, card, category_ids=ids(regulars))
    assert (card.category_ids, card.sorted) == (ids(regulars), ())
    assert rules_say(salon, card, 2).category_ids == ids(regulars)


def test_a_category_that_there_is_not_is_left_out(
    salon: Harness, regulars: ClientCategory, brides: ClientCategory
) -> None:
    """Before the rule speaks of it, or after; those who wore it are told of."""
    card = rules_say(salon, a_card(salon), 1, regulars, brides)
    salon.ask(RemoveClientCategory(regulars.id, 1))
    salon.tick()
    assert (shown(salon, card).category_ids, shown(salon, card).sorted) == (
        ids(brides),
        (GivenByRule("rule of Brides", brides.id),),
    )
    assert told(salon)[-1] == (3, {brides.id}, "none")
    assert rules_say(salon, card, 2, regulars, brides).category_ids == ids(brides)


# --- importance ------------------------------------------------------------------------------------------------------


def test_importance_by_hand_goes_before_that_of_a_rule(salon: Harness) -> None:
    """Until it is cleared: then that of the rule shows."""
    card = rules_say(salon, a_card(salon, importance="bronze"), 1, importance="gold")
    assert (card.importance, card.sorted) == ("bronze", ())
    card = change(salon, card, importance="none")
    assert (card.importance, card.sorted) == ("gold", (GivenByRule("rule of gold"),))
    card = change(salon, card, importance="silver")
    assert (rules_say(salon, card, 2).importance, card.sorted) == ("silver", ())


def test_importance_of_a_rule_may_be_taken_away(salon: Harness) -> None:
    """Until the rules say something else."""
    card = rules_say(salon, a_card(salon), 1, importance="gold")
    card = change(salon, card, importance="none")
    assert card.importance == "none"
    assert rules_say(salon, card, 2, importance="gold").importance == "none"
    assert rules_say(salon, card, 3, importance="silver").importance == "silver"


# --- versions, history, merges, erasure ------------------------------------------------------------------------------


def test_what_a_rule_did_is_nobodys_change(salon: Harness, regulars: ClientCategory, brides: ClientCategory) -> None:
    """The history of a card shows what people changed."""
    card = rules_say(salon, a_card(salon), 1, regulars)
    card = change(salon, card, comment="came twice")
    rules_say(salon, card, 2, regulars, brides)
    change(salon, card, category_ids=ids(brides, regulars), comment="came thrice")
    fields = [[part.field for part in one.fields] for one in salon.ask(ListClientChanges(card.id)).items]
    assert fields == [["comment"], ["comment"]]


def test_later_changes_are_told_with_higher_versions(salon: Harness, regulars: ClientCategory) -> None:
    """Whether the card has a new one or not."""
    card = rules_say(salon, a_card(salon), 1, regulars)
    rules_say(salon, card, 2)
    card = change(salon, card, importance="gold")
    assert [version for version, _, _ in told(salon)] == [2, 3, 4]
    assert card.version == 2


def test_a_merged_card_keeps_what_people_gave_both(
    salon: Harness, regulars: ClientCategory, brides: ClientCategory
) -> None:
    """And what the rules give to the one that is kept; of the other their answer is forgotten."""
    kept, duplicate = a_card(salon), a_card(salon, category_ids=ids(brides), importance="bronze")
    rules_say(salon, kept, 1, regulars, importance="gold")
    models = a_category(salon, "Models")
    rules_say(salon, duplicate, 1, models, importance="gold")
    card = salon.ask(MergeClients(kept.id, duplicate.id))
    assert (card.category_ids, card.importance) == (ids(brides, regulars), "bronze")
    assert card.sorted == (GivenByRule("rule of Regulars", regulars.id),)
    rules_say(salon, kept, 2)
    salon.deliver(ClientSorted(duplicate.id, 2, ids(models), ("late",), None, NOW))
    assert shown(salon, kept).category_ids == ids(brides)


def test_of_the_erased_nothing_remains(salon: Harness, regulars: ClientCategory) -> None:
    """Nor comes anything back."""
    card = rules_say(salon, a_card(salon), 1, regulars, importance="gold")
    salon.ask(EraseClient(card.id, 1))
    salon.deliver(ClientSorted(card.id, 2, ids(regulars), ("late",), "gold", NOW))
    with salon.session() as session:
        connection = session.connection()
        for table in ("sortings", "sorted_labels", "untold"):
            assert connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar() == 0
        kept = connection.exec_driver_sql("SELECT category_ids, sorted_category_ids, sorted_importance FROM clients")
        assert kept.one() == ([], [], False)
