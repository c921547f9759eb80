"""What each kind of rule gives by itself; `OFFERS` finds it by the class of the rule."""

from collections.abc import Callable
from typing import Any

from services.loyalty.domain import programme
from services.loyalty.domain.rules.belonging import personal, segment
from services.loyalty.domain.rules.brought import referrals
from services.loyalty.domain.rules.occasions import birthday, holiday
from services.loyalty.domain.rules.offer import Case, Offer
from services.loyalty.domain.rules.record import first_visit, levels, spend, visits
from services.loyalty.domain.rules.treatments import favourite_service, nth_service, services

OFFERS: dict[type[programme.Rule], Callable[[Any, Case], Offer]] = {
    programme.Referrals: referrals,
    programme.Visits: visits,
    programme.Spend: spend,
    programme.NthService: nth_service,
    programme.Birthday: birthday,
    programme.Holiday: holiday,
    programme.FirstVisit: first_visit,
    programme.Services: services,
    programme.FavouriteService: favourite_service,
    programme.Segment: segment,
    programme.Levels: levels,
    programme.Personal: personal,
}
