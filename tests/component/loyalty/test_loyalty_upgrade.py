"""What an installation had before whole programmes: its tiers are versions of documents, and hold as they did."""

import shutil
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.orm import Session

from chassis.database import connect
from chassis.migrations import folder_of, upgrade
from kernel.time import utc_now
from services.loyalty.domain.programme import Personal, Referrals, Tier
from services.loyalty.domain.timeline import FIRST
from services.loyalty.queries.programmes import timeline

SECOND = """
    INSERT INTO programmes (version, in_force_since, tiers)
    VALUES (2, now() + interval '1 hour', '[{"people": 2, "percent": "7.5"}]')
"""


def test_tiers_become_documents(new_database, tmp_path: Path) -> None:
    folder = tmp_path / "migrations"
    folder.mkdir()
    for name in ("0001_first_tables.py", "0002_merged_clients_and_personal_discounts.py"):
        shutil.copy(folder_of("loyalty") / name, folder)
    engine = connect(new_database("upgraded"), 1)
    assert upgrade(engine, folder) == ["0001", "0002"]
    with engine.begin() as connection:
        connection.execute(text(SECOND))
    assert upgrade(engine, folder_of("loyalty"))[0] == "0003"
    with Session(engine) as session:
        programmes = timeline(session)
    engine.dispose()
    now = utc_now()
    first, second = programmes.at(None, now), programmes.at(None, now + timedelta(hours=2))
    assert (first.version, first.starts, first.ends) == (1, FIRST, second.starts)
    assert (second.version, second.ends) == (2, None)
    assert [type(rule) for rule in first.rules] == [Referrals, Personal]
    assert second.rules == (Referrals(name="referrals", tiers=(Tier(2, Decimal("7.5")),)), Personal(name="personal"))
