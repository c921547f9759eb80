"""Who looks at a page, and how a page asks: by the contracts of the API, with the visitor's own token."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from chassis.wire import decoder
from contracts.clients import ShowClient
from contracts.message import Page, Request
from gateway.bus import reply_of
from gateway.exchange import Gateway
from gateway.identity import require
from gateway.pages import forms
from kernel.caller import Caller, Reach
from kernel.errors import Refusal

Reply = TypeVar("Reply")
Item = TypeVar("Item")


@dataclass(frozen=True)
class Visitor:
    """Whoever asks for a page, for one request of it; NOBODY, without a token, on public ones."""

    gateway: Gateway
    caller: Caller
    token: str

    @property
    def is_client(self) -> bool:
        """Whether they are a client on their own pages, not somebody who works here."""
        return self.caller.client_id is not None and self.caller.reach(ShowClient.permission) is Reach.OWN

    def may(self, *requests: type[Request[Any]]) -> bool:
        """Whether all of these would be worth asking: the services are there, and the right is theirs."""
        return all(
            kind.owner in self.gateway.installed
            and (kind.permission in ("public", "signed_in") or self.caller.may(kind.permission))
            for kind in requests
        )

    def ask(self, request: Request[Reply], key: str | None = None) -> Reply:
        """The reply; raises what the API would refuse with. With the same `key` an effect comes about once."""
        self.gateway.refuse_absent(type(request).owner)
        require(type(request).permission, self.caller)
        if type(request).effects:
            forms.check(request)
        reply = reply_of(self.gateway.bus.ask(request, self.token or None, key))
        found: Reply = decoder(type(request).reply)(bytes(reply))
        return found

    def raw(self, request: Request[Any]) -> bytes:
        """The reply as it came, for what is written from it: a file, an export."""
        self.gateway.refuse_absent(type(request).owner)
        require(type(request).permission, self.caller)
        return bytes(reply_of(self.gateway.bus.ask(request, self.token)))

    def ask_if(self, request: Request[Reply]) -> Reply | None:
        """The reply, or nothing where it is refused or nobody answers: for what a page can do without."""
        if not self.may(type(request)):
            return None
        try:
            return self.ask(request)
        except Refusal:
            return None

    def all(self, kind: Callable[..., Request[Any]], most: int = 1_000, **fields: Any) -> list[Any]:
        """The items of every page of a list, `most` at most; none where the visitor may not ask."""
        assert isinstance(kind, type)
        if not self.may(kind):
            return []
        items: list[Any] = []
        cursor: str | None = None
        while len(items) < most:
            page: Page[Any] = self.ask(kind(**fields, limit=200, cursor=cursor))
            items.extend(page.items)
            cursor = page.next
            if cursor is None:
                break
        return items

    def all_if(self, kind: Callable[..., Request[Any]], **fields: Any) -> list[Any]:
        """As `all`; nothing where it is refused or nobody answers, for what a page can do without."""
        try:
            return self.all(kind, **fields)
        except Refusal:
            return []
