"""The init job of the containers: makes whatever is missing of keys, passwords and certificates, and nothing else."""

import json
import secrets
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from chassis import assembly
from chassis.config import SERVICES
from deploy import keys

_AUTHORITY_DAYS, _CERTIFICATE_DAYS = 3650, 825
_RENEW_WITHIN_SECONDS = 60 * 86_400
_CURVE = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
_BUS_USER = "lokon"


def main(folder: Path) -> None:
    """Fill `folder`: `keys/<part>` for each part, `tls` for all, `postgres` and `rabbitmq` for those two.

    `keys/all` is for this job alone. What somebody has put there already, a certificate of their own say, stays.
    """
    keys.make_apart(folder / "keys", SERVICES)
    passwords = Passwords(folder / "keys" / "all" / "passwords.json")
    authority = Authority(folder / "keys" / "all" / "authority", folder / "tls" / "ca.crt")
    for server in ("postgres", "rabbitmq"):
        authority.certify(server, folder / server)
    databases = {service: assembly.databases_of(service) for service in SERVICES}
    _write(folder / "postgres" / "superuser", passwords.of("superuser"))
    _write(folder / "postgres" / "roles.sql", "".join(_role(name, passwords, of) for name, of in databases.items()))
    _write(folder / "rabbitmq" / "lokon.conf", _broker(passwords.of("bus")))
    bus = f"amqps://{_BUS_USER}:{passwords.of('bus')}@rabbitmq:5671//"
    for part in (*SERVICES, keys.GATEWAY):
        _write(folder / "keys" / part / "bus", bus)
    for service in SERVICES:
        _write(folder / "keys" / service / "pgpass", f"postgres:5432:*:{service}:{passwords.of(service)}\n")
    owner = folder / "keys" / "auth" / "owner-password"
    if not owner.exists():
        _write(owner, passwords.of("owner"))
        sys.stdout.write(
            "The owner signs in as owner, unless LOKON_OWNER_PASSWORD says otherwise, "
            f"with the password {passwords.of('owner')}\n"
        )


class Passwords:
    """Random passwords by name, the same at every start."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def of(self, name: str) -> str:
        """The password called `name`; safe in an address, in SQL and in a configuration file."""
        known = json.loads(self._file.read_text()) if self._file.exists() else {}
        if name not in known:
            known[name] = secrets.token_hex(20)
            _write(self._file, json.dumps(known))
        return str(known[name])


class Authority:
    """A certificate authority for the machines of one installation."""

    def __init__(self, folder: Path, certificate: Path) -> None:
        self._key = folder / "ca.key"
        self._certificate = certificate
        if not certificate.exists():
            folder.mkdir(mode=0o700, exist_ok=True)
            certificate.parent.mkdir(exist_ok=True)
            name = ("-subj", "/CN=Lokon", "-days", str(_AUTHORITY_DAYS))
            _openssl("req", "-x509", *_CURVE, "-keyout", self._key, "-out", certificate, *name)

    def certify(self, server: str, folder: Path) -> None:
        """A certificate for the machine called `server`, made anew when it ends soon; one that was given stays."""
        certificate, key = folder / "server.crt", folder / "server.key"
        folder.mkdir(exist_ok=True)
        if certificate.exists() and not (self._signed(certificate) and _ends_soon(certificate)):
            return
        names = folder / "names"
        names.write_text(f"subjectAltName=DNS:{server},DNS:localhost,IP:127.0.0.1\n")
        request = folder / "request"
        _openssl("req", *_CURVE, "-keyout", key, "-out", request, "-subj", f"/CN={server}")
        signed_by = (
            "-CA",
            self._certificate,
            "-CAkey",
            self._key,
            "-CAcreateserial",
            "-CAserial",
            f"{self._key}.serial",
        )
        for_it = ("-extfile", names, "-days", str(_CERTIFICATE_DAYS))
        _openssl("x509", "-req", "-in", request, "-out", certificate, *signed_by, *for_it)
        for scrap in (names, request):
            scrap.unlink()

    def _signed(self, certificate: Path) -> bool:
        return self._key.exists() and _succeeds("verify", "-no_check_time", "-CAfile", self._certificate, certificate)


def _succeeds(*arguments: str | Path) -> bool:
    return subprocess.run(["openssl", *arguments], check=False, capture_output=True).returncode == 0


def _role(service: str, passwords: Passwords, databases: Iterable[str]) -> str:
    lines = [f"CREATE ROLE {service} LOGIN PASSWORD '{passwords.of(service)}';"]
    for database in databases:
        lines.append(f"CREATE DATABASE {database} OWNER {service};")
        lines.append(f"REVOKE ALL ON DATABASE {database} FROM PUBLIC;")
    return "\n".join(lines) + "\n"


def _broker(password: str) -> str:
    lines = (
        "listeners.tcp = none",
        "listeners.ssl.default = 5671",
        "ssl_options.certfile = /run/lokon/server.crt",
        "ssl_options.keyfile = /run/lokon/server.key",
        "ssl_options.verify = verify_none",
        "ssl_options.versions.1 = tlsv1.3",
        "ssl_options.versions.2 = tlsv1.2",
        f"default_user = {_BUS_USER}",
        f"default_pass = {password}",
        "log.console = true",
        "log.console.level = warning",
    )
    return "\n".join(lines) + "\n"


def _ends_soon(certificate: Path) -> bool:
    return not _succeeds("x509", "-checkend", str(_RENEW_WITHIN_SECONDS), "-noout", "-in", certificate)


def _openssl(*arguments: str | Path) -> None:
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)


def _write(file: Path, text: str) -> None:
    if file.exists() and file.read_text() == text:
        return
    new = file.with_name(f"{file.name}.new")
    new.unlink(missing_ok=True)
    new.touch(mode=0o600)
    new.write_text(text)
    new.replace(file)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
