"""A model that does not answer costs no more time than the repair was given."""

from pathlib import Path
from time import monotonic

import pytest

from core.settings import Settings, load_settings
from core.store import Store
from tests.model_endpoint import Ask, Dropped, ModelEndpoint, Reply, Scripted
from wick.clones.money import purse
from wick.plain.extract import find
from wick.plain.repair import repair
from wick.plain.report import NOT_REPAIRED, REPAIRED, Report
from wick.subject import Case

SECONDS, PAUSE = 12.0, 100.0
# Far from what small edits reach.
WRONG = "def f(n):\n    return None\n"
RIGHT = "def f(n):\n    return [d for d in range(2, n) if n % d == 0][::-1]\n"
CASES = [
    Case((n,), expected=[d for d in range(n - 1, 1, -1) if n % d == 0])
    for n in (12, 13, 30, 49, 8)
]


def repaired(
    script: list[Scripted],
    tmp_path: Path,
    store: Store,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    allowed: float = SECONDS,
) -> tuple[Report, float, list[Ask]]:
    """The report of a repair whose model follows a script, its seconds, what was asked."""
    path = tmp_path / "a.py"
    path.write_text(WRONG)
    with ModelEndpoint(script) as endpoint:
        given = {"LLM_WRITER": "url:w", "LLM_API_URL": endpoint.openai_url}
        prices = {"LLM_PRICE_INPUT": "1", "LLM_PRICE_OUTPUT": "1"}
        for name, value in {**given, **prices}.items():
            monkeypatch.setenv(name, value)
        read = load_settings(settings.root)
        began = monotonic()
        report = repair(
            find(f"{path}::f"),
            CASES,
            seconds=allowed,
            model=lambda ends: purse(read, store, ends, None).writer("writer"),
            cycle="repair-f",
        )
        return report, monotonic() - began, endpoint.asked


@pytest.mark.parametrize(
    "silence", [Dropped(after=PAUSE), Reply(RIGHT, pause=PAUSE)], ids=["silent", "slow"]
)
def test_a_model_that_does_not_answer_in_time_is_given_up(
    silence: Scripted,
    tmp_path: Path,
    store: Store,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
):
    report, seconds, asked = repaired([silence], tmp_path, store, settings, monkeypatch)
    assert report.verdict == NOT_REPAIRED
    assert len(asked) == 1
    assert report.notes
    assert seconds < PAUSE / 2


def test_a_model_that_answers_in_time_is_heard(
    tmp_path: Path,
    store: Store,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
):
    report, seconds, asked = repaired(
        [RIGHT], tmp_path, store, settings, monkeypatch, PAUSE
    )
    assert (report.verdict, report.rung, len(asked)) == (REPAIRED, "model", 1)
    assert seconds < PAUSE
