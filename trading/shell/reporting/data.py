"""A session as one JSON document: the same figures as the page, for a machine."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from trading.shell.engine.result import Result
from trading.shell.plain import plain
from trading.shell.reporting import sentences
from trading.shell.reporting.contributions import contributions
from trading.shell.reporting.costs import costs
from trading.shell.reporting.stories import Story, stories
from trading.shell.reporting.studies import Studies
from trading.shell.statistics import Figure
from trading.shell.statistics.evidence import Evidence
from trading.shell.statistics.facts import begun
from trading.shell.statistics.groups import Group
from trading.shell.statistics.measure import Metrics, measure
from trading.shell.statistics.overfitting import Outcome
from trading.shell.statistics.sweep import Sweep, Trial
from trading.shell.statistics.walk_forward import Fold


def result_data(
    result: Result, metrics: Metrics | None = None, studied: Studies | None = None
) -> dict[str, Any]:
    """The session as JSON values only: money and prices are numbers, times UTC seconds.

    A figure that is not defined is null, and `undefined` says why.
    """
    measured = metrics or measure(result)
    return {
        **_session(result, measured),
        "truth": _values(measured.truths),
        "returns": _values(measured.usual),
        "costs": _values(costs(result)),
        "undefined": _reasons([*measured.truths, *measured.usual, *costs(result)]),
        "groups": {
            name: [_group(one) for one in rows]
            for name, rows in measured.groups.items()
        },
        "rejected": [asdict(one) for one in measured.rejections],
        "near": [asdict(one) for one in sentences.near_rules(result)],
        "warnings": sentences.warnings(result),
        "drought": sentences.drought(result),
        "modules": _modules(result),
        "evidence": [_evidence(one) for one in measured.evidence],
        "trades": [_trade(one) for one in stories(result)],
        "assumptions": list(result.assumptions),
        "notes": list(result.notes),
        "failures": dict(result.failures),
        "versions": dict(result.versions),
        "settings": jsonable(result.settings),
        "studies": _studies(studied or Studies()),
    }


def _session(result: Result, metrics: Metrics) -> dict[str, Any]:
    times = metrics.facts.times
    first = begun(result) if times.size else None
    return {
        "stack": result.stack,
        "mode": str(result.account.mode),
        "account": result.account.name,
        "quote": result.account.quote,
        "synthetic": sentences.synthetic(result),
        "warning": sentences.WARNINGS[result.account.mode],
        "verdict": sentences.verdict(result, metrics),
        "symbols": [one.symbol for one in result.candles],
        "timeframe": result.candles[0].timeframe if result.candles else None,
        "candles": [one.describe() for one in result.candles],
        "traded": sentences.traded(result),
        "from": first,
        "to": int(times[-1]) if times.size else None,
        "bars": result.bars,
        "scans": result.scans,
        "warm_up": result.warm_up,
        "seconds": result.seconds,
    }


def _values(figures: Sequence[Figure]) -> dict[str, Any]:
    return {one.name: jsonable(one.value) for one in figures}


def _reasons(figures: Sequence[Figure]) -> dict[str, str]:
    return {one.name: one.reason for one in figures if one.value is None}


def _group(group: Group) -> dict[str, Any]:
    rates = {"win_rate": group.win_rate, "average": float(group.average)}
    return {**jsonable(asdict(group)), **rates}


def _modules(result: Result) -> list[dict[str, Any]]:
    return [jsonable(asdict(one)) for one in contributions(result)]


def _evidence(one: Evidence) -> dict[str, Any]:
    return {**asdict(one), "lift": one.lift}


def _trade(story: Story) -> dict[str, Any]:
    trade = jsonable(plain(story.trade))
    net = float(story.trade.net)
    return {**trade, "net": net, "why": story.why, "ending": story.ending}


def _studies(studied: Studies) -> dict[str, Any]:
    drawn = studied.monte_carlo
    return {
        "monte_carlo": jsonable(asdict(drawn)) if drawn else None,
        "walk_forward": [_fold(one) for one in studied.folds],
        "sweep": _sweep(studied.sweep) if studied.sweep else None,
    }


def _fold(fold: Fold) -> dict[str, Any]:
    return {
        "train": list(fold.window.train),
        "test": list(fold.window.test),
        "parameters": jsonable(fold.parameters),
        "chosen_on": _outcome(fold.chosen_on),
        "judged": _outcome(fold.judged),
    }


def _sweep(sweep: Sweep) -> dict[str, Any]:
    return {
        "trials": sweep.trials,
        "best": _trial(sweep.best) if sweep.best else None,
        "deflated_sharpe": sweep.deflated_sharpe,
        "why_not_deflated": sweep.why,
        "overfitting": sweep.overfitting,
        "runs": [_trial(one) for one in sweep.runs],
    }


def _trial(trial: Trial) -> dict[str, Any]:
    outcome = _outcome(trial.outcome) if trial.outcome else None
    return {
        "parameters": jsonable(trial.parameters),
        "outcome": outcome,
        "error": trial.error,
    }


def _outcome(outcome: Outcome) -> dict[str, Any]:
    return {
        name: getattr(outcome, name)
        for name in ("final", "growth", "drawdown", "trades", "sharpe", "returns")
    }


def jsonable(value: Any) -> Any:
    """`value` in JSON's own kinds; what has none stands as its text."""
    if isinstance(value, Mapping):
        return {str(name): jsonable(one) for name, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [jsonable(one) for one in value]
    if hasattr(value, "tolist"):
        return jsonable(value.tolist())
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, float):
        return value if abs(value) < float("inf") else None
    return value if value is None or isinstance(value, bool | int | str) else str(value)
