"""What a file of a client is called."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import Invalid
from services.clients.domain.files import LONGEST_NAME, PDF, file_name, is_pdf, parts_of


@pytest.mark.parametrize(
    ("said", "media_type", "name"),
    [
        ("before.JPG", "image/webp", "before.webp"),
        ("  form ", PDF, "form.pdf"),
        ("v1.2 of the form", PDF, "v1.2 of the form.pdf"),
        (".hidden", PDF, ".hidden.pdf"),
        ("x" * 200, "image/webp", "x" * 195 + ".webp"),
    ],
)
def test_a_name_ends_as_what_is_kept(said: str, media_type: str, name: str) -> None:
    assert file_name(said, media_type) == name


@given(st.text(max_size=300))
def test_a_name_never_leads_elsewhere_or_breaks_a_line(said: str) -> None:
    try:
        name = file_name(said, PDF)
    except Invalid:
        return
    assert name.endswith(".pdf") and len(name) <= LONGEST_NAME
    assert not set(name) & set("/\\\r\n\0")


@pytest.mark.parametrize(("size", "parts"), [(1, 1), (10, 1), (11, 2), (20, 2)])
def test_the_last_piece_may_be_smaller(size: int, parts: int) -> None:
    assert parts_of(size, 10) == parts


def test_a_pdf_says_so_itself() -> None:
    assert is_pdf(b"%PDF-1.4\n")
    assert not is_pdf(b"<html>%PDF-1.4")
