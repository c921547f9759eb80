"""serves, handles and call: what a service says of itself, and how one service asks another."""

from chassis.messaging.declare import Refused, handles, serves

__all__ = ["Refused", "handles", "serves"]
