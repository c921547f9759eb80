"""How somebody came to the public pages and sees them: what goes along from page to page in the address.

Not in cookies: in a frame of another site browsers send none.
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import flask

from gateway.pages import languages
from gateway.pages.site import THEME, THEMES

LONGEST = 64  # of a source, as the contracts take it


@dataclass(frozen=True)
class Manner:
    """`host` is the site that shows the page in a frame; `source` the channel, and `brought_by` who, led here."""

    language: str | None = None
    theme: str | None = None
    host: str | None = None
    source: str | None = None
    brought_by: str | None = None

    def carried(self) -> dict[str, str]:
        """As fields of an address or a form."""
        said = {
            "lang": self.language,
            "theme": self.theme,
            "host": self.host,
            "utm_source": self.source,
            "from": self.brought_by,
        }
        return {name: value for name, value in said.items() if value}

    def address(self, path: str, *more: tuple[str, Any]) -> str:
        """`path` with what goes along, and with `more`."""
        fields = [*self.carried().items(), *((name, value) for name, value in more if value not in (None, ""))]
        return f"{path}?{urlencode(fields)}" if fields else path


def manner_of(request: flask.Request, hosts: tuple[str, ...]) -> Manner:
    """What the address or the form says, as far as it can be meant."""
    said = request.form if request.method == "POST" else request.args

    def one_of(name: str, offered: tuple[str, ...]) -> str | None:
        value = said.get(name)
        return value if value in offered else None

    return Manner(
        language=one_of("lang", languages.languages()),
        theme=one_of("theme", THEMES),
        host=one_of("host", hosts),
        source=_short(said.get("utm_source")),
        brought_by=_short(said.get("from")),
    )


def theme_of(manner: Manner) -> str:
    """As the address says, else as it was chosen on this device."""
    kept = manner.theme or flask.request.cookies.get(THEME)
    return kept if kept in THEMES else "auto"


def _short(value: str | None) -> str | None:
    text = (value or "").strip()
    return text if text and len(text) <= LONGEST and text.isprintable() else None
