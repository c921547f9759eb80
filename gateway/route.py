"""A route: a method and a path that stand for one Request, and what the edge adds to it."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from msgspec import inspect

from contracts.message import Request
from gateway.shapes import Member, request_members

_VARIABLE = re.compile(r"<uuid:(\w+)>")
_WITH_BODY = {"POST", "PUT", "PATCH"}
FORMAT = "format"


@dataclass(frozen=True)
class File:
    """A reply that is a file, not JSON: of which media type, under which name it is saved, and who may keep it.

    `also` are other types that the reply may say of itself.
    """

    media_type: str
    name: str | None = None
    cache: str | None = None
    also: tuple[str, ...] = ()


Ask = Callable[[Request[Any]], bytes]


@dataclass(frozen=True)
class Format:
    """Another way to give a reply than JSON: `write` makes it, piece by piece, of the reply's bytes and of what it asks
    for besides, as the caller. `needs` are permissions beside that of the Request.
    """

    media_type: str
    name: str
    write: Callable[[bytes, Request[Any], Ask], Iterator[bytes]]
    needs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sheet:
    """A reply that is a list, written while it is read: `part` asks for the rows, `end` says that all of them left."""

    part: type[Request[Any]]
    end: type[Request[Any]]


@dataclass(frozen=True)
class Route:
    """`method` and `path` stand for `request`; everything that is not said here follows from the class.

    `resource` is what the path names: asked, when something else is wrong, whether it is there at all.
    `after` must succeed for the caller before the Request itself is asked.
    `fills` are fields that the gateway knows and the client may not say.
    `ends_sessions`: afterwards this gateway looks which sessions have ended, so that the answer is already true here.
    `names`: client ids in the reply get the names that the caller may see.
    `file`: the reply is one. `takes`: the body is a file of those kinds (`image/*`), which is the Request's only bytes.
    `parts`: the body may be larger than a message, and goes ahead as Requests of that class, which hold the bytes;
    the Request itself says `upload_id` and `size`.
    `sheet`: the reply tells of a list that is asked for in parts while the file is written.
    `formats`: what else than JSON `format` may name, whether the Request knows of it or not.
    """

    method: str
    path: str
    request: type[Request[Any]]
    summary: str
    status: int
    resource: type[Request[Any]] | None = None
    after: type[Request[Any]] | None = None
    fills: Mapping[str, Callable[[], str | int | None]] = field(default_factory=dict)
    anonymous: bool = False
    ends_sessions: bool = False
    names: bool = False
    file: File | None = None
    takes: tuple[str, ...] = ()
    parts: type[Request[Any]] | None = None
    sheet: Sheet | None = None
    formats: Mapping[str, Format] = field(default_factory=dict)

    @cached_property
    def path_fields(self) -> tuple[str, ...]:
        return tuple(_VARIABLE.findall(self.path))

    @cached_property
    def versioned(self) -> bool:
        """Whether the Request says which version it changes; over HTTP that is `If-Match`."""
        return any(member.name == "version" for member in request_members(self.request))

    def shows(self, field: str) -> bool:
        """Whether the answer has `field` at its top."""
        return self.status != 204 and any(member.name == field for member in request_members(self.request.reply))

    @cached_property
    def headed(self) -> bool:
        """Whether something of the answer goes into headers; a list or a month of free times is not read for it."""
        return self.shows("version") or self.shows("id")

    @property
    def has_body(self) -> bool:
        return self.method in _WITH_BODY

    @cached_property
    def upload(self) -> Member | None:
        """The field that the body is, as it is."""
        if not self.takes:
            return None
        members = request_members(self.parts or self.request)
        return next(part for part in members if isinstance(part.node, inspect.BytesType))

    @cached_property
    def largest_part(self) -> int:
        """How many bytes one message takes of the body."""
        assert self.upload is not None and isinstance(self.upload.node, inspect.BytesType)
        assert self.upload.node.max_length is not None
        return self.upload.node.max_length

    @cached_property
    def largest_body(self) -> int:
        """How many bytes the file may have that the body is."""
        if self.parts is None:
            return self.largest_part
        size = next(member.node for member in request_members(self.request) if member.name == "size")
        assert isinstance(size, inspect.IntType) and size.le is not None
        return size.le

    @cached_property
    def members(self) -> tuple[Member, ...]:
        """The fields that come from a JSON body, or else from the query string."""
        elsewhere = {*self.path_fields, *self.fills} | ({"version"} if self.versioned else set())
        elsewhere |= {self.upload.name} if self.upload else set()
        elsewhere |= {"upload_id", "size"} if self.parts else set()
        return tuple(member for member in request_members(self.request) if member.name not in elsewhere) + self.beside

    @cached_property
    def beside(self) -> tuple[Member, ...]:
        """What the gateway itself reads: the format, where the service answers alike whatever becomes of it."""
        if not self.formats or any(member.name == FORMAT for member in request_members(self.request)):
            return ()
        return (Member(FORMAT, FORMAT, inspect.LiteralType(("json", *self.formats)), required=False),)


class Area:
    """The routes about one subject, in the order of the API's description."""

    def __init__(self, name: str, description: str) -> None:
        self.name = name
        self.description = description
        self.routes: list[Route] = []

    def expose(
        self,
        method: str,
        path: str,
        request: type[Request[Any]],
        summary: str,
        *,
        status: int = 200,
        **more: Any,
    ) -> None:
        self.routes.append(Route(method, path, request, summary, status, **more))
