"""What a figure is to the pages: what it asks, how it is chosen, what stands in its tables, who draws it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from contracts.message import Request
from gateway.pictures.plots import Picture
from gateway.pictures.saying import Saying

Sketch = Callable[[Mapping[str, Any], Any, Saying], Picture]

ALL = ""
SUBJECT = "subject"  # a service or a category, as `service_id=…` or `category=…`


@dataclass(frozen=True)
class Choice:
    """A field of the Request that somebody chooses; options are values, several with commas, and their names.

    Options of a `subject` are the services and categories of the salon.
    """

    name: str
    label: str
    options: tuple[tuple[str, str], ...] = ()

    @property
    def usual(self) -> str:
        return self.options[0][0] if self.options else ALL


@dataclass(frozen=True)
class Listing:
    """A table: the field of the reply that holds its rows, and the figures in its columns after the keys of rows."""

    rows: str
    columns: tuple[str, ...]
    caption: str = ""


@dataclass(frozen=True)
class Figure:
    """`name` is its address here and below `/analytics`, with hyphens. `sketch` is left out where nothing is drawn.

    `period` is what it is shown for unless somebody says otherwise, none where it is always as of today.
    `own_period`: on a dashboard, too, because that of the dashboard says nothing about it.
    """

    name: str
    title: str
    asks: type[Request[Any]]
    listings: tuple[Listing, ...]
    sketch: Sketch | None = None
    period: str | None = "last_12_months"
    own_period: bool = False
    choices: tuple[Choice, ...] = ()
    totals: tuple[str, ...] = ()
    shown_as: tuple[str, ...] = ("bars", "table")  # on a dashboard, what is usual first

    @property
    def address(self) -> str:
        return f"/figures/{self.name.replace('_', '-')}"

    @property
    def needs(self) -> type[Request[Any]]:
        return self.asks
