"""Lists of persons as files: written while they are read part by part, marked, and kept nowhere."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC
from itertools import chain, islice
from typing import Any
from uuid import UUID

import flask
from flask import Response
from werkzeug.exceptions import MethodNotAllowed

from chassis import wire
from chassis.observability import current_request_id, log, working_for
from contracts.auth import Me, ShowMe
from contracts.clients import Download, ExportPart
from contracts.message import Request
from gateway.files import called
from gateway.route import Sheet
from gateway.sheets import CSV, XLSX, Cell, csv_chunks, xlsx_chunks
from kernel.errors import Conflict, Refusal

MARK = "export"  # the column that says in each row where it comes from
MEDIA_TYPES = {"csv": f"{CSV}; charset=utf-8; header=present", "xlsx": XLSX}

_log = log("gateway")

Ask = Callable[[Request[Any]], bytes]


def refuse_looking() -> None:
    """HEAD would count as a download and bring nothing."""
    if flask.request.method != "GET":
        raise MethodNotAllowed(["GET"])


def response_of(sheet: Sheet, reply: bytes, ask: Ask) -> Response:
    """The file of which `reply` tells, in the size of a part at a time."""
    download: Download = wire.decoder(Download)(reply)
    mark = _mark(download, ask)
    header = (*download.columns, MARK)
    parts = _parts(sheet, download, mark, ask)
    parts = chain(list(islice(parts, 1)), parts)  # what is refused before anything has left is answered as a refusal
    if download.format == "xlsx":
        chunks = xlsx_chunks("Clients", header, parts, mark)
    else:
        chunks = csv_chunks(header, parts, download.separator)
    body = _leaving(chunks, sheet, download.id, ask, current_request_id())
    response = Response(body, content_type=MEDIA_TYPES[download.format])
    day = download.started_at.astimezone(UTC).date()
    response.headers["Content-Disposition"] = f"attachment; {called(f'clients-{day}-{download.id}.{download.format}')}"
    return response


def _mark(download: Download, ask: Ask) -> str:
    """Which export, by whom and since when."""
    who = "?"
    with suppress(Refusal):  # the number says it, too, to those who may look it up
        me: Me = wire.decoder(Me)(ask(ShowMe()))
        who = me.login
    return f"{download.id} {who} {download.started_at.astimezone(UTC):%Y-%m-%dT%H:%MZ}"


def _parts(sheet: Sheet, download: Download, mark: str, ask: Ask) -> Iterator[Iterator[tuple[Cell, ...]]]:
    ask_for: Any = sheet.part
    for number in range(download.parts):
        part: ExportPart = wire.decoder(ExportPart)(ask(ask_for(download.id, number)))
        yield ((*(_cell(getattr(card, column)) for column in download.columns), mark) for card in part.items)


def _leaving(chunks: Iterator[bytes], sheet: Sheet, export_id: UUID, ask: Ask, request_id: str) -> Iterator[bytes]:
    """What fails on the way breaks the file off, so that nobody takes a part of the list for all of it."""
    working_for(request_id)  # the server may write the file when the request is long forgotten
    try:
        yield from chunks
        _end(sheet, export_id, ask)  # the server has come back for more: the last piece has left
    except Refusal as refusal:
        _log.warning("list_broke_off", export_id=str(export_id), code=refusal.code)
        raise


def _end(sheet: Sheet, export_id: UUID, ask: Ask) -> None:
    end: Any = sheet.end
    try:
        ask(end(export_id))
    except Conflict as refusal:
        if refusal.code != "download_ended":  # by another try of the same download; this file is whole all the same
            raise


def _cell(value: Any) -> Cell:
    if isinstance(value, tuple):
        return ", ".join(value)
    return str(value) if isinstance(value, UUID) else value
