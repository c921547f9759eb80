"""`make messages`: brings the catalogues of the pages up to date with what code and templates say."""

from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po, write_po

from gateway.pages.languages import FOLDER, SOURCE, languages

GATEWAY = FOLDER.parent
METHODS = [("pages/**.py", "python"), ("templates/**.html", "jinja2")]
KEYWORDS = DEFAULT_KEYWORDS | {"noted": None}
WIDTH = 120


def messages() -> Catalog:
    """Every message that is marked for translation, with where it stands."""
    catalogue = Catalog(fuzzy=False)
    options = {"templates/**.html": {"extensions": "jinja2.ext.i18n"}}
    for file, _, message, _, _ in extract_from_dir(str(GATEWAY), METHODS, options_map=options, keywords=KEYWORDS):
        catalogue.add(message, locations=[(file, 0)])
    return catalogue


def update(path: Path, language: str) -> None:
    """Add what is new, empty until somebody translates it, and drop what nobody says any more."""
    with path.open("rb") as file:
        known = read_po(file, locale=language)
    known.update(messages(), no_fuzzy_matching=True)
    known.obsolete.clear()
    with path.open("wb") as file:
        write_po(file, known, width=WIDTH, sort_output=True, include_lineno=False, omit_header=True)


def main() -> None:
    for language in languages():
        if language != SOURCE:
            update(FOLDER / language / "LC_MESSAGES" / "pages.po", language)


if __name__ == "__main__":
    main()
