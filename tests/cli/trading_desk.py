"""A stack with a parameter, built, and `asza trade …` typed in its project."""

import json
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from asza import main
from core.settings import SEALED, Settings, variables
from core.store import open_store
from tests.conftest import empty
from tests.e2e.project import NOBODY
from trading.shell.synthetic import generate

NAME = "dip"
STACK = """name = "dip"
vocabulary = "trading.shell.vocabulary"

[starting.rsi_limit]
unit = "oscillator"
value = 35
"""
SPECS = {
    "long_entry": (
        "entry",
        "rsi_14: {unit: oscillator}, rsi_limit: {unit: oscillator}",
        "enter_long: {unit: flag}",
        "Buy when RSI 14 is below rsi_limit.",
    ),
    "long_exit": (
        "exit",
        "rsi_14: {unit: oscillator}",
        "exit_long: {unit: flag}",
        "Exit the long when RSI 14 is above 60.",
    ),
    "long_stop": (
        "stop",
        "close: {unit: price}, atr_14: {unit: indicator, minimum: 0, maximum: 500000}",
        "long_stop_price: {unit: price}",
        "Stop for longs 2 times ATR 14 below close.",
    ),
}
ASSUMES = "assumes: [2 * atr_14 < close]\n"
TIGHTER = "return {'long_stop_price': close - (2 if close < 5000 else 1) * atr_14}\n"


@dataclass(frozen=True)
class Said:
    """What a command left: its exit code, stdout and stderr."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class TradingDesk:
    """The project; `candles` is a file of 500 made-up hours."""

    root: Path
    home: Path
    candles: Path

    def said(self, *arguments: str) -> Said:
        """`asza …`, whatever comes of it."""
        out, err = StringIO(), StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            code = main(list(map(str, arguments)))
        return Said(code, out.getvalue(), err.getvalue())

    def shown(self, *arguments: str) -> str:
        """What `asza trade …` shows a person, once it is done well."""
        ran = self.said("trade", *arguments)
        assert ran.code == 0, ran.err
        return ran.out

    def __call__(self, *arguments: str, code: int = 0) -> Any:
        """The JSON answer of `asza trade …`, which ends with `code`."""
        ran = self.said("trade", *arguments, "--json")
        assert ran.code == code, (ran.code, ran.err)
        return json.loads(ran.out)

    def paper(self, *more: str) -> Said:
        """What a paper session over the desk's candles printed."""
        given = "--stack", NAME, "--csv", str(self.candles), "--plain"
        return self.said("trade", "paper", *given, *more)

    def backtest(self, *more: str, code: int = 0) -> Any:
        """A backtest of the stack over the candles."""
        given = "backtest", "--stack", NAME, "--csv", str(self.candles)
        return self(*given, *more, code=code)


@contextmanager
def opened(root: Path, home: Path) -> Iterator[TradingDesk]:
    """The project, its stack built, alone in the database."""
    with pytest.MonkeyPatch.context() as patch:
        for name in (*variables(), SEALED):
            patch.setenv(name, "")
            patch.delenv(name)
        ours = {"ASZA_ROOT": str(root), "ASZA_HOME": str(home), "ASZA_WICK": "off"}
        for name, value in {**ours, "KRAKEN_API_URL": NOBODY, "COLUMNS": "160"}.items():
            patch.setenv(name, value)
        # The process of the tests has grown past what the law lets a trader hold.
        patch.setattr("trading.shell.engine.paper.MEGABYTE", 2**40)
        patch.setattr("cli.trade.checks.LEAST_MEMORY", 0)  # nor what others hold
        with open_store(Settings(asza_home=home)) as store:
            empty(store)
        _write(root)
        candles = root / "XBTUSD_60.csv"
        generate(bars=500).frame.to_csv(candles, index=False)
        desk = TradingDesk(root, home, candles)
        built = desk.said("build", NAME)
        assert built.code == 0, built.err
        yield desk
        with open_store(Settings(asza_home=home)) as store:
            empty(store)


def _write(root: Path) -> None:
    (root / NAME).mkdir(parents=True)
    (root / NAME / "stack.toml").write_text(STACK, "utf-8")
    folder = root / "prompts" / NAME
    folder.mkdir(parents=True)
    for name, (role, reads, makes, intent) in SPECS.items():
        assumes = ASSUMES if role == "stop" else ""
        head = (
            f"name: {name}\nrole: {role}\ninputs: {{{reads}}}\noutputs: {{{makes}}}\n"
        )
        text = f"---\n{head}{assumes}---\n{intent}\n"
        (folder / f"{name}.md").write_text(text, "utf-8")
