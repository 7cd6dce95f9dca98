"""Markdown with YAML front matter, read with a line number for every value.

YAML here is the 1.2 core schema (`yes` is text, `1e3` is a number) without what a
spec has no use for: duplicate keys, aliases, tags and keys that are not text are
refused, each with its line.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from core.errors import SpecError
from core.names import NAME

Path = tuple[str | int, ...]

MAX_CHARACTERS = 100_000
MAX_DEPTH = 20
_BOOLEAN = re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$")
_NULL = re.compile(r"^(?:~|null|Null|NULL|)$")
_INTEGER = re.compile(r"^[-+]?[0-9]{1,30}$")
_FLOAT = re.compile(
    r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$"
    r"|^[-+]?\.(?:inf|Inf|INF)$|^\.(?:nan|NaN|NAN)$"
)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """The front matter's data, the prose under it, and where each value stands."""

    data: dict[str, Any]
    prose: str
    source: str
    lines: Mapping[Path, int] = field(default_factory=dict)

    def where(self, path: Path) -> str:
        """`file:line` of the value at `path`, or of what is nearest above it."""
        while path and path not in self.lines:
            path = path[:-1]
        return f"{self.source}:{self.lines.get(path, 1)}"


def read_front_matter(text: str, source: str) -> FrontMatter:
    """Split and read a spec's text; SpecError with `source:line` if it is broken."""
    if len(text) > MAX_CHARACTERS:
        raise SpecError(
            f"the spec is {len(text)} characters long, more than {MAX_CHARACTERS}",
            remedy="a spec is one small module: shorten it",
            where=f"{source}:1",
        )
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if found := _CONTROL.search(text):
        line = text.count("\n", 0, found.start()) + 1
        raise SpecError(
            f"the spec holds the control character {found[0]!r}",
            remedy="remove it",
            where=f"{source}:{line}",
            value=found[0],
        )
    head, prose = _split(text, source)
    reader = _Reader(source)
    data = reader.read(head)
    return FrontMatter(data, prose.strip(), source, reader.lines)


def _split(text: str, source: str) -> tuple[str, str]:
    lines = text.split("\n")
    fences = [k for k, line in enumerate(lines) if line.rstrip() == "---"]
    if not fences or fences[0] != 0:
        why, at = "the spec does not begin with a line of '---'", 1
    elif len(fences) < 2:
        why, at = "the front matter is not closed by a line of '---'", len(lines)
    else:
        end = fences[1]
        return "\n".join(lines[1:end]), "\n".join(lines[end + 1 :])
    raise SpecError(
        why,
        remedy="put the contract between two lines of '---', the intent below",
        where=f"{source}:{at}",
    )


class _Loader(yaml.CSafeLoader):
    """The C loader with the 1.2 core schema's idea of plain scalars."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012


_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", _BOOLEAN, list("tTfF"))
_Loader.add_implicit_resolver("tag:yaml.org,2002:null", _NULL, ["~", "n", "N", ""])
_Loader.add_implicit_resolver("tag:yaml.org,2002:int", _INTEGER, list("-+0123456789"))
_Loader.add_implicit_resolver("tag:yaml.org,2002:float", _FLOAT, list("-+.0123456789"))


class _Reader:
    """Turns YAML nodes into plain values, keeping each one's line."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.lines: dict[Path, int] = {}
        self.seen: set[int] = set()

    def read(self, head: str) -> dict[str, Any]:
        try:
            node = yaml.compose(head, Loader=_Loader)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            why = f"the front matter is not YAML: {error.problem or error.context}"
            raise self._refuse(why, mark, _yaml_remedy(error)) from error
        except (yaml.YAMLError, RecursionError) as error:
            why = f"the front matter is not YAML: {str(error).splitlines()[0]}"
            raise self._refuse(why, None, "mend the YAML") from error
        if not isinstance(node, yaml.MappingNode):
            mark = node.start_mark if node else None
            raise self._refuse(
                "the front matter is not a mapping", mark, "write 'key: value' lines"
            )
        data: dict[str, Any] = self._value(node, ())
        return data

    def _value(self, node: yaml.Node, path: Path) -> Any:
        if len(path) > MAX_DEPTH:
            raise self._refuse("nests too deep", node.start_mark, "flatten it", path)
        if id(node) in self.seen:
            why = "uses an alias ('*name')"
            raise self._refuse(why, None, "write the value out", path)
        self.seen.add(id(node))
        self.lines.setdefault(path, node.start_mark.line + 2)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self._value(part, (*path, k)) for k, part in enumerate(node.value)]
        return self._scalar(node, path)

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        self._plain_tag(node, "map", path)
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = self._key(key_node, path)
            if key in found:
                why = f"has the key '{key}' twice"
                raise self._refuse(why, key_node.start_mark, "keep one", path)
            self.lines[(*path, key)] = key_node.start_mark.line + 2
            found[key] = self._value(value_node, (*path, key))
        return found

    def _key(self, node: yaml.Node, path: Path) -> str:
        if isinstance(node, yaml.ScalarNode) and node.tag.endswith(":str"):
            return str(node.value)
        shown = node.value if isinstance(node, yaml.ScalarNode) else "a collection"
        why = f"has the key {shown!r}, which is not text"
        raise self._refuse(why, node.start_mark, "name it, or quote it", path)

    def _scalar(self, node: yaml.Node, path: Path) -> Any:
        kind, text = node.tag.rpartition(":")[2], node.value
        if kind == "bool":
            return text.lower() == "true"
        if kind == "null":
            return None
        if kind == "int" and _INTEGER.match(text):
            return int(text)
        if kind == "float" and _FLOAT.match(text):
            return float(re.sub(r"\.(inf|nan)", r"\1", text.lower()))
        self._plain_tag(node, "str", path)
        return text

    def _plain_tag(self, node: yaml.Node, kind: str, path: Path) -> None:
        if node.tag != f"tag:yaml.org,2002:{kind}":
            why = f"uses the YAML tag '{node.tag}'"
            raise self._refuse(why, node.start_mark, "write a plain value", path)

    def _refuse(self, why: str, mark: Any, remedy: str, path: Path = ()) -> SpecError:
        line = mark.line + 2 if mark else self.lines.get(path, 2)
        name = show_path(path)
        return SpecError(
            f"'{name}' {why}" if name else why,
            remedy=remedy,
            field=name,
            where=f"{self.source}:{line}",
        )


def _yaml_remedy(error: yaml.MarkedYAMLError) -> str:
    problem = f"{error.problem}"
    if "mapping values are not allowed" in problem:
        return "quote text that holds a ':'"
    if "cannot start any token" in problem:
        return "indent with spaces, not tabs; quote text that begins with a sign"
    if "expected ',' or" in problem or "flow" in problem:
        return "close the bracket or brace, and quote text that holds one"
    return "mend the YAML at this line"


def show_path(path: Path) -> str:
    """A path as a person writes it: ``examples[0].in.confidence``."""
    shown = ""
    for step in path:
        shown += f"[{step}]" if isinstance(step, int) else f".{step}"
    return shown.removeprefix(".")


class _Dumper(yaml.CSafeDumper):
    """Block style with one line per input; floats as Python writes them."""

    def ignore_aliases(self, _data: Any) -> bool:
        return True

    def represent_str(self, data: str) -> yaml.ScalarNode:
        """Text of one printable line as YAML likes it; any other text escaped."""
        if data.isprintable():
            return super().represent_str(data)
        return self.represent_scalar("tag:yaml.org,2002:str", data, style='"')


_Dumper.add_representer(str, _Dumper.represent_str)
_Dumper.add_implicit_resolver("tag:yaml.org,2002:float", _FLOAT, list("-+.0123456789"))


def write_front_matter(data: Mapping[str, Any], prose: str) -> str:
    """The Markdown text that `read_front_matter` reads back to the same values."""
    blocks = (_block(key, value) for key, value in data.items())
    return f"---\n{''.join(blocks)}---\n{prose.strip()}\n"


def _block(key: str, value: Any) -> str:
    """One top-level key; a mapping or list of collections gets a line per entry."""
    if isinstance(value, Mapping) and _nests(value.values()):
        rows = [f"  {_key(name)}: {_flow(part)}\n" for name, part in value.items()]
        return f"{_key(key)}:\n{''.join(rows)}"
    if isinstance(value, list | tuple) and _nests(value):
        rows = [f"  - {_flow(part)}\n" for part in value]
        return f"{_key(key)}:\n{''.join(rows)}"
    return f"{_key(key)}: {_flow(value)}\n"


def _nests(parts: Iterable[Any]) -> bool:
    return any(isinstance(part, Mapping | list | tuple) for part in parts)


def _key(name: Any) -> str:
    plain = isinstance(name, str) and NAME.fullmatch(name)
    special = plain and (_BOOLEAN.match(name) or _NULL.match(name))
    return name if plain and not special else json.dumps(name)


def _flow(value: Any) -> str:
    """`value` on one line; as an item of a list, so that a scalar has no end mark."""
    try:
        text = yaml.dump(
            [value],
            Dumper=_Dumper,
            sort_keys=False,
            allow_unicode=True,
            width=10**9,
            default_flow_style=True,
        )
    except yaml.YAMLError as error:
        raise SpecError(
            f"{value!r} cannot be written in a spec",
            remedy="use text, numbers, true, false, null, lists and mappings",
            value=value,
        ) from error
    return str(text).strip()[1:-1]
