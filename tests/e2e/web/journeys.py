"""What journeys through the pages have in common: the door, what is told afterwards, and who cannot use a mouse."""

from pathlib import Path

from playwright.sync_api import BrowserContext, Page, expect

PATIENCE_MS = 20_000
AXE = Path(__file__).resolve().parents[3] / "gateway" / "web" / "node_modules" / "axe-core" / "axe.min.js"


def complaints_of(context: BrowserContext) -> list[str]:
    """What the console of a browser complains about from now on, a broken policy too."""
    complaints: list[str] = []
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    context.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
    return complaints


def end(context: BrowserContext, complaints: list[str], bears: str = "status of 4") -> None:
    """Close a browser that had nothing to complain about; what breaks off because it closes is no complaint."""
    context.cookies()  # whatever was said before has arrived now
    said = [text for text in complaints if bears not in text]
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
