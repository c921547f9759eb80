"""What clients were judged by on a day, as it is kept."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.analytics.domain import backtests, rfm
from services.analytics.domain.buying import Buying
from services.analytics.domain.intervals import Borders, Curve
from services.analytics.domain.spending import Spending
from services.analytics.domain.standings import Learnt, Local
from services.analytics.domain.trials import Fitted, Tried
from services.analytics.tables import client_reports, state_borders


@dataclass(frozen=True)
class Report:
    as_of: date
    made_at: datetime
    learnt: Learnt


def newest_report(session: Session) -> Report | None:
    """The last one; None before clients were judged for the first time."""
    row = session.execute(select(client_reports).order_by(client_reports.c.as_of.desc()).limit(1)).one_or_none()
    return None if row is None else Report(row.as_of, row.made_at, learnt_of(row.learnt))


def document_of(learnt: Learnt) -> dict[str, Any]:
    """As JSON has it."""
    curve, tried = learnt.curve, learnt.fitted.tried
    return {
        "as_of": learnt.as_of,
        "on": learnt.on,
        "borders": msgspec.to_builtins(learnt.borders),
        "usual": learnt.usual,
        "curve": None if curve is None else [curve.at.tolist(), curve.share.tolist()],
        "rates": None if learnt.rates is None else learnt.rates.tolist(),
        "classic": msgspec.to_builtins(learnt.classic),
        "relative": msgspec.to_builtins(learnt.relative),
        "branches": {str(UUID(int=key)): msgspec.to_builtins(local) for key, local in learnt.branches.items()},
        "costs_told": learnt.costs_told,
        "seen": learnt.seen,
        "fitted": {
            "on": learnt.fitted.on,
            "reason": learnt.fitted.reason,
            "seen": learnt.fitted.seen,
            "spending": msgspec.to_builtins(learnt.fitted.spending),
            "earning": msgspec.to_builtins(learnt.fitted.earning),
            "buying": {name: msgspec.to_builtins(model) for name, model in learnt.fitted.buying.items()},
            "tried": None if tried is None else _document_of(tried),
        },
    }


def _document_of(tried: Tried) -> dict[str, Any]:
    return {
        "split": tried.split,
        "people": tried.people,
        "rule": msgspec.to_builtins(tried.rule),
        "models": {name: msgspec.to_builtins(score) for name, score in tried.models.items()},
    }


def learnt_of(document: dict[str, Any]) -> Learnt:
    """The same again; what an earlier release did not keep is not known."""
    fitted, curve = document["fitted"], document["curve"]
    tried = fitted["tried"]
    return Learnt(
        as_of=document["as_of"],
        on=document.get("on"),
        borders=msgspec.convert(document["borders"], Borders),
        usual=document["usual"],
        curve=None if curve is None else Curve(np.array(curve[0]), np.array(curve[1])),
        rates=None if document["rates"] is None else np.array(document["rates"]),
        classic=msgspec.convert(document["classic"], rfm.Thresholds),
        relative=msgspec.convert(document["relative"], rfm.Thresholds | None),
        branches={UUID(key).int: msgspec.convert(local, Local) for key, local in document["branches"].items()},
        fitted=Fitted(
            fitted["on"],
            {name: msgspec.convert(model, Buying) for name, model in fitted["buying"].items()},
            msgspec.convert(fitted["spending"], Spending | None),
            msgspec.convert(fitted.get("earning"), Spending | None),
            None if tried is None else _tried(tried),
            fitted["reason"],
            fitted.get("seen", 0),
        ),
        costs_told=document.get("costs_told"),
        seen=document.get("seen", 0),
    )


def _tried(document: dict[str, Any]) -> Tried:
    return Tried(
        document["split"],
        document["people"],
        msgspec.convert(document["rule"], backtests.Score),
        {name: msgspec.convert(score, backtests.Score) for name, score in document["models"].items()},
    )


def borders(session: Session) -> Borders:
    """Those of the salon's settings."""
    return kept_borders(session)[1]


def kept_borders(session: Session) -> tuple[int, Borders]:
    """With their version, which is 1 before anybody has changed them."""
    row = session.execute(select(state_borders)).one_or_none()
    return (1, Borders()) if row is None else (row.version, msgspec.convert(row.borders, Borders))
