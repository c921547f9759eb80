"""The salon's colour: whatever was chosen, it can be read."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.pages.salon_colours import DARK, ENOUGH, LIGHT, WHITE, contrast, luminance, readable, sheet

colours = st.tuples(*[st.integers(0, 255)] * 3)


@given(colour=colours)
def test_any_colour_can_be_read_on_light_on_dark_and_under_white(colour):
    for beside in (WHITE, LIGHT, DARK):
        assert contrast(readable(colour, beside), beside) >= ENOUGH


def test_a_colour_that_can_be_read_stays():
    assert readable((122, 62, 93), WHITE) == (122, 62, 93)


def test_contrast_is_that_of_wcag():
    assert luminance(WHITE) == 1
    assert contrast(WHITE, (0, 0, 0)) == 21
    assert round(contrast(WHITE, (119, 119, 119)), 2) == 4.48  # the grey that just fails


def test_a_sheet_has_a_rule_for_each_theme():
    assert sheet("#7a3e5d").splitlines()[0] == (
        ":root { --tblr-primary: #7a3e5d; --tblr-primary-rgb: 122, 62, 93; --tblr-primary-fg: #fff; "
        "--tblr-link-color: #7a3e5d; --tblr-link-color-rgb: 122, 62, 93; }"
    )
    assert sheet("#ffff00").count("[data-bs-theme=") == 1
