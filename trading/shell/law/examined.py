"""What the doctor says of the risk limits."""

from pathlib import Path

from core.doctor import Check
from core.errors import ConfigError
from trading.shell.law.limits import FILE, read_limits
from trading.shell.venue.orders import Mode


def limit_checks(own: Path | None = None) -> list[Check]:
    """One answer a profile: its least figures, or what is wrong with them.

    Limits beyond the hard law are not right, though they do no harm: they are clamped.
    """
    return [_check(mode, own) for mode in Mode]


def _check(mode: Mode, own: Path | None) -> Check:
    name = f"risk limits, {mode}"
    try:
        limits = read_limits(mode, own)
    except ConfigError as error:
        return Check(name, False, str(error), error.remedy)
    if limits.clamped:
        remedy = f"give the law's own values in {own or FILE.name}"
        return Check(name, False, "; ".join(limits.clamped), remedy)
    detail = (
        f"{limits.position_money:,f} a position, {limits.exposure_money:,f} in all, "
        f"{limits.daily_loss_share:.0%} a day, {limits.drawdown_share:.0%} drawdown"
    )
    return Check(name, True, detail)
