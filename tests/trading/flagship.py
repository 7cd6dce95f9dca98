"""The flagship stack's modules as plain functions, and the stack itself, for tests."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from core.body import Body, parse_body, source_with
from core.llm import LibraryEntry
from core.module_file import read_module
from core.native import compile_native
from core.spec import Spec, load_specs, signature
from core.stack import Stack, load_stack
from tests.conftest import ROOT
from trading.shell.vocabulary import VOCABULARY

FOLDER = ROOT / "trading"


@cache
def specs() -> Mapping[str, Spec]:
    """Every spec of the stack, by name."""
    found = load_specs(ROOT / "prompts" / "trading", VOCABULARY)
    return {spec.name: spec for spec in found}


@cache
def body_of(name: str) -> Body:
    """The body that stands in the module's file."""
    return read_module(FOLDER / f"{name}.py").canonical()


def shipped(name: str) -> Body:
    """The body that is shipped with the spec, for who writes it anew without a model."""
    path = ROOT / "prompts" / "trading" / "bodies" / f"{name}.txt"
    return parse_body(path.read_text())


@cache
def module(name: str) -> Callable[..., dict[str, Any]]:
    """The module's body as a function of its inputs; the model abstains."""
    return function_of(name, body_of(name))


def function_of(name: str, body: Body) -> Callable[..., dict[str, Any]]:
    """A body as that module's function of its inputs; the model abstains."""
    spec = specs()[name]
    function = compile_native(source_with(signature(spec), body), name)
    asks = {each: lambda **_: None for each in spec.contract.capabilities}
    return lambda **inputs: function(**inputs, **asks)


def stack_with(**bodies: str) -> Stack:
    """The whole stack, some of its bodies replaced; none of it certified."""
    texts = {name: body_of(name).text for name in specs()} | bodies
    entries = [
        LibraryEntry(spec, parse_body(texts[name]).text, module=spec.id, version=1)
        for name, spec in specs().items()
    ]
    return load_stack(FOLDER, entries)
