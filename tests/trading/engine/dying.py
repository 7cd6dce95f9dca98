"""A process that trades the play on paper and is killed at an append: run as a module.

Arguments: the project's root, the account's name, a folder, the append.
"""

import os
import signal
import sys
from pathlib import Path

from core.sandbox import Sandbox
from core.settings import load_settings
from core.store import open_store
from tests.trading.engine.sessions import Desk, Killed, market, settings, traded
from tests.trading.engine.stacks import SCRIPTED, stack_of


def main(root: str, name: str, folder: str, dies: str) -> None:
    """Trade until the append, and be gone there as by `kill -9`."""
    home = Path(folder)
    with open_store(load_settings(Path(root))) as store, Sandbox() as sandbox:
        desk = Desk(store, sandbox, stack_of(home, SCRIPTED), home)
        session = desk.paper(name, [market()], settings=settings(), dies=int(dies))
        try:
            traded(session)
        except Killed:
            sandbox.close()
            os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main(*sys.argv[1:])
