"""Loyalty on the wire, put together from what each part of it answers."""

from services.loyalty.service.discounts import Discounts


class Loyalty(Discounts):
    name = "loyalty"
    needs_keyring = True
    needs_master = True
