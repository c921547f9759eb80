"""`python -m deploy.demo --url …`: what the runner starts beside an empty installation."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from chassis.config import Misconfigured, settings
from deploy import processes
from deploy.api import CannotCall, Refused
from deploy.demo.loading import Counted, Report, is_complete, load
from deploy.demo.logins import FILE, read_passwords
from kernel.time import utc_now

_STEPS_WITHOUT_TERMINAL = 4


@click.command(help="Fill the empty installation at URL with a generated chain; LOKON_DATA is its folder.")
@click.option("--url", required=True)
@click.option("--with-parent", is_flag=True, help="End when the process that started this one ends.")
def main(url: str, *, with_parent: bool) -> None:
    if with_parent:
        processes.end_with_parent()
    console = Console()
    try:
        folder = settings().data
        if is_complete(folder):
            return
        password = settings().owner_password or read_passwords(folder).get("owner")
        if password is None:
            sys.exit("lokon: the demo needs the owner's password in LOKON_OWNER_PASSWORD")
        console.print("Filling the demo chain; the site answers meanwhile. Its figures are counted last.")
        with _shown(console) as report:
            counted = load(url, password, folder, utc_now(), report)
        console.print(ready(counted, folder / FILE), soft_wrap=True, highlight=False)
    except (CannotCall, Misconfigured) as impossible:
        sys.exit(f"lokon: the demo cannot be filled: {impossible}")
    except Refused as refused:
        sys.exit(f"lokon: the demo was refused: {refused.sentence}")


def ready(counted: Counted | None, logins: Path) -> str:
    """What can be used now, and what is still on its way."""
    there = f"Clients, visits and bookings are all there; who can sign in stands in {logins}."
    if counted is None or counted.all:
        return f"The demo chain is complete, its figures too. {there}"
    return (
        f"The demo chain is filled. {there}\n"
        f"Its figures are still being counted, {counted.visits:,} of {counted.of:,} visits so far: "
        "until that is done, pages of figures show less than there was."
    )


@contextmanager
def _shown(console: Console) -> Iterator[Report]:
    """Bars in a terminal; elsewhere a line now and then."""
    if not console.is_terminal:
        yield _lines(console)
        return
    columns = (TextColumn("  {task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    bars: dict[str, TaskID] = {}
    with Progress(*columns, console=console) as progress:

        def report(what: str, done: int, total: int) -> None:
            if what not in bars:
                bars[what] = progress.add_task(what, total=total)
            progress.update(bars[what], completed=done)

        yield report


def _lines(console: Console) -> Report:
    told: dict[str, int] = {}

    def report(what: str, done: int, total: int) -> None:
        step = done * _STEPS_WITHOUT_TERMINAL // total if total else _STEPS_WITHOUT_TERMINAL
        if step > told.get(what, 0):
            told[what] = step
            console.print(f"  {what}: {done:,} of {total:,}", highlight=False)

    return report
