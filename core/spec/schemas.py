"""From a schema as a spec writes it to one a contract holds: units resolved, checked.

A spec's schema is a closed subset of JSON Schema 2020-12, so that everything derived
from it (types, draws, prompt text) exists for all of it: a keyword outside the
subset, which JSON Schema would ignore, is refused here.
"""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import jsonschema_rs

from core.contract.exactness import kinds
from core.errors import SpecError
from core.names import suggest
from core.spec.front_matter import FrontMatter, Path, show_path
from core.vocabulary import Vocabulary

Schema = Mapping[str, Any]

LIMIT = 1e18
# Values in one input, lists in lists multiplied; a list without maxItems has 500.
MAX_LEAVES = 20_000
DEFAULT_ITEMS = 500
MAX_TEXT = 100_000
TYPES = ("number", "integer", "boolean", "string", "array", "object", "null")
_ALWAYS = {"type", "unit", "description", "enum", "const"}
_LOW = ("minimum", "exclusiveMinimum")
_HIGH = ("maximum", "exclusiveMaximum")
_KEYWORDS: Mapping[str, set[str]] = {
    "number": {*_LOW, *_HIGH, "multipleOf"},
    "integer": {*_LOW, *_HIGH, "multipleOf"},
    "boolean": set(),
    "string": {"minLength", "maxLength", "pattern"},
    "array": {"items", "minItems", "maxItems", "uniqueItems"},
    "object": {"properties", "required", "additionalProperties", "maxProperties"},
    "null": set(),
}
_ORDER = (
    "x-unit",
    "type",
    "enum",
    "const",
    "minimum",
    "exclusiveMinimum",
    "maximum",
    "exclusiveMaximum",
)


@dataclass(frozen=True, slots=True)
class Resolver:
    """Resolves schemas, and refuses bad ones with the place they stand at."""

    document: FrontMatter
    vocabulary: Vocabulary

    def refuse(self, path: Path, why: str, remedy: str, value: Any = None) -> SpecError:
        """A SpecError about the value at `path`; `why` follows its name."""
        name = show_path(path)
        return self.error(path, f"'{name}' {why}" if name else why, remedy, value)

    def error(
        self, path: Path, message: str, remedy: str, value: Any = None
    ) -> SpecError:
        """A SpecError at `path` in words of its own."""
        return SpecError(
            message,
            remedy=remedy,
            field=show_path(path),
            value=value,
            where=self.document.where(path),
        )

    def resolve(self, written: Any, path: Path, extra: Iterable[str] = ()) -> Schema:
        """The schema written at `path`; keys in `extra` belong to the caller."""
        if isinstance(written, str):
            written = {"unit": written}
        if not isinstance(written, Mapping):
            why = f"is not a schema but {written!r}"
            raise self.refuse(path, why, "write {unit: …} or {type: …}", written)
        own = {key: value for key, value in written.items() if key not in extra}
        schema = self._unit(own, path) if "unit" in own else own
        named = self._types(schema, path)
        self._known_keywords(own, named, path, extra)
        schema = self._inside({**schema, "type": _one(named)}, named, path)
        self._meta(schema, path)
        self._bounds(schema, named, path)
        return {key: schema[key] for key in sorted(schema, key=_rank)}

    def _unit(self, own: Schema, path: Path) -> dict[str, Any]:
        """The unit's schema, narrowed by what is written beside it."""
        name = own["unit"]
        try:
            unit = self.vocabulary.unit(str(name))
        except SpecError as error:
            why = f"names the {error.message}"
            raise self.refuse((*path, "unit"), why, error.remedy, name) from error
        rest = {key: value for key, value in own.items() if key != "unit"}
        base, named = kinds(unit.schema), self._types({**unit.schema, **rest}, path)
        if set(named) - {"null"} != set(base) - {"null"}:
            why = f"gives unit '{name}' another type than {_one(base)}"
            raise self.refuse(path, why, "drop the unit or the type", own)
        for keyword in {*_LOW, *_HIGH, "minItems", "maxItems", "maxLength"} & set(rest):
            self._narrower(keyword, rest[keyword], unit.schema, name, path)
        whole = {**unit.schema, **rest, "x-unit": name}
        return whole if "null" in named else {**whole, "type": unit.schema["type"]}

    def _narrower(
        self, keyword: str, value: Any, unit: Schema, name: str, path: Path
    ) -> None:
        if not _is_number(value):
            return
        low, high = _edge(unit, _LOW, max), _edge(unit, _HIGH, min)
        if keyword in _LOW and low is not None and value < low:
            edge: Any = low
        elif keyword in _HIGH and high is not None and value > high:
            edge = high
        elif keyword.startswith("max") and value > unit.get(keyword, math.inf):
            edge = unit[keyword]
        else:
            return
        why = f"is wider than unit '{name}', which ends at {edge:g}"
        raise self.refuse((*path, keyword), why, "narrow it or drop the unit", value)

    def _types(self, schema: Schema, path: Path) -> tuple[str, ...]:
        if "type" not in schema:
            return self._implied(schema, path)
        written = schema["type"]
        named = tuple(written) if isinstance(written, list) else (written,)
        for name in named:
            if name not in TYPES:
                why = f"has the unknown type {name!r}"
                at = (*path, "type")
                raise self.refuse(at, why, suggest(str(name), TYPES), written)
        if len(set(named) - {"null"}) != 1:
            why = "needs one type (or one type and null)"
            raise self.refuse((*path, "type"), why, "choose one", written)
        return named

    def _implied(self, schema: Schema, path: Path) -> tuple[str, ...]:
        """The one type whose values an `enum` or `const` lists."""
        listed = schema.get("enum", [schema["const"]] if "const" in schema else [])
        found = (
            {_type_of(value) for value in listed} if isinstance(listed, list) else set()
        )
        plain = found - {"null"}
        if plain == {"integer", "number"}:
            found = (found - plain) | {"number"}
        if not listed or len(found - {"null"}) != 1:
            why = "has neither a unit nor a type"
            raise self.refuse(path, why, "write {unit: …} or {type: …}", dict(schema))
        return tuple(sorted(found, key=TYPES.index))

    def _known_keywords(
        self, own: Schema, named: tuple[str, ...], path: Path, extra: Iterable[str]
    ) -> None:
        known = _ALWAYS.union(extra, *(_KEYWORDS[name] for name in named))
        for keyword in own:
            if keyword not in known:
                why = f"is not a key of a schema of type {_one(named)}"
                at = (*path, keyword)
                raise self.refuse(at, why, suggest(keyword, known), own[keyword])

    def _inside(
        self, schema: dict[str, Any], named: tuple[str, ...], path: Path
    ) -> dict[str, Any]:
        """`schema` with what it contains resolved."""
        if "array" in named:
            if "items" not in schema:
                raise self.refuse(
                    path, "has no items", "write items: {unit: …}", schema
                )
            return self._array(schema, path)
        if "object" in named:
            return self._object(schema, path)
        return schema

    def _array(self, schema: dict[str, Any], path: Path) -> dict[str, Any]:
        """`schema` with its items resolved; refused when it may hold too much."""
        whole = {**schema, "items": self._part(schema, "items", path)}
        if (held := leaves(whole)) > MAX_LEAVES:
            why = f"may hold {held:_} values in all, over {MAX_LEAVES:_}"
            remedy = "give it, and the lists in it, a smaller maxItems"
            raise self.refuse(path, why, remedy, dict(schema))
        return whole

    def _part(self, schema: Schema, key: str, path: Path) -> Schema:
        """What a schema contains; a unit's own contents are resolved already."""
        if (*path, key) not in self.document.lines:
            inner: Schema = schema[key]
            return inner
        return self.resolve(schema[key], (*path, key))

    def _object(self, schema: dict[str, Any], path: Path) -> dict[str, Any]:
        if isinstance(schema.get("additionalProperties"), Mapping):
            if "properties" in schema:
                why = "has both named and open fields"
                raise self.refuse(path, why, "keep one of them", schema)
            part = self._part(schema, "additionalProperties", path)
            whole = {"maxProperties": 100, **schema, "additionalProperties": part}
            if leaves(whole) > MAX_LEAVES:
                why = f"may hold {leaves(whole):_} values in all, over {MAX_LEAVES:_}"
                remedy = "give it a smaller maxProperties, its lists a smaller maxItems"
                raise self.refuse(path, why, remedy, dict(schema))
            return whole
        fields = schema.get("properties")
        if not isinstance(fields, Mapping) or not fields:
            why = "has no properties"
            raise self.refuse(path, why, "name the object's fields", schema)
        if set(schema.get("required", fields)) != set(fields):
            why = "leaves a field out of required: every field is required"
            raise self.refuse(path, why, 'use type: [number, "null"]', schema)
        parts = {
            name: self._part(fields, name, (*path, "properties")) for name in fields
        }
        closed = {"required": list(fields), "additionalProperties": False}
        return {**schema, "properties": parts, **closed}

    def _meta(self, schema: Schema, path: Path) -> None:
        try:
            jsonschema_rs.meta.validate(dict(schema))
            jsonschema_rs.Draft202012Validator(dict(schema))
            re.compile(schema.get("pattern", ""))
        except (jsonschema_rs.ValidationError, ValueError, re.error) as error:
            steps = list(getattr(error, "instance_path", []))
            message = getattr(error, "message", str(error)).split("\n")[0]
            at: Path = (*path, *steps)
            why = f"is not valid JSON Schema: {message}"
            raise self.refuse(at, why, "mend the schema", dict(schema)) from error

    def _bounds(self, schema: Schema, named: tuple[str, ...], path: Path) -> None:
        """Numbers have a finite, non-empty range; listed values fit the schema."""
        listed = schema.get("enum", [schema["const"]] if "const" in schema else None)
        if listed is not None:
            self._listed(schema, listed, path)
            return
        if schema.get("minLength", 0) > MAX_TEXT:
            why = f"asks for text of more than {MAX_TEXT:_} characters"
            raise self.refuse(path, why, "lower minLength", schema["minLength"])
        if not {"number", "integer"} & set(named):
            return
        low, high = _edge(schema, _LOW, max), _edge(schema, _HIGH, min)
        if low is None and high is None:
            raise self._unbounded(path, "neither unit nor bounds", schema)
        if low is None or high is None:
            missing = "lower" if low is None else "upper"
            raise self._unbounded(path, f"no {missing} bound", schema)
        if not (-LIMIT <= low <= LIMIT and -LIMIT <= high <= LIMIT):
            raise self.refuse(path, "has a bound beyond ±1e18", "narrow it", schema)
        if _is_empty(schema, low, high):
            why = f"admits no value: from {low:g} to {high:g}"
            raise self.refuse(path, why, "put the bounds in order", dict(schema))

    def _unbounded(self, path: Path, why: str, schema: Schema) -> SpecError:
        remedy = "name a unit, such as {unit: ratio}, or give minimum and maximum"
        return self.refuse(path, f"is a number with {why}", remedy, dict(schema))

    def _listed(self, schema: Schema, listed: list[Any], path: Path) -> None:
        validator = jsonschema_rs.Draft202012Validator(dict(schema))
        for value in listed:
            if not validator.is_valid(value):
                why = f"lists {value!r}, which its own schema refuses"
                raise self.refuse(path, why, "drop the value", value)


def leaves(schema: Schema) -> int:
    """How many values one value of `schema` may hold, its lists multiplied out.

    The plain fields of an object count as one: it is nesting that explodes.
    """
    if "items" in schema:
        most = schema.get("maxItems", max(DEFAULT_ITEMS, schema.get("minItems", 0)))
        return int(most) * leaves(schema["items"])
    extra = schema.get("additionalProperties")
    if isinstance(extra, Mapping):
        return int(schema.get("maxProperties", 100)) * leaves(extra)
    parts = map(leaves, schema.get("properties", {}).values())
    return max(1, sum(held for held in parts if held > 1))


def _edge(schema: Schema, keywords: tuple[str, str], inner: Any) -> Any:
    """The tighter of a bound and its exclusive form; None if there is neither."""
    found = [schema[key] for key in keywords if _is_number(schema.get(key))]
    return inner(found) if found else None


def _is_empty(schema: Schema, low: float, high: float) -> bool:
    if low > high:
        return True
    exclusive = "exclusiveMinimum" in schema or "exclusiveMaximum" in schema
    return low == high and exclusive


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _type_of(value: Any) -> str:
    names = {
        bool: "boolean",
        int: "integer",
        float: "number",
        str: "string",
        list: "array",
        dict: "object",
    }
    return names.get(type(value), "null")


def _one(named: tuple[str, ...]) -> Any:
    return named[0] if len(named) == 1 else list(named)


def _rank(keyword: str) -> tuple[int, str]:
    known = keyword in _ORDER
    return (_ORDER.index(keyword) if known else len(_ORDER), keyword)
