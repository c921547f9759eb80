"""The tree of channels over a real database, and the cards that hang on it."""

import threading
from uuid import UUID

import pytest

from contracts.booking import CurrencyInUse, ShowCurrency
from contracts.clients import (
    ChangeClient,
    ChangeSource,
    ClientChanged,
    ClientRegistered,
    CreateSource,
    ListSources,
    MonthlyCost,
    RemoveSource,
    ShowClient,
    ShowSource,
    Source,
    SourceChanged,
    SourceRemoved,
)
from kernel.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from kernel.money import Money
from tests.builders import HERE
from tests.component.clients.conftest import ANNA, clara, refused
from tests.harness import Harness

COSTS = (MonthlyCost("2026-01", Money(500_000, "RUB")), MonthlyCost("2026-06", Money(0, "RUB")))


def test_a_channel_that_nobody_knows_becomes_a_root(salon: Harness) -> None:
    """The first spelling wins, and others are told of the source once."""
    salon.ask(clara(phones=(), source=Source("Instagram")))
    salon.ask(clara(phones=(), source=Source("INSTAGRAM")))
    (known,) = salon.ask(ListSources()).items
    assert (known.name, known.parent_id, known.active, known.costs, known.version) == ("Instagram", None, True, (), 1)
    assert [(one.source_id, one.version) for one in salon.announced(SourceChanged)] == [(known.id, 1)]
    assert {one.source_id for one in salon.announced(ClientRegistered)} == {known.id}


def test_a_renamed_and_moved_source_keeps_its_cards(salon: Harness) -> None:
    """The card shows the new name, its next change makes no second source, and the old name is free again."""
    card = salon.ask(clara(source=Source("instagram", "a story", "spring")))
    online = salon.ask(CreateSource("Online", costs=COSTS))
    (source,) = [one for one in salon.ask(ListSources()).items if one.id != online.id]
    moved = salon.ask(ChangeSource(source.id, 1, name="Insta", parent_id=online.id))
    assert (moved.name, moved.parent_id, moved.version) == ("Insta", online.id, 2)
    assert salon.ask(ShowClient(card.id)).source == Source("Insta", "a story", "spring")
    salon.ask(ChangeClient(card.id, 1, comment="again"))
    assert {one.name for one in salon.ask(ListSources()).items} == {"Online", "Insta"}
    assert salon.announced(ClientChanged) == []
    other = salon.ask(clara(phones=(), source=Source("Instagram")))
    assert other.source == Source("Instagram")
    assert {one.name for one in salon.ask(ListSources()).items} == {"Online", "Insta", "Instagram"}


def test_costs_are_dated_ordered_and_in_one_currency(salon: Harness) -> None:
    """What a channel costs from a month on is told to others; what cannot be is refused by its field."""
    source = salon.ask(CreateSource("leaflets", costs=COSTS))
    assert salon.ask(ShowSource(source.id)).costs == COSTS
    assert salon.announced(SourceChanged)[-1].costs == COSTS
    for costs, field, code in (
        (COSTS[::-1], "costs.1.month", "months_unordered"),
        ((COSTS[0], COSTS[0]), "costs.1.month", "months_unordered"),
        ((MonthlyCost("2026-01", Money(-1, "RUB")),), "costs.0.monthly", "cost_negative"),
        ((COSTS[0], MonthlyCost("2026-02", Money(1, "EUR"))), "costs.1.monthly", "currency_other"),
    ):
        change = ChangeSource(source.id, 1, costs=costs)
        assert list(refused(Invalid, code, lambda c=change: salon.ask(c)).details["errors"]) == [field]
    refused(
        Invalid,
        "currency_other",
        lambda: salon.ask(CreateSource("radio", costs=(MonthlyCost("2026-01", Money(1, "EUR")),))),
    )
    assert salon.ask(ChangeSource(source.id, 1, costs=(), active=False)).costs == ()


def test_names_are_told_apart_without_case(salon: Harness) -> None:
    """Among all sources, because a card names a channel by that alone."""
    salon.ask(clara(source=Source("Улица")))
    refused(Conflict, "source_exists", lambda: salon.ask(CreateSource(" улица ")))
    radio = salon.ask(CreateSource("Radio"))
    refused(Conflict, "source_exists", lambda: salon.ask(ChangeSource(radio.id, 1, name="УЛИЦА")))
    refused(Invalid, "name_blank", lambda: salon.ask(CreateSource("  ")))
    assert salon.ask(ChangeSource(radio.id, 1, name="RADIO")).name == "RADIO"


def test_the_tree_has_no_loops(salon: Harness) -> None:
    """Neither below itself, nor below its own branch, nor below nothing."""
    top = salon.ask(CreateSource("top"))
    middle = salon.ask(CreateSource("middle", parent_id=top.id))
    leaf = salon.ask(CreateSource("leaf", parent_id=middle.id))
    for parent, code in ((top.id, "source_cycle"), (leaf.id, "source_cycle"), (UUID(int=7), "source_unknown")):
        change = ChangeSource(top.id, 1, parent_id=parent)
        assert "parent_id" in refused(Invalid, code, lambda c=change: salon.ask(c)).details["errors"]
    assert salon.ask(ChangeSource(leaf.id, 1, parent_id=None)).parent_id is None


def test_simultaneous_moves_make_no_loop(salon: Harness) -> None:
    """Each is right alone; together they would go round."""
    pair = [salon.ask(CreateSource(name)).id for name in ("one", "two")]
    outcomes: list[str] = []

    def move(place: int) -> None:
        answer = salon.answer(ChangeSource(pair[place], 1, parent_id=pair[place - 1]))
        outcomes.append(answer.error.code if answer.error else "ok")

    threads = [threading.Thread(target=move, args=(place,)) for place in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["ok", "source_cycle"]


def test_what_is_used_stays(salon: Harness) -> None:
    """A source goes when neither a card nor another source hangs on it, by its version."""
    salon.ask(clara(source=Source("instagram"), home_branch_id=HERE))
    (used,) = salon.ask(ListSources()).items
    refused(Conflict, "source_used", lambda: salon.ask(RemoveSource(used.id, 1)))
    top = salon.ask(CreateSource("top"))
    leaf = salon.ask(CreateSource("leaf", parent_id=top.id))
    refused(Conflict, "source_used", lambda: salon.ask(RemoveSource(top.id, 1)))
    refused(Stale, "version_stale", lambda: salon.ask(RemoveSource(leaf.id, 2)))
    for source in (leaf, top):
        salon.ask(RemoveSource(source.id, 1))
        refused(NotFound, "source_not_found", lambda s=source: salon.ask(ShowSource(s.id)))
    assert [one.source_id for one in salon.announced(SourceRemoved)] == [leaf.id, top.id]


@pytest.mark.parametrize("request_", [CreateSource("x"), ListSources()])
def test_whoever_has_no_right_to_sources_may_not(salon: Harness, request_: CreateSource | ListSources) -> None:
    """Rights to cards are none to the tree."""
    refused(Forbidden, "permission_missing", lambda: salon.ask(request_, ANNA))


def test_costs_are_in_the_currency_of_the_installation(salon: Harness) -> None:
    """Where prices have one; while booking does not answer, in that of the other costs."""
    salon.others.answers[ShowCurrency] = lambda _: CurrencyInUse("EUR")
    refused(Invalid, "currency_other", lambda: salon.ask(CreateSource("leaflets", costs=COSTS)))
    euros = (MonthlyCost("2026-01", Money(5_000, "EUR")),)
    source = salon.ask(CreateSource("leaflets", costs=euros))
    refused(Invalid, "currency_other", lambda: salon.ask(ChangeSource(source.id, 1, costs=COSTS)))
    assert salon.ask(ChangeSource(source.id, 1, name="Flyers")).version == 2
    del salon.others.answers[ShowCurrency]
    refused(Invalid, "currency_other", lambda: salon.ask(CreateSource("posters", costs=COSTS)))
