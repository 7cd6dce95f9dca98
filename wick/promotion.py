"""The one place where Wick changes what runs: a proven body, or a version that ran before.

Both are a compare-and-swap: somebody else's newer version is never overwritten. File,
version row and generation change in one journalled step, so a process that is killed in
between leaves exactly one live version.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from core.atomic import OnStep, nothing
from core.lineage import diff, rollback
from file_creator import create

if TYPE_CHECKING:
    from core.gate import Certificate
    from core.settings import Settings
    from core.spec import Spec
    from core.store import Store

WRITER = "wick"


@dataclass(frozen=True, slots=True)
class Proven:
    """A body that may run: what it is for, its certificate, who found it and at what price.

    `version` names an earlier version where the body is one: it comes back as it was.
    """

    spec: Spec
    body: str
    certificate: Certificate | None
    rung: str
    cause: str
    cost_usd: Decimal = Decimal(0)
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Promoted:
    """What runs now, what ran before, and the unified diff of the two bodies."""

    module: str
    version: int
    before: int
    diff: str


def promote(
    store: Store,
    settings: Settings,
    proven: Proven,
    *,
    replaces: int,
    on_step: OnStep = nothing,
) -> Promoted:
    """Make the body live in place of version `replaces`.

    Raises Superseded when that version runs no more, FileEdited when a person has
    edited the file, StoreError when disk or database cannot be used: then nothing has
    changed.
    """
    module = proven.spec.id
    version = _swap(store, settings, proven, replaces, on_step)
    changed = diff(store, module, replaces, version)
    return Promoted(module, version, replaces, changed)


def _swap(
    store: Store, settings: Settings, proven: Proven, replaces: int, on_step: OnStep
) -> int:
    module = proven.spec.id
    if proven.version is not None:
        done = rollback(
            store, settings, module, proven.version, replaces=replaces, on_step=on_step
        )
        return done.version
    if proven.certificate is None:
        raise AssertionError("a new body is promoted with its certificate only")
    made = create(
        proven.spec,
        proven.body,
        proven.certificate,
        store=store,
        settings=settings,
        writer=WRITER,
        means=proven.rung,
        parent=replaces,
        cause=proven.cause,
        cost_usd=proven.cost_usd,
        replaces=replaces,
        on_step=on_step,
    )
    return made.version
