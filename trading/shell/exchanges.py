"""Kraken's class of ccxt, without the hundred other exchanges.

`import ccxt` runs them all: a process then holds 36 MB that it never reads, and starts
0.4 s later. What one exchange needs is in modules of its own below the package.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from importlib.machinery import ModuleSpec
from importlib.util import find_spec, module_from_spec
from threading import Lock
from typing import Any, NamedTuple

PACKAGE = "ccxt"
_alone = Lock()


class Exchange(NamedTuple):
    """An exchange's class, and the module of the errors that it raises."""

    client: type
    errors: Any


def kraken() -> Exchange:
    """Kraken's spot market; ImportError without ccxt."""
    with _alone:
        return _exchange("kraken")


@cache
def _exchange(name: str) -> Exchange:
    with _unrun(PACKAGE):
        errors = import_module(f"{PACKAGE}.base.errors")
        return Exchange(getattr(import_module(f"{PACKAGE}.{name}"), name), errors)


@contextmanager
def _unrun(package: str) -> Iterator[None]:
    """Modules of `package` can be imported though its own code is not run.

    Afterwards it counts as never imported: whoever imports it then gets all of it, with
    the modules that are there already.
    """
    found = find_spec(package)
    if package in sys.modules or found is None:
        yield
        return
    bare = ModuleSpec(package, None, is_package=True)
    bare.submodule_search_locations = found.submodule_search_locations
    sys.modules[package] = module_from_spec(bare)
    try:
        yield
    finally:
        del sys.modules[package]
