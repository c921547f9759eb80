"""A colour of somebody's choice made into colours that can be read, on light and on dark.

Contrast is that of WCAG 2.2 (1.4.3): the ratio of relative luminances, at least 4.5 for text.
"""

ENOUGH = 4.5
WHITE, LIGHT, DARK = (255, 255, 255), (246, 248, 251), (31, 41, 55)  # text on buttons; the grounds of pages
STEPS = 50

Colour = tuple[int, int, int]


def sheet(colour: str) -> str:
    """The variables that the salon's colour stands in: buttons bear white text, links stand on the ground."""
    chosen = _read(colour)
    button = readable(chosen, WHITE)
    return "\n".join(
        (
            _rule(":root", button, readable(chosen, LIGHT)),
            _rule('[data-bs-theme="dark"]', button, readable(chosen, DARK)),
        )
    )


def readable(colour: Colour, beside: Colour) -> Colour:
    """The colour nearest to `colour` towards black, or white on dark, that can be read beside `beside`."""
    end = (0, 0, 0) if luminance(beside) > luminance((128, 128, 128)) else WHITE
    for step in range(STEPS + 1):
        mixed = _mix(colour, end, step / STEPS)
        if contrast(mixed, beside) >= ENOUGH:
            return mixed
    return end


def contrast(one: Colour, other: Colour) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: Colour) -> float:
    red, green, blue = (_linear(part / 255) for part in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)


def _mix(one: Colour, other: Colour, share: float) -> Colour:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def _rule(where: str, button: Colour, link: Colour) -> str:
    return (
        f"{where} {{ --tblr-primary: {_hex(button)}; --tblr-primary-rgb: {_parts(button)}; --tblr-primary-fg: #fff; "
        f"--tblr-link-color: {_hex(link)}; --tblr-link-color-rgb: {_parts(link)}; }}"
    )


def _read(colour: str) -> Colour:
    red, green, blue = bytes.fromhex(colour.removeprefix("#"))
    return red, green, blue


def _hex(colour: Colour) -> str:
    return "#" + bytes(colour).hex()


def _parts(colour: Colour) -> str:
    return ", ".join(map(str, colour))
