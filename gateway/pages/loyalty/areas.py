"""Every area of loyalty."""

from gateway.pages.loyalty import (
    cards,
    certificates,
    client,
    doubts,
    editor,
    memberships,
    programmes,
    promotions,
    trials,
)

AREAS = (
    programmes.area,
    editor.area,
    trials.area,
    promotions.area,
    certificates.area,
    memberships.area,
    cards.area,
    doubts.area,
    client.area,
)
