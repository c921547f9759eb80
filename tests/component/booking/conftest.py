"""A salon of its own for every test."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from tests.component.booking.salon import Salon, zone_where_it_is
from tests.harness import Harness


@dataclass
class Opened:
    """A salon whose service has ended; its databases and keys are there to be copied."""

    salon: Salon
    harness: Harness

    @classmethod
    def on(cls, harness: Harness, zone: str) -> "Opened":
        salon = Salon(harness, zone)
        harness.close()
        return cls(salon, harness)


@pytest.fixture(scope="session")
def opened(
    migrated: Callable[[str], dict[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Opened]:
    """A function that opens a salon in a zone once a day: that takes longer than most tests."""
    known: dict[tuple[str, date], Opened] = {}

    def find(zone: str) -> Opened:
        day = datetime.now(ZoneInfo(zone)).date()
        if (zone, day) not in known:
            harness = Harness("booking", migrated("booking"), tmp_path_factory.mktemp("salon"))
            known[zone, day] = Opened.on(harness, zone)
        return known[zone, day]

    return find


@pytest.fixture
def salon(
    start: Callable[..., Harness], copied: Callable[..., dict[str, str]], opened: Callable[[str], Opened]
) -> Salon:
    """It is ten in the morning. Each test has a copy of a salon that was just opened."""
    zone = zone_where_it_is(10)
    first = opened(zone)
    settings = first.harness.settings
    databases = copied(f"salon {zone} {first.salon.today}", settings.databases)
    return first.salon.served_by(start("booking", databases, settings.keys))
