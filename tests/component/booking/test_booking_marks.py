"""Services that are marked with contraindications: who marks them, and who reads of what."""

import pytest

from contracts.booking import ChangeService, Contraindication, CreateService, ListServices, Service, ShowService
from kernel.errors import Forbidden, Invalid
from tests.builders import a_user, anna
from tests.component.booking.salon import Salon, field_of, roubles

NUTS = Contraindication("nuts", "warn")
PREGNANCY = Contraindication("pregnancy", "block")
KEEPS = ("services.create", "services.read", "services.edit")


def marked(salon: Salon, *marks: Contraindication) -> Service:
    now = salon.ask(ShowService(salon.haircut.id))
    return salon.ask(ChangeService(now.id, now.version, contraindications=marks))


def test_a_service_is_marked_with_conditions(salon: Salon) -> None:
    assert salon.haircut.contraindications == ()
    assert marked(salon, NUTS, Contraindication("  contact   dermatitis ", "block")).contraindications == (
        NUTS,
        Contraindication("contact dermatitis", "block"),
    )
    made = salon.a_service("Peeling", contraindications=(PREGNANCY,))
    assert made.contraindications == (PREGNANCY,)
    shown = {each.id: each.contraindications for each in salon.ask(ListServices()).items}
    assert shown[made.id] == (PREGNANCY,)
    assert salon.ask(ChangeService(made.id, made.version, name="Deep peeling")).contraindications == (PREGNANCY,)
    assert marked(salon).contraindications == ()


def test_a_mark_says_something_and_stands_once(salon: Salon) -> None:
    for wrong, field in (
        (("—",), "contraindications.0.condition"),
        (("nuts", " NUTS"), "contraindications.1.condition"),
    ):
        with pytest.raises(Invalid) as refused:
            marked(salon, *(Contraindication(each) for each in wrong))
        assert field_of(refused.value) == field


def test_whoever_does_not_see_health_reads_that_there_is_a_mark_not_of_what(salon: Salon) -> None:
    """Else a block at booking would name the diagnosis."""
    marked(salon, PREGNANCY)
    (shown,) = salon.ask(ListServices(), a_user(*KEEPS)).items
    assert [(each.condition, each.severity) for each in shown.contraindications] == [("•••", "block")]
    seeing = a_user(*KEEPS, marks=frozenset({"health"}))
    assert salon.ask(ShowService(salon.haircut.id), seeing).contraindications == (PREGNANCY,)


def test_only_who_sees_health_marks_a_service(salon: Salon) -> None:
    """Else they could mark a service and book it, to ask about anybody's health."""
    blind = anna(*KEEPS, everywhere=True)
    with pytest.raises(Forbidden, match="health"):
        salon.ask(CreateService("Peeling", "Face", 60, roubles(1), contraindications=(NUTS,)), blind)
    for marks in ((NUTS,), ()):
        with pytest.raises(Forbidden, match="health"):
            salon.ask(ChangeService(salon.haircut.id, 1, contraindications=marks), blind)
    assert salon.ask(ChangeService(salon.haircut.id, 1, name="Cut"), blind).name == "Cut"
