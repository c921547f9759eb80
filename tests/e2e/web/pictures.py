"""Pictures of the pages for `docs/`, made by the tests that go there; drawn only when asked for."""

import io
from pathlib import Path
from typing import Literal

from PIL import Image
from playwright.sync_api import Page

from chassis.config import environment

FOLDER = Path(__file__).resolve().parents[3] / "docs" / "pictures"
DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 360, "height": 740}
COLOURS = 128  # pages have few; a palette makes the file a third of what it was


def wanted() -> bool:
    """Whether pictures are drawn in this run."""
    return environment().get("LOKON_PICTURES") == "1"


def picture(page: Page, name: str, *, size: dict[str, int] | None = None) -> None:
    """Keep what `page` shows as `docs/pictures/<name>.png`, if LOKON_PICTURES is 1; otherwise nothing happens.

    A name says area and language, and the phone if it is one: `desk-en`, `desk-ru-phone`. Without a `size` the page
    keeps the one that it has. What moves by itself stands still, and what was told beside the page is not in it.
    """
    if not wanted():
        return
    before = page.viewport_size
    if size:
        page.set_viewport_size(size)
    page.evaluate("document.fonts.ready")
    page.evaluate("document.getElementById('told')?.replaceChildren()")
    page.wait_for_timeout(300)  # what draws itself anew after a change of size
    drawn = page.screenshot(animations="disabled", caret="hide")
    if size and before:
        page.set_viewport_size(before)
    FOLDER.mkdir(exist_ok=True)
    with Image.open(io.BytesIO(drawn)) as image:
        image.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(FOLDER / f"{name}.png", optimize=True)


def in_language(page: Page, language: Literal["en", "ru"], theme: Literal["light", "dark", "auto"] = "light") -> None:
    """From its next address on the page is in this language and these colours."""
    url = page.url.split("/", 3)
    own = {"url": "/".join(url[:3])}
    page.context.add_cookies(
        [{"name": "lokon_language", "value": language} | own, {"name": "lokon_theme", "value": theme} | own]
    )
