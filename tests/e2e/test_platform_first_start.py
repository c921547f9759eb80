"""What the containers are given at their first start: each its own, and the same again at the next."""

import subprocess
from pathlib import Path

import pytest

from chassis.assembly import masters_of
from chassis.config import SERVICES
from deploy import first_start


@pytest.fixture
def made(tmp_path: Path) -> Path:
    (tmp_path / "keys").mkdir()
    (tmp_path / "postgres").mkdir()
    (tmp_path / "rabbitmq").mkdir()
    first_start.main(tmp_path)
    return tmp_path


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_second_start_changes_nothing(made: Path, capsys: pytest.CaptureFixture[str]):
    before = files(made)
    first_start.main(made)
    assert files(made) == before
    assert capsys.readouterr().out == ""


def test_each_part_has_its_own_keys_and_no_others(made: Path):
    for part in (*SERVICES, "gateway"):
        names = {path.name for path in (made / "keys" / part).iterdir()}
        private = {name for name in names if name.endswith((".key", ".master"))}
        expected = {f"{part}.key"} | ({f"{name}.master" for name in masters_of(part)} if part != "gateway" else set())
        assert private == expected | ({"users.key"} if part == "auth" else set())
    for path in (made / "keys").rglob("*"):
        if path.is_file():
            assert path.stat().st_mode & 0o077 == 0 or path.suffix == ".serial", path


@pytest.mark.parametrize("server", ["postgres", "rabbitmq"])
def test_servers_prove_themselves_by_the_authority_that_everybody_knows(made: Path, server: str):
    certificate = made / server / "server.crt"
    check = ["openssl", "verify", "-verify_hostname", server, "-CAfile", made / "tls" / "ca.crt", certificate]
    assert subprocess.run(check, check=False, capture_output=True).returncode == 0
    elsewhere = ["openssl", "verify", "-verify_hostname", "elsewhere", "-CAfile", made / "tls" / "ca.crt", certificate]
    assert subprocess.run(elsewhere, check=False, capture_output=True).returncode != 0


def test_a_certificate_that_ends_soon_is_renewed_unless_it_was_given(made: Path):
    authority = made / "keys" / "all" / "authority"
    ours = made / "postgres" / "server.crt"
    name = ["-subj", "/CN=postgres", "-days", "3"]
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", made / "key"]
    signed = ["-CA", made / "tls" / "ca.crt", "-CAkey", authority / "ca.key"]
    subprocess.run(["openssl", "req", "-x509", *key, *name, *signed, "-out", ours], check=True, capture_output=True)
    given = made / "rabbitmq" / "server.crt"
    subprocess.run(["openssl", "req", "-x509", *key, *name, "-out", given], check=True, capture_output=True)
    before = files(made)
    first_start.main(made)
    after = files(made)
    assert after["postgres/server.crt"] != before["postgres/server.crt"]
    assert after["rabbitmq/server.crt"] == before["rabbitmq/server.crt"]
