"""The catalogue: services with phases, ranges of prices and prices by branch, and their categories."""

from dataclasses import replace
from typing import Any

import pytest

from contracts.booking import (
    Branch,
    BranchPrice,
    Category,
    ChangeCategory,
    ChangeService,
    CreateCategory,
    CreateService,
    ListCategories,
    ListServices,
    Phase,
    ServicePolicy,
    ShowCategory,
    ShowService,
)
from kernel.errors import Conflict, Forbidden, Invalid, NotFound, Refusal, Stale
from kernel.money import Money
from tests.builders import CLARA, a_user
from tests.component.booking.salon import Salon, field_of, roubles, together

COLOURING = (Phase(30), Phase(40, busy=False), Phase(50))


@pytest.fixture
def elsewhere(salon: Salon) -> Branch:
    return salon.a_branch("Elsewhere")


def refused(salon: Salon, request: Any, code: str, caller: Any = None) -> str:
    """The field by which `request` is refused with `code`."""
    with pytest.raises(Invalid, match=code) as caught:
        salon.ask(request, caller) if caller else salon.ask(request)
    return field_of(caught.value)


# --- services -------------------------------------------------------------------------------------------------------


def test_a_service_is_kept_with_all_that_is_said_of_it(salon: Salon, elsewhere: Branch) -> None:
    made = salon.a_service(
        "Colouring",
        120,
        400_000,
        category="Colour",
        price_max=roubles(900_000),
        description="Roots and lengths",
        phases=COLOURING,
        room_kinds=("chair", "basin"),
        repeat_days=42,
        policy=ServicePolicy(lead_minutes=60, horizon_days=30),
        branch_prices=(
            BranchPrice(salon.branch.id, roubles(450_000), roubles(450_000)),
            BranchPrice(elsewhere.id, offered=False),
        ),
    )
    assert (made.phases, made.room_kinds, made.repeat_days) == (COLOURING, ("chair", "basin"), 42)
    assert (made.price_max, made.description) == (roubles(900_000), "Roots and lengths")
    assert made.policy == ServicePolicy(60, 30, None)
    assert made.branch_prices == (
        BranchPrice(salon.branch.id, roubles(450_000), roubles(450_000)),
        BranchPrice(elsewhere.id, offered=False),
    )
    assert salon.ask(ShowService(made.id)) == made
    assert made in salon.ask(ListServices()).items


def test_a_change_leaves_alone_what_it_does_not_name(salon: Salon) -> None:
    made = salon.a_service("Colouring", 120, phases=COLOURING, room_kinds=("chair",), price_max=roubles(300_000))
    changed = salon.ask(ChangeService(made.id, 1, name=" Balayage ", phases=()))
    assert changed == replace(made, name="Balayage", phases=(), version=2)
    assert salon.ask(ChangeService(made.id, 2, price_max=None, room_kinds=())).price_max is None
    assert salon.ask(ChangeService(made.id, 3)).version == 3
    with pytest.raises(Stale):
        salon.ask(ChangeService(made.id, 2, branch_prices=()))


def test_a_service_that_cannot_be_is_refused_by_its_field(salon: Salon) -> None:
    good: dict[str, Any] = {"name": "Perm", "category": "Hair", "duration_minutes": 120, "price": roubles(100)}
    for changes, code, field in (
        ({"name": "  "}, "name_blank", "name"),
        ({"category": "  "}, "name_blank", "category"),
        ({"room_kinds": ("chair", " ")}, "name_blank", "room_kinds.1"),
        ({"room_kinds": ("chair", " chair")}, "room_kind_twice", "room_kinds.1"),
        ({"phases": COLOURING[:2]}, "phases_do_not_add_up", "phases"),
        ({"phases": (Phase(20, busy=False), Phase(100))}, "phases_begin_busy", "phases.0.busy"),
        ({"phases": COLOURING, "capacity": 5}, "group_waits", "phases"),
        ({"price_max": roubles(99)}, "price_max_low", "price_max"),
        ({"price_max": Money(200, "EUR")}, "currency_differs", "price_max"),
        ({"price_max": roubles(10**12)}, "price_out_of_range", "price_max"),
        ({"buffer_after_minutes": 1440}, "longer_than_a_day", "duration_minutes"),
        ({"picture_id": CLARA}, "picture_unknown", "picture_id"),
        ({"branch_prices": (BranchPrice(CLARA),)}, "branch_unknown", "branch_prices.0.branch_id"),
    ):
        assert refused(salon, CreateService(**(good | changes)), code) == field
    assert [each.name for each in salon.ask(ListServices()).items] == ["Haircut"]


def test_a_change_that_does_not_go_with_the_rest_is_refused_by_what_it_says(salon: Salon) -> None:
    made = salon.a_service("Colouring", 120, 100, phases=COLOURING, price_max=roubles(200))
    for changes, code, field in (
        ({"duration_minutes": 90}, "phases_do_not_add_up", "duration_minutes"),
        ({"capacity": 5}, "group_waits", "capacity"),
        ({"price": roubles(201)}, "price_max_low", "price"),
        ({"buffer_before_minutes": 1400}, "longer_than_a_day", "buffer_before_minutes"),
    ):
        assert refused(salon, ChangeService(made.id, 1, **changes), code) == field
    assert salon.ask(ShowService(made.id)) == made


def test_booked_appointments_keep_what_they_were_booked_at(salon: Salon) -> None:
    booked = salon.book(master=salon.anna)
    others: dict[str, Any] = {
        "name": "Cut",
        "category": "Beards",
        "duration_minutes": 15,
        "price": roubles(1),
        "buffer_after_minutes": 30,
        "room_kinds": ("chair",),
        "active": False,
    }
    salon.ask(ChangeService(salon.haircut.id, 1, **others))
    assert salon.show(booked) == booked
    assert (booked.ends - booked.starts).total_seconds() == 3600


# --- prices by branch -----------------------------------------------------------------------------------------------


def test_prices_by_branch_that_cannot_be_are_refused(salon: Salon) -> None:
    here = salon.branch.id
    for entries, code, field in (
        ((BranchPrice(here), BranchPrice(here)), "branch_twice", "branch_prices.1.branch_id"),
        ((BranchPrice(here, Money(5, "EUR")),), "currency_differs", "branch_prices.0.price"),
        ((BranchPrice(here, roubles(-1)),), "price_out_of_range", "branch_prices.0.price"),
        ((BranchPrice(here, roubles(5), roubles(4)),), "price_max_low", "branch_prices.0.price_max"),
        ((BranchPrice(here, None, roubles(4)),), "price_max_low", "branch_prices.0.price_max"),
    ):
        assert refused(salon, ChangeService(salon.haircut.id, 1, branch_prices=entries), code) == field
    assert salon.ask(ShowService(salon.haircut.id)).branch_prices == ()
    salon.ask(ChangeService(salon.haircut.id, 1, branch_prices=(BranchPrice(here, None, roubles(300_000)),)))
    assert refused(salon, ChangeService(salon.haircut.id, 2, price=roubles(300_001)), "price_max_low") == "price"


def test_the_prices_of_other_branches_are_not_for_those_who_work_here(salon: Salon, elsewhere: Branch) -> None:
    manager = salon.works_here("services.edit", "services.create", "services.read")
    theirs = BranchPrice(elsewhere.id, roubles(300_000))
    ours = BranchPrice(salon.branch.id, roubles(200_000))
    salon.ask(ChangeService(salon.haircut.id, 1, branch_prices=(theirs,)))
    changed = salon.ask(ChangeService(salon.haircut.id, 2, branch_prices=(ours, theirs)), manager)
    assert changed.branch_prices == (ours, theirs)
    for entries in ((ours,), (ours, replace(theirs, offered=False))):
        with pytest.raises(Forbidden, match="branch_not_yours"):
            salon.ask(ChangeService(salon.haircut.id, 3, branch_prices=entries), manager)
    for request in (
        CreateService("Perm", "Hair", 60, roubles(100), branch_prices=(theirs,)),
        ChangeService(salon.a_service("Shave").id, 1, branch_prices=(theirs,)),
    ):
        with pytest.raises(NotFound, match="branch_not_found"):
            salon.ask(request, manager)
    assert salon.ask(ShowService(salon.haircut.id)) == changed


# --- categories -----------------------------------------------------------------------------------------------------


def categories(salon: Salon) -> list[Category]:
    return list(salon.ask(ListCategories()).items)


def test_a_service_makes_its_category_and_the_first_spelling_wins(salon: Salon) -> None:
    made = [salon.a_service("Tint", category=name).category for name in ("Брови", " БРОВИ ", "брови")]
    assert made == ["Брови"] * 3
    assert salon.ask(ChangeService(salon.haircut.id, 1, category="БРОВИ")).category == "Брови"
    assert [each.name for each in categories(salon)] == ["Hair", "Брови"]


def test_a_category_is_made_shown_changed_and_listed_in_its_order(salon: Salon) -> None:
    nails = salon.ask(CreateCategory(" Nails ", 20))
    brows = salon.ask(CreateCategory("Brows", 10))
    assert (nails.name, nails.version, salon.ask(ShowCategory(nails.id))) == ("Nails", 1, nails)
    first = salon.ask(ListCategories(limit=2))
    rest = salon.ask(ListCategories(limit=2, cursor=first.next))
    assert [each.name for each in (*first.items, *rest.items)] == ["Hair", "Brows", "Nails"]
    assert rest.next is None
    assert salon.ask(ChangeCategory(brows.id, 1, position=30)).version == 2
    assert [each.name for each in categories(salon)] == ["Hair", "Nails", "Brows"]
    with pytest.raises(Stale):
        salon.ask(ChangeCategory(brows.id, 1, name="Eyes"))
    with pytest.raises(NotFound, match="category_not_found"):
        salon.ask(ShowCategory(CLARA))


def test_another_name_of_a_category_goes_to_its_services(salon: Salon) -> None:
    (hair,) = categories(salon)
    nails = salon.a_service("Manicure", category="Nails")
    assert salon.ask(ChangeCategory(hair.id, 1, name="HAIR")).name == "HAIR"
    salon.ask(ChangeCategory(hair.id, 2, name="Coiffure"))
    moved = salon.ask(ShowService(salon.haircut.id))
    assert (moved.category, moved.version) == ("Coiffure", 3)
    assert salon.ask(ShowService(nails.id)) == nails


def test_a_category_that_cannot_be_is_refused(salon: Salon) -> None:
    with pytest.raises(Conflict, match="category_exists"):
        salon.ask(CreateCategory("hAiR"))
    nails = salon.ask(CreateCategory("Nails"))
    with pytest.raises(Conflict, match="category_exists"):
        salon.ask(ChangeCategory(nails.id, 1, name="hair"))
    assert refused(salon, CreateCategory("  "), "name_blank") == "name"
    assert refused(salon, ChangeCategory(nails.id, 1, picture_id=CLARA), "picture_unknown") == "picture_id"
    with pytest.raises(Forbidden):
        salon.ask(CreateCategory("Brows"), a_user("categories.read"))


def test_two_services_at_once_make_one_category(salon: Salon) -> None:
    names = ("Brows", "BROWS", "brows", "bROWS")
    made = together(4, lambda number: salon.a_service(f"Tint {number}", category=names[number]))
    assert not [each for each in made if isinstance(each, Refusal)]
    assert len({each.category for each in made}) == 1
    assert len(categories(salon)) == 2


def test_a_cursor_of_another_list_is_refused(salon: Salon) -> None:
    salon.a_service("Manicure", category="Nails")
    services = salon.ask(ListServices(limit=1))
    assert refused(salon, ListCategories(cursor=services.next), "cursor_invalid") == "cursor"
