"""`make backup` and `make restore`: databases, keys and files in two sealed archives.

One archive holds the data, the other the keys that open the personal data in them. They are apart because erasing a
person destroys a key: archives of data may be kept as long as one likes, those of keys at most thirty days, and data
from before the erasure are unreadable with any keys from after it.
"""

import contextlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
import psycopg

from chassis import config
from deploy.installation import Installation
from deploy.postgres import SUPERUSER, PostgresServer, binaries
from deploy.processes import CannotStart
from deploy.sealed import SealedReader, SealedWriter, WrongPassphrase
from kernel.time import utc_now

KEEP_KEYS = timedelta(days=30)
_FILES = ("files", "demo-begun.json", "demo-complete", "demo-logins.txt")
_STAMP = "%Y%m%dT%H%M%SZ"
_SHORTEST_PASSPHRASE = 12
_FREEZE_PATIENCE = "10s"


@click.group()
def main() -> None:
    """Back an installation up, or restore one; the passphrase is LOKON_BACKUP_PASSPHRASE, or asked for."""


@main.command()
@click.option("--to", "target", type=click.Path(path_type=Path), required=True)
@click.option("--of", "source", type=click.Path(path_type=Path), default=Path("var/run"), show_default=True)
def write(target: Path, source: Path) -> None:
    """Write the installation in the folder OF to the folder TO; it may be running."""
    with _refusals_said():
        for archive in back_up(source, target, _passphrase(confirm=True), utc_now()):
            click.echo(f"written: {archive}")


@main.command()
@click.option("--from", "source", type=click.Path(path_type=Path), required=True)
@click.option("--into", "target", type=click.Path(path_type=Path), default=Path("var/run"), show_default=True)
@click.option("--data", help="name of the archive of data; the newest if not given")
@click.option("--keys", help="name of the archive of keys; the newest if not given")
def read(source: Path, target: Path, data: str | None, keys: str | None) -> None:
    """Restore into the empty folder INTO what lies in the folder FROM."""
    with _refusals_said():
        archives = [_chosen(source, data, "data"), _chosen(source, keys, "keys")]
        restore(archives, target, _passphrase(confirm=False))
        click.echo(f"restored into {target}: {', '.join(archive.name for archive in archives)}")


def back_up(source: Path, target: Path, passphrase: str, now: datetime) -> list[Path]:
    """Write both archives of the installation in `source`, and remove archives of keys that are too old."""
    installation = Installation(source.absolute())
    if not (installation.postgres / "data").exists():
        raise CannotStart(f"There is no Lokon in {source}.")
    target.mkdir(parents=True, exist_ok=True, mode=0o700)
    archives = [target / f"lokon-{now.strftime(_STAMP)}.{kind}" for kind in ("data", "keys")]
    with (
        _server_of(installation) as socket,
        tempfile.TemporaryDirectory(dir=installation.folder, prefix="backup-") as scratch,
    ):
        dumps = _dump(socket, Path(scratch))
        _write_archive(archives[0], passphrase, [d for d in dumps if not _holds_keys(d)], installation, _FILES)
        _write_archive(archives[1], passphrase, [d for d in dumps if _holds_keys(d)], installation, ("keys",))
    for old in target.glob("lokon-*.keys"):
        if _written_at(old) < now - KEEP_KEYS:
            old.unlink()
    return archives


def restore(archives: Iterable[Path], target: Path, passphrase: str) -> None:
    """Make a new installation in `target`, which must be empty, from an archive of data and one of keys."""
    target = target.absolute()
    if target.exists() and any(target.iterdir()):
        raise CannotStart(f"{target} is not empty; restore into an empty folder.")
    installation = Installation(target)
    try:
        installation.make_folders()
        with PostgresServer(installation.postgres) as server:
            for archive in archives:
                _read_archive(archive, passphrase, installation, server)
    except BaseException:
        shutil.rmtree(target, ignore_errors=True)  # half of an installation would look like one
        raise
    installation.note_password_shown()  # the owner is among what was restored


def _dump(socket: Path, folder: Path) -> list[Path]:
    """A dump of each database, all as of one moment."""
    connect = f"host={socket} user={SUPERUSER} dbname="
    with psycopg.connect(f"{connect}postgres") as connection:
        rows = connection.execute("SELECT datname FROM pg_database WHERE NOT datistemplate AND datname <> 'postgres'")
        names = sorted(name for (name,) in rows.fetchall())
    dumps = []
    with contextlib.ExitStack() as stack:
        snapshots = _snapshots({name: f"{connect}{name}" for name in names}, stack)
        for name, snapshot in snapshots.items():
            dump = folder / f"{name}.dump"
            options = ["--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}", f"--file={dump}"]
            _run("pg_dump", "-h", str(socket), "-U", SUPERUSER, "-d", name, *options)
            dumps.append(dump)
    return dumps


def _snapshots(databases: dict[str, str], stack: contextlib.ExitStack) -> dict[str, str]:
    """A snapshot of each database by which no service knows an event that its producer does not know.

    All event logs are locked for the moment in which the snapshots are taken: otherwise a consumer's dump might count
    an event whose number the producer, restored to an earlier moment, would give to another one.
    """
    with contextlib.ExitStack() as frozen:
        for name, address in databases.items():
            if not name.endswith("_keys"):
                lock = frozen.enter_context(psycopg.connect(address))
                lock.execute(f"SET lock_timeout = '{_FREEZE_PATIENCE}'")
                lock.execute("LOCK TABLE event_log IN SHARE MODE")
        snapshots = {}
        # The keys last: whoever is in the data has a key by then.
        for name in sorted(databases, key=lambda name: name.endswith("_keys")):
            reader = stack.enter_context(psycopg.connect(databases[name]))
            reader.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            row = reader.execute("SELECT pg_export_snapshot()").fetchone()
            assert row is not None
            snapshots[name] = str(row[0])
        return snapshots


def _write_archive(
    archive: Path, passphrase: str, dumps: list[Path], installation: Installation, folders: Iterable[str]
) -> None:
    with SealedWriter(archive, passphrase) as sealed, tarfile.open(fileobj=sealed, mode="w|gz") as members:  # type: ignore[call-overload]
        for dump in dumps:
            members.add(dump, dump.name)
        for folder in folders:
            if (installation.folder / folder).exists():
                members.add(installation.folder / folder, folder)


def _read_archive(archive: Path, passphrase: str, installation: Installation, server: PostgresServer) -> None:
    with SealedReader(archive, passphrase) as sealed, tarfile.open(fileobj=sealed, mode="r|gz") as members:  # type: ignore[call-overload]
        for member in members:
            members.extract(member, installation.folder, filter="data")
            extracted = installation.folder / member.name
            if extracted.suffix == ".dump":
                _restore_database(server, extracted)
                extracted.unlink()


def _restore_database(server: PostgresServer, dump: Path) -> None:
    role = dump.stem.removesuffix("_keys")
    server.ensure_database(dump.stem, role=role)
    options = ["--no-owner", "--no-privileges", "--exit-on-error", f"--role={role}", "-d", dump.stem]
    _run("pg_restore", "-h", str(server.socket_folder), "-U", SUPERUSER, *options, str(dump))


def _run(program: str, *arguments: str) -> None:
    done = subprocess.run([binaries() / program, *arguments], check=False, capture_output=True)
    if done.returncode != 0:
        raise CannotStart(f"{program} failed: {done.stderr.decode(errors='replace').strip()}")


@contextlib.contextmanager
def _server_of(installation: Installation) -> Iterator[Path]:
    """The folder of the server's socket: of the one that runs, or of one that is started for as long."""
    running = PostgresServer.socket_of_running(installation.postgres)
    if running is not None:
        yield running
    else:
        with PostgresServer(installation.postgres) as server:
            yield server.socket_folder


def _holds_keys(dump: Path) -> bool:
    return dump.stem.endswith("_keys")


def _written_at(archive: Path) -> datetime:
    return datetime.strptime(archive.stem.removeprefix("lokon-"), _STAMP).replace(tzinfo=UTC)


def _chosen(folder: Path, name: str | None, kind: str) -> Path:
    found = [folder / name] if name else sorted(folder.glob(f"lokon-*.{kind}"))
    if not found or not found[-1].exists():
        raise CannotStart(f"There is no archive of {kind} in {folder}.")
    return found[-1]


def _passphrase(*, confirm: bool) -> str:
    given = config.environment().get("LOKON_BACKUP_PASSPHRASE")
    passphrase = given or str(click.prompt("Passphrase of the backup", hide_input=True, confirmation_prompt=confirm))
    if confirm and len(passphrase) < _SHORTEST_PASSPHRASE:
        raise CannotStart(f"The passphrase of a backup has at least {_SHORTEST_PASSPHRASE} characters.")
    return passphrase


@contextlib.contextmanager
def _refusals_said() -> Iterator[None]:
    try:
        yield
    except (CannotStart, WrongPassphrase) as failure:
        sys.exit(f"lokon: {failure}")
    except psycopg.errors.LockNotAvailable:
        sys.exit("lokon: the event logs were busy for too long; try again.")


if __name__ == "__main__":
    main()
