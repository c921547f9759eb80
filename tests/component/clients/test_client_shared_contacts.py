"""Whether a card has a phone or an e-mail in common with that of its referrer, as others are told of it."""

import threading
from typing import Any
from uuid import UUID

from sqlalchemy import text

from contracts.clients import (
    ChangeClient,
    Client,
    ClientChanged,
    ClientErased,
    ClientRegistered,
    ClientsMerged,
    CreateClientCategory,
    EraseClient,
    ImportClients,
    ImportedClient,
    MergeClients,
    RemoveClientCategory,
)
from tests.component.clients.conftest import PHONE, clara
from tests.harness import Harness

OTHER = "+79169999999"
MAIL = "clara@example.com"


def a_card(salon: Harness, **said: object) -> Client:
    card: Client = salon.ask(clara(**{"phones": ()} | said))
    return card


def change(salon: Harness, card: Client, **said: Any) -> Client:
    changed: Client = salon.ask(ChangeClient(card.id, card.version, **said))
    return changed


def told_of(salon: Harness, client_id: UUID) -> list[tuple[int, bool]]:
    events = salon.announced(ClientRegistered, ClientChanged)
    return [(one.version, one.shared_contact) for one in events if one.client_id == client_id]


def test_a_new_card_is_compared_with_that_of_its_referrer(salon: Harness) -> None:
    """By phone and by e-mail, however that is written; nothing of the contact leaves the service."""
    olga = a_card(salon, phones=(PHONE,), email=MAIL)
    by_phone = a_card(salon, phones=(OTHER, PHONE), shared_phone=True, referrer_id=olga.id)
    by_mail = a_card(salon, email="Clara@Example.com", referrer_id=olga.id)
    stranger = a_card(salon, email="x@example.com", referrer_id=olga.id)
    nobodys = a_card(salon, email=MAIL)
    verdicts = {one.client_id: one.shared_contact for one in salon.announced(ClientRegistered)}
    assert {olga.id: False, by_phone.id: True, by_mail.id: True, stranger.id: False, nobodys.id: False} == verdicts


def test_a_change_of_either_card_is_told(salon: Harness) -> None:
    """Of the one that was brought at once, of those who were brought by the other when the clock comes to it."""
    olga = a_card(salon, email=MAIL)
    card = a_card(salon, email=MAIL, referrer_id=olga.id)
    bystander = a_card(salon, referrer_id=olga.id)
    card = change(salon, card, email="mine@example.com")
    card = change(salon, card, email=MAIL)
    assert told_of(salon, card.id) == [(1, True), (2, False), (3, True)]
    olga = change(salon, olga, email="other@example.com")
    salon.tick()
    change(salon, olga, email=MAIL)
    salon.tick()
    assert told_of(salon, card.id)[3:] == [(4, False), (5, True)]
    assert told_of(salon, bystander.id) == [(1, False)]


def test_another_referrer_is_another_comparison(salon: Harness) -> None:
    olga, irina = a_card(salon, email=MAIL), a_card(salon)
    card = a_card(salon, email=MAIL, referrer_id=olga.id)
    card = change(salon, card, referrer_id=irina.id)
    card = change(salon, card, referrer_id=None)
    change(salon, card, referrer_id=olga.id)
    assert told_of(salon, card.id) == [(1, True), (2, False), (3, False), (4, True)]


def test_what_does_not_bear_on_it_is_not_told(salon: Harness) -> None:
    olga = a_card(salon, email=MAIL)
    card = a_card(salon, email=MAIL, referrer_id=olga.id)
    change(salon, card, comment="likes tea", phones=(OTHER,))
    change(salon, olga, phones=(PHONE,))
    salon.tick()
    assert told_of(salon, card.id) == [(1, True)]


def test_a_merge_decides_again(salon: Harness) -> None:
    """For the card that is kept, and for those whom the one that is gone has brought."""
    kept, duplicate = a_card(salon, email="kept@example.com"), a_card(salon, phones=(PHONE,), email=MAIL)
    by_mail = a_card(salon, email=MAIL, referrer_id=duplicate.id)
    by_phone = a_card(salon, phones=(PHONE,), shared_phone=True, referrer_id=duplicate.id)
    by_other = a_card(salon, email="kept@example.com", referrer_id=duplicate.id)
    salon.ask(MergeClients(kept.id, duplicate.id))
    salon.tick()
    assert told_of(salon, by_mail.id) == [(1, True), (2, False)]
    assert told_of(salon, by_phone.id) == [(1, True)]
    assert told_of(salon, by_other.id) == [(1, False), (2, True)]
    last = salon.announced(ClientChanged)[-1]
    assert last.referrer_id == kept.id


def test_the_last_word_about_a_card_has_the_highest_version(salon: Harness) -> None:
    """Others go by it, and were told more often than people changed the card."""
    brides = [salon.ask(CreateClientCategory(name)) for name in ("one", "two", "three")]
    cards = [a_card(salon, category_ids=tuple(one.id for one in brides)) for _ in range(3)]
    for category in brides:
        salon.ask(RemoveClientCategory(category.id, 1))
        salon.tick()
    kept, merged, gone = cards
    assert [version for version, _ in told_of(salon, gone.id)] == [1, 2, 3, 4]
    salon.ask(EraseClient(gone.id, 1))
    salon.ask(MergeClients(kept.id, merged.id))
    assert salon.announced(ClientErased)[0].version == 5
    assert salon.announced(ClientsMerged)[0].merged_version == 5


def test_imported_cards_are_compared_too(salon: Harness) -> None:
    """Also with those that come in the same batch."""
    batch = (
        ImportedClient(first_name="Child", email=MAIL, reference="2", referrer_reference="1"),
        ImportedClient(first_name="Mother", email=MAIL, reference="1"),
        ImportedClient(first_name="Friend", reference="3", referrer_reference="1"),
    )
    taken = salon.ask(ImportClients(batch)).items
    verdicts = {one.client_id: one.shared_contact for one in salon.announced(ClientRegistered)}
    assert [verdicts[one.id] for one in taken] == [True, False, False]


def test_both_cards_at_the_same_moment(salon: Harness) -> None:
    """Whichever comes first, the verdict in the end is what is true in the end."""
    for attempt in range(6):
        mail, phone = f"m{attempt}@example.com", f"+7916000{attempt:04}"
        olga = a_card(salon, phones=(phone,))
        card = a_card(salon, referrer_id=olga.id)
        barrier = threading.Barrier(2)

        def write(one: Client, mail: str = mail, barrier: threading.Barrier = barrier) -> None:
            barrier.wait()
            change(salon, one, email=mail)

        threads = [threading.Thread(target=write, args=(one,)) for one in (olga, card)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        salon.tick()
        assert told_of(salon, card.id)[-1][1] is True


def test_cards_of_an_older_installation_are_told_of_once(salon: Harness) -> None:
    """Those of which others know too little; the migration marks them."""
    olga = a_card(salon, email=MAIL)
    card = a_card(salon, email=MAIL, referrer_id=olga.id, importance="gold")
    with salon.session() as session:
        session.execute(text("UPDATE clients SET shared_contact = FALSE"))
        session.execute(text("INSERT INTO untold (client_id) SELECT id FROM clients WHERE importance <> 'none'"))
        session.commit()
    salon.tick()
    salon.tick()
    assert told_of(salon, card.id) == [(1, True), (2, True)]
    assert told_of(salon, olga.id) == [(1, False)]
    assert salon.announced(ClientChanged)[-1].importance == "gold"
