"""stack.toml: a stack's name, vocabulary, phases and its own starting values."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jsonschema_rs

from core.errors import ConfigError, NotFound, StackError
from core.names import name_fault, suggest
from core.places import STACK_FILE
from core.stack.phases import PhasePlan, default_phases, phase_faults
from core.stack.wiring import OwnValue
from core.vocabulary import BASE, Vocabulary, load_vocabulary

_KEYS = (
    "name", "vocabulary", "request", "request_file", "measure", "settings", "phases",
    "starting",
)  # fmt: skip
_TEXT = {"type": "string", "minLength": 1, "maxLength": 20}
_SETTINGS: Mapping[str, Any] = {
    "symbols": {"type": "array", "minItems": 1, "items": _TEXT},
    "timeframe": _TEXT,
}
_PHASE_KEYS = ("name", "each", "roles", "needs", "asked")
_STARTING_KEYS = ("unit", "value", "each", "description")
_EACH = ("symbol", "portfolio")


@dataclass(frozen=True)
class StackFile:
    """What a stack.toml says, with its units resolved.

    `request` is what was asked for, which a `request_file` beside it may hold;
    `settings` are what it said of where to run, such as `symbols`; `vocabulary_name` is the dotted name that was loaded.
    """

    name: str
    path: Path
    vocabulary: Vocabulary
    phases: tuple[PhasePlan, ...]
    own: Mapping[str, OwnValue] = field(default_factory=dict)
    request: str = ""
    measure: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    vocabulary_name: str = BASE


def read_stack_file(
    folder: Path, vocabulary: Vocabulary | None = None, *, chosen: str = ""
) -> StackFile:
    """Read `folder`/stack.toml; NotFound without one, StackError naming the key at fault.

    `vocabulary` replaces the one that the file names; `chosen` is the one that the
    settings name, which the file may name too.
    """
    path = folder / STACK_FILE
    return _Reader(path, _parsed(path), chosen).read(vocabulary)


def _parsed(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise NotFound(
            f"there is no stack in {path.parent}",
            field="stack",
            value=path.parent.name,
            remedy="`asza list` shows the stacks; `asza ask` makes one",
        ) from None
    except (OSError, ValueError) as error:
        raise StackError(
            f"{STACK_FILE} cannot be read: {error}",
            where=str(path),
            remedy="make it valid TOML",
        ) from error


@dataclass(frozen=True)
class _Reader:
    path: Path
    data: Mapping[str, Any]
    chosen: str = ""

    def read(self, vocabulary: Vocabulary | None) -> StackFile:
        self._known(self.data, _KEYS, "")
        name = self._text("name", self.path.parent.name)
        if name != self.path.parent.name:
            self._refuse(
                "name", name, f"call it '{self.path.parent.name}', as its folder"
            )
        dotted = self._text("vocabulary", "")
        words = vocabulary or self._vocabulary(dotted)
        return StackFile(
            name=name,
            path=self.path,
            vocabulary=words,
            phases=self._phases(words),
            own=self._own(words),
            request=self._request(),
            measure=self._text("measure", ""),
            settings=self._settings(),
            vocabulary_name=dotted or BASE,
        )

    def _request(self) -> str:
        """What was asked for: said here, or in a file named from this one's folder."""
        named = self._text("request_file", "")
        if not named:
            return self._text("request", "")
        try:
            return (self.path.parent / named).read_text(encoding="utf-8")
        except (OSError, ValueError) as error:
            raise StackError(
                f"the request of the stack cannot be read: {error}",
                field="request_file",
                value=named,
                where=str(self.path),
                remedy="name a text file, from the folder of stack.toml",
            ) from error

    def _vocabulary(self, dotted: str) -> Vocabulary:
        try:
            return load_vocabulary(dotted or BASE, self.chosen)
        except ConfigError as error:
            raise StackError(
                error.message,
                field="vocabulary",
                value=dotted,
                where=str(self.path),
                remedy=error.remedy,
            ) from error

    def _settings(self) -> Mapping[str, Any]:
        table = self.data.get("settings", {})
        self._known(table, tuple(_SETTINGS), "settings")
        for key, value in table.items():
            if not jsonschema_rs.is_valid(_SETTINGS[key], value):
                self._refuse(f"settings.{key}", value, "write it as text in quotes")
        return dict(table)

    def _phases(self, words: Vocabulary) -> tuple[PhasePlan, ...]:
        tables = self.data.get("phases")
        if tables is None:
            return default_phases(words)
        if not isinstance(tables, list) or not tables:
            self._refuse("phases", tables, "write [[phases]] tables")
        phases = tuple(self._phase(at, table) for at, table in enumerate(tables))
        self._once("phases.name", [phase.name for phase in phases])
        roles = [role for phase in phases for role in phase.roles]
        self._once("phases.roles", roles)
        if strange := [role for role in roles if role not in words.roles]:
            self._refuse("phases.roles", strange[0], suggest(strange[0], words.roles))
        for fault in phase_faults(phases):
            self._refuse(f"phases[{fault.at}].{fault.key}", fault.value, fault.remedy)
        return phases

    def _phase(self, at: int, table: Mapping[str, Any]) -> PhasePlan:
        key = f"phases[{at}]"
        self._known(table, _PHASE_KEYS, key)
        name, each = table.get("name"), table.get("each", "symbol")
        roles = table.get("roles", [])
        if not isinstance(name, str) or name_fault(name):
            self._refuse(f"{key}.name", name, "give a lowercase name")
        if each not in _EACH:
            self._refuse(f"{key}.each", each, f"use one of: {', '.join(_EACH)}")
        if not isinstance(roles, list) or not all(isinstance(r, str) for r in roles):
            self._refuse(f"{key}.roles", roles, "list the names of roles")
        needs, asked = table.get("needs", ""), table.get("asked", False)
        if not isinstance(needs, str) or ("needs" in table and not needs):
            self._refuse(f"{key}.needs", needs, "name an earlier phase")
        if not isinstance(asked, bool):
            self._refuse(f"{key}.asked", asked, "write true or false")
        return PhasePlan(str(name), each, tuple(roles), needs=needs, asked=asked)

    def _own(self, words: Vocabulary) -> dict[str, OwnValue]:
        tables = self.data.get("starting", {})
        if not isinstance(tables, dict):
            self._refuse("starting", tables, "write [starting.<name>] tables")
        return {
            name: self._own_value(name, each, words) for name, each in tables.items()
        }

    def _own_value(
        self, name: str, table: Mapping[str, Any], words: Vocabulary
    ) -> OwnValue:
        key = f"starting.{name}"
        self._known(table, _STARTING_KEYS, key)
        unit, fixed = table.get("unit"), "value" in table
        if name_fault(name):
            self._refuse(key, name, "give a lowercase name")
        if not isinstance(unit, str) or unit not in words.units:
            self._refuse(f"{key}.unit", unit, suggest(str(unit), words.units))
        each = table.get("each", "portfolio" if fixed else "symbol")
        if each not in _EACH or (fixed and each != "portfolio"):
            self._refuse(f"{key}.each", each, "a fixed value is the portfolio's")
        schema = words.unit(str(unit)).schema
        if fixed and not jsonschema_rs.is_valid(dict(schema), table["value"]):
            self._refuse(f"{key}.value", table["value"], f"give a {unit}")
        said = str(table.get("description", ""))
        return OwnValue(schema, each, fixed, table.get("value"), str(unit), said)

    def _text(self, key: str, default: str) -> str:
        value = self.data.get(key, default)
        if not isinstance(value, str):
            self._refuse(key, value, "give text")
        return str(value)

    def _known(self, table: Any, keys: tuple[str, ...], at: str) -> None:
        if not isinstance(table, Mapping):
            self._refuse(at, table, "write a table")
        for key in table:
            if key not in keys:
                self._refuse(f"{at}.{key}".lstrip("."), table[key], suggest(key, keys))

    def _once(self, key: str, names: list[str]) -> None:
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            self._refuse(key, twice[0], "name it once")

    def _refuse(self, key: str, value: Any, remedy: str) -> None:
        raise StackError(
            f"'{key}' cannot be {value!r}",
            field=key,
            value=value,
            where=str(self.path),
            remedy=remedy,
        )
