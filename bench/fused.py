"""A stack's tick: compiled phase by phase, beside the ordinary one and the bare calls."""

from collections.abc import Callable, Iterator
from math import inf
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.measure import Figure, Work, side_by_side
from bench.subjects import certified, spec
from core.llm import LibraryEntry
from core.native import compile_native
from core.records import Memory
from core.sandbox import Sandbox
from core.stack import Stack, StackRun, load_stack, runnable
from core.stack.fused import FusedRun
from core.wrapper import Runtime

AIMS = {2: 1.5, 40: 30.0}  # µs a tick of one symbol, by modules
TOML = 'name = "bench"\n[starting.close]\nunit = "number"\n'
ROWS = {"BTC/USD": (101.5,)}
STARTING = {"BTC/USD": {"close": 101.5}}


def figures() -> Iterator[Figure]:
    """Microseconds of a fast tick, and how it stands to the other ways."""
    with Sandbox() as sandbox, TemporaryDirectory() as folder:
        entries = [_entry(number, sandbox) for number in range(max(AIMS))]
        for count in AIMS:
            yield from _of(_stack(Path(folder) / str(count), entries[:count]), count)


def _of(stack: Stack, count: int) -> Iterator[Figure]:
    fast = FusedRun(stack, Runtime(Memory(1000), engine="native"))
    fast.prevalidate("close", [101.5])
    usual = StackRun(stack, Runtime(Memory(1000), engine="native"))
    taken = side_by_side(
        {
            "bare": _bare(stack),
            "fast": lambda: fast.tick_rows(ROWS),
            "usual": lambda: usual.tick(STARTING),
        },
        calls=40_000 // count,
    )
    name, micros = f"fast tick of {count} scalar modules", taken["fast"] * 1e6
    told = f"{1e6 / micros:,.0f} ticks/s"
    yield Figure(name, micros, "µs", AIMS[count], told)
    bare = f"{taken['bare'] * 1e6:.2f} µs"
    yield Figure(
        f"{name} over bare calls", taken["fast"] / taken["bare"], "×", inf, bare
    )
    yield Figure(
        f"{name}, quicker than the ordinary tick",
        taken["usual"] / taken["fast"],
        "×",
        5.0,
        f"{taken['usual'] * 1e6:.1f} µs",
        more_is_better=True,
    )


def _entry(number: int, sandbox: Sandbox) -> LibraryEntry:
    """A module that reads the close and what the one before it made."""
    before = "close" if number == 0 else f"v{number - 1}"
    given = sorted({"close", before})
    inputs = "".join(f"  {name}: {{unit: number}}\n" for name in given)
    text = (
        f"---\nname: m{number}\nrole: function\ninputs:\n{inputs}outputs:\n"
        f"  v{number}: {{unit: number}}\nexamples: []\n---\nHalf of the sum.\n"
    )
    return certified(
        spec(text), f"return {{'v{number}': (close + {before}) / 2}}", sandbox
    )


def _stack(home: Path, entries: list[LibraryEntry]) -> Stack:
    folder = home / "bench"
    folder.mkdir(parents=True)
    (folder / "stack.toml").write_text(TOML)
    return load_stack(folder, entries)


def _bare(stack: Stack) -> Work:
    """The same calls with nothing around them but the passing on of values."""
    targets = [runnable(stack.entries[name]) for name in stack.versions]
    bodies: list[Callable[..., object]] = [
        compile_native(target.source, target.name) for target in targets
    ]
    calls = [
        f"    v{n} = body_{n}(close{f', v{n - 1}' if n else ''})[{f'v{n}'!r}]"
        for n in range(len(bodies))
    ]
    space = {f"body_{n}": body for n, body in enumerate(bodies)}
    source = "\n".join(["def tick(close):", *calls, f"    return v{len(bodies) - 1}"])
    exec(source, space)
    tick: Callable[..., object] = space["tick"]
    return lambda: tick(101.5)
