"""The salon itself: settings, branches, rooms, the catalogue, masters, shifts; and the tables that keep them."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest

from chassis.migrations import differences
from chassis.outbox import bus_metadata
from contracts.auth import CheckUser, UserStanding
from contracts.booking import (
    Branch,
    BranchPolicy,
    ChangeBranch,
    ChangeMaster,
    ChangeRoom,
    ChangeService,
    ChangeSettings,
    CheckBranches,
    CheckFavourites,
    CreateBranch,
    CreateMaster,
    CreateRoom,
    CreateService,
    ListBranches,
    ListMasters,
    ListRooms,
    ListServices,
    ListShifts,
    OpeningHours,
    ReplaceShifts,
    Shift,
    ShowBranch,
    ShowMaster,
    ShowRoom,
    ShowService,
    ShowSettings,
    UnknownBranches,
    UnknownFavourites,
)
from kernel.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from kernel.money import Money
from services.booking.tables import booking_metadata
from tests.builders import CLARA, OWNER, a_service, a_user, boris
from tests.component.booking.salon import Salon, field_of, roubles

EVERYTHING_ELSEWHERE = (
    "branches.read", "branches.edit", "rooms.create", "rooms.read", "rooms.edit", "masters.read", "masters.edit",
    "shifts.read", "shifts.edit",
)  # fmt: skip


@pytest.fixture
def elsewhere(salon: Salon) -> Branch:
    return salon.a_branch("Elsewhere")


def test_the_tables_in_code_are_those_of_the_migrations(salon: Salon) -> None:
    with salon.booking.dispatcher.engine.connect() as connection:
        assert differences(connection, booking_metadata, bus_metadata) == []


# --- settings -------------------------------------------------------------------------------------------------------


def test_the_first_price_says_the_currency_and_another_one_is_refused(salon: Salon) -> None:
    assert salon.ask(ShowSettings()).currency == "RUB"
    with pytest.raises(Invalid, match="currency_differs"):
        salon.ask(CreateService("Perm", "Hair", 60, Money(100, "EUR")))
    with pytest.raises(Invalid, match="currency_differs"):
        salon.ask(ChangeService(salon.haircut.id, 1, price=Money(100, "EUR")))
    with pytest.raises(Invalid, match="currency_differs"):
        salon.ask(ChangeSettings(salon.ask(ShowSettings()).version, currency="EUR"))


def test_the_currency_can_be_said_before_the_first_price(start: object) -> None:
    booking = start("booking")  # type: ignore[operator]
    assert booking.ask(ShowSettings()).currency is None
    assert booking.ask(ChangeSettings(1, currency="CAD")).currency == "CAD"
    assert booking.ask(ChangeSettings(2, currency="EUR")).version == 3
    with pytest.raises(Stale):
        booking.ask(ChangeSettings(2, currency="CAD"))


# --- branches and rooms ---------------------------------------------------------------------------------------------


def test_a_branch_is_made_shown_changed_and_listed(salon: Salon) -> None:
    week = (OpeningHours(0, "09:00", "21:00"), OpeningHours(6, "10:00", "24:00"))
    policy = BranchPolicy(lead_minutes=60, horizon_days=30, cancel_minutes=120, hold_minutes=10, offer_minutes=20)
    made = salon.ask(CreateBranch(" Old Town ", "America/Toronto", "1 King St", week, policy))
    assert (made.name, made.opening_hours, made.policy) == ("Old Town", week, policy)
    assert salon.ask(ShowBranch(made.id)) == made
    assert salon.branch.policy == BranchPolicy()
    changed = salon.ask(ChangeBranch(made.id, 1, name="New Town", opening_hours=week[:1]))
    assert (changed.name, changed.opening_hours, changed.address, changed.version) == (
        "New Town",
        week[:1],
        "1 King St",
        2,
    )
    assert changed.policy == policy
    assert salon.ask(ChangeBranch(made.id, 2, policy=BranchPolicy(lead_minutes=5))).policy == BranchPolicy(5)
    with pytest.raises(Stale):
        salon.ask(ChangeBranch(made.id, 1, name="Newer Town"))
    first = salon.ask(ListBranches(limit=1))
    rest = salon.ask(ListBranches(cursor=first.next))
    assert [branch.id for branch in (*first.items, *rest.items)] == [salon.branch.id, made.id]
    assert rest.next is None


def test_a_branch_that_cannot_be_is_refused(salon: Salon) -> None:
    with pytest.raises(Invalid, match="time_zone_unknown"):
        salon.ask(CreateBranch("Atlantis", "Atlantis/Poseidonis"))
    with pytest.raises(Invalid, match="closes_early"):
        salon.ask(CreateBranch("Backwards", "Europe/Paris", opening_hours=(OpeningHours(0, "21:00", "09:00"),)))
    with pytest.raises(NotFound, match="branch_not_found"):
        salon.ask(ShowBranch(CLARA))


def test_names_of_nothing_and_hours_that_overlap_are_refused_by_the_field(salon: Salon) -> None:
    room = salon.ask(CreateRoom(salon.branch.id, "Sauna"))
    twice = (OpeningHours(0, "09:00", "13:00"), OpeningHours(1, "09:00", "13:00"), OpeningHours(0, "12:59", "18:00"))
    for request, code, field in (
        (CreateBranch("  ", "Europe/Paris"), "name_blank", "name"),
        (CreateBranch("Twice", "Europe/Paris", opening_hours=twice), "hours_overlap", "opening_hours.2"),
        (ChangeBranch(salon.branch.id, 1, name="  "), "name_blank", "name"),
        (ChangeBranch(salon.branch.id, 1, opening_hours=twice), "hours_overlap", "opening_hours.2"),
        (CreateRoom(salon.branch.id, "  "), "name_blank", "name"),
        (CreateRoom(salon.branch.id, "Sauna", kind="  "), "name_blank", "kind"),
        (CreateRoom(salon.branch.id, "Sauna", hours=twice), "hours_overlap", "hours.2"),
        (ChangeRoom(room.id, 1, name="  "), "name_blank", "name"),
        (ChangeRoom(room.id, 1, hours=(OpeningHours(0, "24:00", "24:00"),)), "closes_early", "hours.0.closes"),
    ):
        with pytest.raises(Invalid, match=code) as caught:
            salon.ask(request)
        assert field_of(caught.value) == field
    split = (OpeningHours(0, "09:00", "13:00"), OpeningHours(0, "13:00", "18:00"))
    assert salon.ask(ChangeBranch(salon.branch.id, 1, opening_hours=split)).opening_hours == split
    assert salon.ask(ListRooms()).items == (room,)


def test_who_may_make_branches_is_shown_the_new_one(salon: Salon) -> None:
    """It is not among their branches yet."""
    assert salon.ask(CreateBranch("New", "Europe/Paris"), salon.works_here("branches.create")).name == "New"


def test_a_master_is_somebody_who_can_sign_in(salon: Salon) -> None:
    """As far as auth can say so: while it is away, the master is made as was said."""
    nina = salon.a_master("Nina", user_id=CLARA)
    salon.booking.others.answers[CheckUser] = lambda request: UserStanding(request.id, exists=False)
    with pytest.raises(Invalid, match="user_unknown"):
        salon.a_master("Vera", user_id=OWNER.id)
    with pytest.raises(Invalid, match="user_unknown"):
        salon.ask(ChangeMaster(nina.id, 1, user_id=OWNER.id))
    assert salon.ask(ChangeMaster(nina.id, 1, user_id=None)).user_id is None


def test_which_ids_are_no_branches_is_said_to_services(salon: Salon) -> None:
    asked = CheckBranches((salon.branch.id, CLARA))
    assert salon.ask(asked, a_service("auth")) == UnknownBranches((CLARA,))
    with pytest.raises(Forbidden):
        salon.ask(asked)


def test_which_favourites_there_are_not_is_said_to_services(salon: Salon) -> None:
    asked = CheckFavourites((salon.anna.id, CLARA), (CLARA, salon.haircut.id))
    assert salon.ask(asked, a_service("clients")) == UnknownFavourites((CLARA,), (CLARA,))
    with pytest.raises(Forbidden):
        salon.ask(asked)


def test_a_room_is_made_shown_changed_and_listed(salon: Salon) -> None:
    made = salon.ask(CreateRoom(salon.branch.id, "Sauna", 4))
    assert salon.ask(ShowRoom(made.id)) == made
    assert salon.ask(ChangeRoom(made.id, 1, capacity=6)).capacity == 6
    assert [room.id for room in salon.ask(ListRooms(branch_id=salon.branch.id)).items] == [made.id]
    hours = (OpeningHours(5, "10:00", "18:00"),)
    laser = salon.ask(CreateRoom(salon.branch.id, "Laser", kind=" laser ", hours=hours, active=False))
    assert (laser.kind, laser.hours, laser.active, made.kind) == ("laser", hours, False, "room")
    assert [room.id for room in salon.ask(ListRooms(kind="laser")).items] == [laser.id]
    changed = salon.ask(ChangeRoom(laser.id, 1, kind="light", hours=(), active=True))
    assert (changed.kind, changed.hours, changed.active, changed.version) == ("light", (), True, 2)
    with pytest.raises(Invalid, match="branch_unknown"):
        salon.ask(CreateRoom(CLARA, "Nowhere"))


def test_boris_sees_and_changes_only_his_branch(salon: Salon, elsewhere: Branch) -> None:
    him = boris(*EVERYTHING_ELSEWHERE, branch_ids=frozenset({elsewhere.id}))
    room = salon.ask(CreateRoom(salon.branch.id, "Sauna"))
    assert [branch.id for branch in salon.ask(ListBranches(), him).items] == [elsewhere.id]
    assert salon.ask(ListRooms(), him).items == ()
    assert salon.ask(ListMasters(), him).items == ()
    today = Shift(salon.today, "09:00", "10:00")
    for request, code in (
        (ShowBranch(salon.branch.id), "branch_not_found"),
        (ChangeBranch(salon.branch.id, 1, name="His"), "branch_not_found"),
        (ShowRoom(room.id), "room_not_found"),
        (ChangeRoom(room.id, 1, name="His"), "room_not_found"),
        (ListRooms(branch_id=salon.branch.id), "branch_not_found"),
        (ListMasters(branch_id=salon.branch.id), "branch_not_found"),
        (ShowMaster(salon.anna.id), "master_not_found"),
        (ChangeMaster(salon.anna.id, 1, name="His"), "master_not_found"),
        (ListShifts(salon.anna.id, salon.today, salon.today), "master_not_found"),
        (ReplaceShifts(salon.anna.id, elsewhere.id, (today,)), "master_not_found"),
        (CreateRoom(salon.branch.id, "His"), "branch_not_found"),
        (ReplaceShifts(salon.a_master("Nina").id, salon.branch.id, (today,)), "branch_not_found"),
    ):
        with pytest.raises(NotFound, match=code):
            salon.ask(request, him)
    with pytest.raises(Forbidden):
        salon.ask(CreateBranch("His", "Europe/Paris"), him)


# --- the catalogue --------------------------------------------------------------------------------------------------


def test_a_service_is_made_shown_changed_and_listed(salon: Salon) -> None:
    made = salon.a_service("Colour", 90, 400_000, cost=roubles(90_000), buffer_after_minutes=15)
    assert salon.ask(ShowService(made.id)) == made
    changed = salon.ask(ChangeService(made.id, 1, price=roubles(0), cost=None, active=False))
    assert (changed.price.amount, changed.cost, changed.active, changed.version) == (0, None, False, 2)
    assert salon.ask(ListServices(), a_user("services.read")).items[-1].name == "Colour"


def test_what_a_service_costs_is_for_those_who_keep_the_books(salon: Salon) -> None:
    made = salon.a_service("Colour", cost=roubles(90_000))
    assert salon.ask(ShowService(made.id), a_user("services.read")).cost is None
    assert salon.ask(ShowService(made.id), a_user("services.read", marks=frozenset({"finance"}))).cost == roubles(
        90_000
    )


def test_a_price_below_nothing_is_refused(salon: Salon) -> None:
    with pytest.raises(Invalid, match="price_out_of_range"):
        salon.a_service(price=-1)
    with pytest.raises(Invalid, match="price_out_of_range"):
        salon.ask(ChangeService(salon.haircut.id, 1, cost=roubles(-1)))


# --- masters and shifts ---------------------------------------------------------------------------------------------


def test_a_master_is_made_shown_changed_and_listed(salon: Salon) -> None:
    colour = salon.a_service("Colour")
    made = salon.ask(CreateMaster("Nina", service_ids=(colour.id, salon.haircut.id, colour.id)))
    assert made.service_ids == (colour.id, salon.haircut.id)
    assert salon.ask(ShowMaster(made.id)) == made
    changed = salon.ask(ChangeMaster(made.id, 1, service_ids=(salon.haircut.id,), active=False))
    assert (changed.service_ids, changed.active, changed.version) == ((salon.haircut.id,), False, 2)
    assert len(salon.ask(ListMasters()).items) == 3
    assert {each.name for each in salon.ask(ListMasters(branch_id=salon.branch.id)).items} == {"Anna", "Olga"}
    with pytest.raises(Invalid, match="service_unknown"):
        salon.ask(CreateMaster("Nina", service_ids=(CLARA,)))


def test_a_login_belongs_to_one_master(salon: Salon) -> None:
    user = UUID(int=7)
    salon.ask(CreateMaster("Nina", user_id=user))
    with pytest.raises(Conflict, match="user_taken"):
        salon.ask(CreateMaster("Another Nina", user_id=user))
    with pytest.raises(Conflict, match="user_taken"):
        salon.ask(ChangeMaster(salon.anna.id, 1, user_id=user))


def test_shifts_replace_those_of_the_dates_that_are_named(salon: Salon) -> None:
    today = salon.today
    two = (Shift(today, "14:00", "24:00"), Shift(today, "08:00", "12:30"))
    replaced = salon.ask(ReplaceShifts(salon.anna.id, salon.branch.id, two))
    assert [(shift.starts, shift.ends) for shift in replaced.shifts] == [("08:00", "12:30"), ("14:00", "24:00")]
    listed = salon.ask(ListShifts(salon.anna.id, today, today + timedelta(days=1)))
    assert [(shift.starts, shift.ends) for shift in listed.shifts] == [
        ("08:00", "12:30"), ("14:00", "24:00"), ("09:00", "21:00"),
    ]  # fmt: skip


def test_a_master_works_in_one_place_at_a_time(salon: Salon, elsewhere: Branch) -> None:
    salon.ask(ChangeBranch(elsewhere.id, 1, name="Elsewhere"))
    there = salon.a_branch("There", salon.branch.time_zone)
    with pytest.raises(Conflict, match="shift_overlaps"):
        salon.works(salon.anna, "20:00", "22:00", days=(0,), branch=there)
    salon.works(salon.anna, "21:00", "22:00", days=(0,), branch=there)
    day = salon.today
    assert len(salon.ask(ListShifts(salon.anna.id, day, day)).shifts) == 2
    only_there = a_user("shifts.read", branch_ids=frozenset({there.id}))
    assert [shift.branch_id for shift in salon.ask(ListShifts(salon.anna.id, day, day), only_there).shifts] == [
        there.id
    ]


def test_shifts_that_cannot_be_are_refused(salon: Salon) -> None:
    day = salon.today
    paris = salon.a_branch("Paris", "Europe/Paris")
    spring = date(2027, 3, 28)
    for branch, shifts, code in (
        (salon.branch, (Shift(day, "10:00", "10:00"),), "shift_ends_early"),
        (salon.branch, (Shift(day, "09:00", "12:00"), Shift(day, "11:00", "13:00")), "shift_overlaps"),
        (salon.branch, (Shift(date.max, "09:00", "24:00"),), "date_out_of_range"),
        (paris, (Shift(spring, "02:00", "03:00"),), "shift_in_gap"),
    ):
        with pytest.raises(Invalid, match=code):
            salon.ask(ReplaceShifts(salon.anna.id, branch.id, shifts))
    request = ListShifts(salon.anna.id, day, day)
    with pytest.raises(Invalid, match="period_invalid"):
        salon.ask(replace(request, to=day - timedelta(days=1)))
    with pytest.raises(Invalid, match="period_too_long"):
        salon.ask(replace(request, to=day + timedelta(days=4000)))


def test_a_master_sees_only_their_own_schedule(salon: Salon) -> None:
    own = a_user(
        "shifts.read.own", "appointments.read.own", "masters.read.own", branch_ids=frozenset({salon.branch.id})
    )
    nina = salon.ask(CreateMaster("Nina", own.id, (salon.haircut.id,)))
    salon.works(nina)
    hers = salon.book(master=nina)
    others = salon.book(salon.at("15:00"), master=salon.anna)
    day = salon.today
    assert len(salon.ask(ListShifts(nina.id, day, day), own).shifts) == 1
    with pytest.raises(NotFound, match="master_not_found"):
        salon.ask(ListShifts(salon.anna.id, day, day), own)
    assert [master.id for master in salon.ask(ListMasters(), own).items] == [nina.id]
    assert salon.show(hers, own).id == hers.id
    with pytest.raises(NotFound):
        salon.show(others, own)
