"""What whoever books without an account agrees to, and the channels that they say they come by."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contracts.clients import (
    AddConsentDocument,
    AgreedText,
    CheckContact,
    CheckedContact,
    Consent,
    ConsentGiven,
    CreateSource,
    GiveConsent,
    ListClients,
    ListConsents,
    ListOnlineConsents,
    ListSources,
    TakeContact,
    TakenContact,
    WithdrawConsent,
)
from kernel.errors import Invalid
from services.clients.usecases.sources import MOST_SOURCES_OF_STRANGERS
from tests.builders import a_service
from tests.component.clients.conftest import clara, refused
from tests.harness import Harness

BOOKING = a_service("booking")
PROCESSING, PHOTOS = AgreedText("processing", 1), AgreedText("photos", 1)
BOTH = (PROCESSING, PHOTOS)


@pytest.fixture
def asking(salon: Harness) -> Harness:
    """A salon that needs leave to keep names, would like to keep photos, and asks about letters at the desk only."""
    for purpose, asked in (("photos", "optional"), ("processing", "required"), ("letters", "no")):
        salon.ask(AddConsentDocument(purpose, purpose.title(), f"About {purpose}.", asked_online=asked))
    return salon


def contact(**said: Any) -> dict[str, Any]:
    return {"first_name": "Клара", "phone": "8 (916) 123-45-67"} | said


def take(salon: Harness, **said: Any) -> TakenContact:
    return salon.ask(TakeContact(**contact(**said)), BOOKING)


def check(salon: Harness, **said: Any) -> CheckedContact:
    return salon.ask(CheckContact(**contact(**said)), BOOKING)


def held(salon: Harness, taken: TakenContact) -> list[Consent]:
    found = salon.ask(ListConsents(taken.client_id)).items
    return sorted((each for each in found if each.state == "given"), key=lambda each: each.purpose)


def test_anybody_reads_the_texts_in_force_the_required_first(asking: Harness) -> None:
    later = datetime.now(UTC) + timedelta(days=1)
    asking.ask(AddConsentDocument("photos", "Photos", "Later.", valid_from=later, asked_online="required"))
    found = asking.ask(ListOnlineConsents(), None).items
    told = [(each.purpose, each.version, each.text, each.required) for each in found]
    assert told == [("processing", 1, "About processing.", True), ("photos", 1, "About photos.", False)]
    asking.ask(AddConsentDocument("photos", "Photos", "Not online any more."))
    assert [each.purpose for each in asking.ask(ListOnlineConsents(), None).items] == ["processing"]


def test_a_new_card_keeps_what_was_agreed_to_with_its_version(asking: Harness) -> None:
    asking.ask(AddConsentDocument("photos", "Photos", "A newer text.", asked_online="optional"))
    taken = take(asking, consents=(PROCESSING, AgreedText("photos", 2)))
    said = [(each.purpose, each.document_version, each.channel, each.recorded_by) for each in held(asking, taken)]
    assert said == [("photos", 2, "online", None), ("processing", 1, "online", None)]
    assert {each.purpose for each in asking.announced(ConsentGiven)} == {"photos", "processing"}
    take(asking, consents=(PROCESSING, AgreedText("photos", 2)))  # sent again it is the same
    assert len(asking.ask(ListConsents(taken.client_id)).items) == 2


@pytest.mark.parametrize(
    ("consents", "code"),
    [
        ((), "consent_missing"),
        ((PHOTOS,), "consent_missing"),
        ((AgreedText("processing", 2),), "consent_outdated"),
        ((PROCESSING, AgreedText("letters", 1)), "consent_outdated"),
    ],
)
def test_without_what_is_required_no_card_is_made(asking: Harness, consents: tuple[AgreedText, ...], code: str) -> None:
    for ask in (check, take):
        refusal = refused(Invalid, code, lambda ask=ask: ask(asking, consents=consents))
        assert list(refusal.details["errors"]) == ["consents"]
    assert asking.ask(ListClients()).items == ()


def test_who_is_not_asked_needs_to_agree_to_nothing(asking: Harness) -> None:
    """As in a form on a site of the salon's own."""
    assert held(asking, take(asking)) == []


def test_a_stranger_agrees_for_nobody_else(asking: Harness) -> None:
    """On a card that was there a phone that nobody has proved brings what is required, and nothing back."""
    card = asking.ask(clara())
    assert not check(asking, consents=BOTH).settled
    taken = take(asking, consents=BOTH)
    assert taken.client_id == card.id
    (kept,) = held(asking, taken)
    assert kept.purpose == "processing"
    assert check(asking, consents=BOTH).settled
    asking.ask(WithdrawConsent(card.id, kept.id, "desk"))
    assert check(asking, consents=BOTH).settled
    assert held(asking, take(asking, consents=BOTH)) == []


def test_who_has_proved_the_phone_agrees_to_all(asking: Harness) -> None:
    card = asking.ask(clara())
    asking.ask(GiveConsent(card.id, "photos", 1, "desk"))
    assert not check(asking, consents=BOTH, proved=True).settled
    taken = take(asking, consents=BOTH, proved=True)
    assert [(each.purpose, each.channel) for each in held(asking, taken)] == [
        ("photos", "desk"),
        ("processing", "online"),
    ]
    assert check(asking, consents=BOTH, proved=True).settled


def test_strangers_name_so_many_channels_and_no_more(salon: Harness) -> None:
    """A known one is written as the salon writes it; what is too much is counted as other sites."""
    salon.ask(CreateSource("Instagram"))
    assert check(salon, channel=" INSTAGRAM ").channel == "Instagram"
    assert not check(salon, channel="spring").settled
    assert take(salon, channel="spring").channel == "spring"
    assert check(salon, channel="Spring") == CheckedContact(check(salon).client_id, channel="spring")
    for number in range(MOST_SOURCES_OF_STRANGERS - 3):
        salon.ask(CreateSource(f"Planted {number}"))
    assert take(salon, channel="summer").channel == "summer"  # the card is there, and the channel is kept all the same
    for number in range(3):
        assert take(salon, channel=f"junk {number}", phone=f"+7 916 000-00-0{number}").channel == "other sites"
    named = {each.name for each in salon.ask(ListSources(limit=200)).items}
    assert {name for name in named if not name.startswith("Planted")} == {
        "Instagram",
        "spring",
        "summer",
        "other sites",
    }
