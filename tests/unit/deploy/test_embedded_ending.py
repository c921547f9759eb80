"""Whoever starts Lokon in one process is told where to look when it ends by something that nobody foresaw."""

import subprocess
import sys
from pathlib import Path

from chassis.config import environment

BREAKS = """
import deploy.embedded

def breaks(*given, **named):
    raise KeyError("nobody foresaw this")

deploy.embedded._run = breaks
deploy.embedded.main([])
"""


def test_an_unforeseen_end_says_where_the_log_is(tmp_path: Path) -> None:
    given = environment() | {"LOKON_DATA": str(tmp_path)}
    ended = subprocess.run(
        [sys.executable, "-c", BREAKS], env=given, capture_output=True, text=True, timeout=60, check=False
    )
    log = tmp_path / "logs" / "lokon.log"
    assert ended.returncode == 1
    assert ended.stderr.strip() == f"lokon: ended by KeyError, see {log}"
    assert "nobody foresaw this" in log.read_text()
