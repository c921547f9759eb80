"""`python -m chassis.runner SERVICE keys …`: what an operator does to master keys and data keys."""

from collections.abc import Iterator
from uuid import UUID

import click

from chassis import assembly
from chassis.config import settings
from chassis.masters import PERSON, MasterFile, master_file, master_name
from chassis.rotation import Progress, Rotation
from kernel.errors import Refusal, Unavailable

_CLASS = click.option("--class", "key_class", default=PERSON, show_default=True, help="the class of data")


@click.group()
def keys() -> None:
    """Keys of personal data: how they stand, a new master key, and what is damaged."""


@keys.command()
@click.pass_context
def status(context: click.Context) -> None:
    """Class, version, the data keys under it and their share, and which version wraps new ones."""
    standings = _rotation(context).standings()
    for one in standings:
        total = sum(other.keys for other in standings if other.key_class == one.key_class)
        share = 100.0 * one.keys / total if total else 0.0
        newest = "\twraps new ones" if one.newest else ""
        click.echo(f"{one.key_class}\tversion {one.version}\t{one.keys} keys\t{share:.1f} %{newest}")


@keys.command()
@_CLASS
@click.pass_context
def add(context: click.Context, key_class: str) -> None:
    """Add a version to the file of the master key; it wraps nothing before `rotate`."""
    file = _file(context, key_class)
    try:
        version = file.add()
    except OSError:
        raise click.ClickException(f"{file.path} cannot be changed from here") from None
    click.echo(f"version {version} is in the file; `keys rotate` puts it into use")


@keys.command()
@_CLASS
@click.pass_context
def rotate(context: click.Context, key_class: str) -> None:
    """Put the newest version into use and wrap all data keys under it; begin again after an interruption."""
    progress = Progress(0, 0, 0)
    try:
        for progress in _rotation(context).rotate(key_class):
            click.echo(f"{progress.done} of {progress.total} keys ({progress.percent:.1f} %)")
    except Refusal as refusal:
        raise click.ClickException(str(refusal)) from None
    if progress.damaged:
        raise click.ClickException(f"{progress.damaged} keys do not open and stay as they are; see `keys check`")


@keys.command()
@click.argument("version", type=int)
@_CLASS
@click.pass_context
def retire(context: click.Context, version: int, key_class: str) -> None:
    """Take VERSION out of use and out of the file; refused while it wraps anything."""
    try:
        _rotation(context).retire(key_class, version)
    except Refusal as refusal:
        raise click.ClickException(str(refusal)) from None
    file = master_file(settings(), master_name(context.obj, key_class))
    try:
        if file:
            file.leave_out(version)
            click.echo(f"version {version} is retired; backups from before open with a copy of it only")
            return
    except OSError:  # a container may read the file and not change it
        pass
    click.echo(f"version {version} is out of use; take it out of where the master key is kept")


@keys.command()
@click.pass_context
def check(context: click.Context) -> None:
    """Open everything; say by id what does not."""
    found = 0
    for person, key_class, reason in _rotation(context).damaged():
        found += 1
        click.echo(f"key\t{person}\t{key_class}\t{reason}")
    for what, where in _unreadable(context.obj):
        found += 1
        click.echo(f"{what}\t{where}")
    if found:
        raise click.ClickException(f"{found} do not open")
    click.echo("everything opens")


class _NoBus:
    """Nobody else is asked."""

    def call(self, body: bytes, *, service: str, timeout: float) -> bytes:  # noqa: ARG002
        raise Unavailable("service_unavailable", f"{service} is not asked from here")


def _unreadable(service: str) -> Iterator[tuple[str, UUID]]:
    """What the service itself finds among the ciphertexts in its database."""
    dispatcher = assembly.assemble(service, settings(), _NoBus(), lambda: None)
    try:
        if hasattr(dispatcher.instance, "unreadable"):
            with dispatcher.transaction() as session:
                yield from dispatcher.instance.unreadable(session)
    finally:
        dispatcher.close()


def _rotation(context: click.Context) -> Rotation:
    keyring = assembly.keyring_of(context.obj, settings())
    context.call_on_close(keyring.close)
    return Rotation(keyring)


def _file(context: click.Context, key_class: str) -> MasterFile:
    name = master_name(context.obj, key_class)
    file = master_file(settings(), name)
    if file is None:
        raise click.ClickException(f"the master key {name} is in no file; add the version where it is kept")
    return file
