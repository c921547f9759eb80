"""The pages of loyalty side by side, each for whoever may ask what it shows."""

from typing import Any

from contracts.loyalty import (
    ListCertificates,
    ListDifferences,
    ListDoubtfulEdges,
    ListLoyaltyCardTypes,
    ListMembershipTypes,
    ListPromotions,
    ListSimulations,
    ShowCertificateLiability,
    ShowProgramme,
)
from contracts.message import Request
from gateway.pages.languages import gettext as _
from gateway.pages.languages import noted
from gateway.pages.visitor import Visitor

TABS: tuple[tuple[str, str, tuple[type[Request[Any]], ...]], ...] = (
    ("/loyalty", noted("Programme"), (ShowProgramme,)),
    ("/loyalty/trials", noted("What if"), (ListSimulations,)),
    ("/loyalty/promotions", noted("Promotions"), (ListPromotions,)),
    ("/loyalty/certificates", noted("Gift certificates"), (ListCertificates, ShowCertificateLiability)),
    ("/loyalty/memberships", noted("Memberships"), (ListMembershipTypes,)),
    ("/loyalty/cards", noted("Loyalty cards"), (ListLoyaltyCardTypes,)),
    ("/loyalty/differences", noted("Differences"), (ListDifferences,)),
    ("/loyalty/doubtful", noted("Who brought whom"), (ListDoubtfulEdges,)),
)


def tabs(visitor: Visitor) -> list[tuple[str, str]]:
    """Those of which the visitor may ask anything."""
    return [(address, _(name)) for address, name, kinds in TABS if any(visitor.may(kind) for kind in kinds)]
