"""What other services are told of the currency."""

import pytest

from contracts.booking import CurrencyInUse, ShowCurrency
from kernel.errors import Forbidden
from tests.builders import OWNER, a_service
from tests.component.booking.salon import Salon


def test_services_that_take_money_are_told_in_which_currency(salon: Salon) -> None:
    assert salon.ask(ShowCurrency(), a_service("clients")) == CurrencyInUse("RUB")
    with pytest.raises(Forbidden):
        salon.ask(ShowCurrency(), OWNER)
