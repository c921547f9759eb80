"""A figure asked for somebody: its picture, its tables, what it counts, and why there is nothing."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any
from uuid import UUID

import msgspec

from contracts.analytics import ShowBenefits, ShowPeople, ShowSources, ShowVisits
from contracts.booking import ListServices
from contracts.clients import NameClients
from contracts.message import Request
from gateway.bus import reply_of
from gateway.figures.names import names_in
from gateway.names import with_names
from gateway.pages import languages
from gateway.pages.figures import tables, words
from gateway.pages.figures.comparing import asked_before, beside
from gateway.pages.figures.kinds import SUBJECT, Choice, Figure
from gateway.pages.figures.periods import Period
from gateway.pages.forms import Form
from gateway.pages.visitor import Visitor
from gateway.pictures.benefits import measures
from gateway.pictures.plots import Grid, Picture
from gateway.pictures.saying import Saying
from gateway.pictures.words import LANGUAGES
from kernel.errors import Conflict, Invalid

MOST_SOURCES = 30  # channels, and people below each, of a first look


@dataclass(frozen=True)
class Shown:
    """What of a figure is shown. `plots` are for the script that draws; without them `why` says why not."""

    figure: Figure
    asked: Request[Any]
    reply: Mapping[str, Any]
    picture: Picture | None
    why: words.Why | None
    tables: tuple[tables.Table, ...]
    totals: tuple[dict[str, Any], ...]
    notes: tuple[str, ...]
    subtitle: str
    say: Saying

    @property
    def plots(self) -> list[dict[str, Any]]:
        return [_plain(plot) for plot in self.picture.plots] if self.picture else []


def asked_of(figure: Figure, period: Period | None, branch_id: UUID | None, chosen: Mapping[str, Any]) -> Request[Any]:
    """The Request by what was chosen, in the words of a query string; raises Invalid for what it does not take."""
    values: dict[str, Any] = {"branch_id": branch_id} if branch_id else {}
    if figure.period and period:
        values |= {"from_": period.first, "to": period.last}
    values |= {name: value for name, value in chosen.items() if value not in (None, "")}
    group_by = chosen.get("group_by")
    if isinstance(group_by, str):
        values["group_by"] = _keys(figure, group_by)
    try:
        asked: Request[Any] = msgspec.convert(values, figure.asks, strict=False)
    except msgspec.ValidationError as wrong:
        raise Invalid("invalid_fields", str(wrong), errors={"": [str(wrong)]}) from None
    return asked


def _keys(figure: Figure, text: str) -> Any:
    """Clients are grouped by one key, everything else by several."""
    keys = [key for key in text.split(",") if key]
    return (keys[0] if keys else None) if figure.name == "clients" else keys


def chosen_in(figure: Figure, form: Form) -> dict[str, str]:
    """What a query says of each choice, else the usual one."""
    found: dict[str, str] = {}
    for choice in figure.choices:
        said = form.ticked(choice.name)  # an empty option says something, too
        found[choice.name] = (form.maybe(choice.name) or "") if said else choice.usual
    return found


def of_choices(chosen: Mapping[str, str]) -> dict[str, Any]:
    """The fields of the Request: `subject` says by itself which one it is."""
    values: dict[str, Any] = {name: value for name, value in chosen.items() if name != SUBJECT}
    field, _, value = chosen.get(SUBJECT, "").partition("=")
    if field in ("service_id", "category") and value:
        values[field] = value
    return values


def choices_for(visitor: Visitor, figure: Figure) -> list[Choice]:
    """With services and categories where they are what is chosen."""
    found = []
    for choice in figure.choices:
        if choice.name == SUBJECT:
            services = sorted(visitor.all_if(ListServices), key=lambda each: each.name.casefold())
            categories = sorted({each.category for each in services if each.category})
            options = [("", languages.gettext("All services"))]
            options += [(f"category={name}", languages.gettext("Category: %(name)s", name=name)) for name in categories]
            options += [(f"service_id={each.id}", each.name) for each in services]
            found.append(replace(choice, options=tuple(options)))
        else:
            named = tuple((value, languages.gettext(name)) for value, name in choice.options)
            found.append(replace(choice, options=named))
    return found


def language() -> str:
    """That of pictures' words, which may speak fewer than the pages do."""
    chosen = languages.chosen()
    return chosen if chosen in LANGUAGES else LANGUAGES[0]


def reply_to(
    visitor: Visitor, asked: Request[Any], trim: Callable[[dict[str, Any]], dict[str, Any]] | None = None
) -> dict[str, Any]:
    """As JSON has it, with the names of clients whom the visitor may see; `trim` leaves out whom nobody will look at,
    since each name is unsealed by itself.
    """
    visitor.gateway.refuse_absent(type(asked).owner)
    reply = bytes(reply_of(visitor.gateway.bus.ask(asked, visitor.token)))
    if trim:
        reply = msgspec.json.encode(trim(msgspec.json.decode(reply)))
    if visitor.may(NameClients):
        reply = with_names(visitor.gateway.bus, reply, visitor.token)
    found: dict[str, Any] = msgspec.json.decode(reply)
    return found


def saying_of(visitor: Visitor, reply: Mapping[str, Any], asked: Request[Any] | None = None) -> Saying:
    """With the names of what stands in a reply."""
    return Saying(
        language(),
        names_in(reply, lambda beside: bytes(reply_of(visitor.gateway.bus.ask(beside, visitor.token))), asked),
    )


def read(visitor: Visitor, figure: Figure, asked: Request[Any], compared: Period | None = None) -> Shown:
    if isinstance(asked, ShowSources):
        asked = replace(asked, depth=asked.depth or 3, limit=min(asked.limit, MOST_SOURCES))
    reply = reply_to(visitor, asked)
    say = saying_of(visitor, reply, asked)
    picture, reason = _sketched(figure, reply, asked, say)
    whole, was = _whole(visitor, figure, asked, reply), None
    if compared and isinstance(asked, ShowVisits):
        before = asked_before(asked, compared)
        was = _whole(visitor, figure, before, {})
        picture = beside(picture, reply_to(visitor, before)["rows"], before, say) if picture else None
    return Shown(
        figure,
        asked,
        reply,
        picture,
        words.why(reason) if reason else None,
        _tables(figure, reply, picture, say, asked),
        tuple(tables.totals(figure, whole, say, was)),
        picture.notes if picture else (*measures(reply, say), *_weakness(reply, say), *say.definition(reply)),
        picture.subtitle if picture else say.scope(asked, reply.get("as_of")),
        say,
    )


def _tables(
    figure: Figure, reply: Mapping[str, Any], picture: Picture | None, say: Saying, asked: Request[Any]
) -> tuple[tables.Table, ...]:
    """A week as its grid; and no indices of a season that is too weak to be drawn."""
    if reply.get("shown") is False:
        return ()
    if figure.name == "heat_map":
        return tuple(tables.of_grid(plot) for plot in picture.plots if isinstance(plot, Grid)) if picture else ()
    return tables.tables(figure, reply, say, asked)


def _weakness(reply: Mapping[str, Any], say: Saying) -> tuple[str, ...]:
    """How far a season is from being one."""
    if reply.get("strength") is None:
        return ()
    return (say("strength", strength=say.number(reply["strength"], 2), years=reply["years"]),)


def _whole(visitor: Visitor, figure: Figure, asked: Request[Any], reply: Mapping[str, Any]) -> Mapping[str, Any]:
    """What all rows come to: people are counted once, so they cannot be added up from rows."""
    if isinstance(asked, ShowVisits):
        rows = reply.get("rows") if asked.group_by == () else None
        rows = rows if rows is not None else reply_to(visitor, replace(asked, group_by=()))["rows"]
        return rows[0] if rows else {}
    if isinstance(total := reply.get("total"), Mapping):
        return total
    if isinstance(asked, ShowPeople):
        rows = reply["rows"] if asked.group_by is None else reply_to(visitor, replace(asked, group_by=None))["rows"]
        return rows[0] if rows else {}
    if isinstance(asked, ShowBenefits):
        return tables.summed(reply["rows"], figure.totals)
    return reply


def _sketched(
    figure: Figure, reply: Mapping[str, Any], asked: Request[Any], say: Saying
) -> tuple[Picture | None, str | None]:
    """The picture, or why there is none."""
    if figure.sketch is None:
        empty = not any(reply.get(listing.rows) for listing in figure.listings)
        return None, (reply.get("reason") or "no_rows") if empty else None
    try:
        return figure.sketch(reply, asked, say), None
    except Conflict as nothing:
        return None, str(nothing.details.get("reason", nothing.code))
    except Invalid as much:
        return None, much.code


def _plain(plot: Any) -> dict[str, Any]:
    """A plot as the script that draws takes it; instants as the API writes them."""
    found: dict[str, Any] = msgspec.to_builtins(asdict(plot))
    return {"kind_of_plot": type(plot).__name__.lower()} | found
