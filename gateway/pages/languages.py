"""The languages of the pages: catalogues of gettext in `gateway/locale`, read as they are written."""

from functools import cache
from io import BytesIO
from pathlib import Path

import flask
from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

FOLDER = Path(__file__).resolve().parent.parent / "locale"
SOURCE = "en"  # the language that the messages are written in
_WRITTEN_AS = {"en": "en_GB"}  # alone it would be American: the month before the day, weeks from Sunday
COOKIE = "lokon_language"


@cache
def languages() -> tuple[str, ...]:
    """The codes of all languages; a folder with a catalogue adds one."""
    return (SOURCE, *sorted(path.name for path in FOLDER.iterdir() if (path / "LC_MESSAGES" / "pages.po").exists()))


@cache
def name_of(language: str) -> str:
    """What those who speak it call it."""
    name = Locale.parse(language).get_language_name()
    return (name or language).capitalize()


@cache
def translations(language: str) -> NullTranslations:
    """The catalogue of a language; nothing has to be compiled, and so nothing can be out of date."""
    if language == SOURCE:
        return NullTranslations()
    with (FOLDER / language / "LC_MESSAGES" / "pages.po").open("rb") as file:
        catalogue = read_po(file, locale=language)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled)


def chosen() -> str:
    """The language of this request: what was chosen on this device, else what the browser prefers."""
    if "language" not in flask.g:
        kept = flask.request.cookies.get(COOKIE)
        best = flask.request.accept_languages.best_match(languages(), SOURCE)
        flask.g.language = kept if kept in languages() else best
    return str(flask.g.language)


def locale() -> Locale:
    """How days, numbers and money are written in the language of this request."""
    return Locale.parse(_WRITTEN_AS.get(chosen(), chosen()))


def tag() -> str:
    """The same for browsers and their scripts: en-GB."""
    return str(locale()).replace("_", "-")


def gettext(message: str, **values: object) -> str:
    """`message` in the language of this request, with `%(name)s` filled in."""
    text: str = translations(chosen()).gettext(message)
    return text % values if values else text


def ngettext(one: str, many: str, number: int, **values: object) -> str:
    return plural(one, many, number) % ({"num": number} | values)


def plural(one: str, many: str, number: int) -> str:
    """The form for a number, with nothing filled in yet: templates do that themselves."""
    text: str = translations(chosen()).ngettext(one, many, number)
    return text


def noted(message: str) -> str:
    """Marks a message for the catalogue where it is not yet known in which language it will be said."""
    return message
