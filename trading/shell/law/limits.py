"""The risk law's limits: trading/risk_limits.toml, checked once, clamped to the hard law."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from core.errors import ConfigError
from core.names import suggest
from trading.shell.law import Cause, Policy
from trading.shell.law.ceilings import CEILINGS, Bound, Ceiling
from trading.shell.toml_files import read_toml
from trading.shell.venue.orders import Mode

FILE = Path(__file__).resolve().parents[2] / "risk_limits.toml"
LARGEST = 10**15
FORMS = {
    "amount": "a number, 0 or more",
    "count": "a whole number, 0 or more",
    "flag": "true or false",
    "causes": "a list of halts",
}


@dataclass(frozen=True, slots=True)
class Limits:
    """One profile's limits; trading/risk_limits.toml says what each key means.

    Money is in the quote currency, shares are parts of 1 of the equity. `clamped` says
    in words what the hard law brought back.
    """

    profile: Mode
    position_money: Decimal
    position_share: Decimal
    least_notional: Decimal
    cost_of_move: Decimal
    positions: int
    exposure_money: Decimal
    exposure_share: Decimal
    open_risk_share: Decimal
    stop_required: bool
    trades_symbol_day: int
    trades_day: int
    daily_loss_share: Decimal
    consecutive_losses: int
    consecutive_losses_learning: int
    learning_trades: int
    drawdown_share: Decimal
    leverage: Decimal
    api_seconds: int
    breaker_failures: int
    breaker_seconds: int
    stale_bars: int
    memory_mb: int
    balance_gap: Decimal
    ends_itself: frozenset[str]
    flatten: frozenset[str]
    clamped: tuple[str, ...] = ()

    def losses_allowed(self, trades: int) -> int:
        """Losing trades in a row at which trading halts, after `trades` closed ones."""
        learning = trades < self.learning_trades
        return self.consecutive_losses_learning if learning else self.consecutive_losses

    def policy(self, cause: Cause) -> Policy:
        """What a halt for `cause` does."""
        asked = cause is Cause.FLATTEN or cause in self.flatten
        return Policy.FLATTEN if asked else Policy.FREEZE

    def ends_by_itself(self, cause: Cause) -> bool:
        """Whether a halt ends with its cause, without a person."""
        return cause in self.ends_itself


def read_limits(mode: Mode, own: Path | None = None, *, file: Path = FILE) -> Limits:
    """The limits of a mode: those of `own`, where it says something, over the shipped.

    ConfigError names the key at fault and the nearest that exists.
    """
    shipped = _tables(file)
    given = _tables(own) if own else {}
    merged = {**shipped.get(mode.value, {}), **given.get(mode.value, {})}
    return limits_of(mode, merged, where=str(own or file))


def limits_of(
    mode: Mode, values: Mapping[str, Any], *, where: str = "", table: str = ""
) -> Limits:
    """Limits from a profile's plain values, every key of them; checked and clamped.

    `table` is what their keys stand under `where` they were given: the mode's, unless
    it is said.
    """
    _known(values, CEILINGS, mode.value, where)
    if missing := [key for key in CEILINGS if key not in values]:
        raise ConfigError(
            f"[{mode}] lacks {', '.join(missing)}",
            field=f"{mode}.{missing[0]}",
            where=where,
            remedy="restore trading/risk_limits.toml",
        )
    found: dict[str, Any] = {}
    told: list[str] = []
    for key, ceiling in CEILINGS.items():
        value = _value(values[key], ceiling, f"{table or mode}.{key}", where)
        found[key] = _clamped(value, ceiling, mode)
        if found[key] != value:
            told.append(_said(mode, key, value, found[key], ceiling.why))
    return Limits(profile=mode, **found, clamped=tuple(told))


def loosest(mode: Mode) -> Limits:
    """The limits at the hard law itself: a bench, an oracle and a test start here."""
    return limits_of(mode, {key: one.of(mode) for key, one in CEILINGS.items()})


def _tables(path: Path) -> dict[str, dict[str, Any]]:
    """The profiles in a file, every key of every one checked: also those not in use."""
    remedy = "; trading/risk_limits.toml is an example"
    data = read_toml(path, "the risk limits", remedy, number=Decimal)
    _known(data, [mode.value for mode in Mode], "", str(path))
    for name, table in data.items():
        if not isinstance(table, dict):
            raise _wrong(name, table, "a table of limits", str(path))
        _known(table, CEILINGS, name, str(path))
        for key, raw in table.items():
            _value(raw, CEILINGS[key], f"{name}.{key}", str(path))
    return data


def _known(found: Iterable[str], names: Iterable[str], table: str, where: str) -> None:
    known = list(names)
    for key in found:
        if key not in known:
            field = f"{table}.{key}".lstrip(".")
            raise ConfigError(
                f"{field} is no risk limit",
                field=field,
                where=where,
                remedy=suggest(key, known),
            )


def _value(raw: Any, ceiling: Ceiling, field: str, where: str) -> Bound:
    if ceiling.kind == "causes":
        return _causes(raw, field, where)
    if ceiling.kind == "flag" and isinstance(raw, bool):
        return raw
    number = _number(raw)
    if number is None or ceiling.kind == "flag":
        raise _wrong(field, raw, FORMS[ceiling.kind], where)
    if ceiling.kind == "amount":
        return number
    if not isinstance(raw, int):
        raise _wrong(field, raw, FORMS["count"], where)
    return raw


def _number(raw: Any) -> Decimal | None:
    """A finite number of 0 or more; None for everything else."""
    if isinstance(raw, bool) or not isinstance(raw, int | float | Decimal):
        return None
    if isinstance(raw, int) and raw > LARGEST:
        return None
    number = Decimal(str(raw))
    fits = number.is_finite() and not number.is_signed() and number <= LARGEST
    return number if fits else None


def _causes(raw: Any, field: str, where: str) -> frozenset[str]:
    if not isinstance(raw, list | tuple | frozenset):
        raise _wrong(field, raw, FORMS["causes"], where)
    for name in raw:
        if not isinstance(name, str):
            raise _wrong(field, name, "the name of a halt", where)
        if name not in list(Cause):
            raise ConfigError(
                f"{field}: {name!r} is no halt",
                field=field,
                value=name,
                where=where,
                remedy=suggest(name, list(Cause)),
            )
    return frozenset(map(str, raw))


def _clamped(value: Any, ceiling: Ceiling, mode: Mode) -> Any:
    bound: Any = ceiling.of(mode)
    if ceiling.kind == "causes":
        return value & bound
    return max(value, bound) if ceiling.least else min(value, bound)


def _said(mode: Mode, key: str, value: Any, held: Any, why: str) -> str:
    return f"{mode}.{key}: {_shown(value)} is held at {_shown(held)}: {why}"


def _shown(value: Any) -> str:
    if isinstance(value, frozenset):
        return f"[{', '.join(sorted(value))}]"
    return str(value).lower() if isinstance(value, bool) else f"{value:,}"


def _wrong(field: str, raw: Any, form: str, where: str) -> ConfigError:
    return ConfigError(
        f"{field} must be {form}, and is {str(raw)[:60]}",
        field=field,
        value=str(raw)[:60],
        where=where,
        remedy="trading/risk_limits.toml shows a value and its meaning",
    )
