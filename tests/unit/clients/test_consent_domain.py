"""When somebody may be said to have agreed."""

from datetime import UTC, datetime, timedelta

import pytest

from kernel.errors import Conflict, Invalid
from services.clients import domain

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
EARLIER, LATER = NOW - timedelta(days=1), NOW + timedelta(seconds=1)


def test_a_consent_lies_between_its_text_and_now() -> None:
    """Both ends are included; before and after are refused by the field."""
    domain.refuse_impossible_consent(NOW, NOW, NOW)
    for given_at, valid_from, code in (
        (LATER, EARLIER, "given_in_future"),
        (EARLIER, NOW, "document_not_valid_yet"),
        (NOW.replace(tzinfo=None), EARLIER, "offset_missing"),
    ):
        with pytest.raises(Invalid) as refused:
            domain.refuse_impossible_consent(given_at, valid_from, NOW)
        assert (refused.value.code, list(refused.value.details["errors"])) == (code, ["given_at"])


def test_an_open_consent_is_followed_by_a_later_text_only() -> None:
    """The first is free; the same or an earlier text again is not."""
    domain.refuse_consent_again(None, 1, NOW)
    domain.refuse_consent_again(domain.Agreed(1), 2, NOW)
    for version in (1, 2):
        with pytest.raises(Conflict, match="consent_given"):
            domain.refuse_consent_again(domain.Agreed(2), version, NOW)


def test_after_a_withdrawal_any_text_may_follow_it_in_time() -> None:
    """What was said before the withdrawal does not undo it."""
    domain.refuse_consent_again(domain.Agreed(2, withdrawn_at=NOW), 1, NOW)
    with pytest.raises(Invalid, match="given_before_withdrawal"):
        domain.refuse_consent_again(domain.Agreed(2, withdrawn_at=NOW), 3, EARLIER)


ASKED = {"photos": domain.AskedOnline(2, required=False), "processing": domain.AskedOnline(1, required=True)}


def test_who_books_online_agrees_to_what_is_required_and_to_texts_in_force() -> None:
    domain.refuse_other_consents(ASKED, [("processing", 1)])
    domain.refuse_other_consents(ASKED, [("processing", 1), ("photos", 2)])
    domain.refuse_other_consents({}, [])
    for agreed, code in (
        ([], "consent_missing"),
        ([("photos", 2)], "consent_missing"),
        ([("processing", 1), ("photos", 1)], "consent_outdated"),
        ([("processing", 1), ("letters", 1)], "consent_outdated"),
    ):
        with pytest.raises(Invalid) as refused:
            domain.refuse_other_consents(ASKED, agreed)
        assert (refused.value.code, list(refused.value.details["errors"])) == (code, ["consents"])


@pytest.mark.parametrize(
    ("last", "required", "proved", "counts"),
    [
        (None, False, False, False),  # nobody has shown that it is the person
        (None, True, False, True),
        (None, False, True, True),
        (domain.Agreed(1), True, False, True),  # to an earlier text
        (domain.Agreed(2), True, True, False),
        (domain.Agreed(3), True, True, False),
        (domain.Agreed(1, NOW), True, False, False),  # what was withdrawn comes back by the person only
        (domain.Agreed(2, NOW), False, True, True),
    ],
)
def test_a_yes_online_counts_for_whoever_could_have_said_it(
    last: domain.Agreed | None, required: bool, proved: bool, counts: bool
) -> None:
    assert domain.counts_online(last, domain.AskedOnline(2, required=required), proved=proved) is counts
