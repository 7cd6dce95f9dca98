"""Which repairs of a stack's modules are in, and since when, as `asza trade status` says."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from cli.context import Context

if TYPE_CHECKING:
    from core.store.defect import Defect


def mended(context: Context, stack: str | None, modules: Iterable[str]) -> list[str]:
    """A line for each of these modules whose newest defect is repaired."""
    return list(_lines(context, stack, dict.fromkeys(modules))) if stack else []


def _lines(context: Context, stack: str, modules: Iterable[str]) -> Iterator[str]:
    from core.store.defect import REPAIRED, REVERTED
    from core.store.defects import Defects

    door = Defects(context.store)
    for module in modules:
        newest = next(iter(door.list(f"{stack}.{module}", 1)), None)
        if newest and newest.state == REPAIRED and newest.fate != REVERTED:
            yield _line(module, newest)


def _line(module: str, defect: "Defect") -> str:
    since = f"{defect.settled_at:%Y-%m-%d %H:%M} UTC" if defect.settled_at else "now"
    fate = "it has proven itself" if defect.fate else "it is on probation"
    version = f"version {defect.repaired_by} runs instead of {defect.version}"
    return f"{module} is repaired: {version} since {since} by the clock; {fate}"
