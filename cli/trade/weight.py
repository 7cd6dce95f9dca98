"""A model's score weighs no more than what a kept calibration says that it is worth."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from cli.context import Context
from core.errors import ConfigError

if TYPE_CHECKING:
    from trading.shell.statistics.calibration import Calibration

WEIGHT = "gpt_weight"
CALIBRATION = "calibration"
"""How a calibration is kept; paper accounts whose names begin so gather its answers."""
MANY = 10_000


def keep_weight(
    context: Context, stack: str, account: str, found: "Calibration"
) -> None:
    """Keep what a stack's answers were worth: the newest counts."""
    from cli.trade.sessions import session_name
    from core.store import Runs

    name, runs = session_name(CALIBRATION), Runs(context.store)
    runs.start(name, stack, CALIBRATION, {"account": account})
    runs.finish(name, asdict(found))


def kept_weight(context: Context, stack: str) -> float:
    """What the newest calibration of a stack justifies; 0 where none is kept."""
    from core.store import Runs

    for run in Runs(context.store).list(stack, MANY):
        if run.mode == CALIBRATION and run.summary:
            return float(run.summary["weight"])
    return 0.0


def require_calibrated(
    context: Context,
    stack: str,
    asked: Iterable[Mapping[str, Any]],
    account: str | None = None,
) -> None:
    """Refuse parameters that give a score more weight than it was shown to deserve.

    A paper account that gathers answers for a calibration is let through. Raises
    ConfigError.
    """
    weight = max((float(one.get(WEIGHT) or 0) for one in asked), default=0.0)
    if not weight or (account or "").startswith(CALIBRATION):
        return
    justified = kept_weight(context, stack)
    if weight > justified:
        raise ConfigError(
            f"{WEIGHT} cannot be {weight:g}: calibration has shown no more than "
            f"{justified:g}",
            field=WEIGHT,
            value=weight,
            remedy="`asza trade calibrate` keeps the weight that answers justify; "
            f"`asza trade paper --account {CALIBRATION} --set {WEIGHT}={weight:g}` "
            "gathers them",
        )
