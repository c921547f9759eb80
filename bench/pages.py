"""How soon pages over the demo chain can be used, in Chromium, on the embedded default: `python -m bench.pages`.

A page can be used when what it is for is drawn and answers clicks; the desk marks that itself. The first view has an
empty cache, later ones have not. The floor is the door, which asks nobody anything. Filling the chain
takes minutes, which is why `make bench` leaves it out.
"""

import logging
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import httpx
from playwright.sync_api import Browser, Page, sync_playwright

from bench.alone import told
from bench.reads import PASSWORD
from bench.report import Figure
from deploy import ports
from deploy.demo.loading import is_complete
from deploy.demo.logins import read_passwords
from tests.e2e.browser import ARGUMENTS, ensure_chromium

AT_MOST = 1_500.0  # milliseconds
TIMES = 7
STARTS_WITHIN = 180.0
FILLED_WITHIN = 1_800.0
SHOWN = "performance.getEntriesByName('day-shown')[0]?.startTime"
READY = "performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd"


@dataclass(frozen=True)
class Site:
    """Where the demo chain is, and the owner's password to it."""

    url: str
    password: str


def measure(folder: Path) -> list[Figure]:
    """The day and the week of the branch that comes first, in a browser that is there already."""
    with _demo(folder) as site, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=ensure_chromium(), args=ARGUMENTS)
        page = _signed_in(browser, site)
        state = page.context.storage_state()
        floor = median(_first(browser, site, "/sign-in", READY) for _ in range(TIMES))
        figures = [
            _figure(
                "the desk's day, with an empty cache",
                [_first(browser, site, "/desk", SHOWN, state) for _ in range(TIMES)],
                floor,
            ),
            _figure("the desk's day, again", [_asked(page, "/desk", SHOWN) for _ in range(TIMES)], floor),
            _figure("the desk's week", [_asked(page, "/desk?view=week", SHOWN) for _ in range(TIMES)], floor),
        ]
        browser.close()
    return figures


def _figure(name: str, took: list[float], floor: float) -> Figure:
    return Figure(name, median(took), floor, "ms", "the door", target=AT_MOST, at_most=True)


def _signed_in(browser: Browser, site: Site) -> Page:
    page = browser.new_context(base_url=site.url, viewport={"width": 1280, "height": 800}).new_page()
    page.goto("/sign-in")
    page.locator("#login").fill("owner")
    page.locator("#password").fill(site.password)
    page.locator("#password").press("Enter")
    page.wait_for_selector("#who")
    _asked(page, "/desk", SHOWN)  # what it caches
    return page


def _asked(page: Page, address: str, mark: str) -> float:
    """Milliseconds from asking for the page until it can be used."""
    page.goto(address)
    for _ in range(1_500):  # the page notes the moment itself, and its policy forbids to wait for it in there
        if found := page.evaluate(mark):
            return float(found)
        page.wait_for_timeout(20)
    raise RuntimeError(f"{address} did not come to be used")


def _first(browser: Browser, site: Site, address: str, mark: str, state: object = None) -> float:
    context = browser.new_context(base_url=site.url, viewport={"width": 1280, "height": 800}, storage_state=state)  # type: ignore[arg-type]
    took = _asked(context.new_page(), address, mark)
    context.close()
    return took


@contextmanager
def _demo(folder: Path) -> Iterator[Site]:
    """The embedded default with the whole demo chain in it; BENCH_DEMO is a folder in which it may be already."""
    home = Path(os.environ.get("BENCH_DEMO") or folder / "demo")
    home.mkdir(exist_ok=True)
    site = Site(f"http://127.0.0.1:{ports.free(1)[0]}", read_passwords(home).get("owner", PASSWORD))
    settings = {
        "LOKON_DATA": str(home),
        "LOKON_LISTEN": site.url.removeprefix("http://"),
        "LOKON_OWNER_PASSWORD": site.password,
    }
    with (home / "out").open("ab") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "deploy.embedded", "--with-parent", "--demo"],
            env=os.environ | settings,
            stdout=out,
            stderr=out,
        )
    try:
        _until(lambda: _answers(site.url), STARTS_WITHIN)
        _until(lambda: is_complete(home), FILLED_WITHIN)
        yield site
    finally:
        process.terminate()
        process.wait(30)


def _answers(url: str) -> bool:
    with suppress(httpx.TransportError):
        return httpx.get(f"{url}/health/ready", timeout=5).is_success
    return False


def _until(true: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            raise RuntimeError(f"the demo chain was not there after {seconds:.0f} s")
        time.sleep(0.5)


def main() -> int:
    logging.disable(logging.WARNING)
    with tempfile.TemporaryDirectory(prefix="lokon-bench-") as folder:
        return min(1, told(measure(Path(folder))))


if __name__ == "__main__":
    sys.exit(main())
