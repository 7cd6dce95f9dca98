"""`asza wick act`: a fault goes into a running stack, and Wick mends it while it runs.

The rungs that remember are switched off, so the repair is found. When the act is over,
whatever came of it, the version that ran before runs again.
"""

from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from cli.context import Context
from cli.mending import Seconds, bench, limits
from cli.output import Json, Output
from cli.scene import ACT, Scene
from cli.watching import Board
from core.counting import counted
from core.errors import AszaError, NotFound, RequestRefused

if TYPE_CHECKING:
    from core.stack import Stack

Data = dict[str, Any]
REMEMBERING = "last good,known patch"


def register(app: typer.Typer) -> None:
    """Add this command to `asza wick`."""
    app.command()(act)


def act(
    stack: Annotated[str, typer.Argument(help="As `asza list` shows.")],
    module: Annotated[
        str | None, typer.Option(help="Its name. Default: where a fault shows most.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Which fault.")] = 1,
    seconds: Seconds = 60.0,
    as_json: Json = False,
) -> int:
    """Break a module while its stack runs, watch it repaired, and put it back."""
    output = Output(as_json)
    with Context() as context:
        told = play(context, stack, output, module=module, seed=seed, seconds=seconds)
    return output.conclude(
        told, show_act, None if told["repaired"] else _unrepaired(told)
    )


def play(
    context: Context,
    stack: str,
    output: Output,
    *,
    module: str | None = None,
    seed: int = 1,
    seconds: float = 60.0,
) -> Data:
    """The act itself; what it came to. Raises RequestRefused when no fault shows."""
    from core.library import open_stack
    from core.store.claims import sole_owner

    opened = open_stack(context.settings, stack, context.store)
    chosen = (module or _telling(context, opened)).removeprefix(f"{stack}.")
    if chosen not in opened.entries:
        raise NotFound(
            f"stack {stack} has no module {chosen}",
            field="--module",
            value=chosen,
            remedy=f"it has {', '.join(opened.entries)}",
        )
    output.say(
        f"an act: {stack}.{chosen} is broken on purpose while {stack} runs. The rungs "
        "that remember (last good, known patch) are off: the repair must be found.",
        "bold",
    )
    board = Board(output.err)
    with bench(context, board.tell, limits(REMEMBERING, seconds, None)) as made:
        scene = Scene(context, made, opened, chosen, seed, output, seconds)
        with sole_owner(context.store, ACT):
            try:
                scene.play()
            finally:
                scene.restore()
    return scene.told()


def _telling(context: Context, stack: "Stack") -> str:
    """The module with the fault that shows most clearly; RequestRefused without any."""
    from wick.breaking import injectable

    best: tuple[int, str] | None = None
    for name, entry in stack.entries.items():
        found = injectable(
            context.store, context.settings, context.sandbox, entry.spec.id
        )
        if found and (best is None or found[0].shown.rank < best[0]):
            best = (found[0].shown.rank, name)
    if best is None:
        raise RequestRefused(
            f"no module of {stack.name} has a fault that shows",
            field="stack",
            value=stack.name,
            remedy="give its specs examples or invariants",
        )
    return best[1]


def _unrepaired(told: Data) -> AszaError:
    from core.errors import BodyRefused

    why = told["verdict"].get("why") or "it was not settled in the time there was"
    return BodyRefused(
        f"{told['module']} was not repaired in this act: {why}",
        field="module",
        value=told["module"],
        remedy="`asza wick report` tells more; --seed plays another fault",
    )


def show_act(console: Console, told: Data) -> None:
    """How the act went, in a sentence."""
    if told["repaired"] and not told["failures"]:
        console.print(
            f"{counted(told['ticks'], 'tick')} without a restart; {told['module']} gave wrong "
            "answers that raised nothing: its examples told. Its repair ran "
            f"{told['seconds']:.2f} s later",
            markup=False,
        )
    elif told["repaired"]:
        console.print(
            f"{counted(told['ticks'], 'tick')} without a restart, {told['failures']} of them "
            f"failed in {told['module']}; from the first failure to the first call of "
            f"the repair {told['seconds']:.2f} s",
            markup=False,
        )
