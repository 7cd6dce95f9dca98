"""The text of an answer: cleaned of what transport and chat put around it.

Nothing here knows Python the language: fences, byte order marks, wrappers in JSON, smart
quotes. Pure functions over text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.errors import BodyRefused

LONGEST = 100_000  # characters; a body has at most a few hundred

PYTHON_NAMES = frozenset({"", "python", "py", "python3", "py3", "text", "txt", "code"})
_BODY_KEYS = ("body", "code", "python", "function", "answer", "source")
_OPEN_JSON = re.compile(rf'\s*\{{\s*"({"|".join(_BODY_KEYS)})"\s*:\s*["\[]')
_FENCE = re.compile(r"^[ \t]*(?P<mark>`{3,}|~{3,})[ \t]*(?P<info>[\w+#.-]*)[^`]*$")
_ONE_LINE_FENCE = re.compile(r"```[ \t]*(?:python|py)?[ \t]*([^`\n]+?)[ \t]*```")
_THINKING = re.compile(
    r"<(think|thinking|reasoning)>.*?</\1>", re.DOTALL | re.IGNORECASE
)
_OPEN_THINKING = re.compile(r"^\s*<(think|thinking|reasoning)>", re.IGNORECASE)
_INVISIBLE = dict.fromkeys(map(ord, "\ufeff\u200b\u200c\u200d\u2060"))
# They show one program to a reader and another to the parser.
_DIRECTION = re.compile("[\u202a-\u202e\u2066-\u2069]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
_TYPOGRAPHY = str.maketrans(
    {
        "“": '"',
        "”": '"',
        "„": '"',
        "‘": "'",
        "’": "'",
        "\u00a0": " ",
        "\u202f": " ",
        "\u3000": " ",
        "−": "-",
        "–": "-",
        "×": "*",
        "≤": "<=",
        "≥": ">=",
        "≠": "!=",
        "…": "...",
    }
)


@dataclass(frozen=True)
class Block:
    """One fenced block: its language as written, its text, whether its fence closed."""

    language: str
    text: str
    closed: bool

    @property
    def is_python(self) -> bool:
        """Whether it claims to be Python, or claims nothing."""
        return self.language.lower() in PYTHON_NAMES


def refused(reason: str, remedy: str = "") -> BodyRefused:
    """An answer that holds no usable body, and why."""
    return BodyRefused(
        f"the answer cannot be used: {reason}",
        field="answer",
        remedy=remedy or "answer with the function's body alone, as plain Python",
    )


def clean(text: str) -> str:
    """Unix newlines, no invisible characters, no thoughts; refuses what cannot be text."""
    if len(text) > LONGEST:
        raise refused(f"it has {len(text):,} characters, a body has at most ten lines")
    text = text.strip("\x00 \t\r\n\ufeff\f")
    if not text:
        raise refused("it is empty")
    text = text.replace("\r\n", "\n").replace("\r", "\n").translate(_INVISIBLE)
    _refuse_hidden(text)
    return _without_thoughts(text)


def _refuse_hidden(text: str) -> None:
    if control := _CONTROL.search(text):
        raise refused(f"it holds the control character {control.group()!r}")
    if turn := _DIRECTION.search(text):
        raise refused(f"it holds the text-direction character {turn.group()!r}")


def _without_thoughts(text: str) -> str:
    text = _THINKING.sub("", text).strip("\n")
    if _OPEN_THINKING.match(text):
        raise refused("it was cut off while the model was still thinking")
    if not text.strip():
        raise refused("it holds thoughts and nothing else")
    return text


def straightened(text: str) -> str:
    """Typographic quotes, dashes and spaces as ASCII: for text that does not parse."""
    return text.translate(_TYPOGRAPHY)


def blocks(text: str) -> list[Block]:
    """The fenced blocks of a text, in order. A fence in a fence counts as the inner one."""
    found: list[Block] = []
    mark, language, lines = "", "", list[str]()
    for line in text.split("\n"):
        fence = _FENCE.match(line)
        if fence and not mark:
            mark, language, lines = fence["mark"], fence["info"], []
        elif fence and fence["info"] and not any(map(str.strip, lines)):
            mark, language = fence["mark"], fence["info"]
        elif fence and _closes(fence, mark):
            found.append(Block(language, "\n".join(lines), closed=True))
            mark = ""
        else:
            lines.append(line)
    if mark:
        found.append(Block(language, "\n".join(lines), closed=False))
    return [block for block in found if block.text.strip()] or _one_line(text)


def _closes(fence: re.Match[str], mark: str) -> bool:
    return not fence["info"] and fence["mark"].startswith(mark)


def _one_line(text: str) -> list[Block]:
    return [Block("", code, closed=True) for code in _ONE_LINE_FENCE.findall(text)]


def unwrapped(text: str) -> str:
    """The body inside a JSON answer; a text that is not JSON as it is.

    Refuses JSON that was cut off, and JSON without a body in it.
    """
    stripped = text.strip()
    if not stripped.startswith(("{", '"')):
        return text
    try:
        value = json.loads(stripped, strict=False)
    except (ValueError, RecursionError):
        return _not_json(text)
    return _body_in(value)


def _not_json(text: str) -> str:
    if _OPEN_JSON.match(text):
        raise refused("its JSON is broken or was cut off")
    return text


def _body_in(value: Any) -> str:
    if isinstance(value, str):
        return value
    found = [value[key] for key in _BODY_KEYS if key in value]
    if len(found) != 1:
        names = ", ".join(map(str, value)) or "nothing"
        raise refused(f"its JSON holds {names}, not one body")
    body = found[0]
    if isinstance(body, list) and all(isinstance(line, str) for line in body):
        body = "\n".join(body)
    if not isinstance(body, str) or not body.strip():
        raise refused("the body in its JSON is empty or not text")
    return body


def json_in(text: str) -> Mapping[str, Any]:
    """The one JSON object of an answer, out of fences and prose (for plans).

    Raises `BodyRefused` with the reason when there is none.
    """
    cleaned = clean(text)
    fenced = [b.text for b in blocks(cleaned) if b.language.lower() in ("", "json")]
    start, end = cleaned.find("{"), cleaned.rfind("}")
    for candidate in (cleaned, *fenced, cleaned[start : end + 1]):
        try:
            value = json.loads(candidate)
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict):
            return value
    raise refused(_why_no_json(cleaned), "answer with one JSON object and nothing else")


def _why_no_json(text: str) -> str:
    if "{" not in text:
        return f"it holds no JSON: {opening(text)}"
    return "its JSON is broken or was cut off"


def opening(text: str) -> str:
    """The first words of an answer, quoted, for an error message."""
    words = " ".join(text.split())
    return repr(words[:120] + ("…" if len(words) > 120 else ""))
