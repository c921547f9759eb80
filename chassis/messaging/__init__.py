"""serves, handles, every and call: what a service says of itself, and how one service asks another."""

from chassis.messaging.declare import AskAgain, Refused, every, handles, serves

__all__ = ["AskAgain", "Refused", "every", "handles", "serves"]
