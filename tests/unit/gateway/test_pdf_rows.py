"""How the PDF of everything held about a person breaks lines."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.export.pdf import rows


@given(st.text("аb -ё", max_size=200), st.integers(1, 30))
def test_rows_fit_and_lose_no_letter(text: str, room: int) -> None:
    broken = list(rows(text, room, len))
    assert all(len(row) <= room for row in broken)
    assert "".join(broken).replace(" ", "") == text.replace(" ", "")


def test_words_stay_whole_where_they_can() -> None:
    assert list(rows("one three тридцатьтри do", 5, len)) == ["one", "three", "тридц", "атьтр", "и do"]
    assert list(rows("", 5, len)) == [""]


def test_a_letter_is_measured_twice_at_most() -> None:
    """Who came a thousand times has a million letters, and one process prints for everybody."""
    measured = 0

    def width(text: str) -> int:
        nonlocal measured
        measured += len(text)
        return len(text)

    text = "word " * 1_000 + "w" * 5_000
    list(rows(text, 100, width))
    assert measured <= 2 * len(text) + 1_000
