"""Replies that are files: a picture, a calendar."""

from flask import Response

from chassis import wire
from gateway.route import File, Route


def response_of(file: File, route: Route, reply: bytes) -> Response:
    """The `content` of the reply as the body; what the reply says of its own media type goes first."""
    found = wire.decoder(route.request.reply)(reply)
    content = found.content if isinstance(found.content, bytes) else found.content.encode()
    media_type = getattr(found, "media_type", None) or file.media_type
    response = Response(content, content_type=media_type)
    if file.name:
        response.headers["Content-Disposition"] = f'attachment; filename="{file.name}"'
    if (version := getattr(found, "version", None)) is not None:
        response.headers["ETag"] = f'"{version}"'
    if file.cache:
        response.headers["Cache-Control"] = file.cache
    return response
