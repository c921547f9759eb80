"""Who can sign in to the demo: one person of each role; their passwords are made here and kept in a file."""

import secrets
from dataclasses import dataclass
from pathlib import Path

from deploy.demo.chain import SALONS, Stylist

FILE = "demo-logins.txt"
_SEPARATOR = "\t"  # the password comes last: the owner's is taken as given, spaces and all


@dataclass(frozen=True)
class Login:
    """`salons` are places in the chain; `stylist` is the number of the master who signs in."""

    login: str
    name: str
    role: str
    salons: tuple[int, ...]
    stylist: int | None = None


def staff(stylists: tuple[Stylist, ...]) -> tuple[Login, ...]:
    everywhere = tuple(range(len(SALONS)))
    receptionists = ("Ольга Ветрова", "Инна Светлова", "Юлия Ключевская")
    return (
        Login("manager", "Павел Сергеевич Громов", "manager", everywhere),
        *(
            Login(f"admin-{salon.key}", receptionists[place], "administrator", (place,))
            for place, salon in enumerate(SALONS)
        ),
        *(
            Login(f"master-{salon.key}", one.name, "master", (place,), one.number)
            for place, salon in enumerate(SALONS)
            for one in [next(one for one in stylists if one.salon == place)]
        ),
        Login("marketer", "Дарья Лебедева", "marketer", everywhere),
        Login("accountant", "Нина Аркадьевна Счастливцева", "accountant", everywhere),
        Login("auditor", "Лев Борисович Зоркий", "auditor", everywhere),
    )


def make_passwords(folder: Path, owner_password: str, logins: tuple[Login, ...]) -> dict[str, str]:
    """Passwords by login, as they stand in the file of `folder`; made and written before anybody gets one."""
    known = read_passwords(folder)
    passwords = {"owner": owner_password} | {
        one.login: known.get(one.login) or secrets.token_urlsafe(12) for one in logins
    }
    roles = {"owner": "owner"} | {one.login: one.role for one in logins}
    lines = (_SEPARATOR.join((login, roles[login], password)) + "\n" for login, password in passwords.items())
    write_whole(folder / FILE, "".join(lines))
    return passwords


def read_passwords(folder: Path) -> dict[str, str]:
    file = folder / FILE
    if not file.exists():
        return {}
    rows = (line.split(_SEPARATOR, 2) for line in file.read_text(encoding="utf-8").split("\n"))
    return {row[0]: row[2] for row in rows if len(row) == 3}


def write_whole(file: Path, content: str) -> None:
    """All of `content` or what was there before, whatever ends us meanwhile; readable by us alone."""
    beside = file.with_name(f"{file.name}.new")
    beside.unlink(missing_ok=True)
    beside.touch(mode=0o600)
    beside.write_text(content, encoding="utf-8")
    beside.replace(file)
