"""A week of opening hours as people read it."""

import flask

from contracts.booking import OpeningHours
from gateway.pages.branches_week import week_told
from gateway.pages.formats import city_of, month


def hours(*days: int, opens: int = 9, closes: int = 21) -> list[OpeningHours]:
    return [OpeningHours(day, f"{opens:02d}:00", f"{closes:02d}:00") for day in days]


def in_language(language: str) -> flask.ctx.RequestContext:
    return flask.Flask(__name__).test_request_context(headers={"Cookie": f"lokon_language={language}"})


def test_days_that_are_alike_stand_together() -> None:
    with in_language("en"):
        assert week_told(hours(*range(7))) == ["Mon–Sun 9–21"]
        assert week_told(hours(0, 1, 2, 3, 4) + hours(5, opens=10, closes=18)) == ["Mon–Fri 9–21", "Sat 10–18"]
        assert week_told(hours(0) + hours(2)) == ["Mon 9–21", "Wed 9–21"]  # a day off stands between them
        assert week_told([]) == []


def test_zones_and_months_are_told_as_people_call_them() -> None:
    with in_language("ru"):
        assert city_of("Asia/Yekaterinburg") == "Екатеринбург"
        assert month("2026-11") == "нояб. 2026\u202fг."
    with in_language("en"):
        assert city_of("Europe/Moscow") == "Moscow"
        assert month("2026-11") == "Nov 2026"
