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
