"""A salon of its own for every test."""

from collections.abc import Callable

import pytest

from tests.component.booking.salon import Salon
from tests.harness import Harness


@pytest.fixture
def salon(start: Callable[..., Harness]) -> Salon:
    return Salon(start("booking"))
