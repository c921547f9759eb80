"""Signed-out calls are limited by address: a burst at once, then as many as the bucket refills."""

import pytest

from gateway.identity import Throttle
from kernel.errors import Throttled


def taken(throttle: Throttle, address: str, calls: int) -> int:
    allowed = 0
    for _ in range(calls):
        try:
            throttle.take(address)
            allowed += 1
        except Throttled:
            pass
    return allowed


def test_a_burst_is_allowed_and_no_more():
    assert taken(Throttle(rate=0.001, burst=5), "here", 20) == 5


def test_one_address_does_not_use_up_what_another_has():
    throttle = Throttle(rate=0.001, burst=5)
    taken(throttle, "here", 20)
    assert taken(throttle, "there", 3) == 3


def test_the_bucket_refills():
    throttle = Throttle(rate=1e12, burst=1)
    assert taken(throttle, "here", 20) == 20


def test_who_is_refused_hears_when_to_come_back():
    throttle = Throttle(rate=0.1, burst=1)
    throttle.take("here")
    with pytest.raises(Throttled) as refused:
        throttle.take("here")
    assert refused.value.details["retry_after"] == pytest.approx(10)


def test_addresses_are_not_remembered_without_end():
    throttle = Throttle(rate=0.001, burst=1)
    throttle.FORGET_ABOVE = 10
    for number in range(25):
        throttle.take(str(number))
    assert taken(throttle, "24", 1) == 0
    assert taken(throttle, "0", 1) == 1
