"""The whole offline pipeline a module, `asza list`, and what the wrapper weighs."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from shutil import copytree
from subprocess import run
from sys import executable
from tempfile import TemporaryDirectory

from bench.measure import Figure, median_seconds
from core.settings import load_settings
from core.store import open_store

ROOT = Path(__file__).resolve().parent.parent
WEIGH = """
import sys, json
import core.wrapper
heavy = ("pandas", "ccxt", "openai", "anthropic", "hypothesis", "libcst", "psycopg")
with open("/proc/self/status") as status:
    rss = next(line for line in status if line.startswith("VmRSS")).split()[1]
print(json.dumps({"mb": int(rss) / 1024, "heavy": [m for m in heavy if m in sys.modules]}))
"""


def figures() -> Iterator[Figure]:
    """Seconds a module after the first, seconds of a listing, megabytes imported."""
    with TemporaryDirectory() as folder:
        environment = {**os.environ, "ASZA_ROOT": folder, "LLM_WRITER": "offline"}
        environment["LLM_ARCHITECT"] = "offline"
        environment.pop("PYTHONDONTWRITEBYTECODE", None)  # nobody's machine sets it
        copytree(ROOT / "prompts", Path(folder) / "prompts")
        built = json.loads(asza(["ask", "--no-run", "--json"], environment))["built"]
        later = sorted(module["seconds"] for module in built[1:])
        yield Figure(
            "offline pipeline a module after the first",
            later[len(later) // 2],
            "s",
            0.4,
            f"{len(built)} modules",
        )
        bare = median_seconds(lambda: run([executable, "-c", "0"], check=True))
        listed = lambda: asza(["list", "--json"], environment)  # noqa: E731
        cold = median_seconds(listed)
        with open_store(load_settings(Path(folder))):
            warm = median_seconds(listed)
        beside = f"bare python {bare:.2f} s"
        yield Figure("asza list, servers running", warm, "s", 0.5, beside)
        yield Figure("asza list, servers started and stopped", cold, "s", 0.5, beside)
    weighed = json.loads(_python(WEIGH))
    if weighed["heavy"]:
        raise SystemExit(f"core.wrapper imports {', '.join(weighed['heavy'])}")
    yield Figure("importing core.wrapper", weighed["mb"], "MB", 60, "RSS")


def asza(arguments: list[str], environment: dict[str, str]) -> str:
    """One command's stdout."""
    command = [executable, str(ROOT / "asza.py"), *arguments]
    return run(
        command, env=environment, check=True, capture_output=True, text=True
    ).stdout


def _python(code: str) -> str:
    return run(
        [executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout
