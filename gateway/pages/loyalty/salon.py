"""What forms of loyalty offer to choose from: branches, services, categories, segments; and the salon's currency."""

from uuid import UUID

from contracts.analytics import ListSavedSegments
from contracts.booking import ListBranches, ListCategories, ListServices, ShowSettings
from contracts.clients import ListClientCategories
from gateway.pages.visitor import Visitor

Choices = list[tuple[str, str]]


def currency_of(visitor: Visitor) -> str:
    """What prices are in; before the first price roubles are as good as any, for nothing is due in them yet."""
    settings = visitor.ask_if(ShowSettings())
    return (settings.currency if settings else None) or "RUB"


def branches_of(visitor: Visitor) -> Choices:
    """Those that the visitor works in."""
    return [(str(one.id), one.name) for one in visitor.all_if(ListBranches) if visitor.caller.in_branch(one.id)]


def choices(visitor: Visitor) -> dict[str, Choices]:
    categories = visitor.all_if(ListCategories)
    return {
        "branches": [(str(one.id), one.name) for one in visitor.all_if(ListBranches)],
        "services": [(str(one.id), one.name) for one in visitor.all_if(ListServices)],
        "categories": [(one.name, one.name) for one in categories],
        "client_categories": [(str(one.id), one.name) for one in visitor.all_if(ListClientCategories)],
        "segments": [(str(one.id), one.name) for one in visitor.all_if(ListSavedSegments)],
    }


def name_in(options: Choices, one: UUID | str | None) -> str:
    return dict(options).get(str(one), "—")
