"""Six modules of a moving-average cross, as specs and bodies: a stack for tests."""

from pathlib import Path

from core.body import parse_body
from core.gate import run_gate
from core.llm import LibraryEntry
from core.sandbox import Sandbox
from core.spec import parse_spec
from core.stack import Stack, load_stack
from trading.shell.vocabulary import VOCABULARY

TOML = """
name = "cross"
vocabulary = "trading.shell.vocabulary"
[[phases]]
name = "decide"
each = "symbol"
roles = ["condition", "entry", "exit", "stop", "target", "size"]
"""

MODULES = {
    "trend": (
        "condition",
        {"ema_9": "price", "ema_21": "price"},
        {"is_rising": "flag"},
        'return {"is_rising": ema_9 > ema_21}',
    ),
    "entry": (
        "entry",
        {"is_rising": "flag", "rsi_14": "oscillator", "prior_rsi_14": "oscillator"},
        {"enter_long": "flag"},
        "crossed = prior_rsi_14 < 50 and rsi_14 >= 50\n"
        'return {"enter_long": is_rising and crossed}',
    ),
    "leave": (
        "exit",
        {"is_rising": "flag", "bars_held": "count"},
        {"exit_long": "flag"},
        'return {"exit_long": not is_rising and bars_held >= 2}',
    ),
    "stop": (
        "stop",
        {"close": "price"},
        {"long_stop_price": "price"},
        'return {"long_stop_price": close * 0.97}',
    ),
    "target": (
        "target",
        {"close": "price"},
        {"long_target_price": "price"},
        'return {"long_target_price": min(close * 1.06, 1e7)}',
    ),
    "size": (
        "size",
        {"equity": "money"},
        {"notional": "money"},
        'return {"notional": max(0.0, equity * 0.5)}',
    ),
}


def stack_of_six(folder: Path, sandbox: Sandbox) -> Stack:
    """The stack, every body through the gate."""
    home = folder / "cross"
    home.mkdir()
    (home / "stack.toml").write_text(TOML)
    return load_stack(home, [_entry(name, sandbox) for name in MODULES])


def _entry(name: str, sandbox: Sandbox) -> LibraryEntry:
    role, inputs, outputs, body = MODULES[name]
    spec = parse_spec(
        _text(name, role, inputs, outputs), stack="cross", vocabulary=VOCABULARY
    )
    certificate = run_gate(spec, body, sandbox=sandbox, vocabulary=VOCABULARY, draws=50)
    assert certificate.passed, certificate.refusals
    return LibraryEntry(spec, parse_body(body).text, certificate, f"cross.{name}", 1)


def _text(name: str, role: str, inputs: dict[str, str], outputs: dict[str, str]) -> str:
    lines = ["---", f"name: {name}", f"role: {role}", "inputs:"]
    lines += [f"  {key}: {{unit: {unit}}}" for key, unit in inputs.items()]
    lines += ["outputs:"]
    lines += [f"  {key}: {{unit: {unit}}}" for key, unit in outputs.items()]
    return "\n".join([*lines, "---", f"The {name} of a cross.", ""])
