"""Cards taken over from another system, in bulk."""

import time
from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import func, select

from contracts.clients import (
    ClientRegistered,
    EraseClient,
    ImportClients,
    ImportedClient,
    ListClients,
    PersonalDataHandled,
    RegisterClient,
    ShowClient,
    Source,
)
from kernel.errors import Conflict, Forbidden, Invalid
from services.clients.tables import clients
from tests.builders import HERE, OWNER, anna
from tests.harness import Harness

PAST = datetime(2018, 3, 5, 12, tzinfo=UTC)


def one(reference: str, **said: object) -> ImportedClient:
    return ImportedClient(**{"first_name": reference, "reference": reference, "registered_at": PAST} | said)


def take_over(salon: Harness, *said: ImportedClient) -> dict[str, tuple[UUID, bool]]:
    reply = salon.ask(ImportClients(said))
    assert [item.reference for item in reply.items] == [card.reference for card in said]
    return {item.reference: (item.id, item.created) for item in reply.items}


def test_taking_over_twice_changes_nothing(salon: Harness) -> None:
    """The second run answers with the same ids; only what is new is made and announced."""
    first = take_over(salon, one("KERT01"), one("COOM01", source=Source("walk-in")))
    second = take_over(salon, one("COOM01", first_name="Other"), one("NEW01"), one("KERT01"))
    assert {name: created for name, (_, created) in second.items()} == {"COOM01": False, "NEW01": True, "KERT01": False}
    assert second["KERT01"][0] == first["KERT01"][0]
    card = salon.ask(ShowClient(first["COOM01"][0]))
    assert (card.first_name, card.reference, card.registered_at) == ("COOM01", "COOM01", PAST)
    assert len(salon.announced(ClientRegistered)) == 3


def test_referrers_are_named_by_reference_in_any_order(salon: Harness) -> None:
    """In this batch, before or after, or in an earlier one; whoever brought is announced before whom they brought."""
    take_over(salon, one("ROOT"))
    made = take_over(
        salon,
        one("GRANDCHILD", referrer_reference="CHILD"),
        one("CHILD", referrer_reference="ROOT"),
        one("OTHER", referrer_reference="GRANDCHILD"),
    )
    assert salon.ask(ShowClient(made["GRANDCHILD"][0])).referrer_id == made["CHILD"][0]
    told = [event.client_id for event in salon.announced(ClientRegistered)][1:]
    assert told == [made["CHILD"][0], made["GRANDCHILD"][0], made["OTHER"][0]]


@pytest.mark.parametrize(
    ("said", "field", "code"),
    [
        ((one("A"), one(" ", first_name="B")), "clients.1.reference", "reference_missing"),
        ((one("A"), one("A")), "clients.1.reference", "reference_repeated"),
        ((one("A"), one("B", referrer_reference="C")), "clients.1.referrer_reference", "referrer_unknown"),
        ((one("A", referrer_reference="A"),), "clients.0.referrer_reference", "referrer_is_self"),
        (
            (one("Z"), one("A", referrer_reference="B"), one("B", referrer_reference="A")),
            "clients.1.referrer_reference",
            "referrer_cycle",
        ),
        ((one("A"), one("B", referrer_id=UUID(int=5))), "clients.1.referrer_id", "referrer_unknown"),
        (
            (one("A"), one("B", referrer_id=UUID(int=5), referrer_reference="A")),
            "clients.1.referrer_reference",
            "referrer_twice",
        ),
        ((one("A"), one("B", phones=("+7916123",))), "clients.1.phones.0", "phone_invalid"),
        ((one("A"), one("B", email="nobody")), "clients.1.email", "email_invalid"),
        (
            (one("A"), one("B", registered_at=datetime(2999, 1, 1, tzinfo=UTC))),
            "clients.1.registered_at",
            "registered_in_future",
        ),
        ((one("A", registered_at=datetime(1, 1, 1, tzinfo=UTC)),), "clients.0.registered_at", "registered_too_early"),
        ((one("A", registered_at=PAST.replace(tzinfo=None)),), "clients.0.registered_at", "offset_missing"),
    ],
)
def test_one_wrong_card_refuses_the_batch(
    salon: Harness, said: tuple[ImportedClient, ...], field: str, code: str
) -> None:
    """The refusal names the place, and nothing of the batch is kept."""
    with pytest.raises(Invalid) as caught:
        salon.ask(ImportClients(said))
    assert (caught.value.code, list(caught.value.details["errors"])) == (code, [field])
    assert salon.ask(ListClients()).items == ()


def test_a_phone_of_somebody_else_refuses_the_batch(salon: Harness) -> None:
    """Within the batch and of earlier cards, unless it is shared by right."""
    phone = "+79161234567"
    salon.ask(RegisterClient("Клара", phones=(phone,)))
    for batch in (
        (one("A"), one("B", phones=(phone,))),
        (one("A", phones=("+79990000000",)), one("B", phones=("89990000000",))),
    ):
        with pytest.raises(Conflict) as caught:
            salon.ask(ImportClients(batch))
        assert (caught.value.code, list(caught.value.details["errors"])) == ("client_exists", ["clients.1.phones.0"])
    shared = ImportClients((one("A", phones=(phone,), shared_phone=True), one("B", phones=(phone,), shared_phone=True)))
    with pytest.raises(Forbidden):
        salon.ask(shared, anna("clients.import"))
    assert len(salon.ask(shared).items) == 2


def test_who_may_not_import_may_not(salon: Harness) -> None:
    """Registering one by one is another right."""
    with pytest.raises(Forbidden):
        salon.ask(ImportClients((one("A"),)), anna("clients.create"))


def test_an_import_by_a_branch_belongs_to_it(salon: Harness) -> None:
    """The home branch defaults to the caller's only one."""
    reply = salon.ask(ImportClients((one("A"),)), anna("clients.import"))
    assert salon.ask(ShowClient(reply.items[0].id)).home_branch_id == HERE


def test_the_journal_is_told_how_many_cards_were_taken_over(salon: Harness) -> None:
    """By whom, and nothing about them; an import that makes no card is not told."""
    take_over(salon, one("A"), one("B"))
    take_over(salon, one("A"))
    (told,) = salon.announced(PersonalDataHandled)
    assert (told.action, told.actor_id, told.details) == ("clients.imported", OWNER.id, {"cards": ("2",)})


def test_an_erased_person_may_be_taken_over_anew(salon: Harness) -> None:
    """Nothing by which they could be recognised is left, their reference included."""
    first = take_over(salon, one("A"))["A"][0]
    salon.ask(EraseClient(first, 1))
    second, created = take_over(salon, one("A"))["A"]
    assert created
    assert second != first


def test_five_hundred_cards_are_taken_over_in_well_under_a_second(salon: Harness) -> None:
    """A batch is a handful of statements, not one per card."""
    batch = tuple(
        one(
            f"R{n}",
            first_name="Александра",
            last_name=f"Константинопольская{n}",
            phones=(f"+7916{n:07d}",),
            email=f"client{n}@example.com",
            contraindications=("ammonia",),
            referrer_reference=f"R{n - 1}" if n % 5 else None,
            source=Source("instagram" if n % 2 else "Walk-in"),
        )
        for n in range(500)
    )
    salon.ask(ImportClients((one("WARM"),)))
    started = time.process_time()  # not the clock on the wall: the machine may be busy with something else
    reply = salon.ask(ImportClients(batch))
    seconds = time.process_time() - started
    assert all(item.created for item in reply.items)
    with salon.session() as session:
        assert session.scalar(select(func.count()).select_from(clients)) == 501
    assert len(salon.ask(ListClients(q="Константинопольская499")).items) == 1
    assert seconds < 0.75
