"""What a function may be called with: cases are bound to it before anything runs."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Signature:
    """A function's parameters, as `inspect` would tell them of a function that runs."""

    positional_only: tuple[str, ...]
    positional: tuple[str, ...]
    keyword_only: tuple[str, ...]
    optional: frozenset[str]
    rest: bool
    named_rest: bool

    @property
    def named(self) -> tuple[str, ...]:
        """Every parameter with a name of its own, in order."""
        return self.positional_only + self.positional + self.keyword_only

    @property
    def told(self) -> str:
        """The parameters in words, for a remedy."""
        return ", ".join(self.named) or "none"

    def misfit(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> str:
        """Why a call would not reach the function; "" where it would."""
        places = self.positional_only + self.positional
        if len(args) > len(places) and not self.rest:
            return f"{len(args)} values are given, and it takes {len(places)}"
        given = set(places[: len(args)])
        if twice := sorted(given & kwargs.keys()):
            return f"{twice[0]} is given twice"
        unknown = [name for name in kwargs if name not in self.named]
        if unknown and not self.named_rest:
            return f"it has no parameter {unknown[0]!r}"
        missing = [
            name
            for name in self.named
            if name not in given and name not in kwargs and name not in self.optional
        ]
        return f"{missing[0]} is missing" if missing else ""

    def bound(
        self, args: Sequence[Any], kwargs: Mapping[str, Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """The call with every argument in its place as far as there is no gap."""
        places = self.positional_only + self.positional
        by_name = {**dict(zip(places, args, strict=False)), **kwargs}
        gap = (n for n, name in enumerate(places) if name not in by_name)
        filled = places[: next(gap, len(places))]
        left = {n: value for n, value in by_name.items() if n not in filled}
        return (*(by_name[n] for n in filled), *args[len(places) :]), left


def signature_of(source: str) -> Signature:
    """Of the function that `source` is."""
    node = ast.parse(source).body[0]
    assert isinstance(node, ast.FunctionDef)  # noqa: S101 a subject's source is one
    given = node.args
    places = [each.arg for each in (*given.posonlyargs, *given.args)]
    optional = places[len(places) - len(given.defaults) :]
    pairs = zip(given.kwonlyargs, given.kw_defaults, strict=True)
    optional += [each.arg for each, default in pairs if default is not None]
    return Signature(
        tuple(each.arg for each in given.posonlyargs),
        tuple(each.arg for each in given.args),
        tuple(each.arg for each in given.kwonlyargs),
        frozenset(optional),
        given.vararg is not None,
        given.kwarg is not None,
    )
