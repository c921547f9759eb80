"""serves, handles, every and call: what a service says of itself, and how one service asks another."""

from chassis.messaging.declare import Refused, every, handles, serves

__all__ = ["Refused", "every", "handles", "serves"]
