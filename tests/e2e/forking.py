"""Commands forked from a process that has imported the program already.

Each is a process with its own folder, environment, files and exit, as when a shell starts
it; only the seconds of importing are spent once. `tests/faults` starts commands from
nothing, and so does the README's own check.

    python forking.py SOCKET     serves until its stdin ends
"""

import gc
import json
import os
import runpy
import select
import signal
import socket
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from typing import TypedDict

CHECKOUT = Path(__file__).parents[2]
PACKAGES = ("core", "cli", "trading", "wick")
MODULES = ("asza", "ask_architect", "code_generator", "file_creator")
LIBRARIES = ("libcst", "openai", "anthropic", "plotly.graph_objects")


class Asked(TypedDict):
    """A command: its script and arguments, and where its three streams are."""

    script: str
    arguments: Sequence[str]
    cwd: str
    env: Mapping[str, str]
    streams: Sequence[str]


def warm_up() -> None:
    """Import the whole program, and ready the grammar that requests are read by."""
    for package in PACKAGES:
        for found in walk_packages([str(CHECKOUT / package)], f"{package}."):
            if not found.name.endswith("__main__"):
                import_module(found.name)
    for name in (*MODULES, *LIBRARIES):
        import_module(name)
    from core.llm.offline.rules.earley import parser_for
    from trading.shell.vocabulary import VOCABULARY

    assert VOCABULARY.rules is not None
    parser_for(VOCABULARY.rules.grammar)
    gc.freeze()


def serve(path: str) -> Asked | None:
    """Until stdin ends; in a command's own process, what it is to do."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(path)
        door.listen()
        print("ready", flush=True)
        while door in select.select([door, sys.stdin], [], [])[0]:
            asking, _ = door.accept()
            with asking:
                if not os.fork():
                    door.close()
                    return keep(asking)
    return None


def keep(asking: socket.socket) -> Asked:
    """Tell the command's number and its exit code; only the command returns from here."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    with asking, asking.makefile("rw", encoding="utf-8") as line:
        asked: Asked = json.loads(line.readline())
        pid = os.fork()
        if pid:
            print(pid, file=line, flush=True)
            _, status = os.waitpid(pid, 0)
            print(os.waitstatus_to_exitcode(status), file=line, flush=True)
            os._exit(0)
    return asked


def become(asked: Asked) -> None:
    """Be the command: its streams, folder and environment, then its script."""
    os.setsid()
    for number, path in enumerate(asked["streams"]):
        flags = os.O_RDONLY if number == 0 else os.O_WRONLY
        os.dup2(os.open(path, flags | os.O_CLOEXEC), number)
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        stream = os.fdopen(number, "w" if number else "r", encoding="utf-8")
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)
    os.environ.clear()
    os.environ.update(asked["env"])
    os.chdir(asked["cwd"])
    script = str(CHECKOUT / asked["script"])
    sys.argv = [script, *asked["arguments"]]
    runpy.run_path(script, run_name="__main__")


if __name__ == "__main__":
    sys.path[0] = str(CHECKOUT)
    warm_up()
    if (asked := serve(sys.argv[1])) is not None:
        become(asked)
