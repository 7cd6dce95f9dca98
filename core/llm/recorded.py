"""Answers replayed from files, and the writer that makes the files.

One JSON file an exchange, named by the hash of the rendered request. A request that is
not among them fails loudly, beside the nearest one that is.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from difflib import SequenceMatcher, unified_diff
from pathlib import Path
from typing import Any

from core.errors import ConfigError, ModelError
from core.llm import Answer, Exchange, OnText, Writer
from core.redact import redact_value

_DIFF_LINES = 40


def rendered(exchange: Exchange) -> dict[str, Any]:
    """The request as it is hashed and stored: what the writer would read, whole."""
    return {
        "role": exchange.role,
        "attempt": exchange.attempt,
        "schema": exchange.schema,
        "system": exchange.system,
        "user": exchange.user,
    }


def request_hash(exchange: Exchange) -> str:
    """SHA-256 (hex) of the rendered request: which model answers is not part of it."""
    text = json.dumps(rendered(exchange), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True)
class RecordedWriter:
    """`recorded:<folder>` in `.env`: the answers that were recorded there, for nothing."""

    folder: Path

    @property
    def name(self) -> str:
        """As it stands in a module's header."""
        return f"recorded {self.folder.name}"

    def answer(self, exchange: Exchange, on_text: OnText | None = None) -> Answer:
        """The recorded answer. Raises `ModelError` with a diff when there is none."""
        path = _path(self.folder, exchange)
        if not path.is_file():
            raise self._miss(exchange)
        answer = _answer(_load(path)["answer"], self.name)
        if on_text is not None:
            on_text(answer.text)
        return answer

    def _miss(self, exchange: Exchange) -> ModelError:
        if not self.folder.is_dir():
            return _no_recording(exchange, self.folder, "there is no such folder")
        stored = [_load(path)["request"] for path in sorted(self.folder.glob("*.json"))]
        if not stored:
            return _no_recording(exchange, self.folder, "the folder holds no recording")
        nearest = max(stored, key=lambda request: _likeness(request, exchange))
        diff = "\n".join(_difference(nearest, rendered(exchange)))
        return _no_recording(exchange, self.folder, f"the nearest differs by\n{diff}")


@dataclass(frozen=True)
class RecordingWriter:
    """Any writer, with every answer kept in a folder for `RecordedWriter`."""

    inner: Writer
    folder: Path
    secrets: Sequence[str] = ()

    @property
    def name(self) -> str:
        """The inner writer's own."""
        return self.inner.name

    def answer(self, exchange: Exchange, on_text: OnText | None = None) -> Answer:
        """The inner writer's answer, recorded."""
        answer = self.inner.answer(exchange, on_text)
        self.folder.mkdir(parents=True, exist_ok=True)
        whole = {"request": rendered(exchange), "answer": _as_json(answer)}
        kept = redact_value(whole, self.secrets)
        text = json.dumps(kept, indent=1, ensure_ascii=False, default=str)
        _path(self.folder, exchange).write_text(text + "\n", encoding="utf-8")
        return answer


def _path(folder: Path, exchange: Exchange) -> Path:
    return folder / f"{request_hash(exchange)[:16]}.json"


def _load(path: Path) -> Any:
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        return {"request": kept["request"], "answer": kept["answer"]}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigError(
            f"this is not a recording: {error!r}",
            where=str(path),
            remedy="record it again with LLM_RECORD, or delete it",
        ) from error


def _as_json(answer: Answer) -> dict[str, Any]:
    return asdict(answer) | {"cost_usd": str(answer.cost_usd)}


def _answer(kept: Mapping[str, Any], name: str) -> Answer:
    return Answer(
        text=kept["text"],
        writer=name,
        means="recorded",
        input_tokens=kept["input_tokens"],
        output_tokens=kept["output_tokens"],
        cost_usd=Decimal(0),
        stop=kept["stop"],
    )


def _likeness(request: Mapping[str, Any], exchange: Exchange) -> tuple[bool, float]:
    same = request["role"] == exchange.role
    matcher = SequenceMatcher(None, request["user"], exchange.user, autojunk=False)
    return same, matcher.quick_ratio()


def _difference(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    before, after = _lines(old), _lines(new)
    diff = list(unified_diff(before, after, "recorded", "asked", lineterm="", n=1))
    yield from diff[:_DIFF_LINES]
    if len(diff) > _DIFF_LINES:
        yield f"… and {len(diff) - _DIFF_LINES} lines more"


def _lines(request: Mapping[str, Any]) -> list[str]:
    head = [f"{key}: {request[key]}" for key in ("role", "attempt", "schema")]
    return [*head, *request["system"].splitlines(), *request["user"].splitlines()]


def _no_recording(exchange: Exchange, folder: Path, why: str) -> ModelError:
    return ModelError(
        f"no recording answers this {exchange.role} request: {why}",
        field="request",
        value=request_hash(exchange)[:16],
        where=str(folder),
        remedy="record it: set LLM_RECORD to this folder and name a model",
    )
