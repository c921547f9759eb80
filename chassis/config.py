"""The only reader of the environment: every setting, its default and its meaning."""

import os
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

SERVICES = ("auth", "clients", "booking", "loyalty", "analytics")


PASSWORD_KINDS = ("lower", "upper", "digits", "symbols")
CODE_SENDERS = ("outbox",)  # modules of services/auth/usecases/senders


class Misconfigured(Exception):  # noqa: N818  reads better in `except`
    """A setting is missing or wrong; the message is a sentence for the operator."""


@dataclass(frozen=True)
class MasterSource:
    """Where a master key comes from: at most one is set; if none is, its file in the folder of keys."""

    text: str | None = field(default=None, repr=False)  # LOKON_<NAME>_MASTER: the key itself
    file: Path | None = None  # LOKON_<NAME>_MASTER_FILE
    command: str | None = field(default=None, repr=False)  # LOKON_<NAME>_MASTER_COMMAND: it writes the key
    setting: str = ""  # which of them


@dataclass(frozen=True)
class Settings:
    """What the environment says; see `docs/running.md` for the same list in prose."""

    data: Path  # LOKON_DATA: the folder that holds everything that is kept
    listen: str  # LOKON_LISTEN: host:port of the public address
    internal_listen: str | None  # LOKON_INTERNAL_LISTEN: host:port of health and metrics of this process
    live_listen: str | None  # LOKON_LIVE_LISTEN: host:port of the process that serves streams to pages
    live_url: str | None  # LOKON_LIVE_URL: where browsers find it, if not at the public address itself
    proxies: int  # LOKON_PROXIES: how many web servers of ours stand in front and say where a request is from
    bus: str  # LOKON_BUS, or the file LOKON_BUS_FILE: inprocess:// or amqp[s]://user:password@host:port/vhost
    bus_ca: Path | None  # LOKON_BUS_CA: certificate authority of an amqps bus
    services: tuple[str, ...]  # LOKON_SERVICES: those installed; auth always is
    keys: Path  # LOKON_KEYS: the folder of key files
    owner_password: str | None  # LOKON_OWNER_PASSWORD, or the file LOKON_OWNER_PASSWORD_FILE
    phone_region: str  # LOKON_PHONE_REGION: where national numbers are at home
    access_token_seconds: int  # LOKON_ACCESS_TOKEN_SECONDS
    session_days: int  # LOKON_SESSION_DAYS: longest life of a session
    session_idle_minutes: int  # LOKON_SESSION_IDLE_MINUTES: without a refresh for so long, a session ends
    generated_password_length: int  # LOKON_GENERATED_PASSWORD_LENGTH
    generated_password_kinds: tuple[str, ...]  # LOKON_GENERATED_PASSWORD_KINDS: of what characters; each comes up
    code_sender: str  # LOKON_CODE_SENDER: how codes get to the phones of clients
    mass_reads_per_hour: int  # LOKON_MASS_READS_PER_HOUR: more cards opened by one user are told to the journal
    cors_origins: tuple[str, ...]  # LOKON_CORS_ORIGINS: comma-separated
    widget_hosts: tuple[str, ...]  # LOKON_WIDGET_HOSTS: comma-separated
    workers: int  # LOKON_WORKERS: messages that a service handles at once; its database pool is as large
    databases: Mapping[str, str]  # LOKON_<NAME>_DATABASE, by lower-case name
    masters: Mapping[str, MasterSource] = field(default_factory=dict)  # by service, or service and class with a dot

    def bus_tls(self) -> ssl.SSLContext | None:
        """How the bus proves itself: by a certificate of `bus_ca` for its host; None if nothing is said."""
        return ssl.create_default_context(cafile=self.bus_ca) if self.bus_ca else None

    def database(self, name: str) -> str:
        """The address of a database: a service's name, or `<service>_keys`."""
        try:
            return self.databases[name]
        except KeyError:
            raise Misconfigured(f"LOKON_{name.upper()}_DATABASE is not set") from None


def read(env: Mapping[str, str]) -> Settings:
    """Settings from `env`; `Misconfigured` names what is wrong."""
    named = [name.strip() for name in env.get("LOKON_SERVICES", ",".join(SERVICES)).split(",") if name.strip()]
    unknown = set(named) - set(SERVICES)
    if unknown:
        raise Misconfigured(f"LOKON_SERVICES names {', '.join(sorted(unknown))}; there are {', '.join(SERVICES)}")
    data = Path(env.get("LOKON_DATA", "var/run")).absolute()
    prefix, suffix = "LOKON_", "_DATABASE"
    return Settings(
        data=data,
        listen=env.get("LOKON_LISTEN", "127.0.0.1:8080"),
        internal_listen=env.get("LOKON_INTERNAL_LISTEN") or None,
        live_listen=env.get("LOKON_LIVE_LISTEN") or None,
        live_url=env.get("LOKON_LIVE_URL", "").rstrip("/") or None,
        proxies=_number(env, "LOKON_PROXIES", 0, least=0),
        bus=_secret(env, "LOKON_BUS") or "inprocess://",
        bus_ca=Path(env["LOKON_BUS_CA"]) if env.get("LOKON_BUS_CA") else None,
        services=tuple(name for name in SERVICES if name in named or name == "auth"),
        keys=Path(env["LOKON_KEYS"]) if env.get("LOKON_KEYS") else data / "keys",
        owner_password=_secret(env, "LOKON_OWNER_PASSWORD"),
        phone_region=env.get("LOKON_PHONE_REGION", "RU"),
        access_token_seconds=_number(env, "LOKON_ACCESS_TOKEN_SECONDS", 600),
        session_days=_number(env, "LOKON_SESSION_DAYS", 30),
        session_idle_minutes=_number(env, "LOKON_SESSION_IDLE_MINUTES", 60 * 24 * 7),
        generated_password_length=_number(env, "LOKON_GENERATED_PASSWORD_LENGTH", 20, least=12),
        generated_password_kinds=_choice(env, "LOKON_GENERATED_PASSWORD_KINDS", "lower,upper,digits", PASSWORD_KINDS),
        code_sender=_one(env, "LOKON_CODE_SENDER", CODE_SENDERS),
        mass_reads_per_hour=_number(env, "LOKON_MASS_READS_PER_HOUR", 100),
        cors_origins=tuple(origin.strip() for origin in env.get("LOKON_CORS_ORIGINS", "").split(",") if origin.strip()),
        widget_hosts=_origins(env, "LOKON_WIDGET_HOSTS"),
        workers=_number(env, "LOKON_WORKERS", 16),
        databases={
            key[len(prefix) : -len(suffix)].lower(): value
            for key, value in env.items()
            if key.startswith(prefix) and key.endswith(suffix)
        },
        masters=_masters(env),
    )


_MASTER = re.compile(r"LOKON_([A-Z]+)(?:_([A-Z]+))?_MASTER(_FILE|_COMMAND)?")


def _masters(env: Mapping[str, str]) -> dict[str, MasterSource]:
    """The sources of master keys: LOKON_CLIENTS_MASTER…, and by class of data LOKON_CLIENTS_HEALTH_MASTER…"""
    found: dict[str, MasterSource] = {}
    for setting, value in sorted(env.items()):
        match = _MASTER.fullmatch(setting)
        if match is None or not value:
            continue
        service, key_class, kind = match.groups()
        if service.lower() not in SERVICES:
            raise Misconfigured(f"{setting} names no service; there are {', '.join(SERVICES)}")
        name = ".".join(part.lower() for part in (service, key_class) if part)
        if name in found:
            raise Misconfigured(f"{found[name].setting} and {setting} are both set; a master key has one source")
        match kind:
            case "_FILE":
                found[name] = MasterSource(file=Path(value), setting=setting)
            case "_COMMAND":
                found[name] = MasterSource(command=value, setting=setting)
            case _:
                found[name] = MasterSource(text=value, setting=setting)
    return found


def _secret(env: Mapping[str, str], name: str) -> str | None:
    """A secret as it stands in the variable, or the first line of the file that `<name>_FILE` names."""
    if env.get(name):
        return env[name]
    file = env.get(f"{name}_FILE")
    return Path(file).read_text(encoding="utf-8").splitlines()[0] if file else None


_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?")


def _origins(env: Mapping[str, str], name: str) -> tuple[str, ...]:
    """Origins as browsers say them: they go into a header, so nothing else may stand there."""
    origins = tuple(origin.strip() for origin in env.get(name, "").split(",") if origin.strip())
    for origin in origins:
        if not _ORIGIN.fullmatch(origin):
            raise Misconfigured(f"{name} names origins such as https://salon.example, separated by commas")
    return origins


def _choice(env: Mapping[str, str], name: str, default: str, offered: tuple[str, ...]) -> tuple[str, ...]:
    """Some of what is `offered`, at least one, separated by commas."""
    chosen = {word.strip() for word in (env.get(name) or default).split(",") if word.strip()}
    if not chosen or chosen - set(offered):
        raise Misconfigured(f"{name} names some of {', '.join(offered)}, separated by commas")
    return tuple(word for word in offered if word in chosen)


def _one(env: Mapping[str, str], name: str, offered: tuple[str, ...]) -> str:
    """One of what is `offered`, the first if nothing is said."""
    chosen = env.get(name) or offered[0]
    if chosen not in offered:
        raise Misconfigured(f"{name} is one of {', '.join(offered)}")
    return chosen


def _number(env: Mapping[str, str], name: str, default: int, least: int = 1) -> int:
    text = env.get(name) or str(default)
    if not text.isdecimal() or int(text) < least:
        raise Misconfigured(f"{name} must be a whole number of at least {least}")
    return int(text)


@cache
def settings() -> Settings:
    """The settings of this process, read once."""
    return read(os.environ)  # noqa: TID251  this is the one place


def environment() -> dict[str, str]:
    """The environment for a child process."""
    return dict(os.environ)  # noqa: TID251
