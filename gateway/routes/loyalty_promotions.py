"""Promotions."""

from contracts.loyalty import ChangePromotion, CreatePromotion, EndPromotion, ListPromotions, ShowPromotion
from gateway.route import Area

area = Area("promotions", "Rewards for a time")
expose = area.expose

PROMOTION = "/loyalty/promotions/<uuid:id>"

expose("GET", "/loyalty/promotions", ListPromotions, "List promotions")
expose("POST", "/loyalty/promotions", CreatePromotion, "Make a promotion", status=201)
expose("GET", PROMOTION, ShowPromotion, "Show a promotion", resource=ShowPromotion)
expose("PATCH", PROMOTION, ChangePromotion, "Change a promotion", resource=ShowPromotion)
expose("POST", f"{PROMOTION}/end", EndPromotion, "End a promotion", resource=ShowPromotion)
