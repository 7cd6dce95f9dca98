"""Stacks that engine tests run: certificates are made, not earned, so nothing is gated."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from bench.reference import MODULES
from core.library import open_stack
from core.records import Memory
from core.runtimes import prepare_in
from core.sandbox import Sandbox
from core.settings import load_settings
from core.spec import parse_spec
from core.stack import Stack, load_stack
from core.stack.fused import FusedRun
from core.wrapper import Runtime
from tests.conftest import ROOT
from tests.core.stack_samples import certificate_for, entry
from trading.shell.engine.tape import Asking, EmptyTape
from trading.shell.vocabulary import VOCABULARY

Texts = Mapping[str, tuple[str, str]]
"""A spec and a body, by the module's name."""

BEGIN = 1_704_067_200  # 2024-01-01 00:00 UTC, the first candle of a scripted market
FIRST = BEGIN + 3600  # when it closes

SCRIPT = f"""step = (time - {FIRST}) // 3600
stop, target = close * 0.98, close * 1.04
if step == 2:
    slices = [("limit", 4000.0, close * 0.998)]
elif step == 14:
    slices = [("market", 1000.0, close), ("limit", 1000.0, close * 0.985)]
elif step in (8, 11, 17):
    slices = [("market", 3000.0, close)]
else:
    slices = []
rows = [("entry", "buy", kind, money, price) for kind, money, price in slices]
rows.append(("stop", "sell", "stop", 0.0, stop))
rows.append(("target", "sell", "take_profit", 0.0, target))
return {{
    "intents": [
        {{"purpose": p, "side": s, "kind": k, "notional": n, "price": x}}
        for p, s, k, n, x in (rows if slices else [])
    ]
}}
"""

SCRIPTED: Texts = {
    "script": (
        """---
name: script
role: order
inputs:
  time: {unit: seconds}
  close: {unit: price}
outputs:
  intents:
    type: array
    maxItems: 12
    items:
      type: object
      properties:
        purpose: {type: string, enum: [entry, stop, target]}
        side: {type: string, enum: [buy, sell]}
        kind: {type: string, enum: [market, limit, stop, take_profit]}
        notional: {unit: money}
        price: {unit: price}
fallback: {intents: []}
---
The orders of a play.
""",
        SCRIPT,
    ),
    "leave": (
        """---
name: leave
role: exit
inputs:
  time: {unit: seconds}
  position: {unit: number}
outputs:
  exit_now: {unit: flag}
  exit_reason: {unit: text}
---
Where the play leaves.
""",
        f"""step = (time - {FIRST}) // 3600
leaving = position != 0 and step in (7, 16)
return {{"exit_now": leaving, "exit_reason": "the play says so" if leaving else ""}}
""",
    ),
    "trail": (
        """---
name: trail
role: stop
inputs:
  time: {unit: seconds}
  position: {unit: number}
  close: {unit: price}
  stop_price: {unit: price}
  highest_since_entry: {unit: price}
outputs:
  trailing_stop: {unit: price, type: [number, "null"]}
---
Where the play moves the stop.
""",
        f"""step = (time - {FIRST}) // 3600
if position == 0 or step not in (3, 5, 12):
    return {{"trailing_stop": None}}
return {{"trailing_stop": max(stop_price, highest_since_entry * 0.985)}}
""",
    ),
    "memory": (
        """---
name: memory
role: scan
inputs:
  time: {unit: seconds}
outputs:
  seen: {unit: flag}
state:
  count: {type: integer, minimum: 0, maximum: 100000, initial: 0}
---
How many candles were seen.
""",
        'return {"seen": True, "count": previous_count + 1}\n',
    ),
}
"""A play: limit and market entries, a moved stop, exits, and a count that is kept."""


def stack_of(folder: Path, texts: Texts, name: str = "bench", toml: str = "") -> Stack:
    """A stack on disk made of these modules, all of them trusted."""
    home = folder / name
    home.mkdir(parents=True, exist_ok=True)
    head = f'name = "{name}"\nvocabulary = "trading.shell.vocabulary"\n'
    (home / "stack.toml").write_text(head + toml)
    entries = [
        entry(parse_spec(text, stack=name, vocabulary=VOCABULARY), body)
        for text, body in texts.values()
    ]
    return load_stack(home, entries, VOCABULARY)


def counter(role: str, *inputs: str) -> tuple[str, str]:
    """A module that counts the trades it is told of, and reads `inputs` besides."""
    read = "".join(f"  {each}\n" for each in ("closed_trade: {unit: flag}", *inputs))
    return (
        f"""---
name: counter
role: {role}
inputs:
{read}outputs:
  counted: {{unit: flag}}
state:
  closed: {{type: integer, minimum: 0, maximum: 100000, initial: 0}}
---
Counts the trades that it is told of.
""",
        'return {"counted": closed_trade, "closed": previous_closed + closed_trade}\n',
    )


def broken(texts: Texts, name: str, *steps: int, fallback: str = "") -> Texts:
    """The same with a module that fails at these steps; with a fallback or without."""
    spec, body = texts[name]
    head, front, intent = spec.split("---\n", 2)
    kept = [row for row in front.splitlines() if not row.startswith("fallback")]
    kept += [f"fallback: {fallback}"] if fallback else []
    failing = (
        f"if (time - {FIRST}) // 3600 in {steps!r}:\n    oops = 1 / (time - time)\n"
    )
    whole = "---\n".join([head, "\n".join(kept) + "\n", intent])
    return {**texts, name: (whole, failing + body)}


def reference(folder: Path) -> Stack:
    """The reference strategy."""
    return stack_of(folder, MODULES)


def flagship() -> Stack:
    """The shipped stack, its bodies as they stand on disk."""
    whole = open_stack(load_settings(ROOT), "trading")
    entries = [
        replace(one, certificate=certificate_for(one.spec, one.body))
        for one in whole.entries.values()
    ]
    return load_stack(ROOT / "trading", entries, VOCABULARY)


def run_of(
    stack: Stack, sandbox: Sandbox, *, asking: Asking | None = None, **more: Any
) -> FusedRun:
    """The stack on the native engine, its reflections in memory; no model answers."""
    runtime = Runtime(
        Memory(1000),
        engine="native",
        prepare=prepare_in(sandbox),
        capabilities={"ask_model": asking or Asking(EmptyTape())},
    )
    return FusedRun(stack, runtime, **more)
