"""`python -m deploy.importer FOLDER --url … --login owner`: what one types, and the sentences one gets."""

import sys
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click
from rich.console import Console

from chassis.config import Misconfigured, settings
from deploy.api import Api, CannotCall, Refused
from deploy.importer.currency import decimals_of
from deploy.importer.export import CannotImport, Export, read_export
from deploy.importer.loading import Loader
from deploy.importer.plan import Plan
from deploy.importer.planning import plan_import
from deploy.importer.reckoning import reckon
from deploy.importer.report import show_outcome, show_plan, shown_progress
from deploy.importer.standing import Target, look_around


@click.command(help="Import the export of another salon system from FOLDER, over HTTP.")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--url", default="http://127.0.0.1:8080", show_default=True, help="Where Lokon answers.")
@click.option("--login", default="owner", show_default=True, help="Password: LOKON_OWNER_PASSWORD, or asked for.")
@click.option("--branch-name", default="Hair salon", show_default=True)
@click.option("--time-zone", default="America/Toronto", show_default=True)
@click.option("--currency", default="CAD", show_default=True)
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
def main(folder: Path, url: str, login: str, branch_name: str, time_zone: str, currency: str, *, dry_run: bool) -> None:
    console = Console()
    try:
        target = _target(branch_name, time_zone, currency)
        export = read_export(folder, decimals_of(target.currency))
        plan = plan_import(export, target.zone)
        with Api(url) as api:
            api.sign_in(login, _password(login))
            good = _run(console, api, target, export, plan, dry_run=dry_run)
    except (CannotImport, CannotCall, Misconfigured) as impossible:
        Console(stderr=True).print(str(impossible), style="red", markup=False, highlight=False, soft_wrap=True)
        sys.exit(1)
    except Refused as refused:
        Console(stderr=True).print(f"{url} refused: {refused.sentence}.", style="red", markup=False, soft_wrap=True)
        sys.exit(1)
    sys.exit(0 if good else 1)


def _run(console: Console, api: Api, target: Target, export: Export, plan: Plan, *, dry_run: bool) -> bool:
    """Whether nothing was refused and, after a real run, analytics agrees."""
    standing = look_around(api, target, plan)
    show_plan(console, plan, standing, target, len(export.products))
    if dry_run:
        console.print("\nThis was a dry run: nothing was sent.")
        return not plan.refused
    with shown_progress(console, plan) as advance:
        loaded = Loader(api, target, standing, advance).load(plan)
    months = reckon(api, loaded.branch_id, loaded.visits)
    show_outcome(console, loaded, months, target.currency)
    return not plan.refused and not loaded.refused and all(month.equal for month in months)


def _target(branch: str, time_zone: str, currency: str) -> Target:
    try:
        ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise CannotImport(f"{time_zone} is not a time zone like America/Toronto.") from None
    if not (len(currency) == 3 and currency.isascii() and currency.isalpha() and currency.isupper()):
        raise CannotImport(f"{currency} is not a currency like CAD.")
    if not branch.strip():
        raise CannotImport("The branch needs a name.")
    return Target(branch.strip(), time_zone, currency)


def _password(login: str) -> str:
    known = settings().owner_password
    if known:
        return known
    if not sys.stdin.isatty():
        raise CannotImport("The password is missing: set LOKON_OWNER_PASSWORD, or run this in a terminal.")
    return str(click.prompt(f"Password of {login}", hide_input=True))
