"""First and last touch: the same visits by the channel of the first acquaintance and by that of their booking."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, FromClause, Text, cast, distinct, func, literal, select
from sqlalchemy.orm import Session
from sqlalchemy.types import BigInteger

from contracts.analytics import ChannelRow, ChannelRows, ShowChannels, TouchFigures
from kernel.caller import Caller
from kernel.money import Money
from services.analytics.domain.channels import channel_key
from services.analytics.domain.periods import check_period
from services.analytics.queries.reported.facts import Scope, within
from services.analytics.queries.scope import branches_asked_for, channels, currency
from services.analytics.tables import clients, first_visits, visits

DEFINITION = (
    "Completed visits on these dates. First touch: the channel of the first acquaintance, at the root of the chain of"
    " those who brought the client, as cards say it today. Last touch: the channel through which the visit was booked."
    " Whoever booked through several channels counts in each. Revenue is due after discounts, retail included, refunds"
    " taken off; margin is revenue less the salon's own cost."
)
NOBODY = (0, 0, 0, 0, 0, 0)
TEXTS: Any = ARRAY(Text)
Figures = Mapping[str | None, tuple[int, ...]]


def touches(session: Session, request: ShowChannels, caller: Caller) -> ChannelRows:
    """A row for each channel of either kind; that with the most revenue at first touch first."""
    scope = Scope(request.from_, request.to, branches_asked_for(caller, request.branch_id), request.to)
    check_period(scope.first, scope.last)
    known_as = channels(session)
    said = session.scalars(select(visits.c.channel).where(*within(visits, scope)).distinct()).all()
    spelled = {channel_key(each): each for each in sorted((each for each in said if each), reverse=True)}
    cards = visits.outerjoin(clients, clients.c.client_id == visits.c.client_id)
    first = _by(session, scope, cards, clients.c.root_key, known_as.key_of)
    last = _by(session, scope, visits, visits.c.channel, {each: channel_key(each) for each in said if each})
    names = spelled | dict(known_as.name_of)
    money = currency(session)
    rows = tuple(
        ChannelRow(names.get(key), _told(first.get(key, NOBODY), money), _told(last.get(key, NOBODY), money))
        for key in sorted(first.keys() | last.keys(), key=lambda key: _place(key, first, last))
    )
    total = _by(session, scope, visits, literal(None, Text), {}).get(None, NOBODY)
    return ChannelRows(rows, _told(total, money), DEFINITION, None if rows else "no_visits")


def _by(
    session: Session, scope: Scope, source: FromClause, channel: ColumnElement[Any], keys: Mapping[str | None, Any]
) -> Figures:
    """Figures by the keys of channels; two spellings of one are one."""
    spellings = [each for each in keys if each is not None]
    pairs = (
        func.unnest(literal(spellings, TEXTS)).label("spelling"),
        func.unnest(literal([keys[each] for each in spellings], TEXTS)).label("key"),
    )
    one = select(*pairs).subquery("one")
    began = first_visits.c.appointment_id == visits.c.appointment_id
    asked = (
        select(
            one.c.key,
            func.count(),
            func.count(distinct(visits.c.client_id)),
            func.count(first_visits.c.client_id),
            *(
                cast(func.sum(amount), BigInteger)
                for amount in (visits.c.revenue, visits.c.revenue - visits.c.cost, visits.c.discount)
            ),
        )
        .select_from(source.outerjoin(one, one.c.spelling == channel).outerjoin(first_visits, began))
        .where(*within(visits, scope))
        .group_by(one.c.key)
    )
    return {row[0]: tuple(row[1:]) for row in session.execute(asked)}


def _place(key: str | None, first: Figures, last: Figures) -> tuple[Any, ...]:
    return -first.get(key, NOBODY)[3], -last.get(key, NOBODY)[3], key is None, key or ""


def _told(figures: tuple[int, ...], money: str) -> TouchFigures:
    visits_, people, newcomers, *amounts = figures
    revenue, margin, discount = (Money(amount, money) for amount in amounts)
    return TouchFigures(visits_, people, newcomers, revenue, margin, discount)
