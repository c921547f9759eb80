"""What journeys through the pages have in common: the door, what is told afterwards, and who cannot use a mouse."""

import re
from pathlib import Path

from playwright.sync_api import BrowserContext, ConsoleMessage, Locator, Page, expect

PATIENCE_MS = 20_000
AXE = Path(__file__).resolve().parents[3] / "gateway" / "web" / "node_modules" / "axe-core" / "axe.min.js"


# What htmx says, too, of a question that a newer one took the place of (hx-sync); a failed one has a line of its own.
REPLACED = ("htmx:afterRequest, ", "htmx:sendAbort, ")


def complaints_of(context: BrowserContext) -> list[str]:
    """What the console of a browser complains about from now on, a broken policy too."""
    complaints: list[str] = []

    def hear(line: ConsoleMessage) -> None:
        if line.type == "error" and not line.text.startswith(REPLACED):
            complaints.append(line.text)

    context.on("weberror", lambda error: complaints.append(str(error.error)))
    context.on("console", hear)
    return complaints


def end(context: BrowserContext, complaints: list[str], bears: str | None = "status of 4") -> None:
    """Close a browser that had nothing to complain about; what breaks off because it closes is no complaint."""
    context.cookies()  # whatever was said before has arrived now
    said = [text for text in complaints if bears is None or bears not in text]
    context.close()
    assert said == []


def sign_in(page: Page, password: str, to: str = "/", login: str = "owner") -> Page:
    page.goto(to)
    page.locator("#login").fill(login)
    page.locator("#password").fill(password)
    page.locator("#password").press("Enter")
    expect(page.locator("#who")).to_be_visible(timeout=PATIENCE_MS)
    return page


def told(page: Page, text: str) -> None:
    expect(page.locator("#told").get_by_text(text)).to_be_visible(timeout=PATIENCE_MS)


def drag(page: Page, found: Locator, minutes: int, *, by: str = "top", to: str | None = None) -> None:
    """Pull an appointment of the desk by its top, or its lower edge, so far down, and to the column of `to`."""
    expect(found).to_have_count(1, timeout=PATIENCE_MS)
    box = None
    while box is None:  # the calendar may be drawn anew between the two
        found.hover()
        box = found.bounding_box()
    hours = [int(text) for text in re.findall(r"\d\d", found.inner_text())[:4]]
    length = hours[2] * 60 + hours[3] - hours[0] * 60 - hours[1]
    per_minute = box["height"] / length
    step = 5 * per_minute  # the middle of one, so that neither end lies between two of them
    x, y = box["x"] + box["width"] / 2, box["y"] + (1.5 * step if by == "top" else box["height"] - 0.5 * step)
    target = x
    if to:
        column = page.locator(".ec-resource, .ec-col-head", has_text=to).first.bounding_box()
        assert column is not None
        target = column["x"] + column["width"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move((x + target) / 2, y + per_minute * minutes / 2, steps=6)
    page.mouse.move(target, y + per_minute * minutes, steps=6)
    page.mouse.up()


def findings(page: Page) -> list[tuple[str, list[str]]]:
    """What axe-core calls serious or worse in what the page shows now."""
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    return [
        (one["id"], [node["html"][:160] for node in one["nodes"][:3]])
        for one in found
        if one["impact"] in ("serious", "critical")
    ]


def scrolls_sideways(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))
