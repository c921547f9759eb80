"""How the salon shows itself: its name, its logo, its colour."""

from uuid import uuid4

import pytest

from contracts.booking import AddPicture, Brand, ChangeSettings, ShowBrand, ShowSettings
from kernel.errors import Forbidden, Invalid
from tests.builders import a_user
from tests.component.booking.salon import Salon
from tests.component.booking.test_booking_pictures import a_picture


def version(salon: Salon) -> int:
    return salon.ask(ShowSettings()).version


def test_the_brand_is_told_to_anybody_and_can_be_taken_away(salon: Salon) -> None:
    assert salon.ask(ShowBrand(), None) == Brand(None, None, None)
    picture = salon.ask(AddPicture(a_picture()))
    before = version(salon)
    changed = salon.ask(ChangeSettings(before, name="<b>Lotus</b>", logo_id=picture.id, colour="#0b6e4f"))
    assert (changed.name, changed.currency, changed.version) == ("<b>Lotus</b>", "RUB", before + 1)
    assert salon.ask(ShowBrand(), None) == Brand("<b>Lotus</b>", picture.id, "#0b6e4f")
    assert salon.ask(ChangeSettings(changed.version, colour="#0b6e4f")).version == changed.version
    salon.ask(ChangeSettings(changed.version, logo_id=None, name=None))
    assert salon.ask(ShowBrand(), None) == Brand(None, None, "#0b6e4f")


def test_a_logo_is_a_picture_that_is_there(salon: Salon) -> None:
    with pytest.raises(Invalid, match="picture_unknown") as refused:
        salon.ask(ChangeSettings(version(salon), logo_id=uuid4()))
    assert refused.value.details["errors"].keys() == {"logo_id"}


def test_only_who_may_edit_settings_changes_the_brand(salon: Salon) -> None:
    with pytest.raises(Forbidden):
        salon.ask(ChangeSettings(version(salon), name="Mine"), a_user("settings.read"))
