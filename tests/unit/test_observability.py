"""Logs say where something failed, and nothing of what it was about."""

import json
import logging

from chassis.observability import _Lines, bare_traceback


def failing() -> None:
    phone = "+79161234567"
    try:
        raise ValueError(f"not a phone: {phone}")
    except ValueError as error:
        raise RuntimeError(f"cannot keep {phone}") from error


def test_a_traceback_names_places_and_types_but_no_values() -> None:
    try:
        failing()
    except RuntimeError as error:
        text = bare_traceback(error)
    assert "RuntimeError" in text and "ValueError" in text and "failing" in text
    assert "7916" not in text


def test_so_does_the_line_of_a_library() -> None:
    try:
        failing()
    except RuntimeError as error:
        record = logging.LogRecord("kombu", logging.ERROR, __file__, 1, "broken", (), (type(error), error, None))
    line = json.loads(_Lines("booking").format(record))
    assert (line["component"], line["event"]) == ("booking", "broken")
    assert "7916" not in json.dumps(line)
