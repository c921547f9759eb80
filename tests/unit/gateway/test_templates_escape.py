"""What people type is text in every page: nothing turns off what makes it so."""

import re
from pathlib import Path

import pytest

import gateway

HERE = Path(gateway.__file__).parent
TEMPLATES = sorted((HERE / "templates").rglob("*.html"))
CONSTANT = re.compile(r"=\s*'[^'{}]*'\s*\|\s*safe")  # attributes that a template writes itself
UNQUOTED = re.compile(r"\s[\w-]+=\{\{")  # what is filled in could begin another attribute


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(HERE / "templates")))
def test_no_template_shows_what_is_typed_as_markup(template: Path) -> None:
    text = CONSTANT.sub("", template.read_text(encoding="utf-8"))
    assert not re.search(r"\|\s*safe\b|autoescape|Markup", text)
    assert not UNQUOTED.search(text)
    assert not re.search(r"\son[a-z]+=[\"'{]", text)


def test_no_page_makes_markup_of_texts() -> None:
    """Files that are not called .html would not be escaped; Markup says that something is no text."""
    pages = (HERE / "pages").rglob("*.py")
    wrong = [path.name for path in pages if re.search(r"\bMarkup\(|markupsafe", path.read_text(encoding="utf-8"))]
    assert wrong == []
    assert [path.name for path in (HERE / "templates").rglob("*") if path.is_file() and path.suffix != ".html"] == []
