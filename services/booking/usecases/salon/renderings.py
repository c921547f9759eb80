"""What a master renders, in which order and on which terms of their own."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, insert
from sqlalchemy.orm import Session

from contracts import booking as wire
from kernel.errors import Invalid
from services.booking.domain.catalogue import check_length, check_once
from services.booking.queries import salon
from services.booking.tables import master_services
from services.booking.usecases.salon.money import amount_of, check_prices


def resolve_renderings(
    session: Session,
    master: wire.Master | None,
    service_ids: Sequence[UUID] | None,
    renderings: Sequence[wire.Rendering] | None,
) -> list[wire.Rendering] | None:
    """One for each service that the master will render, in order; None if nothing is said about it.

    `service_ids` say which services, those that stay keep their terms; `renderings` say all terms anew, and their
    services are rendered, too.
    """
    if service_ids is None and renderings is None:
        return None
    known = salon.services_of(session, [*(service_ids or ()), *(each.service_id for each in renderings or ())])
    for place, service_id in enumerate(service_ids or ()):
        if service_id not in known:
            raise _unknown(f"service_ids.{place}")
    _check(session, renderings or (), known)
    ids = master.service_ids if service_ids is None and master else service_ids or ()
    terms = master.renderings if renderings is None and master else renderings or ()
    differing = {each.service_id: each for each in terms}
    named = () if renderings is None else tuple(differing)
    return [differing.get(each, wire.Rendering(each)) for each in dict.fromkeys((*ids, *named))]


def set_renderings(session: Session, master_id: UUID, rendered: Sequence[wire.Rendering] | None) -> None:
    """Write what the master renders, if anything was said about it."""
    if rendered is None:
        return
    session.execute(delete(master_services).where(master_services.c.master_id == master_id))
    if rendered:
        session.execute(
            insert(master_services),
            [
                {
                    "master_id": master_id,
                    "service_id": each.service_id,
                    "position": place,
                    "duration_minutes": each.duration_minutes,
                    "price": amount_of(each.price),
                    "buffer_before_minutes": each.buffer_before_minutes,
                    "buffer_after_minutes": each.buffer_after_minutes,
                }
                for place, each in enumerate(rendered)
            ],
        )


def _check(session: Session, renderings: Sequence[wire.Rendering], services: dict[UUID, Row[Any]]) -> None:
    for place, each in enumerate(renderings):
        if each.service_id not in services:
            raise _unknown(f"renderings.{place}.service_id")
    ids = [each.service_id for each in renderings]
    check_once("renderings.{}.service_id", ids, "service_twice", "a service is rendered on one set of terms")
    check_prices(session, [(f"renderings.{place}.price", each.price) for place, each in enumerate(renderings)])
    for place, each in enumerate(renderings):
        service = services[each.service_id]
        minutes = (
            _first(each.buffer_before_minutes, service.buffer_before_minutes)
            + _first(each.duration_minutes, service.duration_minutes)
            + _first(each.buffer_after_minutes, service.buffer_after_minutes)
        )
        check_length(f"renderings.{place}.duration_minutes", minutes)


def _first(own: int | None, usual: int) -> int:
    return usual if own is None else own


def _unknown(field: str) -> Invalid:
    return Invalid.field(field, "service_unknown", "there is no such service")
