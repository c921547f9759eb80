"""What others are told of who somebody is: sex, and the five years of birth, never the date."""

from datetime import date

from sqlalchemy import text

from chassis.migrations import folder_of, upgrade
from contracts.clients import ChangeClient, ClientChanged, ClientRegistered, EraseClient
from tests.component.clients.conftest import clara
from tests.harness import Harness


def told(salon: Harness) -> list[tuple[str | None, int | None]]:
    return [(each.sex, each.birth_band) for each in salon.announced(ClientRegistered, ClientChanged)]


def test_a_card_tells_sex_and_five_years(salon: Harness) -> None:
    salon.ask(clara(sex="female", birth_date=date(1989, 12, 31)))
    assert told(salon) == [("female", 1985)]


def test_who_says_nothing_is_told_of_as_nothing(salon: Harness) -> None:
    salon.ask(clara())
    assert told(salon) == [(None, None)]


def test_only_a_change_of_what_is_told_is_announced(salon: Harness) -> None:
    """Another day within the same five years is nobody's business."""
    card = salon.ask(clara(birth_date=date(1985, 1, 1)))
    card = salon.ask(ChangeClient(card.id, card.version, birth_date=date(1989, 12, 31)))
    assert told(salon) == [(None, 1985)]
    card = salon.ask(ChangeClient(card.id, card.version, birth_date=date(1990, 1, 1)))
    salon.ask(ChangeClient(card.id, card.version, sex="male"))
    assert told(salon) == [(None, 1985), (None, 1990), ("male", 1990)]


def test_erasure_takes_them(salon: Harness) -> None:
    card = salon.ask(clara(sex="female", birth_date=date(1989, 12, 31)))
    salon.ask(EraseClient(card.id, 1))
    with salon.session() as session:
        kept = session.connection().exec_driver_sql("SELECT sex, birth_band FROM clients").one()
    assert kept == (None, None)


def test_cards_of_an_earlier_schema_are_told_of_once(salon: Harness) -> None:
    """Their sex and birth date lie sealed; what is damaged, erased or says nothing is passed over."""
    said = salon.ask(clara(sex="female", birth_date=date(1989, 12, 31)))
    damaged = salon.ask(clara(phones=("+79160000007",), sex="male"))
    gone = salon.ask(clara(phones=("+79160000008",), sex="male"))
    salon.ask(clara(phones=("+79160000009",)))
    salon.ask(EraseClient(gone.id, 1))
    with salon.session() as session:
        for back in (
            "DROP TABLE unmeasured",
            "ALTER TABLE clients DROP COLUMN sex, DROP COLUMN birth_band",
            "ALTER TABLE consent_documents DROP COLUMN asked_online",
            "UPDATE alembic_version SET version_num = '0004'",
        ):
            session.execute(text(back))
        session.execute(text("UPDATE clients SET person = 'torn' WHERE id = :id"), {"id": damaged.id})
        session.commit()
        engine = session.get_bind()
    assert upgrade(engine, folder_of("clients")) == ["0005", "0006", "0007"]
    before = len(salon.announced(ClientChanged))
    salon.tick()
    (event,) = salon.announced(ClientChanged)[before:]
    assert (event.client_id, event.sex, event.birth_band) == (said.id, "female", 1985)
    assert event.version > said.version
    salon.tick()
    assert len(salon.announced(ClientChanged)) == before + 1
    with salon.session() as session:
        assert session.scalar(text("SELECT count(*) FROM unmeasured")) == 0


def test_a_card_that_is_erased_is_not_to_be_measured(salon: Harness) -> None:
    card = salon.ask(clara(sex="female"))
    with salon.session() as session:
        session.execute(text("INSERT INTO unmeasured VALUES (:id)"), {"id": card.id})
        session.commit()
    salon.ask(EraseClient(card.id, 1))
    with salon.session() as session:
        assert session.scalar(text("SELECT count(*) FROM unmeasured")) == 0
