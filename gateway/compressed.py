"""Static files, compressed once each for the browsers that take them so.

Pages are not: they carry a token beside what somebody typed, and a length that tells how alike both are gives it away.
"""

import gzip
from pathlib import Path

import flask
from flask import Flask, Response

KINDS = frozenset({"text/css", "text/javascript", "application/javascript", "image/svg+xml", "application/json"})
WORTH_IT = 1_000  # bytes


def compress(app: Flask) -> None:
    """Have the static files of `app` leave compressed."""
    folder = Path(str(app.static_folder))
    kept: dict[str, tuple[float, bytes]] = {}

    def compressed(name: str) -> bytes:
        file = folder / name
        changed = file.stat().st_mtime
        found = kept.get(name)
        if found is None or found[0] != changed:
            found = kept[name] = (changed, gzip.compress(file.read_bytes(), 9, mtime=0))
        return found[1]

    def leaves(response: Response) -> Response:
        request = flask.request
        if request.endpoint != "static" or response.mimetype not in KINDS:
            return response
        response.vary.add("Accept-Encoding")
        etag, _ = response.get_etag()
        if etag:
            response.set_etag(etag, weak=True)  # the same file in either form
        whole = response.status_code == 200 and (response.content_length or 0) >= WORTH_IT
        if whole and request.accept_encodings["gzip"] > 0:
            response.close()  # the file that would have been sent
            response.direct_passthrough = False
            response.set_data(compressed((request.view_args or {})["filename"]))
            response.headers["Content-Encoding"] = "gzip"
        return response

    app.after_request(leaves)
