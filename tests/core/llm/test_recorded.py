"""Recordings: what was asked before is answered again; what was not fails loudly."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

import pytest

from core.errors import ConfigError, ModelError
from core.llm import Answer, Exchange, OnText
from core.llm.recorded import RecordedWriter, RecordingWriter, request_hash

ASKED = Exchange(
    "writer", "Rules.", "Write the body of `a`.\nIntent: one.\nKeep it.", {"x": 1}
)


@dataclass(frozen=True)
class Model:
    name: str = "openai gpt-5"

    def answer(self, exchange: Exchange, on_text: OnText | None = None) -> Answer:
        text = f"answer {exchange.attempt} to {exchange.user}"
        return Answer(text, self.name, "model", 7, 9, Decimal("0.5"), 1.5, billed=True)


def record(folder: Path, *exchanges: Exchange, secrets: tuple[str, ...] = ()) -> None:
    for exchange in exchanges:
        RecordingWriter(Model(), folder, secrets).answer(exchange)


def test_a_recorded_request_is_answered_the_same_for_nothing(tmp_path: Path) -> None:
    record(tmp_path, ASKED)
    pieces: list[str] = []
    answer = RecordedWriter(tmp_path).answer(ASKED, pieces.append)
    assert answer.text == "".join(pieces) == Model().answer(ASKED).text
    assert (answer.means, answer.cost_usd, answer.billed) == ("recorded", 0, False)
    assert (answer.input_tokens, answer.output_tokens) == (7, 9)


def test_fresh_samples_of_one_prompt_are_recorded_apart(tmp_path: Path) -> None:
    record(tmp_path, ASKED, replace(ASKED, attempt=2))
    replay = RecordedWriter(tmp_path)
    assert replay.answer(ASKED).text.startswith("answer 0")
    assert replay.answer(replace(ASKED, attempt=2)).text.startswith("answer 2")


@pytest.mark.parametrize(
    "changed",
    [
        {"user": "Write."},
        {"system": "Other."},
        {"schema": None},
        {"role": "ask"},
        {"attempt": 1},
    ],
)
def test_everything_a_writer_reads_is_in_the_hash(changed: dict[str, object]) -> None:
    assert request_hash(replace(ASKED, **changed)) != request_hash(ASKED)


def test_names_and_limits_are_not_in_the_hash() -> None:
    other = replace(ASKED, cycle="c", step="s", max_output_tokens=1)
    assert request_hash(other) == request_hash(ASKED)


def test_a_miss_shows_the_nearest_recording_and_what_differs(tmp_path: Path) -> None:
    far = replace(ASKED, user="Something else entirely.")
    record(tmp_path, far, ASKED)
    asked = replace(ASKED, user=ASKED.user.replace("one", "two"))
    with pytest.raises(ModelError) as caught:
        RecordedWriter(tmp_path).answer(asked)
    assert "-Intent: one." in caught.value.message
    assert "+Intent: two." in caught.value.message
    assert "entirely" not in caught.value.message
    assert "LLM_RECORD" in caught.value.remedy


def test_a_long_difference_is_cut(tmp_path: Path) -> None:
    record(tmp_path, ASKED)
    asked = replace(ASKED, user="\n".join(f"line {n}" for n in range(500)))
    with pytest.raises(ModelError, match="lines more"):
        RecordedWriter(tmp_path).answer(asked)


@pytest.mark.parametrize("folder", ["", "missing"])
def test_a_folder_without_recordings_says_so(tmp_path: Path, folder: str) -> None:
    with pytest.raises(ModelError, match=r"no (such folder|recording)"):
        RecordedWriter(tmp_path / folder).answer(ASKED)


def test_a_file_that_is_no_recording_is_named(tmp_path: Path) -> None:
    (tmp_path / f"{request_hash(ASKED)[:16]}.json").write_text('{"answer": 1}')
    with pytest.raises(ConfigError) as caught:
        RecordedWriter(tmp_path).answer(ASKED)
    assert caught.value.where.endswith(".json")


def test_secrets_are_not_recorded_and_replay_still_finds_the_request(
    tmp_path: Path,
) -> None:
    asked = replace(ASKED, user="my key is hunter2-hunter2")
    record(tmp_path, asked, secrets=("hunter2-hunter2",))
    (path,) = tmp_path.glob("*.json")
    assert "hunter2" not in path.read_text()
    assert json.loads(path.read_text())["request"]["user"] == "my key is [redacted]"
    assert RecordedWriter(tmp_path).answer(asked).text
