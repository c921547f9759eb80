"""What the person who imports sees: the summary before, the progress, the comparison afterwards."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from deploy.importer.currency import written
from deploy.importer.export import Note, Place
from deploy.importer.loading import DURATION_MINUTES, Advance, Loaded
from deploy.importer.plan import Plan
from deploy.importer.reckoning import Figures, MonthCompared
from deploy.importer.standing import Standing, Target

_WORDS = {
    "completed": "visits that took place",
    "cancelled": "visits that were cancelled",
    "no_show": "visits to which nobody came",
    "booked": "bookings that stay open",
}


def show_plan(console: Console, plan: Plan, standing: Standing, target: Target, products: int) -> None:
    """What would be created, what is ambiguous, and what is refused."""
    table = Table(title=f"{target.branch}, {target.time_zone}, {target.currency}", title_justify="left")
    for heading in ("", "in the export", "already there", "to be created"):
        table.add_column(heading, justify="left" if not heading else "right")
    for name, wanted, there in _counts(plan, standing):
        table.add_row(name, f"{wanted:,}", f"{there:,}", f"{wanted - there:,}")
    console.print(table)
    kinds = Counter(line.kind for line in plan.lines)
    console.print(
        f"{len(plan.lines):,} receipt lines: {kinds['service']:,} of services, {kinds['retail']:,} of retail, "
        f"{kinds['adjustment']:,} adjustments; {written(sum(line.amount for line in plan.lines), target.currency)}.\n"
        f"The export has no durations: every service that is created takes {DURATION_MINUTES} minutes.\n"
        "A visit starts at the earliest booking of its day; where there is none, at noon.\n"
        f"Of the {products:,} products only the names are read, to know retail lines; the stock is not imported.\n"
        "Who cancelled a booking, and how many days ahead, is not imported.",
        highlight=False,
    )
    show_notes(console, "Ambiguous", plan.ambiguous)
    show_notes(console, "Refused", plan.refused)


def show_notes(console: Console, title: str, notes: Sequence[Note]) -> None:
    """The notes, those that say the same in one entry, with every file and line."""
    console.print(f"\n[bold]{title}[/bold]: {len(notes) or 'nothing'}")
    by_text: dict[str, list[Place]] = defaultdict(list)
    for note in notes:
        by_text[note.text].append(note.place)
    for text, places in by_text.items():
        console.print(f"  {text}: {'; '.join(compact(places))}", markup=False, highlight=False)


def compact(places: Iterable[Place]) -> Iterator[str]:
    """`bookings.csv, line 3-5, 9`: lines that follow one another as a range."""
    by_file: dict[str, list[int]] = defaultdict(list)
    for place in sorted(set(places)):
        by_file[place.file].append(place.line)
    for file, lines in by_file.items():
        runs: list[list[int]] = []
        for line in lines:
            if runs and line == runs[-1][1] + 1:
                runs[-1][1] = line
            else:
                runs.append([line, line])
        shown = ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in runs)
        yield f"{file}:{shown}"


@contextmanager
def shown_progress(console: Console, plan: Plan) -> Iterator[Advance]:
    """Progress bars; what is yielded advances the one of a kind."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    totals = {
        "branches": 1,
        "services": len(plan.services),
        "masters": len(plan.masters),
        "clients": len(plan.clients),
        "visits": len(plan.visits),
    }
    with Progress(*columns, console=console) as progress:
        bars = {name: progress.add_task(name, total=total) for name, total in totals.items()}
        yield lambda name, count: progress.advance(bars[name], count)


def show_outcome(console: Console, loaded: Loaded, months: Sequence[MonthCompared], currency: str) -> None:
    created = ", ".join(f"{name} {count:,}" for name, count in loaded.created.items() if count)
    console.print(f"\nCreated: {created or 'nothing; everything was there'}.", highlight=False)
    if loaded.refused:
        show_notes(console, "Refused by the server", loaded.refused)
    table = Table(title="What was sent, and what analytics shows", title_justify="left")
    for heading in ("month", "visits sent", "shown", "revenue sent", "shown", ""):
        table.add_column(heading, justify="right" if heading else "left")
    for month in months:
        _add(table, month.month, month.sent, month.shown, currency)
    table.add_section()
    _add(table, "all", _sum(month.sent for month in months), _sum(month.shown for month in months), currency)
    console.print(table)


def _add(table: Table, name: str, sent: Figures, shown: Figures, currency: str) -> None:
    table.add_row(
        name,
        f"{sent.visits:,}",
        f"{shown.visits:,}",
        written(sent.revenue, currency),
        written(shown.revenue, currency),
        "[green]equal[/green]" if sent == shown else "[red]different[/red]",
    )


def _sum(figures: Iterable[Figures]) -> Figures:
    listed = list(figures)
    return Figures(sum(one.visits for one in listed), sum(one.revenue for one in listed))


def _counts(plan: Plan, standing: Standing) -> Iterator[tuple[str, int, int]]:
    yield "branches", 1, int(standing.branch is not None)
    yield "services", len(plan.services), sum(one.name.casefold() in standing.services for one in plan.services)
    yield "masters", len(plan.masters), sum(one.name.casefold() in standing.masters for one in plan.masters)
    yield "clients", len(plan.clients), sum(one.code in standing.clients for one in plan.clients)
    for status, words in _WORDS.items():
        visits = [visit for visit in plan.visits if visit.status == status]
        yield words, len(visits), sum(visit.reference in standing.visits for visit in visits)
